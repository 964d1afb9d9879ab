//! What lies between a pass and the SDK, from the outside inwards:
//!
//! 1. [`patient`]: a call that failed for a moment is made again. Whoever needs several answers of which each counts puts it around.
//! 2. [`budget`]: a call waits for its turn in its account's quotas.
//! 3. [`finished`]: what has its turn comes to its end, whether or not anybody waits for it any more, and keeps its places till then.
//! 4. [`fence`]: a write starts only under a Lease that outlasts it. That is asked last, since the Lease may go while a call waits.
//!
//! [`read_only`] lies around all of them where a plan is made: it lets no write come so far. [`once`] lies around that: a plan reads
//! nothing twice.
//!
//! [`refusals`] remembers around all of them what AWS refused last, for whoever asks why a pass takes long.
//!
//! What lies within the budget can be put together by [`around`] alone, so there is no other order.

pub mod budget;
pub mod fence;
pub mod finished;
pub mod once;
pub mod patient;
pub mod read_only;
pub mod refusals;

use super::cloud::Cloud;
use budget::{Budget, Budgeted};
use fence::{Fenced, Lease};
use finished::{Calls, Finished};
use std::sync::Arc;

/// `sdk` as passes may call it: within `budget`, its calls among those under way, its writes under `lease`.
pub fn around<C: Cloud + 'static>(
    sdk: Arc<C>,
    lease: Arc<dyn Lease>,
    calls: Calls,
    budget: Arc<Budget>,
) -> Arc<dyn Cloud> {
    let fenced = Fenced::new(sdk, lease);
    let finished = Finished::new(fenced, calls);
    Arc::new(Budgeted::new(finished, budget))
}

/// `sdk` within `budget` alone, for what is no call of a pass: one that another call waits for, such as that for credentials, would
/// wait for its own end.
pub fn within_budget<C: Cloud + 'static>(sdk: C, budget: Arc<Budget>) -> Arc<dyn Cloud> {
    Arc::new(Budgeted::new(sdk, budget))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::cloud::CloudError;
    use crate::aws::errors::NOT_LEADING;
    use crate::aws::operations::{Answer, Call};
    use async_trait::async_trait;
    use budget::{Limits, Unobserved};
    use std::sync::Mutex;
    use std::time::Duration;

    /// What was asked, in order.
    type Asked = Arc<Mutex<Vec<&'static str>>>;

    struct Aws(Asked);

    #[async_trait]
    impl Cloud for Aws {
        async fn call(&self, _: Call) -> Result<Answer, CloudError> {
            self.0.lock().unwrap().push("AWS");
            Ok(Answer::DeleteRole(()))
        }
    }

    /// Is held by somebody else.
    struct Lost(Asked);

    impl Lease for Lost {
        fn valid_for(&self) -> Duration {
            self.0.lock().unwrap().push("Lease");
            Duration::ZERO
        }
    }

    /// Never answers.
    struct Silent(Asked);

    #[async_trait]
    impl Cloud for Silent {
        async fn call(&self, _: Call) -> Result<Answer, CloudError> {
            self.0.lock().unwrap().push("AWS");
            std::future::pending().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_nobody_waits_for_keeps_its_place_until_it_ends() {
        let asked = Asked::default();
        let budget = Arc::new(Budget::new(&Limits::default(), Arc::new(Unobserved)));
        let aws = Arc::new(Silent(Arc::clone(&asked)));
        let cloud = around(aws, Arc::new(Lost(Asked::default())), Calls::default(), budget);
        let hundred = || {
            let call = |_| {
                let cloud = Arc::clone(&cloud);
                tokio::spawn(async move { cloud.call(Call::GetRole { name: "r".into() }).await })
            };
            (0..100).map(call).collect::<Vec<_>>()
        };
        let under_way = async || {
            tokio::time::sleep(Duration::from_mins(5)).await;
            asked.lock().unwrap().len()
        };
        let abandoned = hundred();
        let before = under_way().await;
        assert!((1..100).contains(&before), "{before}");
        for call in abandoned {
            call.abort();
        }
        let _others = hundred();
        assert_eq!(under_way().await, before);
    }

    #[tokio::test(start_paused = true)]
    async fn the_lease_is_asked_after_the_wait_for_calls_to_end_and_before_aws() {
        let asked = Asked::default();
        let calls = Calls::default();
        let budget = Arc::new(Budget::new(&Limits::default(), Arc::new(Unobserved)));
        let lease = Arc::new(Lost(Arc::clone(&asked)));
        let cloud = around(Arc::new(Aws(Arc::clone(&asked))), lease, calls.clone(), budget);

        let none_begins = calls.ended().await;
        let call = tokio::spawn(async move { cloud.call(Call::DeleteRole { name: "r".into() }).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(asked.lock().unwrap().is_empty(), "{asked:?}");
        drop(none_begins);

        let refused = call.await.unwrap().unwrap_err();
        assert_eq!(refused.code, NOT_LEADING);
        assert_eq!(*asked.lock().unwrap(), ["Lease"]);
    }
}
