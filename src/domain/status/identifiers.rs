//! The identifiers and fingerprints in status: a cache of what was last seen and verified.

use super::conditions::{is_locked_as_asked, is_status, types};
use super::{mutual_tls, shield};
use crate::api::{
    AccessMode, AccessStatus, AdoptionRefusal, AdoptionStatus, DetoursStatus, DistributionStatus,
    Enforcement, HeldModeStatus, LockedStage, ProtectedApiStatus, SignerStatus, ViewerAuthorization,
    WebAclStatus,
};
use crate::domain::access::authorization;
use crate::domain::access::lock::Routes;
use crate::domain::access::lock::put_back::remembered;
use crate::domain::access::proof::Proof;
use crate::domain::access::table::marks::Marks;
use crate::domain::adoption::release;
use crate::domain::edge::distribution::DEPLOYED;
use crate::domain::kernel::identity::Ownership;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::words::moment;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::{Observed, Outputs, Told};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// As many stages as status holds.
const MOST_STAGES: usize = 50;
/// As many excluded methods as status holds.
const MOST_EXCLUDED: usize = 100;

/// Whether the distribution was being deployed as `status` was written.
#[must_use]
pub fn is_deploying(status: &ProtectedApiStatus) -> bool {
    let distribution = status.distribution.as_ref();
    distribution.is_some_and(|found| found.state != DEPLOYED)
}

/// What status knows of an object's identifiers.
#[must_use]
pub fn outputs(status: &ProtectedApiStatus) -> Outputs {
    let signer = status.signer.as_ref();
    let web_acl = status.web_acl.as_ref();
    let distribution = status.distribution.as_ref();
    Outputs {
        role_arn: signer.map(|signer| signer.role_arn.clone()),
        function_arn: signer.map(|signer| signer.function_arn.clone()),
        version_arn: signer.and_then(|signer| signer.version_arn.clone()),
        web_acl_id: web_acl.map(|acl| acl.id.clone()),
        web_acl_arn: web_acl.map(|acl| acl.arn.clone()),
        distribution_id: distribution.map(|found| found.id.clone()),
        distribution_arn: distribution.map(|found| found.arn.clone()),
        domain_name: distribution.map(|found| found.domain_name.clone()),
        is_deploying: is_deploying(status),
        detours: distribution
            .and_then(|found| found.detours.clone())
            .unwrap_or_default(),
        other_doors: status
            .access
            .iter()
            .flat_map(|access| access.other_doors.clone())
            .collect(),
        other_doors_unread: status
            .access
            .as_ref()
            .and_then(|access| access.other_doors_unread.clone()),
        source_ip_statements: status
            .access
            .iter()
            .flat_map(|access| access.source_ip_statements.clone())
            .collect(),
        put_back: status.access.as_ref().and_then(|access| access.put_back.clone()),
        probe_path: status
            .access
            .as_ref()
            .and_then(|access| access.probe_path.clone()),
        is_locked: is_locked(status),
        locked_stage: status
            .access
            .as_ref()
            .and_then(|access| access.locked_stage.clone()),
        locked_mode: status.access.as_ref().and_then(|access| access.locked_mode),
        excluded: status
            .access
            .iter()
            .flat_map(|access| access.excluded_methods.clone())
            .collect(),
        locked_stages: status.access.as_ref().map(locked_stages).unwrap_or_default(),
        told: told(&status.conditions),
        probed: status.access.as_ref().and_then(|access| access.probed.clone()),
        shield: status.shield.clone(),
        names: status.names.clone(),
        mutual_tls: status
            .access
            .as_ref()
            .and_then(|access| access.mutual_tls.clone()),
        memory_hash: status
            .adoption
            .as_ref()
            .and_then(|adoption| adoption.memory_hash.clone()),
        viewers_refused: status.adoption.as_ref().and_then(viewers_refused),
    }
}

/// Why the release that is under way is taken back.
fn viewers_refused(adoption: &AdoptionStatus) -> Option<AdoptionRefusal> {
    let mut refusals = adoption.refusals.iter();
    let refused = refusals.find(|refusal| refusal.reason == release::VIEWERS_REFUSED);
    refused.cloned()
}

/// The stages that the object has locked, the last one last.
fn locked_stages(access: &AccessStatus) -> Vec<LockedStage> {
    let last = access.locked_stage.as_ref();
    let earlier = access.earlier_stages.iter();
    let earlier = earlier.filter(|earlier| Some(&earlier.stage) != last);
    let last = last.map(|stage| LockedStage {
        stage: stage.clone(),
        mode: access.locked_mode,
    });
    earlier.cloned().chain(last).collect()
}

fn told(conditions: &[Condition]) -> Told {
    let is = |is: &str, status: &str| is_status(conditions, is, status);
    Told {
        locked: is(types::ACCESS_RESTRICTED, "True") || is(types::DIRECT_ACCESS_BLOCKED, "True"),
        open: is(types::DIRECT_ACCESS_BLOCKED, "False"),
        doubtful: is(types::ACCESS_RESTRICTED, "False") || is(types::ACCESS_RESTRICTED, "Unknown"),
    }
}

