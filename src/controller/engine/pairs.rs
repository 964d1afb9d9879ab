//! Client certificates that will be needed next: made in memory, one an object, each with a certificate authority that signs nothing
//! else. The authority's key is wiped at once, the certificate's as soon as ACM has it.

use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::secret::Secret;
use crate::domain::mutual_tls::desired::LIFE;
use crate::domain::mutual_tls::pair::{Pair, Subject, canonical};
use crate::domain::perimeter::observed::Observed;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use rustls::crypto::aws_lc_rs;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tracing::warn;
use zeroize::Zeroize as _;

/// Before it was made, for clocks of others that are behind, or where ours is an hour ahead.
const SKEW: Duration = Duration::from_hours(2);
/// So much longer than the certificate the authority is valid: a truststore with one that has expired is never met.
const LONGER: Duration = Duration::from_hours(24);
/// One that could not be imported for so long is made anew, while nothing of its life is missed.
const STALE: Duration = Duration::from_hours(7 * 24);
/// Of an object's UID, so that no common name is longer than X.509 allows (64 characters).
const UID: usize = 36;
/// Bytes of a line of PEM.
const LINE: usize = 48;

/// The next pair of each object that needs one, by UID.
#[derive(Default)]
pub(super) struct Pairs(Mutex<HashMap<String, Pair>>);

impl Pairs {
    /// The next pair for `subject`, the same until it is settled or forgotten; `None` where none can be made.
    pub(in crate::controller) fn of(&self, subject: &Subject, now: Timestamp) -> Option<Pair> {
        let mut pairs = self.lock();
        if let Some(known) = pairs.get(&subject.uid)
            && now.duration_since(known.made_at).unsigned_abs() < STALE
        {
            return Some(known.clone());
        }
        let made = made(subject, now);
        let pair = made
            .inspect_err(|why| warn!(%why, "no client certificate can be made"))
            .ok()?;
        pairs.insert(subject.uid.clone(), pair.clone());
        Some(pair)
    }

    /// Forgets a pair that ACM has: the next one is another.
    pub(in crate::controller) fn settle(&self, observed: &Observed) {
        let mut pairs = self.lock();
        let Some(known) = pairs.get(&observed.owner.uid) else {
            return;
        };
        let leaf = canonical(&known.leaf);
        let certificates = observed.mutual_tls.client_certificates.values();
        let mut read = certificates.filter_map(Seen::present);
        if read.any(|found| canonical(&found.leaf) == leaf) {
            pairs.remove(&observed.owner.uid);
        }
    }

    /// Forgets the pair of an object.
    pub(in crate::controller) fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Pair>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why no pair can be made.
#[derive(Debug, thiserror::Error)]
enum Unmade {
    #[error("the system has no randomness to give")]
    Randomness,
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
}

/// A private key that is wiped when it is dropped.
struct Key(KeyPair);

impl Key {
    fn generate() -> Result<Self, rcgen::Error> {
        KeyPair::generate().map(Self)
    }

    /// PKCS#8, PEM, in memory that is never moved, so that nothing of it is left behind.
    fn pem(&self) -> Secret {
        let der = self.0.serialized_der();
        let mut pem = String::with_capacity(2 * der.len() + 128);
        pem.push_str("-----BEGIN PRIVATE KEY-----\n");
        for line in der.chunks(LINE) {
            BASE64.encode_string(line, &mut pem);
            pem.push('\n');
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Secret::new(pem)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A new authority and the one certificate that it signs.
fn made(subject: &Subject, now: Timestamp) -> Result<Pair, Unmade> {
    let (of_ca, of_leaf) = (serial()?, serial()?);
    let (ca_key, leaf_key) = (Key::generate()?, Key::generate()?);
    let mut authority = params(subject, vec![], "ca", &of_ca, now)?;
    authority.not_after += LONGER;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca = authority.self_signed(&ca_key.0)?;
    let mut client = params(subject, vec![subject.name.clone()], "client", &of_leaf, now)?;
    client.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    client.use_authority_key_identifier_extension = true;
    client.custom_extensions = vec![
        no_authority(),
        key_identifier(&client.key_identifier(&leaf_key.0)),
    ];
    let leaf = client.signed_by(&leaf_key.0, &Issuer::from_params(&authority, &ca_key.0))?;
    Ok(Pair {
        ca: ca.pem(),
        leaf: leaf.pem(),
        key: leaf_key.pem(),
        serial: hex(&of_leaf),
        made_at: now,
    })
}

/// What both certificates have. No two have the same subject: a truststore finds an issuer by its name.
fn params(
    subject: &Subject,
    names: Vec<String>,
    role: &str,
    serial: &[u8],
    now: Timestamp,
) -> Result<CertificateParams, Unmade> {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let made = date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
    let uid = subject.uid.get(..UID).unwrap_or(&subject.uid);
    let number = serial.get(..4).map(hex).unwrap_or_default();
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "palisade");
    name.push(DnType::CommonName, format!("{role}-{uid}-{seconds}-{number}"));
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = name;
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params.not_before = made - SKEW;
    params.not_after = made + LIFE;
    Ok(params)
}

/// `CA:FALSE`. DER leaves out what is the default.
fn no_authority() -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 19], vec![0x30, 0]);
    extension.set_criticality(true);
    extension
}

/// By which the certificate's key is told, as an octet string.
fn key_identifier(id: &[u8]) -> CustomExtension {
    let length = u8::try_from(id.len()).unwrap_or_default();
    let content = [[0x04, length].as_slice(), id].concat();
    CustomExtension::from_oid_content(&[2, 5, 29, 14], content)
}

/// A random serial number of 128 bits: positive, and without a zero in front.
fn serial() -> Result<[u8; 16], Unmade> {
    let mut bytes = [0; 16];
    let random = aws_lc_rs::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| Unmade::Randomness)?;
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests;
