//! A certificate authority that signs once, and the one client certificate that it signs: made in memory, by the controller.

use crate::domain::kernel::secret::Secret;
use jiff::Timestamp;

/// A new CA and its client certificate. The CA's key is gone already; the certificate's key is wiped as soon as ACM has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The CA's certificate, PEM.
    pub ca: String,
    /// The client certificate, PEM.
    pub leaf: String,
    /// The client certificate's private key, PEM (PKCS#8).
    pub key: Secret,
    /// The client certificate's serial number, in hexadecimal digits of lower case without separators.
    pub serial: String,
    /// When it was made.
    pub made_at: Timestamp,
}

/// What a pair is made for: by its own words, so that no two CAs have the same subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// UID of the object.
    pub uid: String,
    /// A DNS name for the client certificate, below the team's zone: the origin's name.
    pub name: String,
}

/// One PEM certificate without what differs by whoever wrote it: line ends, spaces at the end.
#[must_use]
pub fn canonical(pem: &str) -> String {
    let lines = pem.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// The certificates of a PEM file, in order, each [`canonical`]. What stands around them is left out.
#[must_use]
pub fn certificates(pem: &str) -> Vec<String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut found = Vec::new();
    let mut rest = pem;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let Some((body, after)) = after.split_once(END) else {
            break;
        };
        found.push(canonical(&format!("{BEGIN}\n{body}\n{END}")));
        rest = after;
    }
    found
}
