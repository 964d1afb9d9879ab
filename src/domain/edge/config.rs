//! What we manage of a distribution's configuration, as read from CloudFront's document.

use super::xml::{self, Element};
use crate::domain::access::proof::Sent;
use crate::domain::kernel::secret::Secret;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// AWS's managed cache policy `CachingDisabled`.
pub const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/// AWS's managed origin request policy `AllViewerExceptHostHeader`.
pub const ALL_VIEWER_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
/// Has viewers who ask without TLS refused.
const HTTPS_ONLY: &str = "https-only";
/// Where an origin says which client certificate it is shown.
const CLIENT_CERTIFICATE: &str = "CustomOriginConfig/OriginMtlsConfig/ClientCertificateArn";
/// Id of our origin within the distribution.
pub(super) const ORIGIN_ID: &str = "palisade-api";
pub(super) const SIGNING_EVENT: &str = "origin-request";
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// What we manage of a configuration, as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
#[allow(clippy::struct_excessive_bools, reason = "they are CloudFront's")]
pub struct Settings {
    pub enabled: bool,
    pub comment: String,
    pub aliases: BTreeSet<String>,
    pub certificate_arn: Option<String>,
    pub minimum_tls_version: Option<String>,
    pub price_class: String,
    pub http_version: String,
    /// Whether viewers may come by IPv6; `None` where that stays as it is found.
    pub ipv6: Option<bool>,
    pub web_acl_arn: String,
    pub geo_restriction: GeoRestriction,
    pub logging: Option<Logging>,
    pub origin: Origin,
    pub cache_policy_id: String,
    pub origin_request_policy_id: String,
    pub response_headers_policy_id: Option<String>,
    /// The error answers that are not cached; `None` where that is the team's own business.
    pub uncached_errors: Option<BTreeSet<u16>>,
    /// What becomes of viewers who ask without TLS; `None` where that stays as it is found.
    pub viewer_protocol_policy: Option<String>,
    /// The methods that are let through; `None` where those stay as they are found.
    pub allowed_methods: Option<BTreeSet<String>>,
    pub compress: bool,
    /// Empty where no signer is associated.
    pub signer_version_arn: String,
    pub signer_includes_body: bool,
}

/// Our origin: the API's default endpoint, or the custom domain name of mutual TLS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Origin {
    /// The id by which the default behaviour names it.
    pub id: String,
    pub domain_name: String,
    pub path: String,
    /// Seconds.
    pub read_timeout: u32,
    pub protocol_policy: String,
    /// API Gateway serves HTTPS on no other.
    pub https_port: u16,
    pub tls_versions: BTreeSet<String>,
    /// ARN of the client certificate that is shown where the origin asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_arn: Option<String>,
    /// Headers with values of ours that CloudFront adds to each request, by name in lower case.
    pub headers: BTreeMap<String, Secret>,
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

/// The statuses of error answers that CloudFront keeps, by path alone and for 10 seconds, whatever the cache policy says.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html>
const CACHED_ERRORS: [u16; 11] = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/// All error answers that CloudFront would keep.
#[must_use]
pub fn error_codes() -> BTreeSet<u16> {
    CACHED_ERRORS.into()
}

/// A page that answers errors of one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorPage {
    error: u16,
    page: String,
    /// The status that viewers get; none where it is the error's own.
    response: Option<u16>,
}

impl ErrorPage {
    /// Whether viewers cannot tell that they were refused, or that the API failed.
    #[must_use]
    pub fn disguises(&self) -> bool {
        let response = self.response.unwrap_or(self.error);
        response < 400 || (self.error == 403 && response != 403)
    }

    /// The page in words.
    #[must_use]
    pub fn words(&self) -> String {
        let response = self.response.unwrap_or(self.error);
        format!("{} becomes {response} with {}", self.error, self.page)
    }
}

/// The continuous deployment policy by which a staging distribution serves some of the viewers.
#[must_use]
pub fn continuous_deployment(config: &Element) -> Option<String> {
    xml::text_at(config, "ContinuousDeploymentPolicyId").filter(|policy| !policy.is_empty())
}

