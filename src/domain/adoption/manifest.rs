//! The spec that a distribution which stands already would have: written from what is found, so that little is left to change. What
//! a spec cannot say is left out, and the plan then shows it as a change.

use crate::api::{
    AccessSpec, AdoptSpec, DistributionLogging, DistributionSpec, Enforcement, GeoRestriction,
    ManagedRuleGroup, Origin, OriginType, ProtectedApiSpec, RateLimit, RuleAction, RuleGroupAction,
    RuleGroupOverride, WebAclSpec,
};
use crate::domain::access::asked::api::DEFAULT_STAGE;
use crate::domain::edge::config::{ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED, Settings};
use crate::domain::firewall::copied::looks_at_labels;
use crate::domain::kernel::endpoint::region_and_id;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;

/// CloudFront's own default, and the most that a spec takes.
const READ_TIMEOUTS: (u32, u32) = (30, 120);
/// Groups that have a field, a price or a configuration of their own.
const SPECIAL_GROUPS: [&str; 4] = [
    "AWSManagedRulesAntiDDoSRuleSet",
    "AWSManagedRulesBotControlRuleSet",
    "AWSManagedRulesATPRuleSet",
    "AWSManagedRulesACFPRuleSet",
];
/// The baseline's groups, counted where the distribution had no web ACL: nobody is refused who was not before.
const COUNTED_GROUPS: [&str; 3] = [
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
];

/// What is found of a distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The distribution's id.
    pub id: String,
    /// What we manage of its configuration.
    pub settings: Settings,
    /// What API Gateway says of the API that the default behaviour leads to.
    pub protocol: OriginType,
    /// The API's stages.
    pub stages: BTreeSet<String>,
    /// The web ACL's document; `None` where the distribution has none.
    pub web_acl: Option<Value>,
    /// The stage that somebody names.
    pub stage: Option<String>,
    /// Tools that somebody says will let it go.
    pub let_go: Option<Vec<String>>,
    /// The `AwsAccount` that the distribution is in, where it is another than the controller's own.
    pub account_name: Option<String>,
}

/// The host name of the API that the default behaviour of distribution `id` leads to.
///
/// # Errors
/// Where it leads to something else.
pub fn endpoint<'a>(id: &str, settings: &'a Settings) -> Result<&'a str, Rejection> {
    let host = settings.origin.domain_name.as_str();
    if region_and_id(host).is_some() {
        return Ok(host);
    }
    let leads = if host.is_empty() { "nothing" } else { host };
    Err(refused(format!(
        "the default behaviour of distribution {id} leads to {leads}, and not to an API's default endpoint \
         (<api-id>.execute-api.<region>.amazonaws.com): a perimeter stands before API Gateway alone. Where it is a custom domain \
         name of the API, have the origin lead to the API's default endpoint first"
    )))
}

/// The spec that leaves as much as can be as it is found.
///
/// # Errors
/// Where the distribution cannot be described by a spec at all.
pub fn manifest(found: &Found) -> Result<ProtectedApiSpec, Rejection> {
    let settings = &found.settings;
    let endpoint = endpoint(&found.id, settings)?.to_owned();
    if found.web_acl.is_none() && !settings.web_acl_arn.is_empty() {
        return Err(refused(format!(
            "AWS WAF does not show the web ACL {} of distribution {}, so that what it refuses could not be refused from then on: see that it \
             is there, and one of AWS WAF, not of AWS WAF Classic",
            settings.web_acl_arn, found.id
        )));
    }
    let path = Some(settings.origin.path.clone()).filter(|path| !path.is_empty());
    let is_signed = !settings.signer_version_arn.is_empty();
    Ok(ProtectedApiSpec {
        class_name: None,
        account_name: found.account_name.clone(),
        origin: Origin {
            endpoint,
            r#type: found.protocol,
            stage: stage(found)?,
            path,
            probe_path: None,
        },
        // Where nothing signs, the API asks for something else, and a lock would refuse whoever calls it past CloudFront.
        access: (!is_signed).then(|| AccessSpec {
            enforcement: Some(Enforcement::Observe),
            ..AccessSpec::default()
        }),
        probes: None,
        take_over: None,
        hand_over: None,
        distribution: Some(distribution(found)?),
        web_acl: Some(web_acl(found.web_acl.as_ref())),
        shield: None,
        tags: None,
        deletion_policy: None,
        suspend: None,
    })
}

