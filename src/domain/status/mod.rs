//! What is said: from what was wanted, seen, planned and done, and from what was said before.
//!
//! ```text
//!  desired, observed, plan, failures, previous ─▶ object ─┬─▶ access ─▶ restricted (meanwhile, doors), proven    shield   names
//!                                                         │             └─ mutual_tls   both of them in that mode
//!                                                         ├─▶ unmarked  a lock that stands, and whose tag is due
//!                                                         ├─▶ unseen    what is not looked at, or is not there
//!                                                         ├─▶ since    since when
//!                                                         ├─▶ notes    what is worth knowing of what stands (cached: of its cache; noted: where it is told besides)
//!                                                         └─▶ identifiers    the cache in status
//!  conditions: the words of all of them
//!  taken_back: what a status says of the lock and nobody looks at any more, while a pass goes on
//!  enforcement, door_words: whether the API is locked or only looked at, and a way around the stage in words
//!  group, said_before: what stands in the plan of some kinds, and what an earlier pass said
//!  account, account_shield, headroom, orphans, orphan_deletions: the same for an `AwsAccount`
//!  class: the same for a `PerimeterClass`
//!  cost: what the spec comes to; pricing_plan: the flat-rate plan that takes its place
//!  rollout: how the objects of a class stand, and what its status keeps of its rollout
//!  class_plan: what a plan of a class says
//!  planned: what a plan says for people; plan_answer: the status of a `PerimeterPlan`
//!  promotions: how the rules stand that count first
//!  adoption: how far the adoption of a distribution has come
//!  handover: how far a perimeter has been handed over to another cluster
//!  way_back: how far another mode has taken the place of mutual TLS
//!  claims: whether an object keeps others from its stage, as its status tells
//! ```

mod access;
pub mod account;
pub mod account_shield;
pub mod adoption;
mod cached;
pub mod claims;
pub mod class;
pub mod class_plan;
pub mod conditions;
pub mod cost;
mod door_words;
pub mod doors;
mod enforcement;
mod group;
mod handover;
pub mod headroom;
pub mod identifiers;
mod meanwhile;
mod mutual_tls;
mod names;
mod noted;
mod notes;
pub mod object;
pub mod orphan_deletions;
pub mod orphans;
pub mod plan_answer;
pub mod planned;
mod pricing_plan;
mod promotions;
mod proven;
mod restricted;
pub mod rollout;
mod said_before;
mod shield;
pub mod since;
pub mod taken_back;
mod unmarked;
mod unseen;
mod way_back;
