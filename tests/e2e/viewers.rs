//! Callers of an API, through the perimeter and past it.

use crate::scene::{Scene, aws};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Status and body of a request to `host`, which only the emulated AWS knows.
pub fn request(host: &str, path: &str, headers: &str) -> (u16, String) {
    let address = aws().endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("the emulator listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a time limit");
    let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).expect("the emulator reads");
    let mut answer = Vec::new();
    // A handshake leaves the connection open: its first line is enough.
    let mut part = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut part) {
        answer.extend_from_slice(&part[..count]);
        if headers.contains("Upgrade") && answer.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    (
        status.unwrap_or_else(|| panic!("no answer: {answer}")),
        body.unwrap_or_default(),
    )
}

pub fn get(host: &str, path: &str) -> (u16, String) {
    request(host, path, "Connection: close\r\n")
}

pub fn handshake(host: &str, path: &str) -> u16 {
    let headers = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    request(host, path, headers).0
}

pub async fn domain(scene: &Scene, name: &str) -> String {
    let object = scene.object(name).await;
    object["status"]["distribution"]["domainName"]
        .as_str()
        .expect("a domain name")
        .to_owned()
}

/// Viewers of one distribution, or callers past it, one request after the other without end.
pub struct Viewers {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<(usize, Vec<String>)>,
}

impl Viewers {
    pub fn of(domain: String) -> Self {
        Self::asking(domain, "/prod/pets", "Connection: close\r\n")
    }

    /// Viewers who ask for this path with these headers.
    pub fn asking(domain: String, path: &'static str, headers: &'static str) -> Self {
        Self::met_with(domain, path, headers, |status| status == 200)
    }

    /// Callers past the perimeter, who have no proof: nobody may let them in.
    pub fn refused(host: String) -> Self {
        Self::met_with(host, "/prod/pets", "Connection: close\r\n", |status| {
            status >= 400
        })
    }

    /// With the status that is right for them.
    fn met_with(host: String, path: &'static str, headers: &'static str, is_right: fn(u16) -> bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let (mut right, mut wrong) = (0, Vec::new());
            while !stopped.load(Ordering::Relaxed) {
                match request(&host, path, headers) {
                    (status, _) if is_right(status) => right += 1,
                    (status, body) => wrong.push(format!("{host}: {status} {body}")),
                }
                // All tests share the emulated AWS: viewers with less of a pause would be most of its work. What the edge runs, it runs
                // for 300 ms at least.
                std::thread::sleep(Duration::from_millis(20));
            }
            (right, wrong)
        });
        Self { stop, thread }
    }

    /// Ends; not one request was refused, or let in past the perimeter.
    pub fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        let (right, wrong) = self.thread.join().expect("viewers end");
        assert!(
            wrong.is_empty(),
            "{} of {}: {:?}",
            wrong.len(),
            right + wrong.len(),
            wrong.first()
        );
        assert!(right > 0);
    }
}
