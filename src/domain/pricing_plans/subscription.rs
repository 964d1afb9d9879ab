//! A subscription to a flat-rate pricing plan, as AWS lists it.

use jiff::Timestamp;

/// What a plan takes hangs on its tier: from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Tier {
    Free,
    Pro,
    Business,
    Premium,
}

/// A subscription. Its words are AWS's own: there may be newer ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its ARN.
    pub arn: String,
    /// `FREE`, `PRO`, `BUSINESS` or `PREMIUM`.
    pub tier: String,
    /// `ACTIVE`, `SYNC_IN_PROGRESS`, `PENDING_APPROVAL` or `FAILED`.
    pub state: String,
    /// What it is for: one distribution and one web ACL, and perhaps hosted zones and key value stores.
    pub resource_arns: Vec<String>,
    /// When it was made.
    pub since: Option<Timestamp>,
    /// What becomes of it at the end of a billing period, where that is scheduled.
    pub scheduled: Option<Scheduled>,
}

/// A change at the end of a billing period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// `CANCELLATION` or `DOWNGRADE`.
    pub change: String,
    /// When; absent until AWS's billing has confirmed it.
    pub at: Option<Timestamp>,
    /// The tier after a downgrade.
    pub tier: Option<String>,
}

/// What is known of the plan that an object's distribution or web ACL is in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Seen {
    /// Nobody has looked: there is nothing yet that could be in one.
    #[default]
    Unasked,
    /// The list of subscriptions could not be read.
    Unknown {
        /// Whether the credentials may not read it, which only a person can change.
        is_denied: bool,
    },
    /// The subscription; `None` where everything is paid by use.
    Known(Option<Box<Subscription>>),
}

impl Tier {
    /// All tiers.
    pub const ALL: [Self; 4] = [Self::Free, Self::Pro, Self::Business, Self::Premium];

    /// The tier that AWS's word is for; `None` for one that is newer than this code.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|tier| tier.name().eq_ignore_ascii_case(word))
    }

    /// The tier's name in AWS's documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Pro => "Pro",
            Self::Business => "Business",
            Self::Premium => "Premium",
        }
    }
}

/// Whether a plan in this state counts: one in a state that this code does not know does.
#[must_use]
pub fn is_in_force(state: &str) -> bool {
    !["FAILED", "PENDING_APPROVAL"].contains(&state)
}

impl Subscription {
    /// The tier, where this code knows it.
    #[must_use]
    pub fn tier(&self) -> Option<Tier> {
        Tier::parse(&self.tier)
    }

    /// The tier's name for people.
    #[must_use]
    pub fn tier_name(&self) -> &str {
        match self.tier() {
            Some(tier) => tier.name(),
            None => &self.tier,
        }
    }

    /// Whether the plan counts.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        is_in_force(&self.state)
    }

    /// Whether it is for the resource with this ARN.
    #[must_use]
    pub fn is_for(&self, arn: &str) -> bool {
        self.resource_arns.iter().any(|known| known == arn)
    }

    /// The cancellation, where one is scheduled.
    #[must_use]
    pub fn cancellation(&self) -> Option<&Scheduled> {
        let scheduled = self.scheduled.as_ref();
        scheduled.filter(|scheduled| scheduled.change == "CANCELLATION")
    }

    /// The tier that a scheduled downgrade leads to, where this code knows it.
    #[must_use]
    pub fn tier_to_come(&self) -> Option<Tier> {
        let scheduled = self.scheduled.as_ref()?;
        Tier::parse(scheduled.tier.as_deref()?)
    }
}

impl Seen {
    /// The subscription, where there is one and it counts.
    #[must_use]
    pub fn in_force(&self) -> Option<&Subscription> {
        match self {
            Self::Known(found) => found.as_deref().filter(|found| found.is_in_force()),
            Self::Unasked | Self::Unknown { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(tier: &str, state: &str) -> Subscription {
        Subscription {
            arn: "arn:aws:pricingplanmanager::111122223333:subscription/s".into(),
            tier: tier.into(),
            state: state.into(),
            resource_arns: vec!["arn:aws:cloudfront::111122223333:distribution/E1".into()],
            since: None,
            scheduled: None,
        }
    }

    #[test]
    fn a_word_that_is_newer_than_this_code_is_shown_as_it_is_and_its_plan_counts() {
        let found = subscription("ULTIMATE", "MOVING");
        assert_eq!((found.tier(), found.tier_name()), (None, "ULTIMATE"));
        assert!(found.is_in_force());
        assert_eq!(subscription("BUSINESS", "ACTIVE").tier_name(), "Business");
    }

    #[test]
    fn a_plan_that_nobody_has_approved_or_that_failed_does_not_count() {
        for (state, counts) in [
            ("ACTIVE", true),
            ("SYNC_IN_PROGRESS", true),
            ("PENDING_APPROVAL", false),
            ("FAILED", false),
        ] {
            let seen = Seen::Known(Some(Box::new(subscription("FREE", state))));
            assert_eq!(seen.in_force().is_some(), counts, "{state}");
        }
        assert_eq!(Seen::Known(None).in_force(), None);
        assert_eq!(Seen::Unknown { is_denied: false }.in_force(), None);
    }
}
