//! What people are told.

use super::client_certificate::seen as client_certificate;
use super::endpoint::mark::Mark;
use super::origin_domain::known::arn_of;
use super::origin_domain::seen::{Content, Mapping};
use super::{Desired, probes};
use crate::api::OriginType;
use crate::domain::access::asked::Gate;
use crate::domain::access::probe::Verdict;
use crate::domain::access::probing::verdicts::said;
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use jiff::Timestamp;
use std::time::Duration;

/// A custom domain name takes minutes to be made, and to be changed.
const DOMAIN_RETRY: Duration = Duration::from_secs(15);
/// The next pass has the pair.
const PAIR_RETRY: Duration = Duration::from_secs(1);
/// DNS, and API Gateway's edge, take their time.
const PROOF_RETRY: Duration = Duration::from_secs(10);
/// What a person has to see to is looked at again so often.
const TOLD_RETRY: Duration = Duration::from_mins(2);
/// A probe that tells nothing is repeated this often.
const PROBE_RETRY: Duration = Duration::from_secs(30);
/// A way that is not proven by then is a problem.
const PROOF_PATIENCE: Duration = Duration::from_mins(30);

fn wait(kind: Kind, reason: Reason, message: String, retry_after: Duration) -> Wait {
    Wait {
        id: Id::of(kind),
        reason,
        message,
        retry_after,
    }
}

fn problem(kind: Kind, reason: Reason, message: String, retry_after: Option<Duration>) -> Problem {
    Problem {
        retry_after,
        ..Problem::new(Id::of(kind), reason, message)
    }
}

/// What keeps other tools from switching the endpoint on again.
#[must_use]
pub fn lines_that_keep(gate: &Gate) -> String {
    let (terraform, sam) = match gate.r#type {
        OriginType::Rest => ("aws_api_gateway_rest_api", "AWS::Serverless::Api"),
        OriginType::Http | OriginType::WebSocket => ("aws_apigatewayv2_api", "AWS::Serverless::HttpApi"),
    };
    format!(
        "Terraform: disable_execute_api_endpoint = true in {terraform}; CloudFormation and SAM: DisableExecuteApiEndpoint: true in \
         the API or in {sam}; OpenAPI: \"x-amazon-apigateway-endpoint-configuration\": {{\"disableExecuteApiEndpoint\": true}}"
    )
}

pub(super) fn domain_taken(desired: &Desired) -> Problem {
    let tags = desired.owner.tags();
    let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let message = format!(
        "spec.access.mutualTls.originDomain: the custom domain name {} exists in this Region, but neither its tags nor anything else \
         prove that it is this object's: it is left alone. If its tags were taken away, give it back {}. If it is somebody else's, \
         declare this object anew with another originDomain",
        desired.origin_domain,
        tags.join(", ")
    );
    problem(Kind::OriginDomain, Reason::NameTaken, message, None).about("spec.access.mutualTls.originDomain")
}

pub(super) fn domain_failed(desired: &Desired, content: &Content) -> Problem {
    let why = content.status_message.as_ref();
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    let remedy = match content.status.as_str() {
        "PENDING_OWNERSHIP_VERIFICATION" | "PENDING_CERTIFICATE_REIMPORT" => {
            "spec.access.mutualTls.certificateArn has to name a public certificate that ACM issued, and none that was imported or that a \
             private CA signed; without the field one is requested"
        }
        _ => {
            "look at the custom domain name in API Gateway. The certificate of spec.access.mutualTls.certificateArn, or that of the name, \
             has to be issued and to cover spec.access.mutualTls.originDomain"
        }
    };
    let message = format!(
        "API Gateway says {} of the custom domain name {}{why}: {remedy}",
        content.status, desired.origin_domain
    );
    problem(
        Kind::OriginDomain,
        Reason::DomainFailed,
        message,
        Some(TOLD_RETRY),
    )
}

