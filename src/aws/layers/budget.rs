//! The call budget: every call to AWS spends from its account's quotas before it is made.
//!
//! One [`Budget`] an account, one bucket a quota (the table in [`limits`]) and Region, shared by all objects. Waiters are
//! served in the order in which they came, and an object stands in the queues with few calls at a time, so no object starves
//! another. Calls for which refused viewers wait go before all others. AWS's refusals halve a bucket's rate, time brings it
//! back. And however slowly a service answers, it has only so many calls under way in a Region.

mod bucket;
mod limits;
mod places;
mod turn;
mod urgency;

pub use limits::{LimitError, Limits, Rate, quota_names};
pub(super) use turn::held;
pub use urgency::{is_urgent, of_one_object, with_urgency};

use crate::aws::cloud::{Cloud, CloudError, RetryObserver};
use crate::aws::errors::{self, ErrorKind};
use crate::aws::operations::{Answer, Call, OPERATIONS, Operation, Service};
use async_trait::async_trait;
use bucket::Bucket;
use limits::Quota;
use places::Places;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use turn::Turn;

/// Sees every call, for metrics.
pub trait CallObserver: Send + Sync {
    /// A call ended with `outcome` (`ok`, or the error's kind) after waiting for its turn for `waited`.
    fn call(&self, operation: Operation, outcome: &'static str, waited: Duration);
    /// AWS refused an attempt for its rate, whether or not a further attempt hid that.
    fn throttled(&self, operation: Operation);
}

/// Observes nothing.
pub struct Unobserved;

impl CallObserver for Unobserved {
    fn call(&self, _: Operation, _: &'static str, _: Duration) {}
    fn throttled(&self, _: Operation) {}
}

/// The budgets of all accounts.
pub struct Budgets {
    limits: Limits,
    observer: Arc<dyn CallObserver>,
    accounts: Mutex<HashMap<String, Arc<Budget>>>,
}

impl Budgets {
    /// Budgets of AWS's quotas, changed by `limits`.
    #[must_use]
    pub fn new(limits: Limits, observer: Arc<dyn CallObserver>) -> Self {
        Self {
            limits,
            observer,
            accounts: Mutex::default(),
        }
    }

    /// The budget of the account with this id: one, however many clients of the account there are.
    #[must_use]
    pub fn of_account(&self, id: &str) -> Arc<Budget> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let budget = accounts
            .entry(id.to_owned())
            .or_insert_with(|| Arc::new(Budget::new(&self.limits, Arc::clone(&self.observer))));
        Arc::clone(budget)
    }
}

/// What one account may spend.
pub struct Budget {
    limits: Limits,
    /// By Region; that of services which are in one alone has no name.
    regions: Mutex<HashMap<String, Arc<OfRegion>>>,
    observer: Arc<dyn CallObserver>,
}

/// What one account may spend in one Region.
struct OfRegion {
    buckets: HashMap<Operation, Arc<Bucket>>,
    places: HashMap<Service, Places>,
}

impl OfRegion {
    /// Full buckets.
    fn new(limits: &Limits) -> Self {
        let mut shared: HashMap<&'static str, Arc<Bucket>> = HashMap::new();
        let mut buckets = HashMap::new();
        for operation in OPERATIONS {
            let Some(quota) = Quota::of(*operation) else {
                continue;
            };
            let make = || Arc::new(Bucket::new(limits.rate(quota)));
            let bucket = if quota.each {
                make()
            } else {
                Arc::clone(shared.entry(quota.name).or_insert_with(make))
            };
            buckets.insert(*operation, bucket);
        }
        let services = OPERATIONS.iter().map(|operation| operation.service);
        Self {
            buckets,
            places: services.map(|service| (service, Places::new())).collect(),
        }
    }
}

impl Budget {
    /// Full buckets.
    #[must_use]
    pub fn new(limits: &Limits, observer: Arc<dyn CallObserver>) -> Self {
        Self {
            limits: limits.clone(),
            regions: Mutex::default(),
            observer,
        }
    }

    fn of_region(&self, region: &str) -> Arc<OfRegion> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match regions.get(region) {
            Some(found) => found,
            None => regions
                .entry(region.to_owned())
                .or_insert_with(|| Arc::new(OfRegion::new(&self.limits))),
        };
        Arc::clone(found)
    }

    fn shrink(&self, operation: Operation, region: &str, began: Instant) {
        self.observer.throttled(operation);
        if let Some(bucket) = self.of_region(region).buckets.get(&operation) {
            bucket.throttled(began);
        }
    }
}

impl RetryObserver for Budget {
    fn retried(&self, operation: Operation, region: &str, throttled: Option<Instant>) {
        if let Some(began) = throttled {
            self.shrink(operation, region, began);
        }
        if let Some(bucket) = self.of_region(region).buckets.get(&operation) {
            bucket.debit();
        }
    }
}

/// A `Cloud` whose calls wait for the budget.
pub(super) struct Budgeted<C> {
    inner: C,
    budget: Arc<Budget>,
}

impl<C> Budgeted<C> {
    /// `inner`, spending from `budget`.
    pub fn new(inner: C, budget: Arc<Budget>) -> Self {
        Self { inner, budget }
    }
}

#[async_trait]
impl<C: Cloud> Cloud for Budgeted<C> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let (operation, region) = (call.operation(), call.region().to_owned());
        let asked = Instant::now();
        let of_object = urgency::place_of_object().await;
        let spent = self.budget.of_region(&region);
        // An operation of the table has its service's places, and its quota.
        let place = match (
            spent.buckets.get(&operation),
            spent.places.get(&operation.service),
        ) {
            (Some(bucket), Some(places)) => bucket.take(places, is_urgent()).await,
            _ => None,
        };
        let began = Instant::now();
        let result = Turn::new(of_object, place).make(self.inner.call(call)).await;
        let outcome = match &result {
            Ok(_) => "ok",
            Err(error) => errors::label(error.kind),
        };
        self.budget.observer.call(operation, outcome, began - asked);
        if result
            .as_ref()
            .is_err_and(|error| error.kind == ErrorKind::Throttled)
        {
            self.budget.shrink(operation, &region, began);
        }
        result
    }
}

#[cfg(test)]
mod tests;
