//! What one vanished object left goes because a person asked for that: looked at again on fresh lists, and then taken down like the
//! perimeter of any object that is deleted without its spec, as long as nothing speaks against it.

use super::Engine;
use super::departed::Departed;
use super::execution::Execution;
use super::failures::whole;
use super::former::present;
use crate::api::{DeletionPolicy, OrphanStatus, ProtectedApiStatus};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::layers::budget::{of_one_object, with_urgency};
use crate::aws::readings::inventory::MaxAge;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::orphan_deletion::{
    Agreed, Facts, Kept, Left, Traces, halts, judge, left, still_listed,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How old lists may be that are looked at before anything is deleted.
const FRESH: Duration = Duration::from_secs(10);
/// What AWS lists still, and what failed, is looked at again so soon.
const AGAIN: Duration = Duration::from_secs(15);

/// What a person asked for, and what is known of it in Kubernetes.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Whose remains.
    pub uid: &'a str,
    /// Whether the objects of all namespaces are seen.
    pub sees_all: bool,
    /// What status listed when it was counted last.
    pub known: &'a [OrphanStatus],
    /// Since when it is being deleted, and what there was then; `None` before that.
    pub begun: Option<(Timestamp, &'a [String])>,
    /// So long it must have been listed.
    pub settled_after: SignedDuration,
    /// The time.
    pub now: Timestamp,
}

/// How far it is.
#[derive(Debug, Clone)]
pub enum Progress {
    /// It may go, with all these parts; nothing was done yet.
    Agreed(Vec<String>),
    /// It goes; what is awaited, and when it is looked at again.
    Awaits(String, Duration),
    /// Nothing is left.
    Gone,
    /// It stays.
    Kept(Kept),
    /// AWS did not let it be looked at, or be deleted.
    Failed(Failure),
}

impl Engine {
    /// Looks at what is left, and takes it down once it was written that this has begun. `claimants` tells which objects know the UID, and
    /// is asked once the lists are read and before each call.
    pub async fn delete_orphan(
        &self,
        asked: &Asked<'_>,
        claimants: impl Fn() -> Vec<String> + Send + Sync,
    ) -> Progress {
        let work = async {
            match self.look_at_orphan(asked, &claimants).await {
                Ok(Ok(agreed)) => match asked.begun {
                    None => Progress::Agreed(agreed.parts),
                    Some((begun, _)) => {
                        Box::pin(self.take_orphan_down(&agreed, begun, asked.now, &claimants)).await
                    }
                },
                // All of it went, or was gone when the process before this one died.
                Ok(Err(Kept::Nothing)) if asked.begun.is_some() => Progress::Gone,
                Ok(Err(kept)) => Progress::Kept(kept),
                Err(error) => Progress::Failed(whole(&error)),
            }
        };
        // No viewer waits for it.
        with_urgency(false, of_one_object(Box::pin(work))).await
    }

    /// By what objects are known that need what is left of the UID.
    ///
    /// # Errors
    /// AWS did not let it be looked at.
    pub async fn traces_of_orphan(&self, asked: &Asked<'_>) -> Result<Traces, Failure> {
        let left = self.left_of(asked.uid).await.map_err(|error| whole(&error))?;
        let begun = asked.begun.map_or(&[][..], |(_, parts)| parts);
        Ok(Traces::of(asked.uid, &left, begun))
    }

    async fn left_of(&self, uid: &str) -> Result<Left, CloudError> {
        let others = self.tagged_besides(FRESH).await?;
        let max_age = MaxAge {
            distributions: FRESH,
            others: FRESH,
        };
        self.inventory
            .observe(max_age, |listing| left(uid, listing, &others))
            .await
    }

    async fn look_at_orphan(
        &self,
        asked: &Asked<'_>,
        claimants: &(impl Fn() -> Vec<String> + Send + Sync),
    ) -> Result<Result<Agreed, Kept>, CloudError> {
        let left = self.left_of(asked.uid).await?;
        let cloud: &dyn Cloud = &self.patient();
        let mut tags: BTreeMap<String, Tags> = BTreeMap::new();
        for part in left.parts.iter().filter(|part| part.kind == Kind::Distribution) {
            // Lists of tags lag.
            if let Some(found) = present(cloud.list_distribution_tags(part.arn.clone()).await)? {
                tags.insert(part.arn.clone(), found);
            }
        }
        let facts = Facts {
            cluster: &self.cluster,
            sees_all: asked.sees_all,
            claimants: &claimants(),
            tags: &tags,
            known: asked.known,
            begun: asked.begun,
            settled_after: asked.settled_after,
            now: asked.now,
        };
        Ok(judge(asked.uid, &left, &facts))
    }

    async fn take_orphan_down(
        &self,
        agreed: &Agreed,
        begun: Timestamp,
        now: Timestamp,
        claimants: &(impl Fn() -> Vec<String> + Send + Sync),
    ) -> Progress {
        let departed = departed(agreed);
        let mut listed = match self.listed(&departed, now).await {
            Ok(listed) => listed,
            Err(failure) => return Progress::Failed(failure),
        };
        // How long its parts wait for each other counts from here on, and not from when nobody owned them any more.
        listed.lists.lasting = now.duration_since(begun).try_into().unwrap_or_default();
        match self
            .kept_by_another(&departed.owner, &mut listed.observed, true)
            .await
        {
            Ok(None) => {}
            Ok(Some(refused)) => return Progress::Kept(Kept::Anothers(refused.message)),
            Err(error) => return Progress::Failed(whole(&error)),
        }
        let halted: Mutex<Option<Kept>> = Mutex::default();
        let _place = self.bounds.place(true).await;
        let goes_on = |observed: &_| {
            let claimed = claimants().into_iter().next().map(Kept::Claimed);
            let kept = claimed.or_else(|| halts(observed));
            let goes_on = kept.is_none();
            if !goes_on {
                *halted.lock().unwrap_or_else(PoisonError::into_inner) = kept;
            }
            goes_on
        };
        let execution = Box::pin(self.carry_out_teardown(&departed, now, listed, goes_on)).await;
        let halted = halted.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = halted {
            return Progress::Kept(kept);
        }
        self.forget(&departed.owner);
        came_to(execution, agreed, begun, now)
    }
}

/// What `execution` came to: whether anything is left, the next look tells.
fn came_to(execution: Execution, agreed: &Agreed, begun: Timestamp, now: Timestamp) -> Progress {
    let Execution {
        plan,
        done,
        failures,
        handed_over,
        ..
    } = execution;
    if let Some(refused) = handed_over {
        return Progress::Kept(Kept::Anothers(refused.message));
    }
    if let Some(failure) = failures.into_iter().next() {
        return Progress::Failed(failure);
    }
    if let Some(problem) = plan.problems.first() {
        let again = problem.retry_after.unwrap_or(AGAIN).max(AGAIN);
        return Progress::Awaits(problem.message.clone(), again);
    }
    if let Some(wait) = plan.waits.first() {
        return Progress::Awaits(wait.message.clone(), wait.retry_after);
    }
    if !plan.is_empty() || !done.is_empty() {
        let again = Duration::from_secs(1).max(if done.is_empty() { AGAIN } else { Duration::ZERO });
        return Progress::Awaits("what is left is looked at once more".to_owned(), again);
    }
    match still_listed(&agreed.parts, begun, now) {
        Ok(()) => Progress::Awaits(
            format!(
                "AWS still lists {}, and often does for some minutes",
                agreed.parts.join(", ")
            ),
            AGAIN,
        ),
        Err(kept) => Progress::Kept(kept),
    }
}

/// The object that left it, as far as anything is known of that.
fn departed(agreed: &Agreed) -> Departed {
    Departed {
        owner: agreed.owner.clone(),
        uid: agreed.owner.uid.clone(),
        generation: None,
        since: agreed.since,
        spec: None,
        policy: DeletionPolicy::Delete,
        suspended: false,
        previous: ProtectedApiStatus::default(),
    }
}
