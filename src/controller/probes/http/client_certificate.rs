//! Whether a server asks for a client certificate, what it is shown then, and whether it ended the connection for that.

use crate::domain::access::probe::{Probe, Way};
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::aws_lc_rs::sign::any_ecdsa_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};
use std::error::Error;
use std::fmt::{self, Debug, Formatter};
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_rustls::TlsConnector;
use zeroize::Zeroize as _;

/// Shows a certificate to a server that asks for one, or none, and notes that it was asked.
pub(super) struct Shown {
    certificate: Option<Arc<CertifiedKey>>,
    was_asked: AtomicBool,
}

impl Shown {
    /// What `probe` shows; `None` where it goes a way on which nobody asks.
    pub fn of(probe: &Probe) -> Result<Option<Arc<Self>>, String> {
        let certificate = match (probe.way, &probe.certificate) {
            (Way::Stranger, _) => Some(Arc::new(of_nobody()?)),
            (Way::Origin | Way::Certificate, Some((certificate, key))) => {
                Some(Arc::new(certified(certificate, key.expose())?))
            }
            (Way::Origin | Way::Certificate, None) | (Way::Fronted, _) => None,
            (Way::Viewer | Way::Direct | Way::Next, _) => return Ok(None),
        };
        Ok(Some(Arc::new(Self {
            certificate,
            was_asked: AtomicBool::new(false),
        })))
    }

    /// Whether the server has asked for a certificate.
    pub fn was_asked(&self) -> bool {
        self.was_asked.load(Ordering::Relaxed)
    }

    /// A connector as `trusting`, for one connection: a session that is resumed asks for nothing.
    pub fn connector(self: &Arc<Self>, trusting: &TlsConnector) -> TlsConnector {
        let mut config = ClientConfig::clone(trusting.config());
        config.client_auth_cert_resolver = Arc::clone(self) as Arc<dyn ResolvesClientCert>;
        config.resumption = Resumption::disabled();
        TlsConnector::from(Arc::new(config))
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.was_asked.store(true, Ordering::Relaxed);
        self.certificate.clone()
    }

    fn has_certs(&self) -> bool {
        self.certificate.is_some()
    }
}

impl Debug for Shown {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown")
            .field("was_asked", &self.was_asked())
            .finish_non_exhaustive()
    }
}

fn certified(certificate: &str, key: &str) -> Result<CertifiedKey, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
    let chain = chain.map_err(|error| format!("the client certificate cannot be read: {error}"))?;
    if chain.is_empty() {
        return Err("the client certificate cannot be read: there is none".to_owned());
    }
    // What is wrong with a key is said without it.
    let unreadable = || "the client certificate's key cannot be read".to_owned();
    let mut key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| unreadable())?;
    let signing = any_ecdsa_type(&key);
    key.zeroize();
    Ok(CertifiedKey::new(chain, signing.map_err(|_| unreadable())?))
}

/// A certificate that nobody signed but itself: made for one connection, and kept nowhere.
fn of_nobody() -> Result<CertifiedKey, String> {
    let unmade = |error: rcgen::Error| format!("no certificate can be made that is to be refused: {error}");
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "palisade-probe");
    let mut params = CertificateParams::new(Vec::<String>::new()).map_err(unmade)?;
    params.distinguished_name = name;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().map_err(unmade)?;
    let certificate = params.self_signed(&key).map_err(unmade)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let signing = any_ecdsa_type(&key).map_err(|error| format!("its key cannot be read: {error}"))?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], signing))
}

/// Whether `error` tells that the other end ended the connection: closed it, reset it or sent an alert. What we do not take from
/// it, such as its certificate, is no such end.
pub(super) fn is_ended(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return matches!(error, rustls::Error::AlertReceived(_));
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>()
        && (error.is_incomplete_message() || error.is_closed() || error.is_canceled())
    {
        return true;
    }
    let within = match error.downcast_ref::<io::Error>() {
        Some(error) if is_end(error.kind()) => return true,
        Some(error) => error.get_ref().map(|within| within as &(dyn Error + 'static)),
        None => error.source(),
    };
    within.is_some_and(is_ended)
}

fn is_end(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
    )
}
