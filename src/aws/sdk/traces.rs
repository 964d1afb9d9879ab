//! Spans of calls to AWS, for whoever collects traces. Log lines do not show them: a line says which object it is about.

use crate::aws::cloud::CloudError;
use crate::aws::errors;
use crate::aws::operations::{Answer, Operation};
use tracing::{Instrument as _, Span, field, info_span};

/// The target of spans that are for traces alone.
pub const TARGET: &str = "palisade::traces";

tokio::task_local! {
    /// The call that is under way in this task.
    static CALL: Span;
}

/// Makes a call, as a span.
pub(crate) async fn called(
    operation: Operation,
    region: &str,
    call: impl Future<Output = Result<Answer, CloudError>>,
) -> Result<Answer, CloudError> {
    let span = info_span!(
        target: TARGET,
        "call",
        otel.name = field::Empty,
        otel.kind = "client",
        otel.status_code = field::Empty,
        rpc.system = "aws-api",
        rpc.service = operation.service.name(),
        rpc.method = operation.name,
        cloud.region = region,
        aws.request_id = field::Empty,
        outcome = field::Empty,
    );
    if span.is_disabled() {
        return call.await;
    }
    let name = format!("{} {}", operation.service.name(), operation.name);
    span.record("otel.name", name);
    let result = CALL.scope(span.clone(), call).instrument(span.clone()).await;
    match &result {
        Ok(_) => span.record("outcome", "ok"),
        Err(error) => span
            .record("outcome", errors::label(error.kind))
            .record("otel.status_code", "ERROR"),
    };
    result
}

/// By this id AWS's support finds the request; of several attempts the last one's is kept.
pub(crate) fn answered(request_id: &str) {
    // Outside of a call, or where nobody collects, there is nothing to write it to.
    let _ = CALL.try_with(|span| {
        span.record("aws.request_id", request_id);
    });
}
