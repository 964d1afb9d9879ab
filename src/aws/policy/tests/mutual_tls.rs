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
fn a_custom_domain_name_is_made_and_changed_with_no_truststore_but_ours_and_mapped_where_it_is_ours() {
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
    let without_condition = policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|statement| {
            let mut actions = all_of(&statement["Action"]).into_iter();
            actions.any(|action| action.starts_with("apigateway:")) && statement["Condition"].is_null()
        });
    assert_eq!(without_condition.count(), 0);
}

#[test]
fn a_default_endpoint_is_switched_by_the_policy_for_mutual_tls_and_by_no_other() {
    let key = "apigateway:Request/DisableExecuteApiEndpoint";
    let (core, own) = (controller_policy(&narrowed()), mutual_tls_policy(&narrowed()));
    let switches = statement(&own, "SwitchDefaultEndpoints").unwrap();
    assert_eq!(switches["Condition"], json!({"Null": {key: "false"}}));
    let is_of_an_api = |resource: &&str| resource.ends_with("apis/??????????");
    assert_eq!(
        all_of(&switches["Resource"])
            .iter()
            .filter(|it| is_of_an_api(it))
            .count(),
        2
    );
    for statement in core["Statement"].as_array().unwrap() {
        if all_of(&statement["Resource"]).iter().any(&is_of_an_api) {
            assert_eq!(
                statement["Condition"],
                json!({"Null": {key: "true"}}),
                "{statement}"
            );
        }
    }
    assert!(
        core.to_string().contains("restapis/??????????"),
        "none was looked at"
    );
}
