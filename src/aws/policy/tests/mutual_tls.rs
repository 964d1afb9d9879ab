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
        (json!("arn:aws:s3:::*"), json!("arn:aws:s3:::*/palisade/*"))
    );
    let named = Options {
        truststore_buckets: vec!["one".to_owned(), "two".to_owned()],
        ..narrowed()
    };
    assert_eq!(
        resources(&named),
        (
            json!(["arn:aws:s3:::one", "arn:aws:s3:::two"]),
            json!(["arn:aws:s3:::one/palisade/*", "arn:aws:s3:::two/palisade/*"])
        )
    );
    let policy = mutual_tls_policy(&named);
    let created = &statement(&policy, "CreateOriginDomains").unwrap()["Condition"];
    assert_eq!(
        created["StringLike"]["apigateway:Request/MtlsTrustStoreUri"],
        json!(["s3://one/palisade/*", "s3://two/palisade/*"])
    );
    // Each resource is named once.
    let changed = &statement(&policy, "ChangeOriginDomains").unwrap()["Resource"];
    assert_eq!(all_of(changed).len(), 3);
}
