//! What a perimeter is made of, as small as AWS takes it.
// No test binary uses all of it.
#![allow(dead_code)]

use palisade::domain::access::api_key::KeyCreation;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::firewall::ip_set;
use palisade::domain::kernel::identity::{TAG_CLUSTER, Tags};
use palisade::domain::kernel::secret::Secret;
use palisade::domain::signer::{function, role};
use serde_json::{Value, json};
use std::io::Write as _;

/// A package with one module.
pub fn package(source: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("index.js", options).expect("a file starts");
    writer
        .write_all(source.as_bytes())
        .expect("memory takes everything");
    writer.finish().expect("a package ends").into_inner()
}

pub fn tags(name: &str, cluster: &str) -> Tags {
    [(TAG_CLUSTER, cluster), ("palisade.dev/name", name)]
        .map(|(key, value)| (key.into(), value.into()))
        .into()
}

pub fn role_of(name: &str, cluster: &str) -> role::Creation {
    let principals = ["edgelambda.amazonaws.com", "lambda.amazonaws.com"];
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": principals}, "Action": "sts:AssumeRole"});
    role::Creation {
        name: name.to_owned(),
        trust: json!({"Version": "2012-10-17", "Statement": [statement]}),
        boundary: None,
        description: "of a test".to_owned(),
        tags: tags(name, cluster),
    }
}

pub fn key_of(name: &str, cluster: &str) -> KeyCreation {
    KeyCreation {
        name: name.to_owned(),
        value: Secret::from_random(&[7; 32]),
        description: "of a test".to_owned(),
        tags: tags(name, cluster),
    }
}

pub fn settings(role: &str) -> function::Settings {
    function::Settings {
        role: role.to_owned(),
        runtime: "nodejs24.x".to_owned(),
        handler: "index.handler".to_owned(),
        timeout: 5,
        memory: 128,
        description: "of a test".to_owned(),
        foreign: function::Foreign::default(),
    }
}

pub fn ip_set_of(name: &str, cluster: &str) -> ip_set::Creation {
    ip_set::Creation {
        name: name.to_owned(),
        version: "IPV4".to_owned(),
        addresses: vec!["192.0.2.0/24".to_owned()],
        tags: tags(name, cluster),
    }
}

pub fn visibility(name: &str) -> Value {
    json!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name})
}

pub fn web_acl_document(rules: &Value) -> Value {
    json!({"DefaultAction": {"Allow": {}}, "Rules": rules, "VisibilityConfig": visibility("all")})
}

pub fn block_ip_set(arn: &str) -> Value {
    json!({"Name": "palisade-block", "Priority": 1000, "Statement": {"IPSetReferenceStatement": {"ARN": arn}},
        "Action": {"Block": {}}, "VisibilityConfig": visibility("palisade-block")})
}

/// A small configuration; `more` goes before `Enabled`.
pub fn distribution_config(
    reference: &str,
    function: Option<&str>,
    web_acl: &str,
    more: Vec<Element>,
) -> Element {
    let text = |name: &str, value: &str| xml::text(name, value);
    let origin = xml::parent(
        "Origin",
        vec![
            text("Id", "api"),
            text("DomainName", "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"),
            xml::parent(
                "CustomOriginConfig",
                vec![
                    text("HTTPPort", "80"),
                    text("HTTPSPort", "443"),
                    text("OriginProtocolPolicy", "https-only"),
                ],
            ),
        ],
    );
    let association = |arn: &str| {
        let parts = vec![
            text("LambdaFunctionARN", arn),
            text("EventType", "origin-request"),
            text("IncludeBody", "true"),
        ];
        xml::parent("LambdaFunctionAssociation", parts)
    };
    let behaviour = xml::parent(
        "DefaultCacheBehavior",
        vec![
            text("TargetOriginId", "api"),
            text("ViewerProtocolPolicy", "https-only"),
            xml::list(
                "LambdaFunctionAssociations",
                function.into_iter().map(association).collect(),
            ),
            text("CachePolicyId", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
            text("OriginRequestPolicyId", "b689b0a8-53d0-40ab-baf2-68738e2966ac"),
        ],
    );
    let mut children = vec![
        text("CallerReference", reference),
        xml::list("Origins", vec![origin]),
        behaviour,
        text("Comment", reference),
    ];
    children.extend(more);
    children.push(text("Enabled", "true"));
    children.push(text("WebACLId", web_acl));
    xml::parent("DistributionConfig", children)
}
