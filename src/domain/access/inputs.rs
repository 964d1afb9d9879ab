//! What the lock is decided by: what is declared, what is seen, and what other resources tell, as plain values; and the types of its plan.

use super::asked::other_signers::OtherSigners;
use super::authorization;
use super::credentials::api_key;
use super::credentials::authorizer;
use super::probe::{Class, Probe, Token, Verdict, Way};
use super::proof::Sent;
use crate::api::{AccessMode, DetoursStatus, LockedStage, ProbedStatus, PutBackStatus};
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::{Never, Pass, Seen};
use crate::domain::kernel::planning::{self, Kind};
use crate::domain::kernel::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};

pub use super::authorization::Action as Call;

/// The kinds by which an API is locked.
pub const KINDS: [Kind; 3] = [Kind::ApiKey, Kind::Authorizer, Kind::Access];

/// What an object needs next; this folder adds what its lock needs, and the probes.
pub type Plan<A> = planning::Plan<A, Probe>;
/// One call about the API's routes.
pub type Step = planning::Step<Call>;
/// What the routes need next.
pub type Next = planning::Next<Call>;

/// What is declared.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The object.
    pub owner: &'a Owner,
    /// Who should be let in.
    pub access: &'a authorization::Desired,
    /// The key that the API should ask for.
    pub api_key: Option<&'a api_key::Desired>,
    /// The authorizer that its routes should ask.
    pub authorizer: Option<&'a authorizer::Desired>,
}

/// What is due besides resources whose rows have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is due, or not, for itself")]
pub struct Due {
    /// The API's routes are read in full, whatever was verified before.
    pub access: bool,
    /// Probes are sent.
    pub probes: bool,
    /// A lock that was refused is tried again, whatever is left of its pause: a person has asked for a look.
    pub lock: bool,
    /// The API's routes should have been read since: what was read of them before counts no more.
    pub overdue: bool,
}

/// What the last pass said of who may call the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// That it is locked, by whatever proof, or that direct access is blocked.
    pub locked: bool,
    /// That somebody gets in past the perimeter.
    pub open: bool,
    /// That it is not locked, or that this is not known.
    pub doubtful: bool,
}

/// What is seen, and what is needed of others.
#[derive(Debug, Clone)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, of another resource"
)]
pub struct Inputs<'a> {
    /// What the pass knows.
    pub pass: &'a Pass,
    /// The routes.
    pub access: &'a Seen<Never, authorization::Observed>,
    /// The keys.
    pub api_key: &'a Seen<Never, api_key::Observed>,
    /// The authorizer.
    pub authorizer: &'a Seen<Never, authorizer::Observed>,
    /// Kinds of which there may be something that status does not tell of.
    pub begun: &'a BTreeSet<Kind>,
    /// Whose role and function of the authorizer are.
    pub whose: authorizer::Whose,
    /// The next secret value, should one be needed.
    pub generated_value: Option<&'a Secret>,
    /// What probes of this pass proved.
    pub probes: &'a BTreeMap<Way, Verdict>,
    /// As much of their answers as is remembered.
    pub classes: &'a BTreeMap<Way, Class>,
    /// The value of the team's own header for probes.
    pub token: &'a Token,
    /// What is due.
    pub due: Due,
    /// Kinds of which a full read failed in this pass.
    pub failed: &'a BTreeSet<Kind>,
    /// Kinds of which a write failed in this pass.
    pub undone: &'a BTreeSet<Kind>,
    /// What status remembers.
    pub outputs: Remembered<'a>,
    /// Who signs for the API besides; `None` where nobody has looked.
    pub other_signers: Option<&'a OtherSigners>,
    /// The objects that lock other stages of the same API, for people.
    pub sharing: &'a [String],
    /// Other objects of the API whose viewers may come by its default endpoint, for people.
    pub by_default_endpoint: &'a [String],
    /// Whether one of them has had the methods ask for an API key.
    pub shares_key: bool,
    /// Stages of the same API that other objects declare.
    pub declared_stages: &'a BTreeSet<String>,
    /// The distribution.
    pub distribution: Seen<Row, Configured>,
    /// Whether status names it: then it is looked for directly, whatever lists say.
    pub is_distribution_known: bool,
    /// Whether the API's default endpoint is switched off, as far as it is known.
    pub is_endpoint_off: bool,
    /// Whether CloudFront reaches the API by a custom domain name that asks for its client certificate, as it is configured.
    pub is_by_certificate: bool,
    /// Whether that was the mode before, and stands still.
    pub is_on_the_way_back: bool,
    /// That name.
    pub origin_domain: Option<&'a str>,
    /// Whether the lock by client certificate stands and was proven, and nothing else leads to the stage, as far as is known.
    pub is_certificate_proven: bool,
    /// Whether the last pass has told so.
    pub is_certificate_told: bool,
    /// Whether its configuration is in force everywhere, as far as it is known.
    pub is_deployed: bool,
    /// Whether CloudFront carries a change of it to its edge locations, as far as is known.
    pub is_deploying: bool,
    /// The path that it puts before a viewer's on the way to the API, as it is configured, where that is known.
    pub configured_path: Option<String>,
    /// Its own domain name, once there is one.
    pub domain_name: Option<&'a str>,
    /// Its ARN, once there is one.
    pub distribution_arn: Option<&'a str>,
    /// What of it may answer in place of the API, as far as it is known.
    pub detours: DetoursStatus,
    /// Path patterns of behaviours of others that lead to the API beside the default one, without its signer.
    pub unsigned: Vec<String>,
    /// Whether one of its aliases covers the name by which it is probed, or they are not known.
    pub may_serve_probe_host: bool,
    /// What is not known of the way through it, for people.
    pub caveats: Vec<&'a str>,
    /// Which policies send the viewer's Host on, or may, as declared.
    pub host: Option<Host<'a>>,
    /// The path that it is to put before a viewer's, as declared.
    pub own_path: &'a str,
    /// Custom domain names of the API whose viewers come through it by now.
    pub moved_names: BTreeSet<&'a str>,
    /// Ids of other distributions before the API whose names are all waited for.
    pub giving_names_up: BTreeSet<&'a str>,
    /// Declared names that lead viewers elsewhere.
    pub names_elsewhere: Option<NamesElsewhere>,
}

