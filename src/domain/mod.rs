//! What is wanted and what follows from it: pure functions, without client, clock or runtime.

pub mod change;
pub mod failure;
pub mod identity;
pub mod resources;
pub mod xml;
