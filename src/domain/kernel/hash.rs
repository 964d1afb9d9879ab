//! Short, stable hashes of plain data, for fingerprints.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Bytes of a fingerprint: 64 bits tell apart far more states than one resource ever has.
const LENGTH: usize = 8;
/// Bytes of a hash that others may try to meet.
const LONGER: usize = 16;

/// Hex of the start of the SHA-256 of `value` as JSON.
#[must_use]
pub fn short<T: Serialize + ?Sized>(value: &T) -> String {
    start(value, LENGTH)
}

/// The same with 128 bits: nobody finds another value with the same hash.
#[must_use]
pub fn long<T: Serialize + ?Sized>(value: &T) -> String {
    start(value, LONGER)
}

fn start<T: Serialize + ?Sized>(value: &T, length: usize) -> String {
    let plain = serde_json::to_vec(value).unwrap_or_default();
    let mut out = String::with_capacity(2 * length);
    for byte in Sha256::digest(plain).iter().take(length) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_hash_begins_as_the_short_one() {
        let (short, long) = (short("a"), long("a"));
        assert_eq!((short.len(), long.len()), (16, 32));
        assert!(long.starts_with(&short));
    }
}
