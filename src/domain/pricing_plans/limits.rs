//! What each tier of a flat-rate pricing plan takes, and what of a perimeter it does not take.
//!
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/flat-rate-pricing-plan.html>

use super::subscription::Tier;
use std::collections::BTreeMap;

/// How much there is of each thing that plans limit, by its name.
pub type Counts = BTreeMap<String, u32>;

const RULES: &str = "rules";
const BEHAVIOURS: &str = "behaviours";

/// What a perimeter has that plans limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Rules of the web ACL; a rule group counts as one.
    pub rules: usize,
    /// Behaviours of the distribution.
    pub behaviours: usize,
    /// Features, each with the field that asks for it.
    pub features: Vec<(Feature, String)>,
}

impl Wanted {
    /// How much there is of each: what status remembers of a spec that was accepted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::from([
            (RULES.to_owned(), number(self.rules)),
            (BEHAVIOURS.to_owned(), number(self.behaviours)),
        ]);
        for (feature, _) in &self.features {
            *counts.entry(feature.key().to_owned()).or_default() += 1;
        }
        counts
    }

    /// What there is more of than in what was `accepted`. The rest stands already, whatever a plan takes.
    #[must_use]
    pub fn grown_since(&self, accepted: &Counts) -> Self {
        let counts = self.counts();
        let of = |counts: &Counts, key: &str| counts.get(key).copied().unwrap_or_default();
        let has_grown = |key: &str| of(&counts, key) > of(accepted, key);
        let features = self.features.iter();
        Self {
            rules: if has_grown(RULES) { self.rules } else { 0 },
            behaviours: if has_grown(BEHAVIOURS) { self.behaviours } else { 0 },
            features: features
                .filter(|(feature, _)| has_grown(feature.key()))
                .cloned()
                .collect(),
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What only some tiers take, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Feature {
    Captcha,
    CustomResponse,
    WebAclLogs,
    AccessLogs,
    AntiDdos,
    BotControl,
    Regex,
    CachePolicy,
    OriginRequestPolicy,
    OriginMutualTls,
    OwnRuleGroup,
    PartnerRuleGroup,
    TargetedBotControl,
    AccountProtection,
    ShieldAdvanced,
    IamCertificate,
}

impl Feature {
    /// The lowest tier that takes it; `None` where none does.
    const fn from(self) -> Option<Tier> {
        match self {
            Self::Captcha | Self::CustomResponse | Self::WebAclLogs | Self::AccessLogs => Some(Tier::Pro),
            Self::AntiDdos
            | Self::BotControl
            | Self::Regex
            | Self::CachePolicy
            | Self::OriginRequestPolicy
            | Self::OriginMutualTls => Some(Tier::Business),
            Self::OwnRuleGroup
            | Self::PartnerRuleGroup
            | Self::TargetedBotControl
            | Self::AccountProtection
            | Self::ShieldAdvanced
            | Self::IamCertificate => None,
        }
    }

    /// Its name in status.
    const fn key(self) -> &'static str {
        match self {
            Self::Captcha => "captcha",
            Self::CustomResponse => "customResponse",
            Self::WebAclLogs => "webAclLogs",
            Self::AccessLogs => "accessLogs",
            Self::AntiDdos => "antiDdos",
            Self::BotControl => "botControl",
            Self::Regex => "regex",
            Self::CachePolicy => "cachePolicy",
            Self::OriginRequestPolicy => "originRequestPolicy",
            Self::OriginMutualTls => "originMutualTls",
            Self::OwnRuleGroup => "ownRuleGroup",
            Self::PartnerRuleGroup => "partnerRuleGroup",
            Self::TargetedBotControl => "targetedBotControl",
            Self::AccountProtection => "accountProtection",
            Self::ShieldAdvanced => "shieldAdvanced",
            Self::IamCertificate => "iamCertificate",
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Captcha => "CAPTCHAs",
            Self::CustomResponse => "answers of your own to what is blocked",
            Self::WebAclLogs => "logs of the web ACL",
            Self::AccessLogs => "access logs",
            Self::AntiDdos => "the AntiDDoS rule group",
            Self::BotControl => "Bot Control",
            Self::Regex => "regular expressions in rules",
            Self::CachePolicy => "cache policies of your own",
            Self::OriginRequestPolicy => "origin request policies of your own",
            Self::OriginMutualTls => "mutual TLS with the origin",
            Self::OwnRuleGroup => "rule groups of your own",
            Self::PartnerRuleGroup => "rule groups of other vendors",
            Self::TargetedBotControl => "Bot Control at the level TARGETED",
            Self::AccountProtection => "the rule groups against account takeover and account creation fraud",
            Self::ShieldAdvanced => "Shield Advanced",
            Self::IamCertificate => "certificates of IAM",
        }
    }

    /// What to write in its place.
    const fn instead(self) -> &'static str {
        match self {
            Self::OwnRuleGroup => "write its rules into spec.webAcl.rules",
            Self::PartnerRuleGroup => "use a rule group of AWS's",
            Self::TargetedBotControl => "set InspectionLevel to COMMON, which Business and Premium take",
            Self::AccountProtection => "limit the rate of the path of the login in spec.webAcl.rateLimits",
            Self::OriginMutualTls => {
                "set spec.access.mode to ApiKey or SecretHeader, and leave spec.access.mutualTls out"
            }
            Self::CachePolicy | Self::OriginRequestPolicy => "name one of AWS's managed policies",
            Self::IamCertificate => "use a certificate of ACM",
            Self::ShieldAdvanced => "leave the field out: plans have a protection against DDoS of their own",
            Self::Captcha
            | Self::CustomResponse
            | Self::WebAclLogs
            | Self::AccessLogs
            | Self::AntiDdos
            | Self::BotControl
            | Self::Regex => "leave it out",
        }
    }
}

