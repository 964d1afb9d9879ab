//! The composition, and the only room that knows all others: what is wanted, what is seen, and what follows.
//!
//! ```text
//!  spec ────▶ desired ──┐
//!                       ├─▶ plan ─▶ (the controller acts, and plans again) ─▶ records, last_write ─▶ status
//!  listing ─▶ observed ─┤
//!  evidence: whose is it└─▶ teardown ─▶ sweep: what owners left behind
//! ```

pub mod desired;
mod evidence;
mod last_write;
pub mod listing;
pub mod observed;
pub mod plan;
pub mod records;
pub mod repeated;
pub mod sweep;
pub mod teardown;
