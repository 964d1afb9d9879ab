//! What is pure of Palisade, as a crate of its own. `crate::…` names the same things here as in the library, which has all of them.

pub mod api;
pub mod authorizer;
pub mod domain;
pub mod package;
pub mod signer;
