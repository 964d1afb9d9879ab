//! The public certificate of the origin's name, requested in the API's Region and proved through DNS.

use crate::domain::edge::certificate;
pub use crate::domain::edge::certificate::{Listed, Observed};

/// One call that brings the certificate nearer to what is wanted: as for a certificate of viewers' names.
pub type Action = certificate::Action;
