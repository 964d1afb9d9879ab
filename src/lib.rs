//! Palisade.
pub mod api;
pub mod aws;
pub mod domain;
pub mod signer;
