//! Passes over objects, over `AwsAccount`s and `PerimeterPlan`s, and the sweep over what is left behind.
//!
//! ```text
//! called for ──▶ passes ──▶ reconcile ──▶ account_resolution ──▶ engine
//!                  ├──────▶ account ────▶ accounts ──▶ connect ──┘
//!                  └──────▶ perimeter_plan ──▶ account_resolution ──▶ engine, which writes nothing
//! ```
//!
//! `taking_back` stands beside the engine: it writes what nobody looks at while a pass takes long.

pub(super) mod account;
mod account_leftovers;
pub(super) mod account_resolution;
pub(super) mod account_settings;
pub mod account_shield;
pub(super) mod admission;
pub mod again;
pub mod context;
pub(super) mod passes;
pub mod perimeter_plan;
pub mod reconcile;
pub mod sweeper;
mod taking_back;