pub(super) fn domain_pending(desired: &Desired, content: &Content) -> Wait {
    let message = format!(
        "API Gateway says {} of the custom domain name {}; what was there before serves until it is done, which takes minutes",
        content.status, desired.origin_domain
    );
    wait(Kind::OriginDomain, Reason::DomainPending, message, DOMAIN_RETRY)
}

/// After it accepted certificates of others.
pub(super) fn others_shut_out(desired: &Desired, left: Duration) -> Wait {
    let message = format!(
        "the custom domain name {} accepted client certificates of others, or asked for none. API Gateway has taken this object's \
         truststore again; that counts once it is in force everywhere: some minutes later, and once a probe without a certificate is \
         refused",
        desired.origin_domain
    );
    wait(Kind::OriginDomain, Reason::DomainPending, message, left)
}

pub(super) fn routing_changed(desired: &Desired, content: &Content) -> Problem {
    let name = &desired.origin_domain;
    let message = format!(
        "somebody has set the routing mode of the custom domain name {name} to {}, so that routing rules may lead viewers elsewhere, or \
         nowhere. Palisade leaves it as it is. Set it back: aws apigateway update-domain-name --region {} --domain-name {name} \
         --patch-operations op=replace,path=/routingMode,value=BASE_PATH_MAPPING_ONLY",
        content.routing_mode, desired.gate.region
    );
    problem(
        Kind::OriginDomain,
        Reason::ContestedByOtherTool,
        message,
        Some(TOLD_RETRY),
    )
}

pub(super) fn mapped_by_others(desired: &Desired, others: &[&Mapping]) -> Problem {
    let told: Vec<String> = others
        .iter()
        .map(|mapping| format!("/{} to {} {}", mapping.key, mapping.api_id, mapping.stage))
        .collect();
    let message = format!(
        "the custom domain name {} has mappings besides this object's: {}. They were left by an earlier spec.origin, or somebody made \
         them; they lead only who shows this perimeter's client certificate, and stay as they are. Have who made them use a custom domain \
         name of their own; one that no viewer's path needs may go",
        desired.origin_domain,
        told.join(", ")
    );
    Problem {
        stands: true,
        ..problem(Kind::OriginDomain, Reason::OtherDoorFound, message, None)
    }
}

pub(super) fn pair_awaited() -> Wait {
    let message = "the next client certificate is made in memory with the next pass".to_owned();
    wait(Kind::ClientCertificate, Reason::InProgress, message, PAIR_RETRY)
}

/// After an import: a crash must not leave CloudFront with a certificate that no status records.
pub(super) fn import_recorded_first() -> Wait {
    let message = "the client certificate was imported; CloudFront is had show it with the next pass, once status records it".to_owned();
    wait(Kind::ClientCertificate, Reason::InProgress, message, PAIR_RETRY)
}

/// Once viewers come by a certificate that shuts out those before it.
pub(super) fn former_shut_out_next() -> Wait {
    let message = "viewers come by the next client certificate, so the authorities of those before it leave the truststore with the next pass"
        .to_owned();
    wait(Kind::ClientCertificate, Reason::Rotating, message, PAIR_RETRY)
}

/// Where another was imported a moment ago, whatever asks for one more.
pub(super) fn import_paced(left: Duration) -> Wait {
    let message = "the next client certificate is imported a minute after the last one at the earliest: ACM takes a number of imports a \
                   year for the whole account"
        .to_owned();
    wait(Kind::ClientCertificate, Reason::InProgress, message, left)
}

pub(super) fn unfit_certificate(found: &client_certificate::Observed) -> Problem {
    let content = &found.content;
    let message = format!(
        "ACM has taken client certificate {} and does not offer it to clients (status {}), so CloudFront cannot show it; viewers are \
         served as before. Another is made two hours after its import. Look at it in ACM in us-east-1: the status has to be ISSUED, and the \
         extended key usages have to have TLS_WEB_CLIENT_AUTHENTICATION",
        content.arn, content.status
    );
    problem(
        Kind::ClientCertificate,
        Reason::ClientCertificateRefused,
        message,
        Some(TOLD_RETRY),
    )
}

