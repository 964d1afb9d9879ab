//! What is said: from what was wanted, seen, planned and done, and from what was said before.
//!
//! ```text
//!  desired, observed, plan, failures, previous ─▶ object ─┬─▶ access ─▶ restricted (meanwhile, doors), proven    shield   names
//!                                                         │             └─ mutual_tls   both of them in that mode
//!                                                         ├─▶ unmarked  a lock that stands, and whose tag is due
//!                                                         ├─▶ unseen    what is not looked at, or is not there
//!                                                         ├─▶ since    since when
//!                                                         ├─▶ notes    what is worth knowing of what stands (cached: of its cache)
//!                                                         └─▶ identifiers    the cache in status
//!  conditions: the words of all of them
//!  taken_back: what a status says of the lock and nobody looks at any more, while a pass goes on
//!  enforcement, door_words: whether the API is locked or only looked at, and a way around the stage in words
//!  group, said_before: what stands in the plan of some kinds, and what an earlier pass said
//!  account, account_shield, headroom: the same for an `AwsAccount`
//!  cost: what the spec comes to
//!  planned: what a plan says for people; plan_answer: the status of a `PerimeterPlan`
//!  claims: whether an object keeps others from its stage, as its status tells
//! ```

mod access;
pub mod account;
pub mod account_shield;
mod cached;
pub mod claims;
pub mod conditions;
pub mod cost;
mod door_words;
pub mod doors;
mod enforcement;
mod group;
pub mod headroom;
pub mod identifiers;
mod meanwhile;
mod mutual_tls;
mod names;
mod notes;
pub mod object;
pub mod plan_answer;
pub mod planned;
mod proven;
mod restricted;
mod said_before;
mod shield;
pub mod since;
pub mod taken_back;
mod unmarked;
mod unseen;
