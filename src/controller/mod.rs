//! The Kubernetes side: watches, election, passes over objects, probes and metrics.
//!
//! ```text
//! watch ──▶ store ─┐
//!   └──▶ triggers ─┴─▶ run (only the leader) ──▶ reconcile ──▶ Cloud
//! ```

pub mod backoff;
pub mod connect;
pub mod context;
pub mod events;
pub mod guard;
pub mod lease;
pub mod metrics;
pub mod reconcile;
mod run;
pub mod server;
pub mod settings;
pub mod shutdown;
pub mod status;
pub mod telemetry;
pub mod watch;

pub use run::{Parts, RunError, run};
