//! What a pass adds to what the lists say, before it plans: in the order of [`Preparation::ALL`].
//!
//! The whole pass is in [`super::apply`]: a cut-over that is under way, acceptance, the lists, these preparations, the plan and what
//! is done of it, [`super::findings`], the status.

pub(super) mod adoption;
mod mutual_tls;
mod names;
mod shield;

use crate::api::AccessMode;
use crate::aws::cloud::CloudError;
use crate::controller::engine::Engine;
use crate::controller::engine::accept::was_refused;
use crate::controller::engine::failures::failure;
use crate::controller::engine::lock::Lock;
use crate::controller::engine::settled::Settled;
use crate::controller::engine::subject::Subject;
use crate::controller::engine::unproven::After;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;

/// A pass between the lists and the plan.
pub(super) struct Work<'a> {
    pub engine: &'a Engine,
    pub subject: &'a Subject<'a>,
    pub lock: &'a Lock<'a>,
    /// Whether the pass goes on with a lock.
    pub after: After,
    pub desired: &'a Desired,
    /// Why it is not known from where Route 53's checkers ask, if that matters.
    pub unknown_checkers: Option<CloudError>,
    /// What is seen: preparations fill it.
    pub observed: &'a mut Observed,
    /// What came of a cut-over that was under way.
    pub settled: &'a mut Settled,
    /// What could not be read. The rest of the perimeter does not wait for it.
    pub failures: &'a mut Vec<Failure>,
}

/// What a pass does between the lists and the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preparation {
    /// The time, and what of the object is due to be read in full or probed.
    Timing,
    /// What the spec says that plans need as such: the stage, the usage plan, the proof.
    Spec,
    /// The header that probes show, where the spec names a Secret.
    Token,
    /// The next secret value, should one be needed.
    GeneratedValue,
    /// What other objects say of the same API.
    Siblings,
    /// The distribution that is to be adopted, or given back, which no list shows as the object's. Before all that asks which
    /// distribution is its own.
    Adoption,
    /// What was read and probed a moment ago of a cut-over that was under way: it is not read again. After the proof, which tells
    /// whether that was for the same one.
    Settled,
    /// A cut-over of which only the lists tell is proven or put back, before anything else is written.
    CutOver,
    /// A web ACL that only waits for WAF is not read again, unless everything is.
    Recall,
    /// What lists say of Shield Advanced, for an object that asks for it, or did.
    Shield,
    /// Hosted zones, who else has the object's aliases, and the certificate that is named for them. After all that tells which
    /// distribution is its own.
    Names,
    /// What the API's Region has of mutual TLS, and the hosted zone of the origin's name.
    MutualTls,
    /// The next client certificate, should one be needed.
    Pair,
}

impl Preparation {
    /// All of them, in their order.
    pub const ALL: [Self; 13] = [
        Self::Timing,
        Self::Spec,
        Self::Token,
        Self::GeneratedValue,
        Self::Siblings,
        Self::Adoption,
        Self::Settled,
        Self::CutOver,
        Self::Recall,
        Self::Shield,
        Self::Names,
        Self::MutualTls,
        Self::Pair,
    ];

    /// Those that read: a plan proves nothing, puts nothing back and makes no secret values.
    pub const OF_PLANS: [Self; 9] = [
        Self::Timing,
        Self::Spec,
        Self::Token,
        Self::Siblings,
        Self::Adoption,
        Self::Recall,
        Self::Shield,
        Self::Names,
        Self::MutualTls,
    ];

    /// Does it.
    pub async fn run(self, work: &mut Work<'_>) {
        match self {
            Self::Timing => work.time(),
            Self::Spec => work.take_spec(),
            Self::Token => work.observed.token = work.subject.token.value().await,
            Self::GeneratedValue => work.generate_value(),
            Self::Siblings => work.take_siblings(),
            Self::Adoption => work.observe_adoption().await,
            Self::Settled => work.settled.carry_over(work.observed),
            Self::CutOver => work.prove_cut_over().await,
            Self::Recall => work.recall(),
            Self::Shield => work.observe_shield().await,
            Self::Names => work.observe_names().await,
            Self::MutualTls => work.observe_mutual_tls().await,
            Self::Pair => work.give_pair(),
        }
    }
}

