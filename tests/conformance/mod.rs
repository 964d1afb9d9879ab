//! What AWS does and refuses, as far as Palisade relies on it. Each case runs on every implementation of `Cloud`.
//!
//! A case never waits for a delay to be short enough: it makes the delay an hour long, or none at all.
#![allow(clippy::unwrap_used)]

mod access;
mod apis;
mod authorizers;
mod blocked_share;
mod client_certificates;
mod common;
mod configurations;
mod distributions;
mod doors;
mod edge;
pub mod emulated;
mod functions;
mod ip_sets;
mod keys;
mod lists;
mod logging;
mod mutual_tls;
mod names;
mod permissions;
mod pricing_plans;
mod roles;
mod routes;
mod rules;
mod shield;
mod shield_account;
mod traffic;
mod truststores;
mod viewers;
mod watching;
mod web_acls;
pub mod world;
