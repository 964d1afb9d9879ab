//! What a resource begins with, whether it stands, and how it is called: of those that no call is planned for yet.

use crate::domain::kernel::change::{Change, changes};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::mutual_tls::desired::LIFE;
use crate::domain::mutual_tls::shared_certificate::Shared;
use crate::domain::mutual_tls::{self, origin_certificate};
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::shield::alarm;
use serde::Serialize;
use serde_json::{Value, json};

/// What is wanted of a resource, as plain data; `None` where nothing is, or only its service knows.
pub(super) fn wanted(desired: &Desired, id: &Id) -> Option<Value> {
    let shield = desired.shield.as_ref();
    let names = desired.names.as_ref();
    match id.kind {
        Kind::Role => plain(&desired.role),
        Kind::Function => plain(&desired.function),
        Kind::IpSet => {
            let set = desired.ip_sets.iter().find(|set| set.part == id.part);
            set.and_then(plain)
        }
        Kind::WebAcl => plain(&desired.web_acl),
        Kind::Logging => desired.logging.as_ref().and_then(plain),
        Kind::ApiKey => desired.api_key.as_ref().and_then(plain),
        Kind::Authorizer => desired.authorizer.as_ref().and_then(plain),
        Kind::Certificate => names.and_then(|names| names.certificate.as_ref()).and_then(plain),
        Kind::Distribution => plain(&desired.distribution),
        Kind::HealthCheck => shield
            .and_then(|shield| shield.health_check.as_ref())
            .and_then(plain),
        Kind::Protection => shield.and_then(|shield| plain(&shield.protection)),
        Kind::Alarm => shield.and_then(|shield| shield.alarm.as_ref()).and_then(plain),
        Kind::Records => names.and_then(plain),
        Kind::OriginCertificate
        | Kind::OriginRecords
        | Kind::Truststore
        | Kind::OriginDomain
        | Kind::ClientCertificate
        | Kind::Endpoint => desired
            .mutual_tls
            .as_ref()
            .and_then(|declared| of_mutual_tls(declared, id.kind)),
        // The routes are API Gateway's: they are changed, and never made.
        Kind::Access => None,
    }
}

/// The same of what serves mutual TLS. The client certificate itself is made at random.
fn of_mutual_tls(desired: &mutual_tls::Desired, kind: Kind) -> Option<Value> {
    let gate = &desired.gate;
    match kind {
        Kind::OriginCertificate => match Shared::of(desired) {
            Some(shared) => Some(json!({
                "names": [shared.wildcard()],
                "tags": shared.tags(&desired.owner.cluster),
            })),
            None => origin_certificate::wanted(desired).as_ref().and_then(plain),
        },
        Kind::OriginRecords => Some(json!({
            "name": desired.origin_domain,
            "hostedZoneId": desired.hosted_zone_id,
        })),
        Kind::Truststore => Some(json!({"uri": desired.truststore_uri()})),
        Kind::OriginDomain => Some(json!({
            "name": desired.origin_domain,
            "certificateArn": desired.certificate_arn,
            "sharedCertificate": Shared::of(desired).map(|shared| shared.wildcard()),
            "truststoreUri": desired.truststore_uri(),
            "mapping": format!("{} {}", gate.api_id, gate.stage),
            "mappingKey": desired.mapping_key,
            "tags": desired.tags,
        })),
        Kind::ClientCertificate => Some(json!({
            "name": desired.origin_domain,
            "validDays": LIFE.as_secs() / SECONDS_OF_A_DAY,
            "tags": desired.tags,
        })),
        // It is API Gateway's: it is switched, and never made.
        _ => None,
    }
}

/// As long as a day is.
const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;

/// Whose it is stands in its tags.
fn plain<T: Serialize>(value: &T) -> Option<Value> {
    let mut value = serde_json::to_value(value).ok()?;
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|field, _| field != "owner");
    }
    Some(value)
}

/// The fields that a resource begins with.
pub(super) fn beginnings(desired: &Desired, id: &Id) -> Vec<Change> {
    let document = wanted(desired, id).unwrap_or_default();
    let begun = changes(&json!({}), &flat(document)).into_iter();
    begun.filter(|change| !is_nothing(&change.to)).collect()
}

/// `document` with the fields of its objects side by side, as those of an update are named.
pub(super) fn flat(document: Value) -> Value {
    fn lay(path: &str, value: Value, out: &mut serde_json::Map<String, Value>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (field, value) in fields {
                    let below = if path.is_empty() {
                        field
                    } else {
                        format!("{path}.{field}")
                    };
                    lay(&below, value, out);
                }
            }
            other => drop(out.insert(path.to_owned(), other)),
        }
    }
    let mut out = serde_json::Map::new();
    lay("", document, &mut out);
    Value::Object(out)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a resource that is changed goes in the end.