/// The pages that answer errors in place of the API.
#[must_use]
pub fn error_pages(config: &Element) -> Vec<ErrorPage> {
    let page = |response: &Element| {
        let number = |name: &str| xml::text_at(response, name)?.parse().ok();
        Some(ErrorPage {
            error: number("ErrorCode")?,
            page: xml::text_at(response, "ResponsePagePath")?,
            response: number("ResponseCode"),
        })
    };
    let responses = xml::items_at(config, "CustomErrorResponses").into_iter();
    responses.filter_map(page).collect()
}

fn uncached_errors(config: &Element) -> BTreeSet<u16> {
    let responses = xml::items_at(config, "CustomErrorResponses").into_iter();
    let uncached =
        responses.filter(|response| xml::text_at(response, "ErrorCachingMinTTL").as_deref() == Some("0"));
    uncached
        .filter_map(|response| xml::text_at(response, "ErrorCode")?.parse().ok())
        .filter(|code| CACHED_ERRORS.contains(code))
        .collect()
}

impl Settings {
    /// What never depends on the spec.
    #[must_use]
    pub fn baseline() -> Self {
        Self {
            enabled: true,
            ipv6: Some(true),
            compress: true,
            viewer_protocol_policy: Some(HTTPS_ONLY.into()),
            allowed_methods: Some(METHODS.map(ToOwned::to_owned).into()),
            cache_policy_id: CACHING_DISABLED.into(),
            origin_request_policy_id: ALL_VIEWER_EXCEPT_HOST.into(),
            origin: Origin {
                id: ORIGIN_ID.into(),
                protocol_policy: "https-only".into(),
                https_port: 443,
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
    let certificate_arn = certificate_of(config);
    Settings {
        enabled: is("Enabled"),
        comment: text("Comment").unwrap_or_default(),
        aliases: aliases_of(config),
        // Without a certificate of its own CloudFront reports TLSv1, which nobody chose.
        minimum_tls_version: certificate_arn
            .is_some()
            .then(|| text("ViewerCertificate/MinimumProtocolVersion"))
            .flatten(),
        certificate_arn,
        price_class: text("PriceClass").unwrap_or_default(),
        http_version: text("HttpVersion").unwrap_or_default().to_lowercase(),
        ipv6: Some(is("IsIPV6Enabled")),
        web_acl_arn: web_acl_of(config),
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
        uncached_errors: Some(uncached_errors(config)),
        viewer_protocol_policy: text("DefaultCacheBehavior/ViewerProtocolPolicy"),
        allowed_methods: Some(set("DefaultCacheBehavior/AllowedMethods")),
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

/// The names of `config`.
pub(super) fn aliases_of(config: &Element) -> BTreeSet<String> {
    xml::texts_at(config, "Aliases").into_iter().collect()
}

/// ARN of the certificate of ACM that `config` names.
pub(super) fn certificate_of(config: &Element) -> Option<String> {
    xml::text_at(config, "ViewerCertificate/ACMCertificateArn")
}

/// ARN of the web ACL that `config` names; empty where it names none.
pub(in crate::domain) fn web_acl_of(config: &Element) -> String {
    xml::text_at(config, "WebACLId").unwrap_or_default()
}

/// ARN of the function version that signs by `config`.
pub(in crate::domain) fn function_of(config: &Element) -> Option<String> {
    let arn = signer_of(config).and_then(|signer| xml::text_at(signer, "LambdaFunctionARN"));
    arn.filter(|arn| !arn.is_empty())
}

fn signer_of(config: &Element) -> Option<&Element> {
    xml::items_at(config, "DefaultCacheBehavior/LambdaFunctionAssociations")
        .into_iter()
        .find(|item| xml::text_at(item, "EventType").as_deref() == Some(SIGNING_EVENT))
}

/// What is sent of ours by `config`.
#[must_use]
pub fn sent_of(config: &Element) -> Sent {
    Sent {
        signs: function_of(config).is_some(),
        headers: target_of(config).map(headers_of).unwrap_or_default(),
    }
}

/// The origin that the default behaviour uses.
fn target_of(config: &Element) -> Option<&Element> {
    let target = xml::text_at(config, "DefaultCacheBehavior/TargetOriginId");
    xml::items_at(config, "Origins")
        .into_iter()
        .find(|origin| xml::text_at(origin, "Id") == target)
}

/// Our origin, as `config` has it.
pub(in crate::domain) fn origin_of(config: &Element) -> Origin {
    let Some(origin) = target_of(config) else {
        return Origin::default();
    };
    let text = |path: &str| xml::text_at(origin, path).unwrap_or_default();
    Origin {
        id: text("Id"),
        domain_name: text("DomainName"),
        path: text("OriginPath"),
        read_timeout: text("CustomOriginConfig/OriginReadTimeout")
            .parse()
            .unwrap_or_default(),
        protocol_policy: text("CustomOriginConfig/OriginProtocolPolicy"),
        https_port: text("CustomOriginConfig/HTTPSPort").parse().unwrap_or_default(),
        tls_versions: xml::texts_at(origin, "CustomOriginConfig/OriginSslProtocols")
            .into_iter()
            .collect(),
        client_certificate_arn: xml::text_at(origin, CLIENT_CERTIFICATE),
        headers: headers_of(origin),
    }
}

/// The headers whose values we made; those of others are none of our business.
fn headers_of(origin: &Element) -> BTreeMap<String, Secret> {
    let header = |item: &Element| {
        let name = xml::text_at(item, "HeaderName")?.to_lowercase();
        Some((name, Secret::new(xml::text_at(item, "HeaderValue")?)))
    };
    let all = xml::items_at(origin, "CustomHeaders")
        .into_iter()
        .filter_map(header);
    all.filter(|(_, value)| value.is_ours()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edge::document::{new_config, write_settings};

    const ARN: &str = "arn:aws:acm:us-east-1:111122223333:certificate/1";

    fn shown(certificate: Option<&str>) -> Settings {
        let mut settings = Settings::baseline();
        settings.origin.client_certificate_arn = certificate.map(ToOwned::to_owned);
        settings
    }

    #[test]
    fn a_client_certificate_is_written_read_again_and_taken_away() {
        let mut config = new_config("reference", &shown(Some(ARN)));
        assert_eq!(
            settings_of(&config).origin.client_certificate_arn.as_deref(),
            Some(ARN)
        );
        let origin = target_of(&config).expect("an origin");
        let custom = xml::at(origin, "CustomOriginConfig").expect("its settings");
        let last = custom.children.last().and_then(|node| node.as_element());
        assert_eq!(
            last.map(|element| element.name.as_str()),
            Some("OriginMtlsConfig")
        );
        write_settings(&mut config, &shown(None));
        assert_eq!(settings_of(&config).origin.client_certificate_arn, None);
        let origin = target_of(&config).expect("an origin");
        assert!(xml::at(origin, "CustomOriginConfig/OriginMtlsConfig").is_none());
    }

    #[test]
    fn what_another_origin_is_shown_stays() {
        let mut config = new_config("reference", &shown(None));
        let shows = xml::parent(
            "OriginMtlsConfig",
            vec![xml::text("ClientCertificateArn", "theirs")],
        );
        let other = xml::parent(
            "Origin",
            vec![
                xml::text("Id", "theirs"),
                xml::parent("CustomOriginConfig", vec![shows]),
            ],
        );
        let mut origins: Vec<Element> = xml::items_at(&config, "Origins").into_iter().cloned().collect();
        origins.push(other.clone());
        xml::put(&mut config, xml::list("Origins", origins), &[]);
        write_settings(&mut config, &shown(Some(ARN)));
        assert!(xml::items_at(&config, "Origins").contains(&&other));
    }
}
