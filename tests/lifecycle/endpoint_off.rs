//! A default endpoint that somebody switches off is the origin of the perimeter no more.

use super::scenes::{NAME, cluster, hours, live};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;

const API: &str = "switched00";

#[tokio::test(start_paused = true)]
async fn a_default_endpoint_that_is_switched_off_after_the_lock_is_named() {
    for kind in ["REST", "HTTP", "WEBSOCKET"] {
        let mut cluster = cluster(Settings::default());
        let api = match kind {
            "WEBSOCKET" => Preloaded::websocket("eu-north-1", API, &["live"]),
            kind => Preloaded::of(kind, "eu-north-1", API, &["live"]),
        };
        cluster.cloud.preload_api(&api);
        let more = "access: {deployPendingChanges: true}";
        cluster.apply_spec(NAME, live(API, kind, more));
        cluster.ready(NAME).await;
        cluster.invariants = None;
        cluster.cloud.set_endpoint_off(API, true);
        hours(2).await;
        cluster.pass_surviving(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(
            cluster.condition(NAME, "AccessRestricted"),
            "False",
            "{kind}: {story}"
        );
        assert_eq!(
            cluster.reason(NAME, "AccessRestricted"),
            "EndpointDisabled",
            "{kind}: {story}"
        );
        cluster.cloud.set_endpoint_off(API, false);
        cluster.settle_patiently(NAME).await;
    }
}
