//! Palisade.
pub mod api;
