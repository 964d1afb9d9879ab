//! How near an account is to AWS's limits.

use super::specs;
use palisade::api::{AccountQuotas, QuotaName};
use palisade::domain::edge::distribution;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::status::headroom::{Protections, headroom, verdict};

fn row(id: &str, functions: &[&str], has_other_functions: bool) -> distribution::Listed {
    distribution::Listed {
        functions: functions.iter().map(ToString::to_string).collect(),
        has_other_functions,
        ..specs::row(id)
    }
}

fn listing() -> Listing {
    let rows = [
        row("A", &["function:1"], false),
        row("B", &[], true),
        row("C", &[], false),
    ];
    Listing {
        distributions: rows.into_iter().map(|row| (row.id.clone(), row)).collect(),
        foreign_web_acls: 91,
        ..Listing::default()
    }
}

fn used(quotas: &AccountQuotas, protections: Option<Protections>) -> Vec<(QuotaName, i64, i64)> {
    let uses = headroom(&listing(), protections, quotas).into_iter();
    uses.map(|found| (found.name, found.used, found.limit)).collect()
}

#[test]
fn everybodys_resources_count_against_awss_own_limits() {
    let protections = Some(Protections { used: 2, limit: 1000 });
    assert_eq!(
        used(&AccountQuotas::default(), protections),
        [
            (QuotaName::Distributions, 3, 500),
            (QuotaName::WebAcls, 91, 100),
            (QuotaName::LambdaAssociations, 2, 500),
            (QuotaName::Protections, 2, 1000)
        ]
    );
}

#[test]
fn a_limit_that_aws_raised_is_declared_and_protections_count_only_with_a_subscription() {
    let quotas = AccountQuotas {
        distributions: Some(1000),
        web_acls: Some(200),
        lambda_associations: Some(25),
    };
    assert_eq!(
        used(&quotas, None),
        [
            (QuotaName::Distributions, 3, 1000),
            (QuotaName::WebAcls, 91, 200),
            (QuotaName::LambdaAssociations, 2, 25)
        ]
    );
}

#[test]
fn above_nine_tenths_a_quota_is_low_and_named() {
    let told = verdict(&headroom(&listing(), None, &AccountQuotas::default()));
    assert_eq!((told.status, told.reason), ("False", Reason::QuotaLow));
    assert!(told.message.contains("91 of 100 web ACLs"), "{}", told.message);
    assert!(!told.message.contains("distributions"), "{}", told.message);
    let quotas = AccountQuotas {
        web_acls: Some(102),
        ..AccountQuotas::default()
    };
    let told = verdict(&headroom(&listing(), None, &quotas));
    assert_eq!(told.status, "True");
    assert!(
        told.message.contains("3 of 500 distributions"),
        "{}",
        told.message
    );
}
