//! A class that hundreds of objects go by is changed, with the whole controller on them: at most `maxUnavailable` of them change at a
//! time, also where the leader dies, and the first one whose viewers are refused is the last one that changes.

use super::api_server::ApiServer;
use super::processes::{Aws, OWN, Process};
use super::support::simulation::SimulatedCloud;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::{Limits, Settings};
use palisade::controller::process::settings::Tenancy;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// Seconds that anything takes at most.
const LONG: usize = 8 * 3600;

pub struct Crowd {
    pub api: Arc<ApiServer>,
    aws: Arc<Aws>,
    process: Process,
    deaths: usize,
    /// Distributions that were updated so far.
    pub updates: usize,
    /// How often requests were to be counted so far.
    pub counts: usize,
    /// When a stage was given another deployment, in seconds.
    stages: Vec<f64>,
    /// As many distributions were in progress at a time.
    most_in_progress: usize,
}

impl Crowd {
    /// So many objects of a class that lets `most` change at a time.
    pub async fn new(objects: usize, most: usize) -> Self {
        Self::of(objects, most, |clouds| Aws::new(clouds, Tenancy::Open)).await
    }

    async fn of(
        objects: usize,
        most: usize,
        aws: impl FnOnce(BTreeMap<&'static str, Arc<SimulatedCloud>>) -> Aws,
    ) -> Self {
        let limits = Limits {
            distributions: 2 * objects,
            lambda_associations: 2 * objects,
            web_acls: 2 * objects,
            functions: 2 * objects,
            roles: 2 * objects,
            ..Limits::default()
        };
        let settings = Settings {
            deployment_delay: Duration::from_secs(40),
            limits,
            ..Settings::default()
        };
        let cloud = Arc::new(SimulatedCloud::of_account(OWN, settings));
        let api = ApiServer::new(&["shop"]);
        declare(&api, most, "PriceClass_100");
        for number in 0..objects {
            let id: &'static str = format!("crowd{number:05}").leak();
            cloud.preload_api(&Preloaded::rest("eu-north-1", id, &["prod"]));
            let endpoint = format!("{id}.execute-api.eu-north-1.amazonaws.com");
            let manifest = json!({
                "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
                "metadata": {"name": format!("api-{number:03}"), "namespace": "shop"},
                "spec": {
                    "className": "public", "access": {"enforcement": "Observe"},
                    "origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"},
                },
            });
            api.apply("protectedapis", &manifest);
        }
        let clouds = BTreeMap::from([(OWN, cloud)]);
        let aws = Arc::new(aws(clouds));
        let mut crowd = Self {
            process: Process::start(0, &api, &aws),
            api,
            aws,
            deaths: 0,
            updates: 0,
            counts: 0,
            stages: vec![],
            most_in_progress: 0,
        };
        crowd
            .until("all are ready", |crowd| {
                crowd.class()["status"]["ready"] == objects
            })
            .await;
        crowd
            .until("the class is rolled out", |crowd| crowd.state() == "Complete")
            .await;
        crowd.updates = 0;
        crowd.most_in_progress = 0;
        crowd
    }

    pub fn class(&self) -> Value {
        self.api.get("perimeterclasses", "", "public")
    }

    pub fn rollout(&self) -> Value {
        self.class()["status"]["rollout"].clone()
    }

    pub fn state(&self) -> String {
        self.rollout()["state"].as_str().unwrap_or_default().to_owned()
    }

    pub fn moved(&self) -> usize {
        let moved = self.rollout()["moved"].as_u64().unwrap_or_default();
        usize::try_from(moved).unwrap()
    }

    pub fn cloud(&self) -> &SimulatedCloud {
        &self.aws.clouds[OWN]
    }

    fn refuse_viewers(&self, are_refused: bool) {
        let cloud = self.cloud();
        cloud.configure(|settings| settings.web_acl_blocks_probes = are_refused);
    }

    pub async fn kill(&mut self) {
        self.process.kill();
        self.deaths += 1;
        tokio::time::sleep(SECOND).await;
        self.process = Process::start(self.deaths, &self.api, &self.aws);
    }

    pub async fn second(&mut self) {
        assert!(!self.process.has_ended(), "the controller ended");
        tokio::time::sleep(SECOND).await;
        let cloud = &self.aws.clouds[OWN];
        let journal = cloud.journal();
        cloud.clear_journal();
        self.most_in_progress = self.most_in_progress.max(cloud.in_progress());
        for entry in &journal.entries {
            match entry.operation.name {
                "UpdateDistribution" if entry.code.is_none() => self.updates += 1,
                "UpdateStage" if entry.code.is_none() => self.stages.push(entry.at.as_secs_f64()),
                "GetMetricData" => self.counts += 1,
                _ => {}
            }
        }
    }

    pub async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..LONG {
            if holds(self) {
                return;
            }
            self.second().await;
        }
        panic!("never: {what}: {}", self.rollout());
    }
}

