//! `Cloud` on the AWS SDK, against the emulated AWS.
#![allow(clippy::unwrap_used, missing_docs)]

mod apis;
mod connections;
mod documents;
mod endpoints;
mod pages;

use crate::support::aws;
use crate::support::every_operation;
use crate::support::locks;
use crate::support::mutual_tls;
use crate::support::named;
use crate::support::pieces;
use crate::support::shields;
use crate::support::spokes;
use aws::emulator;
use every_operation::Recording;
use palisade::aws::cloud::{Cloud, CloudError, RetryObserver};
use palisade::aws::errors::{ErrorKind, NO_ANSWER, NO_CREDENTIALS};
use palisade::aws::operations::Operation;
use palisade::aws::sdk::{Options, Sdk};
use palisade::domain::shield::account::contact::{Contact, Personal};
use palisade::domain::signer::function::EDGE_REGION;
use pieces::{distribution_config, ip_set_of, role_of, tags_of};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

const ACCOUNT: &str = "123456789012";
const BOUNDARY: &str = "palisade-test-boundary";

#[tokio::test]
async fn every_operation_of_the_table_works() {
    let policy =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let seed = json!({"policies": [{"name": BOUNDARY, "policyDocument": policy}]});
    let made = emulator().control("POST", "seed", &seed);
    let boundary = made["policies"][0]["arn"].as_str().unwrap();
    emulator().control("PATCH", "settings", &json!({"shieldSubscription": true}));
    let topic = json!({"name": "palisade-attacks", "region": "us-east-1"});
    let zone = json!({"id": named::ZONE.0, "name": named::ZONE.1});
    emulator().control(
        "POST",
        "seed",
        &json!({"topics": [topic], "roles": [shields::srt_role(), every_operation::attached_role(), spokes::role(ACCOUNT)], "hostedZones": [zone],
            "buckets": [mutual_tls::bucket()], "apis": [locks::named_api()]}),
    );
    let cloud = Recording::new(emulator().sdk().await);
    every_operation::live(&cloud, "palisade-everything", "c-everything", Some(boundary))
        .await
        .unwrap();
    let role = spokes::assumption(ACCOUNT);
    (&cloud as &dyn Cloud).assume_role(role).await.unwrap();
    assert_eq!(cloud.missing(), []);
}

#[tokio::test]
async fn what_is_not_there_is_not_found_in_every_service() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let id = "00000000-0000-0000-0000-000000000000";
    let arn = format!("arn:aws:wafv2:us-east-1:123456789012:global/webacl/none/{id}");
    let errors = [
        cloud
            .get_rest_api("eu-north-1".into(), "none".into())
            .await
            .unwrap_err(),
        cloud
            .get_rest_stage("eu-north-1".into(), "a1b2c3d4e5".into(), "none".into())
            .await
            .unwrap_err(),
        cloud
            .get_api("eu-north-1".into(), "none".into())
            .await
            .unwrap_err(),
        cloud
            .get_stage("eu-central-1".into(), "b2c3d4e5f6".into(), "none".into())
            .await
            .unwrap_err(),
        cloud.get_role("none".into()).await.unwrap_err(),
        cloud
            .get_function(EDGE_REGION.to_owned(), "none".into())
            .await
            .unwrap_err(),
        cloud.get_ip_set(id.into(), "none".into()).await.unwrap_err(),
        cloud.get_web_acl(id.into(), "none".into()).await.unwrap_err(),
        cloud.get_logging_configuration(arn).await.unwrap_err(),
        cloud.get_distribution("ENONE".into()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
    }
}

#[tokio::test]
async fn what_exists_already_and_what_somebody_else_changed_is_told_apart() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let name = "palisade-conflicts";
    cloud.create_role(role_of(name, "c")).await.unwrap();
    let set = cloud.create_ip_set(ip_set_of(name, "c")).await.unwrap();
    cloud.update_ip_set(set.clone(), vec![]).await.unwrap();
    let config = distribution_config(name, None, "", vec![]);
    let made = cloud
        .create_distribution(config.clone(), tags_of(name, "c"))
        .await
        .unwrap();
    let stale = "E00000000000".to_owned();

    let exists = [
        cloud.create_role(role_of(name, "c")).await.unwrap_err(),
        cloud.create_ip_set(ip_set_of(name, "c")).await.unwrap_err(),
        cloud
            .create_distribution(config.clone(), tags_of(name, "c"))
            .await
            .unwrap_err(),
    ];
    let conflicts = [
        cloud.update_ip_set(set, vec![]).await.unwrap_err(),
        cloud
            .update_distribution(made.id.clone(), stale, config)
            .await
            .unwrap_err(),
    ];
    assert!(
        exists.iter().all(|error| error.kind == ErrorKind::Exists),
        "{exists:?}"
    );
    assert!(exists[2].message.contains(&made.id), "{}", exists[2]);
    assert!(
        conflicts.iter().all(|error| error.kind == ErrorKind::Conflict),
        "{conflicts:?}"
    );
    let enabled = cloud.delete_distribution(made.id, made.etag).await.unwrap_err();
    assert_eq!(
        (enabled.code.as_str(), enabled.kind),
        ("DistributionNotDisabled", ErrorKind::NotYet)
    );
}

