//! What `kubectl palisade` shows: the picture of an object from its spec and status alone, a plan, what keeps things from working, and
//! how an API is opened by hand. No client, clock or terminal.
//!
//! ```text
//!  JSON of the API server ─▶ read ─▶ picture (awaited, which) ─┬─▶ text
//!                            cleaned                           ├─▶ svg    both through words:
//!                                                              └─▶ html   sentences, ages, lines, escapes
//! ```

mod awaited;
pub mod doctor;
pub mod html;
mod lines;
pub mod manifest;
pub mod opening;
pub mod picture;
pub mod plan;
pub mod plan_text;
mod read;
pub mod svg;
pub mod text;
mod which;
mod words;

pub use read::clean;