/// Whether the last pass has seen the API locked as its spec asks.
#[must_use]
pub fn is_locked(status: &ProtectedApiStatus) -> bool {
    is_locked_as_asked(&status.conditions)
}

/// Whether the object has ever locked `stage`, or its API's default endpoint: somebody may have opened it since.
#[must_use]
pub fn was_locked(status: &ProtectedApiStatus, stage: &str) -> bool {
    let Some(access) = &status.access else {
        return false;
    };
    let mutual_tls = access.mutual_tls.as_ref();
    access.locked_stage.as_deref() == Some(stage)
        || mutual_tls.is_some_and(|known| known.default_endpoint_off)
}

/// Whether status knows anything in AWS.
#[must_use]
pub fn names_any(status: &ProtectedApiStatus) -> bool {
    status.signer.is_some() || status.web_acl.is_some() || status.distribution.is_some()
}

/// Writes what `observed` knows into `status`; what was not looked at stays as it was.
pub fn fill(status: &mut ProtectedApiStatus, observed: &Observed, desired: Option<&Desired>) {
    fill_signer(status, observed, desired);
    fill_web_acl(status, observed);
    fill_distribution(status, observed);
    fill_access(status, observed, desired);
    mutual_tls::remembered::fill(status, observed, desired);
    let shield = desired.and_then(|desired| desired.shield.as_ref());
    shield::fill(status, observed, shield);
    status.fingerprints.clone_from(&observed.pass.recorded);
}

fn fill_signer(status: &mut ProtectedApiStatus, observed: &Observed, desired: Option<&Desired>) {
    match &observed.function {
        // What is noted here proves later whose a resource is.
        Seen::Present(found) if observed.owns_function(found) == Ownership::Foreign => {}
        Seen::Present(found) => {
            let code = &found.latest.code_sha256;
            let made = desired.filter(|desired| desired.function.code_sha256 == *code);
            let made = made.map(|desired| &desired.function.options);
            let made = made.map(|options| (options.viewer_authorization, options.logs));
            let before = status.signer.take().filter(|signer| signer.code_sha256 == *code);
            let before = || before.map(|signer| (signer.viewer_authorization, signer.logs));
            let (viewer_authorization, logs) = made.or_else(before).unwrap_or_default();
            status.signer = Some(SignerStatus {
                function_arn: found.latest.arn.clone(),
                version_arn: observed.outputs.version_arn.clone(),
                code_sha256: found.latest.code_sha256.clone(),
                role_arn: found.latest.settings.role.clone(),
                viewer_authorization: viewer_authorization
                    .filter(|kept| *kept == ViewerAuthorization::Forward),
                logs: logs.filter(|logs| *logs),
            });
        }
        Seen::Absent => status.signer = None,
        Seen::Listed(_) => {}
    }
}

fn fill_web_acl(status: &mut ProtectedApiStatus, observed: &Observed) {
    match &observed.web_acl {
        Seen::Present(found) if observed.owns_web_acl(found) == Ownership::Foreign => {}
        Seen::Present(found) => {
            let entity = &found.content.entity;
            let before = status.web_acl.take().and_then(|acl| acl.capacity);
            status.web_acl = Some(WebAclStatus {
                id: entity.id.clone(),
                arn: entity.arn.clone(),
                capacity: found.capacity().or(before),
            });
        }
        Seen::Absent => status.web_acl = None,
        Seen::Listed(_) => {}
    }
}

/// The domain name that the distribution had before somebody deleted it and it was made again. People are told until the next
/// full read.
pub(super) fn former_domain_name(before: Option<&DistributionStatus>, observed: &Observed) -> Option<String> {
    let before = before?;
    let found = observed.distribution.present();
    if found.is_some_and(|found| found.content.id != before.id) {
        return Some(before.domain_name.clone());
    }
    before.former_domain_name.clone().filter(|_| !observed.pass.deep)
}

fn fill_distribution(status: &mut ProtectedApiStatus, observed: &Observed) {
    let former_domain_name = former_domain_name(status.distribution.as_ref(), observed);
    let detours = Some(observed.detours()).filter(|found| *found != DetoursStatus::default());
    match &observed.distribution {
        Seen::Present(found) => {
            let content = &found.content;
            status.distribution = Some(DistributionStatus {
                id: content.id.clone(),
                arn: content.arn.clone(),
                domain_name: content.domain_name.clone(),
                state: content.status.clone(),
                former_domain_name,
                detours,
            });
        }
        Seen::Listed(Some(row)) if status.distribution.is_some() => {
            if let Some(known) = status.distribution.as_mut() {
                known.state.clone_from(&row.listed.status);
                known.former_domain_name = former_domain_name;
                known.detours = detours;
            }
        }
        Seen::Absent => status.distribution = None,
        Seen::Listed(_) => {}
    }
    status.url = status
        .distribution
        .as_ref()
        .map(|found| format!("https://{}", found.domain_name));
}