/// The stage that viewers reach: the one that is named, the first part of the origin's path, or the only one.
fn stage(found: &Found) -> Result<String, Rejection> {
    let path = &found.settings.origin.path;
    let first = path
        .split('/')
        .nth(1)
        .filter(|first| found.stages.contains(*first));
    let default = found.stages.contains(DEFAULT_STAGE).then_some(DEFAULT_STAGE);
    let only = found.stages.first().filter(|_| found.stages.len() == 1);
    let told = found
        .stage
        .as_deref()
        .or(first)
        .or(default)
        .or(only.map(String::as_str));
    told.map(ToOwned::to_owned).ok_or_else(|| {
        let names: Vec<&str> = found.stages.iter().map(String::as_str).collect();
        let (endpoint, names) = (&found.settings.origin.domain_name, names.join(", "));
        let names = if names.is_empty() { "none" } else { &names };
        Rejection::new(
            Reason::InvalidSpec,
            format!(
                "spec.adopt.stage: neither the origin's path nor the API {endpoint} tells which stage viewers reach; its stages are: \
                 {names}. Write the one that is to be protected (kubectl palisade adopt --stage)"
            ),
        )
    })
}

fn distribution(found: &Found) -> Result<DistributionSpec, Rejection> {
    let settings = &found.settings;
    let has_names = !settings.aliases.is_empty();
    if has_names && settings.certificate_arn.is_none() {
        return Err(refused(format!(
            "distribution {} shows a certificate of IAM to viewers of {}: import it into ACM in us-east-1 and have the distribution \
             use that, then adopt it",
            found.id,
            settings.aliases.iter().cloned().collect::<Vec<_>>().join(", ")
        )));
    }
    let certificate_arn = settings.certificate_arn.clone().filter(|_| has_names);
    let minimum_tls = settings
        .minimum_tls_version
        .as_deref()
        .filter(|_| certificate_arn.is_some());
    let (least, most) = READ_TIMEOUTS;
    // Of one that waits longer than a spec can say, the plan shows what becomes of it.
    let timeout = Some(settings.origin.read_timeout).filter(|seconds| *seconds != least && *seconds > 0);
    let timeout = timeout.map(|seconds| seconds.min(most));
    let methods = settings.allowed_methods.clone();
    let fewer = methods.filter(|methods| Some(methods) != Settings::baseline().allowed_methods.as_ref());
    let other = |id: &str, baseline: &str| Some(id.to_owned()).filter(|id| !id.is_empty() && id != baseline);
    Ok(DistributionSpec {
        adopt: Some(AdoptSpec {
            id: found.id.clone(),
            let_go: found.let_go.clone(),
            ..AdoptSpec::default()
        }),
        aliases: has_names.then(|| settings.aliases.iter().cloned().collect()),
        certificate_arn,
        minimum_tls_version: minimum_tls.and_then(known),
        viewer_protocol_policy: settings.viewer_protocol_policy.as_deref().and_then(known),
        ipv6: settings.ipv6.filter(|has_ipv6| !has_ipv6),
        allowed_methods: fewer.map(|methods| methods.into_iter().collect()),
        price_class: unless_baseline(known(&settings.price_class)),
        http_version: unless_baseline(known(&settings.http_version)),
        origin_read_timeout: timeout.map(|seconds| format!("{seconds}s")),
        logging: settings.logging.as_ref().map(|logging| DistributionLogging {
            bucket: logging.bucket.clone(),
            prefix: Some(logging.prefix.clone()).filter(|prefix| !prefix.is_empty()),
        }),
        geo_restriction: geo_restriction(settings),
        response_headers_policy_id: settings.response_headers_policy_id.clone(),
        cache_policy_id: other(&settings.cache_policy_id, CACHING_DISABLED),
        origin_request_policy_id: other(&settings.origin_request_policy_id, ALL_VIEWER_EXCEPT_HOST),
        ..DistributionSpec::default()
    })
}

/// A word of AWS's, where a spec knows it too.
fn known<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::from(word)).ok()
}

fn unless_baseline<T: Default + PartialEq>(value: Option<T>) -> Option<T> {
    value.filter(|value| *value != T::default())
}

