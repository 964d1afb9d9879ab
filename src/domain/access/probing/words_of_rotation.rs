//! What people are told of the values that CloudFront sends, while the next one takes the place of the present one.

use super::verdicts::said;
use crate::domain::access::authorization::Desired;
use crate::domain::access::probe::Verdict;

pub(super) fn next_not_accepted(desired: &Desired, verdict: &Verdict) -> String {
    format!(
        "the next {} is not accepted by API Gateway yet, and CloudFront goes on sending the present one: {}",
        desired.proof.noun(),
        said(verdict)
    )
}

pub(super) fn next_unprobed(desired: &Desired, verdict: &Verdict) -> String {
    format!(
        "API Gateway has the next {}, and no probe from here can prove that it is accepted: {}. CloudFront sends it two \
         minutes after it was made",
        desired.proof.noun(),
        said(verdict)
    )
}

pub(super) fn next_untried(desired: &Desired) -> String {
    format!(
        "API Gateway has the next {}, which no probe shows where CloudFront shows a client certificate. CloudFront sends it two minutes \
         after it was made",
        desired.proof.noun()
    )
}

pub(super) fn rotation_deploys() -> String {
    "CloudFront carries the next value to its edge locations; until then the API accepts both".to_owned()
}

pub(super) fn rotation_unproven(verdict: &Verdict) -> String {
    format!(
        "a probe with the next value through the perimeter proves nothing, so the API goes on accepting both: {}",
        said(verdict)
    )
}
