//! What people are told of what an earlier object, or an earlier spec, left at an API.

use crate::domain::access::listing::{agreed, listed};
use crate::domain::access::proof::Proof;

/// What ends a demand for the proof of an earlier object, in whatever mode that was.
const BY_HAND: &str = "ask for what they did before the lock, and deploy that, as \"Open an API again by hand\" in \
                       docs/access-modes.md says";

/// What comes before that: an API that is opened while the distribution is enabled stands open until somebody disables it.
const DISABLED_FIRST: &str =
    "disable it first, and wait until that is deployed: it would keep this object from locking what you open";

pub(in crate::domain::access) fn left_behind(routes: &[&str], functions: &[&str]) -> String {
    if functions.is_empty() {
        return format!(
            "these methods or routes ask an authorizer that Palisade made for an object that is gone, and that lets nobody in any \
             more: {}. Have them {BY_HAND}: this object then goes on by itself",
            listed(routes)
        );
    }
    format!(
        "{} an authorizer that Palisade made for an object that is gone, or that was left with deletionPolicy: \
         Retain (function {}); its distribution may still serve viewers, so nothing is changed. Once no viewer uses that \
         distribution any more (its comment names the object), {DISABLED_FIRST}. Then have these methods or routes {BY_HAND}: this \
         object then goes on by itself",
        agreed(routes, "of the API asks", "of the API ask"),
        listed(functions)
    )
}

/// An answer of an authorizer that an earlier object left, or for want of one.
pub(in crate::domain::access) fn answered_by_left_behind(status: u16, said: Option<&str>) -> String {
    let said = said.map(|said| format!(": {said}")).unwrap_or_default();
    format!(
        "{status} was answered, since the API asks an authorizer that Palisade made for an object that is gone, or that was left with \
         deletionPolicy: Retain{said}. Once no viewer uses that object's distribution any more, {DISABLED_FIRST}. Then have the \
         methods or routes that ask it {BY_HAND}"
    )
}

/// An answer for want of a key that an earlier object had asked for.
pub(in crate::domain::access) fn key_of_left_behind_missing(status: u16) -> String {
    format!(
        "API Gateway answered {status}, since it asks for an API key that Palisade made for an object that is gone, or that was left \
         with deletionPolicy: Retain. Once no viewer uses that object's distribution any more, take the stage out of its usage \
         plan; or set spec.access.mode to ApiKey"
    )
}

pub(in crate::domain::access) fn key_left_behind(routes: &[&str], plans: &[String]) -> String {
    format!(
        "{} that Palisade made for an object that is gone, or that was left with deletionPolicy: \
         Retain (usage plan {}); its distribution may still serve viewers with it, so nothing is changed. With \
         spec.access.mode ApiKey this object goes on beside it. Or, once no viewer uses that distribution any more, take the \
         stage out of that usage plan, and this object goes on by itself",
        agreed(
            routes,
            "of the API asks for an API key",
            "of the API ask for an API key"
        ),
        listed(plans)
    )
}

/// Who passes the signature of an earlier spec besides the perimeter, until `next` is asked for. The policy itself is right for
/// `next`, so nothing of it is to be changed.
pub(in crate::domain::access) fn open_to_all_accounts(
    stage: &str,
    statements: &[String],
    next: &Proof,
) -> String {
    format!(
        "stage {stage} as deployed still asks for the signature of the earlier spec.access, and the API's resource policy lets in \
         callers of every AWS account who sign their requests: {}. This ends once the {} is asked for in its place",
        listed(statements),
        next.noun()
    )
}

/// The same where it cannot be told.
pub(in crate::domain::access) fn untold_policy(stage: &str, why: &str, next: &Proof) -> String {
    format!(
        "stage {stage} as deployed still asks for the signature of the earlier spec.access, and it cannot be told whether its \
         resource policy lets in callers of other AWS accounts who sign their requests: {why}. This is of no matter any more once \
         the {} is asked for in its place",
        next.noun()
    )
}

pub(in crate::domain::access) fn still_asked(routes: &[String], proof: &Proof, is_sent: bool) -> String {
    let asks = agreed(routes, "still asks", "still ask");
    let noun = proof.noun();
    let so = if is_sent {
        "so CloudFront goes on sending that too"
    } else {
        "which CloudFront does not send any more, so that no viewer gets in there"
    };
    format!(
        "{asks} for the {noun} of an earlier spec.access, {so}: deploy what should be asked for there in its place, or take \
         that out of spec.access.excludeMethods, and it is locked anew"
    )
}

/// Of stages that ask for `proof`, where the present stage is to ask for `wanted`.
pub(in crate::domain::access) fn asked_by_earlier_stages(
    stages: &[String],
    proof: &Proof,
    wanted: &Proof,
) -> String {
    let stages: Vec<String> = stages.iter().map(|stage| format!("stage {stage}")).collect();
    format!(
        "{} for the {}, as it was locked while spec.origin.stage named it, so CloudFront goes on sending that too: {}",
        agreed(&stages, "still asks", "still ask"),
        proof.noun(),
        end_at_earlier_stage(wanted)
    )
}

/// What has a stage ask for the present proof as well.
fn end_at_earlier_stage(wanted: &Proof) -> &'static str {
    // The usage plan has the declared stage alone.
    if *wanted == Proof::Key {
        "to end this, deploy the API there once nobody comes to it any more: the perimeter's key is accepted at the present stage alone"
    } else {
        "to end this, deploy the API there, which then asks for the same as the present stage"
    }
}

/// Of a stage whose viewers are refused, since it asks for `proof`.
pub(in crate::domain::access) fn refused_at_earlier_stage(
    stage: &str,
    proof: &Proof,
    why: &str,
    wanted: &Proof,
) -> String {
    format!(
        "stage {stage} still asks for the {}, as it was locked while spec.origin.stage named it, and who comes to it through the \
         perimeter is refused: {why}; {}",
        proof.noun(),
        end_at_earlier_stage(wanted)
    )
}