fn geo_restriction(settings: &Settings) -> Option<GeoRestriction> {
    let countries = || Some(settings.geo_restriction.countries.iter().cloned().collect());
    match settings.geo_restriction.kind.as_str() {
        "whitelist" => Some(GeoRestriction {
            allow: countries(),
            block: None,
        }),
        "blacklist" => Some(GeoRestriction {
            allow: None,
            block: countries(),
        }),
        _ => None,
    }
}

/// The managed groups that a spec has words for; all other rules, rate limits among them, are copied as they are. Lists that are empty
/// are written, so that the baseline puts nothing there. Without a web ACL, what the baseline would refuse is counted.
fn web_acl(document: Option<&Value>) -> WebAclSpec {
    let Some(document) = document else {
        return counting();
    };
    let rules = document["Rules"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let uses = |name: &str| rules.iter().filter(|rule| group_of(rule)["Name"] == name).count();
    let groups = rules.iter().filter_map(managed_rule_group);
    // Of a group that two rules use, one with a condition perhaps, a spec could say one. Where a rule looks at labels, all are copied in
    // their order: copied rules are asked before the groups of a spec, which would set the labels too late.
    let is_by_label = rules.iter().any(looks_at_labels);
    let groups = groups.filter(|group| !is_by_label && uses(&group.name) == 1);
    WebAclSpec {
        managed_rule_groups: Some(groups.collect()),
        rate_limits: Some(vec![]),
        ..WebAclSpec::default()
    }
}

fn group_of(rule: &Value) -> &Value {
    &rule["Statement"]["ManagedRuleGroupStatement"]
}

fn counting() -> WebAclSpec {
    let group = |name: &str| ManagedRuleGroup {
        name: name.to_owned(),
        vendor: None,
        version: None,
        action: Some(RuleGroupAction::Count),
        overrides: None,
        promote: None,
    };
    WebAclSpec {
        managed_rule_groups: Some(COUNTED_GROUPS.map(group).to_vec()),
        rate_limits: Some(vec![RateLimit {
            name: "per-ip".to_owned(),
            limit: 2000,
            window: None,
            action: Some(RuleAction::Count),
            by: None,
            scope: None,
            promote: None,
        }]),
        ..WebAclSpec::default()
    }
}

/// A group of AWS's as a spec has it; `None` where its rule says more than that.
fn managed_rule_group(rule: &Value) -> Option<ManagedRuleGroup> {
    let group = group_of(rule);
    let fields = group.as_object()?;
    let is_plain = fields
        .keys()
        .all(|field| ["VendorName", "Name", "Version", "RuleActionOverrides"].contains(&field.as_str()));
    let name = group["Name"].as_str()?;
    let is_ours = name.starts_with("AWSManagedRules") && !SPECIAL_GROUPS.contains(&name);
    let is_bare =
        rule["RuleLabels"].is_null() && rule["CaptchaConfig"].is_null() && rule["ChallengeConfig"].is_null();
    if !is_plain || !is_bare || !is_ours || group["VendorName"] != "AWS" {
        return None;
    }
    let overrides = group["RuleActionOverrides"].as_array();
    let overrides = overrides.into_iter().flatten().map(|one| {
        Some(RuleGroupOverride {
            rule: one["Name"].as_str()?.to_owned(),
            action: action(&one["ActionToUse"])?,
        })
    });
    let overrides: Vec<RuleGroupOverride> = overrides.collect::<Option<_>>()?;
    Some(ManagedRuleGroup {
        name: name.to_owned(),
        vendor: None,
        version: group["Version"].as_str().map(ToOwned::to_owned),
        action: rule["OverrideAction"]
            .get("Count")
            .map(|_| RuleGroupAction::Count),
        overrides: Some(overrides).filter(|overrides| !overrides.is_empty()),
        promote: None,
    })
}

/// An action that says nothing besides what it is.
fn action(action: &Value) -> Option<RuleAction> {
    let fields = action.as_object()?;
    let (name, details) = fields.iter().next().filter(|_| fields.len() == 1)?;
    let is_bare = details.as_object().is_some_and(serde_json::Map::is_empty);
    is_bare.then(|| known(name)).flatten()
}

fn refused(message: String) -> Rejection {
    Rejection::new(Reason::AdoptionRefused, message)
}

#[cfg(test)]
mod tests;
