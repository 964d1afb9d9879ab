//! How near an account is to AWS's limits in number, and whether they leave room for what a plan makes.

use super::conditions::Verdict;
use crate::api::{AccountQuotas, QuotaName, QuotaUse};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Problem};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;

/// Condition type: false where a limit is nearly reached.
pub const QUOTA_HEADROOM: &str = "QuotaHeadroom";

/// AWS's own limits, which it raises on request.
const DISTRIBUTIONS: i64 = 500;
const WEB_ACLS: i64 = 100;
const LAMBDA_ASSOCIATIONS: i64 = 500;
/// Above so many percent there is little left.
const LOW: i64 = 90;

/// Protections of distributions by Shield Advanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protections {
    /// How many there are.
    pub used: usize,
    /// How many there may be.
    pub limit: i64,
}

/// What is used of each limit, everybody's resources counted. `protections` is `None` without a subscription, or where it is not known.
#[must_use]
pub fn headroom(
    listing: &Listing,
    protections: Option<Protections>,
    quotas: &AccountQuotas,
) -> Vec<QuotaUse> {
    let rows = listing.distributions.values();
    let mut uses = vec![
        use_of(
            QuotaName::Distributions,
            listing.distributions.len(),
            quotas.distributions.map_or(DISTRIBUTIONS, i64::from),
        ),
        use_of(
            QuotaName::WebAcls,
            listing.web_acls.len() + listing.foreign_web_acls,
            quotas.web_acls.map_or(WEB_ACLS, i64::from),
        ),
        use_of(
            QuotaName::LambdaAssociations,
            rows.filter(|row| row.runs_functions()).count(),
            quotas.lambda_associations.map_or(LAMBDA_ASSOCIATIONS, i64::from),
        ),
    ];
    uses.extend(protections.map(|found| use_of(QuotaName::Protections, found.used, found.limit)));
    uses
}

/// The condition [`QUOTA_HEADROOM`].
#[must_use]
pub fn verdict(uses: &[QuotaUse]) -> Verdict {
    let words = |uses: &[&QuotaUse]| {
        let words: Vec<String> = uses.iter().map(|found| said(found)).collect();
        words.join(", ")
    };
    let low: Vec<&QuotaUse> = uses.iter().filter(|found| is_low(found)).collect();
    if low.is_empty() {
        let all: Vec<&QuotaUse> = uses.iter().collect();
        return Verdict::yes(QUOTA_HEADROOM, Reason::HeadroomLeft, words(&all));
    }
    Verdict::no(
        QUOTA_HEADROOM,
        Reason::QuotaLow,
        format!(
            "nearly used up: {}; have the quota raised in Service Quotas, and write the new limit into spec.quotas",
            words(&low)
        ),
    )
}

/// The limits that leave no room for what is not there yet of `desired`: nothing of it should be begun before.
#[must_use]
pub fn without_room(uses: &[QuotaUse], desired: &Desired, observed: &Observed) -> Vec<Problem> {
    let is_full = |name: QuotaName| {
        uses.iter()
            .find(|found| found.name == name && found.used >= found.limit)
    };
    let made = uses.iter().map(|found| found.name);
    let made = made.filter(|name| is_made(*name, desired, observed));
    made.filter_map(is_full).map(no_room).collect()
}

/// Whether the perimeter is going to use one more of what a limit counts. What was not listed is not known to be missing.
fn is_made(name: QuotaName, desired: &Desired, observed: &Observed) -> bool {
    let is_new = matches!(observed.distribution, Seen::Listed(None) | Seen::Absent)
        && !observed.unread.contains(&Kind::Distribution);
    match name {
        QuotaName::Distributions => is_new,
        QuotaName::WebAcls => {
            matches!(observed.web_acl, Seen::Listed(None) | Seen::Absent)
                && !observed.unread.contains(&Kind::WebAcl)
        }
        QuotaName::LambdaAssociations => {
            let runs_none = is_new || observed.distribution.functions().is_empty();
            observed.needs_signer(desired) && runs_none && !observed.unread.contains(&Kind::Distribution)
        }
        // Without a subscription there is no limit that is known.
        QuotaName::Protections => false,
    }
}

fn no_room(found: &QuotaUse) -> Problem {
    let kind = match found.name {
        QuotaName::WebAcls => Kind::WebAcl,
        QuotaName::Protections => Kind::Protection,
        QuotaName::Distributions | QuotaName::LambdaAssociations => Kind::Distribution,
    };
    let message = format!(
        "the account has {}, and this would be one more: have the quota raised in Service Quotas first, and write the new limit into \
         spec.quotas of the AwsAccount",
        said(found)
    );
    Problem::new(Id::of(kind), Reason::QuotaReached, message)
}

fn use_of(name: QuotaName, used: usize, limit: i64) -> QuotaUse {
    QuotaUse {
        name,
        used: i64::try_from(used).unwrap_or(i64::MAX),
        limit,
    }
}

fn is_low(found: &QuotaUse) -> bool {
    found.used.saturating_mul(100) > found.limit.saturating_mul(LOW)
}

fn said(found: &QuotaUse) -> String {
    let noun = match found.name {
        QuotaName::Distributions => "distributions",
        QuotaName::WebAcls => "web ACLs",
        QuotaName::LambdaAssociations => "distributions with Lambda@Edge functions",
        QuotaName::Protections => "protections of distributions by Shield Advanced",
    };
    format!("{} of {} {noun}", found.used, found.limit)
}
