//! Staging distributions: copies with the comment of what they were copied from, by which a continuous deployment policy
//! serves some viewers.

use super::specs::{self, ENDPOINT, owner, wanted};
use super::world::{World, first_status};
use palisade::domain::edge::{aliases, distribution, xml};
use palisade::domain::kernel::identity::Owner;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::perimeter::observed::{Observed, Outputs};
use palisade::domain::perimeter::plan::plan;
use palisade::domain::perimeter::strangers::{strangers, suspects};
use std::collections::{BTreeMap, BTreeSet};

fn row(id: &str, is_staging: bool, owner: &Owner) -> distribution::Listed {
    distribution::Listed {
        is_staging,
        comment: distribution::comment(owner),
        web_acl_arn: "web-acl".to_owned(),
        aliases: vec!["www.example.com".to_owned()],
        origins: vec![(ENDPOINT.to_owned(), String::new())],
        ..specs::row(id)
    }
}

fn listing(rows: Vec<distribution::Listed>) -> Listing {
    let distributions = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    let mut listing = Listing {
        distributions,
        ..Listing::default()
    };
    listing.strangers = strangers(&listing, &owner().cluster);
    listing
}

#[test]
fn a_copy_is_not_taken_for_the_distribution_even_where_status_is_lost() {
    let listing = listing(vec![
        row("E1COPY", true, &owner()),
        row("E2REAL", false, &owner()),
    ]);
    let observed = listing.of(&owner(), BTreeMap::new(), Outputs::default());
    assert_eq!(observed.distribution_id(), Some("E2REAL"));
    // It names the web ACL all the same, which is not to be deleted under it.
    assert_eq!(listing.users_of("web-acl", Some("E2REAL")), ["E1COPY"]);
}

#[test]
fn a_copy_of_another_clusters_distribution_is_no_rival_beside_it_and_holds_no_alias() {
    let elsewhere = Owner {
        uid: "99999999-0000-4000-8000-000000000000".into(),
        cluster: "another".into(),
        ..owner()
    };
    let listing = listing(vec![
        row("E1COPY", true, &elsewhere),
        row("E2REAL", false, &elsewhere),
    ]);
    let origin = super::specs::spec("").origin;
    let owner = owner();
    let found: Vec<&str> = suspects(&origin, &owner, &listing)
        .map(|row| row.id.as_str())
        .collect();
    assert_eq!(found, ["E2REAL"]);
    let alias = "www.example.com".to_owned();
    let holders = aliases::holders(listing.distributions.values(), None, &BTreeSet::from([&alias]));
    assert_eq!(holders[&alias].id, "E2REAL");
}

#[test]
fn who_serves_viewers_by_a_continuous_deployment_is_told() {
    let desired = wanted("");
    let mut world = World::new(Observed::of(owner()));
    world.build(&desired);
    if let Seen::Present(found) = &mut world.observed.distribution {
        let policy = xml::text("ContinuousDeploymentPolicyId", "policy-1");
        xml::put(&mut found.content.config, policy, &[]);
    }
    let plan = plan(&desired, &world.observed);
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    let status = first_status(&desired, &world.observed);
    let note = status
        .notes
        .iter()
        .find(|note| note.reason == "ContinuousDeployment");
    assert!(note.unwrap().message.contains("policy-1"), "{:?}", status.notes);
    let ready = status
        .conditions
        .iter()
        .find(|condition| condition.type_ == "Ready");
    assert!(
        ready.unwrap().message.contains("continuous deployment"),
        "{ready:?}"
    );
}
