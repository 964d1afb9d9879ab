//! Who may call the API: the authorization of its methods, routes or `$connect`, as edited and as deployed.

use super::asked::as_deployed::Deployed;
use super::asked::earlier_stages::EarlierStage;
use super::asked::policy::Policies;
use super::asked::ways_in::WaysIn;
pub use super::asked::{
    AWS_IAM, Authorization, CONNECT, CUSTOM, Canary, Deployment, Gate, Integration, NONE, NamedStage, Route,
    Stage, asked_for, description, gate, is_of_one_route, is_of_opened, is_of_other_header, is_of_other_key,
    is_ours,
};
use super::credentials::left_behind::{KeyLeftBehind, LeftBehind};
use super::proof::Proof;
use super::table::cause::Why;
use super::table::marks::Marks;
use crate::api::{CutOver, Enforcement, OriginType, Probes, ProtectedApiSpec};
use crate::domain::kernel::hash::short;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::{Fingerprint, desired_hash};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The baseline of `spec.access.rotationPeriod`.
const ROTATION_PERIOD: Duration = Duration::from_hours(720);

/// Who should be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose API it is.
    pub owner: Owner,
    /// The stage that is locked.
    pub gate: Gate,
    /// Whether the API is locked, or only looked at.
    pub enforcement: Enforcement,
    /// Whether a probe comes before the lock.
    pub cut_over: CutOver,
    /// Routes that stay as they are.
    pub exclude: BTreeSet<String>,
    /// Whether our deployment may carry the team's undeployed edits.
    pub deploy_pending_changes: bool,
    /// Whether probes are sent.
    pub probes: bool,
    /// What probes request, as viewers write it; chosen from the routes where absent.
    pub probe_path: Option<String>,
    /// The name by which the perimeter is probed; the distribution's own where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe_host: Option<String>,
    /// The header of the team's own that probes show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe_header: Option<String>,
    /// What a request has to show.
    pub proof: Proof,
    /// What the spec has it show instead as soon as that refuses nobody: a change of the mode that waits, or a client certificate beside
    /// which the mode before goes on. What is wanted of the routes is as before.
    #[serde(skip)]
    pub awaited: Option<Proof>,
    /// How old a secret value may become.
    pub rotation_period: Duration,
    /// Hash of the annotation that asks for another secret value.
    pub rotate: Option<String>,
    /// REST: ARN of the only role that may call, where no other principal of the account may.
    pub exclusive: Option<String>,
}

impl Desired {
    /// Whether signatures go on in the place of another mode, since a policy sends the viewer's Host on.
    #[must_use]
    pub fn is_held_with_host(&self) -> bool {
        self.proof == Proof::Signature && self.awaited.is_some()
    }

    /// Whether a route of this key can ask for anything.
    #[must_use]
    pub fn is_lockable(&self, key: &str) -> bool {
        self.gate.r#type != OriginType::WebSocket || key == CONNECT
    }

    /// Whether a route of this key should be locked.
    #[must_use]
    pub fn is_kept(&self, key: &str) -> bool {
        self.is_lockable(key) && !self.exclude.contains(key)
    }
}

