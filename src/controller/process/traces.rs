//! Traces over OTLP, for whoever asks for them: a pass is a span, its stages are, and each call to AWS is.
//!
//! Nothing of it runs otherwise. Log lines do not become events of spans: they have a way of their own.

use crate::aws::sdk::traces::TARGET;
use async_trait::async_trait;
use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use rustls::crypto::aws_lc_rs;
use std::time::Duration;
use tokio::runtime::Handle;
use tracing::{Span, Subscriber, info_span, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// A collector that does not answer holds up nothing but spans.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Where a collector takes spans, below its address.
const PATH: &str = "/v1/traces";

/// Why spans cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// There are no certificate authorities to trust.
    #[error("no certificate authorities for the collector: {0}; install the system's, or set SSL_CERT_FILE")]
    NoTrust(#[from] std::io::Error),
    /// A variable of OpenTelemetry's is wrong.
    #[error("the collector of traces: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// A stage of a pass.
pub(in crate::controller) fn stage(name: &'static str) -> Span {
    info_span!(target: TARGET, "stage", otel.name = name)
}

/// What sends spans; they are lost with it.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Spans go to the collector at `endpoint`, from tasks of `runtime`.
    ///
    /// # Errors
    /// [`TracesError`].
    pub fn to(endpoint: &Uri, instance: &str, runtime: &Handle) -> Result<Self, TracesError> {
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(aws_lc_rs::default_provider())?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client {
            inner: HyperClient::new(tls, TIMEOUT, None),
            runtime: runtime.clone(),
        };
        let endpoint = endpoint.to_string();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(format!("{}{PATH}", endpoint.trim_end_matches('/')))
            .with_timeout(TIMEOUT)
            .build()?;
        let resource = Resource::builder()
            .with_service_name("palisade")
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            ))
            .with_attribute(opentelemetry::KeyValue::new(
                "service.instance.id",
                instance.to_owned(),
            ))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// Our spans, and no one else's.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("palisade"))
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| {
                metadata.is_span() && metadata.target().starts_with("palisade")
            }))
    }

    /// Sends what is left. Not from a task: it waits.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown() {
            warn!(%error, "the last spans were not sent");
        }
    }
}

/// Sends in tasks: whoever exports has a thread without a runtime.
#[derive(Debug)]
struct Client {
    inner: HyperClient<HttpsConnector<HttpConnector>>,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let inner = self.inner.clone();
        self.runtime
            .spawn(async move { inner.send_bytes(request).await })
            .await?
    }
}
