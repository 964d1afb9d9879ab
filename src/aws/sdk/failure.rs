//! What the SDK reports as an error, in the words of [`CloudError`].

use crate::aws::cloud::CloudError;
use crate::aws::errors::{
    CREDENTIALS_UNAVAILABLE, ErrorKind, NO_ANSWER, NO_CREDENTIALS, NOT_UNDERSTOOD, UNREADABLE_ANSWER,
    is_known,
};
use crate::aws::operations::Operation;
use crate::domain::shield::account::contact::MASK;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use serde_json::Value;
use std::error::Error;

/// The SDK refused to send what we built: a mistake of ours, not of AWS.
const UNSENDABLE: &str = "UnsendableRequest";

/// A shorter text says nothing about anybody, and its letters are everywhere.
const QUOTABLE: usize = 4;

/// Members of WAF's errors that say which field is meant; the message alone often does not.
const DETAILS: [&str; 4] = ["Field", "Parameter", "Reason", "SourceType"];

/// A failed call before it is known which operation it was.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    code: String,
    message: String,
    /// Whether AWS says by its status that the fault is its own.
    is_server_fault: bool,
}

impl Failure {
    pub fn unreadable(message: impl Into<String>) -> Self {
        Self {
            code: UNREADABLE_ANSWER.to_owned(),
            message: message.into(),
            is_server_fault: false,
        }
    }

    /// AWS did what was asked, and says so in a way that we do not know.
    pub fn not_understood(message: impl Into<String>) -> Self {
        Self {
            code: NOT_UNDERSTOOD.to_owned(),
            message: message.into(),
            is_server_fault: false,
        }
    }

    /// A request that we must not send.
    pub fn unsendable(message: impl Into<String>) -> Self {
        Self {
            code: UNSENDABLE.to_owned(),
            message: message.into(),
            is_server_fault: false,
        }
    }

    /// An answer that lacks `what`.
    pub fn missing(what: &str) -> Self {
        Self::not_understood(format!("the answer has no {what}"))
    }

    /// A failed request about people, whom AWS may quote.
    pub fn about_people<E>(error: &SdkError<E, HttpResponse>, facts: &[&str]) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        Self::quoting_none_of(error, facts)
    }

    /// A failed request of which AWS may quote something: `facts` are masked, and nothing of it is logged.
    pub fn quoting_none_of<E>(error: &SdkError<E, HttpResponse>, facts: &[&str]) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let mut failure = Self::of_sdk(error);
        let mut facts: Vec<&str> = facts
            .iter()
            .copied()
            .filter(|fact| fact.len() >= QUOTABLE)
            .collect();
        // One may be a part of another.
        facts.sort_by_key(|fact| std::cmp::Reverse(fact.len()));
        for fact in facts {
            failure.message = failure.message.replace(fact, MASK);
        }
        failure
    }

    fn of_sdk<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        if let Some(credentials) = find::<CredentialsError>(error) {
            return match find::<CloudError>(credentials) {
                Some(refused) => not_assumed(refused),
                None => no_credentials(credentials),
            };
        }
        match error {
            SdkError::ServiceError(refused) if refused.raw().status().is_success() => {
                Self::not_understood(chain(error))
            }
            SdkError::ServiceError(refused) => refusal(refused.err(), refused.raw()),
            SdkError::ConstructionFailure(_) => Self::unsendable(chain(error)),
            SdkError::ResponseError(broken) if broken.raw().status().is_success() => {
                Self::not_understood(chain(error))
            }
            SdkError::ResponseError(broken) => Self::unreadable(format!(
                "HTTP {}: {}",
                broken.raw().status().as_u16(),
                chain(error)
            )),
            _ => Self {
                code: NO_ANSWER.to_owned(),
                message: chain(error),
                is_server_fault: false,
            },
        }
    }

    /// The same where there were credentials before: their source fails for a while.
    pub fn after_credentials(mut self) -> Self {
        if self.code == NO_CREDENTIALS {
            CREDENTIALS_UNAVAILABLE.clone_into(&mut self.code);
        }
        self
    }

    pub fn of(self, operation: Operation) -> CloudError {
        let error = CloudError::new(operation, self.code, self.message);
        if self.is_server_fault && !is_known(error.operation, &error.code, &error.message) {
            return CloudError {
                kind: ErrorKind::Transient,
                ..error
            };
        }
        error
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::unsendable(chain(&error))
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Failure
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        log(&error);
        Self::of_sdk(&error)
    }
}

