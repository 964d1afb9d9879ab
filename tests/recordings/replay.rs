//! The SDK as the product uses it, against one answer.

use super::listening::Listening;
use palisade::aws::sdk::{Connections, Options, Sdk};
use serde_json::Value;
use std::sync::{Arc, LazyLock, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One for all answers: making it reads the system's certificates. No connection is shared, for each answer closes its own.
static CONNECTIONS: LazyLock<Connections> = LazyLock::new(Connections::default);

/// An answer as it is on the wire.
#[derive(Debug, Clone)]
pub struct Answer {
    pub content_type: &'static str,
    pub etag: Option<String>,
    pub body: String,
}

impl Answer {
    pub fn json(body: &Value) -> Self {
        Self {
            content_type: "application/json",
            etag: None,
            body: body.to_string(),
        }
    }

    pub fn xml(body: String) -> Self {
        Self {
            content_type: "text/xml",
            etag: None,
            body,
        }
    }

    pub fn etag(self, etag: &str) -> Self {
        Self {
            etag: Some(etag.to_owned()),
            ..self
        }
    }

    /// The SDK, which gets this answer to whatever it asks.
    pub async fn sdk(self) -> Listening<Arc<Sdk>> {
        self.asked().await.0
    }

    /// The same, and the bodies of what it asks.
    pub async fn asked(self) -> (Listening<Arc<Sdk>>, Bodies) {
        let bodies = Bodies::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = bodies.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, self.clone(), asked.clone()));
            }
        });
        let options = Options {
            endpoint_url: Some(format!("http://{address}")),
            credentials: Some(("test".to_owned(), "secret".to_owned())),
            connections: Some(CONNECTIONS.clone()),
        };
        (Listening(Arc::new(Sdk::from_environment(&options).await)), bodies)
    }
}

/// Bodies of requests, in the order in which they came.
pub type Bodies = Arc<Mutex<Vec<String>>>;

/// Answers once and closes, so that nothing need be known of the request's end but that its head has come.
async fn serve(mut stream: TcpStream, answer: Answer, asked: Bodies) {
    let etag = answer
        .etag
        .map_or_else(String::new, |etag| format!("etag: {etag}\r\n"));
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {}\r\n{etag}content-length: {}\r\nconnection: close\r\n\r\n",
        answer.content_type,
        answer.body.len()
    );
    let mut request = Vec::new();
    let mut piece = [0; 8192];
    while !is_whole(&request) {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let (_, body) = request.split_once("\r\n\r\n").unwrap_or_default();
    asked
        .lock()
        .expect("no test panics while it holds this")
        .push(body.to_owned());
    // Whoever does not listen any more has failed already.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(answer.body.as_bytes()).await;
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or_default();
    request.len() >= head.len() + 4 + length
}
