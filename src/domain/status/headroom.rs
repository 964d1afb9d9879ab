//! How near an account is to AWS's limits in number.

use super::conditions::Verdict;
use crate::api::{AccountQuotas, QuotaName, QuotaUse};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::listing::Listing;

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
