//! AWS behind one seam, from what is fixed to what is done:
//!
//! - [`operations`]: every call, as data (its rows, by service: `operation_rows`); [`cloud`]: the seam itself, which all else calls through;
//! - [`errors`]: what each refusal means; [`remedies`]: what people can do about it; [`policy`]: the IAM policies that allow the calls;
//! - [`sdk`]: the seam on AWS's SDK; [`layers`]: what lies around a call (quotas, the Lease);
//! - [`readings`]: what many objects read of an account, once for all; [`resources`]: reading and writing one resource;
//!   [`account_shield`]: what Shield Advanced has once an account.

#[macro_use]
mod operation_rows;

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
