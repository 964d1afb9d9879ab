//! Servers of this process that a prober asks, for tests.

use super::super::Endpoint;
use super::HttpProber;
use crate::domain::access::probe::{Answer, Probe, Way};
use std::collections::BTreeMap;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const HOST: &str = "d111111abcdef8.cloudfront.net";

pub fn get(path: &str) -> Probe {
    Probe::plain(Way::Viewer, HOST, path)
}

pub async fn listener() -> (TcpListener, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let host = "127.0.0.1".to_owned();
    (
        listener,
        Endpoint {
            tls: false,
            host,
            port,
        },
    )
}

pub fn prober(endpoint: Endpoint) -> HttpProber {
    HttpProber::new(Some(endpoint)).expect("a prober")
}

/// The bytes up to the empty line after a request's head.
pub async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("more of the head"));
    }
    String::from_utf8(head).expect("text")
}

/// Gives one connection this answer; ends with the request's head when the client has closed the connection.
pub async fn serving(answer: impl Into<Vec<u8>>) -> (HttpProber, JoinHandle<String>) {
    let (listener, endpoint) = listener().await;
    let answer = answer.into();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let head = head(&mut stream).await;
        // The client may have read enough before all is written.
        let _ = stream.write_all(&answer).await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
        head
    });
    (prober(endpoint), served)
}

/// (status, headers, body)
pub fn http(answer: Answer) -> (u16, BTreeMap<String, String>, String) {
    match answer {
        Answer::Http {
            status,
            headers,
            body,
            ..
        } => (status, headers, body),
        Answer::EndedForCertificate(why) | Answer::Failed(why) => panic!("{why}"),
    }
}

/// A proxy that tells what it is asked for, and passes nothing on.
pub async fn proxy(answer: &'static str) -> (u16, JoinHandle<String>) {
    let (listener, endpoint) = listener().await;
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let head = head(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.expect("written");
        let _ = stream.read(&mut [0; 4096]).await;
        head
    });
    (endpoint.port, served)
}
