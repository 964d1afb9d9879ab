//! What AWS really answered, against the product's reading of it. The recordings stand beside the repository; the facts that
//! matter stand here too, in words of ours: [`facts`].
#![allow(clippy::unwrap_used, missing_docs)]

mod errors;
mod facts;
mod folder;
mod replay;
mod wire;

use folder::{Recording, by_operation, by_step};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::domain::edge::config::settings_of;
use palisade::domain::edge::document::write_settings;
use palisade::domain::edge::xml;
use palisade::domain::firewall::web_acl::canonical;
use palisade::domain::tenancy::account::Assumption;
use replay::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wire::{Protocol, json_of, xml_of};

const REGION: &str = "eu-north-1";
/// Answers that AWS never gave: what the service's model requires is not there.
const MADE_BY_HAND: [&str; 3] = [
    "test_distribution_wafv2_filter_scope/cloudfront",
    "test_distribution_wafv2/wafv2.GetWebACL_2",
    "test_distribution_wafv2/wafv2.GetWebACL_3",
];

fn text(value: &str) -> String {
    value.to_owned()
}

/// How the product takes the answers of one kind; `None` where it never asks for such.
type Read = Option<Result<(), CloudError>>;

#[allow(clippy::unnecessary_wraps, reason = "as all readings are")]
fn done<T>(result: Result<T, CloudError>) -> Read {
    Some(result.map(drop))
}

async fn read(recording: &Recording) -> Read {
    let Recording {
        service,
        operation,
        data,
        ..
    } = recording;
    let plain = || Answer::json(&json_of(data, Protocol::Json));
    match (service.as_str(), operation.as_str()) {
        ("apigateway", "GetRestApis") => {
            for item in data["items"].as_array().into_iter().flatten() {
                let sdk = Answer::json(&json_of(item, Protocol::Json)).sdk().await;
                let read = (&sdk as &dyn Cloud).get_rest_api(text(REGION), text("a1")).await;
                if let Err(error) = read {
                    return Some(Err(error));
                }
            }
            Some(Ok(()))
        }
        ("apigateway", "GetMethod") => methods(json!({"ANY": data})).await,
        ("apigateway", "GetIntegration") => methods(json!({"ANY": {"methodIntegration": data}})).await,
        ("wafv2", "GetWebACL") => {
            let mut answer = json_of(data, Protocol::Json);
            if answer.get("LockToken").is_none() {
                // Cut out by who recorded it: the service's model requires it.
                answer["LockToken"] = "t".into();
            }
            let sdk = Answer::json(&answer).sdk().await;
            Some(read_web_acl(&sdk).await)
        }
        ("apigatewayv2", _) => read_v2(recording).await,
        ("cloudfront", _) => read_cloudfront(recording).await,
        _ => {
            let sdk = plain().sdk().await;
            let cloud: &dyn Cloud = &sdk;
            match (service.as_str(), operation.as_str()) {
                ("apigateway", "GetResources") => {
                    done(cloud.list_methods(text(REGION), text("a1"), None).await)
                }
                ("apigateway", "GetStage") => {
                    done(cloud.get_rest_stage(text(REGION), text("a1"), text("prod")).await)
                }
                ("apigateway", "GetStages") => done(cloud.list_rest_stages(text(REGION), text("a1")).await),
                ("wafv2", "ListWebACLs") => done(cloud.list_web_acls(None).await),
                ("wafv2", "ListTagsForResource") => done(cloud.list_waf_tags(text("arn")).await),
                ("wafv2", "ListLoggingConfigurations") => done(cloud.list_logging_configurations(None).await),
                ("wafv2", "PutLoggingConfiguration") => done(
                    cloud
                        .put_logging_configuration(data["LoggingConfiguration"].clone())
                        .await,
                ),
                ("shield", "DescribeSubscription") => done(cloud.describe_subscription().await),
                ("shield", "ListProtections") => done(cloud.list_protections(None).await),
                ("shield", "ListTagsForResource") => done(cloud.list_protection_tags(text("arn")).await),
                _ => None,
            }
        }
    }
}

