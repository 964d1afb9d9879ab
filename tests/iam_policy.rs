//! The controller's policy allows what the controller does, and no dependent action that nothing needs.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(
    clippy::duplicate_mod,
    reason = "an instance of its own: its tests would disturb those of the others"
)]
#[path = "support/aws.rs"]
mod aws;

use crate::support::every_operation;
use crate::support::locks;
use crate::support::mutual_tls;
use crate::support::named;
use crate::support::pieces;
use crate::support::shields;
use crate::support::spokes;
use aws::{Emulator, emulator};
use every_operation::Recording;
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind;
use palisade::aws::policy::{self, Options};
use palisade::aws::remedies::remedy;
use palisade::aws::sdk::Sdk;
use palisade::domain::edge::xml;
use palisade::domain::mutual_tls::origin_domain::{Change, Creation};
use pieces::{distribution_config, tags_of, web_acl};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ACCOUNT: &str = "123456789012";
const CLUSTER: &str = "01234567-89ab-cdef-0123-456789abcdef";
const BUCKET: &str = "edge-logs";

fn options() -> Options {
    Options {
        account: Some(ACCOUNT.to_owned()),
        cluster: Some(CLUSTER.to_owned()),
        log_buckets: vec![BUCKET.to_owned()],
        ..Options::default()
    }
}

/// All of the controller's policies, as a role with them has them.
fn all_policies(options: &Options) -> Value {
    let mut document = policy::controller_policy(options);
    for more in [
        policy::shield_policy(options),
        policy::names_policy(options),
        policy::mutual_tls_policy(options),
        policy::pricing_plans_policy(options),
        policy::adoption_policy(options),
        policy::traffic_policy(options),
        policy::accounts_policy(options),
    ] {
        let more = more["Statement"].as_array().unwrap().clone();
        document["Statement"].as_array_mut().unwrap().extend(more);
    }
    document
}

/// The SDK as a user with the policy of `options`, in an emulator that enforces it.
async fn controller(emulator: &Emulator, key: &str, options: &Options) -> Sdk {
    user(emulator, key, &all_policies(options)).await
}

/// The SDK as a user with this policy, in an emulator that enforces it.
async fn user(emulator: &Emulator, key: &str, document: &Value) -> Sdk {
    let user = json!({"name": key.to_lowercase(), "accessKeyId": key, "secretAccessKey": "secret",
        "policyDocument": document});
    emulator.control("POST", "seed", &json!({"users": [user]}));
    emulator.control("PATCH", "settings", &json!({"enforceIam": true}));
    emulator.sdk_as(key).await
}

#[tokio::test]
async fn the_policy_allows_every_operation_and_holds_every_dependent_action_that_is_needed() {
    // An emulator of its own: what calls depend on is counted.
    let emulator = Emulator::start(&aws::quick());
    emulator.control("PATCH", "settings", &json!({"shieldSubscription": true}));
    let topic = json!({"name": "palisade-attacks", "region": "us-east-1"});
    let zone = json!({"id": named::ZONE.0, "name": named::ZONE.1});
    emulator.control(
        "POST",
        "seed",
        &json!({"topics": [topic], "roles": [shields::srt_role(), every_operation::attached_role()], "hostedZones": [zone],
            "buckets": [mutual_tls::bucket()], "apis": [locks::named_api()]}),
    );
    let cloud = Recording::new(controller(&emulator, "AKIACONTROLLER", &options()).await);
    let boundary = json!({"name": "edge", "policyDocument": policy::permissions_boundary(&options())});
    let made = emulator.control("POST", "seed", &json!({"policies": [boundary]}));
    let boundary = made["policies"][0]["arn"].as_str().unwrap();
    Box::pin(every_operation::live(
        &cloud,
        "palisade-shop-petstore",
        CLUSTER,
        Some(boundary),
    ))
    .await
    .unwrap();
    log_everywhere(&cloud).await;
    emulator.control("POST", "seed", &json!({"roles": [spokes::role(ACCOUNT)]}));
    let role = spokes::assumption(ACCOUNT);
    (&cloud as &dyn Cloud).assume_role(role).await.unwrap();
    assert_eq!(cloud.missing(), []);

    let needed: BTreeSet<_> = emulator
        .dependent_actions()
        .into_iter()
        .map(|(_, action, _)| action)
        .collect();
    let needed: BTreeSet<_> = needed.iter().map(String::as_str).collect();
    // Also called by themselves; at a creation with tags, AWS checks it besides.
    let at_creation = BTreeSet::from(["cloudwatch:TagResource", "iam:TagRole"]);
    let table = policy::dependent_actions();
    assert_eq!(
        needed.difference(&table).copied().collect::<BTreeSet<_>>(),
        at_creation
    );
    // What AWS's reference names for tags of custom domain names, and S3 for an object that is not there: the emulator asks for neither.
    let by_reference = BTreeSet::from([
        "apigateway:POST",
        "apigateway:TagResource",
        "apigateway:UntagResource",
        "s3:ListBucket",
    ]);
    let unasked: BTreeSet<_> = table.difference(&needed).copied().collect();
    assert_eq!(unasked, by_reference);
}

