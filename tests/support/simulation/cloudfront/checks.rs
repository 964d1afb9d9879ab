//! What CloudFront refuses about a configuration.

use super::super::account::Account;
use super::super::clock;
use super::super::refusal::{Outcome, Refusal};
use super::policies::{self, OwnPolicy};
use super::{Distribution, behaviours, client_certificate, client_certificates_of, function_arns};
use palisade::domain::edge::xml::{self, Element};
use std::collections::BTreeSet;
use xmltree::XMLNode;

const REQUIRED: &[&str] = &[
    "CallerReference",
    "Origins",
    "DefaultCacheBehavior",
    "Comment",
    "Enabled",
];
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-overview-required-fields.html
const FOR_UPDATES: &[&str] = &[
    "Aliases",
    "DefaultRootObject",
    "CacheBehaviors",
    "CustomErrorResponses",
    "Logging",
    "PriceClass",
    "ViewerCertificate",
    "Restrictions",
    "WebACLId",
    "HttpVersion",
];
const BEHAVIOUR_FOR_UPDATES: &[&str] = &[
    "AllowedMethods",
    "SmoothStreaming",
    "Compress",
    "LambdaFunctionAssociations",
    "FieldLevelEncryptionId",
];
const ORIGIN_FOR_UPDATES: &[&str] = &["OriginPath", "CustomHeaders"];
const CUSTOM_ORIGIN_FOR_UPDATES: &[&str] = &[
    "OriginSslProtocols",
    "OriginReadTimeout",
    "OriginKeepaliveTimeout",
];

/// The errors of which something can be said.
const ERRORS: &[&str] = &[
    "400", "403", "404", "405", "414", "416", "500", "501", "502", "503", "504",
];
/// The sets of methods that a behaviour may allow.
const METHODS: &[&[&str]] = &[
    &["HEAD", "GET"],
    &["HEAD", "GET", "OPTIONS"],
    &["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"],
];
/// As many client certificates one call may add or change.
const MOST_CLIENT_CERTIFICATES: usize = 5;
const LONGEST_COMMENT: usize = 128;
const ALIAS_HELP: &str = "For more details, see: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-requirements";

/// Required members and counts.
pub fn check_form(config: &Element) -> Outcome<()> {
    if let Some(missing) = REQUIRED.iter().find(|name| config.get_child(**name).is_none()) {
        let message = format!("The parameter {missing} is required: it is missing from DistributionConfig.");
        return Refusal::refuse("MissingArgument", message);
    }
    if xml::text_at(config, "Comment").is_some_and(|comment| comment.len() > LONGEST_COMMENT) {
        return Refusal::refuse("InvalidArgument", "The parameter Comment is too long.");
    }
    check_quantities(config)
}

fn check_quantities(element: &Element) -> Outcome<()> {
    if let Some(quantity) = xml::text_at(element, "Quantity") {
        let held = element
            .get_child("Items")
            .map_or(0, |items| elements(items).count());
        if quantity != held.to_string() {
            let message = "The value of Quantity and the size of Items don't match.";
            return Refusal::refuse("InconsistentQuantities", message);
        }
    }
    elements(element).try_for_each(check_quantities)
}

fn elements(element: &Element) -> impl Iterator<Item = &Element> {
    element.children.iter().filter_map(XMLNode::as_element)
}

/// An update needs more than a creation: whoever does not start from what was read is refused.
pub fn check_update_fields(config: &Element) -> Outcome<()> {
    require(config, FOR_UPDATES)?;
    for behaviour in behaviours(config) {
        require(behaviour, BEHAVIOUR_FOR_UPDATES)?;
    }
    for origin in xml::items_at(config, "Origins") {
        require(origin, ORIGIN_FOR_UPDATES)?;
        if let Some(custom) = origin.get_child("CustomOriginConfig") {
            require(custom, CUSTOM_ORIGIN_FOR_UPDATES)?;
        }
    }
    Ok(())
}

fn require(element: &Element, names: &[&str]) -> Outcome<()> {
    match names.iter().find(|name| element.get_child(**name).is_none()) {
        Some(missing) => Refusal::refuse("IllegalUpdate", format!("{missing} is required for updates.")),
        None => Ok(()),
    }
}

