//! From what a team declares to what should exist in AWS: the baseline is merged in here.

use super::handover;
use crate::api::{DistributionSpec, HeldModeStatus, MutualTlsSpec, ProtectedApiSpec, SigV4Spec, WebAclSpec};
use crate::domain::access::authorization;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::access::held::{spec_meanwhile, spec_on_the_way_back};
use crate::domain::access::proof::Proof;
use crate::domain::adoption;
use crate::domain::edge::config::{self, Settings};
use crate::domain::edge::{cache_policies, distribution, host, names};
use crate::domain::firewall::baseline::web_acl_spec;
use crate::domain::firewall::rules::{self, ALLOW, BLOCK, CHECKERS};
use crate::domain::firewall::{ip_set, logging, promotion, web_acl};
use crate::domain::kernel::identity::{Owner, Tags, is_reserved, is_same_key, tags_for};
use crate::domain::kernel::keeping::TAG_OFFERED_TO;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::mutual_tls;
use crate::domain::shield::advanced;
use crate::domain::signer::options::sig_v4;
use crate::domain::signer::{function, role};
use ipnet::IpNet;
use serde::Serialize;
use std::sync::Arc;

/// What should exist in AWS for one object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Desired {
    pub owner: Owner,
    pub role: role::Desired,
    pub function: function::Desired,
    pub ip_sets: Vec<ip_set::Desired>,
    pub web_acl: web_acl::Desired,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<promotion::Declared>,
    pub logging: Option<logging::Desired>,
    pub api_key: Option<api_key::Desired>,
    pub authorizer: Option<authorizer::Desired>,
    pub distribution: distribution::Desired,
    pub access: authorization::Desired,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutual_tls: Option<mutual_tls::Desired>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shield: Option<advanced::Desired>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<names::Desired>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adoption: Option<adoption::Desired>,
}

/// What is needed besides the spec.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Whose resources these are.
    pub owner: Owner,
    /// The AWS account's id.
    pub account: String,
    /// Tags for every resource, from the controller's options.
    pub default_tags: Tags,
    /// Permissions boundary for every role, from the controller's options.
    pub permissions_boundary: Option<String>,
    /// The signer's package for this spec.
    pub zip: Arc<[u8]>,
    /// Base64 of the package's SHA-256.
    pub code_sha256: String,
    /// The options that the signer's package was made with.
    pub signer: SigV4Spec,
    /// What the object's annotation says that asks for another secret value.
    pub rotate: Option<String>,
    /// Where Route 53's health checkers ask from, where that matters: see [`needs_checkers`]; `None` where that cannot be read.
    pub checkers: Option<Vec<String>>,
    /// The mode that goes on in the place of the declared one, as status tells.
    pub held_mode: Option<HeldModeStatus>,
    /// Which rules that count first are promoted.
    pub promotions: promotion::Standing,
    /// What stands still of mutual TLS, where the spec names another mode by now.
    pub leaving: Option<MutualTlsSpec>,
    /// What is known of the policies that the spec names.
    pub policies: host::Known,
}

