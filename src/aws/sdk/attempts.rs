//! What happens at each attempt of every call: answers are bounded, and retries are told to the budget.

use super::failure::{request_id, wire_error};
use crate::aws::cloud::RetryObserver;
use crate::aws::errors::{self, ErrorKind};
use crate::aws::operations::{OPERATIONS, Operation, Service};
use crate::aws::sdk::traces;
use aws_config::Region;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::time::Instant;

/// A longer answer is an error. The longest that AWS gives, a page of an account's roles, stays well below.
const MAX_ANSWER: usize = 32 << 20;

/// The interceptor of one service's client.
pub struct Attempts {
    service: Service,
    retries: Arc<OnceLock<Arc<dyn RetryObserver>>>,
}

/// What the attempt before the present one ended with.
#[derive(Debug, Clone, Copy)]
struct Previous {
    began: Instant,
    throttled: bool,
}

impl Storable for Previous {
    type Storer = StoreReplace<Self>;
}

impl Attempts {
    pub fn new(service: Service, retries: Arc<OnceLock<Arc<dyn RetryObserver>>>) -> Self {
        Self { service, retries }
    }

    fn region<'a>(&self, cfg: &'a ConfigBag) -> &'a str {
        let region = cfg.load::<Region>().filter(|_| self.service.is_regional());
        region.map(AsRef::as_ref).unwrap_or_default()
    }

    fn operation(&self, cfg: &ConfigBag) -> Option<Operation> {
        let name = cfg.load::<Metadata>()?.name();
        OPERATIONS
            .iter()
            .copied()
            .find(|row| row.service == self.service && row.name == name)
    }
}

impl std::fmt::Debug for Attempts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Attempts")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "PalisadeAttempts"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_retry = cfg
            .load::<RequestAttempts>()
            .is_some_and(|attempts| attempts.attempts() > 1);
        let previous = cfg.load::<Previous>().copied();
        if let (true, Some(observer), Some(operation)) = (is_retry, self.retries.get(), self.operation(cfg)) {
            let throttled = previous.filter(|it| it.throttled).map(|it| it.began);
            observer.retried(operation, self.region(cfg), throttled);
        }
        cfg.interceptor_state().store_put(Previous {
            began: Instant::now(),
            throttled: false,
        });
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let inner = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Bounded {
            inner,
            left: MAX_ANSWER,
        });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(id) = context.response().and_then(request_id) {
            traces::answered(id);
        }
        let (Some(response), Some(operation)) = (context.response(), self.operation(cfg)) else {
            return Ok(());
        };
        let throttled = is_throttle(operation, response);
        if let Some(previous) = cfg.load::<Previous>().copied() {
            cfg.interceptor_state().store_put(Previous {
                throttled,
                ..previous
            });
        }
        Ok(())
    }
}

/// Whether AWS refused the attempt for its rate. One code may mean a full quota as well, which only the message tells.
fn is_throttle(operation: Operation, response: &HttpResponse) -> bool {
    if response.status().is_success() {
        return false;
    }
    wire_error(response)
        .is_some_and(|(code, message)| errors::classify(operation, &code, &message) == ErrorKind::Throttled)
}

/// A body that fails when more than `left` bytes come.
struct Bounded {
    inner: SdkBody,
    left: usize,
}

impl Body for Bounded {
    type Data = <SdkBody as Body>::Data;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(context));
        let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
        let length = data.map_or(0, |data| data.as_ref().len());
        match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                Poll::Ready(frame)
            }
            None => Poll::Ready(Some(Err(
                format!("the answer is longer than {MAX_ANSWER} bytes").into()
            ))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::http::StatusCode;

    /// Whether a refusal of `CreateAuthorizer` counts as a throttle.
    fn throttles(code: &'static str, body: &'static str) -> bool {
        let create = OPERATIONS.iter().find(|operation| {
            operation.service == Service::ApiGateway && operation.name == "CreateAuthorizer"
        });
        let mut response = HttpResponse::new(StatusCode::try_from(429).unwrap(), SdkBody::from(body));
        response.headers_mut().insert("x-amzn-errortype", code);
        is_throttle(*create.unwrap(), &response)
    }

    #[test]
    fn a_full_quota_of_api_gateway_does_not_lower_the_rate_of_calls() {
        let full = r#"{"message":"Maximum number of Authorizers for this API has been reached"}"#;
        assert!(!throttles("LimitExceededException", full));
        assert!(throttles(
            "LimitExceededException",
            r#"{"message":"Too many requests"}"#
        ));
        assert!(throttles(
            "TooManyRequestsException",
            r#"{"message":"Too Many Requests"}"#
        ));
    }

    #[test]
    fn an_answer_that_went_well_is_no_throttle() {
        let response = HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from("{}"));
        assert!(!is_throttle(OPERATIONS[0], &response));
    }

    /// Reads `text` under a bound of 8 bytes.
    async fn read(text: &'static str) -> Result<usize, String> {
        let mut body = Bounded {
            inner: SdkBody::from(text),
            left: 8,
        };
        let mut length = 0;
        while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
        {
            let frame = frame.map_err(|error| error.to_string())?;
            length += frame.data_ref().map_or(0, |data| data.as_ref().len());
        }
        Ok(length)
    }

    #[tokio::test]
    async fn an_answer_within_the_bound_is_read_whole() {
        assert_eq!(read("12345678").await, Ok(8));
    }

    #[tokio::test]
    async fn a_longer_answer_is_an_error() {
        assert!(read("123456789").await.unwrap_err().contains("longer than"));
    }
}
