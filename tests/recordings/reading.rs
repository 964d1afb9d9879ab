//! How the product reads what was recorded.

use super::folder::Recording;
use super::replay::Answer;
use super::wire::{Protocol, json_of, xml_of};
use crate::support::pieces::text;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::domain::access::authorization::Authorization;
use palisade::domain::edge::config::settings_of;
use palisade::domain::edge::document::write_settings;
use palisade::domain::edge::xml;
use palisade::domain::firewall::web_acl::canonical;
use palisade::domain::tenancy::account::Assumption;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const REGION: &str = "eu-north-1";

/// How the product takes the answers of one kind; `None` where it never asks for such.
pub type Read = Option<Result<(), CloudError>>;

#[allow(clippy::unnecessary_wraps, reason = "as all readings are")]
fn done<T>(result: Result<T, CloudError>) -> Read {
    Some(result.map(drop))
}

pub async fn read(recording: &Recording) -> Read {
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
                // Of what changes something, success is all that counts.
                ("apigateway", "UpdateStage") => done(
                    cloud
                        .update_rest_stage(text(REGION), text("a1"), text("prod"), text("d1"))
                        .await,
                ),
                ("apigateway", "UpdateMethod") => done(
                    cloud
                        .update_method(
                            text(REGION),
                            text("a1"),
                            text("r1"),
                            text("GET"),
                            Authorization::none(),
                        )
                        .await,
                ),
                // Both versions of API Gateway tell of a domain name alike.
                ("apigateway", "GetDomainName") => {
                    let sdk = Answer::json(&json!({"items": [json_of(data, Protocol::Json)]}))
                        .sdk()
                        .await;
                    done((&sdk as &dyn Cloud).list_domain_names(text(REGION), None).await)
                }
                ("apigateway", "GetDomainNames") => done(cloud.list_domain_names(text(REGION), None).await),
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
pub async fn read_distribution(document: String) -> Result<(), CloudError> {
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

/// What a stage serves, by its export.
pub async fn exported(document: &Value) -> Result<Value, CloudError> {
    let sdk = Answer::json(document).sdk().await;
    let cloud: &dyn Cloud = &sdk;
    cloud
        .export_rest_stage(text(REGION), text("a1"), text("prod"))
        .await
}

/// What a step of a test of API Gateway was answered, if the product asks for such.
pub async fn step_of_api_gateway(data: &Value) -> Option<(&'static str, Read)> {
    let has = |names: &[&str]| names.iter().all(|name| data.get(name).is_some());
    let answer = || Answer::json(&json_of(data, Protocol::Json));
    Some(if has(&["apiKeySource", "id", "name"]) {
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
    } else if has(&["stageKeys", "enabled", "value"]) {
        let sdk = answer().sdk().await;
        let key = (&sdk as &dyn Cloud).get_api_key(text(REGION), text("k1")).await;
        ("key", done(key))
    } else if has(&["apiStages", "id"]) {
        let sdk = answer().sdk().await;
        let plan = (&sdk as &dyn Cloud)
            .get_usage_plan(text(REGION), text("p1"))
            .await;
        ("usage plan", done(plan))
    } else if data["items"][0]["type"] == "API_KEY" {
        // The list is called otherwise on the wire than in every SDK.
        let sdk = Answer::json(&json!({"item": data["items"]})).sdk().await;
        let keys = (&sdk as &dyn Cloud)
            .list_usage_plan_keys(text(REGION), text("p1"), None)
            .await;
        ("keys of a usage plan", done(keys))
    } else if data["body"].get("openapi").is_some() {
        ("export", done(exported(&data["body"]).await))
    } else {
        return None;
    })
}

/// What a step of a test of another service was answered, if the product asks for such.
pub async fn step_of_others(data: &Value) -> Option<(&'static str, Read)> {
    let has = |names: &[&str]| names.iter().all(|name| data.get(name).is_some());
    Some(if has(&["AssumedRoleUser", "Credentials"]) {
        let result = xml_of("AssumeRoleResult", data);
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
        let sdk = Answer::json(&json_of(data, Protocol::Json)).sdk().await;
        (
            "certificate",
            done((&sdk as &dyn Cloud).describe_certificate(text("arn")).await),
        )
    } else if has(&["HostedZone"]) && !has(&["ChangeInfo"]) {
        let mut data = data.clone();
        // What varies stands as one word; private zones have none.
        if has(&["DelegationSet"]) {
            data["DelegationSet"]["NameServers"] = json!(["ns.example.com"]);
        }
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
        return None;
    })
}
