//! What people are told of an API's routes: what is in the way, what was refused, and what to do.

use super::as_deployed::Deployed;
use super::asked::{Canary, Stage};
use super::authorization::Desired;
use super::cause::Cause;
use super::marks::Phase;
use super::paths::viewers_path;
use super::probe::Verdict;
use super::proof::Proof;
use super::verdicts::{advice, said};
use crate::api::{Enforcement, OriginType};
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::words::{begun, joined};

/// As many methods as are named in a sentence.
const NAMED: usize = 10;

/// `GET /a, GET /b and 3 more`.
#[must_use]
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What one of `names` does, or several do: `GET /a asks`, `GET /a, GET /b ask`.
#[must_use]
pub fn agreed<T: AsRef<str>>(names: &[T], one: &str, several: &str) -> String {
    let verb = if names.len() == 1 { one } else { several };
    format!("{} {verb}", listed(names))
}

/// How routes may stay open behind a perimeter that no lock of the mode goes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOpen {
    /// They are, under `Observe`.
    AsDeclared,
    /// By their names, beside others that are locked.
    ByName,
    /// Not by their names, since they are all that there is: nothing would be left to lock.
    AsAWhole,
}

/// What is so, and apart from it what to do.
pub(super) struct Told {
    pub so: String,
    pub remedy: Option<String>,
}

impl Told {
    pub(super) fn whole(&self) -> String {
        joined(&self.so, self.remedy.as_deref())
    }
}

/// Why routes that have an authorizer keep the API from being locked, and what to do.
pub(super) fn authorizer_in_the_way(
    r#type: OriginType,
    proof: &Proof,
    routes: &[&str],
    left_open: LeftOpen,
) -> Told {
    let (asks, remedy) = match (r#type, proof) {
        (OriginType::Rest, Proof::Key) => (
            "a signature of callers of their own, beside which API Gateway takes no request without one",
            "Set spec.access.mode to SigV4, which signs",
        ),
        (OriginType::Rest, Proof::Signature) => (
            "an authorizer of their own, in whose place API Gateway would ask for the perimeter's proof",
            "Set spec.access.mode to ApiKey, which stands beside an authorizer",
        ),
        (OriginType::Rest, Proof::Header(_)) => (
            "an authorizer or a signature of their own, in whose place API Gateway would ask for the perimeter's proof",
            "Methods that ask for AWS_IAM go with spec.access.mode SigV4, which signs; methods with an authorizer with \
             spec.access.mode ApiKey, which stands beside it",
        ),
        (OriginType::Http | OriginType::WebSocket, Proof::Header(_)) => (
            "an authorizer or a signature of their own, in whose place API Gateway would ask for the perimeter's proof",
            "Routes that ask for AWS_IAM go with spec.access.mode SigV4; beside a JWT or Lambda authorizer no mode of this \
             version can lock an HTTP or WebSocket API",
        ),
        (OriginType::Http | OriginType::WebSocket, _) => (
            "a JWT or Lambda authorizer, in whose place API Gateway would ask for the perimeter's proof",
            "No mode of this version can lock an HTTP or WebSocket API beside one, since a route has one authorization and \
             takes no API key",
        ),
    };
    let (so, left_open) = match (left_open, proof) {
        (LeftOpen::AsDeclared, _) => ("", ""),
        (LeftOpen::ByName, Proof::Signature) => (
            NOTHING_MORE,
            ". To leave them open behind a perimeter, set the mode to SecretHeader, which leaves the viewer's Authorization \
             header to their authorizers, and name them in spec.access.excludeMethods, or set spec.access.enforcement to Observe",
        ),
        (LeftOpen::ByName, Proof::Key | Proof::Header(_)) => (
            NOTHING_MORE,
            ". Or name them in spec.access.excludeMethods if viewers may go on calling them directly, or set \
             spec.access.enforcement to Observe for a perimeter that is only in front",
        ),
        (LeftOpen::AsAWhole, Proof::Signature) => (
            NOTHING,
            ". For a perimeter that is only in front, set spec.access.enforcement to Observe, and the mode to SecretHeader, which \
             leaves the viewer's Authorization header to their authorizers",
        ),
        (LeftOpen::AsAWhole, Proof::Key | Proof::Header(_)) => (
            NOTHING,
            ". For a perimeter that is only in front, set spec.access.enforcement to Observe",
        ),
    };
    Told {
        so: format!("{so}these methods or routes ask {asks}: {}", listed(routes)),
        remedy: Some(format!("{remedy}{left_open}")),
    }
}

