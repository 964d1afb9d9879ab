//! Sixty objects of three accounts and two Regions, within AWS's quotas, whose APIs all refuse what the perimeter sends:
//! each lock is put back at once, whoever else waits, also where a Region hardly answers and where the leader dies.

use super::api_server::ApiServer;
use super::controllers::{A, B};
use super::processes::{Aws, OWN, Process};
use super::support::simulation::SimulatedCloud;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::access::table::marks::Marks;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const OBJECTS: usize = 60;
const ACCOUNTS: [(&str, Option<&str>); 3] = [(OWN, None), (A, Some("a")), (B, Some("b"))];
const REGIONS: [&str; 2] = ["eu-north-1", "eu-west-1"];
const METHODS: [&str; 8] = [
    "GET /pets",
    "POST /pets",
    "PUT /pets",
    "DELETE /pets",
    "GET /orders",
    "POST /orders",
    "PUT /orders",
    "DELETE /orders",
];
/// For how long viewers may be refused at worst.
const WORST: f64 = 15.0;
/// Calls of one object that are under way at most.
const FEW: usize = 6;
const SECOND: Duration = Duration::from_secs(1);
/// It is looked at this often: a lock that is refused is in effect for a tenth of a second.
const TICK: Duration = Duration::from_millis(40);
/// So many looks take half an hour.
const LONG: usize = 30 * 60 * 25;

/// What befalls the crowd.
#[derive(Debug, Clone, Copy, Default)]
struct Trouble {
    /// How long each call to one of the Regions takes.
    slow: Option<Duration>,
    /// How often the leader dies, each time while a lock is not proven.
    deaths: usize,
    /// Whether that is one and the same lock, as far as it is not put back in between.
    is_one_lock: bool,
}

struct Crowd {
    api: Arc<ApiServer>,
    aws: Arc<Aws>,
    process: Process,
    deaths: usize,
    /// When each API's stage was given another deployment, in seconds.
    served: BTreeMap<String, Vec<f64>>,
}

impl Crowd {
    fn new() -> Self {
        let settings = || Settings {
            deployment_delay: Duration::from_secs(40),
            latency: Duration::from_millis(50),
            signer_is_broken: true,
            ..Settings::default()
        };
        let cloud = |(account, _): (&'static str, _)| {
            (account, Arc::new(SimulatedCloud::of_account(account, settings())))
        };
        let clouds: BTreeMap<_, _> = ACCOUNTS.map(cloud).into();
        let api = ApiServer::new(&["shop"]);
        for (account, name) in ACCOUNTS {
            let Some(name) = name else { continue };
            let role = format!("arn:aws:iam::{account}:role/palisade-spoke");
            let manifest = json!({
                "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": name},
                "spec": {"roleArn": role, "allowedNamespaces": {"names": ["shop"]}},
            });
            api.apply("awsaccounts", &manifest);
        }
        for number in 0..OBJECTS {
            let (account, name) = ACCOUNTS[number % ACCOUNTS.len()];
            let region = REGIONS[number / ACCOUNTS.len() % REGIONS.len()];
            let id: &'static str = format!("crowd{number:05}").leak();
            let planted = Preloaded {
                routes: METHODS.map(|method| (method, "NONE")).to_vec(),
                ..Preloaded::rest(region, id, &["prod"])
            };
            clouds[account].preload_api(&planted);
            let endpoint = format!("{id}.execute-api.{region}.amazonaws.com");
            let mut spec = json!({"origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"}});
            if let Some(name) = name {
                spec["accountName"] = name.into();
            }
            let manifest = json!({
                "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
                "metadata": {"name": format!("api-{number}"), "namespace": "shop"}, "spec": spec,
            });
            api.apply("protectedapis", &manifest);
        }
        let aws = Arc::new(Aws::with_quotas(clouds));
        Self {
            process: Process::start(0, &api, &aws),
            api,
            aws,
            deaths: 0,
            served: BTreeMap::new(),
        }
    }

    async fn kill(&mut self) {
        self.process.kill();
        self.deaths += 1;
        tokio::time::sleep(SECOND).await;
        self.process = Process::start(self.deaths, &self.api, &self.aws);
    }

    /// Takes over when each API's stage was given another deployment.
    fn look(&mut self) {
        for cloud in self.aws.clouds.values() {
            let journal = cloud.journal();
            cloud.clear_journal();
            let given = journal
                .entries
                .into_iter()
                .filter(|entry| entry.operation.name == "UpdateStage" && entry.code.is_none());
            for entry in given {
                let times = self.served.entry(entry.resource).or_default();
                times.push(entry.at.as_secs_f64());
            }
        }
    }

    /// How many locks are under way, neither proven nor put back.
    fn unproven(&self) -> usize {
        let now = jiff::Timestamp::now();
        let all = self.aws.clouds.values().flat_map(|cloud| cloud.resources());
        let distributions = all.filter(|found| found.kind == Kind::Distribution);
        distributions
            .filter(|found| Marks::of(&found.tags, now).is_unproven())
            .count()
    }
}