impl Account {
    /// Everything that depends on what else exists. `config` is filled in; `existing` is the distribution's id.
    pub(super) fn check_distribution(&self, config: &Element, existing: Option<&str>) -> Outcome<()> {
        let current = existing.and_then(|id| self.cloudfront.all.get(id));
        self.check_origins(config)?;
        self.check_client_certificates(config, current)?;
        check_behaviours(config, &self.settings.own_policies)?;
        check_errors(config)?;
        check_logging(config)?;
        check_geography(config)?;
        self.check_aliases(config, existing)?;
        self.check_web_acl(config, current)?;
        self.check_functions(config, current)
    }

    fn others(&self, existing: Option<&str>) -> impl Iterator<Item = &Distribution> {
        self.cloudfront
            .all
            .values()
            .filter(move |other| Some(other.id.as_str()) != existing)
    }

    fn check_origins(&self, config: &Element) -> Outcome<()> {
        let origins = xml::items_at(config, "Origins");
        let ids: BTreeSet<_> = origins
            .iter()
            .filter_map(|origin| xml::text_at(origin, "Id"))
            .collect();
        if origins.is_empty() {
            let message = "The parameter Origins is required: a distribution must have at least one origin.";
            return Refusal::refuse("InvalidArgument", message);
        }
        if ids.len() != origins.len() {
            return Refusal::refuse(
                "InvalidOrigin",
                "The origin ids of a distribution must be unique.",
            );
        }
        for origin in origins {
            check_origin(origin)?;
            let headers = xml::items_at(origin, "CustomHeaders");
            if headers.len() > self.settings.limits.origin_custom_headers {
                let message = "Your request contains too many origin custom headers.";
                return Refusal::refuse("TooManyOriginCustomHeaders", message);
            }
        }
        for behaviour in behaviours(config) {
            if xml::text_at(behaviour, "TargetOriginId").is_none_or(|id| !ids.contains(&id)) {
                let message = "One or more of your origins or origin groups do not exist.";
                return Refusal::refuse("NoSuchOrigin", message);
            }
        }
        Ok(())
    }

    /// Client certificates are imported ones of us-east-1, and exclude functions between the cache and the origin.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-enable-mtls-distributions.html>
    fn check_client_certificates(&self, config: &Element, existing: Option<&Distribution>) -> Outcome<()> {
        let shown = client_certificates_of(config);
        let before = existing
            .map(|found| client_certificates_of(&found.wanted))
            .unwrap_or_default();
        if shown.difference(&before).count() > MOST_CLIENT_CERTIFICATES {
            let message = "The request changes more client certificates than one request may change.";
            return Refusal::refuse("InvalidArgument", message);
        }
        for arn in shown.difference(&before) {
            if !self.knows_client_certificate(arn) {
                let message = format!(
                    "The parameter ClientCertificateArn is not valid: {arn} does not exist, is not in us-east-1, or is no \
                     client certificate."
                );
                return Refusal::refuse(self.settings.origin_mtls_refusal, message);
            }
        }
        if !shown.is_empty() && self.settings.flat_rate_plan {
            let message = "You're using configuration not available in this tier: Origin mTLS.";
            return Refusal::refuse("InvalidArgument", message);
        }
        let origins = xml::items_at(config, "Origins").into_iter();
        let asking = origins.filter(|origin| client_certificate(origin).is_some());
        let asking: BTreeSet<_> = asking.filter_map(|origin| xml::text_at(origin, "Id")).collect();
        let has_both = |behaviour: &&Element| {
            let target = xml::text_at(behaviour, "TargetOriginId");
            let is_any = self.settings.origin_mtls_excludes_all_functions && !asking.is_empty();
            (is_any || target.is_some_and(|id| asking.contains(&id))) && is_changed_at_the_origin(behaviour)
        };
        if behaviours(config).iter().any(has_both) {
            let message = "Origin mTLS cannot be used with Lambda@Edge functions that are triggered by origin requests or \
                           responses.";
            return Refusal::refuse("InvalidArgument", message);
        }
        Ok(())
    }

