//! What the perimeter of a spec comes to.

use super::money::Money;
use super::prices::Prices;
use crate::api::{CheckInterval, CostPartName, HealthCheckSpec, PriceClass, ProtectedApiSpec, WebAclSpec};
use crate::domain::access::proof::Proof;
use crate::domain::firewall::baseline::web_acl_spec;
use crate::domain::firewall::rules::{ANTI_DDOS, rules};
use crate::domain::signer::options::sig_v4;
use serde_json::Value;
use std::collections::BTreeMap;

const BOT_CONTROL: &str = "AWSManagedRulesBotControlRuleSet";
/// Rule groups of AWS's that are paid for by attempts to log in or to sign up.
const BY_ATTEMPTS: [&str; 2] = ["AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet"];
/// WAF's limit on a rule group's name; a spec may have a longer one, which WAF refuses.
const LONGEST_NAME: usize = 128;

/// What a million calls of a function with 128 MiB take, in GB-seconds, for each millisecond that one lasts.
const GB_SECONDS: u64 = 125;
/// Of a call of the signer, which itself takes less than one; the rest is Lambda's.
const SIGNER_MILLISECONDS: u64 = 5;
/// Of a call of the authorizer, which compares digests.
const AUTHORIZER_MILLISECONDS: u64 = 1;

/// What a flat-rate pricing plan covers.
const COVERED: [CostPartName; 6] = [
    CostPartName::WebAcl,
    CostPartName::WebAclRules,
    CostPartName::WebAclRequests,
    CostPartName::AntiDdos,
    CostPartName::BotControl,
    CostPartName::CloudFrontRequests,
];

/// What a perimeter costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// What is counted.
    pub parts: Vec<Part>,
    /// What the spec asks for, is paid for, and not counted: logs, and rule groups whose price is not on the list.
    pub left_out: Vec<String>,
}

/// A part of it. Amounts are whole cents, so that what is shown adds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What is paid for.
    pub name: CostPartName,
    /// How many, where there may be several.
    pub count: Option<usize>,
    /// For each month.
    pub monthly: Option<Money>,
    /// For a million requests.
    pub per_million: Option<Money>,
    /// The same where it is dearest, if that is more.
    pub at_most: Option<Money>,
    /// Whether it is paid once for all, and so in none of the sums.
    pub is_shared: bool,
    /// Whether a flat-rate pricing plan covers it, and so in none of the sums.
    pub is_covered: bool,
}

impl Estimate {
    /// For each month, whatever viewers do.
    #[must_use]
    pub fn monthly(&self) -> Money {
        self.counted().filter_map(|part| part.monthly).sum()
    }

    /// For a million requests besides.
    #[must_use]
    pub fn per_million(&self) -> Money {
        self.counted().filter_map(|part| part.per_million).sum()
    }

    fn counted(&self) -> impl Iterator<Item = &Part> {
        self.parts
            .iter()
            .filter(|part| !part.is_shared && !part.is_covered)
    }

    /// The same where the distribution is in the flat-rate pricing plan `tier`: its price takes the place of what it covers, and is
    /// left out, since a plan has levels of use. Functions at the edge and what is not CloudFront's or WAF's are paid besides.
    #[must_use]
    pub fn in_pricing_plan(mut self, tier: &str) -> Self {
        for part in &mut self.parts {
            part.is_covered = COVERED.contains(&part.name);
        }
        self.left_out.insert(0, format!("PricingPlan {tier}"));
        self
    }
}

impl Part {
    fn of(name: CostPartName) -> Self {
        Self {
            name,
            count: None,
            monthly: None,
            per_million: None,
            at_most: None,
            is_shared: false,
            is_covered: false,
        }
    }

    fn monthly(self, amount: Money) -> Self {
        Self {
            monthly: Some(amount.rounded()),
            ..self
        }
    }

    fn per_million(self, amount: Money) -> Self {
        Self {
            per_million: Some(amount.rounded()),
            ..self
        }
    }
}

/// What the perimeter of `spec` costs by `prices`. `is_protected` by Shield Advanced: AWS then takes nothing for the web ACL, its
/// rules, what it inspects, and the AntiDDoS group, and what `spec.shield` asks for is made.
///
/// Every request counts as one that no cache answers, and that the web ACL lets through.
#[must_use]
pub fn estimate(spec: &ProtectedApiSpec, is_protected: bool, prices: &Prices) -> Estimate {
    let web_acl = web_acl_spec(spec.web_acl.clone().unwrap_or_default());
    let rules = rules(&web_acl, &BTreeMap::new());
    let mut parts = of_web_acl(&web_acl, &rules, is_protected, prices);
    parts.extend(of_bot_control(&rules, prices));
    parts.push(of_requests(spec, prices));
    parts.extend(of_proof(spec, prices));
    if is_protected {
        parts.extend(of_shield(spec, prices));
    }
    Estimate {
        parts,
        left_out: left_out(spec, &web_acl, &rules),
    }
}

/// `rules`: without those of the lists, which know their IP sets only later.
fn of_web_acl(spec: &WebAclSpec, rules: &[Value], is_protected: bool, prices: &Prices) -> Vec<Part> {
    let price = |listed: Money| if is_protected { Money::default() } else { listed };
    let lists = [&spec.block_cidrs, &spec.allow_cidrs].into_iter().flatten();
    let count = rules.len() + lists.filter(|list| !list.is_empty()).count();
    let mut parts = vec![
        Part::of(CostPartName::WebAcl).monthly(price(prices.web_acl)),
        Part {
            count: Some(count),
            ..Part::of(CostPartName::WebAclRules).monthly(price(prices.web_acl_rule.times(count)))
        },
        Part::of(CostPartName::WebAclRequests).per_million(price(prices.web_acl_requests)),
    ];
    if rules.iter().any(|rule| managed_group(rule)["Name"] == ANTI_DDOS) {
        let part = Part::of(CostPartName::AntiDdos).monthly(price(prices.anti_ddos));
        parts.push(part.per_million(price(prices.anti_ddos_requests)));
    }
    parts
}

