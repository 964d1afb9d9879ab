//! The composition, and the only room that knows all others: what is wanted, what is seen, and what follows.
//!
//! ```text
//!  spec ────▶ desired ──┐
//!                       ├─▶ inputs ─▶ plan ─▶ (the controller acts, and plans again) ─▶ records, last_write ─▶ status
//!  listing ─▶ observed ─┤   what each resource needs of others
//!  evidence: whose is it└─▶ teardown ─▶ sweep: what owners left behind
//!  adoption: a distribution that stood before its object, until it is planned like one that Palisade made
//!  former, consent, handover: a perimeter that another object kept: one that is gone, one that spec.takeOver names, one that hands it over
//!  unowned, orphan_deletion: what no object owns any more, and whether it may go because a person asked for that
//!  strangers, comers: other distributions before the same API, and those that lead to its default endpoint
//!  repeated: a write that is changed back each time
//!  mutual_tls, awaited_pair, way_back: what mutual TLS needs of the others, for whom a certificate is made, how the mode is left
//!  pricing_plan: what a flat-rate plan limits, and keeps from being deleted
//! ```

pub mod adoption;
mod adoption_next;
pub mod adoption_tags;
mod adoption_words;
mod awaited_pair;
pub mod comers;
pub mod consent;
pub mod desired;
mod evidence;
pub mod former;
pub mod handover;
mod inputs;
mod last_write;
pub mod listing;
mod mutual_tls;
pub mod observed;
pub mod orphan_deletion;
mod orphan_words;
mod outputs;
pub mod plan;
mod pricing_plan;
pub mod records;
pub mod repeated;
pub mod strangers;
pub mod sweep;
pub mod teardown;
pub mod unowned;
mod way_back;
