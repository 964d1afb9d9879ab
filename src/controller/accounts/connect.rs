//! How AWS is reached: the SDK with its [`layers`], one for each account.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::NO_CREDENTIALS;
use crate::aws::layers;
use crate::aws::layers::budget::{Budgets, CallObserver, Limits};
use crate::aws::layers::fence::Lease;
use crate::aws::layers::finished::Calls;
use crate::aws::operations::{Call, CallerIdentity, Operation};
use crate::aws::sdk::{Connections, Options, Sdk};
use crate::controller::process::lease::Leadership;
use crate::controller::process::metrics::Metrics;
use crate::domain::tenancy::account::Assumption;
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
        let lease = Arc::new(terms.leadership.clone());
        Ok(Reached {
            identity,
            cloud: layers::around(Arc::clone(&sdk), lease, terms.calls.clone(), Arc::clone(&budget)),
            bare: layers::within_budget(sdk, budget),
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

    #[test]
    fn what_reaches_aws_has_connections_that_all_its_accounts_share() {
        let aws = Aws::new(Limits::default(), Arc::new(Metrics::new()));
        assert!(aws.options.connections.is_some());
    }
}
