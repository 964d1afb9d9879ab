//! What people are told of a flat-rate pricing plan.

use super::subscription::{Subscription, Tier};
use jiff::Timestamp;

/// What a deletion of `noun` waits for.
#[must_use]
pub fn holds(plan: &Subscription, noun: &str) -> String {
    let (tier, arn) = (plan.tier_name(), &plan.arn);
    let held = format!(
        "{noun} is in the flat-rate pricing plan {tier} ({arn}), and AWS deletes nothing that is in a plan"
    );
    match plan.cancellation().map(|cancellation| cancellation.at) {
        Some(Some(at)) => format!(
            "{held}. The plan ends on {}, as is scheduled, and the deletion goes on by itself then",
            day(at)
        ),
        Some(None) => format!(
            "{held}. Its end is scheduled, and AWS does not say yet for when; the deletion goes on by itself then"
        ),
        None => format!(
            "{held}. Palisade never changes a plan: whoever owns it has to end it in the CloudFront console. {} The deletion goes on \
             by itself then",
            ends(plan.tier())
        ),
    }
}

/// When a plan ends that is ended.
fn ends(tier: Option<Tier>) -> &'static str {
    match tier {
        Some(Tier::Free) => "The plan Free ends at once.",
        Some(Tier::Pro | Tier::Business | Tier::Premium) => "A paid plan ends with its billing period.",
        None => "A paid plan ends with its billing period, Free at once.",
    }
}

/// A plan that moves down to a tier that does not take what the object has.
#[must_use]
pub fn moves_down(plan: &Subscription, to: Tier, refusals: &[String]) -> String {
    let at = plan.scheduled.as_ref().and_then(|scheduled| scheduled.at);
    let when = at.map(|at| format!(" on {}", day(at))).unwrap_or_default();
    format!(
        "the distribution's flat-rate pricing plan moves down from {} to {}{when}, and AWS may refuse changes of what that plan does \
         not take: {}",
        plan.tier_name(),
        to.name(),
        refusals.join("; ")
    )
}

/// A plan that does not take what stands.
#[must_use]
pub fn exceeded(refusals: &[String]) -> String {
    format!(
        "the distribution is in a flat-rate pricing plan that does not take all that the spec asks for, and AWS may refuse changes \
         of it: {}",
        refusals.join("; ")
    )
}

/// The list of subscriptions may not be read.
pub const NOT_READ: &str = "whether the distribution is in a flat-rate pricing plan is not known, since the controller's role may not read the \
     account's plans; all that hangs on it is that limits of plans are not told beforehand. Allow \
     pricingplanmanager:ListSubscriptions (statement ReadPricingPlans of `palisade iam-policy --pricing-plans`)";

/// Why a distribution that is in a plan is not adopted.
#[must_use]
pub fn keeps_web_acl(plan: &Subscription) -> String {
    let ends = match plan.cancellation().and_then(|cancellation| cancellation.at) {
        Some(at) => format!(", which ends on {}", day(at)),
        None => String::new(),
    };
    format!(
        "it is in the flat-rate pricing plan {} ({}){ends}, and an adoption puts another web ACL in the place of the one that the plan \
         is for",
        plan.tier_name(),
        plan.arn
    )
}

/// What to do of it.
pub const END_OR_LEAVE: &str = "leave the distribution as it is, or have the plan's owner end the plan in the CloudFront console: it is adopted \
     once the plan has ended, a paid one with its billing period. Palisade changes no plan";

/// A distribution is to be adopted, and the list of subscriptions was not read.
#[must_use]
pub fn not_read_before_adoption(is_denied: bool) -> String {
    let why = if is_denied {
        "the controller's role may not read the account's plans (statement ReadPricingPlans of `palisade iam-policy --pricing-plans`)"
    } else {
        "the account's plans could not be read"
    };
    format!(
        "Whether the distribution is in a flat-rate pricing plan is not known, since {why}. One that is in a plan is not to be adopted: \
         look in the CloudFront console before you confirm."
    )
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d (UTC)").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pricing_plans::subscription::Scheduled;

    fn plan(tier: &str, scheduled: Option<Scheduled>) -> Subscription {
        Subscription {
            arn: "arn:plan".into(),
            tier: tier.into(),
            state: "ACTIVE".into(),
            resource_arns: vec![],
            since: None,
            scheduled,
        }
    }

    fn cancelled(at: Option<&str>) -> Scheduled {
        Scheduled {
            change: "CANCELLATION".into(),
            at: at.map(|at| at.parse().unwrap()),
            tier: None,
        }
    }

    #[test]
    fn a_wait_says_which_plan_and_when_it_ends_or_who_has_to_end_it() {
        let told = |tier, scheduled| holds(&plan(tier, scheduled), "distribution E1");
        let dated = told("PRO", Some(cancelled(Some("2026-12-31T00:00:00Z"))));
        assert!(
            dated.starts_with("distribution E1 is in the flat-rate pricing plan Pro (arn:plan)"),
            "{dated}"
        );
        assert!(dated.contains("ends on 2026-12-31 (UTC)"), "{dated}");
        assert!(!dated.contains("whoever owns it"), "{dated}");
        assert!(told("PRO", Some(cancelled(None))).contains("does not say yet for when"));
        let open = told("PRO", None);
        assert!(open.contains("whoever owns it has to end it"), "{open}");
        assert!(
            open.contains("A paid plan ends with its billing period"),
            "{open}"
        );
        assert!(told("FREE", None).contains("Free ends at once"));
        assert!(told("NEWER", None).contains("NEWER"));
    }
}
