//! Properties of the merge of a class with a spec.

use super::specs::any_spec;
use palisade::api::{AppendedList, ClassDefaults, OWN_FIELDS, PerimeterClassSpec, ProtectedApiSpec};
use palisade::domain::classes::effective::effective;
use palisade::domain::classes::merge::merged;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const APPENDED: [&str; 9] = [
    "access.excludeMethods",
    "webAcl.managedRuleGroups",
    "webAcl.rateLimits",
    "webAcl.allowCidrs",
    "webAcl.blockCidrs",
    "webAcl.rules",
    "webAcl.customResponseBodies",
    "webAcl.logging.redactHeaders",
    "webAcl.antiDdos.exemptPaths",
];

/// A class that gives what some object says, and appends some lists.
fn any_class() -> impl Strategy<Value = PerimeterClassSpec> {
    let append = prop::sample::subsequence(APPENDED.to_vec(), 0..=APPENDED.len());
    (any_spec(), append).prop_map(|((spec, _), append)| {
        let mut defaults = serde_json::to_value(spec).unwrap();
        for path in OWN_FIELDS {
            let (last, parents) = path.split_last().unwrap();
            let parent = parents
                .iter()
                .fold(&mut defaults, |value, name| &mut value[*name]);
            if let Value::Object(fields) = parent {
                fields.remove(*last);
            }
        }
        let append: Vec<AppendedList> = serde_json::from_value(json!(append)).unwrap();
        PerimeterClassSpec {
            defaults: Some(serde_json::from_value::<ClassDefaults>(defaults).unwrap()),
            append: Some(append),
            ..PerimeterClassSpec::default()
        }
    })
}

fn merge(spec: &ProtectedApiSpec, class: &PerimeterClassSpec) -> ProtectedApiSpec {
    merged(spec, class).unwrap().spec
}

/// Scalars and lists by their paths.
fn leaves(path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                leaves(&format!("{path}.{name}"), value, found);
            }
        }
        value => found.push((path.to_owned(), value.clone())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_again_changes_nothing((spec, _) in any_spec(), class in any_class()) {
        let once = merge(&spec, &class);
        let document = serde_json::to_string(&once).unwrap();
        prop_assert_eq!(serde_json::to_string(&merge(&once, &class)).unwrap(), document);
    }

    #[test]
    fn a_class_that_gives_nothing_leaves_a_spec_to_the_byte((spec, _) in any_spec()) {
        let before = serde_json::to_string(&spec).unwrap();
        let found = effective(&spec, "public", &PerimeterClassSpec::default());
        prop_assert_eq!(serde_json::to_string(&found.spec).unwrap(), before);
        prop_assert!(found.status.fields.is_empty() && found.refused.is_none());
    }

    #[test]
    fn what_an_object_says_stays_but_for_lists_that_are_appended((spec, _) in any_spec(), class in any_class()) {
        let mut said = Vec::new();
        leaves("", &serde_json::to_value(&spec).unwrap(), &mut said);
        let merged = serde_json::to_value(merge(&spec, &class)).unwrap();
        for (path, value) in said {
            let names = path.split('.').skip(1);
            let found = names.fold(&merged, |value, name| &value[name]);
            match (&value, found) {
                (Value::Array(own), Value::Array(all)) => prop_assert!(own.iter().all(|entry| all.contains(entry)), "{path}"),
                (Value::Object(_), found) => prop_assert!(found.is_object(), "{path}"),
                (value, found) => prop_assert_eq!(value, found, "{}", path),
            }
        }
    }

    /// Sets of two classes come together to the same, whichever is merged first.
    #[test]
    fn appended_sets_do_not_depend_on_the_order_of_classes((spec, _) in any_spec(), one in any_class(), other in any_class()) {
        let appending = |class: PerimeterClassSpec| {
            let web_acl = class.defaults.and_then(|defaults| defaults.web_acl).unwrap_or_default();
            let sets = json!({"defaults": {"webAcl": {
                "allowCidrs": web_acl.allow_cidrs.unwrap_or_default(), "blockCidrs": web_acl.block_cidrs.unwrap_or_default(),
            }}, "append": ["webAcl.allowCidrs", "webAcl.blockCidrs"]});
            serde_json::from_value::<PerimeterClassSpec>(sets).unwrap()
        };
        let (one, other) = (appending(one), appending(other));
        let sets = |spec: &ProtectedApiSpec| {
            let web_acl = spec.web_acl.clone().unwrap_or_default();
            let set = |list: Option<Vec<String>>| list.unwrap_or_default().into_iter().collect::<BTreeSet<_>>();
            (set(web_acl.allow_cidrs), set(web_acl.block_cidrs))
        };
        prop_assert_eq!(sets(&merge(&merge(&spec, &one), &other)), sets(&merge(&merge(&spec, &other), &one)));
    }
}
