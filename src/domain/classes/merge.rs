//! The spec of an object over the defaults of its class.
//!
//! A field that only one of them has is as that one says. Where both have it, a scalar is the object's; a list is the object's, or
//! is added to the class's where the class says so; a map is merged by its keys, and what has fields by its fields, but for those
//! whose parts belong together (`fields`). Of what goes with no value of the object's, such as options of another mode,
//! the class's is left out. Merging again changes nothing.

use super::fields::{Rule, rule};
use crate::api::{AppendedList, OWN_FIELDS, PerimeterClassSpec, ProtectedApiSpec};
use serde_json::{Map, Value, json};

/// A spec with what a class gave to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The spec.
    pub spec: ProtectedApiSpec,
    /// What of it the class gave, in the order of the fields.
    pub given: Vec<Given>,
}

/// What a class gave at a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The field, below `spec`.
    pub path: String,
    /// The value, or the class's part of a list.
    pub value: Value,
    /// Whether the object has entries of its own in the list.
    pub appended: bool,
}

/// `spec` over the defaults of `class`.
///
/// # Errors
/// When the two together cannot be read as a spec, which the schemas rule out.
pub fn merged(spec: &ProtectedApiSpec, class: &PerimeterClassSpec) -> Result<Merged, serde_json::Error> {
    let own = serde_json::to_value(spec)?;
    let mut defaults = class
        .defaults
        .as_ref()
        .map_or_else(|| Ok(json!({})), serde_json::to_value)?;
    for path in OWN_FIELDS {
        remove(&mut defaults, path);
    }
    leave_out_what_does_not_fit(&mut defaults, &own);
    let mut merge = Merge {
        append: class.append.as_deref().unwrap_or_default(),
        given: vec![],
    };
    let value = merge.both("", defaults, own);
    Ok(Merged {
        spec: serde_json::from_value(value)?,
        given: merge.given,
    })
}

struct Merge<'a> {
    append: &'a [AppendedList],
    given: Vec<Given>,
}

impl Merge<'_> {
    /// The field at `path`, which both have.
    fn both(&mut self, path: &str, class: Value, object: Value) -> Value {
        let has_fields = class.is_object() && object.is_object();
        match (rule(path, has_fields, self.append), class, object) {
            (Rule::Fields, Value::Object(class), Value::Object(object)) => {
                Value::Object(self.fields(path, class, object))
            }
            (Rule::Caseless, Value::Object(class), Value::Object(object)) => {
                Value::Object(self.keys(path, class, object))
            }
            (Rule::AppendedBy(key), Value::Array(class), Value::Array(object)) => {
                self.appended(path, class, object, |a, b| a[key] == b[key])
            }
            (Rule::AppendedSet, Value::Array(class), Value::Array(object)) => {
                self.appended(path, class, object, |a, b| a == b)
            }
            (_, _, object) => object,
        }
    }

    /// The object's fields keep their order, and what the class alone has comes after them.
    fn fields(
        &mut self,
        path: &str,
        mut class: Map<String, Value>,
        object: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut merged = Map::new();
        for (name, own) in object {
            let value = match class.remove(&name) {
                Some(default) => self.both(&below(path, &name), default, own),
                None => own,
            };
            merged.insert(name, value);
        }
        for (name, default) in class {
            self.give(&below(path, &name), &default);
            merged.insert(name, default);
        }
        merged
    }

    fn keys(
        &mut self,
        path: &str,
        class: Map<String, Value>,
        object: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut merged = object;
        for (key, value) in class {
            let is_same = |own: &String| own.to_lowercase() == key.to_lowercase();
            if !merged.keys().any(is_same) {
                self.give(&below(path, &key), &value);
                merged.insert(key, value);
            }
        }
        merged
    }

    fn appended(
        &mut self,
        path: &str,
        class: Vec<Value>,
        object: Vec<Value>,
        is_same: impl Fn(&Value, &Value) -> bool,
    ) -> Value {
        let (mut merged, mut kept, mut own) = (vec![], vec![], object);
        for default in class {
            if let Some(at) = own.iter().position(|own| is_same(own, &default)) {
                merged.push(own.remove(at));
            } else {
                kept.push(default.clone());
                merged.push(default);
            }
        }
        if !kept.is_empty() {
            self.given.push(Given {
                path: path.to_owned(),
                appended: merged.len() > kept.len() || !own.is_empty(),
                value: Value::Array(kept),
            });
        }
        merged.append(&mut own);
        Value::Array(merged)
    }

    /// Notes what the class gave, by the scalars and lists in it.
    fn give(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    self.give(&below(path, name), value);
                }
            }
            value => self.given.push(Given {
                path: path.to_owned(),
                value: value.clone(),
                appended: false,
            }),
        }
    }
}

fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        "tags" => format!("tags[{name}]"),
        path => format!("{path}.{name}"),
    }
}

/// Takes out of the defaults what goes with no value of the object's: it would contradict it, or AWS has nothing to apply it to.
fn leave_out_what_does_not_fit(defaults: &mut Value, own: &Value) {
    let mode = |spec: &Value| spec["access"]["mode"].as_str().map(ToOwned::to_owned);
    let of_class = mode(defaults).unwrap_or_else(|| "SigV4".to_owned());
    let of_object = mode(own).unwrap_or_else(|| of_class.clone());
    if of_object != of_class {
        for option in ["sigV4", "secretHeader", "rotationPeriod"] {
            remove(defaults, &["access", option]);
        }
    }
    if of_object == "MutualTls" {
        remove(defaults, &["access", "excludeMethods"]);
    }
    if !own["webAcl"]["blockCidrs"].is_null() {
        // Addresses that an object refuses count first only where it says so itself.
        remove(defaults, &["webAcl", "blockCidrsPromote"]);
    }
    // The two answer the same attacks.
    if !own["webAcl"]["antiDdos"].is_null() {
        remove(defaults, &["shield", "automaticResponse"]);
    }
    if !own["shield"]["automaticResponse"].is_null() {
        remove(defaults, &["webAcl", "antiDdos"]);
    }
    let distribution = &own["distribution"];
    let would_delete = defaults["deletionPolicy"] == "Delete";
    if would_delete && !distribution["adopt"].is_null() {
        // What stood before the object was there stays after it, unless the object itself says otherwise.
        remove(defaults, &["deletionPolicy"]);
    }
    let has_certificate = !distribution["certificateArn"].is_null()
        || distribution["requestCertificate"].as_bool().unwrap_or_default();
    if !has_certificate {
        // CloudFront uses its own certificate, and sets the TLS version for it.
        remove(defaults, &["distribution", "minimumTlsVersion"]);
    }
}

