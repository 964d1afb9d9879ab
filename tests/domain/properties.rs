//! What holds for every spec and every state.

use super::specs::{any_spec, facts, owner};
use super::world::World;
use palisade::domain::edge::config::{Settings, settings_of};
use palisade::domain::edge::document::{new_config, write_settings};
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::firewall::ip_set;
use palisade::domain::firewall::rules::{Parts, RULE_PREFIX};
use palisade::domain::firewall::web_acl::merged;
use palisade::domain::kernel::identity::Owner;
use palisade::domain::perimeter::desired::desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::plan;
use palisade::domain::signer::{function, role};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use xmltree::XMLNode;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Also after a change to any other spec, and with nothing remembered but the records.
    #[test]
    fn the_plan_after_a_completed_plan_is_empty((first, code) in any_spec(), (second, next_code) in any_spec()) {
        let first = desired(&first, &facts(&owner(), &code)).unwrap();
        let second = desired(&second, &facts(&owner(), &next_code)).unwrap();
        let mut world = World::new(Observed::of(owner()));
        for desired in [&first, &second, &first] {
            let last = world.build(desired);
            prop_assert!(last.is_empty(), "{}", last.to_yaml());
            let mut slept = World::new(world.observed.clone());
            slept.forget(desired);
            let again = plan(desired, &slept.observed);
            prop_assert!(again.is_empty(), "{}", again.to_yaml());
        }
    }

    #[test]
    fn rules_of_others_survive_byte_for_byte_and_in_order(
        foreign in prop::collection::btree_map(0_i64..20_000, any_content(), 0..12),
        old in prop::collection::btree_set(0_i64..3_000, 0..6),
        ours in 0_usize..8,
    ) {
        let theirs: Vec<Value> = foreign.iter().map(|(priority, content)| their_rule(*priority, content)).collect();
        let old = old.into_iter().filter(|priority| !foreign.contains_key(priority));
        let old = old.map(|priority| json!({"Name": format!("{RULE_PREFIX}old-{priority}"), "Priority": priority}));
        let mut all: Vec<Value> = theirs.iter().cloned().chain(old).collect();
        all.reverse();
        let found = json!({
            "NewerThanAnyClient": [1, null], "Rules": all, "DefaultAction": {"Block": {}},
            "CustomResponseBodies": {"theirs": {"a": 1}, "palisade-old": {"b": 2}},
        });
        let wanted: Vec<Value> = (0..ours).map(|n| json!({"Name": format!("{RULE_PREFIX}{n}")})).collect();

        let parts = Parts { rules: wanted.clone(), bodies: Map::from_iter([("palisade-new".to_owned(), json!(3))]) };
        let merged = merged(&found, parts);
        prop_assert_eq!(&merged["CustomResponseBodies"], &json!({"theirs": {"a": 1}, "palisade-new": 3}));
        let rules = merged["Rules"].as_array().unwrap();
        let is_ours = |rule: &&Value| rule["Name"].as_str().unwrap().starts_with(RULE_PREFIX);
        let kept: Vec<String> = rules.iter().filter(|rule| !is_ours(rule)).map(ToString::to_string).collect();
        prop_assert_eq!(kept, theirs.iter().map(ToString::to_string).collect::<Vec<_>>());
        let priorities: BTreeSet<i64> = rules.iter().map(|rule| rule["Priority"].as_i64().unwrap()).collect();
        prop_assert_eq!(priorities.len(), rules.len(), "priorities repeat");
        let mut own: Vec<&Value> = rules.iter().filter(is_ours).collect();
        own.sort_by_key(|rule| rule["Priority"].as_i64());
        let names: Vec<&Value> = own.iter().map(|rule| &rule["Name"]).collect();
        prop_assert_eq!(names, wanted.iter().map(|rule| &rule["Name"]).collect::<Vec<_>>());
        prop_assert_eq!(merged["NewerThanAnyClient"].to_string(), "[1,null]");
    }

    #[test]
    fn names_fit_their_services_and_differ_by_uid(
        namespace in "[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
        name in "[a-z]([a-z0-9.-]{0,61}[a-z0-9])?",
        uids in prop::collection::btree_set("[0-9a-f]{8}", 2),
        list in "[a-z]{1,5}-v[46]",
    ) {
        let of = |uid: &String| Owner {
            namespace: namespace.clone(),
            name: name.clone(),
            uid: format!("{uid}-0000-4000-8000-000000000000"),
            ..owner()
        };
        let owners: Vec<Owner> = uids.iter().map(of).collect();
        for limit in [role::NAME_LIMIT, function::NAME_LIMIT, ip_set::NAME_LIMIT] {
            let names: BTreeSet<String> = owners.iter().map(|owner| owner.resource_name(limit)).collect();
            prop_assert_eq!(names.len(), 2);
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
            prop_assert!(names.iter().all(|name| name.len() <= limit && name.chars().all(fits)), "{:?}", names);
        }
        let set = owners[0].suffixed_name(&list, ip_set::NAME_LIMIT);
        prop_assert!(set.len() <= ip_set::NAME_LIMIT);
        prop_assert_eq!(ip_set::part_of(&owners[0], &set), Some(list.clone()));
        prop_assert_eq!(ip_set::part_of(&owners[1], &set), None);
    }

    #[test]
    fn settings_are_read_as_they_were_written((spec, code) in any_spec(), (other, _) in any_spec()) {
        let (settings, other) = (settings(&spec, &code), settings(&other, &code));
        let mut config = new_config("reference", &settings);
        prop_assert_eq!(settings_of(&config), settings);
        write_settings(&mut config, &other);
        prop_assert_eq!(settings_of(&config), other);
    }

    #[test]
    fn an_element_that_nobody_knows_survives_anywhere((first, code) in any_spec(), (second, _) in any_spec(), at in 0_usize..1000) {
        let mut config = new_config("reference", &settings(&first, &code));
        let places = places(&config);
        let path = places[at % places.len()].clone();
        let unknown = xml::parent("NewerThanAnyClient", vec![xml::text("Deep", "1")]);
        at_mut(&mut config, &path).children.push(XMLNode::Element(unknown.clone()));
        write_settings(&mut config, &settings(&second, &code));
        let place = at_mut(&mut config, &path);
        prop_assert_eq!(place.get_child("NewerThanAnyClient"), Some(&unknown), "lost in {:?}", path);
    }
}

