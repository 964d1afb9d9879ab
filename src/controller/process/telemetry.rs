//! Logs: one line an event, each with the namespace and name of the object it is about.

use super::traces::Traces;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, ParseError, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{EnvFilter, Layer, fmt, util::SubscriberInitExt as _};

/// What is logged where nothing else is asked for.
pub const DEFAULT_FILTER: &str = "info,kube=warn,kube_client=warn,kube_runtime=warn";

/// Spans of this target are for traces, in which a call stands below its pass. A line shows the innermost span: the pass.
const NOT_SHOWN: &str = crate::aws::sdk::traces::TARGET;

/// Below these, requests and answers would be logged with their bodies, and with them secrets: `aws_` stands for the SDK and for
/// `aws_smithy_runtime`, which logs the private key of a certificate that is imported.
const NEVER_IN_DETAIL: &[&str] = &["aws_", "hyper", "h2", "rustls", "tower"];

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For log collectors: one JSON object a line.
    Json,
}

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error(
        "--log-level: {0}; write a level (error, warn, info, debug, trace) or a filter such as info,palisade=debug"
    )]
    Filter(#[from] ParseError),
    /// Somebody else logs already.
    #[error("starting the log: {0}")]
    Start(#[from] TryInitError),
}

/// Starts logging to stderr, and collecting spans where they are asked for.
///
/// # Errors
/// When `filter` does not parse.
pub fn start(format: LogFormat, filter: &str, traces: Option<&Traces>) -> Result<(), TelemetryError> {
    tracing_subscriber::registry()
        .with(lines(format, filter, std::io::stderr)?)
        .with(traces.map(Traces::layer))
        .try_init()?;
    Ok(())
}

/// Whether a filter lets nothing into the log.
#[must_use]
pub fn is_off(filter: &str) -> bool {
    let filter = EnvFilter::try_new(filter);
    filter.is_ok_and(|filter| filter.max_level_hint() == Some(LevelFilter::OFF))
}

fn lines<S, W>(format: LogFormat, filter: &str, writer: W) -> Result<impl Layer<S>, ParseError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_writer(writer);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(false).boxed(),
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    };
    Ok(layer.with_filter(EnvFilter::try_new(filter)?.and(filter_fn(is_harmless))))
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    if metadata.is_span() && metadata.target() == NOT_SHOWN {
        return false;
    }
    *metadata.level() <= Level::INFO
        || !NEVER_IN_DETAIL
            .iter()
            .any(|target| metadata.target().starts_with(target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};
    use tracing::{info, info_span, trace};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str, talk: impl FnOnce()) -> String {
        let log = Log::default();
        let writer = log.clone();
        let layer = lines(format, filter, move || writer.clone()).expect("a filter");
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), talk);
        let bytes = log.0.lock().expect("no panic").clone();
        String::from_utf8(bytes).expect("UTF-8")
    }

    fn talk() {
        info_span!("pass", object = "shop/petstore").in_scope(|| info!(reason = "Deploying", "waiting"));
    }

    #[test]
    fn a_line_names_the_object_it_is_about() {
        let text = logged(LogFormat::Text, "info", talk);
        assert!(text.contains("pass{object=\"shop/petstore\"}"), "{text}");
        let json: Value = serde_json::from_str(&logged(LogFormat::Json, "info", talk)).expect("one object");
        assert_eq!(json["span"]["object"], "shop/petstore");
        assert_eq!(
            (&json["message"], &json["reason"]),
            (&"waiting".into(), &"Deploying".into())
        );
    }

    #[test]
    fn a_line_within_a_stage_or_a_call_still_names_the_object() {
        let within = || {
            let pass = info_span!("pass", object = "shop/petstore");
            let _pass = pass.enter();
            let call = info_span!(target: NOT_SHOWN, "call", rpc.method = "GetRole");
            call.in_scope(|| info!("waiting"));
        };
        let json: Value = serde_json::from_str(&logged(LogFormat::Json, "info", within)).expect("one object");
        assert_eq!(json["span"]["object"], "shop/petstore");
        let text = logged(LogFormat::Text, "info", within);
        assert!(!text.contains("GetRole"), "{text}");
    }

    #[test]
    fn wire_logging_stays_off_whatever_the_filter_asks_for() {
        let talk = || {
            trace!(target: "aws_smithy_runtime::client", "body: a secret");
            trace!(target: "aws_sdk_acm::operation::import_certificate", "body: a secret");
            trace!(target: "aws_smithy_http_client::client", "body: a secret");
            trace!(target: "rustls::client::hs", "handshake: a secret");
            trace!(target: "aws_smithy_runtime::client::orchestrator", "request: a secret");
            trace!(target: "aws_sdk_acm::operation::import_certificate", "key: a secret");
            trace!(target: "aws_sdk_s3::operation::put_object", "body: a secret");
            trace!(target: "hyper::proto", "header: a secret");
            trace!(target: "palisade", "harmless");
        };
        let filter = "trace,aws_smithy_runtime::client=trace,aws_sdk_acm=trace,rustls=trace";
        let text = logged(LogFormat::Text, filter, talk);
        assert!(text.contains("harmless") && !text.contains("secret"), "{text}");
    }
}
