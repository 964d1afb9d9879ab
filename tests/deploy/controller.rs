//! The controller at work with the rights of `deploy/base` alone.

use super::requests::requests;
use super::{alone, apply_base, aws, eventually, kubectl, rights, try_kubectl};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// Ends the process with the test; shows its log with a failure.
struct Running(Child, PathBuf);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        if std::thread::panicking() {
            println!("{}", std::fs::read_to_string(&self.1).unwrap_or_default());
        }
    }
}

/// A kubeconfig of the `ServiceAccount`'s token.
fn kubeconfig_of_service_account(folder: &Path) -> PathBuf {
    let token = eventually("the ServiceAccount", || {
        Some(try_kubectl(&[
            "create",
            "token",
            "palisade",
            "-n",
            "palisade-system",
        ]))
        .filter(|(made, _)| *made)
    });
    let config = kubectl(&["config", "view", "--minify", "--flatten", "--raw", "-o", "json"]);
    let mut config: Value = serde_json::from_str(&config).expect("a kubeconfig");
    config["users"][0]["user"] = json!({"token": token.1.trim()});
    let path = folder.join("kubeconfig");
    File::create(&path)
        .and_then(|mut file| file.write_all(config.to_string().as_bytes()))
        .expect("a file");
    path
}

fn start(folder: &Path, emulator: &aws::Emulator, log_path: &Path) -> Running {
    let log = File::create(log_path).expect("a file");
    let child = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args([
            "controller",
            "--lease-namespace=palisade-system",
            "--deployment-poll=1s",
            "--sweep=1s",
            "--resync=3s",
        ])
        .args([
            "--metrics-addr=off",
            "--health-addr=off",
            "--log-level=info,palisade=debug",
        ])
        .env_clear()
        .env("KUBECONFIG", kubeconfig_of_service_account(folder))
        .env("AWS_ENDPOINT_URL", &emulator.endpoint)
        .env("PALISADE_PROBE_ENDPOINT_URL", &emulator.endpoint)
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .envs([("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", "/nonexistent")])
        .stdout(log.try_clone().expect("a handle"))
        .stderr(log)
        .spawn()
        .expect("palisade runs");
    Running(child, log_path.to_owned())
}

fn petstore() -> Value {
    let object = kubectl(&["get", "papi", "petstore", "-n", "shop", "-o", "json"]);
    serde_json::from_str(&object).expect("an object")
}

fn patch(change: &Value) {
    let change = change.to_string();
    kubectl(&[
        "patch",
        "papi",
        "petstore",
        "-n",
        "shop",
        "--type=merge",
        "-p",
        &change,
    ]);
}

fn ready(generation: u64) -> Option<()> {
    let object = petstore();
    let conditions = object["status"]["conditions"].as_array()?;
    let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
    (ready["status"] == "True" && ready["observedGeneration"] == generation).then_some(())
}

/// The message of a condition that has this reason.
fn told(condition: &str, reason: &str) -> Option<String> {
    let object = petstore();
    let mut conditions = object["status"]["conditions"].as_array()?.iter();
    let found = conditions.find(|found| found["type"] == condition && found["reason"] == reason)?;
    found["message"].as_str().map(ToOwned::to_owned)
}

/// The controller may read no Secret, says what to grant, and reads the one that it was granted.
fn probe_with_a_secret() {
    let secret = json!({"name": "petstore-probe", "key": "token"});
    patch(&json!({"spec": {"access": {"probe": {"header": "x-token", "secretRef": secret}}}}));
    let message = eventually("what is to be granted", || {
        told("ViewerAccessVerified", "ProbeSecretUnreadable")
            .filter(|message| message.contains("kubectl create"))
    });
    kubectl(&[
        "create",
        "secret",
        "generic",
        "petstore-probe",
        "-n",
        "shop",
        "--from-literal=token=of-a-probe",
    ]);
    let lines: Vec<&str> = message.split("kubectl ").skip(1).collect();
    assert_eq!(lines.len(), 2, "{message}");
    for line in lines {
        let line = line.split([';', '(']).next().unwrap_or_default();
        kubectl(&line.split_whitespace().collect::<Vec<_>>());
    }
    eventually("Ready with what was granted", || ready(3));
    let object = kubectl(&["get", "papi", "petstore", "-n", "shop", "-o", "yaml"]);
    assert!(!object.contains("of-a-probe"), "{object}");
}

