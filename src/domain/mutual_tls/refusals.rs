//! What is refused before anything is built, with the field and the remedy.

use super::shared_certificate::zone::why_unfit;
use super::{Inputs, in_place};
use crate::api::{AccessMode, AccessSpec, Enforcement, MutualTlsSpec, OriginType, ProtectedApiSpec};
use crate::domain::access::asked::gate;
use crate::domain::edge::cache_policies::sends_host;
use crate::domain::edge::hosted_zone::Zone;
use crate::domain::edge::names::ZoneSeen;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Problem};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use std::collections::BTreeSet;

/// Begins the names of API Gateway's enhanced security policies.
const ENHANCED: &str = "SecurityPolicy_";

const ZONE: &str = "spec.access.mutualTls.hostedZoneId";

/// Refuses what the spec alone shows. The API server does so, too; an object may be older than its rules. A cache policy that forwards
/// the viewer's Host is refused with all that is wrong with those; a policy of the team's own is not read, and that is told.
///
/// # Errors
/// The field, and what to write instead.
pub fn check(spec: &ProtectedApiSpec) -> Result<(), Rejection> {
    let Some(access) = spec.access.as_ref() else {
        return Ok(());
    };
    if access.mode != Some(AccessMode::MutualTls) {
        return Ok(());
    }
    let why = match &access.mutual_tls {
        None => Some(
            "spec.access.mutualTls: the mode MutualTls needs hostedZoneId, originDomain and truststoreBucket: write them"
                .to_owned(),
        ),
        Some(wanted) => why_refused(spec, access, wanted),
    };
    why.map_or(Ok(()), |why| Err(Rejection::new(Reason::InvalidSpec, why)))
}

fn why_refused(spec: &ProtectedApiSpec, access: &AccessSpec, wanted: &MutualTlsSpec) -> Option<String> {
    let name = &wanted.origin_domain;
    if spec.origin.r#type == OriginType::WebSocket {
        return Some(
            "spec.access.mode: MutualTls exists only for REST and HTTP APIs; write SigV4 or SecretHeader"
                .to_owned(),
        );
    }
    if access
        .exclude_methods
        .as_ref()
        .is_some_and(|names| !names.is_empty())
    {
        return Some(
            "spec.access.excludeMethods: the mode MutualTls switches the default endpoint off for all methods; leave the field out, \
             or choose another mode"
                .to_owned(),
        );
    }
    let distribution = spec.distribution.as_ref();
    let aliases = distribution.and_then(|wanted| wanted.aliases.as_ref());
    if aliases.is_some_and(|aliases| aliases.contains(name)) {
        return Some(format!(
            "spec.access.mutualTls.originDomain: {name} is one of spec.distribution.aliases, by which viewers come; CloudFront needs \
             a name of its own to reach the API by: take the alias out, or declare the object anew with another originDomain"
        ));
    }
    let policy = distribution.and_then(|wanted| wanted.origin_request_policy_id.as_deref());
    if let Some(policy) = policy.and_then(sends_host) {
        return Some(format!(
            "spec.distribution.originRequestPolicyId: {policy} sends the viewer's Host header on, and API Gateway then looks for another \
             custom domain name than {name}; leave the field out, or write b689b0a8-53d0-40ab-baf2-68738e2966ac \
             (AllViewerExceptHostHeader)"
        ));
    }
    let region = gate(&spec.origin).region;
    let given = wanted.certificate_arn.as_deref().and_then(Arn::of);
    given.filter(|arn| arn.region != region).map(|arn| {
        format!(
            "spec.access.mutualTls.certificateArn: the certificate is of {}, and API Gateway takes one of the API's Region alone: name \
             one of {region} that covers {name}, or leave the field out",
            arn.region
        )
    })
}