/// Every kind of log destination, and legacy logging of a distribution.
async fn log_everywhere(cloud: &(dyn Cloud + '_)) {
    let name = "palisade-shop-logged";
    let group = json!({"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"});
    let rules = [pieces::managed_rule("common", 1, &group)];
    let acl = cloud
        .create_web_acl(name.into(), web_acl(&rules), tags_of(name, CLUSTER))
        .await
        .unwrap();
    let destinations = [
        format!("arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/aws-waf-logs-x"),
        "arn:aws:s3:::aws-waf-logs-x".to_owned(),
        format!("arn:aws:logs:us-east-1:{ACCOUNT}:log-group:aws-waf-logs-x"),
    ];
    for destination in destinations {
        let document = json!({"ResourceArn": acl.arn, "LogDestinationConfigs": [destination]});
        cloud.put_logging_configuration(document).await.unwrap();
    }
    let fields = [
        ("Enabled", "true".to_owned()),
        ("IncludeCookies", "false".to_owned()),
        ("Bucket", format!("{BUCKET}.s3.amazonaws.com")),
        ("Prefix", String::new()),
    ];
    let fields = fields
        .into_iter()
        .map(|(name, value)| xml::text(name, value))
        .collect();
    let config = distribution_config(name, None, &acl.arn, vec![xml::parent("Logging", fields)]);
    cloud
        .create_distribution(config, tags_of(name, CLUSTER))
        .await
        .unwrap();
}

#[tokio::test]
async fn with_a_boundary_demanded_a_role_without_it_cannot_be_made_useful() {
    let boundary = json!({"name": "demanded", "policyDocument": policy::permissions_boundary(&options())});
    let made = emulator().control("POST", "seed", &json!({"policies": [boundary]}));
    let arn = made["policies"][0]["arn"].as_str().unwrap().to_owned();
    let demanding = Options {
        permissions_boundary: Some(arn.clone()),
        ..options()
    };
    let sdk = controller(emulator(), "AKIABOUNDED", &demanding).await;
    let cloud: &dyn Cloud = &sdk;
    let name = "palisade-shop-bounded";
    cloud.create_role(pieces::role_of(name, CLUSTER)).await.unwrap();
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]});
    let error = cloud
        .put_role_policy(name.into(), "p".into(), document.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    cloud.put_role_boundary(name.into(), arn).await.unwrap();
    cloud
        .put_role_policy(name.into(), "p".into(), document)
        .await
        .unwrap();
    let error = cloud.delete_role_boundary(name.into()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
}

#[tokio::test]
async fn what_belongs_to_others_cannot_be_changed() {
    let sdk = controller(emulator(), "AKIALIMITED", &options()).await;
    let cloud: &dyn Cloud = &sdk;
    let foreign = administrator(emulator()).await;
    let foreign: &dyn Cloud = &foreign;
    let other = "another-cluster";
    let config = distribution_config("foreign", None, "", vec![]);
    let distribution = foreign
        .create_distribution(config, tags_of("foreign", other))
        .await
        .unwrap();
    let acl = foreign
        .create_web_acl("palisade-foreign".into(), web_acl(&[]), tags_of("foreign", other))
        .await
        .unwrap();
    let role = foreign
        .create_role(pieces::role_of("someone", other))
        .await
        .unwrap();
    let key = foreign
        .create_api_key("eu-north-1".into(), pieces::key_of("foreign", other))
        .await
        .unwrap();
    let key = format!("arn:aws:apigateway:eu-north-1::/apikeys/{}", key.id);

    let errors = [
        cloud
            .update_distribution(distribution.id.clone(), distribution.etag, distribution.config)
            .await
            .unwrap_err(),
        cloud
            .tag_distribution(distribution.arn, [("team".into(), "x".into())].into())
            .await
            .unwrap_err(),
        cloud.update_web_acl(acl, web_acl(&[])).await.unwrap_err(),
        cloud.delete_role(role.name).await.unwrap_err(),
        // Not even to make it ours.
        cloud
            .tag_key_or_plan(key.clone(), tags_of("foreign", CLUSTER))
            .await
            .unwrap_err(),
        cloud
            .untag_key_or_plan(key, vec!["palisade.dev/cluster".into()])
            .await
            .unwrap_err(),
        cloud
            .create_role(pieces::role_of("palisade-x", other))
            .await
            .unwrap_err(),
        cloud
            .create_ip_set(pieces::ip_set_of("not-ours", CLUSTER))
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, ErrorKind::Denied, "{error}");
        let remedy = remedy(&error).unwrap_or_default();
        assert!(remedy.contains("palisade iam-policy"), "{error}: {remedy}");
    }
}

