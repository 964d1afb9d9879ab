//! What is wanted and what follows from it: pure functions, without client, clock or runtime.
//!
//! ```text
//! spec ─▶ desired ─┐
//!                  ├─▶ plan ─▶ (controller acts) ─▶ status
//! lists ─▶ observed┘
//! ```

pub mod account;
pub mod account_shield;
pub mod account_status;
pub mod capacity;
pub mod change;
pub mod desired;
pub mod edge_policies;
pub mod evidence;
pub mod failure;
pub mod free_rules;
pub mod hash;
pub mod headroom;
pub mod identity;
mod last_write;
pub mod listing;
mod notes;
pub mod observed;
pub mod packed;
pub mod plan;
pub mod probe;
pub mod reason;
pub mod records;
pub mod resources;
pub mod rivals;
pub mod secret;
pub mod status;
mod status_access;
pub mod status_doors;
pub mod status_identifiers;
mod status_names;
mod status_shield;
pub mod status_since;
pub mod sweep;
pub mod teardown;
pub mod teardown_limits;
mod teardown_marks;
mod teardown_names;
mod teardown_secret;
mod teardown_shield;
pub mod tenancy;
pub mod who_answered;
pub mod xml;