fn declare(api: &ApiServer, most: usize, price_class: &str) {
    declare_halting(api, most, price_class, &["ViewersRefused", "Stalled"]);
}

/// A class whose rollout is halted by these.
pub fn declare_halting(api: &ApiServer, most: usize, price_class: &str, halt_on: &[&str]) {
    let class = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass", "metadata": {"name": "public"},
        "spec": {
            "defaults": {"distribution": {"priceClass": price_class}},
            // The clock of the wall stands still here.
            "rollout": {"maxUnavailable": most, "pause": "0s", "haltOn": halt_on},
        },
    });
    api.apply("perimeterclasses", &class);
}

#[tokio::test(start_paused = true)]
async fn a_change_reaches_five_hundred_objects_a_few_at_a_time_and_ends_with_the_first_that_is_refused_though_calls_fail_and_the_leader_dies()
 {
    const OBJECTS: usize = 500;
    const MOST: usize = 25;
    let mut crowd = Crowd::new(OBJECTS, MOST).await;
    let random = &mut fastrand::Rng::with_seed(1);
    let faults = [Fault::Throttle, Fault::ServerError, Fault::LostRequest];
    crowd.cloud().inject(Rule::random(Scope::Every, 0.005, &faults));
    declare(&crowd.api, MOST, "PriceClass_200");
    let mut deaths = 0;
    for second in 0.. {
        assert!(second < LONG, "it does not end: {}", crowd.rollout());
        let (moved, is_complete) = (crowd.moved(), crowd.state() == "Complete");
        if is_complete && crowd.updates >= OBJECTS {
            break;
        }
        crowd.second().await;
        let on_the_way = crowd.rollout()["moving"].as_array().map_or(0, Vec::len);
        assert!(on_the_way <= MOST, "{on_the_way} are on the way");
        // AWS itself tells, whatever status says.
        let in_progress = crowd.most_in_progress;
        assert!(in_progress <= MOST, "{in_progress} were in progress at a time");
        if crowd.updates > 0 {
            assert_eq!(
                crowd.rollout()["plan"]["changed"],
                OBJECTS,
                "it was planned first"
            );
        }
        if !is_complete {
            let changed = crowd.updates;
            assert!(
                changed <= moved + 2 * MOST,
                "{changed} changed, {moved} have moved"
            );
        }
        if deaths < 4 && crowd.updates > (deaths + 1) * OBJECTS / 6 {
            deaths += 1;
            tokio::time::sleep(Duration::from_millis(random.u64(0..1_000))).await;
            crowd.kill().await;
        }
    }
    assert_eq!((deaths, crowd.updates), (4, OBJECTS), "each was changed once");
    assert!(
        crowd.most_in_progress > MOST / 2,
        "{} at a time",
        crowd.most_in_progress
    );
    let class = crowd.class();
    assert_eq!(class["status"]["revisions"].as_array().map(Vec::len), Some(1));
    assert_eq!(crowd.moved(), OBJECTS);
    ends_with_the_first_that_is_refused(&mut crowd).await;
}

/// The rollout ends with an object whose viewers are refused.
async fn is_halted(crowd: &mut Crowd) {
    crowd
        .until("it is halted", |crowd| crowd.state() == "Halted")
        .await;
    let halted_by = crowd.rollout()["haltedBy"].clone();
    assert_eq!(halted_by["reason"], "ProbeBlockedByWebAcl", "{halted_by}");
}

/// Another change refuses viewers once three have moved, and the leader dies before and after the rollout is halted: nobody else changes,
/// as AWS itself tells.
async fn ends_with_the_first_that_is_refused(crowd: &mut Crowd) {
    crowd.updates = 0;
    crowd.most_in_progress = 0;
    declare(&crowd.api, 1, "PriceClass_100");
    crowd.until("three have moved", |crowd| crowd.moved() == 3).await;
    crowd.refuse_viewers(true);
    let before = crowd.updates;
    crowd.kill().await;
    is_halted(crowd).await;
    crowd.kill().await;
    // Longer than from one resync to the next.
    for _ in 0..700 {
        crowd.second().await;
    }
    assert_eq!(crowd.state(), "Halted");
    assert!(crowd.updates <= before + 1, "{before}, then {}", crowd.updates);
    assert_eq!(crowd.most_in_progress, 1);
}

#[tokio::test(start_paused = true)]
async fn the_first_object_whose_viewers_are_refused_is_the_last_one_that_changes() {
    const OBJECTS: usize = 20;
    let mut crowd = Crowd::new(OBJECTS, 1).await;
    declare(&crowd.api, 1, "PriceClass_200");
    crowd.until("three have moved", |crowd| crowd.moved() == 3).await;
    let before = crowd.updates;
    crowd.refuse_viewers(true);
    is_halted(&mut crowd).await;
    crowd.kill().await;
    for _ in 0..1_800 {
        crowd.second().await;
    }
    assert!(crowd.updates <= before + 1, "{before}, then {}", crowd.updates);
    assert_eq!(crowd.most_in_progress, 1);
    let changed = crowd.updates;
    crowd.refuse_viewers(false);
    declare(&crowd.api, 1, "PriceClass_100");
    crowd
        .until("all are as before", |crowd| {
            crowd.state() == "Complete" && crowd.moved() == OBJECTS && crowd.rollout()["haltedBy"].is_null()
        })
        .await;
    assert_eq!(crowd.updates, 2 * changed, "whoever had changed is changed back");
}

