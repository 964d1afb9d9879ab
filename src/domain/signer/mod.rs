//! The function at the edge that signs each request for API Gateway: its role, its code, its published versions.
//!
//! ```text
//!  spec ─▶ options (baked into the package)
//!   │          │
//!   └──▶ role ─▶ function ─▶ versions ─▶ (the distribution runs one of them)
//! ```

pub mod function;
pub mod options;
pub mod role;
pub mod settings;
pub mod state;
pub mod versions;
