//! What `kubectl palisade status` shows: the picture of an object, from its spec and status alone. No client, clock or terminal.
//!
//! ```text
//!  JSON of the API server ─▶ read ─▶ picture (awaited, which) ─┬─▶ text
//!                            cleaned                           ├─▶ svg    both through words:
//!                                                              └─▶ html   sentences, ages, lines, escapes
//! ```

mod awaited;
pub mod html;
pub mod picture;
mod read;
pub mod svg;
pub mod text;
mod which;
mod words;

pub use read::clean;
