//! How long each phase of a deletion may take: after that it is said what is left, why, and what to do. It is tried again all
//! the same, and what does not hang on it has gone meanwhile.

use super::mutual_tls::is_of_mutual_tls;
use crate::domain::kernel::planning::{Id, Kind, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::Plan;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// AWS catches up within seconds, or minutes at worst.
const PROPAGATION: SignedDuration = SignedDuration::from_mins(15);
/// CloudFront switches a distribution off in minutes, and ACM lets a certificate go soon after.
const CLOUDFRONT: SignedDuration = SignedDuration::from_hours(1);
/// What a person has to solve is looked at again this often.
const RETRY: Duration = Duration::from_mins(1);

/// Turns waits that have lasted too long into problems. `held_since` tells since when a kind has had the reason that it has;
/// the deletion was asked for at `asked`.
pub fn apply(
    plan: &mut Plan,
    held_since: impl Fn(Kind, Reason) -> Option<Timestamp>,
    asked: Timestamp,
    now: Timestamp,
) {
    let waits = std::mem::take(&mut plan.waits);
    for wait in waits {
        let begun = match wait.id.kind {
            // Of an object that goes, no condition tells since when they are waited for: their turn is after the distribution's.
            Kind::ApiKey | Kind::Authorizer => Some(asked + CLOUDFRONT),
            kind if is_of_mutual_tls(kind) => Some(asked + CLOUDFRONT),
            kind => held_since(kind, wait.reason),
        };
        let is_late = begun
            .zip(limit(wait.reason))
            .is_some_and(|(begun, limit)| now.duration_since(begun) > limit);
        if is_late {
            plan.problems.push(overdue(wait));
        } else {
            plan.waits.push(wait);
        }
    }
}

fn limit(reason: Reason) -> Option<SignedDuration> {
    match reason {
        Reason::Propagating | Reason::RolePropagating | Reason::FunctionPending => Some(PROPAGATION),
        Reason::Deploying | Reason::CertificateInUse => Some(CLOUDFRONT),
        _ => None,
    }
}

/// The reason stays, so that it is known since when it holds.
fn overdue(wait: Wait) -> Problem {
    let remedy = match (wait.id.kind, wait.reason) {
        (Kind::WebAcl, _) => {
            "Something that is not this object's still uses the web ACL, or its logging: \
             `aws cloudfront list-distributions-by-web-acl-id` shows distributions. Give what you find a web ACL of its own"
        }
        (Kind::IpSet, _) => {
            "A rule of another web ACL or rule group refers to the IP set: give that rule a set of its own"
        }
        (Kind::Certificate | Kind::OriginCertificate | Kind::ClientCertificate, _) => {
            "Something that is not this object's uses the certificate (ACM shows it as \"in use by\"): give it another one"
        }
        (Kind::Authorizer, _) => {
            "Look at the role and function in the console: an instance profile or a replica may hold them"
        }
        (Kind::ApiKey, _) => {
            "Look at the API key and its usage plan in the console: a stage that somebody added to the plan may hold them"
        }
        (Kind::OriginDomain, _) => {
            "Look at the custom domain name in API Gateway: a mapping that somebody added may hold it"
        }
        (_, Reason::Deploying) => {
            "This is far beyond the usual: look at AWS's Health Dashboard, or open a support case"
        }
        _ => "Look at what AWS says; if it stays so, open a support case",
    };
    Problem {
        message: format!(
            "{} This has lasted too long. {remedy}; it is tried again by itself",
            sentence(&wait.message)
        ),
        id: wait.id,
        reason: wait.reason,
        field: None,
        remedy: None,
        stands: false,
        retry_after: Some(RETRY),
    }
}

fn sentence(message: &str) -> String {
    format!("{}.", message.trim_end_matches('.'))
}

/// The problem of a web ACL that distributions of others use: what protects them is not taken away.
pub(super) fn web_acl_in_use(name: &str, users: &[String]) -> Problem {
    Problem {
        id: Id::of(Kind::WebAcl),
        reason: Reason::WebAclInUse,
        field: None,
        message: format!(
            "web ACL {name} also protects what is not of this object: {}. Have each protected by a web ACL of its own, and this \
             one is deleted then",
            users.join(", ")
        ),
        remedy: None,
        stands: false,
        retry_after: Some(RETRY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: &str = "2026-01-01T00:00:00Z";

    fn began() -> Timestamp {
        BEGAN.parse().unwrap()
    }

    fn waiting(kind: Kind, reason: Reason) -> Plan {
        let mut plan = Plan::default();
        plan.waits.push(Wait {
            id: Id::of(kind),
            reason,
            message: "AWS has not caught up".into(),
            retry_after: RETRY,
        });
        plan
    }

    /// All kinds have had `reason` since the deletion began.
    fn held(reason: Reason) -> impl Fn(Kind, Reason) -> Option<Timestamp> {
        move |_, asked| (asked == reason).then(began)
    }

    #[test]
    fn each_phase_has_a_limit_after_which_what_is_left_is_said_with_its_remedy() {
        let cases = [
            (Kind::Role, Reason::Propagating, 15, "open a support case"),
            (Kind::Function, Reason::FunctionPending, 15, "open a support case"),
            (
                Kind::IpSet,
                Reason::Propagating,
                15,
                "give that rule a set of its own",
            ),
            (
                Kind::WebAcl,
                Reason::Propagating,
                15,
                "list-distributions-by-web-acl-id",
            ),
            (Kind::Logging, Reason::Propagating, 15, "open a support case"),
            (Kind::Distribution, Reason::Propagating, 15, "open a support case"),
            (Kind::Distribution, Reason::Deploying, 60, "Health Dashboard"),
            (Kind::Certificate, Reason::CertificateInUse, 60, "in use by"),
            (Kind::Records, Reason::Propagating, 15, "open a support case"),
            (Kind::Protection, Reason::Propagating, 15, "open a support case"),
            (Kind::HealthCheck, Reason::Propagating, 15, "open a support case"),
            (Kind::Alarm, Reason::Propagating, 15, "open a support case"),
            // Their turn comes when the distribution is switched off.
            (Kind::ApiKey, Reason::Propagating, 75, "usage plan"),
            (Kind::Authorizer, Reason::Propagating, 75, "instance profile"),
            (
                Kind::OriginCertificate,
                Reason::CertificateInUse,
                120,
                "in use by",
            ),
            (
                Kind::OriginRecords,
                Reason::Propagating,
                75,
                "open a support case",
            ),
            (Kind::Truststore, Reason::Propagating, 75, "open a support case"),
            (Kind::OriginDomain, Reason::Propagating, 75, "a mapping"),
            (
                Kind::ClientCertificate,
                Reason::CertificateInUse,
                120,
                "in use by",
            ),
        ];
        let all: std::collections::BTreeSet<Kind> = cases.iter().map(|case| case.0).collect();
        let stays = [Kind::Access, Kind::Endpoint];
        let lasting = Kind::ALL.into_iter().filter(|kind| !stays.contains(kind));
        assert_eq!(all, lasting.collect(), "a lock stays, and is not waited for");
        for (kind, reason, minutes, remedy) in cases {
            let after = |minutes: i64| {
                let mut plan = waiting(kind, reason);
                let now = began() + SignedDuration::from_mins(minutes);
                apply(&mut plan, held(reason), began(), now);
                plan
            };
            let case = format!("{kind:?} {reason:?}");
            assert_eq!(
                (after(minutes).waits.len(), after(minutes).problems.len()),
                (1, 0),
                "{case}"
            );
            let late = after(minutes + 1);
            assert!(late.waits.is_empty(), "{case}");
            let problem = &late.problems[0];
            assert_eq!(
                (problem.reason, problem.retry_after),
                (reason, Some(RETRY)),
                "{case}"
            );
            assert!(
                problem
                    .message
                    .starts_with("AWS has not caught up. This has lasted too long.")
                    && problem.message.contains(remedy),
                "{case}: {}",
                problem.message
            );
        }
    }

    #[test]
    fn what_has_waited_for_another_reason_begins_anew() {
        let mut plan = waiting(Kind::WebAcl, Reason::Propagating);
        let now = began() + SignedDuration::from_hours(9);
        apply(&mut plan, held(Reason::Deploying), began(), now);
        assert_eq!((plan.waits.len(), plan.problems.len()), (1, 0));
    }
}
