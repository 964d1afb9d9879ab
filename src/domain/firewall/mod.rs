//! The web ACL in front of the distribution: our rules among those of others.
//!
//! ```text
//!  spec ─▶ baseline ─▶ capacity, free_rules (refused before anything is made)
//!   │
//!   ├───▶ ip_set ─▶ rules, bodies ─▶ web_acl ─▶ logging
//!   │                                   ▲
//!  AWS ────────────────────▶ foreign ───┤  what others put before ours
//!                            copied  ───┘  what protected an adopted distribution before
//! ```
//!
//! `promotion` has rules count first, and `promoting` tells by their `samples` when that ends.

mod allowances;
pub mod baseline;
mod bodies;
mod canonical;
pub mod capacity;
pub mod copied;
mod entity;
pub mod foreign;
pub mod free_rules;
pub mod ip_set;
mod label_names;
pub mod logging;
pub mod own_rules;
pub mod promoting;
pub mod promotion;
mod rate_keys;
pub mod required;
mod rule_names;
pub mod rules;
pub mod samples;
pub mod web_acl;