/// The declared hosted zone, where it was read and can have the records of the origin's name.
pub(super) fn fit_zone<'a>(inputs: &Inputs<'a>) -> Option<&'a Zone> {
    match inputs.zone? {
        ZoneSeen::Found(zone) if why_zone_unfit(inputs).is_none() => Some(zone),
        ZoneSeen::Found(_) | ZoneSeen::Missing => None,
    }
}

/// What is wrong with what was read: nothing is built, or the default endpoint is not switched off, until it is mended.
#[must_use]
pub fn problems(inputs: &Inputs<'_>) -> Vec<Problem> {
    let zone = why_zone_unfit(inputs)
        .map(|(reason, message)| Problem::new(Id::of(Kind::OriginRecords), reason, message).about(ZONE));
    let of_api = other_stages(inputs).into_iter().chain(enhanced_policy(inputs));
    let wildcard = unfit_wildcard(inputs);
    let wildcard =
        wildcard.map(|(reason, message)| Problem::new(Id::of(Kind::OriginCertificate), reason, message));
    zone.into_iter()
        .chain(wildcard)
        .chain(of_api)
        .chain(pricing_plan(inputs))
        .collect()
}

/// The problem of an API whose security policy is an enhanced one: it governs the handshake at custom domain names as well, and API
/// Gateway asks for client certificates under the older ones alone. What is locked already shows that it is.
fn enhanced_policy(inputs: &Inputs<'_>) -> Option<Problem> {
    let desired = inputs.desired.filter(|desired| !desired.leaves)?;
    let found = inputs.seen.endpoint.present()?;
    let name = found.security_policy.as_deref();
    let name = name.filter(|name| name.starts_with(ENHANCED))?;
    if found.is_off && in_place::is_anything(inputs) {
        return None;
    }
    let mode = found.endpoint_access_mode.as_deref();
    let mode = mode.map(|mode| format!(" (endpointAccessMode {mode})"));
    let message = format!(
        "spec.access.mode: API {} has the security policy {name}{}, which goes with no client certificate: API Gateway asks for one under \
         TLS_1_2 alone, and the API's policy counts at its custom domain names, too. Choose another mode; or, where TLS_1_2 is enough for all \
         callers of the API, have its team choose that",
        desired.gate.api_id,
        mode.unwrap_or_default()
    );
    let problem = Problem::new(Id::of(Kind::Endpoint), Reason::UnsupportedEndpoint, message);
    Some(problem.about("spec.access.mode"))
}

/// The problem of a distribution in a flat-rate pricing plan that takes no client certificate, while nothing of the mode is in place.
fn pricing_plan(inputs: &Inputs<'_>) -> Option<Problem> {
    let is_new = inputs.desired.is_some_and(|desired| !desired.leaves) && !in_place::is_anything(inputs);
    let why = inputs.refused_by_plan.clone().filter(|_| is_new)?;
    let problem = Problem::new(Id::of(Kind::ClientCertificate), Reason::PricingPlan, why);
    Some(problem.about("spec.access.mutualTls"))
}

/// What helps where an immutable field names what cannot be used.
pub(super) fn anew(is_after_another_mode: bool) -> &'static str {
    if is_after_another_mode {
        "the field is immutable. Viewers are served as before, by the mode before: set spec.access back to that mode, and change it \
         again with another name"
    } else {
        "the field is immutable, so declare this object anew where nothing of it serves viewers yet"
    }
}

fn why_zone_unfit(inputs: &Inputs<'_>) -> Option<(Reason, String)> {
    let anew = anew(inputs.is_after_another_mode);
    let desired = inputs.desired?;
    let (id, name) = (&desired.hosted_zone_id, &desired.origin_domain);
    let zone = match inputs.zone? {
        ZoneSeen::Missing => {
            let message =
                format!("{ZONE}: this account has no hosted zone {id}: name one that it has; {anew}");
            return Some((Reason::HostedZoneNotFound, message));
        }
        ZoneSeen::Found(zone) => zone,
    };
    let head = &zone.head;
    if head.is_private {
        let message = format!(
            "{ZONE}: {id} is a private zone of {}, which neither CloudFront nor ACM sees: name the public one; {anew}",
            head.name
        );
        return Some((Reason::HostedZonePrivate, message));
    }
    zone.misses(name).map(|why| {
        let message = format!(
            "{ZONE}: the zone {id} of {} does not cover spec.access.mutualTls.originDomain: {why}; name the zone that does; {anew}",
            head.name
        );
        (Reason::HostedZoneDoesNotCoverAlias, message)
    })
}