/// For how long viewers of each API were refused, in seconds, longest last.
async fn refused(trouble: Trouble, seed: u64) -> Vec<f64> {
    fastrand::seed(seed);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut crowd = Crowd::new();
    if let Some(slow) = trouble.slow {
        crowd.aws.slow_down(REGIONS[1], slow);
    }
    for tick in 0.. {
        crowd.look();
        let count = crowd.served.len();
        assert!(tick < LONG, "{count} of {OBJECTS} were locked");
        assert!(!crowd.process.has_ended(), "the controller ended");
        let is_open = crowd.served.values().all(|times| times.len().is_multiple_of(2));
        if count == OBJECTS && is_open && crowd.unproven() == 0 {
            break;
        }
        // Somewhere in the crowd: after some locks were put back, and while one is in effect.
        let is_due = count > 10 + crowd.deaths * OBJECTS / 4 && !is_open;
        while crowd.deaths < trouble.deaths && is_due {
            // A successor is killed before it can do much, too.
            let lived = if crowd.deaths > 0 && trouble.is_one_lock {
                2_000
            } else {
                50
            };
            tokio::time::sleep(Duration::from_millis(random.u64(0..lived))).await;
            crowd.kill().await;
            if !trouble.is_one_lock {
                break;
            }
        }
        tokio::time::sleep(TICK).await;
    }
    let most = crowd.aws.most_under_way();
    assert!(most <= FEW, "{most} calls for one object at a time");
    let windows = crowd.served.into_values().flat_map(|times| {
        let pairs: Vec<f64> = times.chunks(2).map(|pair| pair[1] - pair[0]).collect();
        pairs
    });
    let mut windows: Vec<f64> = windows.collect();
    windows.sort_by(f64::total_cmp);
    windows
}

async fn holds(trouble: Trouble, seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let windows = refused(trouble, seed).await;
        let (median, worst) = (windows[windows.len() / 2], windows[windows.len() - 1]);
        println!("{trouble:?}, seed {seed}: median {median:.2} s, worst {worst:.2} s");
        assert!(
            median <= 5.0 && worst <= WORST,
            "{trouble:?}, seed {seed}: {windows:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_lock_that_is_refused_is_put_back_at_once() {
    holds(Trouble::default(), 1..2).await;
}

#[tokio::test(start_paused = true)]
async fn a_region_that_hardly_answers_keeps_no_viewers_of_another_one_waiting() {
    let trouble = Trouble {
        slow: Some(Duration::from_secs(2)),
        ..Trouble::default()
    };
    holds(trouble, 1..2).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_after_a_leader_that_died_puts_back_what_it_left() {
    for is_one_lock in [false, true] {
        let trouble = Trouble {
            slow: None,
            deaths: 3,
            is_one_lock,
        };
        holds(trouble, 1..2).await;
    }
}
