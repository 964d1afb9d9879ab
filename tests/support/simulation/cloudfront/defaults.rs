//! What CloudFront adds to a configuration: everything left out comes back explicit, in the service model's order.

use palisade::domain::edge::xml::{self, Element};
use xmltree::XMLNode;

const CONFIG: &[&str] = &[
    "CallerReference",
    "Aliases",
    "DefaultRootObject",
    "Origins",
    "OriginGroups",
    "DefaultCacheBehavior",
    "CacheBehaviors",
    "CustomErrorResponses",
    "Comment",
    "Logging",
    "PriceClass",
    "Enabled",
    "ViewerCertificate",
    "Restrictions",
    "WebACLId",
    "HttpVersion",
    "IsIPV6Enabled",
    "ContinuousDeploymentPolicyId",
    "Staging",
];
const ERROR_RESPONSE: &[&str] = &[
    "ErrorCode",
    "ResponsePagePath",
    "ResponseCode",
    "ErrorCachingMinTTL",
];
const ORIGIN: &[&str] = &[
    "Id",
    "DomainName",
    "OriginPath",
    "CustomHeaders",
    "S3OriginConfig",
    "CustomOriginConfig",
    "VpcOriginConfig",
    "ConnectionAttempts",
    "ConnectionTimeout",
    "ResponseCompletionTimeout",
    "OriginShield",
    "OriginAccessControlId",
];
const BEHAVIOUR: &[&str] = &[
    "PathPattern",
    "TargetOriginId",
    "TrustedSigners",
    "TrustedKeyGroups",
    "ViewerProtocolPolicy",
    "AllowedMethods",
    "SmoothStreaming",
    "Compress",
    "LambdaFunctionAssociations",
    "FunctionAssociations",
    "FieldLevelEncryptionId",
    "RealtimeLogConfigArn",
    "CachePolicyId",
    "OriginRequestPolicyId",
    "ResponseHeadersPolicyId",
    "GrpcConfig",
    "ForwardedValues",
    "MinTTL",
    "DefaultTTL",
    "MaxTTL",
];
/// CloudFront answers methods in an order of its own, whatever it was sent.
const METHODS: &[&str] = &["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"];

/// The configuration as CloudFront keeps it.
pub fn fill_in(given: &Element) -> Element {
    let mut config = given.clone();
    for name in [
        "Aliases",
        "OriginGroups",
        "CacheBehaviors",
        "CustomErrorResponses",
    ] {
        ensure_list(&mut config, name);
    }
    for (name, value) in [
        ("DefaultRootObject", ""),
        ("PriceClass", "PriceClass_All"),
        ("WebACLId", ""),
        ("HttpVersion", "http2"),
        ("IsIPV6Enabled", "false"),
        ("ContinuousDeploymentPolicyId", ""),
        ("Staging", "false"),
    ] {
        ensure(&mut config, name, value);
    }
    let logging = ensure(&mut config, "Logging", "");
    for (name, value) in [
        ("Enabled", "false"),
        ("IncludeCookies", "false"),
        ("Bucket", ""),
        ("Prefix", ""),
    ] {
        ensure(logging, name, value);
    }
    let restriction = ensure(ensure(&mut config, "Restrictions", ""), "GeoRestriction", "");
    ensure(restriction, "RestrictionType", "none");
    ensure(restriction, "Quantity", "0");
    fill_in_certificate(ensure(&mut config, "ViewerCertificate", ""));
    items_mut(&mut config, "Origins")
        .into_iter()
        .for_each(fill_in_origin);
    fill_in_behaviour(ensure(&mut config, "DefaultCacheBehavior", ""));
    items_mut(&mut config, "CacheBehaviors")
        .into_iter()
        .for_each(fill_in_behaviour);
    for response in items_mut(&mut config, "CustomErrorResponses") {
        for (name, value) in [
            ("ResponsePagePath", ""),
            ("ResponseCode", ""),
            ("ErrorCachingMinTTL", "10"),
        ] {
            ensure(response, name, value);
        }
        arrange(response, ERROR_RESPONSE);
    }
    arrange(&mut config, CONFIG);
    config
}

fn fill_in_certificate(certificate: &mut Element) {
    let arn = xml::text_at(certificate, "ACMCertificateArn");
    if let Some(arn) = arn
        .clone()
        .or_else(|| xml::text_at(certificate, "IAMCertificateId"))
    {
        set(certificate, "CloudFrontDefaultCertificate", "false");
        ensure(certificate, "MinimumProtocolVersion", "TLSv1");
        // Both are deprecated, and still in every answer.
        set(certificate, "Certificate", arn);
        set(certificate, "CertificateSource", "acm");
        return;
    }
    ensure(certificate, "CloudFrontDefaultCertificate", "true");
    // With its own certificate CloudFront takes every version and client, whatever was asked for.
    set(certificate, "SSLSupportMethod", "vip");
    set(certificate, "MinimumProtocolVersion", "TLSv1");
    set(certificate, "CertificateSource", "cloudfront");
}

