//! Arguments that cannot be taken.

use super::{output, said};

/// Wrong arguments, the option that is named, and the remedy.
const WRONG: [(&[&str], &str, &str); 21] = [
    (
        &["controller", "--resync", "10"],
        "--resync",
        "such as 30s, 10m or 24h",
    ),
    (
        &["controller", "--deep-resync", "0s"],
        "--deep-resync",
        "above zero",
    ),
    (
        &["controller", "--otlp-endpoint", "collector:4318"],
        "--otlp-endpoint",
        "such as http://collector.monitoring:4318",
    ),
    (
        &["controller", "--docs-url", "docs.example.com"],
        "--docs-url",
        "such as https://docs.example.com/palisade",
    ),
    (
        &["controller", "--prices", "/nonexistent"],
        "--prices",
        "a JSON file",
    ),
    (
        &["controller", "--tenancy", "none"],
        "--tenancy",
        "Enforced, Open",
    ),
    (
        &["controller", "--default-tags", "shop"],
        "--default-tags",
        "write key=value",
    ),
    (
        &["controller", "--default-tags", "aws:x=y"],
        "--default-tags",
        "choose one without",
    ),
    (
        &["controller", "--permissions-boundary", "boundary"],
        "--permissions-boundary",
        "arn:aws:iam::",
    ),
    (
        &["controller", "--probe-endpoint-url", "127.0.0.1:8080"],
        "--probe-endpoint-url",
        "such as http://127.0.0.1:8080",
    ),
    (
        &["controller", "--metrics-addr", "8080"],
        "--metrics-addr",
        "0.0.0.0:8080",
    ),
    (
        &["controller", "--health-addr", ":8081"],
        "--health-addr",
        "\"off\"",
    ),
    (
        &["controller", "--leader-elect", "maybe"],
        "--leader-elect",
        "true, false",
    ),
    (
        &["controller", "--aws-budget", "cloudfront.write"],
        "--aws-budget",
        "cloudfront.write",
    ),
    (
        &["controller", "--log-format", "xml"],
        "--log-format",
        "text, json",
    ),
    (
        &["signer", "--endpoint", "https://x"],
        "--endpoint",
        "without scheme",
    ),
    (&["signer"], "--endpoint", "Usage"),
    (&["iam-policy", "--account", "12"], "--account", "12 digits"),
    (
        &["iam-policy", "--accounts", "--assume-role", "palisade-spoke"],
        "--assume-role",
        "arn:aws:iam::444455556666:role/palisade-spoke",
    ),
    (
        &["iam-policy", "--cluster", "production"],
        "--cluster",
        "kubectl get namespace kube-system",
    ),
    (
        &["iam-policy", "--log-bucket", "s3://my-logs"],
        "--log-bucket",
        "such as my-logs",
    ),
];

#[test]
fn a_wrong_value_names_the_option_and_the_remedy() {
    for (arguments, option, remedy) in WRONG {
        let output = output(arguments);
        let error = said(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(
            error.contains(option) && error.contains(remedy),
            "{arguments:?}: {error}"
        );
    }
}

#[test]
fn options_that_do_not_fit_each_other_name_the_option_and_the_remedy() {
    let cases = [
        (["--lease-duration", "1500ms"], "--lease-duration", "write 60s"),
        (
            ["--lease-duration", "15s"],
            "--lease-duration",
            "such as 60s with 10s",
        ),
        (
            ["--lease-renew", "50s"],
            "--lease-duration",
            "such as 60s with 10s",
        ),
        (
            ["--log-level", "palisade=loud"],
            "--log-level",
            "info,palisade=debug",
        ),
        (["--log-level", "inf"], "--log-level", "info,palisade=debug"),
    ];
    for (options, option, remedy) in cases {
        let output = output(&[&["controller"], &options[..]].concat());
        let error = said(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {error}");
        assert!(
            error.contains(option) && error.contains(remedy),
            "{options:?}: {error}"
        );
    }
}
