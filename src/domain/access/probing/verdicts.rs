//! What people are told of the answers to probes: who answered, what that proves, and what to do.

use super::probed::{is_beyond_probes, probed};
use crate::api::{Asks, Enforcement};
use crate::domain::access::asked::policy::Rival;
use crate::domain::access::authorization;
use crate::domain::access::inputs::{Inputs, Wanted};
use crate::domain::access::listing::listed;
use crate::domain::access::probe::{Class, Verdict};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Ours;
use crate::domain::access::table::cause::Cause;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::begun;

/// A verdict in a few words.
#[must_use]
pub fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Reached { status } => format!("the API answered {status}"),
        Verdict::Refused { status, said, .. } => format!("API Gateway answered {status}: {said}"),
        Verdict::KeyMissing { status } => {
            format!("API Gateway answered {status}, since the request has no API key of a customer's")
        }
        Verdict::AuthorizerFirst { status, said } => {
            format!("the API's own authorizer, which API Gateway asks first, answered {status}: {said}")
        }
        Verdict::CertificateAsked => {
            "API Gateway asked for a client certificate, and let nobody in without one".to_owned()
        }
        Verdict::EndpointOff { status } => {
            format!("the API's default endpoint is switched off, and answered {status}")
        }
        Verdict::NoRoute => "API Gateway knows no route for the path".to_owned(),
        Verdict::Throttled => "it was answered 429, by a throttle or a quota".to_owned(),
        Verdict::PrivateNetwork { address } => {
            format!(
                "the name leads to the private address {address}, where what answers is not what the Internet meets"
            )
        }
        Verdict::BlockedByWebAcl => "the web ACL blocked or challenged it".to_owned(),
        Verdict::StageWebAcl { status } => {
            format!("the answer was {status}, which is what the stage's own web ACL says")
        }
        Verdict::BlockedByCountry => "CloudFront refused the controller's country".to_owned(),
        Verdict::EdgeFailed { status, said } => format!("CloudFront answered {status}: {said}"),
        Verdict::SignerRefused { status, said } => {
            format!("the signer answered {status} in place of the API: {said}")
        }
        Verdict::Ambiguous { status, why } => {
            format!(
                "the answer was {status}, and it cannot be told whether API Gateway or the backend gave it: {why}"
            )
        }
        Verdict::Cached { status } => {
            format!("CloudFront answered {status} from its cache, and the API was not asked")
        }
        Verdict::Unmarked { status } => {
            format!("{status} was answered, but not by the API: nothing in the answer is API Gateway's")
        }
        Verdict::Unanswered { why } => why.clone(),
    }
}

/// Why a probe through the perimeter does not show that viewers get in, and what to do; as a reason and a sentence.
#[must_use]
pub fn not_proven(wanted: &Wanted<'_>, inputs: &Inputs<'_>, verdict: &Verdict) -> (Reason, String) {
    let (reason, remedy) = advice(wanted.access, Cause::of(verdict));
    let trouble = inputs.token.trouble.as_ref();
    if let (Verdict::AuthorizerFirst { .. }, Some(trouble)) = (verdict, trouble) {
        return (Reason::ProbeSecretUnreadable, trouble.clone());
    }
    let said = said(verdict);
    // A backend that fails may be what is behind it, and passes.
    let is_failure = matches!(verdict, Verdict::Ambiguous { status: 500.., .. });
    let reason = if is_failure { Reason::ProbeFailed } else { reason };
    if !matches!(verdict, Verdict::Refused { .. }) {
        let message = format!("a probe through the perimeter proves nothing: {said}; {remedy}");
        return (reason, message);
    }
    if let Some(left) = denied_by_vanished(wanted, inputs, verdict) {
        let message = format!("viewers are refused, as a probe through the perimeter was: {said}; {left}");
        return (reason, message);
    }
    let is_observed = wanted.access.enforcement == Enforcement::Observe;
    // Nothing of ours is sent, and nothing was ever locked that could ask for it.
    let sends_nothing = inputs.sent().is_none_or(|sent| sent.proofs().is_empty());
    let is_unlocked = !inputs.outputs.was_locked && !Ours::of(inputs).signs;
    let is_of_others = is_observed && is_unlocked && sends_nothing;
    let mut message = if is_of_others {
        format!("a probe through the perimeter was refused: {said}; {ASKS_OTHERS}")
    } else {
        format!("viewers are refused, as a probe through the perimeter was: {said}; {remedy}")
    };
    let is_locked = probed(wanted, inputs)
        .and_then(|probed| probed.asks)
        .is_some_and(Asks::is_locked);
    if is_locked && !is_of_others {
        let first = if is_observed { "" } else { OBSERVE_FIRST };
        message = format!(
            "{message}. To let viewers in meanwhile, and anybody past the perimeter, {first}{WAY_OUT}"
        );
    }
    // What is known to be unknown of the way there may be why.
    for caveat in &inputs.caveats {
        message = format!("{message}. {}", begun(caveat));
    }
    (reason, message)
}

