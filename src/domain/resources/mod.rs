//! One file per AWS resource kind, each with the same names: `Desired`, `Observed`, `desired`, `diff`, `actions`.

pub mod api;
pub mod distribution;
pub mod function;
pub mod ip_set;
pub mod role;
pub mod web_acl;
