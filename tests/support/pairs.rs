//! Client certificates with a CA of their own, as the controller makes them.

use jiff::Timestamp;
use palisade::domain::kernel::secret::Secret;
use palisade::domain::mutual_tls::pair::Pair;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use std::time::Duration;

/// How long one is valid.
const LIFE: Duration = Duration::from_hours(120 * 24);
/// How long before it is made it is valid, for clocks that are late.
const SKEW: Duration = Duration::from_hours(1);

/// A pair for `name`, made at `now`; no two of different `number` have a name in common.
pub fn pair(name: &str, number: u8, now: Timestamp) -> Pair {
    lasting(name, number, now, LIFE)
}

/// The same, valid since the first day of 2026, and for longer than any test runs: on whatever clock.
pub fn pair_of_always(name: &str, number: u8) -> Pair {
    let began = "2026-01-01T00:00:00Z".parse().unwrap();
    lasting(name, number, began, 50 * LIFE)
}

fn lasting(name: &str, number: u8, now: Timestamp, life: Duration) -> Pair {
    let (ca_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut of_ca = params(&format!("{name} CA {number}"), number, now, life);
    of_ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    of_ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca = CertifiedIssuer::self_signed(of_ca, ca_key).unwrap();
    let mut of_leaf = params(&format!("{name} client {number}"), number + 100, now, life);
    of_leaf.subject_alt_names = CertificateParams::new(vec![name.to_owned()])
        .unwrap()
        .subject_alt_names;
    of_leaf.is_ca = IsCa::ExplicitNoCa;
    of_leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    of_leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    of_leaf.use_authority_key_identifier_extension = true;
    let leaf = of_leaf.signed_by(&key, &ca).unwrap();
    Pair {
        ca: ca.pem(),
        leaf: leaf.pem(),
        key: Secret::new(key.serialize_pem()),
        serial: format!("{:02x}", number + 100),
        made_at: now,
    }
}

fn params(name: &str, serial: u8, now: Timestamp, life: Duration) -> CertificateParams {
    let mut params = CertificateParams::default();
    let began = Duration::from_secs(u64::try_from(now.as_second()).unwrap());
    params.not_before = date_time_ymd(1970, 1, 1) + began.saturating_sub(SKEW);
    params.not_after = date_time_ymd(1970, 1, 1) + (began + life);
    params.serial_number = Some(SerialNumber::from_slice(&[serial]));
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params
}
