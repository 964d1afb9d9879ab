//! What we manage of a distribution's configuration, written into CloudFront's document.
//!
//! Everything else in the document (further behaviours, origins, error pages, elements we do not know) stays as it is.

mod methods;

use self::methods::allowed_methods;
use super::config::{Logging, ORIGIN_ID, Origin, SIGNING_EVENT, Settings};
use super::xml::{self, Element};
use crate::domain::kernel::secret::Secret;
use std::collections::BTreeSet;
use xmltree::XMLNode;

/// CloudFront's order of a configuration's elements, from its service model.
pub(super) const CONFIG_ORDER: [&str; 24] = [
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

pub(super) const BEHAVIOR_ORDER: [&str; 19] = [
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

pub(super) const ORIGIN_ORDER: [&str; 11] = [
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

pub(super) const CUSTOM_ORIGIN_ORDER: [&str; 8] = [
    "HTTPPort",
    "HTTPSPort",
    "OriginProtocolPolicy",
    "OriginSslProtocols",
    "OriginReadTimeout",
    "OriginKeepaliveTimeout",
    "IpAddressType",
    MTLS,
];

/// The element of an origin that is shown a client certificate.
const MTLS: &str = "OriginMtlsConfig";

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
    let certificate = config.get_child("ViewerCertificate").cloned();
    let logs = config.get_child("Logging").cloned();
    let mut restrictions = config
        .get_child("Restrictions")
        .cloned()
        .unwrap_or_else(|| Element::new("Restrictions"));
    let geo = geo_restriction(restrictions.get_child("GeoRestriction"), settings);
    xml::put(&mut restrictions, geo, &[]);
    let mut put = |element: Element| xml::put(config, element, &CONFIG_ORDER);
    put(xml::list("Aliases", texts("CNAME", &settings.aliases)));
    put(xml::text("Comment", &settings.comment));
    put(logging(logs.as_ref(), settings.logging.as_ref()));
    put(xml::text("PriceClass", &settings.price_class));
    put(xml::text("Enabled", settings.enabled));
    put(viewer_certificate(certificate.as_ref(), settings));
    put(xml::text("WebACLId", &settings.web_acl_arn));
    put(xml::text("HttpVersion", &settings.http_version));
    if let Some(ipv6) = settings.ipv6 {
        put(xml::text("IsIPV6Enabled", ipv6));
    }
    put(restrictions);
    write_error_caching(config, settings);
    write_behavior(config, settings);
    write_origin(config, &settings.origin);
}

fn texts(name: &str, values: &BTreeSet<String>) -> Vec<Element> {
    values.iter().map(|value| xml::text(name, value)).collect()
}

/// The element called `name`: `children` in place of its children called one of `ours`, all others as they are in `found`.
fn rewritten(name: &str, found: Option<&Element>, ours: &[&str], children: Vec<Element>) -> Element {
    let mut element = xml::parent(name, children);
    let is_ours = |node: &&XMLNode| {
        node.as_element()
            .is_some_and(|child| ours.contains(&child.name.as_str()))
    };
    let others = found.into_iter().flat_map(|found| &found.children);
    element
        .children
        .extend(others.filter(|node| !is_ours(node)).cloned());
    element
}

fn geo_restriction(found: Option<&Element>, settings: &Settings) -> Element {
    let wanted = &settings.geo_restriction;
    let list = xml::list("GeoRestriction", texts("Location", &wanted.countries));
    let mut children = vec![xml::text("RestrictionType", &wanted.kind)];
    children.extend(elements(list));
    rewritten(
        "GeoRestriction",
        found,
        &["RestrictionType", "Quantity", "Items"],
        children,
    )
}

fn elements(parent: Element) -> Vec<Element> {
    let element = |node| match node {
        XMLNode::Element(element) => Some(element),
        _ => None,
    };
    parent.children.into_iter().filter_map(element).collect()
}

fn logging(found: Option<&Element>, logging: Option<&Logging>) -> Element {
    let (bucket, prefix) = logging.map_or(("", ""), |logging| (&logging.bucket, &logging.prefix));
    let cookies = found.and_then(|found| xml::text_at(found, "IncludeCookies"));
    let children = vec![
        xml::text("Enabled", logging.is_some()),
        xml::text("IncludeCookies", cookies.unwrap_or_else(|| "false".to_owned())),
        xml::text("Bucket", bucket),
        xml::text("Prefix", prefix),
    ];
    rewritten(
        "Logging",
        found,
        &["Enabled", "IncludeCookies", "Bucket", "Prefix"],
        children,
    )
}

/// The last two are CloudFront's older way of saying the same, which it still adds to its answers.
const CERTIFICATE: [&str; 7] = [
    "CloudFrontDefaultCertificate",
    "IAMCertificateId",
    "ACMCertificateArn",
    "SSLSupportMethod",
    "MinimumProtocolVersion",
    "Certificate",
    "CertificateSource",
];

fn viewer_certificate(found: Option<&Element>, settings: &Settings) -> Element {
    // Clients without SNI may depend on what somebody has chosen. CloudFront's own certificate has a method that nobody chose.
    let found_arn = found.filter(|found| xml::text_at(found, "ACMCertificateArn").is_some());
    let method = found_arn.and_then(|found| xml::text_at(found, "SSLSupportMethod"));
    let method = method.unwrap_or_else(|| "sni-only".to_owned());
    let children = match &settings.certificate_arn {
        None => vec![xml::text("CloudFrontDefaultCertificate", true)],
        Some(arn) => vec![
            xml::text("CloudFrontDefaultCertificate", false),
            xml::text("ACMCertificateArn", arn),
            xml::text("SSLSupportMethod", method),
            xml::text(
                "MinimumProtocolVersion",
                settings.minimum_tls_version.as_deref().unwrap_or_default(),
            ),
        ],
    };
    rewritten("ViewerCertificate", found, &CERTIFICATE, children)
}

/// Has error answers not cached. Which page answers them, and with which status, is left as it is.
fn write_error_caching(config: &mut Element, settings: &Settings) {
    let mut responses: Vec<Element> = xml::items_at(config, "CustomErrorResponses")
        .into_iter()
        .cloned()
        .collect();
    for code in settings.uncached_errors.iter().flatten() {
        let code = code.to_string();
        let is_meant =
            |response: &Element| xml::text_at(response, "ErrorCode").as_deref() == Some(code.as_str());
        let at = responses.iter().position(is_meant).unwrap_or_else(|| {
            let response = xml::parent("CustomErrorResponse", vec![xml::text("ErrorCode", &code)]);
            responses.push(response);
            responses.len() - 1
        });
        xml::put(&mut responses[at], xml::text("ErrorCachingMinTTL", 0), &[]);
    }
    xml::put(
        config,
        xml::list("CustomErrorResponses", responses),
        &CONFIG_ORDER,
    );
}

fn write_behavior(config: &mut Element, settings: &Settings) {
    let Some(behavior) = config.get_mut_child("DefaultCacheBehavior") else {
        return;
    };
    let associations = associations(behavior, settings);
    let methods = settings.allowed_methods.as_ref();
    let allowed = methods.map(|methods| allowed_methods(behavior.get_child("AllowedMethods"), methods));
    let mut put = |element: Element| xml::put(behavior, element, &BEHAVIOR_ORDER);
    put(xml::text("TargetOriginId", &settings.origin.id));
    if let Some(policy) = &settings.viewer_protocol_policy {
        put(xml::text("ViewerProtocolPolicy", policy));
    }
    if let Some(allowed) = allowed {
        put(allowed);
    }
    put(xml::text("Compress", settings.compress));
    put(xml::list("LambdaFunctionAssociations", associations));
    put(xml::text("CachePolicyId", &settings.cache_policy_id));
    let request = &settings.origin_request_policy_id;
    let request = Some(request).filter(|id| !id.is_empty());
    for (name, policy) in [
        ("OriginRequestPolicyId", request),
        (
            "ResponseHeadersPolicyId",
            settings.response_headers_policy_id.as_ref(),
        ),
    ] {
        match policy {
            Some(id) => xml::put(behavior, xml::text(name, id), &BEHAVIOR_ORDER),
            None => xml::remove(behavior, name),
        }
    }
    // A cache policy excludes the older way of saying the same.
    for legacy in ["ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"] {
        xml::remove(behavior, legacy);
    }
}

/// The functions of others on their events, and the signer on its own.
fn associations(behavior: &Element, settings: &Settings) -> Vec<Element> {
    let is_signer = |item: &&Element| xml::text_at(item, "EventType").as_deref() == Some(SIGNING_EVENT);
    let found = xml::items_at(behavior, "LambdaFunctionAssociations");
    let children = vec![
        xml::text("LambdaFunctionARN", &settings.signer_version_arn),
        xml::text("EventType", SIGNING_EVENT),
        xml::text("IncludeBody", settings.signer_includes_body),
    ];
    let signer = rewritten(
        "LambdaFunctionAssociation",
        found.iter().copied().find(is_signer),
        &["LambdaFunctionARN", "EventType", "IncludeBody"],
        children,
    );
    let others = found.into_iter().filter(|item| !is_signer(item)).cloned();
    let signer = Some(signer).filter(|_| !settings.signer_version_arn.is_empty());
    others.chain(signer).collect()
}

/// Writes our origin, beside those of others.
fn write_origin(config: &mut Element, settings: &Origin) {
    let mut origins: Vec<Element> = xml::items_at(config, "Origins").into_iter().cloned().collect();
    let is_ours = |origin: &Element| xml::text_at(origin, "Id").as_deref() == Some(settings.id.as_str());
    let index = origins.iter().position(is_ours).unwrap_or_else(|| {
        origins.push(xml::parent("Origin", vec![xml::text("Id", &settings.id)]));
        origins.len() - 1
    });
    let origin = &mut origins[index];
    let mut custom = origin
        .get_child("CustomOriginConfig")
        .cloned()
        .unwrap_or_else(|| Element::new("CustomOriginConfig"));
    // A new origin must say it; nothing goes there.
    let http_port = custom.get_child("HTTPPort").cloned();
    for element in [
        http_port.unwrap_or_else(|| xml::text("HTTPPort", 80)),
        xml::text("HTTPSPort", settings.https_port),
        xml::text("OriginProtocolPolicy", &settings.protocol_policy),
        xml::list("OriginSslProtocols", texts("SslProtocol", &settings.tls_versions)),
        xml::text("OriginReadTimeout", settings.read_timeout),
        // An update must say it, a new origin has none yet.
        custom
            .get_child("OriginKeepaliveTimeout")
            .cloned()
            .unwrap_or_else(|| xml::text("OriginKeepaliveTimeout", 5)),
    ] {
        xml::put(&mut custom, element, &CUSTOM_ORIGIN_ORDER);
    }
    match client_certificate(&custom, settings) {
        Some(shown) => xml::put(&mut custom, shown, &CUSTOM_ORIGIN_ORDER),
        None => xml::remove(&mut custom, MTLS),
    }
    let headers = custom_headers(origin, settings);
    xml::put(
        origin,
        xml::text("DomainName", &settings.domain_name),
        &ORIGIN_ORDER,
    );
    xml::put(origin, xml::text("OriginPath", &settings.path), &ORIGIN_ORDER);
    xml::put(origin, xml::list("CustomHeaders", headers), &ORIGIN_ORDER);
    xml::put(origin, custom, &ORIGIN_ORDER);
    xml::put(config, xml::list("Origins", origins), &CONFIG_ORDER);
}

/// What has CloudFront show a client certificate to our origin; `None` where none is wanted.
fn client_certificate(custom: &Element, settings: &Origin) -> Option<Element> {
    const ARN: &str = "ClientCertificateArn";
    let arn = settings.client_certificate_arn.as_ref()?;
    let children = vec![xml::text(ARN, arn)];
    Some(rewritten(MTLS, custom.get_child(MTLS), &[ARN], children))
}

/// The headers of others, and those whose values we made.
fn custom_headers(origin: &Element, settings: &Origin) -> Vec<Element> {
    let is_foreign = |item: &&Element| {
        let text = |path: &str| xml::text_at(item, path).unwrap_or_default();
        let is_wanted = settings.headers.contains_key(&text("HeaderName").to_lowercase());
        !is_wanted && !Secret::new(text("HeaderValue")).is_ours()
    };
    let found = xml::items_at(origin, "CustomHeaders").into_iter();
    let others = found.filter(is_foreign).cloned();
    let ours = settings.headers.iter().map(|(name, value)| {
        let children = vec![
            xml::text("HeaderName", name),
            xml::text("HeaderValue", value.expose()),
        ];
        xml::parent("OriginCustomHeader", children)
    });
    others.chain(ours).collect()
}

/// `config` switched off, the first step of a deletion; everything else stays.
#[must_use]
pub fn disabled(config: &Element) -> Element {
    let mut config = config.clone();
    xml::put(&mut config, xml::text("Enabled", false), &CONFIG_ORDER);
    config
}
