//! What an adopted distribution shares with others stays theirs.

use super::adoption_scenes::{Theirs, adopt, adoption, assert_served, confirmed, guide};
use super::scenes::{NAME, quiet, the};
use super::support::cluster::Cluster;
use super::support::pieces;
use super::support::simulation::resources::Kind;
use palisade::aws::cloud::Cloud;
use palisade::domain::edge::config::settings_of;
use palisade::domain::edge::places::Place;
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::Tags;
use std::time::Duration;

/// Id of another distribution, before another origin, that their web ACL protects too.
async fn sharing(cluster: &Cluster, theirs: &Theirs) -> String {
    let mut config = pieces::distribution_config("sharing", None, &theirs.web_acl, vec![]);
    let origin = xml::text("DomainName", "shop.example.com");
    Place::Origin("DomainName").write(&mut config, "api", Some(origin));
    let calls: &dyn Cloud = cluster.cloud.as_ref();
    let made = calls.create_distribution(config, Tags::new()).await.unwrap();
    // Lists and edge locations catch up.
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.cloud.clear_journal();
    made.id
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_that_other_distributions_use_is_left_alone_and_a_new_one_is_made() {
    let (mut cluster, theirs) = guide().await;
    let other = sharing(&cluster, &theirs).await;
    let config = cluster.cloud.config_of(&other);
    let rules = cluster.cloud.document_of(&theirs.web_acl_id);

    cluster.apply(NAME, &adopt(&theirs.id, ""));
    cluster.settle(NAME).await;
    let told = adoption(&cluster).worth_knowing.join("\n");
    for part in [
        format!("The web ACL {} protects the distribution no more", theirs.web_acl),
        "left as it is, to all other distributions that use it".to_owned(),
    ] {
        assert!(told.contains(&part), "{part}: {told}");
    }

    confirmed(&mut cluster, &theirs).await;
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    let ours = the(&cluster, Kind::WebAcl).arn;
    assert_ne!(ours, theirs.web_acl);
    let adopted = settings_of(&cluster.cloud.config_of(&theirs.id));
    assert_eq!(adopted.web_acl_arn, ours);
    assert_eq!(cluster.cloud.config_of(&other), config);
    assert_eq!(cluster.cloud.document_of(&theirs.web_acl_id), rules);
    assert_eq!(theirs.others(&cluster), theirs.others);
    assert_served(&cluster, &theirs);
}
