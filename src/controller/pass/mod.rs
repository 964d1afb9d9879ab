//! Passes over objects, over `AwsAccount`s, `PerimeterClass`es and `PerimeterPlan`s, and the sweep over what is left behind.
//!
//! ```text
//! called for ──▶ passes ──▶ reconcile ──▶ classes, account_resolution, others ──▶ engine
//!                  ├──────▶ account ────▶ accounts ──▶ connect, account_orphans ────┘
//!                  ├──────▶ perimeter_class, which counts the objects that go by it ──▶ class_traffic ──▶ class_rollout, which lets them move
//!                  └──────▶ perimeter_plan ──▶ classes, account_resolution, others ──▶ engine, which writes nothing
//! ```
//!
//! `taking_back` stands beside the engine: it writes what nobody looks at while a pass takes long.

pub(super) mod account;
mod account_leftovers;
mod account_orphans;
pub(super) mod account_resolution;
pub(super) mod account_settings;
pub mod account_shield;
pub(super) mod admission;
pub mod again;
mod class_plan;
mod class_rollout;
mod class_traffic;
mod class_turns;
mod classes;
pub mod context;
mod others;
pub mod outlooks;
pub(super) mod passes;
pub mod perimeter_class;
pub mod perimeter_plan;
pub mod reconcile;
pub mod sweeper;
mod taking_back;
