//! What a live object does not become, whoever asks: the rules of its definition that compare a spec with the one before, and with status.
//! The API server holds them against what is applied. A `PerimeterPlan` is another object, so that they are held against it here.

use crate::api::transitions::{
    ADOPT, ADOPT_ID, ENDPOINT, HOSTED_ZONE, LEFT, ORIGIN_DOMAIN, STAGE_OF_LEFT, STAGE_OF_MUTUAL_TLS,
    STAGE_UNPROVEN, TAKEN_OVER, TRUSTSTORE_BUCKET, TYPE,
};
use crate::api::{
    AdoptSpec, MutualTlsSpec, MutualTlsStatus, ProtectedApi, ProtectedApiSpec, ProtectedApiStatus,
};

/// Why the API server would not take `wanted` as the spec of `live`: what it would say. Where several rules forbid it, it names them all, and
/// this one.
#[must_use]
pub fn refused(live: &ProtectedApi, wanted: &ProtectedApiSpec) -> Option<&'static str> {
    let change = Change {
        old: &live.spec,
        new: wanted,
        status: live.status.as_ref(),
    };
    RULES
        .iter()
        .find(|(is_forbidden, _)| is_forbidden(&change))
        .map(|(_, said)| *said)
}

struct Change<'a> {
    old: &'a ProtectedApiSpec,
    new: &'a ProtectedApiSpec,
    status: Option<&'a ProtectedApiStatus>,
}

