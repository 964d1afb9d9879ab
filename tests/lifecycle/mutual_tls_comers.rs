//! Distributions of the team's own lead viewers to the default endpoint: the first lock by mutual TLS does not switch it off under them.

use super::mutual_tls::assert_locked;
use super::petstore::API;
use super::scenes::{MUTUAL_TLS, NAME, cluster, deny, found, hours, pair, quiet, ready, resyncs};
use super::somebodys::{lead, put_in_front};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::settings::Settings;
use palisade::api::{LOOK, OtherDoorState, OtherDoorType};
use std::time::Duration;

/// The endpoint stays on, and it is said which distribution that is for.
async fn assert_held(cluster: &mut Cluster, theirs: &str) {
    assert_eq!(cluster.stalled(NAME).await, "DistributionInTheWay");
    let story = cluster.story(NAME);
    let restricted = found(cluster, "AccessRestricted");
    assert_eq!(restricted, pair("False", "DistributionInTheWay"), "{story}");
    let said = cluster.message(NAME, "AccessRestricted");
    for words in [theirs, "spec.access.mode", "disable it, and leave it there"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!cluster.cloud.is_endpoint_off(API), "{story}");
    cluster.cloud.any_viewer_is_served(theirs).unwrap();
}

async fn assert_follows(cluster: &mut Cluster) {
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    assert_locked(cluster);
    quiet(cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_distribution_of_the_teams_own_keeps_the_endpoint_on_until_it_is_disabled_or_leads_elsewhere() {
    let shouted = REST_ENDPOINT.to_uppercase();
    for (domain, is_led_away) in [(REST_ENDPOINT, false), (shouted.as_str(), true)] {
        let mut cluster = cluster(Settings::default());
        let theirs = put_in_front(&mut cluster, domain, "/prod").await;
        cluster.apply(NAME, MUTUAL_TLS);
        assert_held(&mut cluster, &theirs).await;
        if is_led_away {
            let elsewhere = |config: &mut _| lead(config, "www.example.com", "");
            cluster.cloud.edit_distribution(&theirs, elsewhere);
        } else {
            cluster.cloud.disable_distribution(&theirs);
        }
        assert_follows(&mut cluster).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_being_disabled_is_waited_for_until_that_is_deployed() {
    let mut cluster = cluster(Settings::default());
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "/prod").await;
    cluster.apply(NAME, MUTUAL_TLS);
    assert_held(&mut cluster, &theirs).await;
    cluster.cloud.disable_distribution(&theirs);
    // A deployment takes three minutes.
    for n in 0..16 {
        cluster.annotate(NAME, LOOK, &n.to_string());
        cluster.pass(NAME).await;
        assert!(!cluster.cloud.is_endpoint_off(API), "{}", cluster.story(NAME));
        cluster.cloud.any_viewer_is_served(&theirs).unwrap();
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert_follows(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn where_the_list_may_not_be_read_any_more_the_endpoint_stays_on_and_that_is_said() {
    let mut cluster = cluster(Settings::default());
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "/prod").await;
    cluster.apply(NAME, MUTUAL_TLS);
    assert_held(&mut cluster, &theirs).await;
    // Nobody comes by it any more, and nobody can tell.
    cluster.cloud.disable_distribution(&theirs);
    deny(&cluster, "cloudfront:ListDistributions");
    hours(1).await;
    resyncs(&mut cluster, 4).await;
    let story = cluster.story(NAME);
    assert!(!cluster.cloud.is_endpoint_off(API), "{story}");
    let (is, reason) = found(&cluster, "AccessRestricted");
    assert_eq!(
        (is.as_str(), reason.as_str()),
        ("False", "AccessDenied"),
        "{story}"
    );
    cluster.cloud.configure(|settings| settings.denied.clear());
    assert_follows(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_later_is_told_and_nothing_is_put_back_for_it() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "/dev").await;
    resyncs(&mut cluster, 8).await;
    assert_locked(&cluster);
    let said = cluster.message(NAME, "AccessRestricted");
    let words = "viewers of distributions that lead to the default endpoint are refused by its being off";
    assert!(said.contains(words) && said.contains(&theirs), "{said}");
    let status = cluster.objects[NAME].status.clone().unwrap();
    let doors = status.access.unwrap().other_doors;
    let door = doors.iter().find(|door| door.name.contains(&theirs)).unwrap();
    assert_eq!(
        (door.r#type, door.stage.as_str(), door.state),
        (OtherDoorType::Distribution, "dev", OtherDoorState::Locked)
    );
    quiet(&mut cluster, NAME).await;
}
