//! What a pair is worth to whoever asks for a client certificate.

use super::*;
use crate::domain::edge::certificate::{Content, ISSUED};
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::mutual_tls::client_certificate;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use std::sync::Arc;

const UID_OF_OBJECT: &str = "2f7b5a0e-54a1-4d0e-9d1b-0a8d7c1f2e3d";

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn subject() -> Subject {
    Subject {
        uid: UID_OF_OBJECT.into(),
        name: "origin.shop.example.com".into(),
    }
}

fn pair() -> Pair {
    Pairs::default().of(&subject(), noon()).unwrap()
}

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn store(ca: &str) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(der(ca)).unwrap();
    roots
}

/// Whether a server that trusts `ca` alone lets the certificate in at that time.
fn is_let_in(ca: &str, leaf: &str, at: Timestamp) -> bool {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(store(ca)), provider)
        .build()
        .unwrap();
    let at = Duration::from_secs(at.as_second().try_into().unwrap());
    let accepted = verifier.verify_client_cert(&der(leaf), &[], UnixTime::since_unix_epoch(at));
    accepted.is_ok()
}

#[test]
fn the_certificate_is_accepted_by_whoever_trusts_its_authority_and_by_nobody_else() {
    let (ours, others) = (pair(), pair());
    assert!(is_let_in(&ours.ca, &ours.leaf, noon()));
    assert!(!is_let_in(&others.ca, &ours.leaf, noon()));
}

#[test]
fn it_is_valid_for_clocks_that_are_behind_and_no_longer_than_its_life() {
    let pair = pair();
    let minutes = Duration::from_mins(59);
    // An hour, and what a probe and an import take.
    let hour = Duration::from_mins(61);
    assert!(is_let_in(&pair.ca, &pair.leaf, noon() - hour));
    assert!(!is_let_in(&pair.ca, &pair.leaf, noon() - SKEW - minutes));
    assert!(is_let_in(&pair.ca, &pair.leaf, noon() + LIFE - minutes));
    assert!(!is_let_in(&pair.ca, &pair.leaf, noon() + LIFE + minutes));
}

#[test]
fn the_key_is_that_of_the_certificate() {
    let pair = pair();
    let key = PrivateKeyDer::from_pem_slice(pair.key.expose().as_bytes()).unwrap();
    let provider = aws_lc_rs::default_provider();
    assert!(CertifiedKey::from_der(vec![der(&pair.leaf)], key, &provider).is_ok());
}

#[test]
fn no_two_authorities_have_the_same_subject() {
    let subjects = [pair(), pair()].map(|pair| store(&pair.ca).roots.remove(0).subject.to_vec());
    assert_ne!(subjects[0], subjects[1]);
    let text = String::from_utf8_lossy(&subjects[0]).into_owned();
    assert!(text.contains(UID_OF_OBJECT), "{text}");
}

#[test]
fn the_key_never_shows() {
    let pair = pair();
    let shown = format!("{pair:?}");
    let mut lines = pair.key.expose().lines();
    assert!(lines.all(|line| !shown.contains(line)), "{shown}");
}

#[test]
fn the_serial_number_is_written_as_it_stands_in_the_certificate() {
    let pair = pair();
    assert_eq!(pair.serial.len(), 32);
    let leaf = hex(&der(&pair.leaf));
    assert!(leaf.contains(&format!("0210{}", pair.serial)), "{leaf}");
}

/// What a pass has read where ACM has this certificate.
fn with_certificate(leaf: &str) -> Observed {
    let mut observed = Observed::of(Owner {
        cluster: "c".into(),
        namespace: "shop".into(),
        name: "petstore".into(),
        uid: UID_OF_OBJECT.into(),
        taken: None,
    });
    let found = client_certificate::Observed {
        content: Content {
            arn: "arn".into(),
            status: ISSUED.into(),
            failure: None,
            proofs: vec![],
            in_use_by: vec![],
            not_before: None,
            is_for_clients: true,
            requested_at: None,
            not_after: None,
            names: vec![],
        },
        leaf: leaf.into(),
        ca: String::new(),
        tags: Tags::new(),
    };
    let certificates = &mut observed.mutual_tls.client_certificates;
    certificates.insert("arn".into(), Seen::Present(found));
    observed
}

#[test]
fn a_pair_stays_until_acm_has_it() {
    let pairs = Pairs::default();
    let first = pairs.of(&subject(), noon()).unwrap();
    pairs.settle(&with_certificate(&pair().leaf));
    assert_eq!(pairs.of(&subject(), noon()), Some(first.clone()));
    pairs.settle(&with_certificate(&first.leaf.replace('\n', "\r\n")));
    let next = pairs.of(&subject(), noon()).unwrap();
    assert_ne!(next.serial, first.serial);
    pairs.forget(UID_OF_OBJECT);
    assert_ne!(pairs.of(&subject(), noon()), Some(next));
}

#[test]
fn a_pair_that_nobody_took_is_made_anew_after_a_while() {
    let pairs = Pairs::default();
    let first = pairs.of(&subject(), noon());
    assert_eq!(pairs.of(&subject(), noon() + Duration::from_hours(1)), first);
    assert_ne!(pairs.of(&subject(), noon() + STALE), first);
}
