//! `spec.access.mode: MutualTls`: CloudFront shows a client certificate, a custom domain name of API Gateway asks for it, and the API's
//! default endpoint is switched off.
//!
//! ```text
//!  origin_certificate ── the public certificate of the origin's name, in the API's Region; proved by
//!  origin_records ────── DNS records of the origin's name: where it leads, whose it is, what ACM looks for
//!  truststore ────────── an object of S3 with the CAs that are accepted
//!  origin_domain ─────── the custom domain name, and its mapping to the stage
//!      │                     (proven: who shows the certificate gets in, who does not is refused)
//!      ▼
//!  client_certificate ── imported into ACM, and shown by CloudFront; rotation: when the next one takes its place
//!      │                     (CloudFront has deployed it, viewers get in)
//!      ▼
//!  endpoint ──────────── the default endpoint: switched off, proven, or switched on again
//! ```
//!
//! - leaving: what stands after a change to another mode, until that has taken its place
//! - opening: how people open the API again; Palisade never does
//! - pair: a CA and a certificate made in memory
//! - probes: what is asked past the perimeter
//! - refusals: what is refused before anything is built
//! - beforehand: what the first call waits for
//! - `in_place`: whether anything is there already
//! - `shared_certificate`: one for the origin's names of many objects
//! - words: what people are told
//! - doors: what else leads to the stage without a certificate
//! - comers: distributions that lead to the default endpoint
//! - unproven: an endpoint that is being switched off
//! - removal: how all of it goes
//! - place: where that is which has no tags

pub mod beforehand;
#[cfg(test)]
mod certificate_fixtures;
pub mod client_certificate;
pub mod comers;
#[cfg(test)]
mod declared_fixtures;
pub mod desired;
pub mod door;
pub mod doors;
pub mod endpoint;
mod in_place;
pub mod inputs;
pub mod leaving;
#[cfg(test)]
mod object_fixtures;
pub mod opening;
pub mod origin_certificate;
pub mod origin_domain;
pub mod origin_records;
pub mod pair;
pub mod place;
pub mod probes;
pub mod refusals;
pub mod removal;
pub mod rotation;
pub mod shared_certificate;
pub mod truststore;
pub mod truststore_object;
mod unproven;
pub mod words;

pub use crate::domain::edge::certificate::TAG_SERVES;
pub use desired::Desired;
pub use inputs::{Inputs, Seen};

use crate::domain::kernel::planning::Kind;

/// The kinds of this mode: `AccessRestricted` speaks of them.
pub const KINDS: [Kind; 6] = [
    Kind::OriginCertificate,
    Kind::OriginRecords,
    Kind::Truststore,
    Kind::OriginDomain,
    Kind::ClientCertificate,
    Kind::Endpoint,
];

/// The value of [`TAG_SERVES`] on the public certificate of the origin's name.
pub const SERVES_ORIGIN: &str = "origin";
/// The same on a client certificate.
pub const SERVES_CLIENT: &str = "client";
