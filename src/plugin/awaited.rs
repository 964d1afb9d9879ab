//! What a reason waits for, and about how long.

use crate::domain::kernel::reason::Reason;
use serde::Serialize;

/// What is awaited: it comes by itself.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    /// What.
    pub what: &'static str,
    /// How long that takes, where it can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usually: Option<&'static str>,
}

/// What a condition with `reason` waits for; `None` where it waits for nothing, or for a person.
pub(super) fn awaited(reason: &str) -> Option<Awaited> {
    let (what, usually) = match Reason::parse(reason)? {
        Reason::InProgress => ("the controller's next step", None),
        Reason::WaitingForInputs => ("other parts of the perimeter", None),
        Reason::RolePropagating => (
            "Lambda to know the new role",
            Some("usually seconds, at most 15 minutes"),
        ),
        Reason::FunctionPending => ("Lambda to prepare the function", Some("usually a minute")),
        Reason::Propagating => ("AWS to catch up with a write", Some("usually seconds")),
        Reason::Deploying => (
            "CloudFront to reach all edge locations",
            Some("usually 3 to 10 minutes"),
        ),
        Reason::CertificatePending => (
            "ACM to see the records that prove the names",
            Some("usually minutes"),
        ),
        Reason::InPricingPlan => (
            "the flat-rate pricing plan to end",
            Some("at the end of its billing period; Free at once"),
        ),
        Reason::CertificateInUse => ("ACM to see the certificate unused", Some("usually minutes")),
        Reason::DomainPending => (
            "API Gateway to make or change the custom domain name",
            Some("usually minutes"),
        ),
        Reason::EndpointSwitching => (
            "proof that the API's default endpoint is switched off",
            Some("usually a minute or two"),
        ),
        Reason::CuttingOver => ("proof of the new lock", Some("about 2 minutes at most")),
        Reason::Rotating => ("the replacement of the secret value", None),
        Reason::Deleting => ("the perimeter to go", None),
        Reason::Condemned => ("Lambda's replicas to vanish", Some("usually hours")),
        Reason::Throttled => ("AWS to take calls again", None),
        Reason::AwsUnavailable => ("AWS to answer", None),
        Reason::Conflict => ("another try, since somebody else wrote at the same time", None),
        _ => return None,
    };
    Some(Awaited { what, usually })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_says_what_is_awaited_and_what_needs_a_person_does_not() {
        let deploying = awaited("Deploying").expect("it passes");
        assert_eq!(deploying.usually, Some("usually 3 to 10 minutes"));
        for reason in ["AccessDenied", "AliasInUse", "Ready", "ReasonOfALaterVersion", ""] {
            assert_eq!(awaited(reason), None, "{reason}");
        }
    }
}