fn fill_access(status: &mut ProtectedApiStatus, observed: &Observed, desired: Option<&Desired>) {
    if let Seen::Present(found) = &observed.access {
        let locked_stage = locked_stage(observed, &found.marks);
        let known = status.access.as_ref().and_then(|before| before.held_mode.clone());
        let held_mode = desired.map_or(known, |desired| held_in(desired, observed));
        let before = status.access.as_ref();
        let before = before.filter(|before| before.locked_stage == locked_stage);
        let kept = before.and_then(|before| before.locked_mode);
        let has_ended = desired.is_some_and(|desired| has_signature_ended(desired, observed));
        let kept = kept.filter(|mode| *mode != AccessMode::SigV4 || !has_ended);
        let is_over = desired.is_some_and(|desired| is_lock_over(desired, observed, found));
        let kept = kept.filter(|_| held_mode.is_some() || !is_over);
        let locked_mode = desired.and_then(|desired| locked_in(desired, observed)).or(kept);
        let other_doors = desired.map(|desired| mutual_tls::counted(desired, observed));
        status.access = Some(AccessStatus {
            deployment: found
                .stage
                .deployment
                .clone()
                .filter(|_| !found.stage.auto_deploy),
            lock_unproven: found.marks.is_unproven() || observed.mutual_tls.is_endpoint_unproven(),
            locked_mode: locked_mode.filter(|_| locked_stage.is_some()),
            locked_stage,
            held_mode,
            excluded_methods: excluded(observed, desired),
            earlier_stages: earlier_stages(observed, found),
            put_back: remembered(found, observed.outputs.put_back.as_ref()),
            probe_path: observed.outputs.probe_path.clone(),
            probed: observed.outputs.probed.clone(),
            // Written beside it.
            mutual_tls: None,
            other_doors: other_doors.unwrap_or_else(|| observed.outputs.other_doors.clone()),
            other_doors_unread: observed.outputs.other_doors_unread.clone(),
            source_ip_statements: observed.outputs.source_ip_statements.clone(),
            verified_at: moment(observed.pass.at),
        });
    } else if let (Some(access), Some(desired)) = (&mut status.access, desired) {
        // What policies are waited for is known without the routes.
        let is_over =
            |held: &HeldModeStatus| held.mode == AccessMode::SigV4 && !desired.access.is_held_with_host();
        access.held_mode = access.held_mode.take().filter(|held| !is_over(held));
        let known = std::mem::take(&mut access.other_doors);
        access.other_doors = mutual_tls::with_authorities(desired, observed, known);
    }
}

/// What `excludeMethods` names; under a client certificate, which has no such field, what it named before.
fn excluded(observed: &Observed, desired: Option<&Desired>) -> Vec<String> {
    match desired.filter(|desired| desired.mutual_tls.as_ref().is_none_or(|wanted| wanted.leaves)) {
        Some(desired) => desired
            .access
            .exclude
            .iter()
            .take(MOST_EXCLUDED)
            .cloned()
            .collect(),
        None => observed.outputs.excluded.clone(),
    }
}

/// The mode that goes on, where a change of it waits.
fn held_in(desired: &Desired, observed: &Observed) -> Option<HeldModeStatus> {
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let routes = Routes::of(&declared, &inputs)?;
    routes.held_mode()
}

/// The stages that the spec named before, and that are locked still.
fn earlier_stages(observed: &Observed, found: &authorization::Observed) -> Vec<LockedStage> {
    let is_locked = |known: &&LockedStage| {
        let mut earlier = found.earlier.iter();
        earlier.any(|earlier| earlier.name == known.stage && earlier.is_locked())
    };
    let known = observed.outputs.locked_stages.iter().filter(is_locked);
    known.take(MOST_STAGES).cloned().collect()
}

/// Whether a signature has ended with its mode under `Observe`: what asks for one from then on asks callers of its own.
fn has_signature_ended(desired: &Desired, observed: &Observed) -> bool {
    let access = &desired.access;
    let is_other = access.enforcement == Enforcement::Observe && access.proof != Proof::Signature;
    let inputs = observed.access_inputs(desired);
    is_other && inputs.sent().is_some_and(|sent| !sent.signs)
}

/// Whether it was read all of what tells of a mode that goes on beside a client certificate: where none does, its lock is over.
fn is_lock_over(desired: &Desired, observed: &Observed, found: &authorization::Observed) -> bool {
    let is_told = observed.distribution.present().is_some() && !found.marks.is_unproven();
    desired.access.proof == Proof::Certificate && is_told
}

/// The mode that is wanted, where the stage is read to be locked in it and that is proven. What asks for a signature that CloudFront
/// does not send asks others for it.
fn locked_in(desired: &Desired, observed: &Observed) -> Option<AccessMode> {
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let routes = Routes::of(&declared, &inputs)?;
    let is_locked = routes.is_locked() && routes.is_sent() && !routes.found.marks.is_unproven();
    is_locked.then(|| desired.access.proof.access_mode())
}

/// The stage of the spec, if the object has ever locked it: its distribution's marks tell, or status, where that was made anew since.
fn locked_stage(observed: &Observed, marks: &Marks) -> Option<String> {
    let stage = &observed.gate.as_ref()?.stage;
    let is_remembered = observed.outputs.locked_stage.as_ref() == Some(stage);
    (is_remembered || marks.was_locked()).then(|| stage.clone())
}
