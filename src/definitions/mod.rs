//! The definitions of our kinds in a cluster: whether those that are served fit this version, and how they get there.

pub mod apply;
pub mod error;
mod established;
mod fields;
pub mod served;
mod stored;
mod version;

/// Of this binary, and of the definitions that it has.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
