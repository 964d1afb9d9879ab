//! The table of the lock, and what is remembered of a cut-over.
//!
//! ```text
//!  marks ── the tag of the distribution ─▶ phase ── the cut-over that is begun ─▶ state ─┐
//!                                            └─ cause ── why one was refused             │
//!                                                                                        ▼
//!  machine ── rows of (state, fact, action, sentence), read from the top; the first that fits decides
//!                                            └─ reads ── what a row has read first
//! ```
//!
//! It names facts and actions and calls nothing: `lock` says what is so, and does it.

pub mod cause;
pub mod machine;
mod marked_value;
pub mod marks;
mod phase;
pub(super) mod reads;
mod state;