/// How many rules a web ACL may have.
const fn rules(tier: Tier) -> usize {
    match tier {
        Tier::Free => 5,
        Tier::Pro => 25,
        Tier::Business => 50,
        Tier::Premium => 75,
    }
}

/// How many behaviours a distribution may have.
const fn behaviours(tier: Tier) -> usize {
    match tier {
        Tier::Free => 5,
        Tier::Pro => 10,
        Tier::Business => 50,
        Tier::Premium => 100,
    }
}

/// What of `wanted` a plan of `tier` does not take: each with its field, the tier and what to do.
#[must_use]
pub fn refusals(tier: Tier, wanted: &Wanted) -> Vec<String> {
    let counts = [
        counted("spec.webAcl", "rules", wanted.rules, rules, tier),
        counted(
            "the distribution",
            "behaviours",
            wanted.behaviours,
            behaviours,
            tier,
        ),
    ];
    let features = wanted.features.iter();
    let features = features.filter_map(|(feature, field)| of_feature(*feature, field, tier));
    counts.into_iter().flatten().chain(features).collect()
}

fn counted(
    field: &str,
    noun: &str,
    count: usize,
    most: impl Fn(Tier) -> usize,
    tier: Tier,
) -> Option<String> {
    let name = tier.name();
    let higher = Tier::ALL.into_iter().find(|other| count <= most(*other));
    (count > most(tier)).then(|| {
        format!(
            "{field} comes to {count} {noun}, and the flat-rate pricing plan {name} takes {}: have fewer{}",
            most(tier),
            moved_up(higher)
        )
    })
}

fn of_feature(feature: Feature, field: &str, tier: Tier) -> Option<String> {
    let (noun, instead) = (feature.noun(), feature.instead());
    match feature.from() {
        Some(lowest) if lowest <= tier => None,
        lowest @ Some(_) => Some(format!(
            "{field}: the flat-rate pricing plan {} does not take {noun}: {instead}{}",
            tier.name(),
            moved_up(lowest)
        )),
        None => Some(format!(
            "{field}: the distribution is in the flat-rate pricing plan {}, and no such plan takes {noun}: {instead}",
            tier.name()
        )),
    }
}

