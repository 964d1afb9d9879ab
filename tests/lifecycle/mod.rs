//! The real engine on a simulated account: an object's life from creation to deletion, and what may go wrong in it. Where
//! accounts are what it is about, the whole controller on several.
#![allow(clippy::unwrap_used)]

use crate::support;

mod access;
mod account_shield;
mod account_shield_faults;
mod account_times;
mod api_server;
mod as_deployed;
mod calls;
mod change;
mod claims;
mod controllers;
mod crashes;
mod create;
mod crowd;
mod customers_keys;
mod deletion;
mod disguised;
mod doors;
mod drift;
mod edge;
mod every_call;
mod excluded;
mod faults;
mod foreign;
mod goldens;
mod headroom;
mod left_behind;
mod left_locked;
mod modes;
mod names;
mod names_records;
mod only_writes;
mod opened;
mod pause;
mod probing;
mod processes;
mod random;
mod refused;
mod rotation;
mod scenes;
mod shield;
mod shield_clock;
mod stripped;
mod tags;
mod throttled;
mod two_accounts;
mod undeployed;
mod unproven;
mod usage_plans;
mod widened;
mod window;
