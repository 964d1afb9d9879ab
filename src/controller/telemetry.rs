//! Logs: one line an event, each with the namespace and name of the object it is about.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, ParseError, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{EnvFilter, Layer, fmt, util::SubscriberInitExt as _};

/// What is logged where nothing else is asked for.
pub const DEFAULT_FILTER: &str = "info,kube=warn,kube_client=warn,kube_runtime=warn";

/// Below these, requests and answers would be logged with their bodies, and with them secrets.
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

/// Starts logging to stderr.
///
/// # Errors
/// When `filter` does not parse.
pub fn start(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(filter)?.and(filter_fn(is_harmless));
    tracing_subscriber::registry()
        .with(lines(format).with_filter(filter))
        .try_init()?;
    Ok(())
}

fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let layer = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => layer.with_ansi(false).boxed(),
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    }
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO
        || !NEVER_IN_DETAIL
            .iter()
            .any(|target| metadata.target().starts_with(target))
}
