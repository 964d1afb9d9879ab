//! What test binaries share.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod aws;
pub mod cluster;
pub mod controller_settings;
pub mod pieces;
pub mod simulation;
