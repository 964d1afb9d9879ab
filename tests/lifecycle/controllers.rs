//! Objects and accounts on a Kubernetes API in memory, the whole controller on them, and what must hold all the while.

use super::api_server::ApiServer;
use super::processes::{Aws, OWN, Process};
use super::scenes;
use super::support::pieces::CLUSTER;
use super::support::simulation::SimulatedCloud;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::invariants::Invariants;
use super::support::simulation::journal::Entry;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::cloud::Cloud;
use palisade::controller::process::settings::Tenancy;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Two accounts besides the controller's own.
pub const A: &str = "111111111111";
pub const B: &str = "222222222222";
/// APIs by account.
pub const APIS: [(&str, &str); 4] = [
    (OWN, "ownownowno"),
    (OWN, "ownownown2"),
    (A, "aaaaaaaaaa"),
    (B, "bbbbbbbbbb"),
];
/// Seconds that anything takes at most.
const LONG: usize = 4 * 3600;
const SECOND: Duration = Duration::from_secs(1);
/// Longer than any write here takes to come into force: after that, an account stays what it was found to be.
const IN_FORCE: Duration = Duration::from_mins(2);

/// Objects, accounts, and the process of the moment.
pub struct World {
    pub api: Arc<ApiServer>,
    pub aws: Arc<Aws>,
    /// How many processes have died.
    pub deaths: usize,
    /// All calls that were answered, by account.
    pub calls: Vec<(&'static str, Entry)>,
    /// An object names a wrong account, in which its API is looked for.
    pub is_misled: bool,
    /// The account of each object's API, by UID.
    homes: BTreeMap<String, &'static str>,
    watches: BTreeMap<&'static str, Invariants>,
    /// When each account was written last, or an object was declared for it.
    written: BTreeMap<&'static str, Instant>,
    process: Process,
}

impl World {
    pub fn new(namespaces: &[&str]) -> Self {
        Self::with(namespaces, Tenancy::Open)
    }

    pub fn with(namespaces: &[&str], tenancy: Tenancy) -> Self {
        Self::of(namespaces, |clouds| Aws::new(clouds, tenancy))
    }

    /// Calls wait for AWS's quotas.
    pub fn within_quotas(namespaces: &[&str]) -> Self {
        Self::of(namespaces, Aws::with_quotas)
    }

    fn of(
        namespaces: &[&str],
        reached: impl FnOnce(BTreeMap<&'static str, Arc<SimulatedCloud>>) -> Aws,
    ) -> Self {
        let settings = Settings {
            deployment_delay: Duration::from_secs(40),
            replica_retention: Duration::from_mins(15),
            ..Settings::default()
        };
        let cloud = |account: &'static str| {
            let cloud = SimulatedCloud::of_account(account, settings.clone());
            cloud.tell_time(jiff::Timestamp::now());
            for (_, id) in APIS.iter().filter(|(home, _)| *home == account) {
                cloud.preload_api(&Preloaded::rest("eu-north-1", id, &["prod"]));
            }
            (account, Arc::new(cloud))
        };
        let clouds: BTreeMap<_, _> = [OWN, A, B].map(cloud).into();
        let watch = |(account, cloud): (&&'static str, &Arc<SimulatedCloud>)| {
            (*account, Invariants::watch(cloud, CLUSTER))
        };
        let watches = clouds.iter().map(watch).collect();
        let (api, aws) = (ApiServer::new(namespaces), Arc::new(reached(clouds)));
        Self {
            process: Process::start(0, &api, &aws),
            api,
            aws,
            deaths: 0,
            calls: Vec::new(),
            is_misled: false,
            homes: BTreeMap::new(),
            watches,
            written: [OWN, A, B].map(|account| (account, Instant::now())).into(),
        }
    }

    /// The account as the process of the moment calls it: each call waits for the same quotas.
    pub fn cloud(&self, account: &'static str) -> Arc<dyn Cloud> {
        self.process.cloud(account)
    }

