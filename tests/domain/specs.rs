//! Specs to decide about: two that people know, and arbitrary ones.

use palisade::api::{DetoursStatus, ProtectedApiSpec, SigV4Spec};
use palisade::domain::edge::distribution::Listed;
use palisade::domain::edge::host::Known;
use palisade::domain::firewall::promotion::Standing;
use palisade::domain::firewall::web_acl::Entity;
use palisade::domain::kernel::identity::{Owner, Tags};
use palisade::domain::perimeter::desired::{Desired, Facts, desired};
use proptest::prelude::*;

pub const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

pub const BASELINE: &str = "";

pub const RICH: &str = r"
access: {sigV4: {viewerAuthorization: Forward, logs: true}}
distribution:
  aliases: [www.example.com, api.example.com]
  certificateArn: arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555
  minimumTlsVersion: TLSv1.2_2019
  priceClass: PriceClass_100
  httpVersion: http2
  originReadTimeout: 45s
  logging: {bucket: my-logs.s3.amazonaws.com, prefix: petstore/}
  geoRestriction: {block: [KP, AQ]}
  responseHeadersPolicyId: 67f7725c-6f97-4210-82d7-5512b31e9d03
webAcl:
  antiDdos: {sensitivity: Medium, exemptPaths: [^/prod/]}
  managedRuleGroups:
  - {name: AWSManagedRulesCommonRuleSet, version: Version_1.17, overrides: [{rule: SizeRestrictions_BODY, action: Count}]}
  - {name: AWSManagedRulesSQLiRuleSet, action: Count}
  rateLimits:
  - {name: per-ip, limit: 2000}
  - {name: login, limit: 100, window: 1m, action: Captcha, scope: {pathPrefix: /prod/login, countries: [SE, NO], cidrs: [198.51.100.7/32]}}
  allowCidrs: [192.0.2.0/24, 2001:DB8:0::/32]
  blockCidrs: [203.0.113.9/24]
  countries: {block: [KP]}
  logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-petstore'}
  rules:
  - Name: no-curl
    NewerThanAnyClient: {kept: true}
    Statement: {GeoMatchStatement: {CountryCodes: [SE]}}
    Action: {Block: {}}
tags: {team: pets}
";

pub fn spec(yaml: &str) -> ProtectedApiSpec {
    let origin = format!("origin: {{endpoint: {ENDPOINT}, type: REST, stage: prod}}");
    serde_yaml::from_str(&format!("{origin}\n{yaml}")).unwrap()
}

/// The web ACL of what [`owner`] has.
pub const WEB_ACL: &str =
    "arn:aws:wafv2:us-east-1:123456789012:global/webacl/palisade-shop-petstore-12345678/1";

/// As lists have it, by its name.
pub fn web_acl() -> (String, Entity) {
    let name = "palisade-shop-petstore-12345678".to_owned();
    let entity = Entity {
        name: name.clone(),
        id: "1".to_owned(),
        arn: WEB_ACL.to_owned(),
        lock_token: "t".to_owned(),
    };
    (name, entity)
}

pub fn owner() -> Owner {
    Owner {
        cluster: "c1c1c1c1-0000-4000-8000-000000000000".into(),
        namespace: "shop".into(),
        name: "petstore".into(),
        uid: "12345678-0000-4000-8000-000000000000".into(),
        taken: None,
    }
}

pub fn facts(owner: &Owner, code: &str) -> Facts {
    Facts {
        owner: owner.clone(),
        account: "123456789012".into(),
        default_tags: Tags::from([("managed-by".into(), "palisade".into())]),
        permissions_boundary: None,
        zip: code.as_bytes().into(),
        code_sha256: code.into(),
        signer: SigV4Spec::default(),
        rotate: None,
        checkers: Some(vec![]),
        held_mode: None,
        promotions: Standing::default(),
        leaving: None,
        policies: Known::default(),
    }
}

pub fn wanted(yaml: &str) -> Desired {
    desired(&spec(yaml), &facts(&owner(), "code-1")).unwrap()
}

/// Specs that the API server would let in, of few enough values that equal parts turn up.
pub fn any_spec() -> impl Strategy<Value = (ProtectedApiSpec, String)> {
    let part = |choices: &'static [&'static str]| prop::sample::select(choices);
    let distribution = part(&[
        "{}",
        "{priceClass: PriceClass_100}",
        "{httpVersion: http1.1, originReadTimeout: 5s}",
        "{logging: {bucket: my-logs.s3.amazonaws.com}}",
        "{geoRestriction: {allow: [SE, NO]}}",
        "{aliases: [a.example.com], certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1'}",
    ]);
    let groups = part(&[
        "null",
        "[]",
        "[{name: AWSManagedRulesSQLiRuleSet, action: Count}, {name: AWSManagedRulesCommonRuleSet}]",
        "[{name: AWSManagedRulesCommonRuleSet}, {name: AWSManagedRulesSQLiRuleSet}]",
    ]);
    let limits = part(&[
        "null",
        "[]",
        "[{name: a, limit: 10, window: 10m}]",
        "[{name: a, limit: 10, by: [{type: Header, name: X-A}, {type: Address}]}, {name: l, limit: 10, by: [{type: LabelNamespace, name: 'a:'}]}]",
        "[{name: b, limit: 10, scope: {pathPrefix: /x, cidrs: [192.0.2.1/32, 2001:db8::1/128]}}, {name: a, limit: 20}]",
    ]);
    let blocks = part(&[
        "[]",
        "[192.0.2.0/24]",
        "[192.0.2.0/24, 2001:db8::/32]",
        "[198.51.100.0/24]",
    ]);
    let countries = part(&["null", "{allow: [SE]}", "{block: [KP]}"]);
    let logging = part(&["null", "{destinationArn: 'arn:aws:s3:::aws-waf-logs-a'}"]);
    let tags = part(&["{}", "{team: a}", "{team: b, stage: c}"]);
    let code = part(&["code-1", "code-2"]);
    (distribution, groups, limits, blocks.clone(), blocks, countries, logging, tags, code).prop_map(
        |(distribution, groups, limits, allow, block, countries, logging, tags, code)| {
            let yaml = format!(
                "distribution: {distribution}\ntags: {tags}\nwebAcl: {{managedRuleGroups: {groups}, rateLimits: {limits}, \
                 allowCidrs: {allow}, blockCidrs: {block}, countries: {countries}, logging: {logging}}}"
            );
            (spec(&yaml), code.to_owned())
        },
    )
}

/// A distribution that is deployed, as the list shows it: of nobody, before nothing.
pub fn row(id: &str) -> Listed {
    Listed {
        id: id.to_owned(),
        arn: format!("arn:aws:cloudfront::123456789012:distribution/{id}"),
        domain_name: format!("{id}.cloudfront.net"),
        etag: "E".to_owned(),
        status: "Deployed".to_owned(),
        enabled: true,
        is_staging: false,
        comment: String::new(),
        web_acl_arn: String::new(),
        aliases: vec![],
        certificate_arn: None,
        origins: vec![],
        functions: vec![],
        has_other_functions: false,
        detours: DetoursStatus::default(),
        leads: vec![],
    }
}
