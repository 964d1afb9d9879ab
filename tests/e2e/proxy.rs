//! A cluster whose only way out is a proxy.

use crate::scene::Scene;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A proxy that takes CONNECT, and remembers what it was asked for.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, Arc::clone(&remembered)));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

async fn tunnel(mut stream: TcpStream, asked: Arc<Mutex<Vec<String>>>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split(' ').next());
    let target = target.unwrap_or_else(|| panic!("no CONNECT: {head}")).to_owned();
    asked.lock().expect("no panic").push(target.clone());
    let Ok(mut there) = TcpStream::connect(target).await else {
        let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
        return;
    };
    stream
        .write_all(b"HTTP/1.1 200 OK\r\n\r\n")
        .await
        .expect("written");
    let _ = copy_bidirectional(&mut stream, &mut there).await;
}

#[tokio::test]
async fn the_kubernetes_api_is_reached_through_the_proxy_unless_no_proxy_names_it() {
    let scene = Scene::new().await;
    let proxy = Proxy::start().await;
    let ready = async |excepted: &str| {
        let url = format!("http://{}", proxy.address);
        let launch = scene.launch().env("HTTPS_PROXY", &url);
        // Both spellings, since the tests' own environment has both.
        let launch = launch.env("NO_PROXY", excepted).env("no_proxy", excepted);
        let controller = launch.start();
        scene
            .until("ready", async || controller.health("/readyz").1 == "ok\n")
            .await;
    };
    ready("127.0.0.0/8").await;
    assert_eq!(proxy.asked(), Vec::<String>::new());
    ready("elsewhere.example.com").await;
    let asked = proxy.asked();
    assert!(
        !asked.is_empty() && asked.iter().all(|target| target.starts_with("127.0.0.1:")),
        "{asked:?}"
    );
}

/// A name that leads nowhere: whoever went there directly would never ask the proxy.
const AWS: &str = "aws.palisade.invalid";

#[tokio::test]
async fn aws_is_called_through_the_proxy_unless_no_proxy_names_it() {
    let scene = Scene::new().await;
    let asks = async |excepted: &str| {
        let proxy = Proxy::start().await;
        let launch = scene
            .launch()
            .env("HTTPS_PROXY", &format!("http://{}", proxy.address));
        let launch = launch.env("AWS_ENDPOINT_URL", &format!("https://{AWS}"));
        let launch = launch.env("NO_PROXY", excepted).env("no_proxy", excepted);
        let controller = launch.start();
        scene
            .until("AWS was called", async || {
                controller.text().contains("asking AWS who we are failed")
            })
            .await;
        proxy.asked()
    };
    let asked = asks("127.0.0.0/8").await;
    assert!(asked.contains(&format!("{AWS}:443")), "{asked:?}");
    let asked = asks(&format!("127.0.0.0/8,{AWS}")).await;
    assert_eq!(asked, Vec::<String>::new());
}