#[tokio::test]
async fn wafs_refusal_of_a_value_names_field_parameter_and_reason() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let mut set = ip_set_of("palisade-bad-address", "c");
    set.addresses = vec!["10.0.0.0/99".to_owned()];
    let error = cloud.create_ip_set(set).await.unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.kind),
        ("WAFInvalidParameterException", ErrorKind::Terminal)
    );
    for part in ["[Field: ", "[Parameter: ", "[Reason: "] {
        assert!(error.message.contains(part), "{}", error.message);
    }
}

/// The error of `GetRole` and the like when AWS answers `code`.
async fn refused(service: &str, code: &str, status: u16) -> CloudError {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let name = format!("palisade-refused-{service}-{code}");
    emulator().fault(
        &json!({"kind": "error", "service": service, "match": name, "code": code, "status": status,
        "message": "no", "count": -1}),
    );
    match service {
        "iam" => cloud.get_role(name).await.unwrap_err(),
        "lambda" => cloud
            .get_function(EDGE_REGION.to_owned(), name)
            .await
            .unwrap_err(),
        "wafv2" => cloud.create_ip_set(ip_set_of(&name, "c")).await.unwrap_err(),
        "cloudfront" => cloud.get_distribution(name).await.unwrap_err(),
        other => panic!("no call for {other}"),
    }
}

#[tokio::test]
async fn a_code_arrives_with_its_kind_in_every_protocol() {
    let rows = [
        ("iam", "AccessDenied", 403, ErrorKind::Denied),
        ("iam", "ExpiredToken", 403, ErrorKind::Denied),
        ("lambda", "AccessDeniedException", 403, ErrorKind::Denied),
        ("lambda", "ResourceNotFoundException", 404, ErrorKind::NotFound),
        ("wafv2", "WAFUnavailableEntityException", 400, ErrorKind::NotYet),
        (
            "wafv2",
            "WAFFeatureNotIncludedInPricingPlanException",
            400,
            ErrorKind::Terminal,
        ),
        ("cloudfront", "CNAMEAlreadyExists", 409, ErrorKind::Terminal),
        ("cloudfront", "PreconditionFailed", 412, ErrorKind::Conflict),
        ("cloudfront", "NeverHeardOf", 400, ErrorKind::Terminal),
    ];
    for (service, code, status, kind) in rows {
        let error = refused(service, code, status).await;
        assert_eq!((error.code.as_str(), error.kind), (code, kind), "{error}");
        assert_eq!(
            error.message, "no",
            "an error's message is AWS's, without a request id"
        );
    }
}

