//! What the policy for mutual TLS allows.

use super::{all_of, narrowed, statement};
use crate::aws::policy::{Options, controller_policy, mutual_tls_policy, names_policy, shield_policy};
use serde_json::{Value, json};

#[test]
fn without_the_policy_for_mutual_tls_no_key_is_imported_and_no_truststore_written() {
    let others = [
        controller_policy(&narrowed()),
        shield_policy(&narrowed()),
        names_policy(&narrowed()),
    ];
    for action in ["acm:ImportCertificate", "s3:PutObject", "AddCertificateToDomain"] {
        let is_without = |policy: &Value| !policy.to_string().contains(action);
        assert!(others.iter().all(is_without), "{action}");
    }
}

#[test]
fn truststores_are_limited_to_our_keys_and_to_the_buckets_that_are_named() {
    let resources = |options: &Options| {
        let policy = mutual_tls_policy(options);
        let of = |sid: &str| statement(&policy, sid).unwrap()["Resource"].clone();
        (of("ReadTruststores"), of("WriteTruststores"))
    };
    assert_eq!(
        resources(&narrowed()),
        (
            json!("arn:aws:s3:::*"),
            json!("arn:aws:s3:::*/palisade/01234567-89ab-cdef-0123-456789abcdef/*")
        )
    );
    let keys = "palisade/01234567-89ab-cdef-0123-456789abcdef/*";
    let named = Options {
        truststore_buckets: vec!["one".to_owned(), "two".to_owned()],
        ..narrowed()
    };
    assert_eq!(
        resources(&named),
        (
            json!(["arn:aws:s3:::one", "arn:aws:s3:::two"]),
            json!([
                format!("arn:aws:s3:::one/{keys}"),
                format!("arn:aws:s3:::two/{keys}")
            ])
        )
    );
    let policy = mutual_tls_policy(&named);
    let created = &statement(&policy, "CreateOriginDomains").unwrap()["Condition"];
    assert_eq!(
        created["StringLike"]["apigateway:Request/MtlsTrustStoreUri"],
        json!([format!("s3://one/{keys}"), format!("s3://two/{keys}")])
    );
    let listed = &statement(&policy, "ListTruststores").unwrap()["Condition"];
    assert_eq!(listed["StringLike"]["s3:prefix"], json!(keys));
    let any = mutual_tls_policy(&Options {
        cluster: None,
        ..narrowed()
    });
    let written = &statement(&any, "WriteTruststores").unwrap()["Resource"];
    assert_eq!(written, &json!("arn:aws:s3:::*/palisade/*"));
    // Each resource is named once.
    let changed = &statement(&policy, "ChangeOriginDomains").unwrap()["Resource"];
    assert_eq!(all_of(changed).len(), 3);
}

#[test]
fn a_custom_domain_name_is_made_and_changed_with_no_truststore_but_ours_and_mapped_whatever_its_tags_are() {
    let policy = mutual_tls_policy(&narrowed());
    let uri = json!("s3://*/palisade/01234567-89ab-cdef-0123-456789abcdef/*");
    let condition = |sid: &str| &statement(&policy, sid).unwrap()["Condition"];
    let key = "apigateway:Request/MtlsTrustStoreUri";
    assert_eq!(condition("CreateOriginDomains")["StringLike"][key], uri);
    for sid in ["ChangeOriginDomains", "UseOriginCertificates"] {
        assert_eq!(condition(sid)["StringLikeIfExists"][key], uri, "{sid}");
    }
    let tag = "aws:ResourceTag/palisade.dev/cluster";
    let cluster = "01234567-89ab-cdef-0123-456789abcdef";
    assert_eq!(condition("ChangeOriginDomains")["StringLike"][tag], cluster);
    let statements = policy["Statement"].as_array().unwrap().iter();
    let without_condition: Vec<&Value> = statements
        .filter(|statement| {
            let mut actions = all_of(&statement["Action"]).into_iter();
            actions.any(|action| action.starts_with("apigateway:")) && statement["Condition"].is_null()
        })
        .collect();
    let sids: Vec<&Value> = without_condition.iter().map(|found| &found["Sid"]).collect();
    assert_eq!(sids, ["MapOriginDomains"]);
    let resources = all_of(&without_condition[0]["Resource"]);
    let is_mapping = |resource: &&str| resource.contains("/apimappings");
    assert!(resources.iter().all(is_mapping), "{resources:?}");
}

#[test]
fn an_apis_resource_policy_is_written_whatever_api_gateway_tells_of_its_endpoint() {
    let (core, own) = (controller_policy(&narrowed()), mutual_tls_policy(&narrowed()));
    let switches = statement(&own, "SwitchDefaultEndpoints").unwrap();
    let key = "apigateway:Request/DisableExecuteApiEndpoint";
    assert_eq!(switches["Condition"], json!({"Null": {key: "false"}}));
    assert_eq!(
        all_of(&switches["Resource"]),
        ["arn:aws:apigateway:*::/apis/??????????"]
    );
    let writes = statement(&core, "SetAuthorization").unwrap();
    assert!(all_of(&writes["Resource"]).contains(&"arn:aws:apigateway:*::/restapis/??????????"));
    assert!(writes["Condition"].is_null(), "{writes}");
}