/// Also of what is refused before anything is built, and of what is locked already.
const NOTHING_MORE: &str = "nothing is locked that is not locked already, since ";
const NOTHING: &str = "nothing can be locked, since ";

/// What would keep the API from being locked, told of one that is only observed.
#[must_use]
pub fn not_locked_by_enforce(why: &str) -> String {
    format!("with spec.access.enforcement Enforce nothing would be locked as the spec is: {why}")
}

pub(super) fn caller_credentials(desired: &Desired, routes: &[&str]) -> String {
    let setting = match desired.gate.r#type {
        OriginType::Rest => "InvokeRole: NONE in SAM",
        OriginType::Http | OriginType::WebSocket => "credentialsArn of the integration",
    };
    format!(
        "{} backend with the caller's credentials (arn:aws:iam::*:user/*), and behind the perimeter the caller is its \
         signer, whose role may call API {} and nothing else: each such request ends in 500. Take these credentials out of the \
         integrations ({setting}) and deploy that; spec.access.excludeMethods helps only callers who sign for \
         themselves past the perimeter",
        agreed(routes, "calls its", "call their"),
        desired.gate.api_id
    )
}

pub(super) fn api_key_in_the_way(routes: &[&str]) -> Told {
    let remedy = "Set spec.access.mode to SigV4 or SecretHeader, unless there is an authorizer as well: beside both no mode fits. \
                  Where an earlier ProtectedApi asked for the key and no usage plan has the stage any more, nobody can call them: \
                  \"Open an API again by hand\" in docs/access-modes.md says how";
    Told {
        so: format!(
            "{NOTHING_MORE}{} callers for an API key, which CloudFront would overwrite with the perimeter's, so that anybody got in",
            agreed(routes, "of the API asks its", "of the API ask their")
        ),
        remedy: Some(remedy.to_owned()),
    }
}

/// What ends a demand for the proof of an earlier object, in whatever mode that was.
const BY_HAND: &str = "ask for what they did before the lock, and deploy that, as \"Open an API again by hand\" in \
                       docs/access-modes.md says";

/// What comes before that: an API that is opened while the distribution is enabled stands open until somebody disables it.
const DISABLED_FIRST: &str =
    "disable it first, and wait until that is deployed: it would keep this object from locking what you open";

