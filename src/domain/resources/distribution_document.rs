//! What we manage, written into CloudFront's document of a distribution.
//!
//! Everything else in the document (further behaviours, origins, error pages, elements we do not know) stays as it is.

use super::distribution_config::{Logging, ORIGIN_ID, Origin, SIGNING_EVENT, Settings};
use crate::domain::xml::{self, Element};
use std::collections::BTreeSet;
use xmltree::XMLNode;

/// CloudFront's order of a configuration's elements, from its service model.
const CONFIG_ORDER: [&str; 24] = [
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
    "AnycastIpListId",
    "TenantConfig",
    "ConnectionMode",
    "ViewerMtlsConfig",
    "ConnectionFunctionAssociation",
];

const BEHAVIOR_ORDER: [&str; 19] = [
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

const ORIGIN_ORDER: [&str; 11] = [
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
];

/// The configuration of a new distribution.
#[must_use]
pub fn new_config(caller_reference: &str, settings: &Settings) -> Element {
    let behavior = xml::parent(
        "DefaultCacheBehavior",
        vec![xml::text("TargetOriginId", ORIGIN_ID)],
    );
    let origin = xml::parent("Origin", vec![xml::text("Id", ORIGIN_ID)]);
    let mut config = xml::parent(
        "DistributionConfig",
        vec![
            xml::text("CallerReference", caller_reference),
            xml::text("DefaultRootObject", ""),
            xml::list("Origins", vec![origin]),
            behavior,
        ],
    );
    write_settings(&mut config, settings);
    config
}

/// Writes `settings` into `config`; all that we do not manage stays.
pub fn write_settings(config: &mut Element, settings: &Settings) {
    let names = |name: &str, values: &BTreeSet<String>| {
        values
            .iter()
            .map(|value| xml::text(name, value))
            .collect::<Vec<_>>()
    };
    let mut put = |element: Element| xml::put(config, element, &CONFIG_ORDER);
    put(xml::list("Aliases", names("CNAME", &settings.aliases)));
    put(xml::text("Comment", &settings.comment));
    put(logging(settings.logging.as_ref()));
    put(xml::text("PriceClass", &settings.price_class));
    put(xml::text("Enabled", settings.enabled));
    put(viewer_certificate(settings));
    put(xml::text("WebACLId", &settings.web_acl_arn));
    put(xml::text("HttpVersion", &settings.http_version));
    put(xml::text("IsIPV6Enabled", settings.ipv6));
    let mut geo = xml::list(
        "GeoRestriction",
        names("Location", &settings.geo_restriction.countries),
    );
    geo.children.insert(
        0,
        XMLNode::Element(xml::text("RestrictionType", &settings.geo_restriction.kind)),
    );
    put(xml::parent("Restrictions", vec![geo]));
    write_behavior(config, settings);
    write_origin(config, &settings.origin);
}

fn logging(logging: Option<&Logging>) -> Element {
    let (bucket, prefix) = logging.map_or(("", ""), |logging| (&logging.bucket, &logging.prefix));
    xml::parent(
        "Logging",
        vec![
            xml::text("Enabled", logging.is_some()),
            xml::text("IncludeCookies", false),
            xml::text("Bucket", bucket),
            xml::text("Prefix", prefix),
        ],
    )
}

fn viewer_certificate(settings: &Settings) -> Element {
    let children = match &settings.certificate_arn {
        None => vec![xml::text("CloudFrontDefaultCertificate", true)],
        Some(arn) => vec![
            xml::text("CloudFrontDefaultCertificate", false),
            xml::text("ACMCertificateArn", arn),
            xml::text("SSLSupportMethod", "sni-only"),
            xml::text(
                "MinimumProtocolVersion",
                settings.minimum_tls_version.as_deref().unwrap_or_default(),
            ),
        ],
    };
    xml::parent("ViewerCertificate", children)
}

fn write_behavior(config: &mut Element, settings: &Settings) {
    let Some(behavior) = config.get_mut_child("DefaultCacheBehavior") else {
        return;
    };
    let methods = |names: &mut dyn Iterator<Item = &str>| {
        names.map(|name| xml::text("Method", name)).collect::<Vec<_>>()
    };
    let mut allowed = xml::list(
        "AllowedMethods",
        methods(&mut settings.allowed_methods.iter().map(String::as_str)),
    );
    let cached = xml::list("CachedMethods", methods(&mut ["GET", "HEAD"].into_iter()));
    allowed.children.push(XMLNode::Element(cached));
    let signer = xml::parent(
        "LambdaFunctionAssociation",
        vec![
            xml::text("LambdaFunctionARN", &settings.signer_version_arn),
            xml::text("EventType", SIGNING_EVENT),
            xml::text("IncludeBody", settings.signer_includes_body),
        ],
    );
    let others = xml::items_at(behavior, "LambdaFunctionAssociations")
        .into_iter()
        .filter(|item| xml::text_at(item, "EventType").as_deref() != Some(SIGNING_EVENT))
        .cloned();
    let associations: Vec<Element> = others.chain([signer]).collect();
    let mut put = |element: Element| xml::put(behavior, element, &BEHAVIOR_ORDER);
    put(xml::text(
        "ViewerProtocolPolicy",
        &settings.viewer_protocol_policy,
    ));
    put(allowed);
    put(xml::text("Compress", settings.compress));
    put(xml::list("LambdaFunctionAssociations", associations));
    put(xml::text("CachePolicyId", &settings.cache_policy_id));
    put(xml::text(
        "OriginRequestPolicyId",
        &settings.origin_request_policy_id,
    ));
    match &settings.response_headers_policy_id {
        Some(id) => put(xml::text("ResponseHeadersPolicyId", id)),
        None => xml::remove(behavior, "ResponseHeadersPolicyId"),
    }
    // A cache policy excludes the older way of saying the same.
    for legacy in ["ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"] {
        xml::remove(behavior, legacy);
    }
}

fn write_origin(config: &mut Element, settings: &Origin) {
    let target = xml::text_at(config, "DefaultCacheBehavior/TargetOriginId");
    let Some(items) = config
        .get_mut_child("Origins")
        .and_then(|list| list.get_mut_child("Items"))
    else {
        return;
    };
    let found = items
        .children
        .iter_mut()
        .filter_map(XMLNode::as_mut_element)
        .find(|origin| xml::text_at(origin, "Id") == target);
    let Some(origin) = found else { return };
    let mut custom = origin
        .get_child("CustomOriginConfig")
        .cloned()
        .unwrap_or_else(|| Element::new("CustomOriginConfig"));
    let versions = settings
        .tls_versions
        .iter()
        .map(|version| xml::text("SslProtocol", version))
        .collect();
    for element in [
        xml::text("HTTPPort", 80),
        xml::text("HTTPSPort", 443),
        xml::text("OriginProtocolPolicy", &settings.protocol_policy),
        xml::list("OriginSslProtocols", versions),
        xml::text("OriginReadTimeout", settings.read_timeout),
    ] {
        xml::put(&mut custom, element, &["OriginKeepaliveTimeout", "IpAddressType"]);
    }
    xml::put(
        origin,
        xml::text("DomainName", &settings.domain_name),
        &ORIGIN_ORDER,
    );
    xml::put(origin, xml::text("OriginPath", &settings.path), &ORIGIN_ORDER);
    xml::put(origin, custom, &ORIGIN_ORDER);
}

/// `config` switched off, the first step of a deletion; everything else stays.
#[must_use]
pub fn disabled(config: &Element) -> Element {
    let mut config = config.clone();
    xml::put(&mut config, xml::text("Enabled", false), &CONFIG_ORDER);
    config
}
