//! What the API lets the perimeter in by: an API key with its usage plan, or an authorizer that knows a header's value.
//!
//! ```text
//!  proof ── what CloudFront shows      (a signature needs nothing of this)
//!    ├─ a key ────▶ api_key ───────── key, usage plan, the stage in it; api_key_tags ── whose they are
//!    └─ a header ─▶ authorizer ────── function, role, entries; authorizer_wanted ── what they should be
//!  left_behind ── what an earlier object left of either
//! ```
//!
//! What is next for them stands in `lock`, and which values they accept in `probing`.

pub mod api_key;
#[cfg(test)]
pub(in crate::domain) mod api_key_fixtures;
pub(super) mod api_key_tags;
pub mod authorizer;
pub mod authorizer_wanted;
pub mod left_behind;
