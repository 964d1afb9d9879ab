//! What is decided without client, clock or runtime: pictures of it, its properties, and the shape of its sources.
#![allow(clippy::unwrap_used)]

mod access;
mod account_shield;
mod account_shield_properties;
mod api;
#[path = "../architecture.rs"]
mod architecture;
mod as_deployed;
mod certificates_listed;
mod cost;
mod exclusive;
mod exclusive_policies;
mod goldens;
mod headroom;
mod in_front;
mod last_writes;
mod left_alone;
mod lock_facts;
mod lock_scenes;
mod lock_states;
mod lock_table;
mod names;
mod orphans;
mod other_doors;
mod ownership;
mod packages;
mod plans_shown;
mod plugin;
mod probe_table;
mod properties;
mod put_back;
mod remedies;
mod shield;
mod shield_health_checks;
mod specs;
mod staging;
mod statuses;
mod tags;
mod teardowns;
mod who_answered;
mod world;
mod world_account_shield;
mod world_shield;
