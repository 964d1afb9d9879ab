//! How near an account is to AWS's limits in number, and whether they leave room for what a plan makes.

use super::conditions::Verdict;
use crate::api::{AccountQuotas, QuotaName, QuotaUse};
use crate::domain::adoption::{Whose, whose};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Problem};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Condition type: false where a limit is nearly reached.
pub const QUOTA_HEADROOM: &str = "QuotaHeadroom";

/// AWS's own limits, which it raises on request.
const DISTRIBUTIONS: i64 = 500;
const WEB_ACLS: i64 = 100;
const LAMBDA_ASSOCIATIONS: i64 = 500;
const DOMAIN_NAMES: i64 = 120;
const CERTIFICATE_IMPORTS: i64 = 5000;
/// Of so many Regions, the fullest, status tells the custom domain names.
const REGIONS: usize = 8;
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

/// What is counted beside the lists of the account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// `None` without a subscription, or where it is not known.
    pub protections: Option<Protections>,
    /// Custom domain names of API Gateway by Region, everybody's, as far as they were listed for something else.
    pub domain_names: BTreeMap<String, usize>,
    /// How many client certificates objects import in 365 days, as their rotation periods have it.
    pub imports: usize,
}

/// What is used of each limit, everybody's resources counted.
#[must_use]
pub fn headroom(listing: &Listing, counted: &Counted, quotas: &AccountQuotas) -> Vec<QuotaUse> {
    let rows = listing.distributions.values();
    let mut uses = vec![
        use_of(
            QuotaName::Distributions,
            listing.distributions.len(),
            stated(QuotaName::Distributions, quotas).unwrap_or(DISTRIBUTIONS),
        ),
        use_of(
            QuotaName::WebAcls,
            listing.web_acls.len() + listing.foreign_web_acls,
            stated(QuotaName::WebAcls, quotas).unwrap_or(WEB_ACLS),
        ),
        use_of(
            QuotaName::LambdaAssociations,
            rows.filter(|row| row.runs_functions()).count(),
            stated(QuotaName::LambdaAssociations, quotas).unwrap_or(LAMBDA_ASSOCIATIONS),
        ),
    ];
    let protections = counted.protections;
    uses.extend(protections.map(|found| use_of(QuotaName::Protections, found.used, found.limit)));
    let limit = stated(QuotaName::DomainNames, quotas).unwrap_or(DOMAIN_NAMES);
    let mut regions: Vec<_> = counted.domain_names.iter().collect();
    regions.sort_by_key(|(_, used)| Reverse(**used));
    uses.extend(regions.into_iter().take(REGIONS).map(|(region, used)| QuotaUse {
        region: Some(region.clone()),
        ..use_of(QuotaName::DomainNames, *used, limit)
    }));
    let limit = stated(QuotaName::CertificateImports, quotas).unwrap_or(CERTIFICATE_IMPORTS);
    let imports = Some(counted.imports).filter(|imports| *imports > 0);
    uses.extend(imports.map(|imports| use_of(QuotaName::CertificateImports, imports, limit)));
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
    let declared = desired.mutual_tls.as_ref();
    let is_here = |found: &&QuotaUse| {
        let region = found.region.as_ref();
        region.is_none_or(|region| declared.is_some_and(|declared| declared.gate.region == *region))
    };
    let full = uses
        .iter()
        .filter(|found| found.used >= found.limit)
        .filter(is_here);
    full.filter(|found| is_made(found.name, desired, observed))
        .map(no_room)
        .collect()
}

/// The refusal of an object of which nothing stands yet, where one of these limits leaves no room for it; `None` where there is room, or
/// where something stands, which is seen to in any case.
#[must_use]
pub fn refusal(uses: &[QuotaUse], desired: &Desired, observed: &Observed) -> Option<Rejection> {
    let is_begun = observed.knows(Kind::Distribution)
        || !matches!(observed.distribution, Seen::Listed(None))
        || !matches!(observed.web_acl, Seen::Listed(None))
        || (desired.adoption.is_some() && !is_free(desired, observed));
    let problem = without_room(uses, desired, observed).into_iter().next();
    let problem = problem.filter(|_| !is_begun)?;
    Some(Rejection::new(problem.reason, problem.message))
}

/// Whether the distribution that `desired` adopts is nobody's of Palisade, so that nothing of the adoption is begun.
fn is_free(desired: &Desired, observed: &Observed) -> bool {
    let declared = desired.adoption.as_ref().filter(|declared| !declared.release);
    let found = observed.adoption.found.as_ref().filter(|_| declared.is_some());
    found.is_some_and(|found| whose(found, &observed.owner) == Whose::Free)
}

/// The limit as the `AwsAccount` states it; `None` where AWS's own is assumed, which may have been raised.
#[must_use]
pub fn stated(name: QuotaName, quotas: &AccountQuotas) -> Option<i64> {
    let stated = match name {
        QuotaName::Distributions => quotas.distributions,
        QuotaName::WebAcls => quotas.web_acls,
        QuotaName::LambdaAssociations => quotas.lambda_associations,
        QuotaName::DomainNames => quotas.domain_names,
        QuotaName::CertificateImports => quotas.certificate_imports,
        QuotaName::Protections => None,
    };
    stated.map(i64::from)
}

/// Whether the perimeter is going to use one more of what a limit counts. What was not listed is not known to be missing.
fn is_made(name: QuotaName, desired: &Desired, observed: &Observed) -> bool {
    let is_new = matches!(observed.distribution, Seen::Listed(None) | Seen::Absent)
        && !observed.unread.contains(&Kind::Distribution);
    match name {
        // One that is adopted stands already.
        QuotaName::Distributions => is_new && desired.adoption.is_none(),
        QuotaName::WebAcls => {
            matches!(observed.web_acl, Seen::Listed(None) | Seen::Absent)
                && !observed.unread.contains(&Kind::WebAcl)
        }
        QuotaName::LambdaAssociations => {
            let runs_none = match &observed.adoption.found {
                Some(found) => !found.runs_functions(),
                None => is_new || observed.distribution.functions().is_empty(),
            };
            observed.needs_signer(desired) && runs_none && !observed.unread.contains(&Kind::Distribution)
        }
        QuotaName::DomainNames => {
            let is_there = matches!(
                observed.mutual_tls.domain,
                Seen::Listed(Some(_)) | Seen::Present(_)
            );
            // Whoever leaves the mode makes none.
            let is_wanted = desired
                .mutual_tls
                .as_ref()
                .is_some_and(|declared| !declared.leaves);
            is_wanted && !is_there && !observed.mutual_tls.is_unread
        }
        // Without a subscription there is no limit that is known; what a year's imports come to is no count of what was imported.
        QuotaName::Protections | QuotaName::CertificateImports => false,
    }
}

fn no_room(found: &QuotaUse) -> Problem {
    let kind = match found.name {
        QuotaName::WebAcls => Kind::WebAcl,
        QuotaName::Protections => Kind::Protection,
        QuotaName::DomainNames => Kind::OriginDomain,
        QuotaName::CertificateImports => Kind::ClientCertificate,
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
        region: None,
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
        QuotaName::DomainNames => "custom domain names of API Gateway",
        QuotaName::CertificateImports => {
            "imports of certificates in 365 days, as the objects' rotation periods have it"
        }
    };
    let region = found.region.as_ref();
    let region = region.map(|region| format!(" in {region}"));
    format!(
        "{} of {} {noun}{}",
        found.used,
        found.limit,
        region.unwrap_or_default()
    )
}