/// The routes of a stage, as edited and as deployed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, as API Gateway tells it"
)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// The working copy.
    pub routes: Vec<Route>,
    /// The stage.
    pub stage: Stage,
    /// HTTP and WebSocket: all stages of the API, where they were read before its first lock.
    pub stages: Option<Vec<NamedStage>>,
    /// What leads viewers to the stage past the perimeter, where it was read before its first lock.
    pub ways_in: Option<WaysIn>,
    /// Whether the stage was read since we last told it what to serve.
    pub is_stage_known: bool,
    /// What the stage's deployment asks for.
    pub deployed: Deployed,
    /// REST: the same of its canary, where that takes traffic with a deployment of its own.
    pub canary: Option<Deployed>,
    /// What the working copy has besides authorization that the stage does not serve.
    pub pending: Pending,
    /// REST: statuses that gateway responses give to refusals whose error type they take away; `None` where the export was not
    /// read.
    pub refused_as: Option<BTreeSet<u16>>,
    /// REST: the resource policy.
    pub policies: Box<Policies>,
    /// Phase and history of our locks: tags of the distribution.
    pub marks: Marks,
    /// Whether they could not be written: the distribution's tags do not tell of the refusal.
    pub is_unwritten: bool,
    /// The distribution's ARN, for its tags.
    pub distribution_arn: String,
    /// Deployments of ours that no stage serves.
    pub unused_deployments: Vec<String>,
    /// Ids of authorizers of ours whose functions are gone, and to which nothing refers any more; looked for with each deep read.
    pub dead_authorizers: Vec<String>,
    /// Whether somebody has deleted the deployment that a cut-over goes back to.
    pub is_before_gone: bool,
    /// A deployment made in this pass that the stage does not serve yet.
    pub fresh: Option<Deployment>,
    /// Edits, authorization apart, that were made between the comparison and that deployment.
    pub edited_meanwhile: Vec<String>,
    /// HTTP: fingerprint of the working copy that was compared with the stage, authorization apart.
    pub compared: Option<String>,
    /// Why the way it was before was put back in this pass.
    pub put_back: Option<Why>,
    /// Whether the API's default endpoint, the perimeter's origin, is switched off.
    pub is_endpoint_off: bool,
    /// REST: whether an authorizer, and not the caller, gives the API key.
    pub keys_from_authorizer: bool,
    /// By id: authorizers that routes ask, and that objects of ours left behind.
    pub left_behind: BTreeMap<String, LeftBehind>,
    /// REST: the API key that routes ask for and an object of ours left behind.
    pub key_left_behind: Option<KeyLeftBehind>,
    /// REST: whether another stage serves what an object of ours has locked by a key; looked for where the owner's is to be asked for.
    pub is_key_of_other_stage: bool,
    /// The stages that the object has locked before this one.
    pub earlier: Vec<EarlierStage>,
}

/// Edits of the working copy, authorization apart, that a deployment of ours would carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Pending {
    /// Nobody has looked yet: it is asked only where the answer decides something.
    Unread,
    /// None, as far as API Gateway tells.
    None,
    /// Where they are.
    At(Vec<String>),
    /// API Gateway does not tell, and why.
    Unknown(String),
    /// The controller may not read it, and what would let it.
    Denied(String),
    /// It was asked too often, which passes by itself.
    Throttled(String),
    /// A fault of AWS's own keeps it from telling, which mostly passes by itself.
    Failing(String),
}

/// One call that brings the routes nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    /// Remember where the cut-over stands, or that it is over.
    Mark { arn: String, marks: Marks },
    /// Of one route of the working copy; `put_back` is why, where that is how it was before.
    Authorize {
        route: Route,
        authorization: Authorization,
        put_back: Option<Why>,
    },
    /// Replace the resource policy, if it is still `from`; empty: there is none any more.
    SetPolicy {
        from: Value,
        to: String,
        is_exclusive: bool,
        is_back: bool,
    },
    /// Make a deployment of the working copy that no stage serves yet.
    Snapshot { description: String },
    /// Have the stage serve it.
    Serve { deployment: Deployment },
    /// Have the stage serve again what it served before.
    PutBack {
        deployment: String,
        refused: Option<String>,
        why: Why,
    },
    /// Delete a deployment that nothing needs any more.
    DeleteUnusedDeployment { deployment: String },
    /// Delete an authorizer of ours that lets nobody in and that nothing asks.
    DeleteDeadAuthorizer { id: String },
    /// Delete a deployment that carries more than was read, and read anew.
    Discard { deployment: String },
}

impl Action {
    /// Whether it takes off a lock whose place a client certificate has taken.
    #[must_use]
    pub fn takes_off(&self) -> bool {
        match self {
            Self::Authorize {
                authorization,
                put_back: None,
                ..
            } => authorization.is_open(),
            Self::Serve { deployment } => is_of_opened(&deployment.description),
            _ => false,
        }
    }

    /// Whether callers may be asked for something else after it: what was probed before proves nothing any more.
    #[must_use]
    pub fn changes_routes(&self) -> bool {
        matches!(
            self,
            Self::Authorize { .. } | Self::Serve { .. } | Self::PutBack { .. }
        )
    }
}