/// What should exist in AWS for `spec`.
///
/// # Errors
/// What the API server's own validation cannot see: malformed CIDR blocks, search strings in plain text, cache policies that
/// mix viewers up, and capacity that is surely exceeded.
pub fn desired(spec: &ProtectedApiSpec, facts: &Facts) -> Result<Desired, Rejection> {
    mutual_tls::refusals::check(spec)?;
    let held = facts.held_mode.as_ref();
    let left = facts.leaving.as_ref();
    let left = left.filter(|_| !mutual_tls::leaving::is_declared(spec));
    let meanwhile = match left {
        Some(left) => {
            mutual_tls::leaving::check(spec, left)?;
            spec_on_the_way_back(spec, held)
        }
        None => spec_meanwhile(spec, held),
    };
    let awaited = meanwhile.as_ref().map(|_| Proof::of(spec));
    let (declared, spec) = (spec, meanwhile.as_ref().unwrap_or(spec));
    let owner = &facts.owner;
    handover::check(spec, owner)?;
    let custom = custom_tags(spec, facts)?;
    let tags = tags_for(owner, &custom);
    let web_acl = web_acl_spec(spec.web_acl.clone().unwrap_or_default());
    crate::domain::firewall::free_rules::check(&web_acl)?;
    let adoption = adoption::desired(declared, &web_acl);
    let promotions = promotion::declared(&web_acl, &facts.promotions);
    let web_acl = promotion::counting(web_acl, &promotions);
    cache_policies::check(declared)?;
    cache_policies::check(spec)?;
    let settings = distribution_settings(spec, owner);
    let host = host::sent_by(spec, &facts.policies).map(|host| host::HostSent {
        is_signer_declared: Proof::of(declared) == Proof::Signature,
        ..host
    });
    host::check(
        host.as_ref(),
        Proof::of(spec) == Proof::Signature,
        &facts.policies,
    )?;
    let checkers = facts.checkers.as_deref().unwrap_or_default();
    let ip_sets = ip_sets(owner, &web_acl, checkers, &tags)?;
    crate::domain::firewall::capacity::check(spec)?;
    let role = role(spec, facts, &tags);
    let role_arn = role::arn(&facts.account, &role.creation.name);
    let access = authorization::Desired {
        awaited,
        ..authorization::desired(spec, owner, role_arn, facts.rotate.as_deref())
    };
    Ok(Desired {
        owner: owner.clone(),
        role,
        function: function::desired(owner, Arc::clone(&facts.zip), facts.code_sha256.clone(), &tags)
            .made_with(&facts.signer),
        ip_sets,
        logging: web_acl.logging.as_ref().map(logging::desired),
        web_acl: web_acl::desired(owner, web_acl, &tags),
        promotions,
        distribution: distribution::Desired {
            owner: owner.clone(),
            settings,
            tags: distribution_tags(spec, &tags),
            caveats: cache_policies::caveats(spec, host.as_ref(), &facts.policies),
            host,
            policies: facts.policies.clone(),
            adopts: adoption.as_ref().map(|adoption| adoption.id.clone()),
        },
        adoption,
        api_key: api_key(spec, &access, &tags),
        authorizer: authorizer(facts, &access, &tags),
        mutual_tls: of_mutual_tls(declared, left, facts, &access, &tags),
        access,
        shield: shield(spec, facts, &tags),
        names: names::desired(spec, owner, &tags),
    })
}

fn role(spec: &ProtectedApiSpec, facts: &Facts, tags: &Tags) -> role::Desired {
    role::desired(
        &facts.owner,
        &facts.account,
        &spec.origin.endpoint,
        spec.origin.r#type,
        sig_v4(spec).logs.unwrap_or_default(),
        facts.permissions_boundary.as_deref(),
        tags,
    )
}

/// Mutual TLS as `declared`, or as it was before, where it stands still beside another mode.
fn of_mutual_tls(
    declared: &ProtectedApiSpec,
    left: Option<&MutualTlsSpec>,
    facts: &Facts,
    access: &authorization::Desired,
    tags: &Tags,
) -> Option<mutual_tls::Desired> {
    let (owner, gate, rotate) = (&facts.owner, &access.gate, facts.rotate.as_deref());
    match left {
        Some(left) => {
            let left = mutual_tls::desired::left(declared, left, owner, gate, rotate, tags);
            Some(left)
        }
        None => mutual_tls::desired::desired(declared, owner, gate, rotate, tags),
    }
}

/// The key that the mode asks for.
fn api_key(
    spec: &ProtectedApiSpec,
    access: &authorization::Desired,
    tags: &Tags,
) -> Option<api_key::Desired> {
    (access.proof == Proof::Key).then(|| api_key::Desired {
        owner: access.owner.clone(),
        stage: (access.gate.api_id.clone(), access.gate.stage.clone()),
        given_plan: given_plan(spec),
        tags: tags.clone(),
    })
}

