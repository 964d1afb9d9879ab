//! X.509 as far as ACM and API Gateway look at it: which CA signed a certificate, when it is valid, and who may show it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use palisade::domain::mutual_tls::pair::certificates;
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use std::sync::Arc;
use std::time::Duration;

const SEQUENCE: u8 = 0x30;
const EXPLICIT: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;

/// The DER of a PEM certificate; `None` where it is none.
fn der(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD
        .decode(body.trim())
        .ok()
        .filter(|der| der.first() == Some(&SEQUENCE))
}

/// Whether a client that shows `leaf` is let in by who trusts the CAs of `truststore`: signature, validity and purpose.
pub fn is_accepted(leaf: &str, truststore: &str, now: Timestamp) -> bool {
    let Some(leaf) = der(leaf) else { return false };
    let mut roots = RootCertStore::empty();
    for ca in certificates(truststore) {
        let Some(ca) = der(&ca) else { continue };
        // One that cannot be an anchor lets nobody in.
        let _ = roots.add(CertificateDer::from(ca));
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let Ok(verifier) = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build() else {
        return false;
    };
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    verifier
        .verify_client_cert(&CertificateDer::from(leaf), &[], now)
        .is_ok()
}

/// How many certificates a truststore holds that can be read.
pub fn count(truststore: &str) -> usize {
    certificates(truststore)
        .iter()
        .filter(|ca| der(ca).is_some())
        .count()
}

/// From when until when a certificate is valid; `None` where it is none.
pub fn validity(pem: &str) -> Option<(Timestamp, Timestamp)> {
    let der = der(pem)?;
    let (_, certificate, _) = element(&der)?;
    let (_, signed, _) = element(certificate)?;
    let mut rest = signed;
    if let Some((EXPLICIT, _, after)) = element(signed) {
        rest = after;
    }
    // Serial number, algorithm and issuer come first.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (_, times, _) = element(rest)?;
    let (kind, from, after) = element(times)?;
    let (other, until, _) = element(after)?;
    Some((time(kind, from)?, time(other, until)?))
}

/// The first element: its tag, its content, and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        (
            digits
                .iter()
                .fold(0, |sum, digit| sum * 256 + usize::from(*digit)),
            rest,
        )
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// `YYMMDDhhmmssZ`, or with four digits for the year.
fn time(kind: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let text = if kind == UTC_TIME {
        let century = if text.get(..2)?.parse::<u8>().ok()? < 50 {
            "20"
        } else {
            "19"
        };
        format!("{century}{text}")
    } else {
        text.to_owned()
    };
    let part = |from: usize, length: usize| text.get(from..from + length);
    let (year, month, day) = (part(0, 4)?, part(4, 2)?, part(6, 2)?);
    let (hour, minute, second) = (part(8, 2)?, part(10, 2)?, part(12, 2)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")
        .parse()
        .ok()
}
