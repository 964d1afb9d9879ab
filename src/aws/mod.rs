//! AWS behind one seam: the operations as data, the error table, and the implementation on the SDK.

pub mod account_shield;
pub mod cloud;
pub mod errors;
pub mod layers;
pub mod operations;
pub mod policy;
pub mod readings;
#[cfg(test)]
mod refused_fixtures;
pub mod remedies;
pub mod resources;
pub mod sdk;
pub mod service;
