//! About how many calls a step takes, and how long AWS takes for what follows: by experience, for people to plan by.

use crate::api::PlanVerb;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

/// About so many calls it takes to make, change or delete one, with those that read back.
pub(super) fn calls(kind: Kind, verb: PlanVerb) -> i64 {
    match (kind, verb) {
        // Role: made, its policy put; or its policies, then itself. Certificate, public or of the origin's name: requested, its records
        // read, and tagged. Truststore: the bucket read, the object put and read. Client certificate: imported, and read back with its
        // chain.
        (Kind::Role, PlanVerb::Create | PlanVerb::Delete)
        | (
            Kind::Certificate | Kind::OriginCertificate | Kind::Truststore | Kind::ClientCertificate,
            PlanVerb::Create,
        ) => 3,
        // Disabled, awaited, deleted. Key, usage plan, and what binds them.
        (Kind::Distribution, PlanVerb::Delete) | (Kind::ApiKey, PlanVerb::Create) => 4,
        // Made, read until it is active, and published; or read until it is available, and mapped to the stage.
        (Kind::Function | Kind::OriginDomain, PlanVerb::Create) => 5,
        // The mark, the switch, the stage that puts it in force, and the mark again.
        (Kind::Endpoint, _) => 6,
        // Role, function, permission and authorizer.
        (Kind::Authorizer, PlanVerb::Create) => 8,
        // The mark, the routes, the deployment, and the mark again.
        (Kind::Access, _) => 10,
        _ => 2,
    }
}

/// Why and about how many seconds AWS takes after such a step; `None` where it is at once.
pub(super) fn wait(kind: Kind, verb: PlanVerb) -> Option<(Reason, i64, &'static str)> {
    match (kind, verb) {
        (Kind::Role, PlanVerb::Create) => Some((
            Reason::RolePropagating,
            15,
            "Lambda learns of the new role; this usually takes seconds, and up to 15 minutes in a busy account",
        )),
        (Kind::Certificate | Kind::OriginCertificate, PlanVerb::Create) => Some((
            Reason::CertificatePending,
            300,
            "ACM issues the certificate once its records are found in DNS; this usually takes minutes",
        )),
        (Kind::Distribution, _) => Some((
            Reason::Deploying,
            300,
            "CloudFront carries the configuration to its edge locations; this usually takes 3 to 10 minutes",
        )),
        (Kind::OriginDomain, PlanVerb::Create | PlanVerb::Change) => Some((
            Reason::DomainPending,
            300,
            "API Gateway makes, or changes, the custom domain name; this usually takes minutes",
        )),
        (Kind::Endpoint, _) => Some((
            Reason::EndpointSwitching,
            60,
            "the switch is proven by probes through the perimeter and past it; this usually takes a minute",
        )),
        (Kind::Access, _) => Some((
            Reason::CuttingOver,
            60,
            "the lock is proven by probes through the perimeter and past it; this usually takes a minute",
        )),
        _ => None,
    }
}

/// About how many seconds a wait that is under way takes; where that is not known, when it is looked at again.
pub(super) fn seconds(reason: Reason, retry_after: Duration) -> i64 {
    match reason {
        Reason::Deploying | Reason::CertificatePending | Reason::DomainPending => 300,
        Reason::RolePropagating => 15,
        Reason::Propagating => 10,
        Reason::CuttingOver | Reason::EndpointSwitching => 60,
        _ => i64::try_from(retry_after.as_secs()).unwrap_or(i64::MAX),
    }
}
