//! What people are told of a canary release, which a lock of its stage does not reach.

use crate::domain::access::asked::Canary;
use crate::domain::access::authorization::Desired;
use crate::domain::access::listing::agreed;

pub(in crate::domain::access) fn canary_in_the_way(
    desired: &Desired,
    canary: &Canary,
    open: &[String],
) -> String {
    let open = if open.is_empty() {
        "it cannot be told what that asks for".to_owned()
    } else {
        format!(
            "there {} for the {}",
            agreed(open, "does not ask", "do not ask"),
            desired.proof.noun()
        )
    };
    format!(
        "a canary release of stage {} serves deployment {} to part of the callers, which a lock of the stage does not reach: \
         {open}. Where the stage is locked already, deploy the API to the canary anew, which carries the lock; else have the canary \
         ended: promoting it has all callers meet its deployment, deleting it has its share of them meet the stage's",
        desired.gate.stage, canary.deployment
    )
}

/// Why a perimeter that stands does not begin to sign, where its viewers may show tokens to what a canary release serves.
pub(in crate::domain::access) fn tokens_untold(stage: &str, canary: &Canary) -> String {
    format!(
        "CloudFront does not begin to sign, since a signature takes the place of the viewer's Authorization header: a canary release \
         of stage {stage} serves deployment {} to part of the callers, and it cannot be told whether methods ask authorizers of their \
         own there. Have the canary ended, and the change goes on by itself",
        canary.deployment
    )
}

pub(in crate::domain::access) fn canary_keeps_lock(stage: &str) -> String {
    format!(
        ". A canary release of stage {stage} was made of the lock meanwhile, and goes on refusing its share of the callers: have it \
         ended, so that all meet what was put back"
    )
}

pub(in crate::domain::access) fn canary_meanwhile() -> &'static str {
    "a canary release was made while the lock was proven, which the lock does not reach, so that nobody knows which of the two \
     answered"
}
