//! What we manage of a distribution's configuration: read from CloudFront's document, and written into it.
//!
//! Everything else in the document (further behaviours, origins, error pages, elements we do not know) stays as it is.

use crate::domain::xml::{self, Element};
use serde::Serialize;
use std::collections::BTreeSet;
use xmltree::XMLNode;

/// AWS's managed cache policy `CachingDisabled`.
pub const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/// AWS's managed origin request policy `AllViewerExceptHostHeader`.
pub const ALL_VIEWER_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
/// Id of our origin within the distribution.
const ORIGIN_ID: &str = "palisade-api";
const SIGNING_EVENT: &str = "origin-request";
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// What we manage of a configuration, as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Settings {
    pub enabled: bool,
    pub comment: String,
    pub aliases: BTreeSet<String>,
    pub certificate_arn: Option<String>,
    pub minimum_tls_version: Option<String>,
    pub price_class: String,
    pub http_version: String,
    pub ipv6: bool,
    pub web_acl_arn: String,
    pub geo_restriction: GeoRestriction,
    pub logging: Option<Logging>,
    pub origin: Origin,
    pub cache_policy_id: String,
    pub origin_request_policy_id: String,
    pub response_headers_policy_id: Option<String>,
    pub viewer_protocol_policy: String,
    pub allowed_methods: BTreeSet<String>,
    pub compress: bool,
    pub signer_version_arn: String,
    pub signer_includes_body: bool,
}

/// Our origin: the API's default endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Origin {
    pub domain_name: String,
    pub path: String,
    /// Seconds.
    pub read_timeout: u32,
    pub protocol_policy: String,
    pub tls_versions: BTreeSet<String>,
}

/// CloudFront's own country filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct GeoRestriction {
    /// `none`, `whitelist` or `blacklist`.
    pub kind: String,
    pub countries: BTreeSet<String>,
}

/// Standard logging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[allow(missing_docs)]
pub struct Logging {
    pub bucket: String,
    pub prefix: String,
}

impl Settings {
    /// What never depends on the spec.
    #[must_use]
    pub fn baseline() -> Self {
        Self {
            enabled: true,
            ipv6: true,
            compress: true,
            viewer_protocol_policy: "https-only".into(),
            allowed_methods: METHODS.iter().map(ToString::to_string).collect(),
            signer_includes_body: true,
            origin: Origin {
                protocol_policy: "https-only".into(),
                tls_versions: BTreeSet::from(["TLSv1.2".to_owned()]),
                ..Origin::default()
            },
            ..Self::default()
        }
    }
}

/// What we manage of `config`, as it is.
#[must_use]
pub fn settings_of(config: &Element) -> Settings {
    let text = |path: &str| xml::text_at(config, path);
    let is = |path: &str| text(path).as_deref() == Some("true");
    let set = |path: &str| xml::texts_at(config, path).into_iter().collect::<BTreeSet<_>>();
    let signer = signer_of(config);
    let certificate_arn = text("ViewerCertificate/ACMCertificateArn");
    Settings {
        enabled: is("Enabled"),
        comment: text("Comment").unwrap_or_default(),
        aliases: set("Aliases"),
        // Without a certificate of its own CloudFront reports TLSv1, which nobody chose.
        minimum_tls_version: certificate_arn
            .is_some()
            .then(|| text("ViewerCertificate/MinimumProtocolVersion"))
            .flatten(),
        certificate_arn,
        price_class: text("PriceClass").unwrap_or_default(),
        http_version: text("HttpVersion").unwrap_or_default().to_lowercase(),
        ipv6: is("IsIPV6Enabled"),
        web_acl_arn: text("WebACLId").unwrap_or_default(),
        geo_restriction: GeoRestriction {
            kind: text("Restrictions/GeoRestriction/RestrictionType").unwrap_or_else(|| "none".into()),
            countries: set("Restrictions/GeoRestriction"),
        },
        logging: is("Logging/Enabled").then(|| Logging {
            bucket: text("Logging/Bucket").unwrap_or_default(),
            prefix: text("Logging/Prefix").unwrap_or_default(),
        }),
        origin: origin_of(config),
        cache_policy_id: text("DefaultCacheBehavior/CachePolicyId").unwrap_or_default(),
        origin_request_policy_id: text("DefaultCacheBehavior/OriginRequestPolicyId").unwrap_or_default(),
        response_headers_policy_id: text("DefaultCacheBehavior/ResponseHeadersPolicyId"),
        viewer_protocol_policy: text("DefaultCacheBehavior/ViewerProtocolPolicy").unwrap_or_default(),
        allowed_methods: set("DefaultCacheBehavior/AllowedMethods"),
        compress: is("DefaultCacheBehavior/Compress"),
        signer_version_arn: signer
            .and_then(|signer| xml::text_at(signer, "LambdaFunctionARN"))
            .unwrap_or_default(),
        signer_includes_body: signer
            .and_then(|signer| xml::text_at(signer, "IncludeBody"))
            .as_deref()
            == Some("true"),
    }
}

fn signer_of(config: &Element) -> Option<&Element> {
    xml::items_at(config, "DefaultCacheBehavior/LambdaFunctionAssociations")
        .into_iter()
        .find(|item| xml::text_at(item, "EventType").as_deref() == Some(SIGNING_EVENT))
}

/// The origin that the default behaviour uses.
fn origin_of(config: &Element) -> Origin {
    let target = xml::text_at(config, "DefaultCacheBehavior/TargetOriginId");
    let found = xml::items_at(config, "Origins")
        .into_iter()
        .find(|origin| xml::text_at(origin, "Id") == target);
    let Some(origin) = found else {
        return Origin::default();
    };
    let text = |path: &str| xml::text_at(origin, path).unwrap_or_default();
    Origin {
        domain_name: text("DomainName"),
        path: text("OriginPath"),
        read_timeout: text("CustomOriginConfig/OriginReadTimeout")
            .parse()
            .unwrap_or_default(),
        protocol_policy: text("CustomOriginConfig/OriginProtocolPolicy"),
        tls_versions: xml::texts_at(origin, "CustomOriginConfig/OriginSslProtocols")
            .into_iter()
            .collect(),
    }
}

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
