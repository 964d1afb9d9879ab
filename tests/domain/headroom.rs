//! How near an account is to AWS's limits.

use super::specs;
use palisade::api::{AccountQuotas, QuotaName};
use palisade::domain::edge::distribution;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::status::headroom::{Counted, Protections, headroom, verdict};

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
    let counted = Counted {
        protections,
        ..Counted::default()
    };
    let uses = headroom(&listing(), &counted, quotas).into_iter();
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
        ..AccountQuotas::default()
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
    let told = verdict(&headroom(
        &listing(),
        &Counted::default(),
        &AccountQuotas::default(),
    ));
    assert_eq!((told.status, told.reason), ("False", Reason::QuotaLow));
    assert!(told.message.contains("91 of 100 web ACLs"), "{}", told.message);
    assert!(!told.message.contains("distributions"), "{}", told.message);
    let quotas = AccountQuotas {
        web_acls: Some(102),
        ..AccountQuotas::default()
    };
    let told = verdict(&headroom(&listing(), &Counted::default(), &quotas));
    assert_eq!(told.status, "True");
    assert!(
        told.message.contains("3 of 500 distributions"),
        "{}",
        told.message
    );
}

#[test]
fn domain_names_count_for_each_region_and_imports_for_a_year() {
    let counted = Counted {
        domain_names: [("eu-north-1".to_owned(), 119), ("eu-west-1".to_owned(), 3)].into(),
        imports: 4600,
        ..Counted::default()
    };
    let uses = headroom(&Listing::default(), &counted, &AccountQuotas::default());
    let told: Vec<_> = uses
        .iter()
        .map(|found| (found.name, found.region.as_deref(), found.used, found.limit))
        .collect();
    assert_eq!(
        told[3..],
        [
            (QuotaName::DomainNames, Some("eu-north-1"), 119, 120),
            (QuotaName::DomainNames, Some("eu-west-1"), 3, 120),
            (QuotaName::CertificateImports, None, 4600, 5000),
        ]
    );
    let told = verdict(&uses);
    assert_eq!(told.reason, Reason::QuotaLow);
    for part in [
        "119 of 120 custom domain names of API Gateway in eu-north-1",
        "4600 of 5000 imports",
    ] {
        assert!(told.message.contains(part), "{}", told.message);
    }
    assert!(!told.message.contains("eu-west-1"), "{}", told.message);
    let quotas = AccountQuotas {
        domain_names: Some(300),
        certificate_imports: Some(10_000),
        ..AccountQuotas::default()
    };
    let told = verdict(&headroom(&Listing::default(), &counted, &quotas));
    assert_eq!(told.status, "True", "{}", told.message);
}
