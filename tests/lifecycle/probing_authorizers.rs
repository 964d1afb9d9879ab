//! What probes can prove where an API asks for something besides the proof: a customer's key, or a token that an authorizer knows.

use super::petstore::{API, METHODS};
use super::scenes::{KEY, NAME, assert_proven, cluster, found, pair, quiet, routed, values};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;
use palisade::api::ROTATE;
use palisade::domain::access::probe::Token;
use palisade::domain::kernel::secret::Secret;

const WITH_TOKEN: &str =
    "access: {mode: ApiKey, probe: {header: authorization, secretRef: {name: probe, key: token}}}";

/// A cluster before whose API each method is edited so, and deployed.
fn before(edit: impl Fn(&Cluster, &str)) -> Cluster {
    let cluster = cluster(Settings::default());
    for route in METHODS {
        edit(&cluster, route);
    }
    cluster.cloud.deploy(API, "prod");
    cluster
}

fn with_customers_keys() -> Cluster {
    before(|cluster, route| cluster.cloud.require_api_key(API, route, true))
}

fn with_cognito() -> Cluster {
    before(|cluster, route| cluster.cloud.set_authorization(API, route, "COGNITO_USER_POOLS"))
}

fn token(text: &str) -> Token {
    Token {
        value: Some(Secret::new(text)),
        trouble: None,
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_whose_customers_have_keys_is_locked_by_signatures_and_proven() {
    for mode in ["", "access: {mode: SecretHeader}"] {
        let mut cluster = with_customers_keys();
        cluster.apply(NAME, mode);
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_proven(&cluster);
        let served = cluster.cloud.served(API, "prod", "GET /pets").unwrap();
        assert!(served.api_key_required, "customers go on showing their keys");
    }
}

#[tokio::test(start_paused = true)]
async fn a_signature_that_is_refused_before_a_customers_key_is_asked_for_is_put_back() {
    let mut cluster = with_customers_keys();
    cluster.invariants = None;
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = true);
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    assert_eq!(
        cluster.cloud.served(API, "prod", "GET /pets").unwrap().kind,
        "NONE"
    );
}

#[tokio::test(start_paused = true)]
async fn a_method_without_a_customers_key_is_probed_where_there_is_one() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.require_api_key(API, "GET /pets", true);
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    let asked = cluster.cloud.probes();
    assert!(
        asked.iter().all(|probe| probe.path == "/prod/pets/x"),
        "{asked:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_before_authorizers_is_locked_by_what_is_read_and_nothing_is_called_proven() {
    let mut cluster = with_cognito();
    cluster.apply(NAME, KEY);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(found(&cluster, "AccessRestricted"), pair("True", "Locked"));
    for condition in ["ViewerAccessVerified", "DirectAccessBlocked"] {
        assert_eq!(
            found(&cluster, condition),
            pair("Unknown", "AuthorizerBeforeProof")
        );
    }
    assert!(cluster.message(NAME, "Ready").contains("spec.access.probe"));
    let old = values(&cluster);
    cluster.annotate(NAME, ROTATE, "now");
    cluster.settle_patiently(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_ne!(values(&cluster), old, "rotated by what is read");
    assert_eq!(values(&cluster).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_only_observes_before_authorizers_is_ready_and_says_what_no_probe_can_prove() {
    for mode in ["SigV4", "ApiKey", "SecretHeader"] {
        let mut cluster = with_cognito();
        cluster.invariants = None;
        cluster.apply(NAME, &format!("access: {{enforcement: Observe, mode: {mode}}}"));
        cluster.ready(NAME).await;
        let unproven = pair("Unknown", "AuthorizerBeforeProof");
        assert_eq!(found(&cluster, "ViewerAccessVerified"), unproven, "{mode}");
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("False", "Open"),
            "{mode}"
        );
        let said = cluster.message(NAME, "Ready");
        assert!(said.contains("no probe can prove that viewers get in"), "{said}");
        let said = cluster.message(NAME, "ViewerAccessVerified");
        assert!(!said.contains("lock") && !said.contains("put a value"), "{said}");
        assert_eq!(cluster.cloud.journal().count("UpdateMethod"), 0, "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_asks_customers_for_keys_is_locked_beside_them_and_proven() {
    let api = Preloaded {
        routes: vec![("$connect", "NONE"), ("$default", "NONE")],
        auto_deploy: false,
        ..Preloaded::websocket("eu-north-1", "socket0000", &["live"])
    };
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&api);
    cluster.cloud.require_api_key("socket0000", "$connect", true);
    cluster.cloud.deploy("socket0000", "live");
    cluster.apply_spec(NAME, routed("socket0000", "WEBSOCKET", "SigV4"));
    cluster.ready(NAME).await;
    let served = cluster.cloud.served("socket0000", "live", "$connect").unwrap();
    assert_eq!((served.kind.as_str(), served.api_key_required), ("AWS_IAM", true));
    for (condition, reason) in [
        ("ViewerAccessVerified", "ViewerReached"),
        ("DirectAccessBlocked", "DirectRefused"),
    ] {
        assert_eq!(found(&cluster, condition), pair("True", reason));
    }
}

#[tokio::test(start_paused = true)]
async fn a_teams_own_header_proves_a_key_before_authorizers() {
    let mut cluster = with_cognito();
    cluster.token = token("Bearer of-a-user");
    cluster.apply(NAME, WITH_TOKEN);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_proven(&cluster);
    let asked = cluster.cloud.probes();
    assert!(asked.iter().all(|probe| !probe.headers.is_empty()), "{asked:?}");
    let status = serde_yaml::to_string(&cluster.objects[NAME]).unwrap();
    assert!(
        !format!("{asked:?}{status}").contains("of-a-user"),
        "the value is shown"
    );
}

#[tokio::test(start_paused = true)]
async fn a_header_that_the_authorizer_refuses_or_that_cannot_be_read_locks_nothing() {
    for (given, reason) in [
        (token("Bearer old"), "ProbeHeaderRefused"),
        (
            Token {
                value: None,
                trouble: Some("there is no Secret probe".into()),
            },
            "ProbeSecretUnreadable",
        ),
    ] {
        let mut cluster = with_cognito();
        cluster.token = given;
        cluster.apply(NAME, WITH_TOKEN);
        assert_eq!(cluster.stalled(NAME).await, reason);
        let served = cluster.cloud.served(API, "prod", "GET /pets").unwrap();
        assert!(!served.api_key_required);
        cluster.token = token("Bearer of-a-user");
        cluster.settle_patiently(NAME).await;
        assert_eq!(
            found(&cluster, "ViewerAccessVerified"),
            pair("True", "ViewerReached")
        );
    }
}
