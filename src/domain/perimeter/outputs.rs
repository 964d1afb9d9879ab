//! What a verified resource puts out: identifiers, and what else status remembers for the next pass.

use crate::api::{
    AccessMode, AdoptionRefusal, DetoursStatus, LockedStage, MutualTlsStatus, NamesStatus, OtherDoor,
    ProbedStatus, PutBackStatus, ShieldStatus,
};
use crate::domain::access::asked::policy;
use crate::domain::access::authorization;
use crate::domain::access::inputs::{Remembered, Told};
use crate::domain::access::probing::probed::Probed;

/// Identifiers that other resources and people need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Outputs {
    pub role_arn: Option<String>,
    pub function_arn: Option<String>,
    pub version_arn: Option<String>,
    pub web_acl_id: Option<String>,
    pub web_acl_arn: Option<String>,
    pub distribution_id: Option<String>,
    pub distribution_arn: Option<String>,
    pub domain_name: Option<String>,
    /// Whether the last pass saw CloudFront deploy the distribution.
    pub is_deploying: bool,
    /// What of the distribution may answer in place of the API.
    pub detours: DetoursStatus,
    /// Why the lock was put back.
    pub put_back: Option<PutBackStatus>,
    /// What probes request, as viewers write it.
    pub probe_path: Option<String>,
    /// Whether the last pass called the API locked.
    pub is_locked: bool,
    /// The stage that the object has locked.
    pub locked_stage: Option<String>,
    /// The mode in which that stage was last read to be locked.
    pub locked_mode: Option<AccessMode>,
    /// What `excludeMethods` named, as it was last read in a mode that has it.
    pub excluded: Vec<String>,
    /// All stages that it has locked and that may still be, in which mode; the last one last.
    pub locked_stages: Vec<LockedStage>,
    /// What else it said of who may call the API.
    pub told: Told,
    /// What is known of the method or route that probes request.
    pub probed: Option<ProbedStatus>,
    /// What else leads to the API.
    pub other_doors: Vec<OtherDoor>,
    /// Why other doors could not be read when they were last looked for.
    pub other_doors_unread: Option<String>,
    /// Statements of the API's resource policy that ask for the caller's address.
    pub source_ip_statements: Vec<String>,
    pub shield: Option<ShieldStatus>,
    pub names: Option<NamesStatus>,
    pub mutual_tls: Option<MutualTlsStatus>,
    /// Hash of what the tags of an adopted distribution remember, noted as they were set.
    pub memory_hash: Option<String>,
    /// Why the release that is under way is taken back: viewers were refused.
    pub viewers_refused: Option<AdoptionRefusal>,
}

impl Outputs {
    /// What status remembers of what probes request, and of the lock of `stage`.
    pub(super) fn of_access(&self, stage: &str) -> Remembered<'_> {
        let was_locked = self.locked_stage.as_deref() == Some(stage);
        Remembered {
            put_back: self.put_back.as_ref(),
            probe_path: self.probe_path.as_ref(),
            probed: self.probed.as_ref(),
            is_locked: self.is_locked,
            was_locked,
            locked_mode: self.locked_mode.filter(|_| was_locked),
            excluded: &self.excluded,
            locked_stages: &self.locked_stages,
            told: self.told,
            is_deploying: self.is_deploying,
        }
    }

    /// Takes over what probes request, and what is known of it.
    pub fn note_probed(&mut self, probed: Option<Probed>) {
        self.probed = probed.as_ref().map(Probed::status);
        self.probe_path = probed.map(|probed| probed.path);
    }

    /// Takes over what the API's resource policy says, where it was read.
    pub fn note_policy(&mut self, access: Option<&authorization::Observed>) {
        if let Some(found) = access {
            self.source_ip_statements = policy::by_address(&found.policies);
        }
    }
}
