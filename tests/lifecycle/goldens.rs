//! Whole lives, recorded: what each pass writes and what conditions come of it, from creation over a resync to deletion, of the
//! examples and of the zoo's APIs in every mode. A difference is a decision: look at it, then `INSTA_UPDATE=always` takes it over.

use super::scenes::{TOPIC, ZONE};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;
use palisade::api::ProtectedApiSpec;
use palisade::controller::engine::Outcome;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAME: &str = "golden";
const REGION: &str = "eu-north-1";
/// More passes than what comes to rest needs; what never does is recorded so far.
const PASSES: usize = 60;
/// The one that the examples speak of.
const CERTIFICATE: &str =
    "arn:aws:acm:us-east-1:123456789012:certificate/5b1c7a52-52a5-4a3b-9d6a-2f7c3d1e8b90";

/// The bucket that they speak of.
const TRUSTSTORES: &str = "shop-truststores";

/// What a mode adds to a spec's access.
fn modes(protocol: &str) -> Vec<(&'static str, Value)> {
    let mut modes = vec![
        ("SigV4", json!({})),
        ("SecretHeader", json!({"mode": "SecretHeader"})),
    ];
    if protocol == "REST" {
        modes.insert(1, ("exclusive", json!({"sigV4": {"exclusive": true}})));
        modes.insert(2, ("ApiKey", json!({"mode": "ApiKey"})));
    }
    modes
}

#[tokio::test(start_paused = true)]
async fn the_lives_of_the_examples() {
    for path in files("deploy/examples") {
        let manifest: Value = parsed(&path);
        // By a class an object is what the two come to, which has tests of its own.
        if manifest["kind"] != "ProtectedApi" || manifest["spec"]["className"].is_string() {
            continue;
        }
        let spec: ProtectedApiSpec = serde_json::from_value(manifest["spec"].clone()).unwrap();
        let labels: Vec<_> = spec.origin.endpoint.split('.').map(leaked).collect();
        let api = json!({"protocol": manifest["spec"]["origin"]["type"], "stages": [spec.origin.stage]});
        let api = preloaded(&api, labels[0], labels[2]);
        let life = life(&api, spec).await;
        insta::assert_snapshot!(format!("life_of_{}", stem(&path)), life);
    }
}

/// What is alike in the simulation is lived once, and alike lives are written once.
#[tokio::test(start_paused = true)]
async fn the_lives_of_the_zoo() {
    let mut shapes: BTreeMap<String, (Preloaded, Value, Vec<String>)> = BTreeMap::new();
    for path in files("tests/zoo/apis") {
        let file = parsed(&path);
        let protocol = file["api"]["protocol"].as_str().unwrap_or("REST");
        for (mode, access) in modes(protocol) {
            let api = preloaded(&file["api"], "a1b2c3d4e5", REGION);
            let mut spec = json!({"origin": {
                "endpoint": format!("a1b2c3d4e5.execute-api.{REGION}.amazonaws.com"), "type": protocol, "stage": api.stages[0]
            }});
            for part in [file["spec"].clone(), json!({"access": access})] {
                merge(&mut spec, &part);
            }
            let shape = shapes.entry(format!("{api:?} {spec}"));
            let (_, _, names) = shape.or_insert_with(|| (api, spec, vec![]));
            names.push(format!("{}, {mode}", stem(&path)));
        }
    }
    let mut lives: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (api, spec, names) in shapes.into_values() {
        let life = life(&api, serde_json::from_value(spec).unwrap()).await;
        lives.entry(life).or_default().extend(names);
    }
    let written = lives.into_iter().map(|(life, mut names)| {
        names.sort();
        (format!("# {}\n", names.join("\n# ")), life)
    });
    let mut written: Vec<_> = written.collect();
    written.sort();
    let written: Vec<_> = written.into_iter().map(|(names, life)| names + &life).collect();
    insta::assert_snapshot!("lives_of_the_zoo", written.join("\n"));
}

/// One life, a line for each pass in which something was written or a condition changed.
async fn life(api: &Preloaded, spec: ProtectedApiSpec) -> String {
    let mut cluster = Cluster::new(Settings::default());
    cluster
        .cloud
        .preload_certificate(CERTIFICATE, &["*.shop.example.com"]);
    cluster.cloud.preload_topic(TOPIC);
    cluster.cloud.preload_zone(ZONE, "shop.example.com");
    cluster.cloud.preload_bucket(REGION, TRUSTSTORES, true);
    cluster.cloud.preload_api(api);
    cluster.apply_spec(NAME, spec);
    let mut book = Book::default();
    for _ in 0..PASSES {
        let outcome = cluster.pass(NAME).await;
        book.record(&cluster, &outcome);
        let is = |condition: &str| cluster.condition(NAME, condition) == "True";
        let is_at_rest = outcome.plan.is_empty() && outcome.failures.is_empty();
        if (is("Ready") && is_at_rest) || (is("Stalled") && outcome.plan.waits.is_empty()) {
            break;
        }
        tokio::time::sleep(pause(&outcome)).await;
    }
    for word in ["resync", "once more"] {
        book.say(word);
        let outcome = cluster.resync(NAME).await;
        book.record(&cluster, &outcome);
    }
    book.say("deletion");
    cluster.begin_deletion(NAME);
    while cluster.objects.contains_key(NAME) {
        let outcome = cluster.pass(NAME).await;
        book.record(&cluster, &outcome);
        tokio::time::sleep(pause(&outcome)).await;
    }
    cluster.sweep().await;
    let left = cluster.cloud.resources().len();
    book.say(&format!("{left} left"));
    book.lines
}

