//! Probes against servers that ask for a client certificate.

use super::server_fixtures::{HOST, get, head, http, listener};
use super::*;
use crate::domain::access::probe::Way;
use crate::domain::kernel::secret::Secret;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 23\r\n\r\n{\"message\":\"Forbidden\"}";
const VERSIONS: [&SupportedProtocolVersion; 2] = [&version::TLS12, &version::TLS13];

/// A client certificate, and the authority that signed it.
struct Issued {
    ca: CertificateDer<'static>,
    shown: (String, Secret),
}

fn issued() -> Issued {
    let params = || CertificateParams::new(vec!["origin.example.com".to_owned()]).expect("names");
    let mut authority = params();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (ca_key, key) = (
        KeyPair::generate().expect("a key"),
        KeyPair::generate().expect("a key"),
    );
    let ca = authority.self_signed(&ca_key).expect("an authority");
    let issuer = Issuer::from_params(&authority, &ca_key);
    let leaf = params().signed_by(&key, &issuer).expect("a certificate");
    Issued {
        ca: ca.der().clone(),
        shown: (leaf.pem(), Secret::new(key.serialize_pem())),
    }
}

fn trusting(root: &CertificateDer<'static>) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).expect("a root");
    Arc::new(roots)
}

/// What a server asks its callers for.
#[derive(Clone, Copy)]
enum Asks<'a> {
    Nothing,
    /// A certificate of this authority.
    For(&'a CertificateDer<'static>),
    /// The same; whoever has none gets a connection all the same.
    Politely(&'a CertificateDer<'static>),
}

/// A server for one connection that asks so and gives this answer, or ends the connection; and a prober that trusts it.
async fn serving(
    version: &'static SupportedProtocolVersion,
    asks: Asks<'_>,
    answer: Option<&'static str>,
) -> HttpProber {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let own = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let root = own.cert.der().clone();
    let verifier = |ca| WebPkiClientVerifier::builder_with_provider(trusting(ca), Arc::clone(&provider));
    let verifier = match asks {
        Asks::Nothing => WebPkiClientVerifier::no_client_auth(),
        Asks::For(ca) => verifier(ca).build().expect("a verifier"),
        Asks::Politely(ca) => verifier(ca).allow_unauthenticated().build().expect("a verifier"),
    };
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![root.clone()], key)
        .expect("a certificate");
    let (listener, endpoint) = listener().await;
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let accepted = TlsAcceptor::from(Arc::new(config)).accept(stream).await;
        if let (Ok(mut stream), Some(answer)) = (accepted, answer) {
            head(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let endpoint = Endpoint {
        tls: true,
        ..endpoint
    };
    prober(endpoint, &root)
}

/// A prober that trusts this certificate alone.
fn prober(endpoint: Endpoint, root: &CertificateDer<'static>) -> HttpProber {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(trusting(root))
        .with_no_client_auth();
    let tls = TlsConnector::from(Arc::new(config));
    HttpProber::over(Matcher::builder().build(), Some(endpoint), Some(tls))
}

fn without() -> Probe {
    Probe {
        way: Way::Origin,
        ..get("/pets")
    }
}

fn with(issued: &Issued) -> Probe {
    Probe {
        way: Way::Certificate,
        certificate: Some(issued.shown.clone()),
        ..get("/pets")
    }
}

fn is_ended_for_certificate(answer: &Answer) -> bool {
    matches!(answer, Answer::EndedForCertificate(_))
}

#[tokio::test]
async fn a_certificate_of_the_right_authority_gets_an_answer() {
    let issued = issued();
    for version in VERSIONS {
        let prober = serving(version, Asks::For(&issued.ca), Some(FORBIDDEN)).await;
        let (status, ..) = http(prober.probe(&with(&issued)).await);
        assert_eq!(status, 403);
    }
}

#[tokio::test]
async fn whoever_shows_none_where_one_is_asked_for_is_told_apart_from_a_broken_network() {
    let issued = issued();
    for version in VERSIONS {
        let prober = serving(version, Asks::For(&issued.ca), Some(FORBIDDEN)).await;
        let answer = prober.probe(&without()).await;
        assert!(is_ended_for_certificate(&answer), "{answer:?}");
        // API Gateway closes the connection without an alert.
        let prober = serving(version, Asks::Politely(&issued.ca), None).await;
        let answer = prober.probe(&without()).await;
        assert!(is_ended_for_certificate(&answer), "{answer:?}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (right, wrong) = (issued(), issued());
    for version in VERSIONS {
        let prober = serving(version, Asks::For(&right.ca), Some(FORBIDDEN)).await;
        let answer = prober.probe(&with(&wrong)).await;
        assert!(is_ended_for_certificate(&answer), "{answer:?}");
    }
}

#[tokio::test]
async fn a_stranger_shows_a_certificate_of_nobodys_and_is_refused() {
    let issued = issued();
    let stranger = Probe {
        way: Way::Stranger,
        ..get("/pets")
    };
    for version in VERSIONS {
        for asks in [Asks::For(&issued.ca), Asks::Politely(&issued.ca)] {
            let prober = serving(version, asks, Some(FORBIDDEN)).await;
            let answer = prober.probe(&stranger).await;
            assert!(is_ended_for_certificate(&answer), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_is_an_answer_whatever_was_asked_for() {
    let issued = issued();
    for asks in [Asks::Politely(&issued.ca), Asks::Nothing] {
        let prober = serving(&version::TLS12, asks, Some(FORBIDDEN)).await;
        assert_eq!(http(prober.probe(&without()).await).0, 403);
    }
}

#[tokio::test]
async fn a_connection_that_ends_where_nobody_asked_proves_nothing() {
    let issued = issued();
    for version in VERSIONS {
        for probe in [without(), with(&issued)] {
            let prober = serving(version, Asks::Nothing, None).await;
            let answer = prober.probe(&probe).await;
            assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_the_one_that_is_asked_proves_nothing() {
    let issued = issued();
    for version in VERSIONS {
        let HttpProber { endpoint, .. } = serving(version, Asks::For(&issued.ca), Some(FORBIDDEN)).await;
        let prober = prober(endpoint.expect("an endpoint"), &issued.ca);
        let answer = prober.probe(&without()).await;
        assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
    }
}

#[tokio::test]
async fn on_other_ways_nothing_is_shown() {
    let issued = issued();
    let prober = serving(&version::TLS12, Asks::For(&issued.ca), Some(FORBIDDEN)).await;
    let probe = Probe {
        way: Way::Direct,
        ..with(&issued)
    };
    let answer = prober.probe(&probe).await;
    assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_told_without_it() {
    let issued = issued();
    let prober = serving(&version::TLS12, Asks::For(&issued.ca), None).await;
    let probe = Probe {
        certificate: Some((issued.shown.0.clone(), Secret::new("open sesame"))),
        ..with(&issued)
    };
    let Answer::Failed(why) = prober.probe(&probe).await else {
        panic!("sent")
    };
    assert!(!why.contains("sesame"), "{why}");
}
