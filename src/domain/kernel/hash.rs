//! Short, stable hashes of plain data, for fingerprints.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Bytes of a fingerprint: 64 bits tell apart far more states than one resource ever has.
const LENGTH: usize = 8;

/// Hex of the start of the SHA-256 of `value` as JSON.
#[must_use]
pub fn short<T: Serialize + ?Sized>(value: &T) -> String {
    let plain = serde_json::to_vec(value).unwrap_or_default();
    let mut out = String::with_capacity(2 * LENGTH);
    for byte in Sha256::digest(plain).iter().take(LENGTH) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}
