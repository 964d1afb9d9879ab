//! The lock of the mode before is taken off once the client certificate's stands and people are told so; until then it goes on.

use super::customers_keys::{add_key, plan_of_customers};
use super::mutual_tls::{assert_locked, shown};
use super::mutual_tls_modes::{BEFORE, assert_by_certificate_alone, changes, is_locked_by_methods, until};
use super::petstore::{API, METHODS};
use super::scenes::{HEADER, KEY, MUTUAL_TLS, NAME, found, pair, quiet, ready, resyncs, values};
use super::support::cluster::Cluster;
use palisade::api::ROTATE;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn no_method_is_opened_before_people_are_told_that_the_certificate_locks_the_api() {
    for before in BEFORE {
        let mut cluster = ready(before).await;
        cluster.apply(NAME, MUTUAL_TLS);
        until(&mut cluster, before, |cluster| {
            let is_open = METHODS
                .iter()
                .any(|method| cluster.cloud.edited(API, method).unwrap().is_open());
            let story = || cluster.story(NAME);
            assert!(
                !is_open || cluster.cloud.is_endpoint_off(API),
                "{before}: {}",
                story()
            );
            is_open
        })
        .await;
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("True", "Locked"),
            "{before}: {}",
            cluster.story(NAME)
        );
        changes(&mut cluster, API, before).await;
        assert_by_certificate_alone(&cluster, before);
    }
}

/// The lock of the mode before stands, since its team has an edit that is not deployed.
async fn held_by_an_edit(before: &str) -> Cluster {
    let mut cluster = ready(before).await;
    cluster.cloud.change_integration(API, "GET /pets");
    cluster.watch();
    cluster.apply(NAME, MUTUAL_TLS);
    changes(&mut cluster, API, before).await;
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
    assert!(
        is_locked_by_methods(&cluster),
        "{before}: {}",
        cluster.story(NAME)
    );
    cluster
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_is_not_deployed_keeps_the_lock_before_until_its_team_deploys_it() {
    for (before, noun) in [(KEY, "API key"), (HEADER, "secret in x-origin-verify")] {
        let mut cluster = held_by_an_edit(before).await;
        let said = cluster.message(NAME, "AccessRestricted");
        let as_well = format!("its methods ask for the perimeter's {noun} as well");
        assert!(said.contains(&as_well), "{before}: {said}");
        assert_eq!(values(&cluster).len(), 1, "{before}");
        cluster.cloud.deploy(API, "prod");
        cluster.watch();
        resyncs(&mut cluster, 2).await;
        changes(&mut cluster, API, before).await;
        quiet(&mut cluster, NAME).await;
        assert_by_certificate_alone(&cluster, before);
    }
}

#[tokio::test(start_paused = true)]
async fn as_long_as_the_mode_before_goes_on_its_secret_value_is_replaced() {
    for before in [KEY, HEADER] {
        let mut cluster = held_by_an_edit(before).await;
        let (value, certificate) = (values(&cluster), shown(&cluster));
        cluster.annotate(NAME, ROTATE, "today");
        tokio::time::sleep(Duration::from_mins(1)).await;
        changes(&mut cluster, API, before).await;
        resyncs(&mut cluster, 8).await;
        changes(&mut cluster, API, before).await;
        assert_ne!(values(&cluster), value, "{before}: {}", cluster.story(NAME));
        assert_eq!(values(&cluster).len(), 1, "{before}");
        assert_ne!(shown(&cluster), certificate, "{before}");
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_its_team_takes_off_by_itself_is_not_put_back_and_leaves_nothing_behind() {
    let mut cluster = held_by_an_edit(KEY).await;
    for method in METHODS {
        cluster.cloud.require_api_key(API, method, false);
    }
    cluster.cloud.deploy(API, "prod");
    cluster.watch();
    resyncs(&mut cluster, 16).await;
    changes(&mut cluster, API, "taken off").await;
    quiet(&mut cluster, NAME).await;
    assert_by_certificate_alone(&cluster, "taken off");
}

/// What somebody may come in by past the perimeter keeps the lock of the mode before, which closes that door as well.
#[tokio::test(start_paused = true)]
async fn while_another_door_is_open_the_lock_before_stays() {
    let mut cluster = ready(KEY).await;
    cluster.cloud.map_domain("partner.example.com", "", API, "prod");
    cluster.watch();
    cluster.apply(NAME, MUTUAL_TLS);
    resyncs(&mut cluster, 12).await;
    let story = cluster.story(NAME);
    assert!(cluster.cloud.is_endpoint_off(API), "{story}");
    assert!(is_locked_by_methods(&cluster), "{story}");
    // Whether or not a pass reads the routes: their lock closes that door.
    for _ in 0..6 {
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("True", "OtherDoorOpen"),
            "{}",
            cluster.story(NAME)
        );
        resyncs(&mut cluster, 1).await;
    }
    cluster.cloud.unmap_domain("partner.example.com");
    cluster.watch();
    resyncs(&mut cluster, 12).await;
    changes(&mut cluster, API, "the door is gone").await;
    assert_by_certificate_alone(&cluster, "the door is gone");
}

/// Whose key methods ask for is written nowhere: those of customers go on being asked for.
#[tokio::test(start_paused = true)]
async fn where_customers_have_keys_no_method_is_had_ask_for_none() {
    let mut cluster = held_by_an_edit(KEY).await;
    let plan = plan_of_customers(&mut cluster);
    add_key(&cluster, &plan);
    cluster.cloud.deploy(API, "prod");
    cluster.watch();
    resyncs(&mut cluster, 12).await;
    let story = cluster.story(NAME);
    assert!(is_locked_by_methods(&cluster), "{story}");
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("True", "ApiKeyInTheWay"),
        "{story}"
    );
    assert_eq!(values(&cluster).len(), 1, "{story}");
}
