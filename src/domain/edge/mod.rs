//! The distribution, and the names under which viewers reach it.
//!
//! ```text
//!  what each is        certificate, distribution (listed), hosted_zone      names: all of them, declared and seen
//!  what it needs       inputs: of others                          known: of the distribution, by a row or in full
//!                                                                  detours: what may answer in the API's place
//!                                                                  elsewhere, conflict: who else serves a declared name
//!                                                                  expiry: until when a certificate that is named is valid
//!  what is next        certificate_next (certificates, certificate_proof) ─▶ aliases ─▶ distribution_next ─▶ dns_records
//!                                                                              │
//!  in CloudFront's     config (what of it is ours; as_found: not of one that is adopted)  document (how it is written)  places (what else stays)  xml     cache_policies, host, unsigned
//! ```

pub mod aliases;
mod as_found;
pub mod cache_policies;
pub mod certificate;
pub mod certificate_next;
pub mod certificate_proof;
pub(in crate::domain) mod certificates;
pub mod config;
pub mod conflict;
pub mod detours;
pub mod distribution;
pub mod distribution_next;
pub mod dns_records;
pub mod document;
pub mod elsewhere;
pub mod expiry;
pub mod host;
pub mod hosted_zone;
pub mod inputs;
pub mod known;
pub mod listed;
pub mod names;
pub mod places;
pub mod unsigned;
pub mod xml;
