//! API keys of others that open the stage: no lock by key is called one while a customer's key passes it.

use super::petstore::{API, METHODS, ask};
use super::scenes::{KEY, NAME, cluster, found, hours, pair, quiet, ready, the, values};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::{Answer, Call};
use palisade::controller::events::of_pass;
use palisade::domain::access::credentials::api_key::{KeyCreation, UsagePlanCreation};
use palisade::domain::kernel::identity::Tags;
use palisade::domain::kernel::secret::Secret;

const REGION: &str = "eu-north-1";

pub fn region() -> String {
    REGION.to_owned()
}

/// The id of a usage plan of the team, which has the stage.
pub fn plan_of_customers(cluster: &mut Cluster) -> String {
    cluster.invariants = None;
    let plan = UsagePlanCreation {
        name: "customers".to_owned(),
        description: String::new(),
        stage: (API.to_owned(), "prod".to_owned()),
        tags: Tags::new(),
    };
    make_plan(cluster, plan)
}

/// Makes a usage plan, and answers its id.
pub fn make_plan(cluster: &Cluster, plan: UsagePlanCreation) -> String {
    let made = cluster.cloud.as_somebody(Call::CreateUsagePlan {
        region: region(),
        plan,
    });
    let Ok(Answer::CreateUsagePlan(made)) = made else {
        panic!("the plan was not made");
    };
    made.id
}

pub fn add_key(cluster: &Cluster, plan: &str) {
    let key = KeyCreation {
        name: "a-customer".to_owned(),
        value: Secret::new("a-value-that-a-customer-has"),
        description: String::new(),
        tags: Tags::new(),
    };
    let made = cluster.cloud.as_somebody(Call::CreateApiKey {
        region: region(),
        key,
    });
    let Ok(Answer::CreateApiKey(made)) = made else {
        panic!("the key was not made");
    };
    let (plan, key) = (plan.to_owned(), made.id);
    let call = Call::CreateUsagePlanKey {
        region: region(),
        plan,
        key,
    };
    cluster.cloud.as_somebody(call).unwrap();
}

fn asks_for_a_key(cluster: &Cluster) -> bool {
    cluster
        .cloud
        .served(API, "prod", "GET /pets")
        .unwrap()
        .api_key_required
}

#[tokio::test(start_paused = true)]
async fn keys_of_customers_that_no_method_asks_for_keep_an_api_from_being_locked_by_a_key() {
    for is_named in [false, true] {
        let mut cluster = cluster(Settings::default());
        let plan = plan_of_customers(&mut cluster);
        add_key(&cluster, &plan);
        let spec = if is_named {
            format!("access: {{mode: ApiKey, apiKey: {{usagePlanId: {plan}}}}}")
        } else {
            KEY.to_owned()
        };
        cluster.apply(NAME, &spec);
        assert_eq!(cluster.stalled(NAME).await, "ApiKeyInTheWay");
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("False", "ApiKeyInTheWay"),
            "{}",
            cluster.story(NAME)
        );
        assert!(!asks_for_a_key(&cluster), "named: {is_named}");
        assert_eq!(
            cluster.cloud.journal().count("CreateApiKey"),
            0,
            "named: {is_named}"
        );
        cluster.apply(NAME, "access: {mode: SecretHeader}");
        cluster.ready(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_whose_customers_show_keys_is_refused_before_a_perimeter_is_built() {
    let mut cluster = cluster(Settings::default());
    let plan = plan_of_customers(&mut cluster);
    add_key(&cluster, &plan);
    cluster.cloud.require_api_key(API, "GET /pets", true);
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, KEY);
    cluster.pass(NAME).await;
    assert_eq!(cluster.reason(NAME, "Accepted"), "ApiKeyInTheWay");
    assert_eq!(cluster.cloud.journal().count("CreateWebACL"), 0);
    let said = cluster.message(NAME, "Accepted");
    assert!(
        said.contains("Set spec.access.mode to SigV4 or SecretHeader"),
        "{said}"
    );
    cluster.apply(NAME, "access: {mode: SecretHeader}");
    cluster.ready(NAME).await;
}

/// It may be one that an earlier object left: what that is, is looked at once the perimeter stands.
#[tokio::test(start_paused = true)]
async fn a_key_that_no_usage_plan_has_refuses_nobody_before_the_lock() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.require_api_key(API, "GET /pets", true);
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, KEY);
    cluster.pass(NAME).await;
    assert_eq!(cluster.condition(NAME, "Accepted"), "True");
    assert_eq!(cluster.stalled(NAME).await, "ApiKeyInTheWay");
}

