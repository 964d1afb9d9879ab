//! The emulated AWS of `tests/env/aws`, one process for a test binary.
#![allow(dead_code, reason = "each test binary uses its own part")]

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

/// Every delay off: a test that is about a wait sets it.
pub fn quick() -> Value {
    json!({
        "deploymentDelay": 0, "functionPending": 0, "rolePropagation": 0, "replicaRetention": 0, "domainNameDelay": 0,
    })
}

/// A running emulator. It ends when its standard input closes, which the end of this process does, however it ends.
pub struct Emulator {
    /// For `AWS_ENDPOINT_URL`.
    pub endpoint: String,
    /// The port on 127.0.0.1 at which all hosts of the data path are served over TLS.
    pub tls: u16,
    /// For `SSL_CERT_FILE`: the CA that all of them have their certificates of.
    pub ca_file: String,
    _stdin: Option<ChildStdin>,
    _process: Child,
}

/// The emulator of this test binary: quick, with the demo's APIs.
pub fn emulator() -> &'static Emulator {
    static EMULATOR: OnceLock<Emulator> = OnceLock::new();
    EMULATOR.get_or_init(|| Emulator::start(&quick()))
}

impl Emulator {
    /// Starts an emulator with the demo's APIs and these settings.
    pub fn start(settings: &Value) -> Self {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/env/aws");
        let mut process = Command::new(format!("{root}/run"))
            .args([
                "--port",
                "0",
                "--exit-with-stdin",
                "--settings",
                &settings.to_string(),
            ])
            .args(["--seed", &format!("{root}/seeds/demo.json")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/env/aws/run starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the emulator says where it is");
        let ready: Value = serde_json::from_str(&line).expect("the emulator's first line is JSON");
        let text = |name: &str| ready[name].as_str().expect("a text").to_owned();
        let tls = ready["tls"].as_u64().and_then(|port| port.try_into().ok());
        Self {
            endpoint: text("endpoint"),
            tls: tls.expect("a port"),
            ca_file: text("caFile"),
            _stdin: process.stdin.take(),
            _process: process,
        }
    }

    /// A call of the control API; its answer.
    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let host = self.endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the emulator listens");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let length = body.len();
        write!(
            stream,
            "{method} /_emulator/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .expect("the emulator reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the emulator answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("an answer has a body");
        let answer: Value = serde_json::from_str(body).expect("the control API speaks JSON");
        assert!(answer.get("error").is_none(), "{method} {path}: {answer}");
        answer
    }

    /// What a viewer of that name is answered: the status, and where they are sent.
    pub fn ask(
        &self,
        method: &str,
        host: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (u16, Option<String>) {
        let address = self.endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the emulator listens");
        let headers = headers.iter().fold(String::new(), |all, (name, value)| {
            all + name + ": " + value + "\r\n"
        });
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: viewer\r\nContent-Length: 0\r\n{headers}\r\n"
        )
        .expect("the emulator reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the emulator answers");
        let answer = String::from_utf8_lossy(&answer);
        let head = answer.split("\r\n\r\n").next().unwrap_or_default();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let location = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.to_owned())
        });
        (status.expect("an answer has a status"), location)
    }

    /// Adds a fault rule.
    pub fn fault(&self, rule: &Value) {
        self.control("POST", "faults", rule);
    }

    /// What calls needed besides themselves: (call, action, resource).
    pub fn dependent_actions(&self) -> Vec<(String, String, String)> {
        let answer = self.control("GET", "dependent-actions", &Value::Null);
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let rows = answer.as_array().expect("a list");
        rows.iter()
            .map(|row| (text(row, "for"), text(row, "action"), text(row, "resource")))
            .collect()
    }
}
