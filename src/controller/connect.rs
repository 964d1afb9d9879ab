//! How AWS is reached: the SDK, behind a fence, behind a budget; calls under way are finished.

use super::lease::Leadership;
use super::metrics::Metrics;
use crate::aws::budget::{Budgeted, Budgets, CallObserver, Limits};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::{NO_ANSWER, NO_CREDENTIALS};
use crate::aws::fence::{Fenced, Lease};
use crate::aws::operations::{Answer, Call, CallerIdentity, Operation};
use crate::aws::sdk::{Connections, Options, Sdk};
use crate::domain::tenancy::account::Assumption;
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tracing::Instrument as _;

/// Reaches AWS; in tests, something else.
#[async_trait]
pub trait Connect: Send + Sync {
    /// Who we are there, and the account as it may be called.
    ///
    /// # Errors
    /// When AWS cannot be asked, or does not accept the credentials. It is tried again.
    async fn connect(&self, terms: &Terms) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError>;

    /// The same for a role that our own credentials assume; after [`Self::connect`].
    ///
    /// # Errors
    /// When the role cannot be assumed, or AWS cannot be asked.
    async fn assume(
        &self,
        role: &Assumption,
        terms: &Terms,
    ) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError>;
}

/// What calls to AWS depend on, and what waits for them.
#[derive(Debug, Clone)]
pub struct Terms {
    /// No write starts without it.
    pub leadership: Leadership,
    /// Those under way.
    pub calls: Calls,
}

/// AWS by its SDK and the environment's configuration.
pub struct Aws {
    budgets: Budgets,
    options: Options,
    /// Our own credentials, which assume roles.
    own: Mutex<Option<Arc<dyn Cloud>>>,
}

impl Aws {
    /// AWS within `limits`, its calls counted in `metrics`.
    #[must_use]
    pub fn new(limits: Limits, metrics: Arc<Metrics>) -> Self {
        Self {
            budgets: Budgets::new(limits, metrics),
            options: Options {
                connections: Some(Connections::default()),
                ..Options::default()
            },
            own: Mutex::default(),
        }
    }

    /// An account as it may be called, and as it is called by what is no call of a pass.
    async fn behind(&self, sdk: Sdk, terms: &Terms) -> Result<Reached, CloudError> {
        let identity = (&sdk as &dyn Cloud).get_caller_identity().await?;
        let budget = self.budgets.of_account(&identity.account);
        sdk.observe_retries(budget.clone());
        let sdk = Arc::new(sdk);
        let fenced = Fenced::new(Arc::clone(&sdk), Arc::new(terms.leadership.clone()));
        let finished = Finished {
            inner: Arc::new(fenced),
            calls: terms.calls.clone(),
        };
        Ok(Reached {
            identity,
            cloud: Arc::new(Budgeted::new(finished, Arc::clone(&budget))),
            bare: Arc::new(Budgeted::new(sdk, budget)),
        })
    }
}

/// An account.
struct Reached {
    identity: CallerIdentity,
    cloud: Arc<dyn Cloud>,
    /// Within the budget alone: a call that waits for a role must not wait for its own end.
    bare: Arc<dyn Cloud>,
}

#[async_trait]
impl Connect for Aws {
    async fn connect(&self, terms: &Terms) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
        // Made anew at each attempt: what is missing in the environment's files may be there the next time.
        let sdk = Sdk::from_environment(&self.options).await;
        let reached = self.behind(sdk, terms).await?;
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = Some(reached.bare);
        Ok((reached.identity, reached.cloud))
    }

    async fn assume(
        &self,
        role: &Assumption,
        terms: &Terms,
    ) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let call = Call::AssumeRole { role: role.clone() };
        let Some(own) = own else {
            let message = "the controller's own credentials are not known yet";
            return Err(CloudError::new(call.operation(), NO_CREDENTIALS, message));
        };
        // What is against it is said in STS's own words.
        own.call(call).await?;
        let sdk = Sdk::assuming(&self.options, own, role.clone()).await;
        let reached = self.behind(sdk, terms).await?;
        Ok((reached.identity, reached.cloud))
    }
}

/// The calls under way. Clones speak of the same calls.
#[derive(Debug, Clone, Default)]
pub struct Calls(Arc<RwLock<()>>);

impl Calls {
    /// Waits until none is under way; while the answer is held, none begins.
    pub async fn ended(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.0).write_owned().await
    }
}

/// A cloud whose calls end by themselves, also when nobody waits for the answer any more: a call that is cut off
/// leaves open whether AWS acted.
struct Finished<C> {
    inner: Arc<C>,
    calls: Calls,
}

#[async_trait]
impl<C: Cloud + 'static> Cloud for Finished<C> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        let inner = Arc::clone(&self.inner);
        let under_way = Arc::clone(&self.calls.0).read_owned().await;
        let call = async move {
            let result = inner.call(call).await;
            drop(under_way);
            result
        };
        let ended = tokio::spawn(call.in_current_span()).await;
        ended.unwrap_or_else(|error| Err(CloudError::new(operation, NO_ANSWER, error.to_string())))
    }
}

impl Lease for Leadership {
    fn valid_for(&self) -> Duration {
        Leadership::valid_for(self)
    }
}

impl CallObserver for Metrics {
    fn call(&self, operation: Operation, outcome: &'static str, waited: Duration) {
        self.called(operation, outcome, waited);
    }

    fn throttled(&self, operation: Operation) {
        Metrics::throttled(self, operation.service);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Semaphore;

    /// Answers when it is let to.
    struct Slow(Semaphore);

    #[async_trait]
    impl Cloud for Slow {
        async fn call(&self, _: Call) -> Result<Answer, CloudError> {
            self.0.acquire().await.expect("open").forget();
            Ok(Answer::DeleteRole(()))
        }
    }

    #[test]
    fn what_reaches_aws_has_connections_that_all_its_accounts_share() {
        let aws = Aws::new(Limits::default(), Arc::new(Metrics::new()));
        assert!(aws.options.connections.is_some());
    }

    #[tokio::test]
    async fn a_call_is_finished_although_nobody_waits_for_it_and_none_begins_afterwards() {
        let (slow, calls) = (Arc::new(Slow(Semaphore::new(0))), Calls::default());
        let cloud = Arc::new(Finished {
            inner: Arc::clone(&slow),
            calls: calls.clone(),
        });
        let call = || {
            let cloud = Arc::clone(&cloud);
            tokio::spawn(async move { cloud.call(Call::DeleteRole { name: "r".into() }).await })
        };
        let pass = call();
        tokio::task::yield_now().await;
        pass.abort();
        assert!(pass.await.is_err_and(|error| error.is_cancelled()));

        let moment = Duration::from_millis(50);
        assert!(
            tokio::time::timeout(moment, calls.ended()).await.is_err(),
            "ended while under way"
        );
        slow.0.add_permits(1);
        let _ended = calls.ended().await;
        slow.0.add_permits(1);
        assert!(
            tokio::time::timeout(moment, call()).await.is_err(),
            "began after the end"
        );
    }
}
