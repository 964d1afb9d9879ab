//! Whether an object may have what it names: by its Namespace, by its account, and before all others that name the same.
//!
//! ```text
//!  Namespace's annotations ─▶ permissions ─┐
//!  AwsAccount ──────────────▶ account ─────┼─▶ accepted, or a rejection
//!  other objects, clusters ─▶ rivals ──────┘
//! ```
//!
//! [`transitions`] is asked of plans alone: of what is applied, the API server sees to it.

pub mod account;
pub mod permissions;
pub mod rivals;
pub mod transitions;
