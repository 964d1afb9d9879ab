//! The account's flat-rate pricing plans: one list serves all objects, and is kept for hours, since plans change seldom.
//!
//! Nobody needs the right to read it: that it is missing is remembered like an answer, so that no object asks again for it.

use super::shared::Shared;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::layers::patient::Patient;
use crate::domain::pricing_plans::subscription::{Seen, Subscription};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Whoever was given the right waits no longer to see it.
const DENIED_MAX_AGE: Duration = Duration::from_hours(1);

/// The pricing plans of one account.
pub struct PricingPlans {
    cloud: Arc<dyn Cloud>,
    list: Shared<(), Known>,
}

/// What is known of the list.
#[derive(Default)]
enum Known {
    /// It was never read.
    #[default]
    Nothing,
    /// Our credentials may not read it.
    Denied,
    /// By the ARN of each resource.
    Plans(BTreeMap<String, Arc<Subscription>>),
}

impl PricingPlans {
    /// Nothing was read yet.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>) -> Self {
        Self {
            cloud,
            list: Shared::default(),
        }
    }

    /// The plan that one of the resources with these ARNs is in, as it was at most `max_age` ago, or when the list could be read last.
    pub async fn of(&self, arns: &[&str], max_age: Duration) -> Seen {
        let is_denied = matches!(self.list.known().content, Known::Denied);
        let max_age = if is_denied {
            max_age.min(DENIED_MAX_AGE)
        } else {
            max_age
        };
        self.list.refresh(&[((), max_age)], |()| self.read(), take).await;
        match &self.list.known().content {
            Known::Nothing => Seen::Unknown { is_denied: false },
            Known::Denied => Seen::Unknown { is_denied: true },
            Known::Plans(rows) => {
                let found = arns.iter().find_map(|arn| rows.get(*arn));
                Seen::Known(found.map(|plan| Box::new(Subscription::clone(plan))))
            }
        }
    }

    async fn read(&self) -> Result<Known, CloudError> {
        let cloud: &dyn Cloud = &Patient(self.cloud.as_ref());
        let list = |marker| cloud.list_pricing_plans(marker);
        match pages(list, Some).await {
            Ok(plans) => Ok(Known::Plans(rows(plans))),
            // Credentials that have expired tell nothing of what they may do.
            Err(error) if error.kind == ErrorKind::Denied && error.code.starts_with("AccessDenied") => {
                tracing::debug!(%error, "pricing plans may not be read");
                Ok(Known::Denied)
            }
            Err(error) => Err(error),
        }
    }
}

/// Of two plans for one resource, such as one that failed beside its successor, the one that counts.
fn rows(plans: Vec<Subscription>) -> BTreeMap<String, Arc<Subscription>> {
    let mut rows: BTreeMap<String, Arc<Subscription>> = BTreeMap::new();
    for plan in plans.into_iter().map(Arc::new) {
        for arn in &plan.resource_arns {
            let is_known = rows.get(arn).is_some_and(|known| known.is_in_force());
            if !is_known {
                rows.insert(arn.clone(), Arc::clone(&plan));
            }
        }
    }
    rows
}

fn take(known: &mut Known, parts: Vec<Known>, _: Instant) {
    for part in parts {
        *known = part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::cloud::Page;
    use crate::aws::operations::{Answer, Call};
    use async_trait::async_trait;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const DISTRIBUTION: &str = "arn:aws:cloudfront::111122223333:distribution/E1";
    const WEB_ACL: &str = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1";

    /// Lists one plan, or refuses with a code; counts how often it was asked.
    #[derive(Default)]
    struct Manager {
        asked: AtomicUsize,
        refuses: Mutex<Option<&'static str>>,
    }

    #[async_trait]
    impl Cloud for Manager {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if let Some(code) = *self.refuses.lock().unwrap() {
                return Err(CloudError::new(call.operation(), code, "no"));
            }
            let plan = Subscription {
                arn: "arn:plan".into(),
                tier: "PRO".into(),
                state: "ACTIVE".into(),
                resource_arns: vec![DISTRIBUTION.into(), WEB_ACL.into()],
                since: None,
                scheduled: None,
            };
            Ok(Answer::ListPricingPlans(Page {
                items: vec![plan],
                next: None,
            }))
        }
    }

    /// What is seen of resources, and how often AWS was asked so far.
    async fn seen(plans: &PricingPlans, manager: &Manager, arns: &[&str], hours: u64) -> (Seen, usize) {
        let seen = plans.of(arns, Duration::from_hours(hours)).await;
        (seen, manager.asked.load(Ordering::Relaxed))
    }

    fn tier(seen: &Seen) -> Option<&str> {
        seen.in_force().map(Subscription::tier_name)
    }

    #[tokio::test(start_paused = true)]
    async fn one_reading_serves_all_resources_for_hours() {
        let manager = Arc::new(Manager::default());
        let plans = PricingPlans::new(manager.clone());
        for arns in [[DISTRIBUTION], [WEB_ACL]] {
            let (found, asked) = seen(&plans, &manager, &arns, 6).await;
            assert_eq!((tier(&found), asked), (Some("Pro"), 1));
        }
        let (other, _) = seen(&plans, &manager, &["arn:aws:cloudfront::1:distribution/E2"], 6).await;
        assert_eq!(other, Seen::Known(None));
        tokio::time::sleep(Duration::from_hours(7)).await;
        assert_eq!(seen(&plans, &manager, &[DISTRIBUTION], 6).await.1, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_missing_right_is_asked_for_once_an_hour_and_what_was_read_outlasts_a_failure() {
        let manager = Arc::new(Manager::default());
        let plans = PricingPlans::new(manager.clone());
        *manager.refuses.lock().unwrap() = Some("AccessDeniedException");
        for _ in 0..3 {
            let (found, asked) = seen(&plans, &manager, &[DISTRIBUTION], 6).await;
            assert_eq!((found, asked), (Seen::Unknown { is_denied: true }, 1));
            tokio::time::sleep(Duration::from_mins(10)).await;
        }
        *manager.refuses.lock().unwrap() = None;
        tokio::time::sleep(Duration::from_hours(1)).await;
        assert_eq!(
            tier(&seen(&plans, &manager, &[DISTRIBUTION], 6).await.0),
            Some("Pro")
        );
        *manager.refuses.lock().unwrap() = Some("InternalServerException");
        tokio::time::sleep(Duration::from_hours(7)).await;
        let (found, _) = seen(&plans, &manager, &[DISTRIBUTION], 6).await;
        assert_eq!(tier(&found), Some("Pro"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_was_never_read_tells_nothing() {
        let manager = Arc::new(Manager::default());
        *manager.refuses.lock().unwrap() = Some("ThrottlingException");
        let plans = PricingPlans::new(manager.clone());
        let (found, _) = seen(&plans, &manager, &[DISTRIBUTION], 6).await;
        assert_eq!(found, Seen::Unknown { is_denied: false });
    }
}