#[tokio::test(start_paused = true)]
async fn a_lock_by_key_is_called_none_once_a_customers_key_opens_the_stage() {
    let mut cluster = ready(KEY).await;
    let plan = plan_of_customers(&mut cluster);
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    add_key(&cluster, &plan);
    hours(2).await;
    cluster.resync(NAME).await;
    assert_eq!(cluster.stalled(NAME).await, "ApiKeyInTheWay");
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("False", "ApiKeyInTheWay"),
        "{}",
        cluster.story(NAME)
    );
    assert!(asks_for_a_key(&cluster), "it stays locked for all others");
}

/// The API's own authorizers, which answer every probe before a key is looked at.
fn behind_cognito(cluster: &Cluster) {
    ask(cluster, &METHODS, "COGNITO_USER_POOLS");
}

/// Whether the key that CloudFront sends opens the stage.
fn is_served(cluster: &Cluster) -> bool {
    let distribution = the(cluster, Kind::Distribution).id;
    cluster.cloud.viewer_is_served(&distribution).is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_key_of_ours_that_no_probe_can_see_is_noticed_with_the_next_read_and_that_is_told() {
    type Break = fn(&Cluster);
    let broken: [Break; 3] = [
        |cluster| {
            cluster
                .cloud
                .enable_api_key(&the(cluster, Kind::ApiKey).id, false);
        },
        |cluster| {
            let id = the(cluster, Kind::ApiKey).id;
            let region = region();
            cluster
                .cloud
                .as_somebody(Call::DeleteApiKey { region, id })
                .unwrap();
        },
        |cluster| {
            let call = Call::UpdateUsagePlan {
                region: region(),
                id: the(cluster, Kind::UsagePlan).id,
                stage: (API.to_owned(), "prod".to_owned()),
                add: false,
            };
            cluster.cloud.as_somebody(call).unwrap();
        },
    ];
    for (case, breaks) in broken.into_iter().enumerate() {
        let mut cluster = cluster(Settings::default());
        behind_cognito(&cluster);
        cluster.apply(NAME, KEY);
        cluster.ready(NAME).await;
        cluster.invariants = None;
        breaks(&cluster);
        assert!(!is_served(&cluster), "{case}: nothing is broken");
        // The pass in which the methods are read anyway.
        hours(2).await;
        let before = cluster.objects[NAME].clone();
        let outcome = cluster.pass(NAME).await;
        let notes = of_pass::notes(&before, &outcome).into_iter();
        let told: Vec<String> = notes
            .map(|note| format!("{}: {}", note.reason.as_str(), note.note))
            .collect();
        assert!(
            told.iter().any(|note| note.starts_with("DriftCorrected")),
            "{case}: {told:?}\n{}",
            cluster.story(NAME)
        );
        cluster.settle_patiently(NAME).await;
        assert!(is_served(&cluster), "{case}: {}", cluster.story(NAME));
    }
}

/// What a method asks for, as deployed: its kind, and whether a key.
fn asks(cluster: &Cluster, route: &str) -> (String, bool) {
    let found = cluster.cloud.served(API, "prod", route).unwrap();
    (found.kind, found.api_key_required)
}

fn iam(asks_key: bool) -> (String, bool) {
    ("AWS_IAM".to_owned(), asks_key)
}

fn none(asks_key: bool) -> (String, bool) {
    ("NONE".to_owned(), asks_key)
}

#[tokio::test(start_paused = true)]
async fn a_method_that_asks_customers_for_keys_is_opened_to_nobody_by_ours_though_it_is_excluded() {
    for asked in ["NONE", "COGNITO_USER_POOLS"] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.set_authorization(API, "POST /pets", asked);
        cluster.cloud.require_api_key(API, "POST /pets", true);
        cluster.cloud.deploy(API, "prod");
        cluster.apply(NAME, "access: {mode: ApiKey, excludeMethods: [POST /pets]}");
        assert_eq!(cluster.stalled(NAME).await, "ApiKeyInTheWay", "{asked}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("POST /pets") && said.contains("SigV4"), "{said}");
        assert_eq!(cluster.cloud.journal().count("CreateApiKey"), 0, "{asked}");
        assert!(!asks_for_a_key(&cluster), "{asked}");
        cluster.apply(NAME, "access: {mode: SecretHeader, excludeMethods: [POST /pets]}");
        cluster.ready(NAME).await;
        assert_eq!(asks(&cluster, "POST /pets"), (asked.to_owned(), true));
    }
}

#[tokio::test(start_paused = true)]
async fn a_demand_for_customers_keys_beside_a_signature_goes_over_to_no_key_of_ours() {
    for mode in ["SigV4", "SecretHeader"] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.require_api_key(API, "POST /pets", true);
        cluster.cloud.deploy(API, "prod");
        let spec = format!("access: {{mode: {mode}}}");
        cluster.apply(NAME, &spec);
        cluster.ready(NAME).await;
        let before = asks(&cluster, "POST /pets");
        assert!(before.0 != "NONE" && before.1, "{before:?}");
        cluster.apply(NAME, KEY);
        assert_eq!(cluster.stalled(NAME).await, "ApiKeyInTheWay", "{mode}");
        assert_eq!(asks(&cluster, "POST /pets"), before, "{}", cluster.story(NAME));
        assert_eq!(cluster.cloud.journal().count("CreateApiKey"), 0, "{mode}");
        cluster.apply(NAME, &spec);
        cluster.ready(NAME).await;
        assert_eq!(asks(&cluster, "POST /pets"), before);
    }
}

