//! What several test binaries share.
#![allow(dead_code, unused_imports)]

pub mod kubernetes;