/// A resource whose methods were recorded.
async fn methods(methods: Value) -> Read {
    let resource = json!({"items": [{"id": "r1", "path": "/", "resourceMethods": methods}]});
    let wire = json_of(&resource, Protocol::Json);
    // The list is called otherwise on the wire than in every SDK.
    let sdk = Answer::json(&json!({"item": wire["items"]})).sdk().await;
    let page = (&sdk as &dyn Cloud)
        .list_methods(text(REGION), text("a1"), None)
        .await;
    Some(page.map(|page| assert_eq!(page.items.len(), 1, "{page:?}")))
}

/// A web ACL whose rules have one spelling, whatever AWS left out of them or filled in.
async fn read_web_acl(cloud: &dyn Cloud) -> Result<(), CloudError> {
    let content = cloud.get_web_acl(text("id"), text("name")).await?;
    assert!(!content.entity.lock_token.is_empty(), "{content:?}");
    for rule in content.document["Rules"].as_array().into_iter().flatten() {
        let one = canonical(rule);
        assert_eq!(canonical(&one), one);
        let mut filled = rule.clone();
        filled["RuleLabels"] = json!([]);
        assert!(
            rule.get("RuleLabels").is_some() || canonical(&filled) == one,
            "{rule}"
        );
    }
    Ok(())
}

async fn read_v2(recording: &Recording) -> Read {
    let sdk = Answer::json(&json_of(&recording.data, Protocol::Lower))
        .sdk()
        .await;
    let cloud: &dyn Cloud = &sdk;
    match recording.operation.as_str() {
        "GetApi" => done(cloud.get_api(text(REGION), text("a1")).await),
        "GetStage" => done(cloud.get_stage(text(REGION), text("a1"), text("prod")).await),
        "GetStages" => done(cloud.list_stages(text(REGION), text("a1"), None).await),
        _ => None,
    }
}

async fn read_cloudfront(recording: &Recording) -> Read {
    let data = &recording.data;
    let config = match recording.operation.as_str() {
        "GetDistributionConfig" => &data["DistributionConfig"],
        "UpdateDistribution" => &data["Distribution"]["DistributionConfig"],
        "ListDistributions" => {
            let sdk = Answer::xml(xml_of("DistributionList", &data["DistributionList"]))
                .sdk()
                .await;
            return done((&sdk as &dyn Cloud).list_distributions(None).await);
        }
        "ListTagsForResource" => {
            let sdk = Answer::xml(xml_of("Tags", &data["Tags"])).sdk().await;
            return done((&sdk as &dyn Cloud).list_distribution_tags(text("arn")).await);
        }
        _ => return None,
    };
    let distribution = json!({
        "Id": "E1", "ARN": "arn:aws:cloudfront::111122223333:distribution/E1", "Status": "Deployed",
        "DomainName": "d.cloudfront.net", "InProgressInvalidationBatches": 0, "LastModifiedTime": "2026-01-02T03:04:05Z",
        "DistributionConfig": config,
    });
    Some(read_distribution(xml_of("Distribution", &distribution)).await)
}