/// Why a probe through the perimeter that was refused tells nothing of viewers: what is probed asks for a signature of its own callers'.
#[must_use]
pub fn asks_callers(verdict: &Verdict) -> String {
    format!(
        "there is no method to be probed that lets the perimeter in, and a probe through it was refused: {}; {CALLERS_SIGN}",
        said(verdict)
    )
}

/// Which statements of objects that are gone refuse whoever comes through the perimeter.
pub(super) fn denied_by_vanished(
    wanted: &Wanted<'_>,
    inputs: &Inputs<'_>,
    verdict: &Verdict,
) -> Option<String> {
    let policies = &inputs.access.present()?.policies;
    let gate = &wanted.access.gate;
    let told = |left: &Rival| {
        format!(
            "{} lets in only the signer of a ProtectedApi that is gone (UID {}, without hyphens)",
            left.sid, left.uid
        )
    };
    let gone: Vec<String> = policies
        .of_vanished(&gate.stage, wanted.owner)
        .iter()
        .map(told)
        .collect();
    let is_denied = matches!(verdict, Verdict::Refused { .. }) && !gone.is_empty();
    is_denied.then(|| {
        format!(
            "the API's resource policy denies it: {}. The lock replaces that statement by itself; AccessRestricted says what it \
             waits for",
            listed(&gone)
        )
    })
}