/// The authorizer that the mode asks.
fn authorizer(facts: &Facts, access: &authorization::Desired, tags: &Tags) -> Option<authorizer::Desired> {
    let Proof::Header(header) = &access.proof else {
        return None;
    };
    Some(authorizer::desired(
        &facts.owner,
        &facts.account,
        &access.gate,
        header,
        facts.permissions_boundary.as_deref(),
        tags,
    ))
}

fn shield(spec: &ProtectedApiSpec, facts: &Facts, tags: &Tags) -> Option<advanced::Desired> {
    let wanted = spec.shield.as_ref()?;
    let whose = (&facts.owner, facts.account.as_str());
    Some(advanced::desired(
        spec,
        wanted,
        whose,
        facts.checkers.is_some(),
        tags,
    ))
}

/// The usage plan that the spec names.
#[must_use]
pub fn given_plan(spec: &ProtectedApiSpec) -> Option<String> {
    spec.access.as_ref()?.api_key.as_ref()?.usage_plan_id.clone()
}

/// Whether a health check of ours would be refused by the web ACL's countries, unless its checkers are let through.
#[must_use]
pub fn needs_checkers(spec: &ProtectedApiSpec) -> bool {
    let health_check = spec
        .shield
        .as_ref()
        .and_then(|shield| shield.health_check.as_ref());
    let is_made = health_check.is_some_and(|wanted| wanted.path.is_some());
    is_made && spec.web_acl.as_ref().is_some_and(|acl| acl.countries.is_some())
}

/// The mark that something of Shield's may be there comes before it. To whom the perimeter is offered, others read there.
fn distribution_tags(spec: &ProtectedApiSpec, tags: &Tags) -> Tags {
    let mut tags = tags.clone();
    if spec.shield.is_some() {
        tags.insert(distribution::TAG_SHIELD.to_owned(), "true".to_owned());
    }
    if let Some(offer) = &spec.hand_over {
        tags.insert(TAG_OFFERED_TO.to_owned(), offer.to.clone());
    }
    tags
}

