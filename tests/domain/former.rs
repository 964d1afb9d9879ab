//! Which distributions an earlier object of a name may have left before an API.

use super::specs::{owner, row};
use palisade::api::ProtectedApiSpec;
use palisade::domain::edge::distribution::{Listed, comment};
use palisade::domain::kernel::identity::Owner;
use palisade::domain::perimeter::former::left_by_namesakes;
use palisade::domain::perimeter::listing::Listing;

const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
const NAME: &str = "origin.example.com";

fn spec(more: &str) -> ProtectedApiSpec {
    let origin = format!("origin: {{endpoint: {ENDPOINT}, type: REST, stage: prod}}");
    serde_yaml::from_str(&format!("{origin}\n{more}")).unwrap()
}

/// How many are found of one that `former` left, and that asks `domain`.
fn found(spec: &ProtectedApiSpec, former: &Owner, owner: &Owner, domain: &str) -> usize {
    let row = Listed {
        comment: comment(former),
        origins: vec![(domain.to_owned(), String::new())],
        ..row("E1")
    };
    let listing = Listing {
        distributions: [(row.id.clone(), row)].into(),
        ..Listing::default()
    };
    left_by_namesakes(spec, owner, &listing).len()
}

fn former_of(owner: &Owner) -> Owner {
    Owner {
        uid: "87654321-0000-4000-8000-000000000000".to_owned(),
        ..owner.clone()
    }
}

#[test]
fn it_asks_the_api_by_its_endpoint_or_by_the_name_of_mutual_tls_in_whichever_mode() {
    let by_name = spec(
        "access: {mode: MutualTls, mutualTls: {hostedZoneId: Z0123456789ABCDEFGHIJ, originDomain: origin.example.com, truststoreBucket: b}}",
    );
    let (own, former) = (owner(), former_of(&owner()));
    assert_eq!(found(&by_name, &former, &own, ENDPOINT), 1);
    assert_eq!(found(&by_name, &former, &own, NAME), 1);
    assert_eq!(found(&spec(""), &former, &own, ENDPOINT), 1);
    assert_eq!(found(&spec(""), &former, &own, NAME), 0);
    assert_eq!(found(&spec(""), &own, &own, ENDPOINT), 0, "it is its own");
}

#[test]
fn a_long_name_that_its_comment_does_not_hold_is_found_all_the_same() {
    let long = Owner {
        namespace: "n".repeat(63),
        name: "o".repeat(63),
        ..owner()
    };
    let former = former_of(&long);
    assert!(!comment(&former).contains(&long.name));
    assert_eq!(found(&spec(""), &former, &long, ENDPOINT), 1);
    let other = Owner {
        namespace: "m".repeat(63),
        ..former
    };
    assert_eq!(found(&spec(""), &other, &long, ENDPOINT), 0);
}
