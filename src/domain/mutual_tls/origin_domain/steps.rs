//! The calls that make the custom domain name as it is wanted.

use super::known::{arn_of, id};
use super::seen::{Action, Change, Content, Creation, Mapping, Observed};
use crate::domain::kernel::change::{Change as Changed, changes};
use crate::domain::kernel::planning::{Kind, Next, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{TagCall, TagStep};
use crate::domain::mutual_tls::client_certificate::showing::is_shown_kept_by;
use crate::domain::mutual_tls::{Desired, Inputs, origin_certificate, truststore, words};
use serde_json::json;
use std::time::Duration;

/// What it is to ask for at the least: API Gateway takes nothing else together with a truststore.
const SECURITY_POLICY: &str = "TLS_1_2";
/// API Gateway takes one change of a custom domain name in this time.
const FRESH: Duration = Duration::from_secs(30);

/// ARN of the public certificate that it should have, once that is issued.
pub(super) fn certificate_wanted(desired: &Desired, inputs: &Inputs<'_>) -> Option<String> {
    let given = desired.certificate_arn.clone();
    given.or_else(|| origin_certificate::issued(inputs))
}

/// The truststore's version that it should use: one that has every CA that counts, and none of others.
pub(super) fn version_wanted(inputs: &Inputs<'_>) -> Option<String> {
    if !truststore::unwanted(inputs).is_empty() {
        return None;
    }
    let wanted = truststore::wanted(inputs);
    let mut versions = wanted.iter().map(|ca| truststore::version_with(inputs, ca));
    let first = versions.next()??;
    versions
        .all(|version| version.as_ref() == Some(&first))
        .then_some(first)
}

pub(super) fn create(desired: &Desired, inputs: &Inputs<'_>) -> Next<Action> {
    match (certificate_wanted(desired, inputs), version_wanted(inputs)) {
        (Some(certificate_arn), Some(truststore_version)) => {
            if !is_shown_kept_by(inputs, &truststore_version) {
                return Next::Blocked(vec![Kind::ClientCertificate]);
            }
            let creation = Creation {
                name: desired.origin_domain.clone(),
                certificate_arn,
                truststore_uri: desired.truststore_uri(),
                truststore_version,
                tags: desired.tags.clone(),
            };
            let region = desired.gate.region.clone();
            act(desired, Verb::Create, vec![], Action::Create { region, creation })
        }
        (None, Some(_)) => Next::Blocked(vec![Kind::OriginCertificate]),
        (Some(_), None) => Next::Blocked(vec![Kind::Truststore]),
        (None, None) => Next::Blocked(vec![Kind::OriginCertificate, Kind::Truststore]),
    }
}

/// What of certificate, truststore and policy is not as wanted, and the change that puts it right.
pub(super) fn difference(desired: &Desired, found: &Observed, inputs: &Inputs<'_>) -> Option<Next<Action>> {
    let content = &found.content;
    let uri = desired.truststore_uri();
    let in_use = content
        .truststore_version
        .clone()
        .filter(|_| content.truststore_uri.as_ref() == Some(&uri));
    // One that somebody else chose is trusted only once it was read.
    let is_verified = truststore::is_in_use_verified(inputs);
    let version = version_wanted(inputs).or_else(|| in_use.filter(|_| is_verified));
    let Some(truststore_version) = version else {
        return Some(Next::Blocked(vec![Kind::Truststore]));
    };
    let certificate = certificate_wanted(desired, inputs).or_else(|| content.certificate_arn.clone());
    let Some(certificate_arn) = certificate else {
        return Some(Next::Blocked(vec![Kind::OriginCertificate]));
    };
    let has = json!({
        "certificateArn": content.certificate_arn,
        "securityPolicy": content.security_policy,
        "truststoreUri": content.truststore_uri,
        "truststoreVersion": content.truststore_version,
    });
    let wanted = json!({
        "certificateArn": certificate_arn,
        "securityPolicy": SECURITY_POLICY,
        "truststoreUri": uri,
        "truststoreVersion": truststore_version,
    });
    let changes = changes(&has, &wanted);
    if changes.is_empty() {
        return None;
    }
    if !is_shown_kept_by(inputs, &truststore_version) {
        return Some(Next::Blocked(vec![Kind::ClientCertificate]));
    }
    let age = found.changed_at.map(|at| inputs.pass.at.duration_since(at));
    let left = age.map(|age| FRESH.saturating_sub(age.unsigned_abs()));
    if let Some(left) = left.filter(|left| !left.is_zero()) {
        return Some(Next::Wait(paced(desired, left)));
    }
    let change = Change {
        name: desired.origin_domain.clone(),
        certificate_arn,
        truststore_uri: uri,
        truststore_version,
    };
    let region = desired.gate.region.clone();
    Some(act(
        desired,
        Verb::Update,
        changes,
        Action::Update { region, change },
    ))
}

/// Where it was changed a moment ago.
fn paced(desired: &Desired, left: Duration) -> Wait {
    Wait {
        id: id(),
        reason: Reason::DomainPending,
        message: format!(
            "API Gateway takes one change of custom domain name {} in 30 seconds: the next one is made then",
            desired.origin_domain
        ),
        retry_after: left,
    }
}

/// The mapping that leads to the stage, where it is missing. One at its path that leads elsewhere goes first: API Gateway has one a path.
pub(super) fn mapping(desired: &Desired, found: &Observed) -> Option<Next<Action>> {
    let gate = &desired.gate;
    let mut mappings = found.mappings.iter();
    let (region, domain) = (gate.region.clone(), desired.origin_domain.clone());
    let Some(mapping) = mappings.find(|mapping| mapping.key == desired.mapping_key) else {
        let change = Changed {
            path: "mapping".to_owned(),
            from: json!(null),
            to: json!(format!("{} {}", gate.api_id, gate.stage)),
        };
        let action = Action::Map {
            region,
            domain,
            key: desired.mapping_key.clone(),
            api_id: gate.api_id.clone(),
            stage: gate.stage.clone(),
        };
        return Some(act(desired, Verb::Update, vec![change], action));
    };
    if (&mapping.api_id, &mapping.stage) == (&gate.api_id, &gate.stage) {
        return None;
    }
    let change = Changed {
        path: "mapping".to_owned(),
        from: json!(format!("{} {}", mapping.api_id, mapping.stage)),
        to: json!(null),
    };
    let action = Action::Unmap {
        region,
        domain,
        id: mapping.id.clone(),
    };
    Some(act(desired, Verb::Update, vec![change], action))
}

/// What others made of it, which is theirs to take away.
pub(super) fn told(desired: &Desired, found: &Observed) -> Next<Action> {
    if !is_by_mappings(&found.content) {
        return Next::Problem(words::routing_changed(desired, &found.content));
    }
    let others = found
        .mappings
        .iter()
        .filter(|mapping| mapping.key != desired.mapping_key);
    let others: Vec<&Mapping> = others.collect();
    if others.is_empty() {
        Next::Done
    } else {
        Next::Problem(words::mapped_by_others(desired, &others))
    }
}

/// Whether requests are led by mappings alone, and no routing rule can lead them elsewhere.
pub(super) fn is_by_mappings(content: &Content) -> bool {
    content.routing_mode.is_empty() || content.routing_mode.ends_with("MAPPING_ONLY")
}

pub(super) fn act(desired: &Desired, verb: Verb, changes: Vec<Changed>, action: Action) -> Next<Action> {
    Next::act(id(), &desired.origin_domain, verb, changes, action)
}

pub(super) fn retag(desired: &Desired, changes: Vec<Changed>, step: TagStep) -> Next<Action> {
    let call = TagCall::new(&arn_of(desired), step);
    act(desired, Verb::Update, changes, Action::Tag(call))
}
