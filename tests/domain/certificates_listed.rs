//! Which certificates, and which custom domain name, lists and tags show as an object's, and what each serves.

use super::specs::owner;
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
