//! What calls AWS: the SDK against the emulated AWS, the controller against the simulated one, both against one suite and the recordings.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

mod conformance;
mod iam_policy;
mod lifecycle;
mod recordings;
mod sdk;
mod simulation;

/// A tenth of the time of a simulated account goes into small pieces of memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