    /// Declares an `AwsAccount` with these fields.
    pub fn declare(&self, name: &str, spec: &Value) {
        let account = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": name}, "spec": spec,
        });
        self.api.apply("awsaccounts", &account);
    }

    /// Declares the accounts `a` and `b`, which the namespace `shop` may use.
    pub fn declare_both(&self) {
        for (name, account) in [("a", A), ("b", B)] {
            let role = format!("arn:aws:iam::{account}:role/palisade-spoke");
            self.declare(
                name,
                &json!({"roleArn": role, "allowedNamespaces": {"names": ["shop"]}}),
            );
        }
    }

    /// `kubectl apply` of the object `<namespace>/<name>` for an API of [`APIS`], with `more` in its spec.
    pub fn apply(&mut self, object: &str, api: &str, more: &Value) {
        let (namespace, name) = parted(object);
        let endpoint = format!("{api}.execute-api.eu-north-1.amazonaws.com");
        let mut spec = json!({"origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"}});
        for (field, value) in more.as_object().expect("fields") {
            spec[field] = value.clone();
        }
        let manifest = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {"name": name, "namespace": namespace}, "spec": spec,
        });
        self.adopt(api, &manifest);
    }

    /// Declares an object, as it is, for an API of [`APIS`].
    pub fn adopt(&mut self, api: &str, manifest: &Value) {
        let uid = self.api.apply("protectedapis", manifest);
        let home = APIS.iter().find(|(_, id)| *id == api).expect("one of them").0;
        let stage = manifest["spec"]["origin"]["stage"].as_str().unwrap_or_default();
        self.aws.clouds[home].declare(&uid, api, stage);
        self.homes.insert(uid, home);
        self.written.insert(home, Instant::now());
    }

    pub fn object(&self, object: &str) -> Value {
        let (namespace, name) = parted(object);
        self.api.get("protectedapis", namespace, name)
    }

    pub fn delete(&self, object: &str) {
        let (namespace, name) = parted(object);
        self.api.delete("protectedapis", namespace, name);
    }

    /// Status, reason and message of a condition.
    pub fn condition(&self, object: &str, is: &str) -> [String; 3] {
        let object = self.object(object);
        let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
        let found = conditions.find(|condition| condition["type"] == is);
        let is_current = |found: &&Value| found["observedGeneration"] == object["metadata"]["generation"];
        let found = found.filter(is_current);
        let text = |field: &str| {
            let text = found.and_then(|found| found[field].as_str());
            text.unwrap_or_default().to_owned()
        };
        [text("status"), text("reason"), text("message")]
    }

    pub fn is_ready(&self, object: &str) -> bool {
        self.condition(object, "Ready")[0] == "True"
    }

    /// Whether the object is refused for this reason.
    pub fn is_refused(&self, object: &str, reason: &str) -> bool {
        let [status, found, _] = self.condition(object, "Accepted");
        status == "False" && found == reason
    }

    pub async fn until_ready(&mut self, objects: &[&str]) {
        let what = format!("{objects:?} are ready");
        self.until(&what, |world| objects.iter().all(|object| world.is_ready(object)))
            .await;
    }

    pub async fn until_refused(&mut self, object: &str, reason: &str) {
        let what = format!("{object} is refused: {reason}");
        self.until(&what, |world| world.is_refused(object, reason)).await;
    }

    /// Waits until the objects are gone.
    pub async fn until_gone(&mut self, objects: &[&str]) {
        self.until(&format!("{objects:?} are gone"), |world| {
            let is_gone = |object: &&str| world.object(object).is_null();
            objects.iter().all(is_gone)
        })
        .await;
    }

    /// Waits until nothing is left in the account.
    pub async fn until_empty(&mut self, account: &str) {
        self.until(&format!("nothing is left in {account}"), |world| {
            world.aws.clouds[account].resources().is_empty()
        })
        .await;
    }

    /// Waits until `holds`; what must always hold is looked at all the while, and who dies has a successor.
    pub async fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        for _ in 0..LONG {
            let broken = self.broken();
            assert!(broken.is_empty(), "{}\n{}", broken.join("\n"), self.story());
            if holds(self) {
                return;
            }
            self.second().await;
        }
        panic!("never: {what}\n{}", self.story());
    }

    /// Time passes.
    pub async fn seconds(&mut self, count: usize) {
        let mut left = count;
        self.until("that much later", |_| {
            left = left.saturating_sub(1);
            left == 0
        })
        .await;
    }

    /// The process is killed, and another one starts.
    pub async fn kill(&mut self) {
        self.process.kill();
        self.deaths += 1;
        // Where each one dies at its first call, time passes all the same.
        tokio::time::sleep(SECOND).await;
        self.process = Process::start(self.deaths, &self.api, &self.aws);
    }

    async fn second(&mut self) {
        assert!(!self.process.has_ended(), "the controller ended");
        if tokio::time::timeout(SECOND, self.process.death()).await.is_ok() {
            self.kill().await;
        }
    }

    /// Everything that does not hold.
    fn broken(&mut self) -> Vec<String> {
        let mut broken = Vec::new();
        for (&account, cloud) in &self.aws.clouds {
            let journal = cloud.journal();
            cloud.clear_journal();
            if !journal.writes().is_empty() {
                self.written.insert(account, Instant::now());
            }
            if self.written[account].elapsed() <= IN_FORCE {
                broken.extend(self.watches[account].broken(cloud));
                let strangers = cloud.resources().into_iter().filter(|found| {
                    // Tags name an object of all but these: objects share the certificate.
                    let is_nameless =
                        matches!(found.kind, Kind::Certificate | Kind::Record | Kind::Truststore);
                    if found.uid().is_none() && is_nameless {
                        return false;
                    }
                    let home = found.uid().and_then(|uid| self.homes.get(uid));
                    home != Some(&account)
                });
                broken.extend(strangers.map(|found| format!("{} is in {account}", found.arn)));
            }
            for entry in journal.entries {
                let mut apis = APIS.iter().filter(|(home, _)| *home != account);
                if !self.is_misled && apis.any(|(_, api)| entry.resource.contains(api)) {
                    let name = entry.operation.name;
                    broken.push(format!("{name} of {} was called in {account}", entry.resource));
                }
                self.calls.push((account, entry));
            }
        }
        broken
    }

    /// What a person would look at.
    fn story(&self) -> String {
        let mut lines = vec![format!("after {} deaths", self.deaths)];
        for plural in ["awsaccounts", "protectedapis"] {
            for object in self.api.all(plural) {
                lines.push(format!("{plural} {}", object["metadata"]));
                let conditions = object["status"]["conditions"].as_array();
                lines.extend(conditions.into_iter().flatten().map(|is| {
                    let [kind, status, reason] = ["type", "status", "reason"].map(|field| &is[field]);
                    format!("  {kind}={status} {reason}: {}", is["message"])
                }));
            }
        }
        for (account, cloud) in &self.aws.clouds {
            let arns = cloud.resources().into_iter().map(|found| found.arn);
            lines.extend(arns.map(|arn| format!("{account}: {arn}")));
        }
        let last = self.calls.iter().rev().take(40).rev();
        lines.extend(last.map(|(account, entry)| format!("{account} {}", scenes::told(entry))));
        lines.join("\n")
    }
}

fn parted(object: &str) -> (&str, &str) {
    object.split_once('/').expect("<namespace>/<name>")
}
