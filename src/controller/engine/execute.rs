//! Doing what a plan says: wave after wave of single calls, planning anew after each.

pub use super::execution::Execution;
use super::failures::failure;
use super::not_yet::not_yet;
use super::references;
use super::unwritten::untold;
use super::{Done, Engine};
use crate::aws::cloud::CloudError;
use crate::aws::errors::{self, ErrorKind};
use crate::aws::layers::budget::{is_urgent, with_urgency};
use crate::aws::resources::{self, Update};
use crate::domain::access::lock::unproven::{frees_viewers, is_being_proven};
use crate::domain::access::lock::ways_in_read;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Verb, Wait};
use crate::domain::kernel::rejection::Rejection;
use crate::domain::mutual_tls::{client_certificate, endpoint, origin_domain};
use crate::domain::perimeter::consent::kept_by_another;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Plan, Step};
use futures::future::{join, join_all};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;
use tracing::{info, warn};

/// More waves than any object needs: beyond, two writers undo each other's work.
const MAX_WAVES: usize = 40;
/// How often a resource is read again within one pass after somebody else wrote it.
const MAX_CONFLICTS: u32 = 3;
/// CloudFront does not know the web ACL: WAF has made it just now, or somebody has deleted it.
const WEB_ACL_REFUSED: &str = "InvalidWebACLId";
/// CloudFront refuses the certificate that viewers are shown.
const VIEWER_CERTIFICATE_REFUSED: &str = "InvalidViewerCertificate";
/// What CloudFront has said of who keeps it is believed so long within a pass, which may wait for calls much longer.
const BELIEVED: Duration = Duration::from_secs(30);
/// ACM tells CloudFront of a client certificate within this.
const NEW_CERTIFICATE: Duration = Duration::from_mins(2);

/// Carries out what `decide` plans until nothing more can be done now. `observed` is boxed since a thousand passes may wait
/// for their turn at a time, each with all that it moved.
pub async fn execute(
    engine: &Engine,
    observed: Box<Observed>,
    decide: impl Fn(&Observed) -> Plan,
) -> Execution {
    run(engine, observed, decide, (false, None)).await
}

/// The same, and before it writes CloudFront has said in this pass that no other object keeps it: lists lag. `told`: when it said so last.
pub async fn execute_as_keeper(
    engine: &Engine,
    observed: Box<Observed>,
    decide: impl Fn(&Observed) -> Plan,
    told: Option<Instant>,
) -> Execution {
    run(engine, observed, decide, (true, told)).await
}

async fn run(
    engine: &Engine,
    observed: Box<Observed>,
    decide: impl Fn(&Observed) -> Plan,
    (asks, told): (bool, Option<Instant>),
) -> Execution {
    let mut run = Run {
        engine,
        observed,
        done: Vec::new(),
        failures: Vec::new(),
        waits: Vec::new(),
        stopped: BTreeSet::new(),
        conflicts: BTreeMap::new(),
        asks,
        told,
        handed_over: None,
    };
    let mut plan = decide(&run.observed);
    for _ in 0..MAX_WAVES {
        if !run.wave(&plan).await {
            break;
        }
        plan = decide(&run.observed);
    }
    engine.note_phase(&run.observed);
    plan.waits.append(&mut run.waits);
    Execution {
        plan,
        observed: run.observed,
        done: run.done,
        failures: run.failures,
        handed_over: run.handed_over,
        told: run.told,
    }
}

struct Run<'a> {
    engine: &'a Engine,
    observed: Box<Observed>,
    done: Vec<Done>,
    failures: Vec<Failure>,
    waits: Vec<Wait>,
    /// Resources that are left alone for the rest of the pass.
    stopped: BTreeSet<Id>,
    conflicts: BTreeMap<Id, u32>,
    /// Whether CloudFront has to have said that no other object keeps it before anything is written.
    asks: bool,
    /// When it said so last, or said who does.
    told: Option<Instant>,
    handed_over: Option<Rejection>,
}