#[derive(Default)]
struct Retries(Mutex<Vec<(&'static str, String, bool)>>);

impl RetryObserver for Retries {
    fn retried(&self, operation: Operation, region: &str, throttled: Option<Instant>) {
        let seen = (operation.name, region.to_owned(), throttled.is_some());
        self.0.lock().unwrap().push(seen);
    }
}

#[tokio::test]
async fn the_sdks_own_retries_are_told_with_whether_a_throttle_caused_them() {
    let sdk = emulator().sdk().await;
    let retries = Arc::new(Retries::default());
    sdk.observe_retries(Arc::clone(&retries) as Arc<dyn RetryObserver>);
    let cloud: &dyn Cloud = &sdk;
    let name = "palisade-retries";
    for service in ["iam", "wafv2", "lambda"] {
        emulator().fault(&json!({"kind": "throttle", "service": service, "match": name, "count": 1}));
    }
    cloud.create_role(role_of(name, "c")).await.unwrap();
    cloud.create_ip_set(ip_set_of(name, "c")).await.unwrap();
    emulator().fault(&json!({"kind": "error", "service": "iam", "match": name, "count": 1}));
    cloud.get_role(name.into()).await.unwrap();
    let missing = cloud.get_function("eu-north-1".into(), name.into()).await;
    assert_eq!(missing.unwrap_err().kind, ErrorKind::NotFound);
    let seen = retries.0.lock().unwrap().clone();
    let seen: Vec<_> = seen
        .iter()
        .map(|(name, region, throttled)| (*name, region.as_str(), *throttled))
        .collect();
    assert_eq!(
        seen,
        [
            ("CreateRole", "", true),
            ("CreateIPSet", "", true),
            ("GetRole", "", false),
            ("GetFunction", "eu-north-1", true)
        ]
    );
}

#[tokio::test]
async fn endless_throttling_is_the_calls_error_in_every_protocol() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let name = "palisade-throttled";
    emulator().fault(&json!({"kind": "throttle", "match": name, "count": -1}));
    let (role, function, set, distribution, tagged) = tokio::join!(
        cloud.get_role(name.into()),
        cloud.get_function(EDGE_REGION.to_owned(), name.into()),
        cloud.create_ip_set(ip_set_of(name, "c")),
        cloud.get_distribution(name.into()),
        cloud.list_tagged(name.into(), None),
    );
    let errors = [
        role.err(),
        function.err(),
        set.err(),
        distribution.err(),
        tagged.err(),
    ]
    .map(Option::unwrap);
    for error in errors {
        assert_eq!(error.kind, ErrorKind::Throttled, "{error}");
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_open_whether_aws_acted() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let name = "palisade-lost-request";
    emulator().fault(&json!({"kind": "lostRequest", "match": name, "count": 3}));
    let error = cloud.create_role(role_of(name, "c")).await.unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.kind),
        (NO_ANSWER, ErrorKind::Transient),
        "{error}"
    );
    assert!(!error.message.is_empty());
    cloud.create_role(role_of(name, "c")).await.unwrap();
}

#[tokio::test]
async fn a_retry_after_a_lost_answer_finds_what_the_first_attempt_made() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let name = "palisade-lost-answer";
    emulator().fault(&json!({"kind": "lostAnswer", "match": name, "count": 1}));
    let error = cloud.create_role(role_of(name, "c")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Exists, "{error}");
}

#[tokio::test]
async fn what_aws_says_of_a_contact_tells_nobody_who_it_is() {
    emulator().control("PATCH", "settings", &json!({"shieldSubscription": true}));
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let (email, phone, notes) = ("ada at example.com", "0701234567", "<by night>");
    let contacts = vec![Contact {
        email: Personal::new(email),
        phone: Some(Personal::new(phone)),
        notes: Some(Personal::new(notes)),
    }];
    let errors = [
        cloud
            .update_emergency_contacts(contacts.clone())
            .await
            .unwrap_err(),
        cloud.begin_proactive_engagement(contacts).await.unwrap_err(),
    ];
    for error in errors {
        let said = format!("{error} {error:?}");
        assert!(
            said.contains("'‹personal›' at 'emergencyContactList.1.member.emailAddress'"),
            "{said}"
        );
        for fact in [email, phone, notes] {
            assert!(!said.contains(fact), "{said}");
        }
    }
}

#[tokio::test]
async fn nobody_listening_is_no_answer() {
    let options = Options {
        endpoint_url: Some("http://127.0.0.1:9".to_owned()),
        credentials: Some(("test".to_owned(), "secret".to_owned())),
        connections: None,
    };
    let sdk = Sdk::from_environment(&options).await;
    let cloud: &dyn Cloud = &sdk;
    let error = cloud.get_caller_identity().await.unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.kind),
        (NO_ANSWER, ErrorKind::Transient),
        "{error}"
    );
}

/// Prints the error of a call without credentials; run by the test below in an environment that has none.
#[tokio::test]
#[ignore = "is a part of the next test"]
async fn print_the_error_without_credentials() {
    let sdk = Sdk::from_environment(&Options::default()).await;
    let cloud: &dyn Cloud = &sdk;
    let error = cloud.get_caller_identity().await.unwrap_err();
    println!(
        "{}",
        json!({"code": error.code, "kind": format!("{:?}", error.kind), "message": error.message})
    );
}

#[test]
fn without_credentials_the_error_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "sdk::print_the_error_without_credentials",
        ])
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let line = printed
        .lines()
        .find_map(|line| line.find('{').map(|at| &line[at..]))
        .expect(&printed);
    let error: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (error["code"].as_str(), error["kind"].as_str()),
        (Some(NO_CREDENTIALS), Some("Denied"))
    );
    assert!(
        error["message"].as_str().unwrap().contains("AWS_PROFILE"),
        "{error}"
    );
}
