//! Only the perimeter may call the API: what the API asks for, what the perimeter shows, and the lock that makes the one the other.
//!
//! ```text
//!  proof ───────── what CloudFront shows: a signature, a key or a header; listing, waiting ── how things are put
//!  held ────────── the mode before that goes on: while a change to SigV4 waits, and beside a client certificate
//!  asked ───────── what is read of an API: its routes, as edited and as each stage serves them
//!  credentials ─── what the API lets the perimeter in by
//!  probe ───────── how an answer is read, and who gave it
//!  table ───────── what a cut-over has done so far, and the table that says what is next
//!      │
//!      ▼
//!  authorization, inputs, routes ── what was read, with what is wanted of it
//!      │
//!      ▼
//!  probing ─────── what CloudFront sends, what is probed, and what that shows
//!  words ───────── what people are told
//!  obstacles ───── who gets in, and what is in the way
//!  lock ────────── what is next: for the routes, the key and the authorizer
//! ```
//!
//! Each imports what stands above it, never what stands below.
//!
//! The ways in: [`lock::next_all`] (what is next in a pass), [`lock::unproven::settle`] (a lock that is begun, before a pass or without
//! one), [`lock::api_key_next::next_all`], [`lock::authorizer_next::next_all`], `probing::sending::sending` (what CloudFront sends),
//! `obstacles::check` (what is refused before anything is built), [`probe::who_answered::verdict`] (what an answer proves).

pub mod asked;
pub mod authorization;
pub mod credentials;
pub mod held;
pub mod inputs;
mod listing;
pub mod lock;
pub mod obstacles;
pub mod probe;
pub mod probing;
pub mod proof;
mod routes;
pub mod table;
mod waiting;
pub mod words;
