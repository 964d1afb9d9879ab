//! Shield Advanced: what protects one distribution, and what is set once an account.
//!
//! ```text
//!  advanced ──┬▶ health_check (health_check_named) ─▶ health_check_wanted ─▶ protection (protection_health,
//!  (all of it)│                                                              protection_response, automatic_response)
//!             └▶ alarm                        inputs: what they need of others
//!  account  ─▶ emergency contacts, proactive engagement, the Shield Response Team's role
//! ```

pub mod account;
pub mod advanced;
pub mod alarm;
pub mod automatic_response;
pub mod health_check;
mod health_check_named;
mod health_check_wanted;
pub mod inputs;
pub mod protection;
mod protection_health;
pub mod protection_response;