fn remove(value: &mut Value, path: &[&str]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let parent = parents.iter().try_fold(value, |value, name| value.get_mut(*name));
    if let Some(Value::Object(fields)) = parent {
        fields.remove(*last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

    fn spec(more: &Value) -> ProtectedApiSpec {
        let mut spec = json!({"origin": {"endpoint": ENDPOINT, "type": "REST", "stage": "prod"}});
        for (field, value) in more.as_object().unwrap() {
            spec[field] = value.clone();
        }
        serde_json::from_value(spec).unwrap()
    }

    /// What the two come to, without the origin.
    fn come_to(class: &Value, object: &Value) -> Value {
        let class: PerimeterClassSpec = serde_json::from_value(class.clone()).unwrap();
        let mut merged = serde_json::to_value(merged(&spec(object), &class).unwrap().spec).unwrap();
        merged.as_object_mut().unwrap().remove("origin");
        merged
    }

    fn defaults(defaults: &Value) -> Value {
        json!({"defaults": defaults})
    }

    #[test]
    fn a_scalar_of_the_object_comes_before_that_of_the_class() {
        let class = defaults(
            &json!({"probes": "Enabled", "distribution": {"priceClass": "PriceClass_100", "httpVersion": "http2"}}),
        );
        let object = json!({"distribution": {"priceClass": "PriceClass_200"}});
        assert_eq!(
            come_to(&class, &object),
            json!({"probes": "Enabled", "distribution": {"priceClass": "PriceClass_200", "httpVersion": "http2"}})
        );
    }

    #[test]
    fn a_list_of_the_object_replaces_the_classs_or_is_added_as_the_class_declares() {
        let limits = |names: &[&str]| {
            let limits = names.iter().map(|name| json!({"name": name, "limit": 100}));
            json!({"webAcl": {"rateLimits": limits.collect::<Vec<_>>()}})
        };
        let mut class = defaults(&limits(&["a", "b"]));
        assert_eq!(come_to(&class, &limits(&["c"])), limits(&["c"]));
        assert_eq!(come_to(&class, &limits(&[])), limits(&[]));
        class["append"] = json!(["webAcl.rateLimits"]);
        assert_eq!(come_to(&class, &limits(&["c"])), limits(&["a", "b", "c"]));
        assert_eq!(come_to(&class, &limits(&[])), limits(&["a", "b"]));
    }

    #[test]
    fn an_entry_of_the_objects_takes_the_place_of_the_classs_of_the_same_name() {
        let of = |entries: &Value| json!({"webAcl": {"rateLimits": entries}});
        let mut class = defaults(&of(
            &json!([{"name": "a", "limit": 100}, {"name": "b", "limit": 100}]),
        ));
        class["append"] = json!(["webAcl.rateLimits"]);
        let object = of(&json!([{"name": "c", "limit": 10}, {"name": "a", "limit": 20}]));
        let wanted =
            json!([{"name": "a", "limit": 20}, {"name": "b", "limit": 100}, {"name": "c", "limit": 10}]);
        assert_eq!(come_to(&class, &object), of(&wanted));
    }

    #[test]
    fn tags_are_merged_by_their_keys_whose_case_iam_ignores() {
        let class = defaults(&json!({"tags": {"Team": "platform", "cost": "1"}}));
        assert_eq!(
            come_to(&class, &json!({"tags": {"team": "pets"}})),
            json!({"tags": {"cost": "1", "team": "pets"}})
        );
    }

    #[test]
    fn what_belongs_together_is_the_objects_as_a_whole() {
        let class = defaults(&json!({
            "webAcl": {"countries": {"allow": ["SE"]}},
            "shield": {"automaticResponse": {"action": "Count", "promoteAfter": "720h"}, "healthCheck": {"path": "/health"}},
        }));
        let object = json!({
            "webAcl": {"countries": {"block": ["KP"]}},
            "shield": {"automaticResponse": {"action": "Block"}, "healthCheck": {"id": "0f1e2d3c-0000-4000-8000-000000000000"}},
        });
        assert_eq!(come_to(&class, &object), object);
    }

    #[test]
    fn what_does_not_go_with_what_the_object_says_is_left_out() {
        let header = defaults(
            &json!({"access": {"mode": "SecretHeader", "secretHeader": {"name": "x-a"}, "rotationPeriod": "48h"}}),
        );
        let object = json!({"access": {"mode": "ApiKey"}});
        assert_eq!(come_to(&header, &object), object);
        let response = defaults(&json!({"shield": {"automaticResponse": {}}}));
        let object = json!({"webAcl": {"antiDdos": {}}});
        assert_eq!(
            come_to(&response, &object),
            json!({"webAcl": {"antiDdos": {}}, "shield": {}})
        );
        let tls = defaults(&json!({"distribution": {"minimumTlsVersion": "TLSv1.3_2025"}}));
        assert_eq!(come_to(&tls, &json!({})), json!({"distribution": {}}));
        let named = json!({"distribution": {"aliases": ["a.example.com"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/a"}});
        assert_eq!(
            come_to(&tls, &named)["distribution"]["minimumTlsVersion"],
            "TLSv1.3_2025"
        );
    }

    #[test]
    fn what_is_one_objects_own_a_class_gives_to_none() {
        let class = defaults(&json!({
            "access": {"probe": {"host": "a.example.com"}},
            "distribution": {"aliases": ["a.example.com"], "takeOverAliases": true, "hostedZoneId": "Z1"},
        }));
        assert_eq!(
            come_to(&class, &json!({})),
            json!({"access": {}, "distribution": {}})
        );
    }

    #[test]
    fn what_the_class_gave_is_told_by_its_fields() {
        let mut class = defaults(&json!({
            "tags": {"cost": "1"}, "webAcl": {"blockCidrs": ["192.0.2.0/24"], "logging": {"destinationArn": "arn"}},
        }));
        class["append"] = json!(["webAcl.blockCidrs"]);
        let class: PerimeterClassSpec = serde_json::from_value(class).unwrap();
        let object = spec(&json!({"webAcl": {"blockCidrs": ["198.51.100.0/24"]}}));
        let given = merged(&object, &class).unwrap().given;
        let mut given: Vec<(&str, bool)> = given
            .iter()
            .map(|given| (given.path.as_str(), given.appended))
            .collect();
        given.sort_unstable();
        assert_eq!(
            given,
            [
                ("tags[cost]", false),
                ("webAcl.blockCidrs", true),
                ("webAcl.logging.destinationArn", false),
            ]
        );
    }
}