#[tokio::test]
async fn custom_domain_names_are_changed_where_they_are_ours_and_trust_no_truststore_but_ours() {
    let emulator = Emulator::start(&aws::quick());
    let seed =
        json!({"buckets": [mutual_tls::bucket()], "certificates": [mutual_tls::public_certificate_of_all()]});
    let made = emulator.control("POST", "seed", &seed);
    let certificate = made["certificates"][0]["arn"].as_str().unwrap();
    let everybody = administrator(&emulator).await;
    let (ours, foreign) = mutual_tls::domain_names(&everybody, CLUSTER, certificate).await;
    let sdk = controller(&emulator, "AKIADOMAINS", &options()).await;
    let cloud: &dyn Cloud = &sdk;
    let region = || "eu-north-1".to_owned();
    let change = |of: &Creation, trusting: &Creation| Change {
        name: of.name.clone(),
        certificate_arn: of.certificate_arn.clone(),
        truststore_uri: trusting.truststore_uri.clone(),
        truststore_version: trusting.truststore_version.clone(),
    };
    let map = |of: &Creation| {
        let [api, stage] = ["a1b2c3d4e5", "prod"].map(str::to_owned);
        cloud.create_api_mapping(region(), of.name.clone(), String::new(), api, stage)
    };
    let another = Creation {
        name: "another.names.example.com".to_owned(),
        tags: ours.tags.clone(),
        ..foreign.clone()
    };
    let denied = [
        cloud
            .update_domain_name(region(), change(&ours, &foreign))
            .await
            .unwrap_err(),
        cloud
            .update_domain_name(region(), change(&foreign, &ours))
            .await
            .unwrap_err(),
        cloud.create_domain_name(region(), another).await.unwrap_err(),
    ];
    for error in denied {
        assert_eq!(error.kind, ErrorKind::Denied, "{error}");
        let remedy = remedy(&error).unwrap_or_default();
        assert!(remedy.contains("--mutual-tls"), "{error}: {remedy}");
    }
    cloud
        .update_domain_name(region(), change(&ours, &ours))
        .await
        .unwrap();
    // No tag that a mapping need not inherit stands in its way.
    map(&ours).await.unwrap();
}

#[tokio::test]
async fn an_http_apis_endpoint_is_switched_by_the_policy_for_mutual_tls_and_a_rest_apis_as_it_is_written_to()
{
    let emulator = Emulator::start(&aws::quick());
    let core = user(&emulator, "AKIACORE", &policy::controller_policy(&options())).await;
    let both = controller(&emulator, "AKIABOTH", &options()).await;
    let (core, both): (&dyn Cloud, &dyn Cloud) = (&core, &both);
    let rest = || ("eu-north-1".to_owned(), "a1b2c3d4e5".to_owned());
    let http = || ("eu-central-1".to_owned(), "b2c3d4e5f6".to_owned());
    let error = core.switch_endpoint(http().0, http().1, true).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    let remedy = remedy(&error).unwrap_or_default();
    assert!(remedy.contains("SwitchDefaultEndpoints"), "{error}: {remedy}");
    both.switch_endpoint(http().0, http().1, true).await.unwrap();
    // Whether API Gateway tells IAM of the switch of a REST API, and of other changes, is not known: both have to pass.
    core.update_rest_api_policy(rest().0, rest().1, String::new())
        .await
        .unwrap();
    core.switch_rest_endpoint(rest().0, rest().1, true).await.unwrap();
}

/// Somebody who may do everything, also where policies are enforced.
async fn administrator(emulator: &Emulator) -> Sdk {
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [everything]});
    user(emulator, "AKIAADMINISTRATOR", &document).await
}
