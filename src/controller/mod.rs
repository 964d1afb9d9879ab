//! The Kubernetes side: watches, election, passes over objects, probes and metrics.
//!
//! Each folder may use those before it:
//!
//! ```text
//! probes      requests to an API, as the domain asks for them
//! kubernetes  the client, writing status and finalizers, reading the Secret of probes
//! watch       which objects there are, and which are called for
//! process     settings, election, metrics, logs, traces, what is served, the end
//! engine      what decides and does for one AWS account, without Kubernetes
//! events      what a pass tells people
//! accounts    the AWS accounts that are reached, each with its engine
//! pass        one pass over one object, from the watch to the engine and back
//! fitting     whether the definitions in the cluster are ours
//! run         all of it, from start to end
//! ```

pub mod accounts;
pub mod engine;
pub mod events;
mod fitting;
mod follow;
pub mod kubernetes;
pub mod pass;
pub mod probes;
pub mod process;
mod run;
pub mod watch;

pub use run::{Parts, RunError, run};
