//! What the process is besides its passes: settings, election, what it serves and shows of itself, and its end.

pub mod lease;
pub mod metrics;
pub mod regions;
pub mod server;
pub mod settings;
pub mod shutdown;
pub mod telemetry;
pub mod traces;