impl Run<'_> {
    /// Reads, probes or does all that `plan` has ready, side by side. False when nothing was to be done.
    async fn wave(&mut self, plan: &Plan) -> bool {
        self.look(plan).await || self.act(plan).await
    }

    /// Reads what the plan reads, and probes. False when there was nothing to look at.
    async fn look(&mut self, plan: &Plan) -> bool {
        let reads = plan.reads.iter().filter(|id| !self.stopped.contains(id));
        let reads: Vec<&Id> = reads.collect();
        if reads.is_empty() && plan.probes.is_empty() {
            return false;
        }
        let is_urgent = is_urgent() || self.is_in_doubt();
        let probes = join_all(plan.probes.iter().map(|probe| self.engine.prober.probe(probe)));
        let answers = join_all(reads.iter().map(|id| self.read(id)));
        let (answers, proofs) = join(answers, with_urgency(is_urgent, probes)).await;
        for (probe, answer) in plan.probes.iter().zip(proofs) {
            self.observed.note_probe(probe, &answer);
        }
        for (id, answer) in reads.into_iter().zip(answers) {
            self.was_read(id, answer);
        }
        true
    }

    /// Makes the calls that are ready. False when there were none.
    async fn act(&mut self, plan: &Plan) -> bool {
        let steps = plan.ready.iter().filter(|step| !self.stopped.contains(&step.id));
        let steps: Vec<&Step> = steps.collect();
        if steps.is_empty() || self.is_handed_over().await {
            return false;
        }
        let answers = join_all(steps.iter().map(|step| self.apply(step))).await;
        let mut answered = steps.iter().zip(&answers);
        if answered.any(|(step, answer)| changes_the_way(&step.action) && may_have_acted(answer)) {
            self.forget_probes();
        }
        for (step, answer) in steps.into_iter().zip(answers) {
            self.answered(step, answer).await;
        }
        true
    }

    /// Whether another object keeps all of it by now, which lists show later: asked until CloudFront has answered, and again where that
    /// is long ago. Viewers of a lock in doubt wait for nobody.
    async fn is_handed_over(&mut self) -> bool {
        let is_told = self.told.is_some_and(|told| told.elapsed() < BELIEVED);
        if self.asks
            && !is_told
            && !self.is_in_doubt()
            && let Some(tags) = self.engine.keepers_tags(&self.observed).await
        {
            self.told = Some(Instant::now());
            self.handed_over = kept_by_another(&tags, &self.observed.owner);
        }
        self.handed_over.is_some()
    }

    /// What a probe proved before, it proves no more.
    fn forget_probes(&mut self) {
        self.observed.due.probes |= !self.observed.probes.is_empty();
        self.observed.probes.clear();
        self.observed.asked.clear();
        self.observed.classes.clear();
        self.observed.answered.clear();
    }

    /// Notes what a read was answered.
    fn was_read(&mut self, id: &Id, answer: Result<Update, CloudError>) {
        match answer {
            Ok(update) => {
                update.absorb_into(&mut self.observed);
                self.engine.recall_unwritten(&mut self.observed);
            }
            Err(error) => {
                self.observed.failed.insert(id.kind);
                self.failed(id, &error);
            }
        }
    }

    async fn read(&self, id: &Id) -> Result<Update, CloudError> {
        if *id == ways_in_read() {
            return self.engine.read_ways_in(&self.observed).await;
        }
        if *id == endpoint::others_read() {
            return Ok(Box::pin(self.engine.read_endpoint_others(&self.observed)).await);
        }
        if *id == endpoint::comers_read() {
            return Ok(Box::pin(self.engine.read_endpoint_comers(&self.observed)).await);
        }
        let cloud = self.engine.patient();
        resources::observe(&cloud, id, &self.observed).await
    }

    async fn apply(&self, step: &Step) -> Result<Update, CloudError> {
        let engine = self.engine;
        self.engine.note_begun(&self.observed.owner, &step.action);
        let cloud = engine.patient();
        let call = resources::apply(&cloud, &engine.inventory, step, &self.observed);
        let is_urgent = match &step.action {
            Action::Access(action) => frees_viewers(action, self.observed.access.present()),
            // What is begun and not proven is put in force, or put back, by the call that comes after.
            Action::Endpoint(_) => self.is_endpoint_in_doubt(),
            _ => false,
        };
        with_urgency(is_urgent, call).await
    }

    async fn answered(&mut self, step: &Step, answer: Result<Update, CloudError>) {
        let answer = answer.map_err(|error| self.of_new_certificate(step, error));
        let is_refused = answer.as_ref().is_err_and(|error| error.code == WEB_ACL_REFUSED);
        if is_refused && self.is_web_acl_gone().await {
            return;
        }
        match answer {
            Ok(update) if !update.is_done() => update.absorb_into(&mut self.observed),
            Ok(update) => {
                let changes = step.fields();
                info!(resource = step.id.key(), verb = ?step.verb, aws = step.name, ?changes, "done");
                self.done.push(Done { step: step.clone() });
                self.engine.note_made(&self.observed.owner, &step.action);
                if step.id.kind == Kind::Distribution && step.verb == Verb::Create {
                    // It is made with its tags.
                    self.told = Some(Instant::now());
                }
                self.engine.note_written(&self.observed.owner, &step.action);
                update.absorb_into(&mut self.observed);
                if is_import(&step.action) {
                    self.engine.imports.note(&self.observed);
                }
                self.observed.wrote(step);
            }
            Err(error) if self.may_read_again(&step.id, &error) => {
                let answer = self.read(&step.id).await;
                self.was_read(&step.id, answer);
            }
            Err(error) => {
                self.engine.note_unwritten(&mut self.observed, &step.action);
                self.give_up_pair(step, &error);
                self.observed.undone.insert(step.id.kind);
                let known = self.failures.len();
                self.failed(&step.id, &error);
                if let (Some(untold), Some(failure)) = (untold(&step.action), self.failures.get_mut(known)) {
                    failure.message = format!("{untold}: {}", failure.message);
                }
            }
        }
    }

    /// A pair that ACM may have is not imported again: the next one is another, and what ACM has is found by its tags.
    fn give_up_pair(&mut self, step: &Step, error: &CloudError) {
        let may_be_there = error.kind == ErrorKind::Transient || error.code == errors::NOT_UNDERSTOOD;
        if may_be_there && is_import(&step.action) {
            self.engine.pairs.forget(&self.observed.owner.uid);
            self.observed.mutual_tls.pair = None;
        }
    }

    /// Whether viewers may be refused by what is not proven.
    fn is_in_doubt(&self) -> bool {
        is_being_proven(self.observed.access.present()) || self.is_endpoint_in_doubt()
    }

    /// Whether viewers may be refused by a default endpoint that is being switched off.
    fn is_endpoint_in_doubt(&self) -> bool {
        self.observed
            .mutual_tls
            .is_endpoint_in_doubt(self.observed.pass.at)
    }

    /// CloudFront may not know a client certificate that ACM has had for a moment: what it says of it then is not final.
    fn of_new_certificate(&self, step: &Step, error: CloudError) -> CloudError {
        let is_of_distribution = matches!(step.action, Action::Distribution(_));
        if !is_of_distribution || !is_of_client_certificate(&error) || !self.has_new_certificate() {
            return error;
        }
        CloudError {
            kind: ErrorKind::NotYet,
            ..error
        }
    }

    /// Whether a client certificate was imported in this pass, or a moment before it.
    fn has_new_certificate(&self) -> bool {
        let is_done = self.done.iter().any(|done| is_import(&done.step.action));
        is_done || self.observed.has_new_client_certificate(NEW_CERTIFICATE)
    }

    /// Whether somebody has deleted the web ACL that is there by what we wrote last, which outranks the lists for a while. One that
    /// was made in this pass is not known to CloudFront yet.
    async fn is_web_acl_gone(&mut self) -> bool {
        let id = Id::of(Kind::WebAcl);
        let is_new = self.done.iter().any(|done| done.step.id == id);
        if is_new || matches!(self.observed.web_acl, Seen::Absent) {
            return false;
        }
        let answer = self.read(&id).await;
        self.was_read(&id, answer);
        matches!(self.observed.web_acl, Seen::Absent)
    }

    /// A conflict, or something that vanished, is never final and never retried blindly: it is read again.
    fn may_read_again(&mut self, id: &Id, error: &CloudError) -> bool {
        if !matches!(error.kind, ErrorKind::Conflict | ErrorKind::NotFound) {
            return false;
        }
        let count = self.conflicts.entry(id.clone()).or_insert(0);
        *count += 1;
        // What a rule refers to is not in the web ACL that would be read.
        let most = if references::is_missing(error) {
            1
        } else {
            MAX_CONFLICTS
        };
        *count <= most
    }

    fn failed(&mut self, id: &Id, error: &CloudError) {
        self.stopped.insert(id.clone());
        if error.kind == ErrorKind::NotYet || references::is_missing(error) {
            info!(resource = id.key(), %error, "not yet");
            self.waits.push(not_yet(id, error));
        } else {
            warn!(resource = id.key(), %error, "failed");
            self.failures.push(failure(Some(id.clone()), error));
        }
    }
}