/// The request's id names one call: good in the log, wrong in a status that must not change from call to call.
fn log<E>(error: &SdkError<E, HttpResponse>)
where
    E: Error + 'static,
{
    let request_id = error.raw_response().and_then(request_id).unwrap_or("none");
    tracing::debug!(request_id, error = %chain(error), "AWS call failed");
}

/// By this id AWS's support finds the request; services name it each in their own way.
pub fn request_id(response: &HttpResponse) -> Option<&str> {
    let names = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
    names.iter().find_map(|name| response.headers().get(*name))
}

fn refusal(error: &impl ProvideErrorMetadata, response: &HttpResponse) -> Failure {
    let body = response.body().bytes().unwrap_or_default();
    let Some(code) = error.code() else {
        return Failure::unreadable(format!(
            "HTTP {} without an error code",
            response.status().as_u16()
        ));
    };
    let mut message = vec![error.message().unwrap_or_default().trim().to_owned()];
    message.extend(details(body));
    Failure {
        code: code.to_owned(),
        message: message.join(" ").trim_start().to_owned(),
        is_server_fault: response.status().as_u16() >= 500,
    }
}

/// `[Field: …]`, `[Reason: …]` and the like, as far as the answer has them.
fn details(body: &[u8]) -> Vec<String> {
    let Ok(document) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    let member = |name| document.get(name).and_then(Value::as_str);
    DETAILS
        .into_iter()
        .filter_map(|name| Some(format!("[{name}: {}]", member(name)?)))
        .collect()
}

/// The call was never made: the role whose credentials it needs could not be assumed.
fn not_assumed(refused: &CloudError) -> Failure {
    Failure {
        code: refused.code.clone(),
        message: format!("the role could not be assumed: {}", refused.message),
        is_server_fault: false,
    }
}

fn no_credentials(error: &CredentialsError) -> Failure {
    if let Some(refused) = find::<AssumeRoleWithWebIdentityError>(error)
        && let Some(code) = refused.code()
    {
        let said = refused.message().unwrap_or_default();
        return Failure {
            code: code.to_owned(),
            message: format!("AWS credentials could not be had for the web identity's token: {said}"),
            is_server_fault: false,
        };
    }
    let (code, message) = match error {
        CredentialsError::CredentialsNotLoaded(_) => (
            NO_CREDENTIALS,
            "no AWS credentials were found; give the pod a role (IRSA or Pod Identity), or set AWS_PROFILE or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
        CredentialsError::InvalidConfiguration(_) => (
            NO_CREDENTIALS,
            "the configuration of the AWS credentials is wrong",
        ),
        _ => (CREDENTIALS_UNAVAILABLE, "AWS credentials could not be loaded"),
    };
    Failure {
        code: code.to_owned(),
        message: format!("{message} ({})", chain(error)),
        is_server_fault: false,
    }
}

/// The first error of type `T` among `error` and its sources.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    std::iter::successors(Some(error), |error| (*error).source()).find_map(|error| error.downcast_ref::<T>())
}

/// All messages from `error` down to its root; a source that says the same again is left out.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for error in std::iter::successors(Some(error), |error| (*error).source()) {
        let message = error.to_string();
        if !text.contains(&message) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&message);
        }
    }
    text
}

/// Error code and message of a response that is still unparsed, for those who see single attempts.
pub fn wire_error(response: &HttpResponse) -> Option<(String, String)> {
    let header = response.headers().get("x-amzn-errortype").map(bare);
    let body = response.body().bytes().unwrap_or_default();
    let (code, message) = json_error(body).unwrap_or_else(|| xml_error(body));
    Some((header.or(code)?, message))
}

/// `None` where `body` is no JSON.
fn json_error(body: &[u8]) -> Option<(Option<String>, String)> {
    let document = serde_json::from_slice::<Value>(body).ok()?;
    let text = |names: [&'static str; 2]| names.iter().find_map(|name| document.get(name)?.as_str());
    let mut message = vec![text(["message", "Message"]).unwrap_or_default().to_owned()];
    message.extend(details(body));
    Some((text(["__type", "code"]).map(bare), message.join(" ")))
}

fn xml_error(body: &[u8]) -> (Option<String>, String) {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (content, _) = rest.split_once(&format!("</{name}>"))?;
        Some(content.trim().to_owned())
    };
    (element("Code"), element("Message").unwrap_or_default())
}

/// `Code` of `namespace#Code:http://…`.
fn bare(code: &str) -> String {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).trim().to_owned()
}

#[cfg(test)]
mod tests;
