//! A stage that is opened, and cannot be locked again, is said to be open: probes go on whatever keeps the lock from being made.

use super::scenes::{NAME, UNREADABLE, cluster, fail, hours, live, ready, resyncs, setting, the};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::Fault;
use super::support::simulation::journal::Entry;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::{LOOK, ProtectedApiSpec};
use palisade::aws::operations::Service;
use palisade::domain::tenancy::permissions::Tenancy;
use std::time::Duration;

const API: &str = "opened0000";
const REGION: &str = "eu-north-1";
const STAGE: &str = "live";
const KEYS: [&str; 2] = ["GET /a", "POST /orders"];

fn spec(kind: &str, more: &str) -> ProtectedApiSpec {
    live(API, kind, more)
}

/// A locked API, whose stage deploys by hand.
async fn locked(kind: &str) -> Cluster {
    let api = Preloaded::of(kind, REGION, API, &[STAGE]).with_routes(&KEYS, false);
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&api);
    cluster.apply_spec(NAME, spec(kind, ""));
    cluster.ready(NAME).await;
    assert_eq!(cluster.condition(NAME, "DirectAccessBlocked"), "True");
    cluster
}

fn open(cluster: &Cluster, key: &str) {
    cluster.cloud.set_authorization(API, key, "NONE");
    cluster.cloud.deploy(API, STAGE);
}

/// Whoever calls the stage past the perimeter is answered, and that is said, beside what keeps it from being locked.
fn assert_told(cluster: &Cluster, reason: &str, case: &str) {
    let served = cluster.cloud.served(API, STAGE, "GET /a").unwrap();
    let story = cluster.story(NAME);
    assert!(served.is_open(), "{case}: {story}");
    assert_eq!(
        cluster.reason(NAME, "AccessRestricted"),
        reason,
        "{case}: {story}"
    );
    assert_eq!(
        cluster.reason(NAME, "DirectAccessBlocked"),
        "DirectAccessOpen",
        "{case}: {story}"
    );
    assert_eq!(cluster.condition(NAME, "DirectAccessBlocked"), "False", "{case}");
}

