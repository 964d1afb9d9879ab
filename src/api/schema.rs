//! Parts that several schemas share. A rule's message names the field and what to write instead, which a pattern or a
//! length cannot: lengths only bound the cost of rules, well above what is right.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// A set of strings that each satisfy a CEL rule.
pub fn string_set(items: RangeInclusive<u32>, max_length: u32, rule: &str, message: &str) -> Schema {
    let mut schema = json_schema!({
        "type": "array",
        "maxItems": items.end(),
        "x-kubernetes-list-type": "set",
        "items": {
            "type": "string",
            "maxLength": max_length,
            "x-kubernetes-validations": [{"rule": rule, "message": message}],
        },
    });
    if *items.start() > 0 {
        schema.insert("minItems".to_owned(), (*items.start()).into());
    }
    schema
}

/// A set of countries; an empty one would be a mistake.
pub fn countries(field: &str, max: u32) -> Schema {
    let message = format!("{field}: write countries as ISO 3166-1 alpha-2 codes in capitals, such as SE");
    string_set(1..=max, 64, "self.matches('^[A-Z]{2}$')", &message)
}

/// A set of CIDR blocks, as AWS WAF takes them.
pub fn cidrs(field: &str, items: RangeInclusive<u32>) -> Schema {
    let message = format!(
        "{field}: write CIDR blocks by their network address, such as 192.0.2.0/24, 192.0.2.44/32 or 2001:db8::/32; \
         AWS WAF takes no /0"
    );
    let rule = "isCIDR(self) && cidr(self).masked() == cidr(self) && cidr(self).prefixLength() > 0";
    string_set(items, 64, rule, &message)
}

/// The schema without the rules that compare an object with what it was before.
pub fn without_transitions(mut schema: Schema) -> Schema {
    without_rules(schema.ensure_object(), |rule| rule.contains("oldSelf"));
    schema
}

/// Takes the rules out, throughout, that are such.
pub fn without_rules(schema: &mut Map<String, Value>, is_such: impl Fn(&str) -> bool) {
    each_level(schema, &mut |fields| {
        if let Some(Value::Array(rules)) = fields.get_mut(RULES) {
            rules.retain(|rule| !rule["rule"].as_str().is_some_and(&is_such));
            if rules.is_empty() {
                fields.remove(RULES);
            }
        }
    });
}

/// Names a field otherwise in the messages of rules, throughout: it stands elsewhere in another kind.
pub fn rename(schema: &mut Schema, field: &str, by: &str) {
    each_level(schema.ensure_object(), &mut |fields| {
        let rules = fields.get_mut(RULES).and_then(Value::as_array_mut);
        for rule in rules.into_iter().flatten() {
            let renamed = rule["message"].as_str().map(|message| message.replace(field, by));
            if let Some(renamed) = renamed {
                rule["message"] = renamed.into();
            }
        }
    });
}

const RULES: &str = "x-kubernetes-validations";

fn each_level(fields: &mut Map<String, Value>, change: &mut impl FnMut(&mut Map<String, Value>)) {
    change(fields);
    for value in fields.values_mut() {
        match value {
            Value::Object(below) => each_level(below, change),
            Value::Array(items) => {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    each_level(item, change);
                }
            }
            _ => {}
        }
    }
}