/// While the probes of the next certificate are sent, or prove nothing yet.
pub(super) fn proof_awaited(desired: &Desired, told: Option<&str>) -> Wait {
    let told = told.map(|told| format!(": {told}")).unwrap_or_default();
    let message = format!(
        "the next client certificate is imported once probes show that {} lets it in, and nobody without one, which usually takes a \
         minute{told}",
        desired.origin_domain
    );
    wait(
        Kind::ClientCertificate,
        Reason::DomainPending,
        message,
        PROOF_RETRY,
    )
}

/// What the probes of the next certificate mean that do not prove it.
pub(super) fn not_proven<A>(
    desired: &Desired,
    now: Timestamp,
    made_at: Timestamp,
    with: &Verdict,
    without: &Verdict,
) -> Next<A> {
    let name = &desired.origin_domain;
    let told = format!(
        "with the certificate {}; without one {}",
        said(with),
        said(without)
    );
    if now.duration_since(made_at).unsigned_abs() < PROOF_PATIENCE {
        return Next::Wait(proof_awaited(desired, Some(&told)));
    }
    let (reason, remedy) = if probes::lets_in(without) {
        let remedy = "the name has to lead to the custom domain name of API Gateway, and to nothing before it: look at its DNS records";
        (Reason::DirectAccessOpen, remedy)
    } else if probes::refuses(with) {
        let remedy = "look at the truststore of the custom domain name in API Gateway, and at its warnings";
        (Reason::ClientCertificateRefused, remedy)
    } else {
        let remedy = "check that the controller resolves and reaches the name, and that spec.origin.probePath leads to a method";
        (Reason::ProbeFailed, remedy)
    };
    let message =
        format!("{name} is not proven, so the next client certificate is not imported: {told}; {remedy}");
    let retry = Some(TOLD_RETRY);
    Next::Problem(problem(Kind::ClientCertificate, reason, message, retry))
}

/// While a switch is not proven: ours, or that of what `was_off` already.
pub(super) fn switching(
    desired: &Desired,
    [viewer, direct]: [Option<&Verdict>; 2],
    was_off: bool,
    retry_after: Duration,
) -> Wait {
    let told = |verdict: Option<&Verdict>| verdict.map_or_else(|| "not asked yet".to_owned(), said);
    let message = format!(
        "the default endpoint of API {} is {}, which is proven once a viewer gets in and nobody past the perimeter; this usually takes a \
         minute. A viewer: {}. Past the perimeter: {}",
        desired.gate.api_id,
        if was_off {
            "off already"
        } else {
            "being switched off"
        },
        told(viewer),
        told(direct)
    );
    wait(Kind::Endpoint, Reason::EndpointSwitching, message, retry_after)
}

pub(super) fn still_open(desired: &Desired, direct: &Verdict) -> Problem {
    let gate = &desired.gate;
    let remedy = if desired.is_rest() {
        "have the stage deployed by the API's team: a switch takes effect with the next deployment at the \
         latest, and all edits of the API go live with it"
    } else {
        "have the API deployed to the stage, or automatic deployment switched on: a switch takes effect with it, and \
         all edits of the API go live"
    };
    let message = format!(
        "the default endpoint of API {} is switched off, and still lets requests in: {}. Stage {}: {remedy}",
        gate.api_id,
        said(direct),
        gate.stage
    );
    problem(
        Kind::Endpoint,
        Reason::DirectAccessOpen,
        message,
        Some(TOLD_RETRY),
    )
}

pub(super) fn contested(desired: &Desired, mark: &Mark, left: Duration) -> Problem {
    let gate = &desired.gate;
    let message = format!(
        "the default endpoint of API {} was switched on again {} times within an hour, so requests past the perimeter get in. \
         From now on it is switched off once an hour, or at once with another text of the annotation palisade.dev/look. Have the \
         tool that declares the API keep it off. {}",
        gate.api_id,
        mark.reopened.saturating_add(1),
        lines_that_keep(gate)
    );
    problem(Kind::Endpoint, Reason::ContestedByOtherTool, message, Some(left))
}

