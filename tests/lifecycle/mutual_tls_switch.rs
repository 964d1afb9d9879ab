//! When the switch of the default endpoint counts, AWS says of a change of a stage only: whether a stage that is given what it has is such a
//! change or none, the endpoint is off in the end, and what the stage says of itself is as its team wrote it.

use super::mutual_tls::assert_locked;
use super::mutual_tls_way_back::{assert_locked_otherwise, changes};
use super::petstore::API;
use super::scenes::{HEADER, KEY, MUTUAL_TLS, NAME, cluster, found, passes, quiet, ready_on, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::aws::cloud::Cloud;
use palisade::aws::readings::inventory::Inventory;
use palisade::aws::resources;
use palisade::domain::access::asked::gate;
use palisade::domain::kernel::identity::Owner;
use palisade::domain::kernel::planning::{Id, Kind, Verb};
use palisade::domain::mutual_tls::endpoint::{self, touch};
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, Step};
use std::sync::Arc;
use std::time::Duration;

const WORDS: &str = "The shop's stage; ask #shop before you change it.";
/// An HTTP API whose stage is deployed by hand.
const HTTP: &str = "orders0000";

fn counts(unchanged_stage_publishes: bool) -> Settings {
    Settings {
        unchanged_stage_publishes,
        ..Settings::default()
    }
}

/// A cluster with petstore's API and one of HTTP, whose stages say something of themselves.
fn with_words(settings: Settings) -> Cluster {
    let cluster = cluster(settings);
    cluster.cloud.preload_api(&Preloaded {
        description: WORDS,
        ..Preloaded::rest("eu-north-1", API, &["prod"])
    });
    cluster.cloud.preload_api(&Preloaded {
        description: WORDS,
        auto_deploy: false,
        ..Preloaded::http("eu-north-1", HTTP, &["live"])
    });
    cluster
}

