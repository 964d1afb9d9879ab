//! The connection that a probe goes over: to the host itself, or through the cluster's proxy, as calls to AWS go.

use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

/// Bytes both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection, and whose address is at the other end; `None` where a proxy has looked it up.
pub(super) struct Dialled {
    pub stream: Box<dyn Stream>,
    pub address: Option<IpAddr>,
}

/// Connects to port 443 of `host`, through the proxy that stands before it where there is one.
pub(super) async fn host(proxies: &Matcher, tls: &TlsConnector, host: &str) -> Result<Dialled, String> {
    let there = format!("https://{host}").parse().ok();
    match there.and_then(|there| proxies.intercept(&there)) {
        Some(proxy) => Ok(Dialled {
            stream: tunnel(&proxy, tls, host).await?,
            address: None,
        }),
        None => address(host, 443).await,
    }
}

/// Connects to `port` of `host` itself.
pub(super) async fn address(host: &str, port: u16) -> Result<Dialled, String> {
    let found = lookup_host((host, port)).await;
    let mut addresses: Vec<SocketAddr> = found.map(Iterator::collect).unwrap_or_default();
    if addresses.is_empty() {
        return Err(format!("the name {host} does not resolve"));
    }
    // Many clusters' ways over IPv6 end nowhere; one without IPv4 says so at once.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let stream = TcpStream::connect(&addresses[..])
        .await
        .map_err(|error| not_connected(&error))?;
    let address = stream.peer_addr().ok().map(|address| address.ip());
    Ok(Dialled {
        stream: Box::new(stream),
        address,
    })
}

/// Has the proxy connect to port 443 of `host`.
async fn tunnel(proxy: &Intercept, tls: &TlsConnector, host: &str) -> Result<Box<dyn Stream>, String> {
    let uri = proxy.uri();
    let (name, is_tls) = match (uri.host(), uri.scheme_str()) {
        (Some(name), Some("http")) => (name, false),
        (Some(name), Some("https")) => (name, true),
        _ => return Err("the proxy of HTTPS_PROXY is neither http:// nor https://".to_owned()),
    };
    // IPv6 addresses have brackets in URLs only.
    let name = name.trim_matches(['[', ']']);
    let failed = |why: String| format!("the proxy {name}: {why}");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let mut stream = address(name, port).await.map_err(failed)?.stream;
    if is_tls {
        let server = ServerName::try_from(name.to_owned()).map_err(|error| failed(error.to_string()))?;
        let secured = tls.connect(server, stream).await;
        stream = Box::new(secured.map_err(|error| failed(format!("TLS: {error}")))?);
    }
    let handshake = http1::Builder::new().handshake(TokioIo::new(stream)).await;
    let (mut sender, driver) = handshake.map_err(|error| failed(error.to_string()))?;
    // Ends with the connection that it carries.
    tokio::spawn(driver.with_upgrades());
    let there = format!("{host}:443");
    let mut request = Request::connect(&there).header(header::HOST, &there);
    if let Some(credentials) = proxy.basic_auth() {
        request = request.header(header::PROXY_AUTHORIZATION, credentials);
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|error| failed(error.to_string()))?;
    let response = sender.send_request(request).await;
    let response = response.map_err(|error| failed(error.to_string()))?;
    if !response.status().is_success() {
        return Err(failed(format!("it answered {}", response.status())));
    }
    let upgraded = hyper::upgrade::on(response).await;
    let upgraded = upgraded.map_err(|error| failed(error.to_string()))?;
    Ok(Box::new(TokioIo::new(upgraded)))
}

fn not_connected(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "no route to the host".to_owned(),
        _ => format!("connecting: {error}"),
    }
}
