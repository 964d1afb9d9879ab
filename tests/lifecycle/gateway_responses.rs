//! Gateway responses of the team's own: refusals under another status, without their error type, or under the name of another
//! error. None of it hides that viewers are refused for longer than seconds.

use super::disguised::{MODES, deployments, is_locked, on};
use super::petstore::{METHODS, ask};
use super::scenes::{NAME, found, live, pair, quiet, ready, resyncs, routed_apis};
use super::support::cluster::Cluster;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_refusal_that_a_gateway_response_calls_a_success_is_one() {
    for mode in MODES {
        for status in [200, 429, 503] {
            let mut cluster = on(|settings| settings.refusals_say = Some(status));
            cluster.apply(NAME, mode);
            cluster.ready(NAME).await;
            assert_eq!(
                found(&cluster, "DirectAccessBlocked"),
                pair("True", "DirectRefused"),
                "{mode} {status}: {}",
                cluster.story(NAME)
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_that_is_refused_with_a_success_is_put_back() {
    let mut cluster = on(|settings| {
        settings.refusals_say = Some(200);
        settings.signer_is_broken = true;
    });
    cluster.invariants = None;
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    assert!(!is_locked(&cluster));
}

/// A status for refusals without their error type, and what the backend says: the same.
const ALIKE: [(u16, Option<(u16, &str)>); 3] = [
    (200, None),
    (404, Some((404, "nothing here"))),
    (403, Some((403, "not yours"))),
];

fn say_alike((status, backend): (u16, Option<(u16, &'static str)>)) -> Cluster {
    on(|settings| {
        settings.refusals_say = Some(status);
        settings.refusals_lack_type = true;
        settings.backend_says = backend;
    })
}

#[tokio::test(start_paused = true)]
async fn refusals_that_nothing_tells_from_answers_are_seen_before_the_lock() {
    for mode in ["SigV4", "ApiKey", "SecretHeader"] {
        for (alike, carrying) in ALIKE.into_iter().zip([false, true, false]) {
            let mut cluster = say_alike(alike);
            let spec = format!("access: {{mode: {mode}, deployPendingChanges: {carrying}}}");
            cluster.apply(NAME, &spec);
            assert_eq!(cluster.stalled(NAME).await, "ProbeAmbiguous", "{spec}");
            let said = cluster.message(NAME, "AccessRestricted");
            assert!(
                said.contains("x-amzn-ErrorType") && said.contains("AfterDeployed"),
                "{said}"
            );
            assert!(!is_locked(&cluster) && deployments(&cluster) == 0, "{spec}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_locks_without_a_first_probe_has_a_lock_whose_proof_alone_is_missing() {
    for alike in ALIKE {
        let mut cluster = say_alike(alike);
        cluster.apply(NAME, "access: {cutOver: AfterDeployed}");
        assert_eq!(
            cluster.stalled(NAME).await,
            "ProbeAmbiguous",
            "{}",
            cluster.story(NAME)
        );
        resyncs(&mut cluster, 8).await;
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("True", "Locked"),
            "{alike:?}: {}",
            cluster.story(NAME)
        );
        for condition in ["ViewerAccessVerified", "DirectAccessBlocked"] {
            assert_eq!(
                found(&cluster, condition),
                pair("Unknown", "ProbeAmbiguous"),
                "{alike:?}"
            );
        }
        assert!(is_locked(&cluster), "{alike:?}");
        assert_eq!(deployments(&cluster), 1, "{alike:?}: it was put back");
        assert_eq!(cluster.condition(NAME, "Reconciling"), "", "{alike:?}");
    }
}

/// For how long viewers met a lock that was put back: between the first two calls of `operation`.
fn refused_for(cluster: &Cluster, operation: &str) -> Duration {
    let journal = cluster.cloud.journal();
    let served = journal
        .entries
        .iter()
        .filter(|entry| entry.operation.name == operation);
    let at: Vec<Duration> = served.map(|entry| entry.at).collect();
    let [locked, back, ..] = at[..] else {
        panic!("it was not put back: {}", cluster.story(NAME))
    };
    back.saturating_sub(locked)
}

const SECONDS: Duration = Duration::from_secs(10);

#[tokio::test(start_paused = true)]
async fn viewers_whom_a_lock_refuses_without_an_error_type_are_let_in_again_within_seconds() {
    for mode in ["SigV4", "SecretHeader"] {
        for cut_over in ["AfterProbe", "AfterDeployed"] {
            for exports_fail in [false, true] {
                let mut cluster = on(|settings| {
                    settings.refusals_say = Some(404);
                    settings.refusals_lack_type = true;
                    settings.signer_is_broken = true;
                    settings.authorizers_cannot_be_asked = true;
                    settings.exports_fail = exports_fail;
                });
                cluster.invariants = None;
                // What cannot be compared is carried, or nothing is locked.
                let spec = format!(
                    "access: {{mode: {mode}, cutOver: {cut_over}, deployPendingChanges: {exports_fail}}}"
                );
                cluster.apply(NAME, &spec);
                let why = cluster.stalled(NAME).await;
                // Without the export nobody can tell what refuses.
                let wanted = if exports_fail {
                    "ProbeAmbiguous"
                } else {
                    "SignatureRefused"
                };
                assert_eq!(why, wanted, "{spec}: {}", cluster.story(NAME));
                assert!(!is_locked(&cluster), "{spec}: {}", cluster.story(NAME));
                let refused = refused_for(&cluster, "UpdateStage");
                assert!(refused <= SECONDS, "{spec}: {refused:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_that_cannot_be_asked_keeps_no_lock_of_an_http_api_whatever_the_cut_over() {
    for cut_over in ["AfterProbe", "AfterDeployed"] {
        let mut cluster = on(|settings| settings.authorizers_cannot_be_asked = true);
        cluster.invariants = None;
        for (_, _, api) in routed_apis(true) {
            cluster.cloud.preload_api(&api);
        }
        let more = format!("access: {{mode: SecretHeader, cutOver: {cut_over}}}");
        cluster.apply_spec(NAME, live("http000000", "HTTP", &more));
        let why = cluster.stalled(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(why, "SignatureRefused", "{cut_over}: {story}");
        assert_eq!(
            cluster.condition(NAME, "AccessRestricted"),
            "False",
            "{cut_over}: {story}"
        );
        let served = cluster.cloud.served("http000000", "live", "GET /orders").unwrap();
        assert!(served.is_open(), "{cut_over}: {story}");
        let refused = refused_for(&cluster, "UpdateRoute");
        assert!(refused <= SECONDS, "{cut_over}: {refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_an_api_that_its_own_tool_has_locked_a_refusal_without_an_error_type_is_nobody_reached() {
    for is_broken in [true, false] {
        let mut cluster = on(|settings| {
            settings.refusals_say = Some(404);
            settings.refusals_lack_type = true;
            settings.signer_is_broken = is_broken;
        });
        cluster.invariants = None;
        ask(&cluster, &METHODS, "AWS_IAM");
        cluster.apply(NAME, "");
        cluster.settle(NAME).await;
        let viewer = if is_broken {
            pair("Unknown", "ProbeAmbiguous")
        } else {
            pair("True", "ViewerReached")
        };
        let story = cluster.story(NAME);
        assert_eq!(found(&cluster, "ViewerAccessVerified"), viewer, "{story}");
        assert_eq!(
            found(&cluster, "DirectAccessBlocked"),
            pair("Unknown", "ProbeAmbiguous"),
            "{story}"
        );
        let is_ready = cluster.condition(NAME, "Ready") == "True";
        assert_eq!(is_ready, !is_broken, "{story}");
    }
}

/// A status for refusals, and the error that they name there: one of API Gateway's own that comes after the authorization.
const RENAMED: [(u16, &str); 2] = [(404, "NotFoundException"), (400, "BadRequestException")];

fn renamed((status, name): (u16, &'static str), is_broken: bool) -> Cluster {
    on(|settings| {
        settings.refusals_say = Some(status);
        settings.refusals_name = Some(name);
        settings.signer_is_broken = is_broken;
        settings.authorizers_cannot_be_asked = is_broken;
    })
}

#[tokio::test(start_paused = true)]
async fn viewers_whom_a_lock_refuses_under_the_name_of_another_error_are_let_in_again_within_seconds() {
    for mode in ["SigV4", "SecretHeader"] {
        for (cut_over, carrying) in [
            ("AfterProbe", false),
            ("AfterDeployed", false),
            ("AfterDeployed", true),
        ] {
            for named in RENAMED {
                let mut cluster = renamed(named, true);
                cluster.invariants = None;
                let spec = format!(
                    "access: {{mode: {mode}, cutOver: {cut_over}, deployPendingChanges: {carrying}}}"
                );
                cluster.apply(NAME, &spec);
                let why = cluster.stalled(NAME).await;
                let story = cluster.story(NAME);
                assert_eq!(why, "SignatureRefused", "{spec} {named:?}: {story}");
                assert!(!is_locked(&cluster), "{spec} {named:?}: {story}");
                let refused = refused_for(&cluster, "UpdateStage");
                assert!(refused <= SECONDS, "{spec} {named:?}: {refused:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_under_the_name_of_another_error_is_one() {
    for mode in MODES {
        for named in RENAMED {
            let mut cluster = renamed(named, false);
            cluster.apply(NAME, mode);
            cluster.ready(NAME).await;
            assert_eq!(
                found(&cluster, "DirectAccessBlocked"),
                pair("True", "DirectRefused"),
                "{mode} {named:?}: {}",
                cluster.story(NAME)
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_an_api_that_its_own_tool_has_locked_a_refusal_under_another_name_is_nobody_reached() {
    for named in RENAMED {
        for is_broken in [true, false] {
            let mut cluster = renamed(named, is_broken);
            cluster.invariants = None;
            ask(&cluster, &METHODS, "AWS_IAM");
            cluster.apply(NAME, "");
            cluster.settle(NAME).await;
            if is_broken {
                let viewer = cluster.condition(NAME, "ViewerAccessVerified");
                assert_ne!(viewer, "True", "{named:?}: {}", cluster.story(NAME));
            }
            // By then it was read what gateway responses make of refusals.
            resyncs(&mut cluster, 2).await;
            let story = cluster.story(NAME);
            let viewer = if is_broken {
                pair("Unknown", "ProbeAmbiguous")
            } else {
                pair("True", "ViewerReached")
            };
            assert_eq!(
                found(&cluster, "ViewerAccessVerified"),
                viewer,
                "{named:?}: {story}"
            );
            let direct = found(&cluster, "DirectAccessBlocked");
            assert_eq!(direct, pair("Unknown", "ProbeAmbiguous"), "{named:?}: {story}");
            let is_ready = cluster.condition(NAME, "Ready") == "True";
            assert_eq!(is_ready, !is_broken, "{named:?}: {story}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn viewers_whom_a_lock_that_stands_refuses_are_told_so_with_the_way_out() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = true);
    cluster.resync(NAME).await;
    let said = cluster.message(NAME, "ViewerAccessVerified");
    for words in ["viewers are refused", "Observe", "Open an API again by hand"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("proves nothing"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_gone_is_seen_at_once_where_the_backend_says_what_refusals_do() {
    let mut cluster = on(|settings| {
        settings.refusals_say = Some(404);
        settings.refusals_lack_type = true;
    });
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("True", "DirectRefused")
    );
    ask(&cluster, &METHODS, "NONE");
    cluster
        .cloud
        .configure(|settings| settings.backend_says = Some((404, "nothing here")));
    cluster.resync(NAME).await;
    let story = cluster.story(NAME);
    for condition in ["AccessRestricted", "DirectAccessBlocked", "ViewerAccessVerified"] {
        assert_ne!(cluster.condition(NAME, condition), "True", "{condition}: {story}");
    }
}