#[tokio::test(start_paused = true)]
async fn the_endpoint_of_a_rest_api_is_off_whether_an_unchanged_stage_counts_or_not() {
    for unchanged in [true, false] {
        let mut cluster = with_words(counts(unchanged));
        cluster.apply(NAME, MUTUAL_TLS);
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
        assert_eq!(cluster.cloud.description_of(API, "prod"), WORDS, "{unchanged}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_endpoint_of_an_http_api_is_off_whether_an_unchanged_stage_counts_or_not() {
    for unchanged in [true, false] {
        let mut cluster = with_words(counts(unchanged));
        let origin = format!(
            "origin: {{endpoint: {HTTP}.execute-api.eu-north-1.amazonaws.com, type: HTTP, stage: live}}"
        );
        let spec = format!("{origin}\n{MUTUAL_TLS}");
        cluster.apply_spec(NAME, serde_yaml::from_str(&spec).unwrap());
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
        assert_eq!(cluster.cloud.description_of(HTTP, "live"), WORDS, "{unchanged}");
    }
}

/// Most stages say nothing of themselves, and whether that can be given back AWS does not say.
#[tokio::test(start_paused = true)]
async fn a_stage_that_says_nothing_of_itself_says_nothing_of_the_switch_afterwards() {
    for (empty, says) in [
        ("taken", ""),
        ("refused", touch::NOTHING),
        ("ignored", touch::NOTHING),
    ] {
        for http in [false, true] {
            let mut cluster = cluster(Settings {
                empty_description: empty,
                ..counts(false)
            });
            cluster.cloud.preload_api(&Preloaded {
                auto_deploy: false,
                ..Preloaded::http("eu-north-1", HTTP, &["live"])
            });
            let (id, kind, stage) = if http {
                (HTTP, "HTTP", "live")
            } else {
                (API, "REST", "prod")
            };
            let origin = format!(
                "origin: {{endpoint: {id}.execute-api.eu-north-1.amazonaws.com, type: {kind}, stage: {stage}}}"
            );
            let spec = format!("{origin}\n{MUTUAL_TLS}");
            cluster.apply_spec(NAME, serde_yaml::from_str(&spec).unwrap());
            cluster.ready(NAME).await;
            assert_locked(&cluster);
            assert_eq!(cluster.cloud.description_of(id, stage), says, "{empty}");
            // It is done once.
            quiet(&mut cluster, NAME).await;
            resyncs(&mut cluster, 3).await;
            let journal = cluster.cloud.journal();
            assert!(journal.writes().is_empty(), "{empty}: {}", journal.summary());
            assert_eq!(cluster.cloud.description_of(id, stage), says, "{empty}");
        }
    }
}

/// Nothing would show that a stage which is given what it has changes nothing.
#[tokio::test(start_paused = true)]
async fn without_probes_the_stage_is_changed_at_once_so_that_the_switch_counts() {
    let mut cluster = with_words(counts(false));
    cluster.apply(NAME, &format!("probes: Disabled\n{MUTUAL_TLS}"));
    passes(&mut cluster, 80).await;
    assert!(cluster.cloud.is_endpoint_off(API), "{}", cluster.story(NAME));
    assert_eq!(found(&cluster, "AccessRestricted").1, "Locked");
    assert_eq!(cluster.cloud.description_of(API, "prod"), WORDS);
}

#[tokio::test(start_paused = true)]
async fn the_endpoint_is_on_again_for_another_mode_where_only_a_change_of_the_stage_counts() {
    for after in [KEY, HEADER, ""] {
        let mut cluster = ready_on(counts(false), MUTUAL_TLS).await;
        cluster.cloud.set_description(API, "prod", WORDS);
        cluster.apply(NAME, after);
        changes(&mut cluster, after).await;
        assert_locked_otherwise(&cluster, after);
        assert!(!cluster.cloud.is_endpoint_off(API), "{}", cluster.story(NAME));
        assert_eq!(cluster.cloud.description_of(API, "prod"), WORDS, "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn viewers_who_are_refused_have_the_endpoint_back_where_only_a_change_of_the_stage_counts() {
    let mut cluster = with_words(Settings {
        names_go_with_endpoint: true,
        ..counts(false)
    });
    cluster.apply(NAME, MUTUAL_TLS);
    let mut times = 0;
    for _ in 0..160 {
        let outcome = cluster.pass_surviving(NAME).await;
        // It is off, and on again, within one pass.
        if cluster.reason(NAME, "AccessRestricted") == "ClientCertificateRefused" {
            let story = cluster.story(NAME);
            assert!(!cluster.cloud.is_endpoint_off(API), "{story}");
            assert_eq!(cluster.cloud.description_of(API, "prod"), WORDS, "{story}");
            times += 1;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    let switched = cluster.cloud.journal().count("UpdateRestApi");
    assert!(times > 0 && switched >= 2, "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_while_it_changes_the_stage_gives_the_description_back_later() {
    for fault in [
        Fault::CrashBefore,
        Fault::CrashAfter,
        Fault::LostAnswer,
        Fault::Throttle,
    ] {
        // What it has is given to the stage first, then it is changed, and changed back.
        for n in 1..=3 {
            let mut cluster = with_words(counts(false));
            let writes = Scope::Operation("UpdateStage");
            cluster.cloud.inject(Rule::nth(writes, n, fault));
            cluster.apply(NAME, MUTUAL_TLS);
            cluster.settle_patiently(NAME).await;
            cluster.cloud.clear_faults();
            cluster.ready(NAME).await;
            quiet(&mut cluster, NAME).await;
            assert_locked(&cluster);
            let said = cluster.cloud.description_of(API, "prod");
            assert_eq!(said, WORDS, "{fault:?} at {n}: {}", cluster.story(NAME));
        }
    }
}

/// Reads the default endpoint.
async fn read(cluster: &Cluster, observed: &mut Observed) -> endpoint::Observed {
    let update = resources::observe(&*cluster.cloud, &Id::of(Kind::Endpoint), observed).await;
    update.unwrap().absorb_into(observed);
    observed.mutual_tls.endpoint.present().unwrap().clone()
}

/// Changes the stage as `found` has it, and back.
async fn change(cluster: &Cluster, observed: &mut Observed, found: &endpoint::Observed) {
    let step = Step {
        id: Id::of(Kind::Endpoint),
        name: API.to_owned(),
        verb: Verb::Update,
        changes: vec![],
        action: Action::Endpoint(touch::change_of(found).unwrap()),
    };
    let cloud = Arc::clone(&cluster.cloud) as Arc<dyn Cloud>;
    let inventory = Inventory::new(cloud, "cluster".to_owned());
    let update = resources::apply(&*cluster.cloud, &inventory, &step, observed).await;
    update.unwrap().absorb_into(observed);
}

#[tokio::test(start_paused = true)]
async fn what_the_team_writes_of_its_stage_between_our_read_and_our_change_is_not_written_over() {
    const THEIRS: &str = "Since noon #orders has it.";
    let mut cluster = with_words(counts(false));
    cluster.apply(NAME, MUTUAL_TLS);
    let mut observed = Observed::of(Owner {
        cluster: "cluster".to_owned(),
        namespace: "shop".to_owned(),
        name: NAME.to_owned(),
        uid: cluster.uid(NAME),
        taken: None,
    });
    observed.gate = Some(gate(&cluster.objects[NAME].spec.origin));
    // Before it is begun, and between its halves.
    for before in [WORDS.to_owned(), touch::marked(WORDS)] {
        cluster.cloud.set_description(API, "prod", &before);
        let found = read(&cluster, &mut observed).await;
        cluster.cloud.set_description(API, "prod", THEIRS);
        change(&cluster, &mut observed, &found).await;
        assert_eq!(cluster.cloud.description_of(API, "prod"), THEIRS);
        let seen = observed.mutual_tls.endpoint.present().unwrap().clone();
        assert_eq!((seen.description.as_str(), seen.published_at), (THEIRS, None));
        // It is decided anew, by what is there.
        change(&cluster, &mut observed, &seen).await;
        assert_eq!(cluster.cloud.description_of(API, "prod"), THEIRS);
        let seen = observed.mutual_tls.endpoint.present().unwrap();
        assert!(seen.published_at.is_some());
        observed.mutual_tls.endpoint = palisade::domain::kernel::observing::Seen::default();
    }
}