/// As many objects as may ever be on the way use up AWS's quotas, whatever the class's number of objects is.
#[tokio::test(start_paused = true)]
async fn a_lock_that_is_refused_is_put_back_at_once_while_a_class_is_rolled_out() {
    const OBJECTS: usize = 120;
    const MOST: usize = 50;
    let mut crowd = Crowd::of(OBJECTS, MOST, Aws::with_quotas).await;
    let cloud = crowd.cloud();
    cloud.preload_api(&Preloaded::rest("eu-north-1", "lockedlock", &["prod"]));
    let manifest = |enforcement: &str| {
        json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {"name": "locked", "namespace": "shop"},
            "spec": {
                "access": {"enforcement": enforcement},
                "origin": {
                    "endpoint": "lockedlock.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
                },
            },
        })
    };
    crowd.api.apply("protectedapis", &manifest("Observe"));
    let is_ready = |crowd: &Crowd| {
        let object = crowd.api.get("protectedapis", "shop", "locked");
        let conditions = object["status"]["conditions"].as_array().cloned();
        let mut conditions = conditions.unwrap_or_default().into_iter();
        conditions.any(|found| found["type"] == "Ready" && found["status"] == "True")
    };
    crowd.until("it is ready", is_ready).await;
    crowd
        .cloud()
        .configure(|settings| settings.signer_is_broken = true);
    declare(&crowd.api, MOST, "PriceClass_200");
    crowd
        .until("all that may are on the way", |crowd| {
            crowd.rollout()["moving"].as_array().map(Vec::len) == Some(MOST)
        })
        .await;
    crowd.stages.clear();
    crowd.api.apply("protectedapis", &manifest("Enforce"));
    crowd
        .until("the lock is put back", |crowd| crowd.stages.len() >= 2)
        .await;
    let refused = crowd.stages[1] - crowd.stages[0];
    assert!(refused <= 15.0, "viewers were refused for {refused} s");
    assert_ne!(crowd.state(), "Complete", "nothing was in its way");
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_a_class_tells_of_all_its_objects_and_hardly_calls_aws() {
    const OBJECTS: usize = 100;
    let crowd = Crowd::new(OBJECTS, 5).await;
    let spec = json!({"defaults": {"distribution": {"priceClass": "PriceClass_200"}}, "limits": {"requiredTags": ["team"]}});
    let plan = |name: &str, spec: &Value| {
        json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterPlan", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"ttl": "24h", "class": {"name": "public", "spec": spec}},
        })
    };
    let answered = async |name: &str| {
        for _ in 0..30 {
            let found = crowd.api.get("perimeterplans", "shop", name)["status"].clone();
            if !found["conditions"].is_null() {
                return found;
            }
            tokio::time::sleep(SECOND).await;
        }
        panic!("there is no plan {name}");
    };
    let cloud = crowd.cloud();
    cloud.clear_journal();
    crowd.api.apply("perimeterplans", &plan("refused", &spec));
    let refused = answered("refused").await["classPlan"].clone();
    assert_eq!(
        (&refused["objects"], &refused["refused"]),
        (&json!(OBJECTS), &json!(OBJECTS))
    );
    let message = refused["problems"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("spec.tags") && message.contains("PerimeterClass public"),
        "{message}"
    );
    let spec = json!({"defaults": {"distribution": {"priceClass": "PriceClass_200"}}});
    crowd.api.apply("perimeterplans", &plan("changed", &spec));
    let changed = answered("changed").await["classPlan"].clone();
    assert_eq!(
        (&changed["changed"], &changed["refused"]),
        (&json!(OBJECTS), &json!(0)),
        "{changed}"
    );
    assert_eq!(changed["groups"][0]["objects"], OBJECTS);
    let step = &changed["groups"][0]["steps"][0];
    assert_eq!(
        (&step["kind"], &step["verb"]),
        (&json!("distribution"), &json!("Change")),
        "{step}"
    );
    assert_eq!(step["changes"][0]["path"], "priceClass");
    assert_eq!(changed["cost"]["monthlyBefore"], changed["cost"]["monthlyAfter"]);
    let unknown = json!({"default": {}});
    crowd.api.apply("perimeterplans", &plan("misspelt", &unknown));
    let misspelt = answered("misspelt").await;
    assert_eq!(misspelt["conditions"][0]["reason"], "Malformed", "{misspelt}");
    let calls = cloud.journal().entries.len();
    assert!(calls <= 40, "{calls} calls");
}
