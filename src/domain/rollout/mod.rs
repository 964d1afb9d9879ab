//! How a change of a class reaches its objects: a few at a time, canaries first, and no further once viewers of one are refused.
//!
//! ```text
//!  declared revision ─┐
//!  what is remembered ├─▶ machine::next ─▶ status.rollout ─▶ goes_by ─▶ what one object's pass merges
//!  the members' status┘                    (written first)
//! ```
//!
//! Nothing is remembered but in status: of the class which objects may move (`moving`), of each object which revision it goes by and
//! since when. An object that may not move keeps what it has, so a status that is lost or old makes nobody act early.

pub mod goes_by;
pub mod machine;
pub mod member;
pub mod outlook;
pub mod settings;
pub mod traffic;
pub mod words;