/// Who should be let in by `spec`; `role_arn` is the signer's. `rotate` is what the annotation says by which another secret value is asked for.
#[must_use]
pub fn desired(spec: &ProtectedApiSpec, owner: &Owner, role_arn: String, rotate: Option<&str>) -> Desired {
    let (origin, access) = (&spec.origin, spec.access.clone().unwrap_or_default());
    let proof = Proof::of(spec);
    let exclude = access.exclude_methods.unwrap_or_default();
    let probe = access.probe.unwrap_or_default();
    let rotation_period = rotation_period(access.rotation_period.as_deref(), ROTATION_PERIOD);
    let exclusive = access.sig_v4.and_then(|options| options.exclusive);
    let exclusive = exclusive.unwrap_or_default() && proof == Proof::Signature;
    let enforcement = match proof {
        // Routes are only looked at: who comes in is decided before them.
        Proof::Certificate => Enforcement::Observe,
        _ => access.enforcement.unwrap_or_default(),
    };
    Desired {
        owner: owner.clone(),
        gate: gate(origin),
        rotate: rotate.filter(|_| proof.has_value()).map(short),
        rotation_period,
        enforcement,
        proof,
        awaited: None,
        cut_over: access.cut_over.unwrap_or_default(),
        exclude: exclude.into_iter().map(|name| name.0).collect(),
        deploy_pending_changes: access.deploy_pending_changes.unwrap_or_default(),
        probes: spec.probes.unwrap_or_default() == Probes::Enabled,
        probe_path: origin.probe_path.clone(),
        probe_host: probe.host,
        probe_header: probe.header,
        exclusive: (exclusive && origin.r#type == OriginType::Rest).then_some(role_arn),
    }
}

/// `spec.access.rotationPeriod`, where it is set.
pub(in crate::domain) fn rotation_period(declared: Option<&str>, baseline: Duration) -> Duration {
    let hours = declared.and_then(|text| text.strip_suffix('h'));
    let hours = hours.and_then(|hours| hours.parse().ok());
    hours.map_or(baseline, Duration::from_hours)
}

/// Hash of everything that is wanted of the routes.
#[must_use]
pub fn hash_of(desired: &Desired) -> String {
    desired_hash(desired)
}

impl Observed {
    /// The routes that should be locked.
    pub fn kept<'a>(&'a self, desired: &'a Desired) -> impl Iterator<Item = &'a Route> {
        self.routes.iter().filter(|route| desired.is_kept(&route.key))
    }

    /// The routes that can ask for anything: those that should be locked, and those that are excluded, which an earlier spec may
    /// have had locked.
    pub fn lockable<'a>(&'a self, desired: &'a Desired) -> impl Iterator<Item = &'a Route> {
        self.routes.iter().filter(|route| desired.is_lockable(&route.key))
    }

    /// The routes that could be locked, and that `excludeMethods` leaves as they are.
    pub fn excluded<'a>(&'a self, desired: &'a Desired) -> impl Iterator<Item = &'a Route> {
        self.lockable(desired)
            .filter(|route| desired.exclude.contains(&route.key))
    }

    /// Names of excluded routes that the API has neither as edited nor as deployed.
    #[must_use]
    pub fn unknown_exclusions<'a>(&self, desired: &'a Desired) -> Vec<&'a str> {
        let is_edited = |name: &str| self.routes.iter().any(|route| route.key == name);
        let served = self.deployed.served();
        let is_served = |name: &str| served.is_some_and(|served| served.get(name).is_some());
        let names = desired.exclude.iter().map(String::as_str);
        names
            .filter(|name| !is_edited(name) && !is_served(name))
            .collect()
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        crate::domain::kernel::hash::short(&self.stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::carried::Carried;
    use crate::domain::access::asked::description_of_opened;

    fn owner() -> Owner {
        Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "12345678".into(),
            taken: None,
        }
    }

    #[test]
    fn a_deployment_without_our_lock_is_the_teams_and_is_known_again_if_it_was_made_twice() {
        let opened = description_of_opened(&owner());
        let as_what_was = opened.starts_with("as before the lock of shop/petstore of ");
        assert!(as_what_was && opened.ends_with(", by palisade") && is_of_opened(&opened));
        assert!(!is_ours(&opened, &owner()));
    }

    #[test]
    fn what_opens_a_route_takes_a_lock_off_and_what_puts_it_back_does_not() {
        let authorize = |authorization: Authorization, put_back: Option<Why>| Action::Authorize {
            route: Route {
                key: "GET /pets".into(),
                id: "r1".into(),
                authorization: Authorization::custom("a1"),
                integration: Value::Null,
            },
            authorization,
            put_back,
        };
        let serve = |description: String| Action::Serve {
            deployment: Deployment {
                id: "d1".into(),
                description,
                routes: Carried::told(BTreeMap::new()),
            },
        };
        assert!(authorize(Authorization::none(), None).takes_off());
        assert!(serve(description_of_opened(&owner())).takes_off());
        assert!(!authorize(Authorization::none(), Some(Why::not_proven())).takes_off());
        assert!(!authorize(Authorization::aws_iam(), None).takes_off());
        assert!(!serve(description(&owner(), &Proof::Key, true)).takes_off());
    }
}
