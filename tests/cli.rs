//! The binary as its users meet it.

mod wrong_arguments;

use crate::kubernetes;
use palisade::aws::layers::budget::quota_names;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The binary, without anything that this machine happens to have configured.
fn palisade(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palisade"));
    command
        .args(arguments)
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", "/nonexistent");
    command
}

fn output(arguments: &[&str]) -> Output {
    palisade(arguments).output().expect("palisade runs")
}

fn said(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

#[test]
fn the_help_has_each_quota_by_the_name_that_the_option_takes() {
    let help = said(&output(&["controller", "--help"]).stdout);
    let help: Vec<&str> = help.split_whitespace().collect();
    for name in quota_names().split(", ") {
        let is_named = |word: &&str| word.trim_end_matches(',') == name;
        assert!(help.iter().any(is_named), "{name}");
    }
}

#[test]
fn the_help_of_the_plugin_has_each_command_and_what_exit_codes_say() {
    let help = |arguments: &[&str]| said(&output(&[&["kubectl"], arguments, &["--help"]].concat()).stdout);
    let all = help(&[]);
    for command in [
        "status",
        "plan",
        "diff",
        "doctor",
        "open",
        "orphans",
        "adopt",
        "release",
        "explain",
        "completion",
    ] {
        assert!(all.contains(command), "{command}: {all}");
    }
    for command in [
        "status", "plan", "diff", "doctor", "open", "orphans", "adopt", "release", "explain",
    ] {
        let help = help(&[command]);
        assert!(
            help.contains("Exit codes: 0 ") && help.contains("Examples:"),
            "{help}"
        );
        assert!(help.contains("--context"), "{help}");
    }
    for act in ["adopt", "delete"] {
        let help = help(&["orphans", act]);
        assert!(
            help.contains("Exit codes: 0 ") && help.contains("--context"),
            "{help}"
        );
    }
}

#[test]
fn every_option_can_be_given_by_environment() {
    let output = palisade(&["controller"])
        .env("PALISADE_RESYNC", "soon")
        .output()
        .expect("palisade runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output.stderr).contains("--resync"),
        "{}",
        said(&output.stderr)
    );
}

#[test]
fn without_a_cluster_the_controller_says_what_to_set() {
    let output = output(&["controller"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output.stderr).contains("set KUBECONFIG"),
        "{}",
        said(&output.stderr)
    );
}

#[test]
fn a_failure_is_told_once_as_the_log_is_written() {
    for (format, filter) in [("json", "info"), ("text", "info"), ("json", "off")] {
        let output = output(&["controller", "--log-format", format, "--log-level", filter]);
        assert_eq!(output.status.code(), Some(1));
        let told = said(&output.stderr);
        assert_eq!(
            told.matches("set KUBECONFIG").count(),
            1,
            "{format} {filter}: {told}"
        );
        if (format, filter) == ("json", "info") {
            for line in told.lines() {
                serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            }
        }
    }
}

#[test]
fn crd_prints_what_crds_holds() {
    let printed = |arguments: &[&str]| {
        let output = output(arguments);
        assert!(output.status.success(), "{}", said(&output.stderr));
        said(&output.stdout)
    };
    let objects = include_str!("../crds/protectedapis.palisade.dev.yaml");
    let accounts = include_str!("../crds/awsaccounts.palisade.dev.yaml");
    assert!(printed(&["crd", "protectedapis"]) == objects);
    let plans = include_str!("../crds/perimeterplans.palisade.dev.yaml");
    assert!(printed(&["crd", "awsaccounts"]) == accounts);
    assert!(printed(&["crd", "perimeterplans"]) == plans);
    let classes = include_str!("../crds/perimeterclasses.palisade.dev.yaml");
    assert!(printed(&["crd", "perimeterclasses"]) == classes);
    let further = [accounts, classes, plans].map(|one| {
        let (_, definition) = one.split_once('\n').expect("a line that says whence it comes");
        format!("---\n{definition}")
    });
    assert!(printed(&["crd"]) == format!("{objects}{}", further.concat()));
}

#[test]
fn iam_policy_prints_the_policy_or_the_boundary() {
    let policy = |options: &[&str]| -> Value {
        let output = output(&[&["iam-policy", "--account", "111122223333"], options].concat());
        assert!(output.status.success(), "{}", said(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    assert!(policy(&[]).to_string().contains("cloudfront:CreateDistribution"));
    assert!(
        policy(&["--log-bucket", "my-logs"])
            .to_string()
            .contains("my-logs")
    );
    let role = "arn:aws:iam::444455556666:role/spoke";
    let accounts = policy(&["--accounts", "--assume-role", role]);
    assert_eq!(accounts["Statement"][0]["Resource"], role);
    assert!(
        policy(&["--names"])
            .to_string()
            .contains("acm:RequestCertificate")
    );
    assert!(
        policy(&["--traffic"])
            .to_string()
            .contains("wafv2:GetSampledRequests")
    );
    let boundary = policy(&["--boundary"]).to_string();
    assert!(
        boundary.contains("execute-api:Invoke") && !boundary.contains("cloudfront:"),
        "{boundary}"
    );
}

#[test]
fn signer_writes_the_same_package_each_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str| {
        let file = folder.path().join(name);
        let endpoint = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
        let output = output(&[
            "signer",
            "--endpoint",
            endpoint,
            "-o",
            file.to_str().expect("UTF-8"),
        ]);
        assert!(output.status.success(), "{}", said(&output.stderr));
        std::fs::read(file).expect("the package")
    };
    assert!(write("a.zip") == write("b.zip"));
    let missing = output(&[
        "signer",
        "--endpoint",
        "a.execute-api.eu-west-1.amazonaws.com",
        "-o",
        "/nonexistent/x.zip",
    ]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        said(&missing.stderr).contains("--output"),
        "{}",
        said(&missing.stderr)
    );
}

/// A controller whose AWS does not answer.
fn controller(arguments: &[&str]) -> Child {
    palisade(
        &[
            &["controller", "--metrics-addr", "off", "--health-addr", "off"],
            arguments,
        ]
        .concat(),
    )
    .env("KUBECONFIG", kubernetes::kubeconfig())
    .envs([
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_REGION", "eu-north-1"),
    ])
    .envs([
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "planted-secret"),
    ])
    .stderr(Stdio::piped())
    .spawn()
    .expect("palisade starts")
}

#[test]
fn sigterm_ends_the_controller_in_good_order_and_json_logs_are_one_object_a_line() {
    let mut child = controller(&["--log-format", "json", "--log-level", "trace"]);
    let lines = BufReader::new(child.stderr.take().expect("its log")).lines();
    let mut lines = lines.map(|line| line.expect("UTF-8"));
    let failed = lines
        .by_ref()
        .take_while(|line| !line.contains("asking AWS who we are failed"));
    let until_failure: Vec<String> = failed.collect();
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("kill runs")
            .success()
    );
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    for line in until_failure.iter().chain(&rest) {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(!line.contains("planted-secret"), "{line}");
    }
    assert!(rest.iter().any(|line| line.contains("\"stopped\"")), "{rest:?}");
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut child = controller(&[]);
    let began = Instant::now();
    let log = BufReader::new(child.stderr.take().expect("its log"));
    let _ = log
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("starting"));
    let pid = child.id().to_string();
    for _ in 0..2 {
        let _ = Command::new("kill").args(["-INT", &pid]).status();
    }
    child.wait().expect("an end");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "after {:?}",
        began.elapsed()
    );
}
