//! `palisade crd --apply` and `--check`

use super::{
    OBJECTS, alone, apply, definition, kubectl, kubernetes, palisade, petstore, replace_definition, restore,
    schema,
};
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn bring_in() -> (bool, String) {
    palisade(&["crd", "--apply"], kubernetes::kubeconfig())
}

/// What a chart's Job asks before an upgrade.
fn try_alone() -> (bool, String) {
    palisade(&["crd", "--check"], kubernetes::kubeconfig())
}

/// Nothing but the definitions themselves is left, and they are what they were.
fn assert_untouched(before: &Value) {
    assert_eq!(
        definition()["metadata"]["resourceVersion"],
        before["metadata"]["resourceVersion"]
    );
    assert!(!kubectl(&["get", "crd", "-o", "name"]).contains("check.palisade.dev"));
}

#[test]
fn a_cluster_without_definitions_gets_them_and_a_second_time_changes_nothing() {
    let _alone = alone();
    restore();
    kubectl(&["delete", "crd", OBJECTS]);
    let (succeeded, said) = bring_in();
    assert!(succeeded, "{said}");
    assert!(
        said.contains("protectedapis.palisade.dev: installed, established"),
        "{said}"
    );
    assert_eq!(
        definition()["metadata"]["annotations"]["palisade.dev/version"],
        env!("CARGO_PKG_VERSION")
    );
    apply(&petstore("petstore"));
    let before = definition();
    let (succeeded, said) = bring_in();
    assert!(succeeded, "{said}");
    assert!(
        said.contains("protectedapis.palisade.dev: 1 stored objects tried, 0 invalid"),
        "{said}"
    );
    assert!(
        said.contains("protectedapis.palisade.dev: unchanged, established"),
        "{said}"
    );
    assert_untouched(&before);
}

#[test]
fn nothing_is_changed_where_a_stored_object_would_be_invalid_by_schema_rule_or_a_field_that_is_gone() {
    let _alone = alone();
    restore();
    replace_definition(Some("0.0.9"), |schema| {
        let spec = &mut schema["properties"]["spec"];
        spec["properties"]["origin"]["properties"]["stage"] = json!({"type": "string"});
        // What rules forbid, and what is no field any more.
        drop(
            spec.as_object_mut()
                .expect("a schema")
                .remove("x-kubernetes-validations"),
        );
        spec["properties"]["distribution"] =
            json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        spec["properties"]["formerly"] = json!({"type": "string"});
    });
    let mut by_schema = petstore("by-schema");
    by_schema["spec"]["origin"]["stage"] = json!("x".repeat(500));
    let mut by_rule = petstore("by-rule");
    by_rule["spec"]["distribution"] = json!({"aliases": ["www.example.org"]});
    let mut by_field = petstore("by-field");
    by_field["spec"]["formerly"] = json!("so");
    for object in [&by_schema, &by_rule, &by_field, &petstore("fine")] {
        apply(object);
    }
    let before = definition();
    for (succeeded, said) in [try_alone(), bring_in()] {
        assert!(!succeeded, "{said}");
        assert!(said.contains("3 stored object(s) would be invalid"), "{said}");
        let line = |name: &str| {
            let found = said
                .lines()
                .find(|line| line.contains(&format!("default/{name}:")));
            found.unwrap_or_else(|| panic!("{name}: {said}"))
        };
        assert!(line("by-schema").contains("spec.origin.stage"), "{said}");
        assert!(line("by-rule").contains("certificate"), "{said}");
        assert!(line("by-field").contains("spec.formerly"), "{said}");
        assert!(!said.contains("default/fine"), "{said}");
    }
    assert_untouched(&before);

    kubectl(&["delete", "papi", "by-schema", "by-rule", "by-field"]);
    let (succeeded, said) = try_alone();
    assert!(succeeded, "{said}");
    assert!(
        said.contains("protectedapis.palisade.dev: 1 stored objects tried, 0 invalid"),
        "{said}"
    );
    assert_untouched(&before);
    let (succeeded, said) = bring_in();
    assert!(succeeded, "{said}");
    assert!(
        said.contains("protectedapis.palisade.dev: changed, established"),
        "{said}"
    );
    assert!(schema(&mut definition())["properties"]["spec"]["properties"]["formerly"].is_null());
}

#[test]
fn definitions_of_a_newer_version_stay_whether_they_say_so_or_have_what_is_unknown() {
    let _alone = alone();
    restore();
    replace_definition(Some("99.0.0"), |_| {});
    let before = definition();
    for (succeeded, said) in [try_alone(), bring_in()] {
        assert!(!succeeded && said.contains("it is of version 99.0.0"), "{said}");
    }
    assert_untouched(&before);

    restore();
    replace_definition(None, |schema| {
        schema["properties"]["spec"]["properties"]["later"] = json!({"type": "string"});
    });
    let before = definition();
    let (succeeded, said) = bring_in();
    assert!(!succeeded && said.contains("it has spec.later"), "{said}");
    assert_untouched(&before);
}

#[test]
fn the_rights_that_the_documentation_names_are_enough_and_without_them_it_says_which_is_missing() {
    let _alone = alone();
    restore();
    apply(&petstore("petstore"));
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/install.md"))
        .expect("a page");
    let block = page
        .split("```yaml\n")
        .find(|block| block.contains("name: palisade-definitions"))
        .expect("a ClusterRole in docs/install.md");
    let block = block.split("```").next().expect("its end");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = pipeline(folder.path());
    let (succeeded, said) = palisade(&["crd", "--apply"], &kubeconfig);
    assert!(!succeeded, "{said}");
    assert!(
        said.contains("cannot get resource \"customresourcedefinitions\"")
            && said.contains("docs/install.md"),
        "{said}"
    );
    for document in serde_yaml::Deserializer::from_str(block) {
        apply(&Value::deserialize(document).expect("a document"));
    }
    apply(&json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "palisade-definitions"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "palisade-definitions"},
        "subjects": [{"kind": "ServiceAccount", "name": "pipeline", "namespace": "default"}],
    }));
    let (succeeded, said) = palisade(&["crd", "--apply"], &kubeconfig);
    assert!(succeeded, "{said}");
}

/// A kubeconfig of somebody without any rights.
fn pipeline(folder: &Path) -> PathBuf {
    apply(
        &json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "pipeline", "namespace": "default"}}),
    );
    let token = kubectl(&["create", "token", "pipeline", "-n", "default"]);
    let config = kubectl(&["config", "view", "--minify", "--flatten", "--raw", "-o", "json"]);
    let mut config: Value = serde_json::from_str(&config).expect("a kubeconfig");
    config["users"][0]["user"] = json!({"token": token.trim()});
    let path = folder.join("kubeconfig");
    std::fs::write(&path, config.to_string()).expect("a file");
    path
}
