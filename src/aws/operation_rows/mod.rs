//! The rows of the table of operations, by service. What they become, and what is imported for their types, is in
//! [`super::operations`].
//!
//! Each macro puts its rows after those `before` it, and hands all of them to the `next` one: the last one sees every row.

#[macro_use]
mod caller;
#[macro_use]
mod api_gateway;
#[macro_use]
mod functions;
#[macro_use]
mod edge;
#[macro_use]
mod shield;
#[macro_use]
mod names;
#[macro_use]
mod account;