fn moved_up(to: Option<Tier>) -> String {
    to.map(|tier| format!(", or have the plan's owner move it up to {}", tier.name()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(feature: Feature) -> Wanted {
        Wanted {
            features: vec![(feature, "spec.field".to_owned())],
            ..Wanted::default()
        }
    }

    #[test]
    fn each_tier_takes_so_many_rules_and_behaviours() {
        for (tier, rules, behaviours) in [
            (Tier::Free, 5, 5),
            (Tier::Pro, 25, 10),
            (Tier::Business, 50, 50),
            (Tier::Premium, 75, 100),
        ] {
            let told = |rules, behaviours| {
                let wanted = Wanted {
                    rules,
                    behaviours,
                    features: vec![],
                };
                refusals(tier, &wanted).len()
            };
            assert_eq!(told(rules, behaviours), 0, "{tier:?}");
            assert_eq!(told(rules + 1, behaviours), 1, "{tier:?}");
            assert_eq!(told(rules + 1, behaviours + 1), 2, "{tier:?}");
        }
    }

    #[test]
    fn a_refusal_names_field_and_tier_and_the_lowest_one_that_takes_it() {
        let wanted = Wanted {
            rules: 26,
            ..Wanted::default()
        };
        assert_eq!(
            refusals(Tier::Free, &wanted),
            [
                "spec.webAcl comes to 26 rules, and the flat-rate pricing plan Free takes 5: have fewer, or have the plan's owner move \
                 it up to Business"
            ]
        );
        assert_eq!(
            refusals(Tier::Pro, &with(Feature::OriginMutualTls)),
            [
                "spec.field: the flat-rate pricing plan Pro does not take mutual TLS with the origin: set spec.access.mode to ApiKey \
                 or SecretHeader, and leave spec.access.mutualTls out, or have the plan's owner move it up to Business"
            ]
        );
        let too_many = Wanted {
            rules: 76,
            ..Wanted::default()
        };
        assert!(refusals(Tier::Premium, &too_many)[0].ends_with("takes 75: have fewer"));
    }

    #[test]
    fn what_was_accepted_is_not_refused_again_and_what_grows_beyond_it_is() {
        let wanted = |rules, features: &[Feature]| Wanted {
            rules,
            behaviours: 1,
            features: features
                .iter()
                .map(|feature| (*feature, "spec.field".to_owned()))
                .collect(),
        };
        let accepted = wanted(30, &[Feature::Regex]).counts();
        let told = |now: Wanted| refusals(Tier::Pro, &now.grown_since(&accepted)).len();
        assert_eq!(told(wanted(27, &[Feature::Regex])), 0);
        assert_eq!(told(wanted(30, &[Feature::Regex])), 0);
        assert_eq!(told(wanted(31, &[Feature::Regex])), 1);
        assert_eq!(told(wanted(30, &[Feature::BotControl])), 1);
        assert_eq!(told(wanted(30, &[Feature::Regex, Feature::Regex])), 2);
        // More, and within the plan.
        let few = wanted(10, &[]).counts();
        assert_eq!(
            refusals(Tier::Pro, &wanted(25, &[]).grown_since(&few)),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_a_tier_takes_every_higher_one_takes_and_some_no_tier_takes() {
        for (feature, lowest) in [
            (Feature::WebAclLogs, Some(Tier::Pro)),
            (Feature::AccessLogs, Some(Tier::Pro)),
            (Feature::Captcha, Some(Tier::Pro)),
            (Feature::CustomResponse, Some(Tier::Pro)),
            (Feature::CachePolicy, Some(Tier::Business)),
            (Feature::OriginRequestPolicy, Some(Tier::Business)),
            (Feature::OriginMutualTls, Some(Tier::Business)),
            (Feature::AntiDdos, Some(Tier::Business)),
            (Feature::BotControl, Some(Tier::Business)),
            (Feature::Regex, Some(Tier::Business)),
            (Feature::OwnRuleGroup, None),
            (Feature::PartnerRuleGroup, None),
            (Feature::TargetedBotControl, None),
            (Feature::AccountProtection, None),
            (Feature::ShieldAdvanced, None),
            (Feature::IamCertificate, None),
        ] {
            for tier in Tier::ALL {
                let is_taken = lowest.is_some_and(|lowest| lowest <= tier);
                let told = refusals(tier, &with(feature));
                assert_eq!(told.is_empty(), is_taken, "{feature:?} {tier:?}");
                // Who reads it at night must not end a plan or a distribution for it.
                for word in ["cancel", "delete", "pay-as-you-go"] {
                    assert!(!told.iter().any(|told| told.contains(word)), "{told:?}");
                }
            }
        }
    }
}
