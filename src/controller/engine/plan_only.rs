//! What a pass would do, and nothing of it done: all is read, nothing is written or remembered.

use super::execute::{Execution, execute};
use super::failures::failures_of_lists;
use super::lock::Lock;
use super::preparations::{Preparation, Work};
use super::settled::Settled;
use super::subject::{Stop, Subject};
use super::unproven::After;
use super::{Engine, Options};
use crate::api::{CostStatus, PlanReport, ProtectedApiStatus};
use crate::aws::layers::budget::of_one_object;
use crate::aws::layers::once::Once;
use crate::aws::layers::read_only::ReadOnly;
use crate::domain::access::inputs::Due;
use crate::domain::access::proof::Proof;
use crate::domain::kernel::identity::{Owner, Ownership, ownership};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::secret::Secret;
use crate::domain::mutual_tls::pair::Pair;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Plan, plan};
use crate::domain::status::adoption::adoption;
use crate::domain::status::cost::cost;
use crate::domain::status::plan_answer::Answer;
use crate::domain::status::planned::{Planned, report, report_in_object};
use std::sync::Arc;
use std::time::Duration;

/// Lists that a plan is made by are no older: whoever looks at it takes it for what is so now.
const FRESH: Duration = Duration::from_mins(1);
/// What probes would tell, the next pass knows so soon.
const PROBED: Duration = Duration::from_secs(10);

impl Engine {
    /// What a pass over `subject` would do. `may_probe`: whether the API may be asked as a pass asks it, by what changes nothing.
    pub async fn plan_only(&self, subject: &Subject<'_>, may_probe: bool) -> Answer {
        let none = ProtectedApiStatus::default();
        let previous = subject.object.status.as_ref().unwrap_or(&none);
        let engine = self.for_plans();
        let planned = async {
            let owner = engine.keeper(subject, &mut None).await?;
            engine.planned(subject, &owner, previous, may_probe).await
        };
        match Box::pin(of_one_object(planned)).await {
            Ok(report) => Answer::Made(Box::new(report)),
            Err(Stop::Rejected(why)) => Answer::Refused(why),
            Err(Stop::Failed(why)) => Answer::Failed(why),
        }
    }

    /// The same account, on an AWS that takes no write, with a memory that nobody keeps. The lists are shared: they are only read.
    fn for_plans(&self) -> Self {
        let cloud = Once::new(ReadOnly::new(Arc::clone(&self.cloud)));
        let options = Options {
            resync: self.options.resync.min(FRESH),
            ..self.options.clone()
        };
        let fresh = Self::new(
            Arc::new(cloud),
            Arc::clone(&self.prober),
            options,
            self.cluster.clone(),
            self.account.clone(),
        );
        Self {
            inventory: Arc::clone(&self.inventory),
            shield: Arc::clone(&self.shield),
            names: Arc::clone(&self.names),
            plans: Arc::clone(&self.plans),
            policies: Arc::clone(&self.policies),
            bounds: Arc::clone(&self.bounds),
            ..fresh
        }
    }

    async fn planned(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
        may_probe: bool,
    ) -> Result<PlanReport, Stop> {
        let (mut observed, mut unread) = Box::pin(self.observe(subject, owner, previous)).await?;
        Box::pin(self.recall_promotions(subject, previous, &mut observed)).await?;
        let (desired, unknown) = self.desired(subject, owner, Some(&observed)).await?;
        let desired = Box::new(desired);
        Box::pin(self.check_pricing_plan(subject, previous, &desired, &mut observed)).await?;
        let mut failures = failures_of_lists(&mut unread, observed.needs_signer(&desired));
        let lock = Lock::of(subject, owner, previous);
        let mut settled = Settled::nothing_begun();
        let mut work = Work {
            engine: self,
            subject,
            lock: &lock,
            after: After::Halts,
            desired: &desired,
            unknown_checkers: unknown,
            observed: &mut observed,
            settled: &mut settled,
            failures: &mut failures,
        };
        for preparation in Preparation::OF_PLANS {
            Box::pin(preparation.run(&mut work)).await;
        }
        look_closely(&mut observed, &desired);
        let looking = |observed: &Observed| looks(&desired, observed, may_probe);
        let mut execution = Box::pin(execute(self, observed, looking)).await;
        if stand_in(&mut execution.observed, &desired) {
            let go_on = execution.then(|observed| execute(self, observed, looking));
            execution = Box::pin(go_on).await;
        }
        failures.extend(execution.failures);
        let observed = execution.observed;
        let mut left = plan(&desired, &observed);
        if !may_probe && !left.probes.is_empty() {
            left.waits.push(unprobed());
        }
        left.problems
            .extend(self.without_room(subject, &desired, &observed).await);
        Ok(report(&Planned {
            desired: &desired,
            observed: &observed,
            plan: &left,
            failures: &failures,
            cost: cost(&subject.object.spec, previous, &self.options.prices),
            adoption: adoption(&desired, &observed, None),
        }))
    }
}

