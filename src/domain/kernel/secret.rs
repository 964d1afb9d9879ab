//! A value that must never be shown: what CloudFront sends to the API so that it lets the perimeter in.

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt::{self, Debug, Display, Formatter, Write as _};
use zeroize::Zeroize as _;

/// What each value of ours begins with, so that it is known again among what others add, and found by secret scanners.
const MARK: &str = "palisade";
/// Hex digits after it: 256 bits.
const DIGITS: usize = 64;
/// Hex digits of the digest that people are shown.
const SHOWN: usize = 8;

/// A secret text. It shows itself as `‹secret sha256:8 hex›`, also when it is serialised, and is wiped once nobody needs it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text that is secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A value of ours from 256 random bits.
    #[must_use]
    pub fn from_random(bits: &[u8; DIGITS / 2]) -> Self {
        Self(format!("{MARK}{}", hex(bits)))
    }

    /// The text itself: only for the call that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the value was made by us.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        let digits = self.0.strip_prefix(MARK);
        digits.is_some_and(|digits| {
            digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
    }

    /// Hex of the text's SHA-256.
    #[must_use]
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(&self.0))
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl Display for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digest = self.digest();
        write!(f, "‹secret sha256:{}›", digest.get(..SHOWN).unwrap_or_default())
    }
}

impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_itself() {
        let secret = Secret::new("open sesame");
        let shown = "‹secret sha256:41ef4bb0›";
        assert_eq!(format!("{secret}"), shown);
        assert_eq!(format!("{secret:?}"), shown);
        assert_eq!(serde_json::to_value(&secret).unwrap(), shown);
    }

    #[test]
    fn a_value_of_ours_is_known_again() {
        let ours = Secret::from_random(&[0xAB; 32]);
        assert!(ours.is_ours());
        assert_eq!(ours.expose().len(), 72);
        assert!(!Secret::new("palisade-x").is_ours());
        assert!(!Secret::new(format!("palisade{}", "z".repeat(64))).is_ours());
    }
}
