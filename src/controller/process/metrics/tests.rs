use super::*;
use crate::aws::operations::OperationClass;
use serde_json::{Value, json};

fn condition(kind: &str, status: &str) -> Value {
    json!({"type": kind, "status": status, "reason": "R", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"})
}

fn object(conditions: &[Value]) -> ProtectedApi {
    let object = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", "metadata": {"name": "petstore"},
        "spec": {"origin": {"endpoint": "a.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"}},
        "status": {"conditions": conditions},
    });
    serde_json::from_value(object).expect("an object")
}

fn account(conditions: &[Value]) -> AwsAccount {
    let account = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": "production"},
        "spec": {}, "status": {"conditions": conditions},
    });
    serde_json::from_value(account).expect("an account")
}

fn rendered(metrics: &Metrics, objects: &[ProtectedApi], accounts: &[AwsAccount]) -> String {
    metrics.render(objects.iter(), accounts.iter())
}

#[test]
fn conditions_are_counted_anew_at_each_scrape() {
    let metrics = Metrics::new();
    let ready = |status: &str| object(&[condition("Ready", status)]);
    let first = rendered(&metrics, &[ready("True"), ready("True")], &[]);
    assert!(
        first.contains(
            "palisade_conditions{type=\"Ready\",status=\"True\",reason=\"Other\",enforcement=\"Enforce\"} 2"
        ),
        "{first}"
    );
    let second = rendered(&metrics, &[ready("False")], &[]);
    assert!(
        second.contains(
            "palisade_conditions{type=\"Ready\",status=\"False\",reason=\"Other\",enforcement=\"Enforce\"} 1"
        ),
        "{second}"
    );
    assert!(!second.contains("status=\"True\""), "{second}");
}

#[test]
fn of_all_certificates_the_one_is_told_that_is_the_first_to_expire() {
    let metrics = Metrics::new();
    let expiring = |hours: i64| {
        let mut object = object(&[]);
        let end = Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        let known =
            json!({"namedCertificate": {"arn": "a", "status": "ISSUED", "notAfter": end.to_string()}});
        let status = object.status.as_mut().expect("a status");
        status.names = Some(serde_json::from_value(known).expect("names"));
        object
    };
    let left = |objects: &[ProtectedApi]| -> Option<f64> {
        let text = rendered(&metrics, objects, &[]);
        let series = "palisade_certificate_expiry_seconds{source=\"certificateArn\"} ";
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix(series)?.parse().ok())
    };
    let first = left(&[expiring(500), object(&[]), expiring(100)]).expect("a series");
    assert!((99.9 * 3600.0..=100.0 * 3600.0).contains(&first), "{first}");
    assert!(left(&[expiring(-1)]).expect("a series") < 0.0);
    assert_eq!(left(&[object(&[])]), None);
}

#[test]
fn certificates_are_told_apart_by_what_they_serve() {
    let mut object = object(&[]);
    let at = |hours: i64| (Timestamp::now() + jiff::SignedDuration::from_hours(hours)).to_string();
    let known = json!({
        "verifiedAt": "", "mutualTls": {"clientCertificateNotAfter": at(10), "originCertificateNotAfter": at(20)},
    });
    let status = object.status.as_mut().expect("a status");
    status.access = Some(serde_json::from_value(known).expect("an access status"));
    let text = rendered(&Metrics::new(), &[object], &[]);
    for (source, hours) in [("clientCertificate", 10.0), ("originCertificate", 20.0)] {
        let series = format!("palisade_certificate_expiry_seconds{{source=\"{source}\"}} ");
        let mut lines = text.lines();
        let left = lines.find_map(|line| line.strip_prefix(&series)?.parse::<f64>().ok());
        let left = left.expect("a series") / 3600.0;
        assert!((hours - 0.1..=hours).contains(&left), "{source}: {left}");
    }
}

