//! How the released binary is linked. Two thirds of the controller's memory is its own code: the SDK has thousands of
//! functions that are alike to the byte, and each of its tables of functions is relocated at the start.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    // Where Rust brings LLD: other linkers do not know these options.
    let has_lld = is("TARGET", "x86_64-unknown-linux-gnu");
    if has_lld && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