pub(super) fn goes(desired: &Desired, id: &Id) -> bool {
    let is_left = desired
        .mutual_tls
        .as_ref()
        .is_some_and(|declared| declared.leaves);
    match id.kind {
        Kind::IpSet | Kind::Protection | Kind::Alarm => wanted(desired, id).is_none(),
        // One that the spec names is the team's.
        Kind::HealthCheck => id.part.is_empty() && wanted(desired, id).is_none(),
        Kind::OriginDomain | Kind::OriginRecords => is_left,
        _ => false,
    }
}

/// Whether a resource is there, as far as it is known.
pub(super) fn stands(observed: &Observed, id: &Id) -> bool {
    let is_listed = match id.kind {
        Kind::Role => is_seen(&observed.role),
        Kind::Function => is_seen(&observed.function),
        Kind::IpSet => observed.ip_sets.get(&id.part).is_some_and(is_seen),
        Kind::WebAcl => is_seen(&observed.web_acl),
        Kind::Logging => is_seen(&observed.logging),
        Kind::Distribution => is_seen(&observed.distribution) || observed.adoption.found.is_some(),
        Kind::OriginDomain => is_seen(&observed.mutual_tls.domain),
        Kind::Truststore => {
            let found = observed.mutual_tls.truststore.present();
            found.is_some_and(|found| found.content.is_some())
        }
        // No list shows the others: status tells of them.
        _ => false,
    };
    is_listed || (observed.pass.recorded.contains_key(&id.key()) && !is_gone(observed, id.kind))
}

fn is_seen<L, T>(seen: &Seen<L, T>) -> bool {
    matches!(seen, Seen::Listed(Some(_)) | Seen::Present(_))
}

/// Whether a direct read says that the one of this kind does not exist, whatever was recorded before.
fn is_gone(observed: &Observed, kind: Kind) -> bool {
    match kind {
        Kind::Role => observed.role == Seen::Absent,
        Kind::Function => observed.function == Seen::Absent,
        Kind::WebAcl => observed.web_acl == Seen::Absent,
        Kind::Logging => observed.logging == Seen::Absent,
        Kind::Distribution => observed.distribution == Seen::Absent,
        Kind::OriginDomain => observed.mutual_tls.domain == Seen::Absent,
        Kind::Truststore => {
            let found = observed.mutual_tls.truststore.present();
            found.is_some_and(|found| found.content.is_none())
        }
        _ => false,
    }
}

/// What people call the resource, where no call says it.
pub(super) fn name(desired: &Desired, observed: &Observed, id: &Id) -> String {
    let gate = &desired.access.gate;
    match id.kind {
        Kind::Role => desired.role.creation.name.clone(),
        Kind::Function => desired.function.name.clone(),
        Kind::WebAcl | Kind::Logging => desired.web_acl.name.clone(),
        Kind::IpSet => {
            let set = desired.ip_sets.iter().find(|set| set.part == id.part);
            let surplus = || desired.owner.suffixed_name(&id.part, NAME_LIMIT);
            set.map_or_else(surplus, |set| set.creation.name.clone())
        }
        Kind::Alarm => alarm::name(&desired.owner),
        Kind::Access => format!("{}/{}", gate.api_id, gate.stage),
        Kind::Endpoint => gate.api_id.clone(),
        Kind::Truststore => desired
            .mutual_tls
            .as_ref()
            .map_or_else(String::new, mutual_tls::Desired::truststore_uri),
        Kind::OriginCertificate | Kind::OriginRecords | Kind::OriginDomain | Kind::ClientCertificate => {
            let declared = desired.mutual_tls.as_ref();
            let shared = declared.filter(|_| id.kind == Kind::OriginCertificate);
            if let Some(shared) = shared.and_then(Shared::of) {
                return shared.wildcard();
            }
            declared.map_or_else(String::new, |declared| declared.origin_domain.clone())
        }
        _ => {
            let adopted = observed.adoption.found.as_ref();
            let adopted = adopted.map(|found| found.content.id.as_str());
            let distribution = observed.distribution_id().or(adopted);
            let known = distribution.filter(|_| id.kind == Kind::Distribution);
            known.map_or_else(|| desired.owner.resource_name(NAME_LIMIT), ToOwned::to_owned)
        }
    }
}

/// No name of ours is longer.
pub(super) const NAME_LIMIT: usize = 128;
