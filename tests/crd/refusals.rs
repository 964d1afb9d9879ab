//! What the API server refuses, as a table.

use super::{CERTIFICATE, mutual_tls};
use serde_json::{Value, json};

const CHECK: &str = "0f1e2d3c-0000-4000-8000-000000000000";

/// A spec that is refused, and parts of the message: the field, and what to write instead.
pub fn refused() -> Vec<(Value, [&'static str; 2])> {
    let mut cases = of_access();
    cases.extend(of_mutual_tls());
    cases.extend(of_adoption());
    cases.extend(of_the_rest());
    cases
}

#[rustfmt::skip] // One case a line.
fn of_access() -> Vec<(Value, [&'static str; 2])> {
    let probe = |patch: Value| json!({"access": {"probe": patch}});
    vec![
        (json!({"access": {"sigV4": {"viewerAuthorization": "Keep"}}}), ["spec.access.sigV4.viewerAuthorization", "\"Drop\", \"Forward\""]),
        (json!({"origin": {"type": "HTTP"}, "access": {"sigV4": {"exclusive": true}}}), ["spec.access.sigV4.exclusive", "leave it out or set it to false"]),
        (json!({"access": {"mode": "None"}}), ["spec.access.mode", "\"SigV4\", \"ApiKey\", \"SecretHeader\", \"MutualTls\""]),
        (json!({"origin": {"type": "HTTP"}, "access": {"mode": "ApiKey"}}), ["spec.access.mode", "write SigV4 or SecretHeader"]),
        (json!({"access": {"mode": "ApiKey", "sigV4": {"logs": true}}}), ["spec.access.sigV4", "set spec.access.mode to SigV4"]),
        (json!({"access": {"apiKey": {"usagePlanId": "abc123"}}}), ["spec.access.apiKey", "set spec.access.mode to ApiKey"]),
        (json!({"access": {"mode": "ApiKey", "apiKey": {"usagePlanId": "my plan"}}}), ["spec.access.apiKey.usagePlanId", "such as a1b2c3"]),
        (json!({"access": {"secretHeader": {"name": "x-a"}}}), ["spec.access.secretHeader", "set spec.access.mode to SecretHeader"]),
        (json!({"access": {"mode": "SecretHeader", "secretHeader": {"name": "x-amz-secret"}}}), ["spec.access.secretHeader.name", "such as x-origin-verify"]),
        (json!({"access": {"mode": "SecretHeader", "secretHeader": {"name": "Authorization"}}}), ["spec.access.secretHeader.name", "such as x-origin-verify"]),
        (json!({"access": {"rotationPeriod": "720h"}}), ["spec.access.rotationPeriod", "ApiKey, SecretHeader or MutualTls"]),
        (json!({"access": {"mode": "ApiKey", "rotationPeriod": "1h"}}), ["spec.access.rotationPeriod", "from 24h"]),
        (probe(json!({"host": "api.example.com"})), ["spec.access.probe.host", "one of spec.distribution.aliases"]),
        (probe(json!({"host": "https://api.example.com"})), ["spec.access.probe.host", "without scheme"]),
        (probe(json!({"header": "x-token"})), ["spec.access.probe", "header and secretRef belong together"]),
        (probe(json!({"secretRef": {"name": "probe", "key": "token"}})), ["spec.access.probe", "header and secretRef belong together"]),
        (probe(json!({"header": "Authorization", "secretRef": {"name": "probe", "key": "token"}})), ["spec.access.probe.header", "ApiKey, SecretHeader or MutualTls"]),
        (probe(json!({"header": "x-origin-verify", "secretRef": {"name": "probe", "key": "token"}})), ["spec.access.probe.header", "name another one"]),
        (probe(json!({"header": "X-Api-Key", "secretRef": {"name": "probe", "key": "token"}})), ["spec.access.probe.header", "such as authorization"]),
        (probe(json!({"header": "Host", "secretRef": {"name": "probe", "key": "token"}})), ["spec.access.probe.header", "such as authorization"]),
        (probe(json!({"header": "x:y", "secretRef": {"name": "probe", "key": "token"}})), ["spec.access.probe.header", "letters, digits and -"]),
        (probe(json!({"header": "x-token", "secretRef": {"name": "Probe", "key": "token"}})), ["spec.access.probe.secretRef.name", "name of a Secret"]),
        (probe(json!({"header": "x-token", "secretRef": {"name": "probe", "key": "a/b"}})), ["spec.access.probe.secretRef.key", "a key of the Secret"]),
        (json!({"access": {"enforcement": "Off"}}), ["spec.access.enforcement", "\"Enforce\", \"Observe\""]),
        (json!({"access": {"cutOver": "Now"}}), ["spec.access.cutOver", "\"AfterProbe\", \"AfterDeployed\""]),
        (json!({"access": {"excludeMethods": ["/health"]}}), ["spec.access.excludeMethods", "such as GET /pets/{petId}"]),
        (json!({"access": {"excludeMethods": ["$connect"]}}), ["spec.access.excludeMethods", "only for WebSocket APIs"]),
        (json!({"access": {"excludeMethods": ["$default"]}}), ["spec.access.excludeMethods", "a route of HTTP APIs only"]),
    ]
}

#[rustfmt::skip] // One case a line.
fn of_mutual_tls() -> Vec<(Value, [&'static str; 2])> {
    let options = |patch: Value| mutual_tls(&json!({"access": {"mutualTls": patch}}));
    vec![
        (json!({"access": {"mode": "MutualTls"}}), ["spec.access.mutualTls", "needs hostedZoneId, originDomain and truststoreBucket"]),
        (mutual_tls(&json!({"access": {"mode": null}})), ["spec.access.mutualTls", "set spec.access.mode to MutualTls"]),
        (mutual_tls(&json!({"origin": {"type": "WEBSOCKET"}})), ["spec.access.mode", "only for REST and HTTP APIs"]),
        (mutual_tls(&json!({"access": {"excludeMethods": ["GET /health"]}})), ["spec.access.excludeMethods", "leave the field out"]),
        (mutual_tls(&json!({"access": {"rotationPeriod": "1801h"}})), ["spec.access.rotationPeriod", "24h to 1800h"]),
        (mutual_tls(&json!({"access": {"rotationPeriod": "23h"}})), ["spec.access.rotationPeriod", "from 24h"]),
        (mutual_tls(&json!({"distribution": {"aliases": ["origin.example.com"], "certificateArn": CERTIFICATE}})), ["spec.access.mutualTls.originDomain", "a name of its own"]),
        (mutual_tls(&json!({"distribution": {"originRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3"}})), ["spec.distribution.originRequestPolicyId", "use b689b0a8-53d0-40ab-baf2-68738e2966ac"]),
        (mutual_tls(&json!({"distribution": {"aliases": ["api.example.com", "origin.example.com"], "certificateArn": CERTIFICATE}})), ["spec.access.mutualTls.originDomain", "a name of its own"]),
        (mutual_tls(&json!({"access": {"mode": "SecretHeader"}})), ["spec.access.mutualTls", "set spec.access.mode to MutualTls"]),
        (mutual_tls(&json!({"access": {"sigV4": {"logs": true}}})), ["spec.access.sigV4", "set spec.access.mode to SigV4"]),
        (options(json!({"hostedZoneId": "example.com"})), ["spec.access.mutualTls.hostedZoneId", "such as Z0123456789ABCDEFGHIJ"]),
        (options(json!({"hostedZoneId": null})), ["spec.access.mutualTls.hostedZoneId", "Required value"]),
        (options(json!({"originDomain": "Origin.example.com"})), ["spec.access.mutualTls.originDomain", "in lower case"]),
        (options(json!({"originDomain": "*.example.com"})), ["spec.access.mutualTls.originDomain", "such as origin.shop.example.com"]),
        (options(json!({"truststoreBucket": "s3://truststores"})), ["spec.access.mutualTls.truststoreBucket", "such as shop-truststores"]),
        (options(json!({"certificateArn": "origin"})), ["spec.access.mutualTls.certificateArn", "in the API's Region"]),
        (options(json!({"sharedCertificate": true, "certificateArn": "arn:aws:acm:eu-north-1:123456789012:certificate/1"})), ["spec.access.mutualTls", "set certificateArn or sharedCertificate: true, not both"]),
    ]
}

#[rustfmt::skip] // One case a line.
fn of_adoption() -> Vec<(Value, [&'static str; 2])> {
    let adopt = |patch: Value| json!({"distribution": {"adopt": patch}});
    let beside = |field: &str, value: Value| json!({"distribution": {
        "adopt": {"id": "E1ABCDEF2GHIJK"}, field: value,
        "aliases": ["api.example.com"], "certificateArn": CERTIFICATE,
    }});
    vec![
        (json!({"takeOver": {"uid": "petstore"}}), ["spec.takeOver.uid", "such as 0f1e2d3c-0000-4000-8000-000000000000"]),
        (json!({"handOver": {"to": "shop/petstore"}}), ["spec.handOver.to", "kubectl palisade handover"]),
        (json!({"takeOver": {"keeperIsGone": true}}), ["spec.takeOver.uid", "Required value"]),
        (adopt(json!({"id": "d111111abcdef8.cloudfront.net"})), ["spec.distribution.adopt.id", "such as E1ABCDEF2GHIJK"]),
        (adopt(json!({"id": "E1", "confirm": "yes"})), ["spec.distribution.adopt.confirm", "8 hexadecimal digits"]),
        (adopt(json!({"id": "E1", "letGo": ["Terraform"]})), ["spec.distribution.adopt.letGo", "CloudFormation, ACK or Crossplane"]),
        (adopt(json!({"id": "E1", "release": true})), ["spec.distribution.adopt.release", "needs confirm"]),
        (beside("takeOverAliases", json!(true)), ["spec.distribution.adopt", "move it after the adoption"]),
        (json!({"distribution": {"adopt": {"id": "E1"}, "aliases": ["api.example.com"], "requestCertificate": true, "hostedZoneId": "Z1"}}), ["spec.distribution.adopt", "in certificateArn"]),
        (beside("hostedZoneId", json!("Z0123456789ABCDEFGHIJ")), ["spec.distribution.adopt", "leave hostedZoneId out"]),
        (mutual_tls(&adopt(json!({"id": "E1"}))), ["spec.distribution.adopt", "adopt with SigV4"]),
    ]
}

#[rustfmt::skip] // One case a line.
#[allow(clippy::too_many_lines, reason = "one case a line")]
fn of_the_rest() -> Vec<(Value, [&'static str; 2])> {
    let origin = |patch: Value| json!({"origin": patch});
    let distribution = |patch: Value| json!({"distribution": patch});
    let web_acl = |patch: Value| json!({"webAcl": patch});
    let group = |patch: Value| json!({"webAcl": {"managedRuleGroups": [patch]}});
    let limit = |patch: Value| {
        let mut limit = json!({"name": "per-ip", "limit": 2000});
        limit
            .as_object_mut()
            .expect("an object")
            .extend(patch.as_object().expect("an object").clone());
        json!({"webAcl": {"rateLimits": [limit]}})
    };
    let by = |keys: Value| limit(json!({"by": keys}));
    let rule = |patch: Value| json!({"webAcl": {"rules": [patch]}});
    let promote = |after: &str, most: i64| json!({"from": "Count", "after": after, "maxMatches": most});
    let logging = |arn: &str| json!({"webAcl": {"logging": {"destinationArn": arn}}});
    let bucket = |bucket: &str| json!({"distribution": {"logging": {"bucket": bucket}}});
    let mut cases = vec![
        (origin(json!({"endpoint": "https://a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"})), ["spec.origin.endpoint", "without scheme"]),
        (origin(json!({"endpoint": "a1b2c3d4e5.execute-api.eu-nort-1.amazonaws.com"})), ["spec.origin.endpoint", "in a Region of the partition aws"]),
        (origin(json!({"endpoint": "a1b2c3d4e5.execute-api.us-gov-west-1.amazonaws.com"})), ["spec.origin.endpoint", "in a Region of the partition aws"]),
        (origin(json!({"endpoint": "api.example.com"})), ["spec.origin.endpoint", "such as a1b2c3d4e5.execute-api"]),
        (origin(json!({"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com/prod"})), ["spec.origin.endpoint", "or path"]),
        (origin(json!({"type": "GRPC"})), ["spec.origin.type", "\"REST\", \"HTTP\", \"WEBSOCKET\""]),
        (origin(json!({"type": null})), ["spec.origin.type", "Required value"]),
        (origin(json!({"stage": "$default"})), ["spec.origin.stage", "write the stage's name"]),
        (origin(json!({"stage": "prod/v1"})), ["spec.origin.stage", "letters, digits, _ and -"]),
        (origin(json!({"stage": ""})), ["spec.origin.stage", "letters, digits, _ and -"]),
        (origin(json!({"path": "prod"})), ["spec.origin.path", "start with /"]),
        (origin(json!({"path": "/prod/"})), ["spec.origin.path", "not end with /"]),
        (origin(json!({"path": "/dev"})), ["spec.origin.path", "such as /prod"]),
        (origin(json!({"path": "/production"})), ["spec.origin.path", "another path leads to another stage"]),
        (origin(json!({"type": "HTTP", "path": "/v1"})), ["spec.origin.path", "begin with / and the stage"]),
        (origin(json!({"probePath": "prod/pets"})), ["spec.origin.probePath", "start with /"]),
        (json!({"accountName": "Production"}), ["spec.accountName", "such as production"]),
        (json!({"className": "Public"}), ["spec.className", "such as public"]),
        (json!({"probes": "Disabled"}), ["spec.probes", "needs spec.access.cutOver: AfterDeployed"]),
        (json!({"deletionPolicy": "Orphan"}), ["spec.deletionPolicy", "\"Delete\", \"Retain\""]),
        (json!({"tags": {"palisade.dev/uid": "x"}}), ["spec.tags", "choose another prefix"]),
        (json!({"tags": {"AWS:x": "y"}}), ["spec.tags", "choose another prefix"]),
        (json!({"tags": {"Palisade.dev/uid": "x"}}), ["spec.tags", "choose another prefix"]),
        (json!({"tags": {"team": "x", "Team": "y"}}), ["spec.tags", "leave one of them out"]),
        (json!({"tags": {"": "x"}}), ["spec.tags", "1 to 128 characters"]),
        (json!({"tags": {"a;b": "x"}}), ["spec.tags", "letters, digits, spaces"]),
        (json!({"tags": {"team": "shop;rm"}}), ["spec.tags", "letters, digits, spaces"]),
        (distribution(json!({"aliases": ["api.example.com"]})), ["spec.distribution.certificateArn", "name an ACM certificate"]),
        (distribution(json!({"aliases": ["https://api.example.com"], "certificateArn": CERTIFICATE})), ["spec.distribution.aliases", "without scheme"]),
        (distribution(json!({"aliases": ["API.example.com"], "certificateArn": CERTIFICATE})), ["spec.distribution.aliases", "lower case"]),
        (distribution(json!({"aliases": ["a.b.com", "a.b.com"], "certificateArn": CERTIFICATE})), ["spec.distribution.aliases[1]", "Duplicate value"]),
        (distribution(json!({"certificateArn": CERTIFICATE.replace("us-east-1", "eu-north-1")})), ["spec.distribution.certificateArn", "us-east-1"]),
        (distribution(json!({"certificateArn": CERTIFICATE})), ["spec.distribution.certificateArn", "name the aliases that it covers"]),
        (distribution(json!({"certificateArn": CERTIFICATE, "aliases": []})), ["spec.distribution.certificateArn", "or leave it out"]),
        (distribution(json!({"minimumTlsVersion": "TLSv1.2_2021"})), ["spec.distribution.minimumTlsVersion", "needs certificateArn"]),
        (distribution(json!({"minimumTlsVersion": "TLSv1", "certificateArn": CERTIFICATE})), ["spec.distribution.minimumTlsVersion", "supported values"]),
        (distribution(json!({"originReadTimeout": "121s"})), ["spec.distribution.originReadTimeout", "1s to 120s"]),
        (distribution(json!({"originReadTimeout": "0s"})), ["spec.distribution.originReadTimeout", "1s to 120s"]),
        (distribution(json!({"priceClass": "Cheap"})), ["spec.distribution.priceClass", "PriceClass_All"]),
        (distribution(json!({"httpVersion": "http4"})), ["spec.distribution.httpVersion", "http2and3"]),
        (distribution(json!({"viewerProtocolPolicy": "redirect-to-https"})), ["spec.distribution.viewerProtocolPolicy", "only a distribution that is adopted"]),
        (distribution(json!({"viewerProtocolPolicy": "http-only", "adopt": {"id": "E1"}})), ["spec.distribution.viewerProtocolPolicy", "redirect-to-https"]),
        (distribution(json!({"ipv6": false})), ["spec.distribution.ipv6", "only a distribution that is adopted"]),
        (distribution(json!({"allowedMethods": ["GET", "HEAD"]})), ["spec.distribution.allowedMethods", "only a distribution that is adopted"]),
        (distribution(json!({"allowedMethods": ["GET", "POST"], "adopt": {"id": "E1"}})), ["spec.distribution.allowedMethods", "one of CloudFront's sets"]),
        (distribution(json!({"allowedMethods": ["GET", "head"], "adopt": {"id": "E1"}})), ["spec.distribution.allowedMethods", "in capitals"]),
        (distribution(json!({"geoRestriction": {}})), ["spec.distribution.geoRestriction", "exactly one"]),
        (distribution(json!({"geoRestriction": {"allow": ["SE"], "block": ["NO"]}})), ["spec.distribution.geoRestriction", "exactly one"]),
        (distribution(json!({"geoRestriction": {"allow": ["Sweden"]}})), ["spec.distribution.geoRestriction.allow", "such as SE"]),
        (distribution(json!({"geoRestriction": {"block": ["se"]}})), ["spec.distribution.geoRestriction.block", "in capitals, such as SE"]),
        (distribution(json!({"geoRestriction": {"allow": []}})), ["spec.distribution.geoRestriction.allow", "at least 1 items"]),
        (distribution(json!({"cachePolicyId": "CachingDisabled"})), ["spec.distribution.cachePolicyId", "must be a policy's id"]),
        (distribution(json!({"responseHeadersPolicyId": "x"})), ["spec.distribution.responseHeadersPolicyId", "must be a policy's id"]),
        (distribution(json!({"originRequestPolicyId": "AllViewer"})), ["spec.distribution.originRequestPolicyId", "must be a policy's id"]),
        (distribution(json!({"originRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3"})), ["spec.distribution.originRequestPolicyId", "use b689b0a8-53d0-40ab-baf2-68738e2966ac"]),
        (distribution(json!({"originRequestPolicyId": "33f36d7e-f396-46d9-90e0-52428a34d9dc"})), ["spec.distribution.originRequestPolicyId", "use b689b0a8-53d0-40ab-baf2-68738e2966ac"]),
        (distribution(json!({"originRequestPolicyId": "bf0718e1-ba1e-49d1-88b1-f726733018ae"})), ["spec.distribution.originRequestPolicyId", "use b689b0a8-53d0-40ab-baf2-68738e2966ac"]),
        (web_acl(json!({"customResponseBodies": [{"name": "a b", "content": "x"}]})), ["spec.webAcl.customResponseBodies", "such as maintenance"]),
        (web_acl(json!({"customResponseBodies": [{"name": "a", "content": "x", "contentType": "Xml"}]})), ["spec.webAcl.customResponseBodies[0].contentType", "\"Text\", \"Html\", \"Json\""]),
        (web_acl(json!({"customResponseBodies": [{"name": "a", "content": "x".repeat(4097)}]})), ["spec.webAcl.customResponseBodies[0].content", "4096"]),
        (bucket("my-logs"), ["spec.distribution.logging.bucket", "such as my-logs.s3.amazonaws.com"]),
        (group(json!({"name": "AWSManagedRulesAntiDDoSRuleSet"})), ["spec.webAcl.managedRuleGroups", "write spec.webAcl.antiDdos"]),
        (group(json!({"name": "AWSManagedRulesBotControlRuleSet"})), ["spec.webAcl.managedRuleGroups", "go into spec.webAcl.rules"]),
        (group(json!({"name": "Common Rules"})), ["spec.webAcl.managedRuleGroups", "such as AWSManagedRulesCommonRuleSet"]),
        (group(json!({"name": "CommonRuleSet"})), ["spec.webAcl.managedRuleGroups[].name", "such as AWSManagedRulesCommonRuleSet"]),
        (group(json!({"name": "CommonRuleSet", "vendor": "AWS"})), ["spec.webAcl.managedRuleGroups[].name", "such as AWSManagedRulesCommonRuleSet"]),
        (group(json!({"name": "A", "vendor": "x/y"})), ["spec.webAcl.managedRuleGroups", "left out for AWS"]),
        (group(json!({"name": "A", "version": "1 0"})), ["spec.webAcl.managedRuleGroups", "such as Version_1.10"]),
        (group(json!({"name": "A", "action": "Block"})), ["action", "\"Enforce\", \"Count\""]),
        (group(json!({"name": "A", "overrides": [{"rule": "a b", "action": "Count"}]})), ["overrides[].rule", "such as SizeRestrictions_BODY"]),
        (group(json!({"name": "A", "overrides": [{"rule": "R", "action": "Drop"}]})), ["overrides[0].action", "\"Captcha\""]),
        (group(json!({"name": "AWSManagedRulesSQLiRuleSet", "action": "Count", "promote": promote("72h", 0)})), ["spec.webAcl.managedRuleGroups[].promote", "write action: Enforce"]),
        (group(json!({"name": "AWSManagedRulesSQLiRuleSet", "promote": promote("3d", 0)})), ["spec.webAcl.managedRuleGroups[].promote.after", "such as 72h"]),
        (group(json!({"name": "AWSManagedRulesSQLiRuleSet", "promote": {"from": "Block", "after": "72h", "maxMatches": 0}})), ["spec.webAcl.managedRuleGroups[0].promote.from", "\"Count\""]),
        (limit(json!({"action": "Count", "promote": promote("72h", 0)})), ["spec.webAcl.rateLimits[].promote", "leave promote out"]),
        (limit(json!({"promote": promote("721h", 0)})), ["spec.webAcl.rateLimits[].promote.after", "1h to 720h"]),
        (limit(json!({"promote": promote("72h", -1)})), ["spec.webAcl.rateLimits[0].promote.maxMatches", "greater than or equal to 0"]),
        (web_acl(json!({"antiDdos": {"promote": promote("721h", 0)}})), ["spec.webAcl.antiDdos.promote.after", "1h to 720h"]),
        (web_acl(json!({"antiDdos": {"promote": promote("72h", -1)}})), ["spec.webAcl.antiDdos.promote.maxMatches", "greater than or equal to 0"]),
        (web_acl(json!({"countries": {"block": ["KP"], "promote": promote("3d", 0)}})), ["spec.webAcl.countries.promote.after", "such as 72h"]),
        (web_acl(json!({"countries": {"promote": promote("72h", 0)}})), ["spec.webAcl.countries", "exactly one of allow and block"]),
        (web_acl(json!({"blockCidrs": ["192.0.2.0/24"], "blockCidrsPromote": promote("0h", 0)})), ["spec.webAcl.blockCidrsPromote.after", "such as 72h"]),
        (web_acl(json!({"blockCidrsPromote": promote("72h", 0)})), ["spec.webAcl.blockCidrsPromote", "write them beside it"]),
        (rule(json!({"Name": "mine", "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}, "Action": {"Count": {}}, "promote": promote("72h", 0)})), ["spec.webAcl.rules[].promote", "write Action: Block: {}"]),
        (rule(json!({"Name": "mine", "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "A"}}, "OverrideAction": {"Count": {}}, "promote": promote("72h", 0)})), ["spec.webAcl.rules[].promote", "OverrideAction: None: {}"]),
        (rule(json!({"Name": "mine", "Statement": {}, "Action": {"Block": {}}, "promote": promote("0h", 0)})), ["spec.webAcl.rules[].promote.after", "such as 72h"]),
        (web_acl(json!({"managedRuleGroups": [{"name": "A"}, {"name": "A"}]})), ["spec.webAcl.managedRuleGroups[1]", "Duplicate value"]),
        (limit(json!({"limit": 9})), ["spec.webAcl.rateLimits[0].limit", "greater than or equal to 10"]),
        (limit(json!({"name": "Per IP"})), ["spec.webAcl.rateLimits", "such as per-ip"]),
        (limit(json!({"window": "3m"})), ["spec.webAcl.rateLimits[0].window", "\"1m\", \"2m\", \"5m\", \"10m\""]),
        (limit(json!({"action": "Allow"})), ["spec.webAcl.rateLimits", "use Block, Count, Captcha or Challenge"]),
        (limit(json!({"scope": {}})), ["spec.webAcl.rateLimits[].scope", "or leave scope out"]),
        (by(json!([])), ["spec.webAcl.rateLimits[0].by", "at least 1 items"]),
        (by(json!([{"type": "Address"}, {"type": "Path"}, {"type": "Method"}, {"type": "Ja3"}, {"type": "Ja4"}, {"type": "Asn"}])), ["spec.webAcl.rateLimits[0].by", "at most 5 items"]),
        (by(json!([{"type": "QueryString"}])), ["spec.webAcl.rateLimits[0].by[0].type", "\"LabelNamespace\""]),
        (by(json!([{"name": "authorization"}])), ["spec.webAcl.rateLimits[0].by[0].type", "Required value"]),
        (by(json!([{"type": "Header"}])), ["spec.webAcl.rateLimits[].by[].name", "such as authorization"]),
        (by(json!([{"type": "Cookie"}])), ["spec.webAcl.rateLimits[].by[].name", "name the header, cookie"]),
        (by(json!([{"type": "QueryArgument"}])), ["spec.webAcl.rateLimits[].by[].name", "name the header, cookie"]),
        (by(json!([{"type": "LabelNamespace"}])), ["spec.webAcl.rateLimits[].by[].name", "name the header, cookie"]),
        (by(json!([{"type": "Path", "name": "/prod"}])), ["spec.webAcl.rateLimits[].by[].name", "leave it out"]),
        (by(json!([{"type": "Header", "name": "a b"}])), ["spec.webAcl.rateLimits[].by[].name", "at most 64 characters"]),
        (by(json!([{"type": "Header", "name": "a".repeat(65)}])), ["spec.webAcl.rateLimits[].by[].name", "at most 64 characters"]),
        (by(json!([{"type": "Cookie", "name": "a b"}])), ["spec.webAcl.rateLimits[].by[].name", "without blanks"]),
        (by(json!([{"type": "ForwardedAddress", "name": "x_real_ip"}])), ["spec.webAcl.rateLimits[].by[].name", "such as X-Forwarded-For"]),
        (by(json!([{"type": "LabelNamespace", "name": "awswaf:clientip"}])), ["spec.webAcl.rateLimits[].by[].name", "ends with a colon"]),
        (by(json!([{"type": "Asn", "fallback": "Match"}])), ["spec.webAcl.rateLimits[].by[].fallback", "leave it out"]),
        (by(json!([{"type": "Ja3", "fallback": "Block"}])), ["spec.webAcl.rateLimits[0].by[0].fallback", "\"NoMatch\", \"Match\""]),
        (by(json!([{"type": "Path"}, {"type": "Path"}])), ["spec.webAcl.rateLimits[].by", "write each key once"]),
        (by(json!([{"type": "Header", "name": "X-Client"}, {"type": "Header", "name": "x-client"}])), ["spec.webAcl.rateLimits[].by", "write each key once"]),
        (by(json!([{"type": "ForwardedAddress"}, {"type": "ForwardedAddress", "name": "X-Real-IP"}, {"type": "Path"}])), ["spec.webAcl.rateLimits[].by", "one ForwardedAddress at most"]),
        (by(json!([{"type": "Address"}, {"type": "ForwardedAddress"}])), ["spec.webAcl.rateLimits[].by", "only with a third key"]),
        (limit(json!({"scope": {"pathPrefix": "login"}})), ["scope.pathPrefix", "start with /"]),
        (limit(json!({"scope": {"cidrs": ["10.0.0.0"]}})), ["scope.cidrs", "such as 192.0.2.0/24"]),
        (limit(json!({"scope": {"countries": ["S1"]}})), ["scope.countries", "such as SE"]),
        (web_acl(json!({"rateLimits": vec![json!({"name": "a", "limit": 10}); 11]})), ["spec.webAcl.rateLimits", "at most 10 items"]),
        (web_acl(json!({"allowCidrs": ["10.0.0.1/8"]})), ["spec.webAcl.allowCidrs", "by their network address"]),
        (web_acl(json!({"allowCidrs": ["300.0.0.0/8"]})), ["spec.webAcl.allowCidrs", "such as 192.0.2.0/24"]),
        (web_acl(json!({"blockCidrs": ["0.0.0.0/0"]})), ["spec.webAcl.blockCidrs", "AWS WAF takes no /0"]),
        (web_acl(json!({"countries": {}})), ["spec.webAcl.countries", "exactly one"]),
        (web_acl(json!({"countries": {"allow": ["se"]}})), ["spec.webAcl.countries.allow", "such as SE"]),
        (web_acl(json!({"countries": {"block": ["S "]}})), ["spec.webAcl.countries.block", "such as SE"]),
        (logging("arn:aws:logs:eu-north-1:111122223333:log-group:aws-waf-logs-x"), ["spec.webAcl.logging.destinationArn", "in us-east-1"]),
        (logging("arn:aws:s3:::my-logs"), ["spec.webAcl.logging.destinationArn", "start with aws-waf-logs-"]),
        (web_acl(json!({"logging": {"destinationArn": "arn:aws:s3:::aws-waf-logs-x", "redactHeaders": ["Cookie"]}})), ["spec.webAcl.logging.redactHeaders", "in lower case"]),
        (rule(json!({"Statement": {}})), ["spec.webAcl.rules[0].Name", "Required value"]),
        (rule(json!({"Name": "a b"})), ["spec.webAcl.rules[].Name", "letters, digits, _ and -"]),
        (rule(json!({"Name": "palisade-mine"})), ["spec.webAcl.rules[].Name", "choose another"]),
        (rule(json!({"Name": "ShieldMitigationRuleGroup_1_2"})), ["spec.webAcl.rules[].Name", "choose another"]),
        (rule(json!({"Name": "PREFMManaged-x"})), ["spec.webAcl.rules[].Name", "choose another"]),
        (rule(json!({"Name": "POSTFMManaged-x"})), ["spec.webAcl.rules[].Name", "choose another"]),
        (rule(json!({"Name": "mine", "Action": {"Block": {}}})), ["spec.webAcl.rules[].Statement", "such as GeoMatchStatement"]),
        (rule(json!({"Name": "mine", "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}})), ["spec.webAcl.rules[]", "such as Block: {}"]),
        (rule(json!({"Name": "mine", "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}, "Action": {"Block": {}}, "OverrideAction": {"None": {}}})), ["spec.webAcl.rules[]", "exactly one of them"]),
        (rule(json!({"Name": "mine", "Priority": 1})), ["spec.webAcl.rules[].Priority", "leave it out"]),
        (web_acl(json!({"rules": [{"Name": "a"}, {"Name": "a"}]})), ["spec.webAcl.rules[1]", "Duplicate value"]),
    ];
    cases.extend(of_names());
    cases.extend(refused_against_ddos());
    cases
}

#[rustfmt::skip] // One case a line.
fn of_names() -> Vec<(Value, [&'static str; 2])> {
    let distribution = |patch: Value| json!({"distribution": patch});
    vec![
        (distribution(json!({"aliases": ["api.example.com"], "requestCertificate": false})), ["spec.distribution.certificateArn", "requestCertificate: true"]),
        (distribution(json!({"aliases": ["api.example.com"], "requestCertificate": true})), ["spec.distribution.requestCertificate", "hostedZoneId"]),
        (distribution(json!({"requestCertificate": true})), ["spec.distribution.requestCertificate", "needs aliases"]),
        (distribution(json!({"aliases": ["api.example.com"], "requestCertificate": true, "hostedZoneId": "Z1", "certificateArn": CERTIFICATE})), ["spec.distribution", "not both"]),
        (distribution(json!({"hostedZoneId": "Z1"})), ["spec.distribution.hostedZoneId", "needs aliases"]),
        (distribution(json!({"aliases": ["api.example.com"], "certificateArn": CERTIFICATE, "hostedZoneId": "/hostedzone/Z1"})), ["spec.distribution.hostedZoneId", "such as Z0123456789ABCDEFGHIJ"]),
        (distribution(json!({"takeOverAliases": true})), ["spec.distribution.takeOverAliases", "needs aliases"]),
    ]
}

#[rustfmt::skip] // One case a line.
fn refused_against_ddos() -> Vec<(Value, [&'static str; 2])> {
    let shield = |patch: Value| json!({"shield": patch});
    vec![
        (json!({"webAcl": {"antiDdos": {"sensitivity": "Extreme"}}}), ["spec.webAcl.antiDdos.sensitivity", "\"Low\", \"Medium\", \"High\""]),
        (json!({"webAcl": {"antiDdos": {"exemptPaths": [""]}}}), ["spec.webAcl.antiDdos.exemptPaths", "such as ^/prod/"]),
        (json!({"shield": {"automaticResponse": {}}, "webAcl": {"antiDdos": {}}}), ["spec.webAcl.antiDdos", "leave one of them out"]),
        (shield(json!({"automaticResponse": {"action": "Off"}})), ["spec.shield.automaticResponse.action", "\"Count\", \"Block\""]),
        (shield(json!({"automaticResponse": {"action": "Block", "promoteAfter": "720h"}})), ["spec.shield.automaticResponse.promoteAfter", "write action: Count"]),
        (shield(json!({"automaticResponse": {"promoteAfter": "23h"}})), ["spec.shield.automaticResponse.promoteAfter", "24h to 9999h"]),
        (shield(json!({"automaticResponse": {"promoteAfter": "30d"}})), ["spec.shield.automaticResponse.promoteAfter", "such as 720h"]),
        (shield(json!({"healthCheck": {}})), ["spec.shield.healthCheck", "exactly one of id"]),
        (shield(json!({"healthCheck": {"id": CHECK, "path": "/"}})), ["spec.shield.healthCheck", "exactly one of id"]),
        (shield(json!({"healthCheck": {"id": "mine"}})), ["spec.shield.healthCheck.id", "must be a health check's id"]),
        (shield(json!({"healthCheck": {"id": CHECK, "interval": "10s"}})), ["spec.shield.healthCheck", "belong to path"]),
        (shield(json!({"healthCheck": {"path": "prod/health"}})), ["spec.shield.healthCheck.path", "start with /"]),
        (shield(json!({"healthCheck": {"path": "/", "interval": "20s"}})), ["spec.shield.healthCheck.interval", "\"10s\", \"30s\""]),
        (shield(json!({"healthCheck": {"path": "/", "failureThreshold": 11}})), ["spec.shield.healthCheck.failureThreshold", "less than or equal to 10"]),
        (shield(json!({"ddosAlarm": {"snsTopicArn": "arn:aws:sns:eu-north-1:123456789012:attacks"}})), ["spec.shield.ddosAlarm.snsTopicArn", "in us-east-1"]),
        (shield(json!({"ddosAlarm": {}})), ["spec.shield.ddosAlarm.snsTopicArn", "Required value"]),
    ]
}
