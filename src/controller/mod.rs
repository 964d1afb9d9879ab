//! The Kubernetes side: watches, election, passes over objects, probes and metrics.
//!
//! ```text
//! watch ──▶ store ─┐
//!   └──▶ triggers ─┴─▶ run (only the leader) ──▶ reconcile ──▶ whereabouts ──▶ engine ──▶ Cloud
//!                                          └───▶ account ──▶ accounts ──▶ connect ──┘
//! ```

mod accept;
mod account;
mod account_settings;
pub mod account_shield;
pub mod accounts;
mod addresses;
pub mod again;
mod answers;
pub mod apply;
pub mod backoff;
pub mod bounds;
pub mod cleanup;
pub mod connect;
pub mod context;
pub mod engine;
pub mod events;
pub mod execute;
mod failures;
pub mod fresh;
mod guard;
pub mod kubernetes;
pub mod lease;
pub mod metrics;
pub mod narrate;
mod narrate_access;
mod narrate_names;
mod narrate_other_doors;
mod narrate_shield;
mod other_doors;
mod outcome;
mod passes;
mod phases;
pub mod probe_token;
pub mod probes;
pub mod reconcile;
mod references;
mod refusals;
mod run;
pub mod server;
pub mod settings;
pub mod shutdown;
mod stages;
pub mod status;
pub mod subject;
pub mod sweeper;
pub mod telemetry;
pub mod traces;
pub mod unproven;
mod unwritten;
pub mod watch;
pub mod watch_accounts;
mod whereabouts;

pub use run::{Parts, RunError, run};