/// A distribution whose settings, written back as they are, lose nothing that AWS knows of it.
async fn read_distribution(document: String) -> Result<(), CloudError> {
    let sdk = Answer::xml(document).etag("E1ETAG").sdk().await;
    let content = (&sdk as &dyn Cloud).get_distribution(text("E1")).await?;
    let settings = settings_of(&content.config);
    let mut written = content.config.clone();
    write_settings(&mut written, &settings);
    for kept in [
        "Staging",
        "ContinuousDeploymentPolicyId",
        "HttpVersion",
        "OriginGroups",
        "CacheBehaviors",
        "Restrictions",
    ] {
        if let Some(was) = xml::at(&content.config, kept) {
            assert_eq!(Some(was), xml::at(&written, kept), "{kept}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_aws_answered_is_understood() {
    let Some(folder) = folder::folder() else { return };
    let (mut wrong, mut understood) = (Vec::new(), BTreeMap::<String, usize>::new());
    for recording in by_operation(&folder) {
        let is_made_by_hand = MADE_BY_HAND
            .iter()
            .any(|place| recording.place.starts_with(place));
        if recording.data.get("Error").is_some() || is_made_by_hand {
            continue;
        }
        match read(&recording).await {
            None => {}
            Some(Ok(())) => {
                let name = format!("{}.{}", recording.service, recording.operation);
                *understood.entry(name).or_default() += 1;
            }
            Some(Err(error)) => wrong.push(format!("{}: {error}", recording.place)),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        understood.len() >= 15 && understood.values().sum::<usize>() >= 120,
        "{understood:?}"
    );
    let raw = std::fs::read_to_string(folder.join("cloudfront/Distribution.xml")).unwrap();
    read_distribution(raw).await.expect("the raw document");
}

#[tokio::test]
async fn what_api_gateway_answered_in_other_tools_tests_is_understood() {
    let Some(folder) = folder::folder() else { return };
    let (mut wrong, mut understood) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for file in ["api", "canary", "extended", "integrations"] {
        for (place, data) in by_step(&folder, &format!("test_apigateway_{file}")) {
            let has = |names: &[&str]| names.iter().all(|name| data.get(name).is_some());
            let answer = || Answer::json(&json_of(&data, Protocol::Json));
            let (kind, read) = if has(&["apiKeySource", "id", "name"]) {
                let sdk = answer().sdk().await;
                (
                    "api",
                    done((&sdk as &dyn Cloud).get_rest_api(text(REGION), text("a1")).await),
                )
            } else if has(&["stageName", "deploymentId", "cacheClusterStatus"]) {
                let sdk = answer().sdk().await;
                let stage = (&sdk as &dyn Cloud)
                    .get_rest_stage(text(REGION), text("a1"), text("s"))
                    .await;
                ("stage", done(stage))
            } else if has(&["httpMethod", "authorizationType"]) {
                ("method", methods(json!({"ANY": data})).await)
            } else if has(&["type", "passthroughBehavior", "cacheNamespace"]) {
                (
                    "integration",
                    methods(json!({"ANY": {"methodIntegration": data}})).await,
                )
            } else {
                continue;
            };
            match read {
                Some(Ok(())) => *understood.entry(kind).or_default() += 1,
                Some(Err(error)) => wrong.push(format!("{place}: {error}")),
                None => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        understood.len() == 4 && understood.values().all(|count| *count >= 5),
        "{understood:?}"
    );
}

#[tokio::test]
async fn what_other_services_answered_in_other_tools_tests_is_understood() {
    let Some(folder) = folder::folder() else { return };
    let (mut wrong, mut understood) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for file in ["test_sts", "test_acm", "test_route53", "test_lambda"] {
        for (place, data) in by_step(&folder, file) {
            let has = |names: &[&str]| names.iter().all(|name| data.get(name).is_some());
            let (kind, read) = if has(&["AssumedRoleUser", "Credentials"]) {
                let result = xml_of("AssumeRoleResult", &data);
                let sdk = Answer::xml(format!("<AssumeRoleResponse>{result}</AssumeRoleResponse>"))
                    .sdk()
                    .await;
                let role = Assumption {
                    role_arn: text("arn:aws:iam::111122223333:role/r"),
                    external_id: None,
                    session_tags: BTreeMap::new(),
                    session_name: text("s"),
                };
                ("session", done((&sdk as &dyn Cloud).assume_role(role).await))
            } else if data["Certificate"].get("CertificateArn").is_some() {
                let sdk = Answer::json(&json_of(&data, Protocol::Json)).sdk().await;
                (
                    "certificate",
                    done((&sdk as &dyn Cloud).describe_certificate(text("arn")).await),
                )
            } else if has(&["HostedZone"]) && !has(&["ChangeInfo"]) {
                let mut data = data.clone();
                // What varies stands as one word.
                data["DelegationSet"]["NameServers"] = json!(["ns.example.com"]);
                let sdk = Answer::xml(xml_of("GetHostedZoneResponse", &data)).sdk().await;
                (
                    "hosted zone",
                    done((&sdk as &dyn Cloud).get_hosted_zone(text("Z1")).await),
                )
            } else if has(&["FunctionArn", "RevisionId", "CodeSha256"]) {
                let mut data = data.clone();
                data["CodeSize"] = 1.into();
                let sdk = Answer::json(&json_of(&data, Protocol::Json)).sdk().await;
                let configuration = (&sdk as &dyn Cloud)
                    .get_function_configuration(text("f"), None)
                    .await;
                ("function", done(configuration))
            } else {
                continue;
            };
            match read {
                Some(Ok(())) => *understood.entry(kind).or_default() += 1,
                Some(Err(error)) => wrong.push(format!("{place}: {error}")),
                None => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        understood.len() == 4 && understood["function"] >= 20,
        "{understood:?}"
    );
}
