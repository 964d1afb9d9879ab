//! AWS as somebody else with all rights reads and changes it, past the controller: its plain HTTP API.

use crate::scene::{Scene, aws};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const KEY: &str = "AKIA-SOMEBODY-ELSE";
const COUNT_SINCE: &str = "palisade.dev/count-since";

/// One request to an AWS service; answers the body. The emulator asks whose key it is, and for no signature.
fn request(service: &str, method: &str, path: &str, headers: &str, body: &str) -> String {
    aws().control(
        "POST",
        "seed",
        &json!({"users": [{"name": "somebody-else", "accessKeyId": KEY}]}),
    );
    let host = aws().endpoint.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).expect("the emulator listens");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={KEY}/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    let status = head.split(' ').nth(1).unwrap_or_default();
    assert!(status.starts_with('2'), "{method} {path}: {head}\n{body}");
    body.to_owned()
}

/// Id of the object's distribution, as the status names it.
pub async fn distribution_id(scene: &Scene, name: &str) -> String {
    let object = scene.object(name).await;
    object["status"]["distribution"]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// The configuration of the object's distribution, as CloudFront's XML.
pub async fn distribution(scene: &Scene, name: &str) -> String {
    configuration(&distribution_id(scene, name).await)
}

/// The configuration of a distribution, as CloudFront's XML.
pub fn configuration(id: &str) -> String {
    request(
        "cloudfront",
        "GET",
        &format!("/2020-05-31/distribution/{id}/config"),
        "",
        "",
    )
}

/// Changes the object's distribution as the emulator's control API has it.
pub async fn tamper_distribution(scene: &Scene, name: &str, change: &Value) {
    let id = distribution_id(scene, name).await;
    aws().control("PATCH", &format!("cloudfront/distributions/{id}"), change);
}

/// Id of the object's web ACL, as the status names it.
pub async fn web_acl_id(scene: &Scene, name: &str) -> String {
    let object = scene.object(name).await;
    object["status"]["webAcl"]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// The object's web ACL, as WAF has it.
pub async fn web_acl(scene: &Scene, name: &str) -> Value {
    let id = web_acl_id(scene, name).await;
    let aws_name = resource_name(scene, "webacl");
    let body = json!({"Name": aws_name, "Scope": "CLOUDFRONT", "Id": id}).to_string();
    let answer = waf("GetWebACL", &body);
    serde_json::from_str::<Value>(&answer).expect("JSON")["WebACL"].clone()
}

/// Writes the object's web ACL as a person in the console does: read, edited and written back.
pub async fn update_web_acl(scene: &Scene, name: &str, edit: impl FnOnce(&mut Value)) {
    let names = json!({
        "Name": resource_name(scene, "webacl"), "Scope": "CLOUDFRONT", "Id": web_acl_id(scene, name).await,
    });
    let read: Value = serde_json::from_str(&waf("GetWebACL", &names.to_string())).expect("JSON");
    let mut body = names;
    body["LockToken"] = read["LockToken"].clone();
    for field in ["DefaultAction", "Description", "Rules", "VisibilityConfig"] {
        body[field] = read["WebACL"][field].clone();
    }
    edit(&mut body);
    waf("UpdateWebACL", &body.to_string());
}

fn waf(operation: &str, body: &str) -> String {
    let headers =
        format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSWAF_20190729.{operation}\r\n");
    request("wafv2", "POST", "/", &headers, body)
}

/// What Shield does now about attacks on the object's distribution: Count or Block.
pub async fn automatic_response(scene: &Scene, name: &str) -> String {
    let object = scene.object(name).await;
    let id = &object["status"]["shield"]["protectionId"];
    let found = shield("DescribeProtection", &json!({"ProtectionId": id}));
    let response = &found["Protection"]["ApplicationLayerAutomaticResponseConfiguration"];
    assert_eq!(response["Status"], "ENABLED", "{found}");
    let action = response["Action"].as_object().expect("an action");
    action.keys().next().expect("one").clone()
}

/// Since when the object's protection counts, and what for, as its tag says.
pub async fn count_since(scene: &Scene, name: &str) -> Option<(String, String)> {
    let body = json!({"ResourceARN": protection_arn(scene, name).await});
    let found = shield("ListTagsForResource", &body);
    let tags = found["Tags"].as_array().expect("tags");
    let tag = tags.iter().find(|tag| tag["Key"] == COUNT_SINCE)?;
    let (time, basis) = tag["Value"].as_str()?.split_once(' ')?;
    Some((time.to_owned(), basis.to_owned()))
}

/// Sets since when the object's protection counts for the same as before; without a time, takes the tag away.
pub async fn set_count_since(scene: &Scene, name: &str, time: Option<&str>) {
    let arn = protection_arn(scene, name).await;
    let Some(time) = time else {
        shield(
            "UntagResource",
            &json!({"ResourceARN": arn, "TagKeys": [COUNT_SINCE]}),
        );
        return;
    };
    let (_, basis) = count_since(scene, name).await.expect("a clock");
    let tag = json!({"Key": COUNT_SINCE, "Value": format!("{time} {basis}")});
    shield("TagResource", &json!({"ResourceARN": arn, "Tags": [tag]}));
}

async fn protection_arn(scene: &Scene, name: &str) -> String {
    let object = scene.object(name).await;
    let id = object["status"]["shield"]["protectionId"]
        .as_str()
        .expect("an id");
    format!("arn:aws:shield::123456789012:protection/{id}")
}

fn shield(operation: &str, body: &Value) -> Value {
    let headers = format!(
        "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSShield_20160616.{operation}\r\n"
    );
    let answer = request("shield", "POST", "/", &headers, &body.to_string());
    serde_json::from_str(&answer).expect("JSON")
}

/// The logging configuration of the object's web ACL, as WAF has it; null where it has none.
pub async fn logging(scene: &Scene, name: &str) -> Value {
    let arn = web_acl(scene, name).await["ARN"].clone();
    let body = json!({"Scope": "CLOUDFRONT"}).to_string();
    let answer: Value = serde_json::from_str(&waf("ListLoggingConfigurations", &body)).expect("JSON");
    let all = answer["LoggingConfigurations"].as_array().expect("a list");
    let found = all.iter().find(|logging| logging["ResourceArn"] == arn);
    found.cloned().unwrap_or_default()
}

/// Changes the object's web ACL as the emulator's control API has it.
pub async fn tamper_web_acl(scene: &Scene, name: &str, change: &Value) {
    let id = web_acl_id(scene, name).await;
    aws().control("PATCH", &format!("wafv2/webacls/{id}"), change);
}

/// Name of the scene's only resource of this type.
pub fn resource_name(scene: &Scene, is: &str) -> String {
    let resources = scene.resources();
    let found = resources
        .iter()
        .find(|resource| resource["type"] == is)
        .expect("a resource");
    found["name"].as_str().expect("a name").to_owned()
}

/// Puts an inline policy on the scene's only role.
pub fn put_role_policy(scene: &Scene, policy: &str, document: &Value) {
    let role = resource_name(scene, "role");
    let document = encoded(document);
    iam(&format!(
        "Action=PutRolePolicy&RoleName={role}&PolicyName={policy}&PolicyDocument={document}"
    ));
}

/// Makes a role of this name as Palisade does, without its tags.
pub fn make_role(name: &str) {
    let document = encoded(&json!({"Version": "2012-10-17", "Statement": []}));
    iam(&format!(
        "Action=CreateRole&RoleName={name}&Path=%2Fpalisade%2F&AssumeRolePolicyDocument={document}"
    ));
}

/// Takes the right to assume the scene's only role away from Lambda.
pub fn trust_nobody(scene: &Scene) {
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ]});
    let role = resource_name(scene, "role");
    let document = encoded(&document);
    iam(&format!(
        "Action=UpdateAssumeRolePolicy&RoleName={role}&PolicyDocument={document}"
    ));
}

