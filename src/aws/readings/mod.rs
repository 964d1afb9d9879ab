//! What many objects read of an account is read once for all of them:
//!
//! - [`inventory`]: the lists of what perimeters are made of;
//! - [`shield_lists`]: those that serve Shield Advanced, only for objects that ask for it, or did;
//! - [`name_lists`]: hosted zones with their records, only those of which an object has records;
//! - [`region_tags`]: tags of certificates and custom domain names, only in Regions in which an object of the mode MutualTls asks;
//! - [`pricing_plans`]: the account's flat-rate pricing plans, once there is a distribution that may be in one;
//! - [`policies`]: which of the account's own policies send the viewer's Host on, once an object without a signer names one;
//! - [`mappings`]: what custom domain names lead to, only in Regions in which an object asks.
//!
//! All but the policies are [`shared::Shared`]: whoever comes while one reads waits and takes what comes of it, and after a failure nobody reads
//! for a while. What was written since is laid over what was read ([`kept`]), since lists lag behind writes.

pub mod inventory;
mod kept;
pub mod mappings;
pub mod name_lists;
pub mod policies;
pub mod pricing_plans;
pub mod region_tags;
mod rest;
mod shared;
pub mod shield_lists;