impl Work<'_> {
    fn time(&mut self) {
        let Lock { owner, previous, .. } = *self.lock;
        let (object, now) = (self.subject.object, self.subject.now);
        let was_refused = was_refused(previous);
        let is_new = was_refused || previous.observed_generation != object.metadata.generation;
        self.observed.pass.at = now;
        self.observed.pass.deep = self.engine.is_deep_read_due(owner, previous, now);
        let mut due = self.engine.due(owner, previous, is_new, now);
        due.access |= was_refused || (is_new && self.is_locked_otherwise());
        if self.engine.is_look_wanted(owner, object) {
            due.access = true;
            due.probes = true;
            due.lock = true;
        }
        self.observed.due = due;
    }

    /// Whether the stage was locked before, and not as its spec asks now, such as while another mode is on its way: what stands of
    /// that for an edit only its methods tell.
    fn is_locked_otherwise(&self) -> bool {
        self.observed.outputs.locked_mode.is_some() && !self.observed.has_record(Kind::Access)
    }

    fn take_spec(&mut self) {
        let access = &self.desired.access;
        self.observed.gate = Some(access.gate.clone());
        self.observed.proof = access.proof.clone();
        let key = self.desired.api_key.as_ref();
        self.observed.given_plan = key.and_then(|key| key.given_plan.clone());
        let declared = &mut self.observed.mutual_tls.declared;
        declared.clone_from(&self.desired.mutual_tls);
        let adopted = self.desired.adoption.as_ref();
        let kept = adopted.filter(|adopted| !adopted.release);
        self.observed.adoption.proven = kept.map(|adopted| adopted.id.clone());
    }

    fn generate_value(&mut self) {
        let mut locked = self.observed.outputs.locked_stages.iter();
        // Viewers of that stage may be in need of another, should somebody take the one away that is sent.
        let was_by_header = locked.any(|locked| locked.mode == Some(AccessMode::SecretHeader));
        if self.desired.access.proof.has_value() || was_by_header {
            self.observed.generated_value = self.engine.generated_values.of(&self.lock.owner.uid);
        }
    }

    fn take_siblings(&mut self) {
        let subject = self.subject;
        self.observed.siblings.clone_from(&subject.siblings);
        self.observed.sharing.clone_from(&subject.sharing);
        self.observed.shares_key = !subject.keyed_stages.is_empty();
        self.observed.declared_stages.clone_from(&subject.declared_stages);
        let others = &subject.by_default_endpoint;
        self.observed.by_default_endpoint.clone_from(others);
        let others = &subject.by_endpoint_off;
        self.observed.by_endpoint_off.clone_from(others);
        self.observed.shared_by_others = subject.shared_by_others;
        self.observed.seen_others.clone_from(&subject.seen_others);
    }

    async fn observe_adoption(&mut self) {
        let Some(declared) = &self.desired.adoption else {
            return;
        };
        let read = self
            .engine
            .observe_adoption(declared, self.desired, self.observed);
        if let Err(error) = Box::pin(read).await {
            self.observed.adoption.is_unread = true;
            self.failures
                .push(failure(Some(Id::of(Kind::Distribution)), &error));
        }
    }

    async fn prove_cut_over(&mut self) {
        let own = self.subject.object.metadata.uid.as_ref();
        if self.engine.is_unclaimed(own, self.lock.owner) {
            return;
        }
        let proven = self
            .engine
            .prove_what_lists_show(self.lock, self.after, self.observed, self.settled);
        Box::pin(proven).await;
    }

    fn recall(&mut self) {
        if !self.observed.pass.deep {
            self.engine.inventory.recall(self.observed);
        }
    }

    async fn observe_shield(&mut self) {
        let read = self.engine.observe_shield(self.subject, self.observed).await;
        let failed = read
            .err()
            .map(|error| failure(Some(Id::of(Kind::Protection)), &error));
        self.failures.extend(failed);
        let unknown = self.unknown_checkers.as_ref();
        let unknown = unknown.map(|error| failure(Some(Id::of(Kind::HealthCheck)), error));
        self.failures.extend(unknown);
    }

    async fn observe_names(&mut self) {
        let previous = self.lock.previous;
        let read = self
            .engine
            .observe_names(self.subject, self.desired, previous, self.observed);
        let failed = Box::pin(read)
            .await
            .err()
            .map(|error| failure(Some(Id::of(Kind::Records)), &error));
        self.failures.extend(failed);
        let read = self.engine.observe_named_certificate(self.desired, self.observed);
        let failed = Box::pin(read)
            .await
            .err()
            .map(|error| failure(Some(Id::of(Kind::Distribution)), &error));
        self.failures.extend(failed);
    }

    fn give_pair(&mut self) {
        self.engine.give_pair(self.desired, self.observed);
    }

    async fn observe_mutual_tls(&mut self) {
        let Some(declared) = &self.desired.mutual_tls else {
            return;
        };
        let max_age = self.engine.max_age(false).others;
        let read = self.engine.observe_region(declared, self.observed, max_age);
        let failed = Box::pin(read).await;
        self.failures.extend(failed);
        self.engine.imports.recall(self.observed);
    }
}