fn fill_in_origin(origin: &mut Element) {
    ensure(origin, "OriginPath", "");
    ensure_list(origin, "CustomHeaders");
    ensure(origin, "ConnectionAttempts", "3");
    ensure(origin, "ConnectionTimeout", "10");
    ensure(ensure(origin, "OriginShield", ""), "Enabled", "false");
    ensure(origin, "OriginAccessControlId", "");
    if let Some(custom) = origin.get_mut_child("CustomOriginConfig") {
        if custom.get_child("OriginSslProtocols").is_none() {
            set_list(
                ensure(custom, "OriginSslProtocols", ""),
                "SslProtocol",
                &["TLSv1", "SSLv3"],
            );
        }
        ensure(custom, "OriginReadTimeout", "30");
        ensure(custom, "OriginKeepaliveTimeout", "5");
    }
    arrange(origin, ORIGIN);
}

fn fill_in_behaviour(behaviour: &mut Element) {
    for name in ["TrustedSigners", "TrustedKeyGroups"] {
        ensure(ensure(behaviour, name, ""), "Enabled", "false");
        ensure_list(behaviour, name);
    }
    fill_in_methods(behaviour);
    ensure(behaviour, "SmoothStreaming", "false");
    ensure(behaviour, "Compress", "false");
    ensure_list(behaviour, "LambdaFunctionAssociations");
    for association in items_mut(behaviour, "LambdaFunctionAssociations") {
        ensure(association, "IncludeBody", "false");
    }
    ensure_list(behaviour, "FunctionAssociations");
    ensure(behaviour, "FieldLevelEncryptionId", "");
    ensure(ensure(behaviour, "GrpcConfig", ""), "Enabled", "false");
    if let Some(forwarded) = behaviour.get_mut_child("ForwardedValues") {
        ensure_list(forwarded, "Headers");
        ensure_list(forwarded, "QueryStringCacheKeys");
        for (name, value) in [("MinTTL", "0"), ("DefaultTTL", "86400"), ("MaxTTL", "31536000")] {
            ensure(behaviour, name, value);
        }
    }
    arrange(behaviour, BEHAVIOUR);
}

fn fill_in_methods(behaviour: &mut Element) {
    let in_order = |found: Vec<String>| {
        let mut names = if found.is_empty() {
            vec!["HEAD".to_owned(), "GET".to_owned()]
        } else {
            found
        };
        names.sort_by_key(|name| METHODS.iter().position(|known| known == name));
        names
    };
    let allowed = in_order(xml::texts_at(behaviour, "AllowedMethods"));
    let cached = in_order(xml::texts_at(behaviour, "AllowedMethods/CachedMethods"));
    let methods = ensure(behaviour, "AllowedMethods", "");
    set_list(methods, "Method", &allowed);
    set_list(ensure(methods, "CachedMethods", ""), "Method", &cached);
}

/// The child called `name`, made with `value` where it is missing.
pub fn ensure<'a>(parent: &'a mut Element, name: &str, value: &str) -> &'a mut Element {
    if parent.get_child(name).is_none() {
        parent.children.push(XMLNode::Element(xml::text(name, value)));
    }
    parent
        .get_mut_child(name)
        .expect("it was there or has just been made")
}

/// Writes the text of the child called `name`.
pub fn set(parent: &mut Element, name: &str, value: impl ToString) {
    xml::put(parent, xml::text(name, value), &[]);
}

/// An optional list comes back explicit.
fn ensure_list(parent: &mut Element, name: &str) {
    let count = xml::items_at(parent, name).len().to_string();
    ensure(ensure(parent, name, ""), "Quantity", &count);
}

fn set_list(list: &mut Element, item: &str, values: &[impl ToString]) {
    set(list, "Quantity", values.len());
    let items = values
        .iter()
        .map(|value| xml::text(item, value.to_string()))
        .collect();
    xml::put(list, xml::parent("Items", items), &[]);
}

fn items_mut<'a>(parent: &'a mut Element, list: &str) -> Vec<&'a mut Element> {
    let items = parent
        .get_mut_child(list)
        .and_then(|list| list.get_mut_child("Items"));
    items
        .map(|items| {
            items
                .children
                .iter_mut()
                .filter_map(XMLNode::as_mut_element)
                .collect()
        })
        .unwrap_or_default()
}

/// Puts children in the model's order; one that it does not know stays behind the one that it followed.
fn arrange(element: &mut Element, order: &[&str]) {
    let mut place = 0;
    let mut placed: Vec<(usize, XMLNode)> = Vec::new();
    for child in element.children.drain(..) {
        let name = child
            .as_element()
            .map(|child| child.name.as_str())
            .unwrap_or_default();
        place = order.iter().position(|known| *known == name).unwrap_or(place);
        placed.push((place, child));
    }
    placed.sort_by_key(|(place, _)| *place);
    element.children = placed.into_iter().map(|(_, child)| child).collect();
}