#[tokio::test(start_paused = true)]
async fn no_mode_takes_a_demand_for_keys_away_before_somebody_said_which_methods_customers_use() {
    for mode in ["SigV4", "SecretHeader"] {
        let mut cluster = ready(KEY).await;
        let plan = plan_of_customers(&mut cluster);
        add_key(&cluster, &plan);
        cluster.apply(NAME, &format!("access: {{mode: {mode}}}"));
        assert_eq!(cluster.stalled(NAME).await, "ApiKeyInTheWay", "{mode}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains(&plan) && said.contains("excludeMethods"), "{said}");
        for route in METHODS {
            assert_eq!(
                asks(&cluster, route),
                none(true),
                "{mode}: {}",
                cluster.story(NAME)
            );
        }
        assert!(is_served(&cluster), "{mode}");
        let spec = format!("access: {{mode: {mode}, excludeMethods: [POST /pets]}}");
        cluster.apply(NAME, &spec);
        cluster.ready(NAME).await;
        assert_eq!(asks(&cluster, "POST /pets"), none(true), "{mode}");
        let (kind, asks_key) = asks(&cluster, "GET /pets");
        assert!(kind != "NONE" && !asks_key, "{mode}: {kind}");
        assert!(is_served(&cluster), "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_customers_use_is_locked_beside_their_keys_once_its_owner_has_it_ask_for_both() {
    let mut cluster = ready(KEY).await;
    let plan = plan_of_customers(&mut cluster);
    add_key(&cluster, &plan);
    cluster.apply(NAME, "access: {excludeMethods: [POST /pets]}");
    cluster.ready(NAME).await;
    // CloudFront signs by now.
    cluster.cloud.set_authorization(API, "POST /pets", "AWS_IAM");
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, "");
    cluster.settle_patiently(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(asks(&cluster, "POST /pets"), iam(true));
    assert_eq!(asks(&cluster, "GET /pets"), iam(false));
    assert!(
        values(&cluster).is_empty(),
        "CloudFront sends customers' own keys on"
    );
}