fn pause(outcome: &Outcome) -> Duration {
    if outcome.failures.is_empty() {
        outcome.requeue
    } else {
        Duration::from_secs(5)
    }
}

/// What was recorded, and where the last line ended.
#[derive(Default)]
struct Book {
    lines: String,
    conditions: Vec<String>,
    calls: usize,
}

impl Book {
    fn say(&mut self, word: &str) {
        writeln!(self.lines, "- {word}").unwrap();
    }

    fn record(&mut self, cluster: &Cluster, outcome: &Outcome) {
        let journal = cluster.cloud.journal();
        let new = &journal.entries[self.calls..];
        self.calls = journal.len();
        let mut writes: Vec<_> = new
            .iter()
            .filter(|entry| entry.operation.class.is_write())
            .map(|entry| match &entry.code {
                Some(code) => format!("{}({code})", entry.operation.name),
                None => entry.operation.name.to_owned(),
            })
            .collect();
        // What is independent is done side by side.
        writes.sort();
        let conditions = outcome.status.conditions.iter().map(|found| {
            let (kind, status, reason) = (&found.type_, &found.status, &found.reason);
            format!("{kind}={status} {reason}")
        });
        let conditions: Vec<_> = conditions.collect();
        let changed: Vec<_> = conditions
            .iter()
            .filter(|condition| !self.conditions.contains(condition))
            .cloned()
            .collect();
        if !writes.is_empty() || !changed.is_empty() {
            let (writes, changed) = (runs(&writes), changed.join(", "));
            writeln!(self.lines, "{writes} | {changed}").unwrap();
        }
        self.conditions = conditions;
    }
}

/// The same word several times in a row, once.
fn runs(words: &[String]) -> String {
    let runs = words.chunk_by(|one, other| one == other);
    let told = runs.map(|run| match run.len() {
        1 => run[0].clone(),
        count => format!("{count} × {}", run[0]),
    });
    told.collect::<Vec<_>>().join(" ")
}

/// An API of the zoo as the simulation makes it: its methods, stages and policy.
fn preloaded(api: &Value, id: &'static str, region: &'static str) -> Preloaded {
    let protocol = api["protocol"].as_str().unwrap_or("REST");
    let default = if protocol == "HTTP" { "$default" } else { "prod" };
    let stages = api["stages"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![json!(default)]);
    let name = |stage: &Value| leaked(stage["name"].as_str().or(stage.as_str()).unwrap());
    let names: Vec<_> = stages.iter().map(name).collect();
    let is_by_hand = |stage: &&Value| {
        let is_default = protocol == "HTTP" && name(stage) == "$default";
        !stage["autoDeploy"].as_bool().unwrap_or(is_default)
    };
    let by_hand: Vec<_> = stages.iter().filter(is_by_hand).map(name).collect();
    let auto_deploy = by_hand.len() < names.len();
    let mut known = match protocol {
        "HTTP" => Preloaded::http(region, id, names.leak()),
        "WEBSOCKET" => Preloaded::websocket(region, id, names.leak()),
        _ => Preloaded::rest(region, id, names.leak()),
    };
    known.auto_deploy = auto_deploy;
    known.by_hand = if auto_deploy { by_hand } else { vec![] };
    known.endpoint_type = leaked(api["endpointType"].as_str().unwrap_or("REGIONAL"));
    known.default_endpoint_disabled = api["disableExecuteApiEndpoint"].as_bool().unwrap_or_default();
    known.keys_from_authorizer = api["apiKeySource"] == "AUTHORIZER";
    known.policy = (protocol == "REST" && api["policy"].is_object()).then(|| api["policy"].clone());
    if let Some(methods) = api["methods"].as_array() {
        known.routes = methods.iter().flat_map(routes).collect();
    }
    known
}

fn routes(method: &Value) -> Vec<(&'static str, &'static str)> {
    let kind = leaked(method["authorizationType"].as_str().unwrap_or("NONE"));
    let name = method["method"].as_str().or(method.as_str()).unwrap();
    match method["repeat"].as_u64() {
        // As many of a kind as tell one from many.
        Some(_) => (0..3)
            .map(|n| (leaked(&name.replace("{n}", &n.to_string())), kind))
            .collect(),
        None => vec![(leaked(name), kind)],
    }
}

fn merge(into: &mut Value, part: &Value) {
    match (into, part) {
        (Value::Object(into), Value::Object(part)) => {
            for (key, value) in part {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (into, part) => *into = part.clone(),
    }
}

fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn parsed(path: &Path) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
