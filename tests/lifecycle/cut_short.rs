//! What API Gateway tells a part of decides nothing: no lock is made by it, and none is said to stand.

use super::scenes::{NAME, cluster, fail, found, live, pair};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use std::time::Duration;

const API: &str = "partly0000";
const STAGE: &str = "live";
const ROUTES: [&str; 4] = ["GET /a", "GET /b", "POST /a", "POST /b"];
const ADDED: &str = "PUT /z";
const WITHOUT_PROBES: &str = "access: {cutOver: AfterDeployed}\nprobes: Disabled";

fn before(kind: &str, auto_deploy: bool) -> Cluster {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    let api = Preloaded::of(kind, "eu-north-1", API, &[STAGE]);
    cluster.cloud.preload_api(&Preloaded {
        routes: ROUTES.iter().map(|route| (*route, "NONE")).collect(),
        auto_deploy,
        ..api
    });
    cluster
}

fn open(cluster: &Cluster) -> Vec<&'static str> {
    let is_open = |route: &&str| {
        let served = cluster.cloud.served(API, STAGE, route);
        served.is_some_and(|route| route.is_open())
    };
    ROUTES.into_iter().chain([ADDED]).filter(is_open).collect()
}

/// Goes on for a while; nothing that stands open is ever said to be locked.
async fn never_said_to_be_locked(cluster: &mut Cluster, case: &str) {
    for _ in 0..20 {
        cluster.pass_surviving(NAME).await;
        let is_said = cluster.condition(NAME, "AccessRestricted") == "True";
        assert!(
            !is_said || open(cluster).is_empty(),
            "{case}: {}",
            cluster.story(NAME)
        );
        tokio::time::sleep(Duration::from_secs(40)).await;
    }
    assert_eq!(
        found(cluster, "AccessRestricted"),
        pair("Unknown", "DeployedUnknown"),
        "{case}: {}",
        cluster.story(NAME)
    );
}

async fn is_locked_after_all(cluster: &mut Cluster, case: &str) {
    cluster.settle_patiently(NAME).await;
    assert_eq!(open(cluster), Vec::<&str>::new(), "{case}");
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{case}");
}

const GET_ROUTES: &str = "apigatewayv2:GetRoutes";

#[tokio::test(start_paused = true)]
async fn routes_that_a_list_leaves_out_are_not_said_to_be_locked_and_nothing_is_locked_by_it() {
    for auto_deploy in [true, false] {
        for more in ["", WITHOUT_PROBES] {
            let case = format!("{auto_deploy} {more}");
            let mut cluster = before("HTTP", auto_deploy);
            fail(&cluster, GET_ROUTES, Fault::TruncatedPage);
            cluster.apply_spec(NAME, live(API, "HTTP", more));
            never_said_to_be_locked(&mut cluster, &case).await;
            let said = cluster.message(NAME, "AccessRestricted");
            assert!(said.contains("GetRoutes leaves out"), "{case}: {said}");
            assert!(said.contains("POST /b"), "{case}: {said}");
            assert_eq!(cluster.cloud.journal().count("UpdateRoute"), 0, "{case}");
            cluster.cloud.clear_faults();
            is_locked_after_all(&mut cluster, &case).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_route_that_came_after_the_lock_is_not_hidden_by_a_list_that_is_cut_short() {
    for auto_deploy in [true, false] {
        let case = format!("{auto_deploy}");
        let mut cluster = before("HTTP", auto_deploy);
        cluster.apply_spec(NAME, live(API, "HTTP", ""));
        cluster.ready(NAME).await;
        cluster.cloud.add_route(API, ADDED);
        if !auto_deploy {
            cluster.cloud.deploy(API, STAGE);
        }
        assert_eq!(open(&cluster), [ADDED]);
        tokio::time::sleep(Duration::from_mins(70)).await;
        cluster
            .cloud
            .inject(Rule::next(Scope::Operation(GET_ROUTES), 1, Fault::TruncatedPage));
        cluster.pass_surviving(NAME).await;
        let story = cluster.story(NAME);
        let is_said = cluster.condition(NAME, "AccessRestricted") == "True";
        assert!(!is_said || open(&cluster).is_empty(), "{case}: {story}");
        is_locked_after_all(&mut cluster, &case).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_without_its_summary_or_with_a_part_of_it_is_not_said_to_be_locked() {
    for (left_out, deployed) in [("", "NONE"), ("POST /b", "AWS_IAM")] {
        let mut cluster = before("REST", false);
        for route in ROUTES.into_iter().filter(|route| *route != "POST /b") {
            cluster.cloud.set_authorization(API, route, deployed);
        }
        cluster.cloud.deploy(API, STAGE);
        // The team means to lock it, and has not deployed that.
        for route in ROUTES {
            cluster.cloud.set_authorization(API, route, "AWS_IAM");
        }
        cluster
            .cloud
            .configure(|settings| settings.summaries_leave_out = Some(left_out));
        cluster.apply_spec(NAME, live(API, "REST", WITHOUT_PROBES));
        never_said_to_be_locked(&mut cluster, left_out).await;
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("GetDeployment"), "{said}");
        assert_eq!(cluster.cloud.journal().count("CreateDeployment"), 0, "{left_out}");
        cluster
            .cloud
            .configure(|settings| settings.summaries_leave_out = None);
        is_locked_after_all(&mut cluster, left_out).await;
    }
}