/// Of several such groups each request is reckoned to reach one, the dearest.
fn of_bot_control(rules: &[Value], prices: &Prices) -> Option<Part> {
    let groups = rules
        .iter()
        .map(managed_group)
        .filter(|group| group["Name"] == BOT_CONTROL);
    let requests = groups.map(|group| {
        let mut configs = group["ManagedRuleGroupConfigs"].as_array().into_iter().flatten();
        if configs.any(|config| config[BOT_CONTROL]["InspectionLevel"] == "TARGETED") {
            prices.bot_control_targeted_requests
        } else {
            prices.bot_control_common_requests
        }
    });
    let dearest = requests.max()?;
    let part = Part::of(CostPartName::BotControl).monthly(prices.bot_control);
    Some(part.per_million(dearest))
}

/// Viewers are reckoned to be in North America and Europe.
fn of_requests(spec: &ProtectedApiSpec, prices: &Prices) -> Part {
    let class = spec.distribution.as_ref().and_then(|wanted| wanted.price_class);
    let here = prices.cloud_front_requests.rounded();
    let dearest = match class.unwrap_or_default() {
        PriceClass::PriceClass_100 => here,
        PriceClass::PriceClass_200 => prices.cloud_front_requests_class200,
        PriceClass::PriceClass_All => prices.cloud_front_requests_class_all,
    };
    Part {
        at_most: Some(dearest.rounded()).filter(|dearest| *dearest > here),
        ..Part::of(CostPartName::CloudFrontRequests).per_million(here)
    }
}

fn of_proof(spec: &ProtectedApiSpec, prices: &Prices) -> Option<Part> {
    let time = |price: Money, milliseconds: u64| price.for_some_of_a_million(GB_SECONDS * milliseconds);
    match Proof::of(spec) {
        Proof::Signature => {
            let time = time(prices.lambda_at_edge_gb_seconds, SIGNER_MILLISECONDS);
            Some(Part::of(CostPartName::LambdaAtEdge).per_million(prices.lambda_at_edge_requests + time))
        }
        // As if API Gateway remembered no decision: how often it does depends on how many edge locations viewers come by.
        Proof::Header(_) => {
            let time = time(prices.lambda_gb_seconds, AUTHORIZER_MILLISECONDS);
            Some(Part::of(CostPartName::Authorizer).per_million(prices.lambda_requests + time))
        }
        // Neither CloudFront nor API Gateway has a price for a client certificate.
        Proof::Key | Proof::Certificate => None,
    }
}

fn of_shield(spec: &ProtectedApiSpec, prices: &Prices) -> Vec<Part> {
    let wanted = spec.shield.clone().unwrap_or_default();
    let mut parts = Vec::new();
    if let Some(check) = wanted.health_check.filter(|check| check.path.is_some()) {
        let amount = prices.health_check + prices.health_check_option.times(options_of(&check));
        parts.push(Part::of(CostPartName::HealthCheck).monthly(amount));
    }
    if wanted.ddos_alarm.is_some() {
        parts.push(Part::of(CostPartName::Alarm).monthly(prices.alarm));
    }
    parts.push(Part {
        is_shared: true,
        ..Part::of(CostPartName::ShieldAdvanced).monthly(prices.shield_advanced)
    });
    parts
}

/// How many options a health check of ours has that are paid for: it asks by HTTPS, and perhaps more often.
fn options_of(check: &HealthCheckSpec) -> usize {
    match check.interval.unwrap_or_default() {
        CheckInterval::ThirtySeconds => 1,
        CheckInterval::TenSeconds => 2,
    }
}

fn left_out(spec: &ProtectedApiSpec, web_acl: &WebAclSpec, rules: &[Value]) -> Vec<String> {
    let distribution = spec.distribution.as_ref();
    let signs = Proof::of(spec) == Proof::Signature;
    let logs = [
        ("WebAclLogs", web_acl.logging.is_some()),
        (
            "DistributionLogs",
            distribution.is_some_and(|wanted| wanted.logging.is_some()),
        ),
        ("SignerLogs", signs && sig_v4(spec).logs.unwrap_or_default()),
    ];
    let logs = logs.into_iter().filter(|(_, is_wanted)| *is_wanted);
    let logs = logs.map(|(name, _)| name.to_owned());
    logs.chain(rules.iter().filter_map(unlisted)).collect()
}

/// The rule group of a rule, where its price is not on the list.
fn unlisted(rule: &Value) -> Option<String> {
    let group = managed_group(rule);
    let name = group["Name"].as_str()?;
    let is_unlisted = group["VendorName"] != "AWS" || BY_ATTEMPTS.contains(&name);
    is_unlisted.then(|| {
        format!(
            "RuleGroup {}",
            name.chars().take(LONGEST_NAME).collect::<String>()
        )
    })
}

/// What the rule says of a managed group; null where it is none.
fn managed_group(rule: &Value) -> &Value {
    &rule["Statement"]["ManagedRuleGroupStatement"]
}
