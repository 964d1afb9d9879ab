//! What is needed of an object to prove its lock or to put it back, whether or not the rest of its spec can be built.

use super::Engine;
use super::subject::Subject;
use crate::api::{
    AccessSpec, Enforcement, MutualTlsSpec, ProtectedApiSpec, ProtectedApiStatus, ROTATE, SigV4Spec,
};
use crate::controller::kubernetes::probe_token::Awaited;
use crate::domain::access::authorization::gate;
use crate::domain::access::held::{held_mode, proof_meanwhile};
use crate::domain::access::proof::Proof;
use crate::domain::edge::host::Known;
use crate::domain::firewall::promotion::Standing;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Pass;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::mutual_tls::leaving::leaving;
use crate::domain::perimeter::desired::{Desired, Facts, desired};
use crate::domain::perimeter::observed::{Observed, Outputs};
use crate::domain::status::conditions::{holds, is_in_order, types};
use crate::domain::status::identifiers;
use jiff::Timestamp;
use kube::ResourceExt as _;
use std::sync::Arc;

/// What is needed of an object to prove its lock or to put it back.
#[derive(Debug, Clone)]
pub struct Lock<'a> {
    /// Whose lock it is.
    pub owner: &'a Owner,
    /// The spec as it is now, whether or not it can be built.
    pub spec: &'a ProtectedApiSpec,
    /// The status before.
    pub previous: &'a ProtectedApiStatus,
    /// What the object's annotation says that asks for another secret value.
    pub rotate: Option<&'a String>,
    /// The value of the header that probes show, which is waited for only where a probe is due.
    pub token: Awaited,
    /// Whether the spec begins no lock, and the last pass over it has found all in order: nothing can be under way since.
    pub is_at_rest: bool,
    /// Whether the last pass saw the distribution deployed as the spec asks.
    pub is_deployed: bool,
    /// The time.
    pub now: Timestamp,
}

impl Lock<'_> {
    /// Whether the lock that the spec asks for is the default endpoint's, and not that of routes; or was, and stands still.
    pub(super) fn is_by_certificate(&self) -> bool {
        Proof::of(self.spec) == Proof::Certificate || self.leaving().is_some()
    }

    /// What stands still of mutual TLS, where the spec names another mode by now.
    fn leaving(&self) -> Option<MutualTlsSpec> {
        leaving(self.spec, Some(self.previous))
    }

    /// Whether that of an earlier mode goes on beside it: what was begun of it is looked after under `Observe`, too.
    pub(super) fn is_of_both(&self) -> bool {
        let enforced = ProtectedApiSpec {
            access: Some(enforced(self.spec)),
            ..self.spec.clone()
        };
        let meanwhile = proof_meanwhile(&enforced, held_mode(self.previous));
        self.leaving().is_some() || (self.is_by_certificate() && meanwhile != Proof::Certificate)
    }

    /// Whether status tells of no earlier mode beside it, though the marks may.
    pub(super) fn is_untold(&self) -> bool {
        Proof::of(self.spec) == Proof::Certificate && held_mode(self.previous).is_none()
    }

    /// Whether one goes on, or may: that something is begun, status does not tell of which lock.
    pub(super) fn may_be_of_both(&self) -> bool {
        let access = self.previous.access.as_ref();
        let is_unproven = access.is_some_and(|access| access.lock_unproven);
        self.is_of_both() || (self.is_untold() && is_unproven)
    }
}

impl<'a> Lock<'a> {
    pub(in crate::controller) fn of(
        subject: &Subject<'a>,
        owner: &'a Owner,
        previous: &'a ProtectedApiStatus,
    ) -> Self {
        let object = subject.object;
        let enforcement = object.spec.access.as_ref().and_then(|access| access.enforcement);
        Self {
            is_at_rest: enforcement == Some(Enforcement::Observe) && is_in_order(object),
            is_deployed: is_deployed(previous, object.metadata.generation),
            owner,
            spec: &object.spec,
            previous,
            rotate: object.annotations().get(ROTATE),
            token: subject.token.clone(),
            now: subject.now,
        }
    }
}

/// Whether the status `previous` says that the distribution is deployed as the spec of this generation asks.
pub(super) fn is_deployed(previous: &ProtectedApiStatus, generation: Option<i64>) -> bool {
    holds(&previous.conditions, generation, types::DISTRIBUTION_DEPLOYED)
}

impl Engine {
    /// What concerns the lock of what the spec asks for: that alone can always be built.
    pub(super) fn desired_of_lock(&self, lock: &Lock<'_>) -> Result<Desired, Rejection> {
        self.desired_of(lock, enforced(lock.spec))
    }

    /// What is seen of the lock before anything is read.
    pub(super) fn observed_of_lock(lock: &Lock<'_>, outputs: Outputs, desired: &Desired) -> Box<Observed> {
        let mut observed = Box::new(Observed {
            pass: Pass {
                at: lock.now,
                recorded: lock.previous.fingerprints.clone(),
                ..Pass::default()
            },
            outputs,
            gate: Some(gate(&lock.spec.origin)),
            proof: desired.access.proof.clone(),
            token: lock.token.now().unwrap_or_default(),
            ..Observed::of(lock.owner.clone())
        });
        let declared = &mut observed.mutual_tls.declared;
        declared.clone_from(&desired.mutual_tls);
        observed
    }

    /// What concerns the lock of what `access` asks for.
    pub(super) fn desired_of(&self, lock: &Lock<'_>, access: AccessSpec) -> Result<Desired, Rejection> {
        let spec = ProtectedApiSpec {
            access: Some(access),
            distribution: None,
            web_acl: None,
            shield: None,
            tags: None,
            ..lock.spec.clone()
        };
        let facts = Facts {
            owner: lock.owner.clone(),
            account: self.account.clone(),
            default_tags: Tags::new(),
            permissions_boundary: None,
            zip: Arc::from([]),
            code_sha256: String::new(),
            signer: SigV4Spec::default(),
            rotate: lock.rotate.cloned(),
            checkers: Some(vec![]),
            held_mode: held_mode(lock.previous).cloned(),
            promotions: Standing::default(),
            leaving: lock.leaving(),
            policies: Known::default(),
        };
        desired(&spec, &facts)
    }
}

/// What the spec says of access, carried out.
fn enforced(spec: &ProtectedApiSpec) -> AccessSpec {
    AccessSpec {
        enforcement: Some(Enforcement::Enforce),
        ..spec.access.clone().unwrap_or_default()
    }
}

/// What is known of the distribution by the lists, where the status does not tell.
pub(super) fn outputs(lock: &Lock<'_>, observed: &Observed) -> Outputs {
    Outputs {
        distribution_id: observed.distribution_id().map(ToOwned::to_owned),
        distribution_arn: observed.distribution_arn().map(ToOwned::to_owned),
        domain_name: observed.domain_name().map(ToOwned::to_owned),
        detours: observed.detours(),
        ..identifiers::outputs(lock.previous)
    }
}
