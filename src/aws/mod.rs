//! AWS behind one seam: the operations as data, the error table, and the implementation on the SDK.

pub mod account_shield;
pub mod cloud;
pub mod errors;
pub mod inventory;
pub mod layers;
pub mod name_lists;
pub mod operations;
pub mod policy;
pub mod remedies;
pub mod resources;
mod rest;
pub mod sdk;
pub mod service;
pub mod shield_lists;
