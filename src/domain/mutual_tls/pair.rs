//! A certificate authority that signs once, and the one client certificate that it signs: made in memory, by the controller.

use crate::domain::kernel::hash;
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

impl Pair {
    /// One that nobody ever shows, for plans: it is no certificate, has no key, and is the same each time.
    #[must_use]
    pub fn stand_in(now: Timestamp) -> Self {
        let pem = |what: &str| format!("-----BEGIN CERTIFICATE-----\n{what}\n-----END CERTIFICATE-----");
        Self {
            ca: pem("authority"),
            leaf: pem("certificate"),
            key: Secret::new(""),
            serial: String::new(),
            made_at: now,
        }
    }
}

/// What a pair is made for: by its own words, so that no two CAs have the same subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// UID of the object.
    pub uid: String,
    /// A DNS name for the client certificate, below the team's zone: the origin's name.
    pub name: String,
}

/// As many characters as a line of a PEM file has.
const LINE: usize = 64;

/// One PEM certificate without what differs by whoever wrote it: line ends and lengths, spaces.
#[must_use]
pub fn canonical(pem: &str) -> String {
    let lines = pem.lines().map(str::trim).filter(|line| !line.is_empty());
    let (edges, body): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("-----"));
    let body = body.concat();
    let mut lines: Vec<&str> = edges.iter().take(1).copied().collect();
    let mut rest = body.as_str();
    while let Some((line, after)) = rest.split_at_checked(LINE) {
        lines.push(line);
        rest = after;
    }
    lines.extend(Some(rest).filter(|rest| !rest.is_empty()));
    lines.extend(edges.iter().skip(1));
    lines.join("\n")
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

/// Hash of a certificate, or of all that a file has, whoever broke its lines: 128 bits of SHA-256.
#[must_use]
pub fn fingerprint(pem: &str) -> String {
    let all = certificates(pem);
    if all.is_empty() {
        return hash::long(&canonical(pem));
    }
    hash::long(&all.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_for_a_pair_has_an_authority_that_counts_and_no_key() {
        let pair = Pair::stand_in(Timestamp::UNIX_EPOCH);
        assert_eq!(certificates(&pair.ca).len(), 1);
        assert_eq!(pair.key.expose(), "");
        assert_ne!(pair.ca, pair.leaf);
    }

    #[test]
    fn a_certificate_is_the_same_whoever_broke_its_lines() {
        let body = "QUJD".repeat(30);
        let (first, rest) = body.split_at(76);
        let broken = format!(
            "words\r\n-----BEGIN CERTIFICATE-----\r\n{first}\r\n{rest}\r\n-----END CERTIFICATE-----\r\n"
        );
        let whole = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----");
        assert_eq!(certificates(&broken), certificates(&whole));
        assert_eq!(certificates(&whole), [canonical(&whole)]);
        assert!(canonical(&whole).lines().all(|line| line.len() <= LINE));
        assert_eq!(fingerprint(&broken), fingerprint(&whole));
    }

    #[test]
    fn a_fingerprint_is_of_all_that_a_file_has() {
        let pem = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let (one, two) = (pem("b25l"), pem("dHdv"));
        assert_eq!(fingerprint(&one).len(), 32);
        assert_ne!(fingerprint(&one), fingerprint(&two));
        assert_ne!(fingerprint(&format!("{one}{two}")), fingerprint(&one));
    }
}
