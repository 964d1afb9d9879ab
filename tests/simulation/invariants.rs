//! The invariants notice what must never happen.

use crate::simulation::instant;
use crate::support::pieces::{self, CLUSTER, Perimeter, build, role, tags, web_acl};
use crate::support::simulation::SimulatedCloud;
use crate::support::simulation::invariants::Invariants;
use palisade::aws::cloud::Cloud;
use palisade::aws::operations::Call;
use palisade::domain::edge::xml;
use palisade::domain::firewall::web_acl::Entity;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::signer::role::Creation;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn touching_what_is_foreign_breaks_an_invariant() {
    let simulated = instant();
    let foreign = Call::CreateWebAcl {
        name: "foreign".to_owned(),
        document: web_acl(&[]),
        tags: Tags::new(),
    };
    simulated.as_somebody(foreign).unwrap();
    simulated
        .as_somebody(Call::CreateRole {
            role: role_of_nobody("foreign"),
        })
        .unwrap();
    let mut invariants = Invariants::watch(&simulated, CLUSTER);
    let cloud: &dyn Cloud = &simulated;
    invariants.check(&simulated);

    let acl = cloud.list_web_acls(None).await.unwrap().items.remove(0);
    let lock_token = cloud.update_web_acl(acl.clone(), web_acl(&[])).await.unwrap();
    invariants.check(&simulated);
    let mut changed = web_acl(&[]);
    changed["Description"] = json!("changed");
    cloud
        .update_web_acl(Entity { lock_token, ..acl }, changed)
        .await
        .unwrap();
    expect_broken(&invariants, &simulated, &["is not ours and was changed"]);
    invariants.renew(&simulated);
    cloud
        .tag_role("foreign".to_owned(), tags("petstore"))
        .await
        .unwrap();
    expect_broken(&invariants, &simulated, &["is not ours and was changed"]);
    cloud.delete_role("foreign".to_owned()).await.unwrap();
    expect_broken(&invariants, &simulated, &["is not ours and was deleted"]);
}

#[tokio::test(start_paused = true)]
async fn orphans_and_duplicates_break_an_invariant() {
    let simulated = instant();
    let invariants = Invariants::watch(&simulated, CLUSTER);
    let cloud: &dyn Cloud = &simulated;
    cloud.create_role(role_of_nobody("orphan")).await.unwrap();
    expect_broken(&invariants, &simulated, &["without its owner's tags"]);
    simulated.remove_role("orphan");
    for name in ["one", "two"] {
        cloud
            .create_web_acl(name.to_owned(), web_acl(&[]), tags("petstore"))
            .await
            .unwrap();
        cloud.create_ip_set(pieces::ip_set(name, &[])).await.unwrap();
    }
    expect_broken(&invariants, &simulated, &["has 2 of WebAcl"]);
}

#[tokio::test(start_paused = true)]
async fn an_enabled_distribution_needs_its_web_acl_and_function() {
    let simulated = instant();
    let invariants = Invariants::watch(&simulated, CLUSTER);
    let built = build(&simulated, "petstore").await;
    invariants.check(&simulated);
    simulated.remove_web_acl(&built.web_acl.id);
    expect_broken(&invariants, &simulated, &["which is gone"]);
    simulated.remove_function("petstore");
    expect_broken(&invariants, &simulated, &["which is gone", "which is gone"]);
    simulated.disable_distribution(&built.distribution.id);
    invariants.check(&simulated);
}

#[tokio::test(start_paused = true)]
async fn dropping_what_others_put_into_ours_breaks_an_invariant() {
    let simulated = instant();
    let invariants = Invariants::watch(&simulated, CLUSTER);
    let cloud: &dyn Cloud = &simulated;
    let Perimeter {
        distribution,
        web_acl: ours,
        ..
    } = build(cloud, "petstore").await;
    simulated.add_shield_rule(&ours.id);
    simulated.add_foreign_rule(&ours.id, true, &pieces::rule("foreign", 1, &pieces::rate(5000)));
    simulated.add_unknown_field(&ours.id);
    simulated.add_firewall_manager_groups(&ours.id);
    simulated.add_unknown_element(&distribution.id);

    let kept = cloud
        .get_web_acl(ours.id.clone(), ours.name.clone())
        .await
        .unwrap();
    cloud
        .update_web_acl(kept.entity, kept.document.clone())
        .await
        .unwrap();
    let read = cloud.get_distribution(distribution.id.clone()).await.unwrap();
    cloud
        .update_distribution(read.id.clone(), read.etag, read.config.clone())
        .await
        .unwrap();
    invariants.check(&simulated);

    let mut reordered = kept.document.clone();
    reordered["Rules"].as_array_mut().unwrap().reverse();
    write(cloud, &ours, &reordered).await;
    expect_broken(
        &invariants,
        &simulated,
        &["lost, changed or reordered a foreign rule"],
    );
    let mut changed = kept.document.clone();
    changed["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] = json!(5001);
    write(cloud, &ours, &changed).await;
    expect_broken(
        &invariants,
        &simulated,
        &["lost, changed or reordered a foreign rule"],
    );
    let mut without = kept.document.clone();
    without.as_object_mut().unwrap().remove("NewerThanAnyClient");
    write(cloud, &ours, &without).await;
    expect_broken(&invariants, &simulated, &["lost NewerThanAnyClient"]);
    write(cloud, &ours, &kept.document).await;
    invariants.check(&simulated);

    let read = cloud.get_distribution(distribution.id).await.unwrap();
    let mut config = read.config;
    xml::remove(&mut config, "NewerThanAnyClient");
    cloud
        .update_distribution(read.id, read.etag, config)
        .await
        .unwrap();
    expect_broken(&invariants, &simulated, &["lost NewerThanAnyClient"]);
}

async fn write(cloud: &dyn Cloud, web_acl: &Entity, document: &serde_json::Value) {
    let current = cloud
        .get_web_acl(web_acl.id.clone(), web_acl.name.clone())
        .await
        .unwrap()
        .entity;
    cloud.update_web_acl(current, document.clone()).await.unwrap();
}

/// Exactly these invariants are broken, in this order.
#[track_caller]
fn expect_broken(invariants: &Invariants, simulated: &SimulatedCloud, expected: &[&str]) {
    let broken = invariants.broken(simulated);
    assert_eq!(broken.len(), expected.len(), "{broken:?}");
    for (found, part) in broken.iter().zip(expected) {
        assert!(found.contains(part), "{found}");
    }
}

fn role_of_nobody(name: &str) -> Creation {
    let mut given = role(name);
    given.tags.clear();
    given
}
