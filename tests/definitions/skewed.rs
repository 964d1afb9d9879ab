//! A controller under the definitions of another version says so, and touches nothing; also where they were others when it began.

use super::{alone, apply, eventually, kubectl, kubernetes, petstore, replace_definition, restore};
use crate::aws;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Who holds Leases, of kubectl.
const HOLDERS: &str = "jsonpath={.items[*].spec.holderIdentity}";

/// A controller that lacks nothing else; killed when dropped.
struct Controller {
    process: Child,
    address: String,
    log: PathBuf,
    _folder: tempfile::TempDir,
    _emulator: aws::Emulator,
}

impl Controller {
    fn start() -> Self {
        let emulator = aws::Emulator::start(&aws::quick());
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        drop(listener);
        let process = Command::new(env!("CARGO_BIN_EXE_palisade"))
            .args([
                "controller",
                "--lease-namespace=default",
                "--metrics-addr=off",
                "--health-addr",
                &address,
            ])
            .env_clear()
            .env("KUBECONFIG", kubernetes::kubeconfig())
            .envs([
                ("AWS_ENDPOINT_URL", emulator.endpoint.as_str()),
                ("HOME", "/nonexistent"),
            ])
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("palisade runs");
        Self {
            process,
            address,
            log,
            _folder: folder,
            _emulator: emulator,
        }
    }

    fn readiness(&self) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            println!("{}", self.log());
        }
    }
}

/// A controller says this of the definitions, and of nothing else; the object is as it was, and no Lease was asked for.
fn says(text: &str) -> Controller {
    apply(&petstore("petstore"));
    let before: Value = object();
    let controller = Controller::start();
    let said = eventually("nothing else is waited for", || {
        let only = |said: &String| {
            said.starts_with("waiting for definitions of this version (") && !said.contains("credentials")
        };
        controller.readiness().filter(only)
    });
    assert!(said.contains(text), "{said}");
    eventually("the log says it", || {
        Some(controller.log()).filter(|log| log.contains(text))
    });
    assert_eq!(object(), before);
    assert_eq!(kubectl(&["get", "leases", "-n", "default", "-o", "name"]), "");
    controller
}

fn object() -> Value {
    serde_json::from_str(&kubectl(&[
        "get", "papi", "petstore", "-n", "default", "-o", "json",
    ]))
    .expect("an object")
}

/// Once they are those of its version it goes on, without being started anew.
fn until_it_goes_on(controller: &Controller) {
    restore();
    eventually("it is ready", || {
        controller.readiness().filter(|said| said == "ok\n")
    });
    eventually("it leads", || {
        Some(kubectl(&["get", "leases", "-n", "default", "-o", "name"]))
            .filter(|found| found.contains("palisade"))
    });
    kubectl(&["delete", "lease", "palisade", "-n", "default"]);
}

#[test]
fn an_older_definition_is_said_by_the_field_that_it_lacks_and_nothing_is_touched() {
    let _alone = alone();
    restore();
    replace_definition(Some("0.0.9"), |schema| {
        let status = &mut schema["properties"]["status"]["properties"];
        drop(status.as_object_mut().expect("fields").remove("distribution"));
    });
    let controller =
        says("the definition of ProtectedApi is older than this controller: it lacks status.distribution;");
    until_it_goes_on(&controller);
}

/// Within a minute. Started again, as a pod is, it waits as one that finds them so.
#[test]
fn a_controller_that_leads_ends_when_an_older_definition_is_brought_back() {
    let _alone = alone();
    restore();
    let mut controller = Controller::start();
    eventually("it leads", || {
        let holder = kubectl(&["get", "leases", "-n", "default", "-o", HOLDERS]);
        controller
            .readiness()
            .filter(|said| said == "ok\n" && !holder.is_empty())
    });
    replace_definition(Some("0.0.9"), |schema| {
        let status = &mut schema["properties"]["status"]["properties"];
        drop(status.as_object_mut().expect("fields").remove("distribution"));
    });
    let ended = eventually("it ends", || controller.process.try_wait().expect("its state"));
    assert!(!ended.success());
    let lacks = "the definition of ProtectedApi is older than this controller: it lacks status.distribution;";
    let said = format!("the definitions were changed, ending: {lacks}");
    assert!(controller.log().contains(&said), "{}", controller.log());
    // Another may look for itself at once.
    let holder = kubectl(&["get", "leases", "-n", "default", "-o", HOLDERS]);
    assert_eq!(holder, "");
    kubectl(&["delete", "lease", "palisade", "-n", "default"]);
    until_it_goes_on(&says(lacks));
}

#[test]
fn a_newer_definition_is_said_by_the_field_that_is_not_known_and_nothing_is_touched() {
    let _alone = alone();
    restore();
    replace_definition(Some("99.0.0"), |schema| {
        schema["properties"]["spec"]["properties"]["later"] = json!({"type": "string"});
    });
    let controller = says("which does not know spec.later;");
    until_it_goes_on(&controller);
}
