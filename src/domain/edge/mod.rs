//! The distribution, and the names under which viewers reach it.
//!
//! ```text
//!  certificate (certificate_proof) ─▶ aliases ─▶ distribution ─▶ dns_records
//!       ▲         names: all of them     │            │               │
//!       └────────────────────────────────┘      config, document      └─▶ hosted_zone
//!  cache_policies: what mixes viewers up         what is ours in CloudFront's own XML (xml)
//! ```

pub mod aliases;
pub mod cache_policies;
pub mod certificate;
mod certificate_proof;
pub mod config;
pub mod distribution;
pub mod dns_records;
pub mod document;
pub mod hosted_zone;
pub mod listed;
pub mod names;
pub mod xml;