fn is_import(action: &Action) -> bool {
    matches!(
        action,
        Action::ClientCertificate(client_certificate::Action::Import { .. })
    )
}

/// Whether CloudFront refuses the client certificate of an origin; that of viewers has an error of its own.
fn is_of_client_certificate(error: &CloudError) -> bool {
    let may_be = !matches!(error.kind, ErrorKind::Throttled | ErrorKind::Transient);
    may_be
        && error.code != VIEWER_CERTIFICATE_REFUSED
        && error.message.to_ascii_lowercase().contains("certificate")
}

/// Whether a viewer's way, or the way past the perimeter, is another after it.
fn changes_the_way(action: &Action) -> bool {
    match action {
        Action::Access(action) => action.changes_routes(),
        Action::OriginDomain(action) => !matches!(action, origin_domain::Action::Tag(_)),
        Action::Endpoint(action) => !matches!(action, endpoint::Action::Mark { .. }),
        // A truststore has versions, and is in use where the domain name says so; a certificate, where the distribution does.
        Action::OriginCertificate(_)
        | Action::Truststore(_)
        | Action::ClientCertificate(_)
        | Action::HealthCheck(_)
        | Action::Protection(_)
        | Action::Alarm(_)
        | Action::Certificate(_)
        | Action::Records(_) => false,
        _ => true,
    }
}

/// Whether AWS may have done what was asked. A conflict may be the second answer, where the first was lost; and what was written
/// is read back.
fn may_have_acted(answer: &Result<Update, CloudError>) -> bool {
    answer.as_ref().err().is_none_or(|error| match error.kind {
        _ if !error.operation.class.is_write() => true,
        ErrorKind::Denied | ErrorKind::Throttled => false,
        ErrorKind::Terminal => error.code == errors::NOT_UNDERSTOOD,
        ErrorKind::Conflict
        | ErrorKind::Exists
        | ErrorKind::NotFound
        | ErrorKind::NotYet
        | ErrorKind::Transient => true,
    })
}