    fn check_aliases(&self, config: &Element, existing: Option<&str>) -> Outcome<()> {
        let aliases = xml::texts_at(config, "Aliases");
        if aliases.len() > self.settings.limits.aliases {
            let message = "Your request contains more CNAMEs than are allowed per distribution.";
            return Refusal::refuse("TooManyDistributionCNAMEs", message);
        }
        if let Some(arn) = xml::text_at(config, "ViewerCertificate/ACMCertificateArn") {
            self.check_certificate(&arn, &aliases)?;
            if xml::text_at(config, "ViewerCertificate/SSLSupportMethod").is_none() {
                let message = "The SSLSupportMethod is required when a certificate is specified.";
                return Refusal::refuse("InvalidViewerCertificate", message);
            }
        } else if !aliases.is_empty() {
            let message = format!(
                "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted \
                 certificate that validates your authorization to use the domain name. {ALIAS_HELP}"
            );
            return Refusal::refuse("InvalidViewerCertificate", message);
        }
        if self
            .others(existing)
            .flat_map(Distribution::aliases)
            .chain(self.cloudfront.foreign_aliases.keys().cloned())
            .any(|taken| aliases.contains(&taken))
        {
            let message =
                "One or more of the CNAMEs you provided are already associated with a different resource.";
            return Refusal::refuse("CNAMEAlreadyExists", message);
        }
        Ok(())
    }

    pub(super) fn check_certificate(&self, arn: &str, aliases: &[String]) -> Outcome<()> {
        let known = self
            .cloudfront
            .certificates
            .get(arn)
            .filter(|_| arn.split(':').nth(3) == Some("us-east-1"));
        let Some(names) = known else {
            let message = "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or \
                           doesn't include a valid certificate chain.";
            return Refusal::refuse("InvalidViewerCertificate", message);
        };
        let covered = |alias: &String| {
            let wildcard = alias.split_once('.').map(|(_, parent)| format!("*.{parent}"));
            names.contains(alias) || wildcard.is_some_and(|wildcard| names.contains(&wildcard))
        };
        if !aliases.iter().all(covered) {
            let message = format!(
                "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) \
                 that you're trying to add. {ALIAS_HELP}"
            );
            return Refusal::refuse("InvalidViewerCertificate", message);
        }
        Ok(())
    }

    fn check_web_acl(&self, config: &Element, existing: Option<&Distribution>) -> Outcome<()> {
        let Some(arn) = xml::text_at(config, "WebACLId") else {
            if self.settings.flat_rate_plan {
                let message = "You can't remove or replace the web ACL for your distribution. Distributions with a \
                               pricing plan subscription must have a web ACL resource.";
                return Refusal::refuse("InvalidArgument", message);
            }
            return Ok(());
        };
        if existing.is_some_and(|distribution| distribution.web_acl() == arn) {
            return Ok(());
        }
        let propagation = self.settings.waf_propagation;
        if self
            .web_acl_by_arn(&arn)
            .is_none_or(|acl| clock::now() < acl.created + propagation)
        {
            return Refusal::refuse("InvalidWebACLId", "Web ACL is not accessible by the requester.");
        }
        let others = self.others(existing.map(|found| found.id.as_str()));
        if others.filter(|other| other.web_acl() == arn).count()
            >= self.settings.limits.distributions_per_web_acl
        {
            let message =
                "The web ACL is associated with the largest number of distributions that is allowed.";
            return Refusal::refuse("InvalidArgument", message);
        }
        Ok(())
    }

    fn check_functions(&self, config: &Element, existing: Option<&Distribution>) -> Outcome<()> {
        let known = existing.map(Distribution::functions).unwrap_or_default();
        self.check_associations(config, &known)?;
        if function_arns(config).is_empty() {
            return Ok(());
        }
        if self.settings.flat_rate_plan {
            let message = "You're using configuration not available in this tier: Lambda@Edge.";
            return Refusal::refuse("InvalidArgument", message);
        }
        let others = self.others(existing.map(|found| found.id.as_str()));
        if others.filter(|other| !other.functions().is_empty()).count()
            >= self.settings.limits.lambda_associations
        {
            let message = "Processing your request would cause the maximum number of distributions with Lambda function \
                           associations to be exceeded for the owner.";
            return Refusal::refuse("TooManyDistributionsWithLambdaAssociations", message);
        }
        Ok(())
    }
}