#[test]
fn every_condition_of_both_kinds_is_counted_and_one_from_elsewhere_is_no_label() {
    let of = |types: &[&str]| -> Vec<Value> {
        types
            .iter()
            .chain(&["Invented"])
            .map(|kind| condition(kind, "False"))
            .collect()
    };
    let (objects, accounts) = (
        [object(&of(conditions::types::ALL))],
        [account(&of(account::TYPES))],
    );
    let text = rendered(&Metrics::new(), &objects, &accounts);
    for (metric, types, more) in [
        ("conditions", conditions::types::ALL, ",enforcement=\"Enforce\""),
        ("account_conditions", account::TYPES, ""),
    ] {
        for kind in types {
            let line =
                format!("palisade_{metric}{{type=\"{kind}\",status=\"False\",reason=\"Other\"{more}}} 1");
            assert!(text.contains(&line), "{line}: {text}");
        }
    }
    assert!(!text.contains("Invented"), "{text}");
}

#[test]
fn leftovers_are_there_before_they_are_counted_and_say_that_they_are_not() {
    let text = rendered(&Metrics::new(), &[], &[]);
    for line in [
        "palisade_condemned{kind=\"role\"} 0",
        "palisade_condemned{kind=\"function\"} 0",
        "palisade_orphans{kind=\"distribution\"} 0",
        "palisade_leftovers_counted_timestamp_seconds 0",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn calls_and_throttles_are_told_apart_by_service() {
    let metrics = Metrics::new();
    let operation = Operation {
        service: Service::CloudFront,
        name: "UpdateDistribution",
        class: OperationClass::Update,
    };
    metrics.called(operation, "throttled", Duration::from_millis(20));
    metrics.throttled(Service::CloudFront);
    let text = rendered(&metrics, &[], &[]);
    let call = "palisade_aws_calls_total{service=\"cloudfront\",operation=\"UpdateDistribution\",outcome=\"throttled\"} 1";
    assert!(text.contains(call), "{text}");
    assert!(
        text.contains("palisade_aws_throttles_total{service=\"cloudfront\"} 1"),
        "{text}"
    );
}

#[test]
fn a_condition_carries_its_reason_what_was_declared_and_since_when_it_is_so_for_longest() {
    let open = |since: &str, enforcement: &str| {
        let mut object = object(&[
            json!({"type": "DirectAccessBlocked", "status": "False", "reason": "DirectAccessOpen",
            "message": "", "lastTransitionTime": since}),
        ]);
        let access = json!({"enforcement": enforcement});
        object.spec.access = Some(serde_json::from_value(access).expect("an access spec"));
        object
    };
    let objects = [
        open("1970-01-01T00:05:00Z", "Enforce"),
        open("1970-01-01T00:01:40Z", "Enforce"),
        open("1970-01-01T00:00:50Z", "Observe"),
    ];
    let metrics = Metrics::new();
    // Scraped twice: nothing adds up.
    rendered(&metrics, &objects, &[]);
    let text = rendered(&metrics, &objects, &[]);
    for (enforcement, count, since) in [("Enforce", 2, "100.0"), ("Observe", 1, "50.0")] {
        let labels = format!(
            "{{type=\"DirectAccessBlocked\",status=\"False\",reason=\"DirectAccessOpen\",enforcement=\"{enforcement}\"}}"
        );
        for line in [
            format!("palisade_conditions{labels} {count}\n"),
            format!("palisade_condition_since_timestamp_seconds{labels} {since}\n"),
        ] {
            assert!(text.contains(&line), "{line}: {text}");
        }
    }
}

#[test]
fn what_alerts_take_the_increase_of_is_there_before_it_happens() {
    let text = rendered(&Metrics::new(), &[], &[]);
    for line in [
        "palisade_drift_corrected_total{kind=\"distribution\"} 0",
        "palisade_aws_throttles_total{service=\"wafv2\"} 0",
        "palisade_reconciles_total{outcome=\"ok\"} 0",
        "palisade_reconciles_total{outcome=\"Panic\"} 0",
        "palisade_reconciles_total{outcome=\"Malformed\"} 0",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}
