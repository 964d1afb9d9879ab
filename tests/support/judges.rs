//! What Flux and Argo CD make of an object, by their own means: tests/env/kstatus.

use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Command::new(root().join("tests/env/kstatus/build")).output();
        let built = built.expect("tests/env/kstatus/build runs");
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        PathBuf::from(String::from_utf8_lossy(&built.stdout).trim())
    })
}

/// What is made of `object`: the status and its message. By kstatus, or by the rule for Argo CD in `rule`.
pub fn judged(object: &Value, rule: Option<&Path>) -> (String, String) {
    let mut process = Command::new(binary())
        .args(rule)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("kstatus runs");
    let mut input = process.stdin.take().expect("its input");
    input.write_all(object.to_string().as_bytes()).expect("an object");
    drop(input);
    let output = process.wait_with_output().expect("its end");
    assert!(output.status.success(), "{object}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (status, message) = text.split_once('\n').expect("two lines");
    (status.to_owned(), message.trim().to_owned())
}

/// The rule for Argo CD.
pub fn rule(kind: &str) -> PathBuf {
    let rules = root().join("deploy/argocd/resource_customizations/palisade.dev");
    rules.join(kind).join("health.lua")
}

/// What Flux and what Argo CD make of it. Of what is being deleted Argo CD asks no rule.
pub fn both(object: &Value) -> (String, String) {
    let argo = if object["metadata"]["deletionTimestamp"].is_string() {
        "Progressing".to_owned()
    } else {
        judged(object, Some(&rule(object["kind"].as_str().expect("a kind")))).0
    };
    (judged(object, None).0, argo)
}