#[tokio::test(start_paused = true)]
async fn an_open_stage_with_edits_that_nobody_deployed_is_said_to_be_open() {
    for kind in ["REST", "HTTP"] {
        let mut cluster = locked(kind).await;
        open(&cluster, "GET /a");
        cluster.cloud.add_route(API, "GET /unfinished");
        resyncs(&mut cluster, 4).await;
        assert_told(&cluster, "UndeployedChanges", kind);
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_stage_that_has_an_authorizer_beside_is_said_to_be_open() {
    for (kind, authorizer) in [("REST", "COGNITO_USER_POOLS"), ("HTTP", "JWT")] {
        let mut cluster = locked(kind).await;
        cluster.cloud.set_authorization(API, "POST /orders", authorizer);
        open(&cluster, "GET /a");
        resyncs(&mut cluster, 4).await;
        assert_told(&cluster, "AuthorizerInTheWay", kind);
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_stage_whose_lock_is_contested_is_said_to_be_open() {
    for kind in ["REST", "HTTP"] {
        let mut cluster = locked(kind).await;
        // Within the hour for which a contested stage is left alone.
        for passes in [3, 3, 2] {
            for key in KEYS {
                cluster.cloud.set_authorization(API, key, "NONE");
            }
            cluster.cloud.deploy(API, STAGE);
            for _ in 0..passes {
                cluster.resync(NAME).await;
            }
        }
        assert_told(&cluster, "ContestedByOtherTool", kind);
        // SAM's AWS_IAM alone has each backend called with the caller's credentials, which ends in 500.
        let said = cluster.message(NAME, "AccessRestricted");
        let sam = match kind {
            "REST" => "Auth: {DefaultAuthorizer: AWS_IAM, InvokeRole: NONE} in SAM (without InvokeRole: NONE",
            _ => "Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM} in SAM's HttpApi",
        };
        assert!(said.contains(sam), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_stage_whose_methods_cannot_be_read_is_said_to_be_open() {
    let mut cluster = locked("REST").await;
    fail(&cluster, "apigateway:GetResources", UNREADABLE);
    open(&cluster, "GET /a");
    resyncs(&mut cluster, 4).await;
    assert_told(&cluster, "AccessDenied", "REST");
}

/// Somebody opens a method and adds another one, and we may not lock them.
#[tokio::test(start_paused = true)]
async fn an_open_stage_that_we_may_not_lock_is_said_to_be_open() {
    for denied in [
        "apigateway:UpdateMethod",
        "apigateway:CreateDeployment",
        "apigateway:UpdateStage",
    ] {
        let mut cluster = locked("REST").await;
        let message = "not authorized to perform: apigateway:PATCH";
        fail(&cluster, denied, Fault::Refusal("AccessDeniedException", message));
        cluster.cloud.add_route(API, "GET /new");
        open(&cluster, "GET /a");
        for pass in 0..4 {
            cluster.resync(NAME).await;
            let (case, story) = (format!("{denied} {pass}"), cluster.story(NAME));
            let served = cluster.cloud.served(API, STAGE, "GET /a").unwrap();
            assert!(served.is_open(), "{case}: {story}");
            assert_ne!(
                cluster.condition(NAME, "AccessRestricted"),
                "True",
                "{case}: {story}"
            );
            assert_eq!(
                cluster.reason(NAME, "DirectAccessBlocked"),
                "DirectAccessOpen",
                "{case}: {story}"
            );
        }
    }
}

/// A locked API that is only watched from now on.
async fn watched(kind: &str) -> Cluster {
    let mut cluster = locked(kind).await;
    cluster.apply_spec(NAME, spec(kind, "access: {enforcement: Observe}"));
    cluster.ready(NAME).await;
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{kind}");
    cluster.cloud.clear_journal();
    cluster
}

/// How often the API's methods or routes were read. The list of tags has an operation of the same name.
fn reads(cluster: &Cluster) -> usize {
    let journal = cluster.cloud.journal();
    let is_of_the_api = |entry: &&Entry| {
        let service = entry.operation.service;
        matches!(service, Service::ApiGateway | Service::ApiGatewayV2)
            && ["GetResources", "GetRoutes"].contains(&entry.operation.name)
    };
    journal.entries.iter().filter(is_of_the_api).count()
}

#[tokio::test(start_paused = true)]
async fn a_watched_stage_that_is_opened_is_read_once_and_not_called_locked() {
    for kind in ["REST", "HTTP"] {
        let mut cluster = watched(kind).await;
        cluster.resync(NAME).await;
        assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{kind}");
        assert_eq!(reads(&cluster), 0, "{kind}: nothing was opened");
        open(&cluster, "GET /a");
        cluster.resync(NAME).await;
        assert_told(&cluster, "Open", kind);
        cluster.cloud.clear_journal();
        resyncs(&mut cluster, 3).await;
        assert_told(&cluster, "Open", kind);
        assert_eq!(
            reads(&cluster),
            0,
            "{kind}: what is known to be open is not read again"
        );
        // But for the interval in which all are.
        resyncs(&mut cluster, 4).await;
        assert_eq!(reads(&cluster), 1, "{kind}");
    }
}

/// An edit of something else has nothing of the stage read.
#[tokio::test(start_paused = true)]
async fn a_watched_stage_that_stands_open_is_not_called_locked_after_another_edit() {
    for kind in ["REST", "HTTP"] {
        let mut cluster = watched(kind).await;
        open(&cluster, "GET /a");
        cluster.resync(NAME).await;
        assert_told(&cluster, "Open", kind);
        cluster.apply_spec(
            NAME,
            spec(kind, "access: {enforcement: Observe}\ntags: {team: pets}"),
        );
        for _ in 0..3 {
            cluster.pass(NAME).await;
            assert_ne!(
                cluster.condition(NAME, "AccessRestricted"),
                "True",
                "{kind}: {}",
                cluster.story(NAME)
            );
        }
    }
}

/// The refusal ends without an edit of the object itself.
#[tokio::test(start_paused = true)]
async fn of_a_refusal_that_is_over_nothing_is_repeated() {
    for enforcement in ["Enforce", "Observe"] {
        let mut cluster = ready(&format!("access: {{enforcement: {enforcement}}}")).await;
        let permitted = cluster.annotations.clone();
        cluster.annotations.clear();
        cluster.configure(|options| options.tenancy = Tenancy::Enforced);
        assert_eq!(cluster.stalled(NAME).await, "NotPermitted", "{enforcement}");
        assert_eq!(cluster.reason(NAME, "AccessRestricted"), "SpecRefused");
        cluster.annotations = permitted;
        cluster.configure(|options| options.tenancy = Tenancy::Open);
        cluster.pass(NAME).await;
        let story = cluster.story(NAME);
        assert!(!story.contains("SpecRefused"), "{enforcement}: {story}");
        cluster.ready(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_annotation_that_asks_for_a_look_gets_one() {
    let mut cluster = watched("REST").await;
    for asked in ["now", "once more"] {
        cluster.cloud.clear_journal();
        let probes = cluster.cloud.probes().len();
        cluster.pass(NAME).await;
        assert_eq!((reads(&cluster), cluster.cloud.probes().len()), (0, probes));
        cluster.annotate(NAME, LOOK, asked);
        cluster.pass(NAME).await;
        assert!(reads(&cluster) > 0, "{asked}");
        assert!(cluster.cloud.probes().len() > probes, "{asked}");
    }
    // What was looked at is not looked at again.
    cluster.cloud.clear_journal();
    cluster.pass(NAME).await;
    assert_eq!(reads(&cluster), 0);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_observes_a_locked_api_says_that_this_opens_nothing() {
    let cluster = watched("REST").await;
    for is in ["AccessRestricted", "Ready"] {
        let said = cluster.message(NAME, is);
        assert!(said.contains("leaves that lock as it is"), "{is}: {said}");
    }
    let said = cluster.message(NAME, "Ready");
    assert!(
        said.starts_with("stage live of API opened0000 is locked behind "),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_look_finds_a_distribution_that_somebody_has_switched_off() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    let id = the(&cluster, Kind::Distribution).id;
    cluster.cloud.disable_distribution(&id);
    cluster.annotate(NAME, LOOK, "now");
    tokio::time::sleep(Duration::from_mins(1)).await;
    cluster.pass(NAME).await;
    assert_eq!(setting(&cluster, "Enabled"), "true", "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_is_refused_neither_repeats_what_was_known_nor_forgets_it() {
    let refused = "webAcl: {rules: [{Name: only-api, Action: {Block: {}}, Statement: {ByteMatchStatement: {SearchString: /api, \
                   FieldToMatch: {UriPath: {}}, TextTransformations: [{Priority: 0, Type: NONE}], PositionalConstraint: \
                   STARTS_WITH}}}]}";
    for more in ["of the API's path", ""] {
        let mut cluster = locked("REST").await;
        let mut edited = spec("REST", if more.is_empty() { refused } else { "" });
        edited.origin.path = (!more.is_empty()).then(|| "/elsewhere".to_owned());
        cluster.apply_spec(NAME, edited);
        assert_eq!(cluster.stalled(NAME).await, "InvalidSpec", "{more}");
        let story = cluster.story(NAME);
        let is = |condition: &str| cluster.reason(NAME, condition);
        assert_eq!(is("AccessRestricted"), "SpecRefused", "{more}: {story}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("it was True (Locked)"), "{said}");
        // Where the edit leaves the API alone, what stands goes on being probed.
        let proof = if more.is_empty() {
            "DirectRefused"
        } else {
            "SpecRefused"
        };
        assert_eq!(is("DirectAccessBlocked"), proof, "{more}: {story}");
        open(&cluster, "GET /a");
        resyncs(&mut cluster, 4).await;
        let proof = if more.is_empty() {
            "DirectAccessOpen"
        } else {
            "SpecRefused"
        };
        assert_eq!(
            cluster.reason(NAME, "DirectAccessBlocked"),
            proof,
            "{more}: {}",
            cluster.story(NAME)
        );
        assert_eq!(cluster.condition(NAME, "AccessRestricted"), "Unknown", "{more}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_an_object_that_is_not_permitted_any_more_no_proof_is_repeated() {
    let mut cluster = ready("").await;
    assert_eq!(cluster.condition(NAME, "DirectAccessBlocked"), "True");
    cluster.annotations.clear();
    cluster.configure(|options| options.tenancy = Tenancy::Enforced);
    assert_eq!(cluster.stalled(NAME).await, "NotPermitted");
    for condition in ["AccessRestricted", "DirectAccessBlocked", "ViewerAccessVerified"] {
        assert_eq!(
            cluster.condition(NAME, condition),
            "Unknown",
            "{}",
            cluster.story(NAME)
        );
        assert!(cluster.message(NAME, condition).contains("it was True"));
    }
}

#[tokio::test(start_paused = true)]
async fn methods_that_stages_share_are_named_with_the_object_of_the_other_stage() {
    let mut cluster = cluster(Settings::default());
    let api = Preloaded::rest(REGION, API, &["prod", "dev"]).with_routes(&["GET /a"], false);
    cluster.cloud.preload_api(&api);
    for stage in ["prod", "dev"] {
        let origin =
            format!("{{endpoint: {API}.execute-api.{REGION}.amazonaws.com, type: REST, stage: {stage}}}");
        cluster.apply_spec(stage, serde_yaml::from_str(&format!("origin: {origin}")).unwrap());
        cluster.ready(stage).await;
    }
    // As where the other object's lock is refused, and put back.
    for _ in 0..4 {
        cluster.cloud.set_authorization(API, "GET /a", "NONE");
        hours(2).await;
        for _ in 0..20 {
            let outcome = cluster.pass_surviving("dev").await;
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
    }
    // The methods are read once more within the hour for which a contested stage is left alone.
    cluster.cloud.set_authorization(API, "GET /a", "NONE");
    let origin = format!(
        "{{endpoint: {API}.execute-api.{REGION}.amazonaws.com, type: REST, stage: dev, probePath: /dev/a}}"
    );
    cluster.apply_spec("dev", serde_yaml::from_str(&format!("origin: {origin}")).unwrap());
    cluster.resync("dev").await;
    let story = cluster.story("dev");
    assert_eq!(
        cluster.reason("dev", "AccessRestricted"),
        "ContestedByOtherTool",
        "{story}"
    );
    let said = cluster.message("dev", "AccessRestricted");
    assert!(said.contains("GET /a does not ask for it as edited"), "{said}");
    assert!(said.contains("/prod (stage prod)"), "{said}");
}
