//! What sends probes.

use crate::domain::access::probe::{Answer, Probe};
use async_trait::async_trait;

/// Sends probes. An implementation bounds time and size, follows no redirect, and goes nowhere but to the probe's host.
#[async_trait]
pub trait Prober: Send + Sync {
    /// Sends one probe; that nothing came back is an answer.
    async fn probe(&self, probe: &Probe) -> Answer;
}
