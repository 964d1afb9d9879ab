//! Facts about AWS's answers, as seen in recordings and stated here in words of ours.

use crate::recordings::reading::{REGION, read_distribution};
use crate::recordings::replay::Answer;
use crate::support::pieces::text;
use palisade::aws::cloud::Cloud;
use palisade::domain::firewall::rules::Parts;
use palisade::domain::firewall::web_acl::merged;
use serde_json::{Map, json};

#[tokio::test]
async fn a_method_whose_templates_are_null_is_a_route_like_others() {
    // The console's mock for CORS; the SDK's own parser refuses the null.
    let mock = json!({
        "type": "MOCK", "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000, "cacheNamespace": "r1",
        "cacheKeyParameters": [], "requestTemplates": {"application/json": null},
        "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": null}}},
    });
    let method = json!({"httpMethod": "OPTIONS", "authorizationType": "NONE", "apiKeyRequired": false, "methodIntegration": mock});
    let resource = json!({"id": "r1", "path": "/pets", "resourceMethods": {"OPTIONS": method}});
    let sdk = Answer::json(&json!({"item": [resource]})).sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let page = cloud.list_methods(text(REGION), text("a1"), None).await.unwrap();
    assert_eq!(page.items[0].key, "OPTIONS /pets");
    assert_eq!(page.items[0].authorization.kind, "NONE");
}

#[tokio::test]
async fn a_resource_whose_methods_are_not_told_has_routes_all_the_same() {
    let answer = json!({"item": [{"id": "r1", "path": "/", "resourceMethods": {"ANY": {}}}, {"id": "r2", "path": "/x"}]});
    let sdk = Answer::json(&answer).sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let page = cloud.list_methods(text(REGION), text("a1"), None).await.unwrap();
    assert_eq!(page.items.len(), 1);
}

#[tokio::test]
async fn a_policy_of_a_rest_api_comes_with_its_quotation_marks_escaped_twice() {
    let policy = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\",\"Resource\":\"arn:aws:execute-api:eu-north-1:111122223333:a1\/*\/*\/*\"}]}"#;
    let api = json!({
        "id": "a1", "name": "n", "createdDate": 1_700_000_000, "apiKeySource": "HEADER", "policy": policy,
        "endpointConfiguration": {"types": ["REGIONAL"]}, "disableExecuteApiEndpoint": false,
    });
    let sdk = Answer::json(&api).sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let seen = cloud.get_rest_api(text(REGION), text("a1")).await.unwrap();
    assert_eq!(seen.policy["Statement"][0]["Action"], "execute-api:Invoke");
}

#[tokio::test]
async fn a_web_acl_without_a_description_is_read_with_an_empty_one() {
    let web_acl = json!({
        "Name": "acl", "Id": "id", "ARN": "arn", "DefaultAction": {"Allow": {}}, "Description": "", "Rules": [],
        "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "acl"},
        "Capacity": 0, "ManagedByFirewallManager": false, "LabelNamespace": "awswaf:111122223333:webacl:acl:",
    });
    let sdk = Answer::json(&json!({"WebACL": web_acl, "LockToken": "t"}))
        .sdk()
        .await;
    let cloud: &dyn Cloud = &sdk;
    let content = cloud.get_web_acl(text("id"), text("acl")).await.unwrap();
    assert_eq!(content.entity.lock_token, "t");
    // WAF refuses the empty description that it answers.
    let ours = Parts {
        rules: vec![],
        bodies: Map::new(),
    };
    let written = merged(&content.document, ours);
    assert!(written.get("Description").is_none(), "{written}");
}

#[tokio::test]
async fn the_last_page_of_wafs_lists_has_a_marker_too() {
    let row = json!({"Name": "acl", "Id": "id", "ARN": "arn", "Description": "", "LockToken": "t"});
    let sdk = Answer::json(&json!({"NextMarker": "acl", "WebACLs": [row]}))
        .sdk()
        .await;
    let cloud: &dyn Cloud = &sdk;
    let page = cloud.list_web_acls(None).await.unwrap();
    assert_eq!((page.items.len(), page.next.as_deref()), (1, Some("acl")));
    // The page after it is empty, with neither.
    let sdk = Answer::json(&json!({"WebACLs": []})).sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let page = cloud.list_web_acls(Some(text("acl"))).await.unwrap();
    assert_eq!((page.items.len(), page.next), (0, None));
}

#[tokio::test]
async fn cloudfronts_default_certificate_is_answered_as_vip_and_all_that_is_always_there_is_kept() {
    let config = "<CallerReference>c</CallerReference><Aliases><Quantity>0</Quantity></Aliases><DefaultRootObject/>\
        <Origins><Quantity>1</Quantity><Items><Origin><Id>api</Id><DomainName>a1.execute-api.eu-north-1.amazonaws.com</DomainName>\
        <OriginPath/><CustomHeaders><Quantity>0</Quantity></CustomHeaders><CustomOriginConfig><HTTPPort>80</HTTPPort>\
        <HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>https-only</OriginProtocolPolicy><OriginSslProtocols><Quantity>1</Quantity>\
        <Items><SslProtocol>TLSv1.2</SslProtocol></Items></OriginSslProtocols><OriginReadTimeout>30</OriginReadTimeout>\
        <OriginKeepaliveTimeout>5</OriginKeepaliveTimeout></CustomOriginConfig><ConnectionAttempts>3</ConnectionAttempts>\
        <ConnectionTimeout>10</ConnectionTimeout><OriginShield><Enabled>false</Enabled></OriginShield><OriginAccessControlId/>\
        </Origin></Items></Origins><OriginGroups><Quantity>0</Quantity></OriginGroups><DefaultCacheBehavior>\
        <TargetOriginId>api</TargetOriginId><GrpcConfig><Enabled>false</Enabled></GrpcConfig></DefaultCacheBehavior>\
        <CacheBehaviors><Quantity>0</Quantity></CacheBehaviors><CustomErrorResponses><Quantity>0</Quantity></CustomErrorResponses>\
        <Comment/><ViewerCertificate><CloudFrontDefaultCertificate>true</CloudFrontDefaultCertificate>\
        <SSLSupportMethod>vip</SSLSupportMethod><MinimumProtocolVersion>TLSv1</MinimumProtocolVersion>\
        <CertificateSource>cloudfront</CertificateSource></ViewerCertificate><WebACLId/><HttpVersion>http2</HttpVersion>\
        <ContinuousDeploymentPolicyId/><Staging>false</Staging>";
    let document = format!(
        "<Distribution xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Id>E1</Id><ARN>arn</ARN><Status>Deployed</Status>\
         <LastModifiedTime>2026-01-02T03:04:05Z</LastModifiedTime><InProgressInvalidationBatches>0</InProgressInvalidationBatches>\
         <DomainName>d.cloudfront.net</DomainName><DistributionConfig>{config}</DistributionConfig></Distribution>"
    );
    read_distribution(document).await.unwrap();
}
