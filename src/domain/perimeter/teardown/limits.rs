//! How long each phase of a deletion may take: after that it is said what is left, why, and what to do. It is tried again all
//! the same, and what does not hang on it has gone meanwhile.

use crate::api::ProtectedApiStatus;
use crate::domain::kernel::planning::{Id, Kind, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::Plan;
use crate::domain::status::since::held_since;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// AWS catches up within seconds, or minutes at worst.
const PROPAGATION: SignedDuration = SignedDuration::from_mins(15);
/// CloudFront switches a distribution off in minutes, and ACM lets a certificate go soon after.
const CLOUDFRONT: SignedDuration = SignedDuration::from_hours(1);
/// What a person has to solve is looked at again this often.
const RETRY: Duration = Duration::from_mins(1);

/// Turns waits that have lasted too long into problems.
pub fn apply(plan: &mut Plan, previous: &ProtectedApiStatus, now: Timestamp) {
    let waits = std::mem::take(&mut plan.waits);
    for wait in waits {
        let since = held_since(previous, wait.id.kind, wait.reason);
        let is_late = since
            .zip(limit(wait.reason))
            .is_some_and(|(since, limit)| now.duration_since(since) > limit);
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
        (Kind::Certificate, _) => {
            "Something that is not this object's uses the certificate (ACM shows it as \"in use by\"): give it another one"
        }
        (Kind::Authorizer, _) => {
            "Look at the role and function in the console: an instance profile or a replica may hold them"
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
        message: format!(
            "web ACL {name} also protects what is not of this object: {}. Have each protected by a web ACL of its own, and this \
             one is deleted then",
            users.join(", ")
        ),
        stands: false,
        retry_after: Some(RETRY),
    }
}
