//! API keys that objects that are gone left behind: they keep no new object from its API.

use super::left_behind::{declare_anew, replaced, served};
use super::petstore::API;
use super::scenes::{KEY, NAME, quiet, ready, the};
use super::support::simulation::resources::Kind;
use palisade::aws::operations::Call;

#[tokio::test(start_paused = true)]
async fn a_key_that_an_object_that_is_gone_left_keeps_no_new_one_from_its_mode_and_its_viewers_served() {
    for retained in [false, true] {
        let mut cluster = ready(&format!("{KEY}\ndeletionPolicy: Retain")).await;
        let old = the(&cluster, Kind::Distribution).id;
        if retained {
            cluster.depart(NAME).await;
            cluster.restart();
            declare_anew(&mut cluster, KEY);
        } else {
            replaced(&mut cluster, KEY);
        }
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_eq!(served(&cluster), ("NONE".to_owned(), true));
        for distribution in [old, the(&cluster, Kind::Distribution).id] {
            cluster.cloud.viewer_is_served(&distribution).unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_may_still_serve_viewers_is_named_as_ours_where_another_mode_would_replace_it() {
    for mode in ["SigV4", "SecretHeader"] {
        let mut cluster = ready(KEY).await;
        let plan = the(&cluster, Kind::UsagePlan);
        let spec = format!("access: {{mode: {mode}}}");
        replaced(&mut cluster, &spec);
        assert_eq!(
            cluster.stalled(NAME).await,
            "LeftBehind",
            "{}",
            cluster.story(NAME)
        );
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(
            said.contains(&plan.name) && said.contains("may still serve viewers"),
            "{said}"
        );
        assert!(!said.contains("delete "), "{said}");
        assert_eq!(served(&cluster), ("NONE".to_owned(), true), "{mode}");
        // What is refused for want of that key is no viewer who got in.
        assert_eq!(cluster.condition(NAME, "ViewerAccessVerified"), "False", "{mode}");
        assert_eq!(
            cluster.reason(NAME, "ViewerAccessVerified"),
            "LeftBehind",
            "{mode}"
        );
        // Nobody uses the old distribution any more: its key opens nothing.
        cluster.invariants = None;
        let call = Call::UpdateUsagePlan {
            region: "eu-north-1".to_owned(),
            id: plan.id,
            stage: (API.to_owned(), "prod".to_owned()),
            add: false,
        };
        cluster.cloud.as_somebody(call).unwrap();
        cluster.settle_patiently(NAME).await;
        let (kind, asks_key) = served(&cluster);
        assert!(kind != "NONE" && !asks_key, "{mode}: {}", cluster.story(NAME));
    }
}

#[tokio::test(start_paused = true)]
async fn a_demand_for_a_key_that_a_deleted_object_left_keeps_nobody_from_the_api() {
    for (spec, asks_key) in [("access: {mode: SigV4}", false), (KEY, true)] {
        let mut cluster = ready(KEY).await;
        cluster.depart(NAME).await;
        cluster.restart();
        cluster.invariants = None;
        cluster.apply(NAME, spec);
        cluster.ready(NAME).await;
        assert_eq!(served(&cluster).1, asks_key, "{spec}");
        let distribution = the(&cluster, Kind::Distribution).id;
        cluster.cloud.viewer_is_served(&distribution).unwrap();
        assert_eq!(cluster.condition(NAME, "DirectAccessBlocked"), "True", "{spec}");
    }
}