pub(super) fn left_behind(routes: &[&str], functions: &[&str]) -> String {
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
pub(super) fn answered_by_left_behind(status: u16, said: Option<&str>) -> String {
    let said = said.map(|said| format!(": {said}")).unwrap_or_default();
    format!(
        "{status} was answered, since the API asks an authorizer that Palisade made for an object that is gone, or that was left with \
         deletionPolicy: Retain{said}. Once no viewer uses that object's distribution any more, {DISABLED_FIRST}. Then have the \
         methods or routes that ask it {BY_HAND}"
    )
}

/// An answer for want of a key that an earlier object had asked for.
pub(super) fn key_of_left_behind_missing(status: u16) -> String {
    format!(
        "API Gateway answered {status}, since it asks for an API key that Palisade made for an object that is gone, or that was left \
         with deletionPolicy: Retain. Once no viewer uses that object's distribution any more, take the stage out of its usage \
         plan; or set spec.access.mode to ApiKey"
    )
}

pub(super) fn key_left_behind(routes: &[&str], plans: &[String]) -> String {
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

pub(super) fn still_asked(routes: &[String], proof: &Proof, is_sent: bool) -> String {
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

/// `asking`: the methods that ask an authorizer of the team's, in whose place no other mode may ask for its proof.
pub(super) fn keys_from_authorizer(asking: &[&str], left_open: LeftOpen) -> String {
    let no_mode = format!(
        "No mode of this version can lock what asks an authorizer there: {}",
        listed(asking)
    );
    let remedy = match left_open {
        _ if asking.is_empty() => "Set spec.access.mode to SigV4 or SecretHeader".to_owned(),
        LeftOpen::AsDeclared => no_mode,
        LeftOpen::ByName => format!(
            "{no_mode}. For the others set the mode to SecretHeader, and name these in spec.access.excludeMethods; or set \
             spec.access.enforcement to Observe for a perimeter that is only in front"
        ),
        LeftOpen::AsAWhole => format!(
            "{no_mode}. For a perimeter that is only in front, set spec.access.enforcement to Observe"
        ),
    };
    format!(
        "the API takes keys from its authorizer (apiKeySource AUTHORIZER), not from the header that CloudFront sends; nothing \
         more is locked. {remedy}"
    )
}

pub(super) fn endpoint_off(desired: &Desired) -> String {
    format!(
        "the default endpoint of API {} is switched off (disableExecuteApiEndpoint), and it is the origin of the perimeter, so \
         no viewer gets in: enable it{}; the lock keeps others out",
        desired.gate.api_id,
        if desired.gate.r#type == OriginType::Rest {
            " and deploy the API"
        } else {
            ""
        }
    )
}

pub(super) fn usage_plan_not_usable(desired: &Desired, id: &str) -> String {
    let gate = &desired.gate;
    format!(
        "spec.access.apiKey.usagePlanId: usage plan {id} in {} does not exist or does not have stage {} of {}; add the stage \
         to it, or leave the field out and a plan is made",
        gate.region, gate.stage, gate.api_id
    )
}

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

pub(super) fn rotation_deploys() -> String {
    "CloudFront carries the next value to its edge locations; until then the API accepts both".to_owned()
}

pub(super) fn rotation_unproven(verdict: &Verdict) -> String {
    format!(
        "a probe with the next value through the perimeter proves nothing, so the API goes on accepting both: {}",
        said(verdict)
    )
}

pub(super) fn open_to_all_accounts(statements: &[String]) -> String {
    format!(
        "the API's resource policy lets in callers of every AWS account who sign their requests: {}. Set \
         spec.access.sigV4.exclusive to true, and only the signer's role is let in; or name your account as Principal there \
         and deploy that",
        listed(statements)
    )
}

pub(super) fn untold_policy(stage: &str, why: &str) -> String {
    format!(
        "it cannot be told which resource policy stage {stage} serves, and one may let in callers of other AWS accounts who sign \
         their requests: {why}. Set spec.access.sigV4.exclusive to true, and only the signer's role is let in; it is looked at \
         again by itself"
    )
}

pub(super) fn canary_in_the_way(desired: &Desired, canary: &Canary, open: &[String]) -> String {
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

pub(super) fn canary_keeps_lock(stage: &str) -> String {
    format!(
        ". A canary release of stage {stage} was made of the lock meanwhile, and goes on refusing its share of the callers: have it \
         ended, so that all meet what was put back"
    )
}

pub(super) fn canary_meanwhile() -> &'static str {
    "a canary release was made while the lock was proven, which the lock does not reach, so that nobody knows which of the two \
     answered"
}

pub(super) fn nothing_deployed(desired: &Desired, said: Option<&str>) -> String {
    let said = said
        .map(|said| format!(" (API Gateway says: {said})"))
        .unwrap_or_default();
    format!(
        "nothing is deployed to stage {}, so it answers nobody{said}: deploy the API to it{}",
        desired.gate.stage,
        by_itself(desired)
    )
}

pub(super) fn no_connect_route(desired: &Desired) -> String {
    format!(
        "WebSocket API {} has no $connect route, and without one API Gateway lets everybody in: add a $connect route with any \
         integration (a mock will do) and deploy it to stage {}{}",
        desired.gate.api_id,
        desired.gate.stage,
        by_itself(desired)
    )
}

/// What is told where `excludeMethods` leaves nothing to lock. `lockable`: those that it names and that the mode could lock;
/// else `why_not`.
pub(super) fn all_excluded(desired: &Desired, lockable: &[&str], why_not: Option<&str>) -> String {
    let gate = &desired.gate;
    let remedy = match why_not {
        Some(why_not) if lockable.is_empty() => format!(
            "and mode {} could lock none of it: {why_not}. What a mode can lock is to be taken out of there as well",
            desired.proof.mode()
        ),
        _ => format!(
            "take out of there what should be locked; mode {} could lock {}",
            desired.proof.mode(),
            listed(lockable)
        ),
    };
    let observe = match desired.enforcement {
        Enforcement::Observe => "",
        Enforcement::Enforce => {
            ". For a perimeter that is only in front, set spec.access.enforcement to Observe"
        }
    };
    format!(
        "spec.access.excludeMethods leaves all of stage {} of {} as it is, so nothing of it is locked; {remedy}{observe}",
        gate.stage, gate.api_id
    )
}

pub(super) fn no_method_yet(desired: &Desired) -> String {
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

/// Routes that the working copy has, and the list of them has not.
pub(super) fn routes_cut_short(missing: &[String]) -> String {
    format!("GetRoutes leaves out what ExportApi shows: {}", listed(missing))
}

/// A REST API's deployment that tells nothing of its methods.
#[must_use]
pub fn summary_missing(deployment: &str) -> String {
    format!("GetDeployment of {deployment} has no apiSummary, so it tells nothing of its methods")
}

/// Methods that a REST API's stage has, and the summary of its deployment has not.
pub(super) fn summary_cut_short(left_out: &[String]) -> String {
    format!(
        "GetDeployment leaves out what the stage's export shows: {}",
        listed(left_out)
    )
}

/// Nothing is locked, or said to be locked, by a part of what there is.
pub(super) fn cut_short(desired: &Desired, why: &str) -> String {
    format!(
        "API Gateway did not tell all of stage {}: {why}. It is read again by itself, and until then nothing is locked",
        desired.gate.stage
    )
}

pub(super) fn behind(desired: &Desired, stage: &Stage, deployed: &Deployed) -> String {
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

pub(super) fn no_probe_path(desired: &Desired) -> String {
    match &desired.probe_path {
        Some(path) => format!(
            "{}; nothing more is locked. Write a path as viewers call it, such as {}, or set spec.access.cutOver to \
             AfterDeployed: then the API is locked by what is read of its deployment",
            leads_nowhere(desired, path),
            viewers_path(&desired.gate, "/pets")
        ),
        None => format!(
            "{}, so no probe can prove the way through the perimeter; nothing more is locked. Set \
             spec.access.cutOver to AfterDeployed, and the API is locked by what is read of its deployment; or add a method \
             that a GET reaches, and name its path in spec.origin.probePath",
            nothing_safe(desired)
        ),
    }
}

/// Why no probe goes through the perimeter, though probes are wanted.
#[must_use]
pub fn nothing_to_probe(desired: &Desired) -> String {
    match &desired.probe_path {
        Some(path) => format!(
            "{}, so nothing is asked for; what was read of the API's methods is all that is known. Write a path as viewers \
             call it, such as {}",
            leads_nowhere(desired, path),
            viewers_path(&desired.gate, "/pets")
        ),
        None => format!(
            "{}; what was read of its methods is all that is known",
            nothing_safe(desired)
        ),
    }
}

fn nothing_safe(desired: &Desired) -> String {
    let what = "the API has no method that is to be locked and that may be asked for without changing anything (GET, HEAD or \
                OPTIONS)";
    let path = &desired.gate.origin_path;
    let is_the_stage = *path == format!("/{}", desired.gate.stage);
    if path.is_empty() || is_the_stage {
        return what.to_owned();
    }
    format!("below spec.origin.path ({path}) {what}")
}

fn leads_nowhere(desired: &Desired, path: &str) -> String {
    format!(
        "spec.origin.probePath: a GET of {path} leads to no method of stage {} that is to be locked",
        desired.gate.stage
    )
}

pub(super) fn undeployed(desired: &Desired, paths: &[String]) -> String {
    format!(
        "the API has edits that stage {} does not serve yet, and the deployment that locks it would carry them: {}. \
         Deploy or undo them, or set spec.access.deployPendingChanges to true",
        desired.gate.stage,
        listed(paths)
    )
}

pub(super) fn cannot_compare(desired: &Desired, why: &str) -> String {
    format!(
        "API Gateway does not tell whether the API has edits that stage {} does not serve yet ({why}), and the deployment that \
         locks it would carry them: set spec.access.deployPendingChanges to true if those edits may go live",
        desired.gate.stage
    )
}

pub(super) fn may_not_compare(desired: &Desired, why: &str) -> String {
    format!(
        "the controller may not read whether the API has edits that stage {} does not serve yet, which the deployment that locks \
         it would carry, so nothing more is locked: {why}",
        desired.gate.stage
    )
}

pub(super) fn throttled_compare(desired: &Desired, why: &str) -> String {
    format!(
        "AWS throttles the call that tells whether the API has edits that stage {} does not serve yet. It is made again in \
         seconds, and the lock goes on by itself ({why})",
        desired.gate.stage
    )
}

pub(super) fn cannot_compare_yet(desired: &Desired, why: &str) -> String {
    format!(
        "API Gateway failed to tell whether the API has edits that stage {} does not serve yet. It is asked again in seconds, \
         and the lock goes on by itself ({why}). If this lasts, set spec.access.deployPendingChanges to true if the deployment \
         that locks the stage may carry such edits",
        desired.gate.stage
    )
}

pub(super) fn contested(desired: &Desired, [deployed, edited]: [&[String]; 2], sharing: &[String]) -> String {
    let stage = &desired.gate.stage;
    let open = if deployed.is_empty() {
        format!(
            "{} once the stage is deployed",
            agreed(
                edited,
                "does not ask for it as edited, and stands open",
                "do not ask for it as edited, and stand open"
            )
        )
    } else {
        agreed(deployed, "stands open", "stand open")
    };
    let shared = if sharing.is_empty() {
        String::new()
    } else {
        format!(
            " Its methods are shared with other stages, and what {} puts back is put back here as well: see whether that one is \
             refused.",
            listed(sharing)
        )
    };
    format!(
        "somebody has removed the lock of stage {stage} again and again: {open}. It is locked again within the hour.{shared} \
         Have the tool that deploys the API ask for it: {}; or set spec.access.enforcement to Observe, and the API stays open",
        tools_lines(desired.gate.r#type, &desired.proof)
    )
}

/// What has each tool ask for `proof` by itself.
fn tools_lines(r#type: OriginType, proof: &Proof) -> &'static str {
    match (r#type, proof) {
        (OriginType::Rest, Proof::Signature) => {
            "authorization = \"AWS_IAM\" in Terraform's aws_api_gateway_method, Auth: {DefaultAuthorizer: AWS_IAM, InvokeRole: NONE} \
             in SAM (without InvokeRole: NONE it has the backend called with the caller's credentials, which ends in 500), \
             x-amazon-apigateway-auth: {type: AWS_IAM} in OpenAPI"
        }
        (OriginType::Http, Proof::Signature) => {
            "authorization_type = \"AWS_IAM\" in Terraform's aws_apigatewayv2_route, Auth: {EnableIamAuthorizer: true, \
             DefaultAuthorizer: AWS_IAM} in SAM's HttpApi, x-amazon-apigateway-auth: {type: AWS_IAM} in OpenAPI"
        }
        (OriginType::WebSocket, Proof::Signature) => {
            "of the route $connect, authorization_type = \"AWS_IAM\" in Terraform's aws_apigatewayv2_route, \
             AuthorizationType: AWS_IAM in SAM's and CloudFormation's AWS::ApiGatewayV2::Route"
        }
        (_, Proof::Key) => {
            "api_key_required = true in Terraform's aws_api_gateway_method, Auth: {ApiKeyRequired: true} in SAM, \
             security: [{api_key: []}] in OpenAPI"
        }
        (OriginType::Rest, Proof::Header(_)) => {
            "authorization = \"CUSTOM\" with the authorizer_id of Palisade's authorizer in Terraform's \
             aws_api_gateway_method; SAM and OpenAPI cannot name an authorizer that they do not define, so leave \
             authorization out of them or choose another mode"
        }
        (OriginType::Http | OriginType::WebSocket, Proof::Header(_)) => {
            "authorization_type = \"CUSTOM\" with the authorizer_id of Palisade's authorizer in Terraform's \
             aws_apigatewayv2_route (of a WebSocket API, of $connect); SAM and OpenAPI cannot name an authorizer that they do \
             not define, so leave authorization out of them or choose another mode"
        }
    }
}

pub(super) fn refused(desired: &Desired, phase: &Phase, said: Option<&str>) -> String {
    let said = said
        .filter(|said| !said.is_empty())
        .map(|said| format!(" ({said})"))
        .unwrap_or_default();
    let cause = phase.cause.unwrap_or(Cause::Refused);
    let (what, remedy) = match cause {
        Cause::Refused | Cause::NotInForce => (
            "the API refused what came through the perimeter",
            refusal_remedy(&desired.proof),
        ),
        Cause::DirectOpen => (
            "a request without any proof still got in past the perimeter",
            OPEN_STILL,
        ),
        Cause::Broken => (
            "requests through the perimeter failed that had been answered before",
            BROKEN,
        ),
        cause => (
            "a probe through the perimeter did not prove that viewers get in",
            advice(desired, cause).1,
        ),
    };
    format!(
        "after the lock of stage {} {what}{said}, so what was before it was put back; attempt {} failed. {}; it is tried again at \
         {}, or at once when the annotation palisade.dev/look is changed",
        desired.gate.stage,
        phase.refusals,
        begun(remedy),
        phase.due_at()
    )
}

const OPEN_STILL: &str = "Check whether a canary serves the stage, whether spec.origin.probePath leads to a method that is locked, \
                          and whether gateway responses of the API hide what it refuses";
const BROKEN: &str = "Look at the backend's own logs, and at integrations that are called with the caller's credentials: behind \
                      the perimeter the caller is its signer. With spec.access.mode SecretHeader, check as well that API Gateway \
                      may invoke the authorizer's function";

/// The description of a deployment that gives viewers back what they met before the lock of `phase`: once it is served, it is
/// none of ours.
#[must_use]
pub fn description_of_what_was(owner: &Owner, phase: &Phase) -> String {
    format!(
        "as before the lock of {}/{} of {}, by palisade",
        owner.namespace,
        owner.name,
        phase.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
}

/// Whether `description` is of a deployment that gave viewers back what they met before a lock of `owner`'s.
#[must_use]
pub fn is_of_what_was(description: &str, owner: &Owner) -> bool {
    let begin = format!("as before the lock of {}/{} of ", owner.namespace, owner.name);
    description.starts_with(&begin) && description.ends_with(", by palisade")
}

pub(super) fn not_known_what_was_open(desired: &Desired) -> String {
    format!(
        "stage {} refuses what comes through the perimeter, the deployment that it served before the lock is gone, and which \
         methods stood open is not known any more, so none is opened: set their authorization with the tool that deploys the \
         API, deploy them, and the stage is locked anew by itself",
        desired.gate.stage
    )
}

fn refusal_remedy(proof: &Proof) -> &'static str {
    match proof {
        Proof::Signature => {
            "check that nothing denies execute-api:Invoke to the signer's role (a resource policy, a permissions boundary, an \
             organization's policy)"
        }
        Proof::Key => "check that nobody took the key out of its usage plan, or the stage",
        Proof::Header(_) => {
            "check the authorizer's function in Lambda: that API Gateway may invoke it, and that it runs"
        }
    }
}

pub(super) fn not_in_force() -> String {
    "API Gateway brings the lock into force; this usually takes seconds".to_owned()
}

pub(super) fn never_in_force(next: Option<&Verdict>) -> String {
    let said = next.map_or_else(|| "it was not probed".to_owned(), said);
    format!("what CloudFront sends did not get in by itself past the perimeter: {said}")
}

pub(super) fn probing_again(why: &str) -> String {
    format!("the API is locked, and the way through the perimeter is probed again: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_that_callers_show_is_named_beside_authorizers_in_each_mode_that_takes_no_such_request() {
        let header = Proof::Header("x-origin-verify".to_owned());
        for (proof, named) in [(Proof::Signature, false), (Proof::Key, true), (header, true)] {
            let said =
                authorizer_in_the_way(OriginType::Rest, &proof, &["GET /admin"], LeftOpen::ByName).whole();
            assert_eq!(said.contains("a signature"), named, "{proof:?}: {said}");
            assert_eq!(said.contains("SigV4, which signs"), named, "{proof:?}: {said}");
        }
    }
}
