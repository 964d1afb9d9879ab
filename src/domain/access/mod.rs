//! Only the perimeter may call the API: what the API asks for, what the perimeter shows, and the lock that makes the one the other.
//!
//! ```text
//!  asked, authorization ─ what is asked for, as edited       proof ── a signature, a key or a header
//!  as_deployed (exported) ── and as each stage serves it       api_key (…)  authorizer (…)  sending
//!        │                                                        │
//!        ▼                                                        ▼
//!  routes ── what was read, with what is wanted of it            rotation
//!        │
//!        ▼
//!  standing, open, excluded     obstacles, pending, troubles, tokens, other_doors, policy (…), first_lock, compared
//!        who gets in            what is in the way
//!        └──────────────┬────────────────┘
//!                       ▼
//!  lock ─▶ machine ── the table ─▶ facts, proving ── what is so    cut_over, put_back, steps ── what is done    cause, marks, unproven
//!                                     ▲
//!  at_the_edge, probing, probed, paths ▶ probe ▶ who_answered ▶ verdicts, words (…)
//! ```
//!
//! The ways in: [`lock::next_all`] (what is next in a pass), [`unproven::settle`] (a lock that is begun, before a pass or without one),
//! [`api_key_next::next_all`], [`authorizer_next::next_all`], `sending::sending` (what CloudFront sends), `obstacles::check` (what is
//! refused before anything is built), [`who_answered::verdict`] (what an answer proves).
//!
//! - *What is read of an API*: `api`, `asked`, `authorization`, `carried`, `exported`, `as_deployed`, `pending`, `gateway_responses`, `reads`.
//! - *What lets the perimeter in*: `proof`, `sending`, `rotation`, `api_key` (…), `authorizer` (…), `keys_of_others`.
//! - *Who gets in*: `routes`, `standing` (as edited), `open` (as deployed), `excluded`, `earlier`, `left_behind`.
//! - *What is in the way*: `obstacles`, `troubles`, `compared`, `first_lock`, `ways_in`, `other_doors`, `other_signers`, `policy` (…), `exclusive`.
//! - *The lock*: `lock`, `machine`, `state`, `facts`, `proving`; `cut_over`, `put_back`, `steps`; `marks`, `marked_value`, `phase`, `cause`; `unproven`, `waiting`.
//! - *Probes*: `probing`, `paths`, `at_the_edge` (what is asked); `probe` (types); `who_answered`, `reply`, `gateway_errors`,
//!   `answered_at_the_edge`, `told_apart`, `quoted`, `private_addresses` (how an answer is read).
//! - *Words for people*: `verdicts`, `words` (…), `listing`.

mod answered_at_the_edge;
pub mod api;
pub mod api_key;
#[cfg(test)]
pub(super) mod api_key_fixtures;
pub mod api_key_next;
mod api_key_tags;
pub mod as_deployed;
mod asked;
pub mod asks_left_behind;
pub mod at_the_edge;
pub mod authorization;
pub mod authorizer;
mod authorizer_code;
pub mod authorizer_names;
pub mod authorizer_next;
pub mod authorizer_wanted;
pub mod carried;
pub mod cause;
mod compared;
mod cut_over;
mod earlier;
pub mod excluded;
mod exclusive;
mod exported;
mod facts;
pub mod first_lock;
mod gateway_errors;
pub mod gateway_responses;
pub mod inputs;
mod keys_of_others;
pub mod left_behind;
mod listing;
pub mod lock;
pub mod machine;
mod marked_value;
pub mod marks;
pub mod obstacles;
mod open;
pub mod other_doors;
pub mod other_signers;
mod paths;
pub mod pending;
mod phase;
pub mod policy;
mod policy_callers;
mod policy_patterns;
pub mod policy_wanted;
mod private_addresses;
pub mod probe;
pub mod probed;
pub mod probing;
pub mod proof;
mod proving;
pub mod put_back;
mod quoted;
mod reads;
mod reply;
mod rotation;
mod routes;
pub mod sending;
mod standing;
mod state;
mod steps;
mod tokens;
mod told_apart;
mod troubles;
pub mod unproven;
pub mod verdicts;
mod waiting;
pub mod ways_in;
pub mod who_answered;
pub mod words;
mod words_of_canary;
mod words_of_earlier;
pub mod words_of_lock;
pub mod words_of_reading;
mod words_of_rotation;
mod words_of_stage;