/// Asks for a plan that goes within a minute.
fn ask_for_a_plan(folder: &Path) {
    let example = std::fs::read_to_string("deploy/examples/plan.yaml").expect("the example");
    let mut plan: Value = serde_yaml::from_str(&example).expect("YAML");
    plan["spec"]["ttl"] = "1m".into();
    let file = folder.join("plan.json");
    std::fs::write(&file, plan.to_string()).expect("a file");
    kubectl(&["apply", "-f", &file.to_string_lossy()]);
    kubectl(&[
        "wait",
        "--for=condition=Planned",
        "pplan/petstore",
        "-n",
        "shop",
        "--timeout=180s",
    ]);
}

#[test]
fn the_rights_of_the_base_suffice_for_an_objects_whole_life_and_each_is_used() {
    let _alone = alone();
    apply_base();
    let emulator = aws::Emulator::start(&aws::quick());
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let mut running = start(folder.path(), &emulator, &log);
    let said = || std::fs::read_to_string(&log).expect("the log");

    // The same event twice, and a pass that lasts long enough for us to write the object in the middle of it.
    emulator.fault(&json!({
        "kind": "error", "operation": "GetRestApi", "count": 2, "code": "AccessDeniedException", "status": 403,
        "message": "not yet",
    }));
    emulator.fault(&json!({"kind": "delay", "operation": "CreateWebACL", "seconds": 5}));
    kubectl(&["apply", "-f", "deploy/examples/namespace.yaml"]);
    kubectl(&["apply", "-f", "deploy/examples/petstore.yaml"]);
    eventually("a pass is under way", || {
        let faults = emulator.control("GET", "faults", &Value::Null);
        (faults[1]["hits"] == 1).then_some(())
    });
    // Another test of this binary installs the policy against deletions by mistake.
    kubectl(&[
        "annotate",
        "papi",
        "petstore",
        "-n",
        "shop",
        "palisade.dev/allow-delete=true",
    ]);
    ask_for_a_plan(folder.path());
    eventually("Ready", || ready(1));
    patch(&json!({"spec": {"distribution": {"priceClass": "PriceClass_100"}}}));
    eventually("Ready with the new spec", || ready(2));
    probe_with_a_secret();
    kubectl(&["apply", "-f", "deploy/examples/own-account.yaml"]);
    kubectl(&["wait", "--for=condition=Ready", "awsacct/own", "--timeout=180s"]);
    kubectl(&["delete", "awsaccount", "own", "--timeout=180s"]);
    kubectl(&["apply", "-f", "deploy/examples/class.yaml"]);
    kubectl(&["wait", "--for=condition=Ready", "pclass/public", "--timeout=180s"]);
    kubectl(&["delete", "pclass", "public", "--timeout=180s"]);
    let events = kubectl(&["get", "events", "-n", "shop"]);
    assert!(events.contains("Created distribution"), "{events}");
    kubectl(&["get", "lease", "palisade", "-n", "palisade-system"]);
    kubectl(&["delete", "papi", "petstore", "-n", "shop", "--timeout=180s"]);
    eventually("nothing is left in AWS", || {
        let left = emulator.control("GET", "resources", &Value::Null);
        (!left.to_string().contains("palisade.dev/uid")).then_some(())
    });

    kubectl(&[
        "wait",
        "--for=delete",
        "pplan/petstore",
        "-n",
        "shop",
        "--timeout=180s",
    ]);

    assert!(
        running.0.try_wait().expect("its state").is_none(),
        "it has ended: {}",
        said()
    );
    // Kubernetes' word for a right that is missing, wherever it was met.
    let forbidden: Vec<String> = said()
        .lines()
        .filter(|line| line.contains("forbidden"))
        .map(ToOwned::to_owned)
        .collect();
    assert!(forbidden.is_empty(), "{forbidden:#?}");
    // The API server writes its audit log a little later.
    eventually("the audit log has the plan's deletion", || {
        let unused = rights::unused(&requests());
        let lacks = unused
            .iter()
            .any(|right| right.starts_with("delete perimeterplans"));
        (!lacks).then_some(())
    });
    drop(running);
    let requests = requests();
    let (unused, unfounded) = (rights::unused(&requests), rights::unfounded(&requests));
    assert!(unused.is_empty(), "granted and never used: {unused:#?}");
    assert!(unfounded.is_empty(), "asked for without a right: {unfounded:#?}");
}
