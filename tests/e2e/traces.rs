//! A collector of traces sees what a pass does, and nothing that is secret.

use crate::scene::{Scene, fault};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use prost::Message as _;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Takes spans by OTLP over HTTP.
struct Collector {
    url: String,
    taken: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if let Some(request) = take(stream) {
                    kept.lock().expect("no panic").push(request);
                }
            }
        });
        Self { url, taken }
    }

    fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        self.taken.lock().expect("no panic").clone()
    }

    fn spans(&self) -> Vec<Span> {
        let resources = self
            .requests()
            .into_iter()
            .flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }
}

fn take(mut stream: TcpStream) -> Option<ExportTraceServiceRequest> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).ok()? > 0 {}
    assert!(head.starts_with("POST /v1/traces "), "{head}");
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .ok()?;
    Some(ExportTraceServiceRequest::decode(&body[..]).expect("OTLP"))
}

fn attributes(span: &Span) -> BTreeMap<String, String> {
    let text = |value: &opentelemetry_proto::tonic::common::v1::KeyValue| format!("{:?}", value.value);
    span.attributes
        .iter()
        .map(|attribute| (attribute.key.clone(), text(attribute)))
        .collect()
}

#[tokio::test]
async fn a_pass_its_stages_and_each_call_of_aws_with_its_request_id_are_spans() {
    let (scene, collector) = (Scene::new().await, Collector::start());
    let launch = scene.launch().option("--otlp-endpoint", &collector.url);
    let controller = launch.env("OTEL_BSP_SCHEDULE_DELAY", "200").start();
    fault(&json!({
        "kind": "error", "operation": "CreateFunction", "key": scene.key("one"), "count": 1,
        "code": "InvalidParameterValueException", "status": 400, "message": "The role defined for the function cannot be assumed by Lambda.",
    }));
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let named = |name: &str| collector.spans().into_iter().find(|span| span.name == name);
    scene
        .until("the creation was sent", async || {
            let creation = named("cloudfront CreateDistributionWithTags");
            creation.is_some_and(|creation| {
                chain(&collector.spans(), &creation)
                    .last()
                    .is_some_and(|top| top == "pass")
            })
        })
        .await;
    let spans = collector.spans();
    let creation = named("cloudfront CreateDistributionWithTags").expect("sent");
    assert_eq!(
        chain(&spans, &creation),
        ["cloudfront CreateDistributionWithTags", "carry out", "pass"]
    );
    assert_eq!(creation.kind, i32::from(SpanKind::Client));
    let told = attributes(&creation);
    assert!(
        told["rpc.service"].contains("cloudfront") && told["rpc.method"].contains("CreateDistribution"),
        "{told:?}"
    );
    assert!(told["outcome"].contains("ok"), "{told:?}");
    assert!(
        told["aws.request_id"].len() > "Some(AnyValue { value: Some(StringValue(\"\")) })".len(),
        "{told:?}"
    );
    let object = format!("{}/petstore", scene.namespace);
    let passes: Vec<&Span> = spans.iter().filter(|span| span.name == "pass").collect();
    assert!(passes.iter().any(
        |pass| attributes(pass)["object"].contains(&object) && attributes(pass)["outcome"].contains("ok")
    ));
    for stage in ["prove or put back", "look", "carry out", "tell"] {
        assert!(spans.iter().any(|span| span.name == stage), "{stage}");
    }
    let is_failure = |span: &Span| {
        let status = span.status.as_ref();
        status.is_some_and(|status| status.code == i32::from(StatusCode::Error))
    };
    let failed = spans
        .iter()
        .find(|span| span.name == "lambda CreateFunction" && is_failure(span));
    let outcome = failed.map(|failed| attributes(failed)["outcome"].clone());
    assert!(
        outcome.is_some_and(|outcome| !outcome.contains("ok")),
        "{failed:?}"
    );

    // A closed list: what is not on it may be a secret.
    let known = [
        "object",
        "outcome",
        "rpc.system",
        "rpc.service",
        "rpc.method",
        "cloud.region",
        "aws.request_id",
    ];
    let keys: BTreeSet<String> = spans
        .iter()
        .flat_map(|span| attributes(span).into_keys())
        .collect();
    let strangers: Vec<&String> = keys.iter().filter(|key| !known.contains(&key.as_str())).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    assert!(spans.iter().all(|span| span.events.is_empty()));
    let resources = format!("{:?}", collector.requests()[0].resource_spans[0].resource);
    assert!(
        resources.contains("service.name") && resources.contains("palisade"),
        "{resources}"
    );
    // Lines name the object, and nothing of spans that are for traces.
    let text = controller.text();
    assert!(
        text.contains(&format!("pass{{object=\"{object}\"}}: ")) && !text.contains("rpc.method"),
        "{text}"
    );
}

/// The names of a span and those above it.
fn chain(spans: &[Span], span: &Span) -> Vec<String> {
    let mut names = vec![span.name.clone()];
    let above = spans.iter().find(|other| other.span_id == span.parent_span_id);
    if let Some(above) = above {
        names.extend(chain(spans, above));
    }
    names
}

#[tokio::test]
async fn a_collector_that_is_not_there_holds_up_nothing() {
    let scene = Scene::new().await;
    let launch = scene
        .launch()
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let controller = launch.env("OTEL_BSP_SCHEDULE_DELAY", "100").start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    controller.terminate();
    let status = controller.ended().await;
    assert!(status.success(), "{status}\n{}", scene.story());
}
