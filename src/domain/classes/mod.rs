//! What the platform team says of many objects at once, and what a spec comes to by that.
//!
//! ```text
//!  spec.className ─┐
//!  Namespace ──────┼─▶ choice ─▶ the class ─▶ merge ─▶ consistency, limits ─▶ effective: the spec that is acted upon
//!  default class ──┘                                                           and where its fields come from
//! ```
//!
//! An object that goes by no class never comes here, and is as it says.

pub mod baseline;
pub mod choice;
pub mod consistency;
pub mod effective;
mod fields;
pub mod limits;
pub mod merge;
pub mod remembered;
pub mod unknown;
