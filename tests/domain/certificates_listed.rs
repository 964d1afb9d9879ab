//! Which certificates, and which custom domain name, lists and tags show as an object's, and what each serves.

use super::specs::{owner, wanted};
use palisade::api::{ImportedCertificateStatus, MutualTlsStatus};
use palisade::aws::resources::Update;
use palisade::domain::edge::config::Settings;
use palisade::domain::edge::distribution;
use palisade::domain::edge::document::new_config;
use palisade::domain::kernel::identity::{TAG_UID, Tags};
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::packed::Packed;
use palisade::domain::mutual_tls::{SERVES_CLIENT, SERVES_ORIGIN, TAG_SERVES};
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::perimeter::observed::{Observed, Outputs};
use std::collections::BTreeMap;

fn arn(region: &str, id: &str) -> String {
    format!("arn:aws:acm:{region}:123456789012:certificate/{id}")
}

fn serving(what: &str) -> Tags {
    let mut tags = owner().tags();
    tags.insert(TAG_SERVES.to_owned(), what.to_owned());
    tags
}

fn theirs() -> Tags {
    let mut tags = serving(SERVES_ORIGIN);
    tags.insert(TAG_UID.to_owned(), "somebody else's".to_owned());
    tags
}

#[test]
fn a_client_certificate_is_none_of_viewers() {
    let (viewers, client, origin) = (
        arn("us-east-1", "viewers"),
        arn("us-east-1", "client"),
        arn("us-east-1", "origin"),
    );
    let tags = [
        (viewers.clone(), owner().tags()),
        (client.clone(), serving(SERVES_CLIENT)),
        (origin, serving(SERVES_ORIGIN)),
    ];
    let listing = Listing {
        tags: tags.map(|(arn, tags)| (arn, Packed::new(&tags))).into(),
        ..Listing::default()
    };
    let observed = listing.of(&owner(), BTreeMap::new(), Outputs::default());
    let names: Vec<&String> = observed.names.certificates.keys().collect();
    let clients: Vec<&String> = observed.mutual_tls.client_certificates.keys().collect();
    assert_eq!((names, clients), (vec![&viewers], vec![&client]));
}

#[test]
fn the_tags_of_the_apis_region_show_the_origins_certificate_and_its_name() {
    let mut observed = Observed::of(owner());
    let domain = "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com";
    let certificate = arn("eu-north-1", "origin");
    observed.take_region([
        (certificate.clone(), serving(SERVES_ORIGIN)),
        (arn("eu-north-1", "theirs"), theirs()),
        (arn("eu-north-1", "viewers"), owner().tags()),
        (domain.to_owned(), owner().tags()),
        (
            "arn:aws:apigateway:eu-north-1::/apikeys/k".to_owned(),
            owner().tags(),
        ),
    ]);
    let seen = &observed.mutual_tls;
    assert_eq!(
        seen.origin_certificates.keys().collect::<Vec<_>>(),
        [&certificate]
    );
    let Seen::Listed(Some(row)) = &seen.domain else {
        panic!("{:?}", seen.domain);
    };
    assert_eq!(row.arn, domain);
}

#[test]
fn what_was_read_of_the_origins_name_outranks_its_tags() {
    let mut observed = Observed::of(owner());
    observed.mutual_tls.domain = Seen::Absent;
    let domain = "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com";
    observed.take_region([(domain.to_owned(), owner().tags())]);
    assert_eq!(observed.mutual_tls.domain, Seen::Absent);
}

const MUTUAL_TLS: &str = "access: {mode: MutualTls, mutualTls: {hostedZoneId: Z0123456789ABCDEFGHIJ, originDomain: origin.example.com, truststoreBucket: shop-truststores}}";

/// A distribution that was read to show this client certificate to its origin.
fn showing(certificate: &str) -> distribution::Observed {
    let mut settings = Settings::baseline();
    settings.origin.client_certificate_arn = Some(certificate.to_owned());
    let content = distribution::Content {
        id: "E1".into(),
        arn: "arn:aws:cloudfront::123456789012:distribution/E1".into(),
        domain_name: "d1.cloudfront.net".into(),
        etag: "1".into(),
        status: "Deployed".into(),
        config: new_config("reference", &settings),
    };
    distribution::Observed {
        content,
        tags: owner().tags(),
    }
}

#[test]
fn a_client_certificate_that_the_distribution_shows_is_looked_for_though_no_list_has_it() {
    let client = arn("us-east-1", "client");
    let mut observed = Observed::of(owner());
    Update::Distribution(Seen::Present(showing(&client))).absorb_into(&mut observed);
    assert!(
        observed.mutual_tls.client_certificates.is_empty(),
        "in another mode it is not ours"
    );
    observed.mutual_tls.declared = wanted(MUTUAL_TLS).mutual_tls;
    Update::Distribution(Seen::Present(showing(&client))).absorb_into(&mut observed);
    assert_eq!(
        observed.mutual_tls.client_certificates,
        [(client, Seen::Listed(None))].into()
    );
}

#[test]
fn the_client_certificate_that_was_imported_last_is_looked_for_though_no_list_has_it() {
    let (shown, imported) = (arn("us-east-1", "shown"), arn("us-east-1", "imported"));
    let record = |arn: &str| ImportedCertificateStatus {
        arn: arn.to_owned(),
        ..ImportedCertificateStatus::default()
    };
    let outputs = Outputs {
        mutual_tls: Some(MutualTlsStatus {
            client_certificate_arn: Some(shown.clone()),
            client_certificates: vec![record("gone"), record(&shown), record(&imported)],
            ..MutualTlsStatus::default()
        }),
        ..Outputs::default()
    };
    let observed = Listing::default().of(&owner(), BTreeMap::new(), outputs);
    let looked_for = [(shown, Seen::Listed(None)), (imported, Seen::Listed(None))];
    assert_eq!(observed.mutual_tls.client_certificates, looked_for.into());
}
