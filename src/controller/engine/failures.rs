//! What is said of a call that failed, and what follows from it.

use crate::aws::cloud::CloudError;
use crate::aws::errors::{self, ErrorKind};
use crate::aws::operations::Service;
use crate::aws::readings::inventory::Unread;
use crate::aws::remedies::remedy;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::begun;

/// A failure that concerns the object as a whole.
pub(in crate::controller) fn whole(error: &CloudError) -> Failure {
    failure(None, error)
}

/// A failed call, with AWS's own words and what to do.
pub(in crate::controller) fn failure(id: Option<Id>, error: &CloudError) -> Failure {
    let passes = (error.kind == ErrorKind::Throttled).then_some("it is tried again by itself");
    let message = with_remedy(error, remedy(error).or(passes));
    // An API that was there when the spec was accepted does not come back by itself.
    let is_gone = error.kind == ErrorKind::NotFound && is_api_gateway(error);
    Failure {
        id,
        kind: if is_gone { ErrorKind::Terminal } else { error.kind },
        reason: reason(error),
        message,
    }
}

/// The lists that could not be read and that matter: of those of Lambda's none does where nothing signs. What failed of them.
pub(super) fn failures_of_lists(unread: &mut Vec<Unread>, needs_signer: bool) -> Vec<Failure> {
    unread.retain(|unread| needs_signer || unread.list.kind() != Some(Kind::Function));
    let failed = |unread: &Unread| failure(unread.list.kind().map(Id::of), &unread.error);
    unread.iter().map(failed).collect()
}

/// AWS's own words, and what to do. Some of its sentences end with a full stop, some do not.
pub(super) fn with_remedy(error: &CloudError, remedy: Option<&str>) -> String {
    let said = error.to_string();
    match remedy {
        Some(remedy) => format!("{}. {}", said.trim_end_matches('.'), begun(remedy)),
        None => said,
    }
}

fn is_api_gateway(error: &CloudError) -> bool {
    matches!(
        error.operation.service,
        Service::ApiGateway | Service::ApiGatewayV2
    )
}

fn reason(error: &CloudError) -> Reason {
    errors::reason(error.operation, &error.code, &error.message).unwrap_or_else(|| reason_of_kind(error))
}

/// Where the table of errors has no reason of its own.
fn reason_of_kind(error: &CloudError) -> Reason {
    let code = error.code.as_str();
    match error.kind {
        ErrorKind::Denied if !code.starts_with("AccessDenied") && code != "UnauthorizedOperation" => {
            Reason::CredentialsInvalid
        }
        ErrorKind::Denied => Reason::AccessDenied,
        ErrorKind::Throttled => Reason::Throttled,
        ErrorKind::Conflict => Reason::Conflict,
        ErrorKind::NotYet => Reason::Propagating,
        ErrorKind::Transient => Reason::AwsUnavailable,
        ErrorKind::Exists => Reason::NameTaken,
        ErrorKind::Terminal if code == errors::NOT_UNDERSTOOD => Reason::AnswerNotUnderstood,
        ErrorKind::Terminal if error.operation.service == Service::Sns => Reason::TopicNotFound,
        ErrorKind::Terminal if error.operation.name == "EnableApplicationLayerAutomaticResponse" => {
            Reason::AutomaticResponseUnavailable
        }
        ErrorKind::Terminal
            if code.starts_with("TooMany")
                || code.contains("LimitExceeded")
                || code.contains("LimitsExceeded")
                || code.contains("StorageExceeded") =>
        {
            Reason::QuotaReached
        }
        ErrorKind::Terminal | ErrorKind::NotFound => Reason::AwsRefused,
    }
}