/// Why the certificate that is declared to be shared cannot be proved in the zone.
pub(super) fn unfit_wildcard(inputs: &Inputs<'_>) -> Option<(Reason, String)> {
    why_unfit(inputs.desired?, fit_zone(inputs)?)
}

/// The problem of stages of the API, besides the declared one, that would lose the default endpoint without consent. One that is off
/// already is taken from nobody.
#[must_use]
pub fn other_stages(inputs: &Inputs<'_>) -> Option<Problem> {
    let desired = inputs.desired?;
    let Seen::Present(found) = &inputs.seen.endpoint else {
        return None;
    };
    if desired.for_all_stages || desired.enforcement == Enforcement::Observe || found.is_off {
        return None;
    }
    let all = found.stages.iter().chain(inputs.declared_stages);
    let others: BTreeSet<&str> = all
        .map(String::as_str)
        .filter(|stage| *stage != desired.gate.stage)
        .collect();
    if others.is_empty() {
        return None;
    }
    let others: Vec<&str> = others.into_iter().collect();
    let message = format!(
        "the default endpoint is the API's as a whole, and with stage {} other stages would lose it: {}. Have their callers come by \
         other names, and set spec.access.mutualTls.disableForAllStages: true; or set spec.access.enforcement: Observe, or choose \
         another mode for an object that is declared anew",
        desired.gate.stage,
        others.join(", ")
    );
    Some(Problem::new(
        Id::of(Kind::Endpoint),
        Reason::OtherStagesServed,
        message,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::MethodName;
    use crate::domain::edge::hosted_zone::{Head, Record, cname};
    use crate::domain::mutual_tls::endpoint;
    use crate::domain::mutual_tls::object_fixtures::{Fixture, spec, spec_with};
    use std::sync::Arc;

    fn refused(spec: &ProtectedApiSpec) -> String {
        check(spec).unwrap_err().message
    }

    #[test]
    fn what_is_right_is_taken_and_another_mode_is_not_looked_at() {
        assert_eq!(check(&spec()), Ok(()));
        let mut other = spec();
        other.access.as_mut().unwrap().mode = None;
        other.origin.r#type = OriginType::WebSocket;
        assert_eq!(check(&other), Ok(()));
    }

    #[test]
    fn what_the_spec_shows_is_refused_with_the_field() {
        let mut plain = spec();
        plain.access.as_mut().unwrap().mutual_tls = None;
        let mut excluding = spec();
        let names = vec![MethodName("GET /health".into())];
        excluding.access.as_mut().unwrap().exclude_methods = Some(names);
        let aliased = spec_with(
            "type: REST, stage: prod",
            "",
            "distribution: {aliases: [origin.example.com]}",
        );
        let far = spec_with(
            "type: REST, stage: prod",
            ", certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1'",
            "",
        );
        let by_host = spec_with(
            "type: REST, stage: prod",
            "",
            "distribution: {originRequestPolicyId: 216adef6-5c7f-47e4-b989-5492eafa07d3}",
        );
        for (spec, field) in [
            (&by_host, "spec.distribution.originRequestPolicyId: AllViewer "),
            (&plain, "spec.access.mutualTls: "),
            (
                &spec_with("type: WEBSOCKET, stage: prod", "", ""),
                "spec.access.mode: ",
            ),
            (&excluding, "spec.access.excludeMethods: "),
            (&aliased, "spec.access.mutualTls.originDomain: "),
            (&far, "spec.access.mutualTls.certificateArn: "),
        ] {
            let message = refused(spec);
            assert!(message.starts_with(field), "{message}");
        }
    }

    #[test]
    fn an_origin_request_policy_of_the_teams_own_or_without_host_is_taken() {
        for policy in [
            "b689b0a8-53d0-40ab-baf2-68738e2966ac",
            "11111111-2222-3333-4444-555555555555",
        ] {
            let rest = format!("distribution: {{originRequestPolicyId: {policy}}}");
            assert_eq!(check(&spec_with("type: REST, stage: prod", "", &rest)), Ok(()));
        }
    }

    #[test]
    fn a_wildcard_of_viewers_may_cover_the_origins_name() {
        let spec = spec_with(
            "type: REST, stage: prod",
            "",
            "distribution: {aliases: ['*.example.com']}",
        );
        assert_eq!(check(&spec), Ok(()));
    }

    #[test]
    fn a_zone_that_cannot_have_the_name_is_told_with_the_field() {
        let found = |name: &str, is_private: bool, records: Vec<Record>| {
            let head = Head {
                id: "Z1".into(),
                name: name.into(),
                is_private,
            };
            ZoneSeen::Found(Arc::new(Zone::new(head, records)))
        };
        let mut delegation = cname("origin.example.com", "ns-1.example.org");
        delegation.r#type = "NS".into();
        for (zone, reason) in [
            (ZoneSeen::Missing, Reason::HostedZoneNotFound),
            (found("example.com", true, vec![]), Reason::HostedZonePrivate),
            (
                found("example.org", false, vec![]),
                Reason::HostedZoneDoesNotCoverAlias,
            ),
            (
                found("example.com", false, vec![delegation]),
                Reason::HostedZoneDoesNotCoverAlias,
            ),
        ] {
            let mut world = Fixture::empty();
            world.zone = Some(zone);
            let told = problems(&world.inputs());
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!(told[0].reason, reason);
            assert!(
                told[0]
                    .message
                    .starts_with("spec.access.mutualTls.hostedZoneId: ")
            );
            assert!(fit_zone(&world.inputs()).is_none());
        }
        let mut world = Fixture::empty();
        assert!(problems(&world.inputs()).is_empty() && fit_zone(&world.inputs()).is_some());
        world.zone = None;
        assert!(problems(&world.inputs()).is_empty(), "it was not read yet");
    }

    fn world_of(stages: &[&str], is_off: bool) -> Fixture {
        let mut world = Fixture::empty();
        world.seen.endpoint = Seen::Present(endpoint::Observed {
            is_off,
            deployment: None,
            auto_deploy: false,
            stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
            description: String::new(),
            security_policy: None,
            endpoint_access_mode: None,
            published_at: None,
            switched_off: None,
            rests: false,
        });
        world
    }

    #[test]
    fn other_stages_do_not_lose_the_default_endpoint_without_consent() {
        let told = problems(&world_of(&["dev", "prod"], false).inputs());
        assert_eq!(told[0].reason, Reason::OtherStagesServed);
        for part in ["dev", "spec.access.mutualTls.disableForAllStages: true"] {
            assert!(told[0].message.contains(part), "{}", told[0].message);
        }
        let mut declared = world_of(&["prod"], false);
        assert!(problems(&declared.inputs()).is_empty());
        declared.declared_stages.insert("beta".into());
        assert!(problems(&declared.inputs())[0].message.contains("beta"));
    }

    #[test]
    fn consent_observation_and_an_endpoint_that_is_off_need_no_question() {
        let mut consents = world_of(&["dev", "prod"], false);
        consents.desired.for_all_stages = true;
        let mut observes = world_of(&["dev", "prod"], false);
        observes.desired.enforcement = Enforcement::Observe;
        for world in [consents, observes, world_of(&["dev", "prod"], true)] {
            assert!(problems(&world.inputs()).is_empty());
        }
    }
}
