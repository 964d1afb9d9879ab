//! What `kubectl palisade` shows: the picture of an object from its spec and status alone, a plan, how a distribution that stands already
//! is adopted, where values come from, what no object owns, what keeps things from working, and how an API is opened by hand. No client,
//! clock or terminal.
//!
//! ```text
//!  JSON of the API server ─▶ read ─▶ picture (awaited, which) ─┬─▶ text
//!                            cleaned                           ├─▶ svg    both through words:
//!                                                              └─▶ html   sentences, ages, lines, escapes
//! ```

pub mod adopting;
mod adoption;
mod adoption_text;
mod awaited;
pub mod class_plan_text;
pub mod doctor;
pub mod explain;
pub mod handing_over;
pub mod html;
mod lines;
pub mod look;
pub mod manifest;
pub mod opening;
pub mod orphans;
pub mod picture;
pub mod plan;
pub mod plan_text;
mod read;
pub mod releasing;
pub mod svg;
pub mod text;
mod which;
mod words;

pub use read::clean;
pub use words::in_context;
