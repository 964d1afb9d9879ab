//! The function at the edge that signs each request for API Gateway: its role, its code, its published versions.
//!
//! ```text
//!  spec ─▶ role ─▶ function (settings) ─▶ versions ─▶ (the distribution runs one of them)
//! ```

pub mod function;
pub mod role;
pub mod settings;
pub mod state;
pub mod versions;
