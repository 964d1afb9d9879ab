//! The function at the edge that signs each request for API Gateway: its role, its code, its published versions.
//!
//! ```text
//!  spec ─▶ role ─▶ function ─▶ versions ─▶ (the distribution runs one of them)
//! ```

pub mod function;
pub mod role;
pub mod versions;