/// What a pass over a suspended object has left undone, by what it has seen. Others stand in for the secret values that it holds, so that
/// nothing is told of those.
pub(super) fn held_up(desired: &Desired, execution: &Execution) -> PlanReport {
    let mut observed = execution.observed.clone();
    keep_values(&mut observed, desired);
    let made_at = observed.mutual_tls.pair.take().map(|pair| pair.made_at);
    if made_at.is_some() || observed.awaited_pair(desired).is_some() {
        observed.mutual_tls.pair = Some(Pair::stand_in(made_at.unwrap_or(observed.pass.at)));
    }
    report_in_object(&Planned {
        desired,
        observed: &observed,
        plan: &plan(desired, &observed),
        failures: &execution.failures,
        adoption: adoption(desired, &observed, None),
        cost: CostStatus::default(),
    })
}

/// Everything is read in full, so that nothing is told by what was verified once. A value that a pass would make at random is one
/// that nobody ever sends.
fn look_closely(observed: &mut Observed, desired: &Desired) {
    observed.pass.deep = true;
    observed.pass.is_plan = true;
    take_whole_rows(observed);
    observed.adoption.is_shown = true;
    observed.due = Due {
        access: true,
        probes: false,
        lock: false,
        overdue: observed.due.overdue,
    };
    keep_values(observed, desired);
}

/// The lists show a role and a logging configuration whole, and no plan's are older than a minute: they are not read again. Whose a role
/// is whose tags do not say so, IAM itself tells.
fn take_whole_rows(observed: &mut Observed) {
    if let Seen::Listed(Some(role)) = &observed.role
        && ownership(&role.tags, &observed.owner) == Ownership::Ours
    {
        observed.role = Seen::Present(role.clone());
    }
    if let Seen::Listed(Some(logging)) = &observed.logging {
        observed.logging = Seen::Present(logging.clone());
    }
}

/// Has a value that a pass would make at random be the same in each plan.
fn keep_values(observed: &mut Observed, desired: &Desired) {
    if desired.access.proof != Proof::Signature {
        observed.generated_value = Some(Secret::from_random(&[0; 32]));
    }
}

/// Has the client certificate that a pass would make be one that nobody ever shows; false where none would be made.
fn stand_in(observed: &mut Observed, desired: &Desired) -> bool {
    let is_needed = observed.awaited_pair(desired).is_some();
    if is_needed {
        observed.mutual_tls.pair = Some(Pair::stand_in(observed.pass.at));
    }
    is_needed
}

/// Of what is next that which only looks.
fn looks(desired: &Desired, observed: &Observed, may_probe: bool) -> Plan {
    let mut next = plan(desired, observed);
    next.ready.clear();
    next.probes.retain(|probe| may_probe && probe.method.is_safe());
    next
}

/// That more may follow from how the API answers.
fn unprobed() -> Wait {
    Wait {
        id: Id::of(Kind::Access),
        reason: Reason::NotProbedYet,
        message: "the API is probed before more is decided of it, which a plan for another API or probe than the object's does not do"
            .to_owned(),
        retry_after: PROBED,
    }
}