/// The spec's tags win over the controller's defaults, also where they are spelt in another case. The API server refuses what
/// is refused here; an object may be older than its rules, though, and letters beyond ASCII are folded here only.
fn custom_tags(spec: &ProtectedApiSpec, facts: &Facts) -> Result<Tags, Rejection> {
    let mut tags = facts.default_tags.clone();
    let own: Vec<(&String, &String)> = spec
        .tags
        .iter()
        .flatten()
        .map(|(key, value)| (key, &value.0))
        .collect();
    for (n, (key, _)) in own.iter().enumerate() {
        if is_reserved(key) {
            let message = format!("spec.tags: the key {key} is reserved; choose another prefix");
            return Err(Rejection::new(Reason::InvalidSpec, message));
        }
        if let Some((other, _)) = own.iter().skip(n + 1).find(|(other, _)| is_same_key(key, other)) {
            let message = format!("spec.tags: IAM ignores the case of tag keys; leave {key} or {other} out");
            return Err(Rejection::new(Reason::InvalidSpec, message));
        }
        tags.retain(|default, _| !is_same_key(default, key));
    }
    tags.extend(own.into_iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(tags)
}

/// The baseline of `spec.distribution`.
fn distribution_settings(spec: &ProtectedApiSpec, owner: &Owner) -> Settings {
    let wanted = spec.distribution.clone().unwrap_or_default();
    let baseline = Settings::baseline().for_viewers_of(&wanted);
    let name = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let plain = |value: Result<serde_json::Value, _>| name(value.unwrap_or_default());
    let has_certificate = wanted.certificate_arn.is_some() || wanted.request_certificate.unwrap_or_default();
    Settings {
        comment: distribution::comment(owner),
        aliases: wanted.aliases.clone().unwrap_or_default().into_iter().collect(),
        minimum_tls_version: has_certificate.then(|| {
            plain(serde_json::to_value(
                wanted.minimum_tls_version.unwrap_or_default(),
            ))
        }),
        price_class: plain(serde_json::to_value(wanted.price_class.unwrap_or_default())),
        http_version: plain(serde_json::to_value(wanted.http_version.unwrap_or_default())),
        geo_restriction: geo_restriction(&wanted),
        logging: wanted.logging.clone().map(|logging| config::Logging {
            bucket: logging.bucket,
            prefix: logging.prefix.unwrap_or_default(),
        }),
        origin: config::Origin {
            domain_name: spec.origin.endpoint.clone(),
            path: spec.origin.path.clone().unwrap_or_default(),
            read_timeout: seconds(wanted.origin_read_timeout.as_deref()),
            ..baseline.origin.clone()
        },
        cache_policy_id: wanted
            .cache_policy_id
            .unwrap_or_else(|| baseline.cache_policy_id.clone()),
        origin_request_policy_id: wanted
            .origin_request_policy_id
            .unwrap_or_else(|| baseline.origin_request_policy_id.clone()),
        response_headers_policy_id: wanted.response_headers_policy_id,
        uncached_errors: (!cache_policies::caches(spec)).then(config::error_codes),
        certificate_arn: wanted.certificate_arn,
        ..baseline
    }
}

/// CloudFront's own default.
const ORIGIN_READ_TIMEOUT: u32 = 30;

fn seconds(duration: Option<&str>) -> u32 {
    duration
        .and_then(|text| text.strip_suffix('s')?.parse().ok())
        .unwrap_or(ORIGIN_READ_TIMEOUT)
}

fn geo_restriction(wanted: &DistributionSpec) -> config::GeoRestriction {
    let (kind, countries) = match wanted.geo_restriction.clone() {
        Some(geo) if geo.allow.is_some() => ("whitelist", geo.allow),
        Some(geo) => ("blacklist", geo.block),
        None => ("none", None),
    };
    config::GeoRestriction {
        kind: kind.to_owned(),
        countries: countries.unwrap_or_default().into_iter().collect(),
    }
}

fn ip_sets(
    owner: &Owner,
    spec: &WebAclSpec,
    checkers: &[String],
    tags: &Tags,
) -> Result<Vec<ip_set::Desired>, Rejection> {
    let mut lists = vec![
        (
            BLOCK.to_owned(),
            "spec.webAcl.blockCidrs".to_owned(),
            spec.block_cidrs.clone(),
        ),
        (
            ALLOW.to_owned(),
            "spec.webAcl.allowCidrs".to_owned(),
            spec.allow_cidrs.clone(),
        ),
    ];
    let checkers = (!checkers.is_empty()).then(|| checkers.to_vec());
    lists.push((CHECKERS.to_owned(), "Route 53's checkers".to_owned(), checkers));
    for limit in spec.rate_limits.iter().flatten() {
        let cidrs = limit.scope.as_ref().and_then(|scope| scope.cidrs.clone());
        let field = format!("spec.webAcl.rateLimits[{}].scope.cidrs", limit.name);
        lists.push((rules::rate_limit_list(&limit.name), field, cidrs));
    }
    let mut sets = Vec::new();
    for (list, field, cidrs) in lists {
        let blocks = cidrs.unwrap_or_default();
        let blocks = blocks
            .iter()
            .map(|cidr| block(&field, cidr))
            .collect::<Result<Vec<_>, _>>()?;
        sets.extend(ip_set::desired(owner, &list, &blocks, tags));
    }
    Ok(sets)
}

fn block(field: &str, cidr: &str) -> Result<IpNet, Rejection> {
    let invalid = |why: &str| Rejection::new(Reason::InvalidSpec, format!("{field}: {cidr} {why}"));
    let block: IpNet = cidr.parse().map_err(|_| {
        invalid("is not a CIDR block; write an address and a length, such as 192.0.2.0/24 or 2001:db8::/32")
    })?;
    if block.prefix_len() == 0 {
        return Err(invalid(
            "stands for all addresses, which AWS WAF does not take; split it into two /1 blocks, or leave it out",
        ));
    }
    Ok(block)
}