type Forbids = fn(&Change<'_>) -> bool;

const RULES: [(Forbids, &str); 12] = [
    (
        |change| change.old.origin.endpoint != change.new.origin.endpoint,
        ENDPOINT,
    ),
    (
        |change| change.old.origin.r#type != change.new.origin.r#type,
        TYPE,
    ),
    (|change| change.takes_adoption_out(), ADOPT),
    (|change| change.differs_in(adopt, |adopt| &adopt.id), ADOPT_ID),
    (
        |change| change.differs_in(mutual_tls, |of| &of.hosted_zone_id),
        HOSTED_ZONE,
    ),
    (
        |change| change.differs_in(mutual_tls, |of| &of.origin_domain),
        ORIGIN_DOMAIN,
    ),
    (
        |change| change.differs_in(mutual_tls, |of| &of.truststore_bucket),
        TRUSTSTORE_BUCKET,
    ),
    (
        |change| mutual_tls(change.old).is_some() && change.moves(),
        STAGE_OF_MUTUAL_TLS,
    ),
    (|change| change.leaves_unproven(), STAGE_UNPROVEN),
    (|change| change.left().is_some() && change.moves(), STAGE_OF_LEFT),
    (|change| change.takes_up_otherwise(), LEFT),
    (|change| change.takes_over_another(), TAKEN_OVER),
];

impl Change<'_> {
    /// To another stage, or another path of it.
    fn moves(&self) -> bool {
        let path = |spec: &ProtectedApiSpec| spec.origin.path.clone().unwrap_or_default();
        self.old.origin.stage != self.new.origin.stage || path(self.old) != path(self.new)
    }

    /// Whether both have a part, and a field of it is another.
    fn differs_in<'s, T: 's>(
        &'s self,
        part: fn(&'s ProtectedApiSpec) -> Option<&'s T>,
        field: fn(&T) -> &String,
    ) -> bool {
        let parts = part(self.old).zip(part(self.new));
        parts.is_some_and(|(old, new)| field(old) != field(new))
    }

    fn takes_adoption_out(&self) -> bool {
        adopt(self.old).is_some() && adopt(self.new).is_none()
    }

    fn leaves_unproven(&self) -> bool {
        let access = self.status.and_then(|status| status.access.as_ref());
        let is_unproven = access.is_some_and(|access| access.lock_unproven);
        is_unproven && self.old.origin.stage != self.new.origin.stage
    }

    /// What is left of mutual TLS, by which CloudFront may reach the API.
    fn left(&self) -> Option<&MutualTlsStatus> {
        let access = self.status.and_then(|status| status.access.as_ref());
        let left = access.and_then(|access| access.mutual_tls.as_ref());
        left.filter(|left| left.origin_domain.is_some())
    }

    fn takes_up_otherwise(&self) -> bool {
        let left = self.left().and_then(|left| {
            let zone_and_bucket = left.hosted_zone_id.as_ref().zip(left.truststore_bucket.as_ref());
            left.origin_domain.as_ref().zip(zone_and_bucket)
        });
        mutual_tls(self.new).zip(left).is_some_and(|(wanted, left)| {
            left != (
                &wanted.origin_domain,
                (&wanted.hosted_zone_id, &wanted.truststore_bucket),
            )
        })
    }

    fn takes_over_another(&self) -> bool {
        let uid = |spec: &ProtectedApiSpec| spec.take_over.as_ref().map(|wanted| wanted.uid.clone());
        let known = self.status.and_then(|status| status.take_over.as_ref());
        let wanted = uid(self.new);
        known.is_some_and(|known| wanted.as_ref() != Some(&known.uid) && wanted != uid(self.old))
    }
}

fn adopt(spec: &ProtectedApiSpec) -> Option<&AdoptSpec> {
    spec.distribution.as_ref()?.adopt.as_ref()
}

fn mutual_tls(spec: &ProtectedApiSpec) -> Option<&MutualTlsSpec> {
    spec.access.as_ref()?.mutual_tls.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::transitions::ALL;
    use kube::CustomResourceExt as _;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    const ENDPOINT_OF_OLD: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
    const UID: &str = "0f1e2d3c-0000-4000-8000-000000000000";

    fn merged(into: &mut Value, more: &Value) {
        match (into, more) {
            (Value::Object(into), Value::Object(more)) => {
                for (field, value) in more {
                    merged(into.entry(field.clone()).or_insert(Value::Null), value);
                }
            }
            (into, more) => *into = more.clone(),
        }
    }

    fn spec(more: &Value) -> ProtectedApiSpec {
        let mut spec = json!({"origin": {"endpoint": ENDPOINT_OF_OLD, "type": "REST", "stage": "prod"}});
        merged(&mut spec, more);
        serde_json::from_value(spec).unwrap()
    }

    fn said(old: &Value, status: &Value, new: &Value) -> Option<&'static str> {
        let mut live = ProtectedApi::new("petstore", spec(old));
        live.status = serde_json::from_value(status.clone()).unwrap();
        refused(&live, &spec(new))
    }

    fn mutual(change: &Value) -> Value {
        let mut options =
            json!({"hostedZoneId": "Z1", "originDomain": "o.example.com", "truststoreBucket": "store"});
        merged(&mut options, change);
        json!({"access": {"mode": "MutualTls", "mutualTls": options}})
    }

    fn left() -> Value {
        let left =
            json!({"originDomain": "o.example.com", "hostedZoneId": "Z1", "truststoreBucket": "store"});
        access(&json!({"mutualTls": left}))
    }

    /// The status of one whose methods were read.
    fn access(more: &Value) -> Value {
        let mut access = json!({"verifiedAt": "2026-01-01T00:00:00Z"});
        merged(&mut access, more);
        json!({ "access": access })
    }

    #[test]
    fn what_the_api_server_would_refuse_of_a_live_object_is_refused_in_its_words() {
        let (none, adopted) = (json!({}), json!({"distribution": {"adopt": {"id": "E1"}}}));
        let stage = json!({"origin": {"stage": "beta"}});
        let of = |uid: &str| json!({"takeOver": {"uid": uid}});
        let kept =
            json!({"takeOver": {"uid": UID, "at": "", "madeFor": "", "takenFrom": "", "takeovers": 1}});
        let unproven = access(&json!({"lockUnproven": true}));
        let mut moved = mutual(&none);
        merged(&mut moved, &stage);
        let cases = [
            (
                &none,
                &Value::Null,
                json!({"origin": {"endpoint": "f1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"}}),
                ENDPOINT,
            ),
            (&none, &Value::Null, json!({"origin": {"type": "HTTP"}}), TYPE),
            (&adopted, &Value::Null, none.clone(), ADOPT),
            (&adopted, &Value::Null, json!({"distribution": {}}), ADOPT),
            (
                &adopted,
                &Value::Null,
                json!({"distribution": {"adopt": {"id": "E2"}}}),
                ADOPT_ID,
            ),
            (
                &mutual(&none),
                &Value::Null,
                mutual(&json!({"hostedZoneId": "Z2"})),
                HOSTED_ZONE,
            ),
            (
                &mutual(&none),
                &Value::Null,
                mutual(&json!({"originDomain": "p.example.com"})),
                ORIGIN_DOMAIN,
            ),
            (
                &mutual(&none),
                &Value::Null,
                mutual(&json!({"truststoreBucket": "others"})),
                TRUSTSTORE_BUCKET,
            ),
            (&mutual(&none), &Value::Null, moved, STAGE_OF_MUTUAL_TLS),
            (
                &mutual(&none),
                &Value::Null,
                json!({"origin": {"path": "/prod"}}),
                STAGE_OF_MUTUAL_TLS,
            ),
            (&none, &unproven, stage.clone(), STAGE_UNPROVEN),
            (&none, &left(), stage.clone(), STAGE_OF_LEFT),
            (
                &none,
                &left(),
                mutual(&json!({"truststoreBucket": "others"})),
                LEFT,
            ),
            (&of(UID), &kept, none.clone(), TAKEN_OVER),
        ];
        for (old, status, new, wanted) in &cases {
            assert_eq!(said(old, status, new), Some(*wanted), "{old} {status} {new}");
        }
        let told: BTreeSet<_> = cases.iter().map(|(.., said)| *said).collect();
        assert_eq!(told, ALL.into(), "each has a case");
    }

    #[test]
    fn what_the_api_server_takes_of_a_live_object_is_planned() {
        let (none, stage) = (json!({}), json!({"origin": {"stage": "beta"}}));
        let adopted = json!({"distribution": {"adopt": {"id": "E1"}}});
        let kept =
            json!({"takeOver": {"uid": UID, "at": "", "madeFor": "", "takenFrom": "", "takeovers": 1}});
        let incomplete = access(&json!({"mutualTls": {"originDomain": "o.example.com"}}));
        for (old, status, new) in [
            (&none, &Value::Null, &stage),
            (&none, &access(&json!({"lockUnproven": false})), &stage),
            (&none, &access(&json!({"lockUnproven": true})), &none),
            (&none, &Value::Null, &adopted),
            (&none, &Value::Null, &mutual(&none)),
            (&mutual(&none), &left(), &none),
            (&none, &left(), &mutual(&none)),
            (
                &none,
                &incomplete,
                &mutual(&json!({"truststoreBucket": "others"})),
            ),
            // A spec that was restored without it may stay so, and may say it again.
            (&none, &kept, &none),
            (&none, &kept, &json!({"takeOver": {"uid": UID}})),
        ] {
            assert_eq!(said(old, status, new), None, "{old} {status} {new}");
        }
    }

    /// Messages of the rules that compare with what was before, or with status.
    fn messages(schema: &Value, found: &mut BTreeSet<String>) {
        let rules = schema["x-kubernetes-validations"]
            .as_array()
            .into_iter()
            .flatten();
        let compares = |rule: &str| rule.contains("oldSelf") || rule.contains("self.status");
        let rules = rules.filter(|rule| rule["rule"].as_str().is_some_and(compares));
        found.extend(rules.filter_map(|rule| rule["message"].as_str().map(ToOwned::to_owned)));
        let below = schema.as_object().into_iter().flat_map(|fields| fields.values());
        let items = schema.as_array().into_iter().flatten();
        for value in below.chain(items) {
            messages(value, found);
        }
    }

    #[test]
    fn each_rule_of_the_definition_that_compares_has_its_like_here() {
        let definition = serde_json::to_value(ProtectedApi::crd()).unwrap();
        let mut found = BTreeSet::new();
        messages(&definition, &mut found);
        assert_eq!(found, ALL.map(ToOwned::to_owned).into());
    }
}