/// The reason and the remedy that go with an answer.
pub(in crate::domain::access) fn advice(
    desired: &authorization::Desired,
    cause: Cause,
) -> (Reason, &'static str) {
    let proof = &desired.proof;
    match cause {
        Cause::Refused | Cause::NotInForce => (Reason::SignatureRefused, remedy_of_refused(proof)),
        Cause::NoRoute => (
            Reason::ProbePathNotFound,
            "set spec.origin.probePath to a path that a GET reaches",
        ),
        Cause::BlockedByWebAcl => (
            Reason::ProbeBlockedByWebAcl,
            "let the controller's address through (spec.webAcl.allowCidrs, or an exception in spec.webAcl.rules; \
             spec.webAcl.blockCidrs comes before both and must not hold it); where a rule blocks the name *.cloudfront.net, set spec.access.probe.host to an alias; or set spec.access.cutOver to \
             AfterDeployed and spec.probes to Disabled: then nothing is proven, and nothing is put back should viewers be refused",
        ),
        Cause::StageWebAcl if *proof == Proof::Key => (Reason::StageWebAclInTheWay, STAGE_WEB_ACL_OR_KEY),
        Cause::StageWebAcl => (Reason::StageWebAclInTheWay, STAGE_WEB_ACL),
        Cause::BlockedByCountry => (
            Reason::ProbeBlockedByWebAcl,
            "allow the controller's country in spec.distribution.geoRestriction, or set spec.access.cutOver to \
             AfterDeployed and spec.probes to Disabled: then nothing is proven, and nothing is put back should viewers be refused",
        ),
        Cause::AuthorizerFirst
            if is_beyond_probes(desired) && desired.enforcement == Enforcement::Observe =>
        {
            (Reason::AuthorizerBeforeProof, BEYOND_UNLOCKED)
        }
        Cause::AuthorizerFirst if is_beyond_probes(desired) => (Reason::AuthorizerBeforeProof, BEYOND),
        Cause::AuthorizerFirst if desired.probe_header.is_none() => (Reason::AuthorizerBeforeProof, ACCEPTED),
        Cause::AuthorizerFirst => (
            Reason::ProbeHeaderRefused,
            "put a value that the authorizer accepts into the Secret of spec.access.probe",
        ),
        Cause::KeyMissing => (
            Reason::SignatureRefused,
            "check that the key is enabled, and that its usage plan has the stage and quota left",
        ),
        Cause::Ambiguous => (Reason::ProbeAmbiguous, OTHER_PATH),
        Cause::PrivateNetwork => (Reason::ProbeOnPrivateNetwork, PUBLIC_DNS),
        Cause::SignerRefused => (
            Reason::ProbeFailed,
            "look at the signer's function in Lambda and its logs (spec.access.sigV4.logs)",
        ),
        Cause::Cached => (
            Reason::ProbeFailed,
            "set spec.origin.probePath to a path that spec.distribution.cachePolicyId does not have cached, such as one that \
             answers cache-control: no-store",
        ),
        Cause::Unmarked => (
            Reason::ProbeFailed,
            "look for what hides the API's answer: error pages or functions of the distribution, rules of the web ACL with a \
             response of their own, or a policy in spec.distribution.responseHeadersPolicyId that removes API Gateway's headers \
             (x-amzn-RequestId and x-amz-apigw-id of a REST API, apigw-requestid of an HTTP API)",
        ),
        Cause::Throttled => (
            Reason::ProbeThrottled,
            "raise the throttle of the stage or the quota of the usage plan",
        ),
        Cause::Canary => (
            Reason::CanaryInTheWay,
            "have the canary ended, and the stage is locked",
        ),
        Cause::EdgeFailed => (Reason::ProbeFailed, AT_THE_EDGE),
        Cause::NotServed => (
            Reason::StageNotDeployed,
            "look at the stage's deployments in API Gateway, and mend what keeps the API from being deployed, such as a route \
             without an integration",
        ),
        Cause::DirectOpen | Cause::Broken | Cause::Unanswered => (
            Reason::ProbeFailed,
            "check that the controller reaches CloudFront and that the API answers",
        ),
    }
}

const ACCEPTED: &str = "set spec.access.probe to a Secret with a header that the authorizer accepts";
const BEYOND_UNLOCKED: &str = "whether it lets viewers in behind the perimeter is not known. To have it proven, set \
                               spec.access.probe to a Secret with a header that the authorizer accepts";
const BEYOND: &str = "the lock is known by what was read alone. To have it proven, set spec.access.probe to a Secret with a \
                      header that the authorizer accepts";
const STAGE_WEB_ACL: &str = "have the web ACL of the stage (its webAclArn; not the perimeter's own) let through what comes from \
                             CloudFront, and what comes from the controller's address: the lock keeps all others out";
const STAGE_WEB_ACL_OR_KEY: &str = "a missing key is refused in the same words, so the two cannot be told apart: have the web ACL \
                                    of the stage (its webAclArn; not the perimeter's own) let through what comes from CloudFront; \
                                    with spec.access.mode SigV4 or SecretHeader API Gateway's own refusal can be told";
const AT_THE_EDGE: &str = "CloudFront gives viewers such an answer, too. Check that the distribution is enabled, and that its origin and \
                           its functions answer; what somebody has changed in it is changed back by itself";
const OTHER_PATH: &str = "set spec.origin.probePath to a path that is answered in another way, or give probes what the backend \
                          asks for (spec.access.probe)";
const OBSERVE_FIRST: &str = "set spec.access.enforcement to Observe and ";
const WAY_OUT: &str = "open the API by hand, as docs/access-modes.md says (Open an API again by hand)";
const ASKS_OTHERS: &str = "CloudFront shows nothing of the perimeter's, since spec.access.enforcement is Observe, so what the method asks \
                           for is its own callers' to show. Set spec.origin.probePath to the path of a method that asks for nothing";