fn settings(spec: &palisade::api::ProtectedApiSpec, code: &str) -> Settings {
    let desired = desired(spec, &facts(&owner(), code)).unwrap();
    Settings {
        web_acl_arn: "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b".into(),
        signer_version_arn: "arn:aws:lambda:us-east-1:123456789012:function:a:1".into(),
        signer_includes_body: true,
        ..desired.distribution.settings
    }
}

/// Places of which we own single children and not the whole.
fn places(config: &Element) -> Vec<Vec<&'static str>> {
    let all: [&[&str]; 8] = [
        &[],
        &["DefaultCacheBehavior"],
        &["Origins", "Items", "Origin"],
        &["Origins", "Items", "Origin", "CustomOriginConfig"],
        &["Logging"],
        &["ViewerCertificate"],
        &["Restrictions"],
        &[
            "DefaultCacheBehavior",
            "LambdaFunctionAssociations",
            "Items",
            "LambdaFunctionAssociation",
        ],
    ];
    let exists = |path: &&[&str]| {
        path.iter()
            .try_fold(config, |found, name| found.get_child(*name))
            .is_some()
    };
    all.into_iter().filter(exists).map(<[&str]>::to_vec).collect()
}

fn at_mut<'a>(config: &'a mut Element, path: &[&str]) -> &'a mut Element {
    path.iter()
        .fold(config, |found, name| found.get_mut_child(*name).unwrap())
}

fn any_content() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zA-Z0-9/_ -]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[A-Z][a-z]{0,6}", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn their_rule(priority: i64, content: &Value) -> Value {
    json!({"Name": format!("theirs-{priority}"), "Priority": priority, "Statement": {"Unknown": content}, "Extra": content})
}
