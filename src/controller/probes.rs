//! Probes as requests: the seam between what is to be asked and the network.

mod dial;
mod endpoint;
mod http;
mod prober;

pub use endpoint::Endpoint;
pub use http::{HttpProber, NoTrust};
pub use prober::Prober;
