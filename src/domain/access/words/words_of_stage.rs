//! What people are told of a stage that answers nobody, has not all that the API is as edited, or was not told whole.

use crate::api::{Enforcement, OriginType};
use crate::domain::access::asked::Stage;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::authorization::Desired;
use crate::domain::access::listing::{agreed, listed};

pub(in crate::domain::access) fn endpoint_off(desired: &Desired) -> String {
    format!(
        "the default endpoint of API {} is switched off (disableExecuteApiEndpoint), and it is the origin of the perimeter, so \
         no viewer gets in: enable it{}; the lock keeps others out",
        desired.gate.api_id,
        if desired.gate.r#type == OriginType::Rest {
            " and deploy the API, which makes all of its edits live"
        } else {
            ""
        }
    )
}

pub(in crate::domain::access) fn nothing_deployed(desired: &Desired, said: Option<&str>) -> String {
    let said = said
        .map(|said| format!(" (API Gateway says: {said})"))
        .unwrap_or_default();
    format!(
        "nothing is deployed to stage {}, so it answers nobody{said}: deploy the API to it{}",
        desired.gate.stage,
        by_itself(desired)
    )
}

pub(in crate::domain::access) fn earlier_unproven(desired: &Desired) -> String {
    format!(
        "the lock of the stage that spec.origin.stage named before was begun and is not proven; it is put back before stage {} of API \
         {} is locked",
        desired.gate.stage, desired.gate.api_id
    )
}

pub(in crate::domain::access) fn no_connect_route(desired: &Desired) -> String {
    format!(
        "WebSocket API {} has no $connect route, and without one API Gateway lets everybody in: add a $connect route with any \
         integration (a mock will do) and deploy it to stage {}{}",
        desired.gate.api_id,
        desired.gate.stage,
        by_itself(desired)
    )
}

pub(in crate::domain::access) fn no_method_yet(desired: &Desired) -> String {
    let gate = &desired.gate;
    format!(
        "API {} has no method or route yet, so nothing of stage {} can be locked: add one and deploy it{}",
        gate.api_id,
        gate.stage,
        by_itself(desired)
    )
}

/// What follows, as the end of a sentence on what is to be deployed.
fn by_itself(desired: &Desired) -> &'static str {
    match desired.enforcement {
        Enforcement::Enforce => ", and it is locked by itself",
        Enforcement::Observe => "",
    }
}

/// Nothing is locked, or said to be locked, by a part of what there is.
pub(in crate::domain::access) fn cut_short(desired: &Desired, why: &str) -> String {
    format!(
        "API Gateway did not tell all of stage {}: {why}. It is read again by itself, and until then nothing is locked",
        desired.gate.stage
    )
}

pub(in crate::domain::access) fn behind(desired: &Desired, stage: &Stage, deployed: &Deployed) -> String {
    let said = match (&stage.said, deployed) {
        (Some(said), _) => format!("API Gateway says: {said}"),
        (None, Deployed::Unknown(why) | Deployed::CutShort(why)) => why.clone(),
        (None, _) => "API Gateway does not say why".to_owned(),
    };
    format!(
        "stage {} deploys by itself, and what it serves is not what the API is as edited, which asks for the {}: {said}. Mend \
         what keeps it from being deployed, such as a route without an integration; it is looked at again by itself",
        desired.gate.stage,
        desired.proof.noun()
    )
}

/// `open`: routes that let anybody in meanwhile. `are_gone`: the working copy has none of those any more, so no deployment of it would
/// lock them.
pub(in crate::domain::access) fn undeployed(
    desired: &Desired,
    paths: &[String],
    open: &[String],
    are_gone: bool,
) -> String {
    let meanwhile = if open.is_empty() {
        String::new()
    } else {
        format!(
            ". Until then {} anybody in past the perimeter{}",
            agreed(open, "lets", "let"),
            if are_gone { ROLLED_BACK } else { "" }
        )
    };
    format!(
        "the API has edits that stage {} does not serve yet, and the deployment that locks it would carry them: {}. \
         Deploy or undo them, or set spec.access.deployPendingChanges to true{meanwhile}",
        desired.gate.stage,
        listed(paths)
    )
}

/// What locks methods that only the stage has. Which deployment a stage serves is its team's to say: ours has what the API was when it was
/// locked, and nobody here knows whether viewers are served by that.
const ROLLED_BACK: &str = ", and the API as edited has no such method any more. To have them locked as they are, put them back into the \
                           API as edited; or have the stage serve the deployment again that locked it, which Palisade described as \
                           locked, if that is still what viewers should meet";

pub(in crate::domain::access) fn cannot_compare(desired: &Desired, why: &str) -> String {
    format!(
        "API Gateway does not tell whether the API has edits that stage {} does not serve yet ({why}), and the deployment that \
         locks it would carry them: set spec.access.deployPendingChanges to true if those edits may go live",
        desired.gate.stage
    )
}

pub(in crate::domain::access) fn may_not_compare(desired: &Desired, why: &str) -> String {
    format!(
        "the controller may not read whether the API has edits that stage {} does not serve yet, which the deployment that locks \
         it would carry, so nothing more is locked: {why}",
        desired.gate.stage
    )
}

pub(in crate::domain::access) fn throttled_compare(desired: &Desired, why: &str) -> String {
    format!(
        "AWS throttles the call that tells whether the API has edits that stage {} does not serve yet. It is made again in \
         seconds, and the lock goes on by itself ({why})",
        desired.gate.stage
    )
}

pub(in crate::domain::access) fn cannot_compare_yet(desired: &Desired, why: &str) -> String {
    format!(
        "API Gateway failed to tell whether the API has edits that stage {} does not serve yet. It is asked again in seconds, \
         and the lock goes on by itself ({why}). If this lasts, set spec.access.deployPendingChanges to true if the deployment \
         that locks the stage may carry such edits",
        desired.gate.stage
    )
}