fn encoded(document: &Value) -> String {
    let document = document.to_string();
    document
        .bytes()
        .fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
}

fn iam(form: &str) -> String {
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    request("iam", "POST", "/", headers, &format!("{form}&Version=2010-05-08"))
}

/// ARN of the permissions boundary of the scene's only role.
pub fn role_boundary(scene: &Scene) -> Option<String> {
    let role = iam(&format!(
        "Action=GetRole&RoleName={}",
        resource_name(scene, "role")
    ));
    let (_, boundary) = role.split_once("<PermissionsBoundaryArn>")?;
    boundary
        .split_once("</PermissionsBoundaryArn>")
        .map(|(arn, _)| arn.to_owned())
}

/// Takes the permissions boundary of the scene's only role away.
pub fn clear_role_boundary(scene: &Scene) {
    let role = resource_name(scene, "role");
    iam(&format!("Action=DeleteRolePermissionsBoundary&RoleName={role}"));
}

/// The inline policies of the scene's only role.
pub fn role_policies(scene: &Scene) -> Vec<String> {
    let resources = scene.resources();
    let found = resources
        .iter()
        .find(|resource| resource["type"] == "role")
        .expect("a role");
    let policies = found["policies"].as_array().expect("a list");
    policies
        .iter()
        .map(|policy| policy.as_str().unwrap_or_default().to_owned())
        .collect()
}