const CALLERS_SIGN: &str = "CloudFront does not sign, so the signature (AWS_IAM) that the method asks for is its own callers' to show. To \
                            have it proven, set spec.origin.probePath to the path of a method that does not ask for AWS_IAM";
const PUBLIC_DNS: &str = "have the controller's Pod resolve the name through public DNS (dnsPolicy: None), or send probes \
                          through a proxy outside of the network (HTTPS_PROXY), or set spec.probes to Disabled with \
                          spec.access.cutOver AfterDeployed";

/// Why a probe past the perimeter neither shows the route open nor closed, and what to do.
#[must_use]
pub fn direct_unknown(wanted: &Wanted<'_>, inputs: &Inputs<'_>, verdict: &Verdict) -> (Reason, String) {
    let (reason, remedy) = match verdict {
        Verdict::AuthorizerFirst { .. }
        | Verdict::PrivateNetwork { .. }
        | Verdict::StageWebAcl { .. }
        | Verdict::Ambiguous { .. }
        | Verdict::NoRoute
        | Verdict::Throttled => advice(wanted.access, Cause::of(verdict)),
        _ => (Reason::ProbeFailed, "it is tried again by itself"),
    };
    let trouble = inputs.token.trouble.as_ref();
    if let (Verdict::AuthorizerFirst { .. }, Some(trouble)) = (verdict, trouble) {
        return (Reason::ProbeSecretUnreadable, trouble.clone());
    }
    (reason, format!("{}; {remedy}", said(verdict)))
}

/// Why a lock would not be told from what the backend answers already.
pub(in crate::domain::access) fn hidden(class: Class) -> String {
    format!(
        "the backend itself answers {} as API Gateway words a refusal, so that nobody could tell whether viewers get in once \
         the API is locked; nothing more is locked. {WITHOUT_PROOF}",
        class.status
    )
}

/// Why a lock would not be told from what gateway responses make of a refusal.
pub(in crate::domain::access) fn hidden_by_responses(status: u16) -> String {
    format!(
        "a probe is answered {status}, and gateway responses of the API give that status to refusals, whose error type they \
         replace, so that nobody could tell whether viewers get in once the API is locked; nothing more is locked. Leave the header \
         x-amzn-ErrorType out of these gateway responses, or give them a status from 400 to 499 that the probe is not answered, \
         and deploy that; or: {WITHOUT_PROOF}"
    )
}

const WITHOUT_PROOF: &str = "Set spec.origin.probePath to a path that is answered in another way, or give probes what the backend asks \
                             for (spec.access.probe), or set spec.access.cutOver to AfterDeployed, and the API is locked without \
                             that proof";

/// What to look for when API Gateway itself refuses `proof`.
fn remedy_of_refused(proof: &Proof) -> &'static str {
    match proof {
        Proof::Signature => {
            "check that nothing denies execute-api:Invoke to the signer's role (a resource policy, a permissions boundary, an \
             organization's policy)"
        }
        Proof::Key => {
            "check that the key is enabled, that its usage plan has the stage and quota left, and that no resource policy \
             denies the request"
        }
        Proof::Header(_) => {
            "check that API Gateway may invoke the authorizer's function, and that no resource policy denies the request"
        }
        Proof::Certificate => {
            "check in API Gateway that the custom domain name of spec.access.mutualTls.originDomain is AVAILABLE with the truststore \
             that Palisade gave it; where the API itself answers so, set spec.origin.probePath to a path that it answers in \
             another way"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_about_a_refused_proof_depends_on_the_mode() {
        assert!(remedy_of_refused(&Proof::Signature).contains("signer's role"));
        assert!(remedy_of_refused(&Proof::Key).contains("usage plan"));
        let header = Proof::Header("x-origin-verify".into());
        assert!(remedy_of_refused(&header).contains("authorizer's function"));
        assert!(remedy_of_refused(&Proof::Certificate).contains("truststore"));
    }
}
