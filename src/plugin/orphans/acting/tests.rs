use super::*;
use crate::plugin::manifest::read;

const UID: &str = "0f1e2d3c-0000-4000-8000-000000000000";
const WEB_ACL: &str = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/palisade-shop-petstore-u/11111111";
const DISTRIBUTION_ARN: &str = "arn:aws:cloudfront::123456789012:distribution/E1";
const FILE: &str = "apiVersion: palisade.dev/v1alpha1
kind: ProtectedApi
metadata: {name: petstore, namespace: shop}
spec:
  origin: {endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}
";

fn orphan(kind: &str, arn: &str, may_serve: bool) -> Value {
    json!({
        "kind": kind, "arn": arn, "namespace": "shop", "name": "petstore", "uid": UID,
        "since": "2026-01-01T00:00:00Z", "retained": false, "mayServe": may_serve,
    })
}

fn accounts(spec: &Value, status: &Value) -> Vec<Account> {
    let mut status = status.clone();
    status["conditions"] = json!([{
        "type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
    }]);
    vec![Account::of(
        &json!({"metadata": {"name": "production"}, "spec": spec, "status": status}),
        None,
    )]
}

fn own(orphans: &[Value]) -> Vec<Account> {
    accounts(&json!({}), &json!({"orphans": orphans}))
}

fn taken(accounts: &[Account], file: &str, namespace: &str) -> Result<TakeOver, String> {
    let written = read(file).expect("a manifest");
    TakeOver::of(accounts, UID, &written, namespace).map_err(|refused| refused.to_string())
}

fn standing() -> Vec<Value> {
    vec![
        orphan("webAcl", WEB_ACL, true),
        orphan("distribution", DISTRIBUTION_ARN, true),
    ]
}

#[test]
fn an_object_of_the_same_name_goes_on_with_its_spec_and_is_held_up_until_somebody_has_looked() {
    let taken = taken(&own(&standing()), FILE, "shop").expect("a manifest");
    let manifest = taken.manifest();
    assert_eq!(
        manifest["metadata"],
        json!({"name": "petstore", "namespace": "shop"})
    );
    let spec = json!({
        "origin": {"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"},
        "suspend": true,
    });
    assert_eq!(manifest["spec"], spec);
    let text = taken.text("MANIFEST", false, Some("prod"));
    for told in [
        "MANIFEST",
        "kubectl palisade status petstore -n shop --context prod",
        "kubectl --context prod -n shop patch protectedapi petstore",
        "same etcd snapshot",
        "deletionPolicy: Retain before you delete",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("allowed-perimeters"), "{text}");
    assert!(taken.text("", true, None).contains("The object is made"));
}

#[test]
fn an_object_of_another_name_consents_and_its_namespace_permits_it() {
    let file = FILE.replace("petstore", "pets");
    let taken = taken(&own(&standing()), &file, "shop").expect("a manifest");
    assert_eq!(taken.manifest()["spec"]["takeOver"], json!({"uid": UID}));
    let text = taken.text("", false, None);
    let permits = format!("kubectl annotate namespace shop palisade.dev/allowed-perimeters={UID}");
    assert!(text.contains(&permits), "{text}");
}

#[test]
fn what_stands_in_another_account_or_was_adopted_is_named_by_the_spec() {
    let mut distribution = orphan("distribution", DISTRIBUTION_ARN, true);
    distribution["adopted"] = json!(true);
    let spoke = accounts(
        &json!({"roleArn": "arn:aws:iam::1:role/r"}),
        &json!({"orphans": [distribution]}),
    );
    let spec = taken(&spoke, FILE, "shop").expect("a manifest").manifest()["spec"].clone();
    assert_eq!(spec["accountName"], "production");
    assert_eq!(spec["distribution"]["adopt"]["id"], "E1");
    for (more, field) in [
        ("  accountName: staging\n", "spec.accountName"),
        (
            "  distribution: {adopt: {id: E2}}\n",
            "spec.distribution.adopt.id",
        ),
        ("  distribution: none\n", "spec.distribution.adopt.id"),
    ] {
        let refused = taken(&spoke, &format!("{FILE}{more}"), "shop").expect_err("refused");
        assert!(refused.starts_with(field), "{refused}");
    }
}

#[test]
fn without_a_distribution_there_is_nothing_to_take_over() {
    let rest = own(&[orphan("webAcl", WEB_ACL, false)]);
    let refused = taken(&rest, FILE, "shop").expect_err("refused");
    assert!(refused.contains("nothing to take over"), "{refused}");
    let refused = taken(&own(&[]), FILE, "shop").expect_err("refused");
    assert!(refused.contains("no AwsAccount tells"), "{refused}");
}

#[test]
fn what_serves_nobody_and_has_no_distribution_is_deleted_by_commands_to_look_at() {
    let script = deletion(&own(&[orphan("webAcl", WEB_ACL, false)]), UID).expect("a script");
    assert!(script.contains("\naws wafv2 delete-web-acl "), "{script}");
    assert!(script.contains("same etcd snapshot"), "{script}");
    let words = script.lines().filter(|line| !line.starts_with("aws "));
    assert!(words.clone().all(|line| line.starts_with('#')), "{script}");
}

#[test]
fn no_command_is_told_for_what_may_serve_or_is_not_known_whole() {
    let refused = |accounts: &[Account]| deletion(accounts, UID).expect_err("refused").to_string();
    let mut nameless = orphan("distribution", DISTRIBUTION_ARN, false);
    nameless["name"] = Value::Null;
    for (orphans, why) in [
        (standing(), "Delete nothing of it"),
        (vec![orphan("webAcl", WEB_ACL, true)], "Delete nothing of it"),
        (
            vec![orphan("distribution", DISTRIBUTION_ARN, false)],
            "takes it down, too: declare",
        ),
        (vec![nameless], "do not tell whose it was"),
    ] {
        let refused = refused(&own(&orphans));
        assert!(
            refused.contains(why) && !refused.contains("aws wafv2"),
            "{refused}"
        );
    }
    let status = json!({"orphans": [orphan("webAcl", WEB_ACL, false)], "orphansLeftOut": 1});
    assert!(refused(&accounts(&json!({}), &status)).contains("Not all of it may be listed"));
    let mut stale = own(&[orphan("webAcl", WEB_ACL, false)]);
    stale[0].is_ready = false;
    assert!(refused(&stale).contains("not Ready"));
}

#[test]
fn a_refusal_names_the_command_that_lists_the_rest_of_the_same_cluster() {
    for uid in [None, Some(UID)] {
        let orphans: Vec<Value> = uid.iter().map(|_| orphan("webAcl", WEB_ACL, true)).collect();
        let mut accounts = own(&orphans);
        accounts[0].context = Some("prod".to_owned());
        let refused = taken(&accounts, FILE, "shop").expect_err("refused");
        assert!(
            refused.contains(": kubectl palisade orphans --context prod"),
            "{refused}"
        );
    }
}
