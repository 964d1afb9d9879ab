//! How AWS is reached: the SDK, behind a fence, behind a budget.

use super::lease::Leadership;
use super::metrics::Metrics;
use crate::aws::budget::{Budgeted, Budgets, CallObserver, Limits};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::fence::{Fenced, Lease};
use crate::aws::operations::{CallerIdentity, Operation};
use crate::aws::sdk::{Options, Sdk};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// Reaches AWS; in tests, something else.
#[async_trait]
pub trait Connect: Send + Sync {
    /// Who we are there, and the account as it may be called.
    ///
    /// # Errors
    /// When AWS cannot be asked, or does not accept the credentials. It is tried again.
    async fn connect(&self, leadership: &Leadership) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError>;
}

/// AWS by its SDK and the environment's configuration.
pub struct Aws {
    budgets: Budgets,
}

impl Aws {
    /// AWS within `limits`, its calls counted in `metrics`.
    #[must_use]
    pub fn new(limits: Limits, metrics: Arc<Metrics>) -> Self {
        Self {
            budgets: Budgets::new(limits, metrics),
        }
    }
}

#[async_trait]
impl Connect for Aws {
    async fn connect(&self, leadership: &Leadership) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
        // Made anew at each attempt: what is missing in the environment's files may be there the next time.
        let sdk = Sdk::from_environment(&Options::default()).await;
        let identity = (&sdk as &dyn Cloud).get_caller_identity().await?;
        let budget = self.budgets.of_account(&identity.account);
        sdk.observe_retries(budget.clone());
        let fenced = Fenced::new(sdk, Arc::new(leadership.clone()));
        Ok((identity, Arc::new(Budgeted::new(fenced, budget))))
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