/// Whether a function is asked between the cache and the origin.
fn is_changed_at_the_origin(behaviour: &Element) -> bool {
    let associations = xml::items_at(behaviour, "LambdaFunctionAssociations").into_iter();
    let mut events = associations.filter_map(|association| xml::text_at(association, "EventType"));
    events.any(|event| event.starts_with("origin-"))
}

fn check_origin(origin: &Element) -> Outcome<()> {
    let domain = xml::text_at(origin, "DomainName").unwrap_or_default();
    if domain.is_empty() || domain.contains(['/', ':']) {
        let message = "The parameter Origin DomainName does not refer to a valid domain name.";
        return Refusal::refuse("InvalidArgument", message);
    }
    if xml::text_at(origin, "OriginPath").is_some_and(|path| !path.starts_with('/') || path.ends_with('/')) {
        let message = "The parameter originPath must begin with a slash and must not end with one.";
        return Refusal::refuse("InvalidArgument", message);
    }
    let number = |path| xml::text_at(origin, path).map(|text| text.parse::<u32>().unwrap_or(0));
    if number("CustomOriginConfig/OriginReadTimeout").is_some_and(|timeout| !(1..=120).contains(&timeout)) {
        let message = "The read timeout specified for the origin is not valid.";
        return Refusal::refuse("InvalidOriginReadTimeout", message);
    }
    Ok(())
}

fn check_behaviours(config: &Element, own: &[OwnPolicy]) -> Outcome<()> {
    for behaviour in behaviours(config) {
        let policy = xml::text_at(behaviour, "CachePolicyId");
        if policy.is_none() && behaviour.get_child("ForwardedValues").is_none() {
            return Refusal::refuse("InvalidArgument", "The parameter ForwardedValues is required.");
        }
        let methods = xml::texts_at(behaviour, "AllowedMethods");
        if !METHODS.iter().any(|set| methods == *set) {
            let message = "The parameter AllowedMethods contains a combination of methods that is not valid.";
            return Refusal::refuse("InvalidArgument", message);
        }
        policies::check(behaviour, own)?;
    }
    Ok(())
}

fn check_errors(config: &Element) -> Outcome<()> {
    let mut codes = BTreeSet::new();
    for response in xml::items_at(config, "CustomErrorResponses") {
        let code = xml::text_at(response, "ErrorCode").unwrap_or_default();
        if !ERRORS.contains(&code.as_str()) || !codes.insert(code) {
            let message =
                "The parameter ErrorCode contains a value that is not valid, or one more than once.";
            return Refusal::refuse("InvalidErrorCode", message);
        }
        let has = |name| xml::text_at(response, name).is_some();
        if has("ResponsePagePath") != has("ResponseCode") {
            let message = "ResponsePagePath and ResponseCode must be specified together.";
            return Refusal::refuse("InvalidArgument", message);
        }
    }
    Ok(())
}

fn check_logging(config: &Element) -> Outcome<()> {
    let enabled = xml::text_at(config, "Logging/Enabled").as_deref() == Some("true");
    let bucket = xml::text_at(config, "Logging/Bucket").unwrap_or_default();
    if enabled && !(bucket.contains(".s3.") && bucket.ends_with(".amazonaws.com")) {
        let message = "The parameter Logging Bucket does not refer to a valid S3 bucket.";
        return Refusal::refuse("InvalidArgument", message);
    }
    Ok(())
}

fn check_geography(config: &Element) -> Outcome<()> {
    let kind = xml::text_at(config, "Restrictions/GeoRestriction/RestrictionType");
    let codes = xml::texts_at(config, "Restrictions/GeoRestriction");
    if (kind.as_deref() == Some("none")) != codes.is_empty() {
        let message = "The specified geo restriction parameter is not valid.";
        return Refusal::refuse("InvalidGeoRestrictionParameter", message);
    }
    if codes
        .iter()
        .any(|code| code.len() != 2 || !code.chars().all(|c| c.is_ascii_uppercase()))
    {
        return Refusal::refuse("InvalidLocationCode", "The location code specified is not valid.");
    }
    Ok(())
}