pub(super) fn origin_open(desired: &Desired) -> Problem {
    let name = &desired.origin_domain;
    let message = format!(
        "{name} lets in who shows no client certificate of the perimeter's (DirectAccessBlocked). Look at mutual TLS of the custom domain \
         name ({}) in API Gateway, and at where its DNS records lead",
        arn_of(desired)
    );
    problem(
        Kind::Endpoint,
        Reason::DirectAccessOpen,
        message,
        Some(TOLD_RETRY),
    )
}

pub(super) fn put_back(desired: &Desired, mark: &Mark, left: Option<Duration>) -> Problem {
    let message = format!(
        "viewers were refused while the default endpoint of API {} was off ({} in a row), so it is on again, and whoever knows its \
         address gets in. It is tried again by itself, or at once with another text of the annotation palisade.dev/look. See what a \
         probe through the perimeter is answered (ViewerAccessVerified)",
        desired.gate.api_id, mark.count
    );
    problem(Kind::Endpoint, Reason::ClientCertificateRefused, message, left)
}

pub(super) fn nothing_deployed(desired: &Desired) -> Problem {
    let gate = &desired.gate;
    let message = format!(
        "nothing is deployed to stage {} of API {}: deploy the API, and its default endpoint is switched off",
        gate.stage, gate.api_id
    );
    problem(
        Kind::Endpoint,
        Reason::StageNotDeployed,
        message,
        Some(TOLD_RETRY),
    )
}

/// Before the switch, or before what is off already is proven: a viewer has to get in.
pub(super) fn viewer_not_in<A>(desired: &Desired, viewer: Option<&Verdict>, is_off: bool) -> Next<A> {
    let told = viewer.map_or_else(|| "none was sent".to_owned(), said);
    let message = format!(
        "the default endpoint of API {} {} once a probe through the perimeter gets in, which usually takes a minute from when CloudFront \
         shows the client certificate everywhere: {told}",
        desired.gate.api_id,
        if is_off {
            "is off already, and the lock counts"
        } else {
            "is switched off"
        }
    );
    let is_passing = viewer.is_none_or(Verdict::is_passing);
    if is_passing {
        let reason = Reason::EndpointSwitching;
        return Next::Wait(wait(Kind::Endpoint, reason, message, PROBE_RETRY));
    }
    let reason = match viewer {
        Some(viewer) if probes::refuses(viewer) => Reason::ClientCertificateRefused,
        _ => Reason::ProbeFailed,
    };
    Next::Problem(problem(Kind::Endpoint, reason, message, Some(PROBE_RETRY)))
}

/// Other objects' viewers would be refused by the switch.
pub(super) fn others_come_by_it(desired: &Desired, others: &[String]) -> Wait {
    let message = format!(
        "the default endpoint of API {} is that of all stages, and viewers of other objects may come by it still: {}. It is switched off \
         once CloudFront shows the client certificates of those everywhere; what that waits for, AccessRestricted of those objects says",
        desired.gate.api_id,
        others.join(", ")
    );
    wait(Kind::Endpoint, Reason::EndpointSwitching, message, PROBE_RETRY)
}

pub(super) fn no_probe(desired: &Desired) -> Wait {
    let message = format!(
        "no probe can be sent yet that shows whether viewers get in, so the default endpoint of API {} waits; this usually takes a minute",
        desired.gate.api_id
    );
    wait(Kind::Endpoint, Reason::EndpointSwitching, message, PROBE_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mutual_tls::object_fixtures::Fixture;

    #[test]
    fn a_contest_names_what_each_tool_calls_it() {
        let lines = lines_that_keep(&Fixture::new().desired.gate);
        for line in [
            "disable_execute_api_endpoint = true",
            "DisableExecuteApiEndpoint: true",
            "\"x-amazon-apigateway-endpoint-configuration\": {\"disableExecuteApiEndpoint\": true}",
        ] {
            assert!(lines.contains(line), "{line}");
        }
    }
}
