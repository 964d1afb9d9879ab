//! What test binaries share.

pub mod aws;
pub mod cluster;
pub mod controller_settings;
pub mod every_operation;
pub mod judges;
pub mod keys;
pub mod locks;
pub mod mutual_tls;
pub mod named;
pub mod pairs;
pub mod pieces;
pub mod shields;
pub mod simulation;
pub mod spokes;
