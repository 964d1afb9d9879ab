//! Bodies that are documents of ours in place of the SDK's types.
//!
//! Updates of CloudFront and WAF replace the whole configuration, and the SDK's parsers skip what their crate does not
//! know: a read-modify-write through the SDK's types would delete whatever AWS invented later. So for the operations
//! that carry such configurations, an interceptor sets the request's body before it is signed and keeps the response's
//! body as it came. Endpoint, signature, retries and error parsing stay the SDK's.

use super::failure::Failure;
use crate::domain::edge::xml::{self, Element};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

/// The interceptor of one call; its clones share what they capture.
#[derive(Debug, Clone, Default)]
pub struct RawBody {
    request: Option<Arc<[u8]>>,
    answer: Arc<Mutex<Option<Captured>>>,
}

/// A successful answer as it came.
#[derive(Debug)]
pub struct Captured {
    body: Vec<u8>,
    etag: Option<String>,
}

impl RawBody {
    /// Keeps the answer; the request stays the SDK's.
    pub fn reading() -> Self {
        Self::default()
    }

    /// Sends `document`, keeps the answer.
    pub fn json(document: &Value) -> Self {
        Self::sending(document.to_string())
    }

    /// Sends `document`, keeps the answer.
    pub fn xml(document: &Element) -> Result<Self, Failure> {
        Ok(Self::sending(xml::write(document).map_err(Failure::unsendable)?))
    }

    fn sending(body: String) -> Self {
        Self {
            request: Some(body.into_bytes().into()),
            answer: Arc::default(),
        }
    }

    /// The captured answer of the call whose `outcome` the SDK reports.
    ///
    /// When AWS answered with success, the document counts, whether or not the SDK could make its types of it.
    pub fn finish<T, E>(&self, outcome: Result<T, SdkError<E, HttpResponse>>) -> Result<Captured, Failure>
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        match (self.take(), outcome) {
            (Some(captured), Ok(_) | Err(SdkError::ServiceError(_) | SdkError::ResponseError(_))) => {
                Ok(captured)
            }
            (_, Err(error)) => Err(error.into()),
            (None, Ok(_)) => Err(Failure::missing("body")),
        }
    }

    fn take(&self) -> Option<Captured> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Captured {
    /// An answer with this body.
    #[cfg(test)]
    pub fn of(body: Vec<u8>) -> Self {
        Self { body, etag: None }
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as a JSON document.
    pub fn into_json(self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| Failure::unreadable(error.to_string()))
    }

    /// The body as an XML document.
    pub fn to_xml(&self) -> Result<Element, Failure> {
        let text = std::str::from_utf8(&self.body).map_err(|error| Failure::unreadable(error.to_string()))?;
        xml::parse(text).map_err(Failure::unreadable)
    }

    /// The `ETag` header.
    pub fn etag(&self) -> Result<String, Failure> {
        self.etag.clone().ok_or_else(|| Failure::missing("ETag"))
    }
}

impl Intercept for RawBody {
    fn name(&self) -> &'static str {
        "PalisadeRawBody"
    }

    // Before the retry loop, so that every attempt sends and signs the same body.
    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(body) = &self.request {
            let request = context.request_mut();
            request
                .headers_mut()
                .try_insert("content-length", body.len().to_string())?;
            *request.body_mut() = SdkBody::from(body.as_ref());
        }
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.take();
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if let (true, Some(body)) = (response.status().is_success(), response.body().bytes()) {
            let etag = response.headers().get("etag").map(str::to_owned);
            *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(Captured {
                body: body.to_vec(),
                etag,
            });
        }
        Ok(())
    }
}
