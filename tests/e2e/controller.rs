//! The controller as a process.

use crate::scene::{Scene, aws};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A running controller; killed when dropped.
pub struct Controller {
    process: Child,
    /// What it wrote to standard error.
    pub log: PathBuf,
    metrics: String,
    health: String,
}

/// How a controller is started.
pub struct Launch<'a> {
    scene: &'a Scene,
    command: Command,
    leader_elect: bool,
    name: String,
    policy: Option<Value>,
}

impl Scene {
    /// A controller for this scene's namespace.
    pub fn launch(&self) -> Launch<'_> {
        self.launch_for(&["--namespace", &self.namespace])
    }

    /// A controller for all namespaces, where no other test has any.
    pub fn launch_for_all(&self) -> Launch<'_> {
        self.launch_for(&[])
    }

    fn launch_for(&self, namespace: &[&str]) -> Launch<'_> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_palisade"));
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name.starts_with("PALISADE_"))
        {
            command.env_remove(name);
        }
        command
            .args(["controller", "--lease-namespace", &self.namespace])
            .args(namespace)
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HOME", self.folder.path())
            .env("AWS_ENDPOINT_URL", &aws().endpoint)
            .env("PALISADE_PROBE_ENDPOINT_URL", &aws().endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", self.key("one"))
            .env("AWS_SECRET_ACCESS_KEY", "secret");
        Launch {
            scene: self,
            command,
            leader_elect: false,
            name: "one".to_owned(),
            policy: None,
        }
        // Each look reads what all tests have made so far, so as seldom as a test that waits for one bears.
        .option("--resync", "4s")
        .option("--deployment-poll", "300ms")
        .option("--sweep", "1s")
    }

    /// A controller as [`Scene::launch`] has it.
    pub fn start(&self) -> Controller {
        self.launch().start()
    }

    /// The access key of the controller `name`.
    pub fn key(&self, name: &str) -> String {
        format!("AKIA-{}-{name}", self.namespace)
    }
}

impl Launch<'_> {
    /// With this option, in place of one given before.
    pub fn option(mut self, name: &str, value: &str) -> Self {
        // An option may be given once, so each goes by its environment variable.
        let variable = format!(
            "PALISADE_{}",
            name.trim_start_matches("--").replace('-', "_").to_uppercase()
        );
        self.command.env(variable, value);
        self
    }

    /// With this environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Allowed by IAM to do what `policy` says, in place of everything.
    pub fn policy(mut self, policy: Value) -> Self {
        self.policy = Some(policy);
        self
    }

    /// One of several replicas, with an access key of its own. Another one leads soon after it is gone.
    pub fn replica(mut self, name: &str) -> Self {
        self.leader_elect = true;
        name.clone_into(&mut self.name);
        let key = self.scene.key(name);
        self.env("AWS_ACCESS_KEY_ID", &key)
            .option("--instance", name)
            // Little more than the time for which a write needs the Lease.
            .option("--lease-duration", "42s")
            .option("--lease-renew", "400ms")
            .option("--lease-retry", "400ms")
    }

    /// Starts it, without waiting.
    pub fn start(mut self) -> Controller {
        let key = self.scene.key(&self.name);
        let mut user = json!({"name": key, "accessKeyId": key});
        if let Some(policy) = self.policy.take() {
            user["policyDocument"] = policy;
        }
        aws().control("POST", "seed", &json!({"users": [user]}));
        let (metrics, health) = (free_address(), free_address());
        let log = self.scene.new_log(&self.name);
        let process = self
            .command
            .args(["--leader-elect", if self.leader_elect { "true" } else { "false" }])
            .args(["--metrics-addr", &metrics, "--health-addr", &health])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the controller starts");
        Controller {
            process,
            log,
            metrics,
            health,
        }
    }
}

impl Controller {
    /// As a node that dies does.
    pub fn kill(mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }

    /// As the kubelet does.
    pub fn terminate(&self) {
        let pid = self.process.id().to_string();
        let status = Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("kill runs");
        assert!(
            status.success(),
            "the controller was gone already:\n{}",
            self.text()
        );
    }

    /// Waits for its end.
    pub async fn ended(mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("a child") {
                return status;
            }
            assert!(
                began.elapsed() < Duration::from_secs(50),
                "it does not end:\n{}",
                self.text()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Number of its process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Its log.
    pub fn text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Status line and body of an answer; empty where nobody answers.
    pub fn health(&self, path: &str) -> (String, String) {
        get(&self.health, path)
    }

    /// What `/metrics` says.
    pub fn metrics(&self) -> (String, String) {
        get(&self.metrics, "/metrics")
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

fn get(address: &str, path: &str) -> (String, String) {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return Default::default();
    };
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    (
        head.lines().next().unwrap_or_default().to_owned(),
        body.to_owned(),
    )
}