/// What status remembers of what probes request, and of the lock.
#[derive(Debug, Clone, Copy)]
pub struct Remembered<'a> {
    /// Why the lock was put back.
    pub put_back: Option<&'a PutBackStatus>,
    /// What probes request, as viewers write it.
    pub probe_path: Option<&'a String>,
    /// What is known of the method or route that they request.
    pub probed: Option<&'a ProbedStatus>,
    /// Whether the last pass called the API locked.
    pub is_locked: bool,
    /// Whether the object has ever locked the stage.
    pub was_locked: bool,
    /// The mode in which the stage was last read to be locked.
    pub locked_mode: Option<AccessMode>,
    /// What `excludeMethods` named, as it was last read in a mode that has it.
    pub excluded: &'a [String],
    /// The stages that the object has locked, in which mode; the last one last.
    pub locked_stages: &'a [LockedStage],
    /// What else it said of who may call the API.
    pub told: Told,
    /// Whether the last pass saw CloudFront deploy the distribution.
    pub is_deploying: bool,
}

/// The distribution as a list has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Whether it signs requests.
    pub signs: bool,
}

/// The distribution as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// What it sends to the API.
    pub sent: Sent,
    /// Whether that is in force everywhere.
    pub is_deployed: bool,
    /// Whether its policies send the viewer's Host on, or may.
    pub may_send_host: bool,
}

/// What a person is told of policies that send the viewer's Host on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host<'a> {
    /// Which policies.
    pub so: &'a str,
    /// What to set.
    pub remedy: &'a str,
}

/// Declared names that lead viewers elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamesElsewhere {
    /// Which names lead where, and what helps.
    pub told: String,
    /// Whether that lasts until a person changes it.
    pub needs_person: bool,
}

impl Remembered<'_> {
    /// Whether the last lock was by signatures: what asks for one in the working copy, which all stages share, asks for ours.
    #[must_use]
    pub fn was_locked_by_signatures(&self) -> bool {
        let last = self.locked_stages.last();
        last.is_some_and(|last| last.mode == Some(AccessMode::SigV4))
    }

    /// Whether the object has locked another stage than this.
    #[must_use]
    pub fn has_locked_besides(&self, stage: &str) -> bool {
        self.locked_stages.iter().any(|locked| locked.stage != stage)
    }
}

impl Inputs<'_> {
    /// Whether status records that a resource of `kind` was verified.
    #[must_use]
    pub fn has_record(&self, kind: Kind) -> bool {
        self.pass.has_record(kind)
    }

    /// What the distribution sends, where its configuration was read.
    #[must_use]
    pub fn sent(&self) -> Option<&Sent> {
        self.distribution.present().map(|found| &found.sent)
    }

    /// The distribution as it is configured, or that there is none; `None` while only its row is known.
    #[must_use]
    pub fn distribution_content(&self) -> Option<Option<&Configured>> {
        match &self.distribution {
            Seen::Present(found) => Some(Some(found)),
            Seen::Absent => Some(None),
            // What status names is looked for directly, whatever lists say.
            Seen::Listed(None) if !self.is_distribution_known => Some(None),
            Seen::Listed(_) => None,
        }
    }
}
