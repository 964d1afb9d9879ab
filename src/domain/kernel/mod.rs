//! The words that all rooms speak, and that know no resource: who owns what, what has changed, how much is seen, what is next.
//!
//! ```text
//!  identity   whose a resource is       observing   how much of it is known       planning   what it needs next
//!  keeping    who kept it before
//!  tagging    which tag call is due     last_write  what AWS made of our own      failure    what a refused call means
//!                                       packed      kept small while it waits      kind       of which resource
//!      │                                    │                                         │
//!      └─ hash, change, secret, arn, endpoint, path_patterns, wildcards: plain values ─ reason, rejection: why ─ words: how it is written
//! ```

pub mod arn;
pub mod change;
pub mod endpoint;
pub mod failure;
pub mod hash;
pub mod identity;
pub mod keeping;
pub mod kind;
pub(in crate::domain) mod last_write;
pub mod observing;
pub mod packed;
pub mod path_patterns;
pub mod planning;
pub mod reason;
pub mod rejection;
pub mod secret;
pub mod tagging;
pub mod wildcards;
pub mod words;
