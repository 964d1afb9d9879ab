//! The prober against servers of this process.

use super::server_fixtures::{HOST, get, head, http, listener, prober, proxy, serving};
use super::*;
use crate::api::ProbeMethod;
use crate::domain::kernel::secret::Secret;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Barrier;

#[tokio::test]
async fn a_plain_answer_is_taken_as_it_is() {
    let answer = "HTTP/1.1 200 OK\r\nX-Amzn-RequestId: 17\r\nContent-Length: 4\r\n\r\n[{}]";
    let (prober, served) = serving(answer).await;
    let (status, headers, body) = http(prober.probe(&get("/prod/pets?limit=1")).await);
    assert_eq!((status, body.as_str()), (200, "[{}]"));
    assert_eq!(headers["x-amzn-requestid"], "17");
    assert!(
        served
            .await
            .expect("served")
            .starts_with("GET /prod/pets?limit=1 HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn an_endpoint_gets_the_probes_host_our_name_and_no_credentials() {
    let (prober, served) = serving("HTTP/1.1 204 No Content\r\n\r\n").await;
    prober.probe(&get("/")).await;
    let head = served.await.expect("served");
    let mut lines: Vec<&str> = head.lines().skip(1).filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept: */*",
            &format!("host: {HOST}"),
            &format!("user-agent: {USER_AGENT}")
        ]
    );
}

#[tokio::test]
async fn secret_headers_are_sent_and_what_cannot_be_sent_is_said_without_the_value() {
    let with = |value: &str| Probe {
        method: ProbeMethod::Options,
        headers: vec![("Authorization".into(), Secret::new(value))],
        ..get("/")
    };
    let (prober, served) = serving("HTTP/1.1 204 No Content\r\n\r\n").await;
    prober.probe(&with("Bearer abc")).await;
    let head = served.await.expect("served");
    assert!(head.starts_with("OPTIONS / HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Bearer abc\r\n"), "{head}");
    let (prober, _served) = serving("").await;
    let Answer::Failed(why) = prober.probe(&with("abc\r\nx: y")).await else {
        panic!("sent")
    };
    assert!(why.contains("Authorization") && !why.contains("abc"), "{why}");
}

#[tokio::test]
async fn probes_go_through_the_clusters_proxy() {
    for (answer, wanted) in [
        ("HTTP/1.1 200 OK\r\n\r\n", "TLS: "),
        (
            "HTTP/1.1 403 Forbidden\r\n\r\n",
            "the proxy 127.0.0.1: it answered 403",
        ),
    ] {
        let (port, served) = proxy(answer).await;
        let matcher = Matcher::builder()
            .https(format!("http://user:pass@127.0.0.1:{port}"))
            .no("localhost,.svc")
            .build();
        let prober = HttpProber::through(matcher, None).expect("a prober");
        let Answer::Failed(why) = prober.probe(&get("/")).await else {
            panic!("answered")
        };
        assert!(why.starts_with(wanted), "{why}");
        let head = served.await.expect("asked");
        assert!(
            head.starts_with(&format!("CONNECT {HOST}:443 HTTP/1.1\r\n")),
            "{head}"
        );
        assert!(head.contains("proxy-authorization: Basic "), "{head}");
    }
}

#[tokio::test]
async fn a_proxy_may_have_an_ipv6_address() {
    // Nothing listens there, and machines without IPv6 say so: neither takes the address for a name.
    let matcher = Matcher::builder().https("http://[::1]:1").build();
    let prober = HttpProber::through(matcher, None).expect("a prober");
    let Answer::Failed(why) = prober.probe(&get("/")).await else {
        panic!("answered")
    };
    assert!(why.starts_with("the proxy ::1: "), "{why}");
    assert!(!why.contains("does not resolve"), "{why}");
}

#[tokio::test]
async fn what_no_proxy_names_is_called_itself() {
    let matcher = Matcher::builder()
        .https("http://127.0.0.1:1")
        .no(".invalid")
        .build();
    let prober = HttpProber::through(matcher, None).expect("a prober");
    let probe = Probe {
        host: "api.invalid".into(),
        ..get("/")
    };
    let answer = prober.probe(&probe).await;
    assert_eq!(
        answer,
        Answer::Failed("the name api.invalid does not resolve".into())
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let (prober, _served) = serving(answer).await;
    let (status, headers, _) = http(prober.probe(&get("/")).await);
    assert_eq!(
        (status, headers["location"].as_str()),
        (302, "http://127.0.0.1:1/")
    );
}

#[tokio::test]
async fn of_a_huge_answer_only_the_start_is_read() {
    let many: Vec<String> = (0..40)
        .map(|n| format!("X-Header-{n}: {}\r\n", "v".repeat(500)))
        .collect();
    let many = many.concat();
    let body = "b".repeat(10_000_000);
    let head = format!(
        "HTTP/1.1 200 OK\r\nSet-Cookie: session=1\r\n{many}X-Amzn-RequestId: 17\r\nContent-Length: 10000000\r\n\r\n"
    );
    let (prober, served) = serving(head + &body).await;
    let (_, headers, body) = http(prober.probe(&get("/")).await);
    assert_eq!((body.len(), headers.len()), (BODY, HEADERS + 1));
    assert_eq!(
        headers["x-amzn-requestid"], "17",
        "what tells who answered is never left out"
    );
    assert!(
        headers
            .iter()
            .all(|(name, value)| value.len() == HEADER_VALUE || name == "x-amzn-requestid")
    );
    assert!(!headers.contains_key("set-cookie"));
    served.await.expect("the connection is closed");
}

#[tokio::test(start_paused = true)]
async fn silence_ends_after_ten_seconds() {
    let (_listener, endpoint) = listener().await;
    let answer = prober(endpoint).probe(&get("/")).await;
    assert_eq!(answer, Answer::Failed("no answer within 10 s".into()));
}

#[tokio::test]
async fn a_body_that_does_not_end_is_taken_as_far_as_it_came() {
    let (listener, endpoint) = listener().await;
    let prober = prober(endpoint);
    let serve = async {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        head(&mut stream).await;
        let start = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ndata: 1";
        stream.write_all(start).await.expect("written");
        stream
    };
    let probe = get("/events");
    let (answer, _stream) = tokio::join!(
        async {
            let asked = prober.ask(&probe).await.expect("an answer");
            // Nothing is waited for: what comes has come.
            asked.answer(Instant::now()).await
        },
        serve
    );
    assert_eq!(http(answer).0, 200);
}

#[tokio::test]
async fn a_web_sockets_handshake_is_answered_by_its_head_and_closed() {
    let answer =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x01\x02";
    let (prober, served) = serving(answer).await;
    let handshake = Probe {
        web_socket: true,
        ..get("/prod")
    };
    let (status, headers, body) = http(prober.probe(&handshake).await);
    assert_eq!(
        (status, headers["upgrade"].as_str(), body.as_str()),
        (101, "websocket", "")
    );
    let head = served.await.expect("the connection is closed");
    for line in [
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
    ] {
        assert!(
            head.contains(&format!("{line}\r\n")),
            "{line} is missing in {head}"
        );
    }
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("sec-websocket-key: "));
    assert_eq!(BASE64.decode(key.expect("a key")).expect("base64").len(), 16);
}

#[tokio::test]
async fn a_refused_handshake_is_told_with_its_body() {
    let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 23\r\n\r\n{\"message\":\"Forbidden\"}";
    let (prober, _served) = serving(answer).await;
    let handshake = Probe {
        web_socket: true,
        ..get("/prod")
    };
    let (status, _, body) = http(prober.probe(&handshake).await);
    assert_eq!((status, body.as_str()), (403, r#"{"message":"Forbidden"}"#));
}

#[tokio::test]
async fn what_went_wrong_is_told_in_a_few_words() {
    let (listener, endpoint) = listener().await;
    drop(listener);
    let failed = |endpoint| async { prober(endpoint).probe(&get("/")).await };
    assert_eq!(
        failed(endpoint.clone()).await,
        Answer::Failed("connection refused".into())
    );
    let nowhere = Endpoint {
        host: "no..name".into(),
        ..endpoint
    };
    let unresolved = Answer::Failed("the name no..name does not resolve".into());
    assert_eq!(failed(nowhere).await, unresolved);

    let (prober, _served) = serving("220 mail.test ready\r\n").await;
    let answer = prober.probe(&get("/")).await;
    assert_eq!(answer, Answer::Failed("the answer is not HTTP".into()));
}

#[tokio::test]
async fn over_tls_the_probes_host_is_named_and_a_failure_told() {
    let (listener, endpoint) = listener().await;
    let prober = prober(Endpoint {
        tls: true,
        ..endpoint
    });
    let serve = async {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut hello = vec![0; 4096];
        let read = stream.read(&mut hello).await.expect("a ClientHello");
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .expect("written");
        String::from_utf8_lossy(&hello[..read]).into_owned()
    };
    let probe = get("/");
    let (answer, hello) = tokio::join!(prober.probe(&probe), serve);
    assert!(hello.contains(HOST), "{hello:?}");
    assert!(
        matches!(&answer, Answer::Failed(why) if why.starts_with("TLS: ")),
        "{answer:?}"
    );
}

#[tokio::test]
async fn so_many_probes_are_under_way_and_not_more() {
    let (listener, endpoint) = listener().await;
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = (Arc::clone(&open), Arc::clone(&most));
    let server = tokio::spawn(async move {
        let all_there = Arc::new(Barrier::new(AT_ONCE));
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            counted
                .1
                .fetch_max(counted.0.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let (open, all_there) = (Arc::clone(&counted.0), Arc::clone(&all_there));
            tokio::spawn(async move {
                head(&mut stream).await;
                all_there.wait().await;
                open.fetch_sub(1, Ordering::SeqCst);
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await
            });
        }
    });
    let (prober, probe) = (prober(endpoint), get("/"));
    let answers = futures::future::join_all((0..2 * AT_ONCE).map(|_| prober.probe(&probe))).await;
    server.abort();
    assert!(answers.into_iter().all(|answer| http(answer).0 == 204));
    assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
}

#[tokio::test]
async fn a_probe_of_an_unproven_lock_waits_for_no_others() {
    let (listener, endpoint) = listener().await;
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let server = tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            if count.fetch_add(1, Ordering::SeqCst) < AT_ONCE {
                held.push(stream);
                continue;
            }
            head(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    });
    let (prober, probe) = (prober(endpoint), get("/"));
    let others = futures::future::join_all((0..2 * AT_ONCE).map(|_| prober.probe(&probe)));
    let urgent = async {
        while taken.load(Ordering::SeqCst) < AT_ONCE {
            tokio::task::yield_now().await;
        }
        crate::aws::layers::budget::with_urgency(true, prober.probe(&probe)).await
    };
    let answer = tokio::select! {
        _ = others => panic!("the others were answered first"),
        answer = urgent => answer,
    };
    server.abort();
    assert_eq!(http(answer).0, 204);
}

#[test]
fn only_names_are_asked() {
    let ask = |host: &str, path: &str| {
        request(&Probe {
            host: host.into(),
            ..get(path)
        })
        .is_ok()
    };
    assert!(ask(
        "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com",
        "/prod/pets?x=%20"
    ));
    assert!(ask("_api.example.com", "/"));
    for host in [
        "",
        "localhost",
        "127.0.0.1",
        "0x7f.1",
        "[::1]",
        "a.b:80",
        "a..b",
        ".a.b",
        "a.b.",
        "-a.b",
        "a.b/c",
        "u@a.b",
        "*.a.b",
        "ä.b",
    ] {
        assert!(!ask(host, "/"), "{host}");
    }
    for path in ["", "pets", "http://a.b/", "/ pets", "/\r\nx: y"] {
        assert!(!ask(HOST, path), "{path}");
    }
}
