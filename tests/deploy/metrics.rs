//! What the pages on metrics and alerts say, against what the code tells.

use super::{read, root};
use palisade::api::{AwsAccount, ProtectedApi, RolloutStatus};
use palisade::aws::errors::{self, ErrorKind};
use palisade::aws::operations::OPERATIONS;
use palisade::controller::process::metrics::Metrics;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::status::{account, conditions as of_objects};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const KINDS_OF_ERRORS: [ErrorKind; 8] = [
    ErrorKind::Terminal,
    ErrorKind::Denied,
    ErrorKind::Conflict,
    ErrorKind::Exists,
    ErrorKind::Throttled,
    ErrorKind::NotFound,
    ErrorKind::NotYet,
    ErrorKind::Transient,
];

/// Metrics in which everything has happened that a label can say. Of the conditions, each stands so once.
fn everything() -> String {
    let conditions = |types: &[&str]| -> Vec<Value> {
        let statuses = ["True", "False", "Unknown"];
        let all = types
            .iter()
            .flat_map(|kind| statuses.map(|status| (kind, status)))
            .flat_map(|(kind, status)| Reason::ALL.iter().map(move |reason| (kind, status, reason)));
        all.map(|(kind, status, reason)| {
            json!({"type": kind, "status": status, "reason": reason.as_str(), "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"})
        })
        .collect()
    };
    let object = |enforcement: &str| -> ProtectedApi {
        let object = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", "metadata": {"name": "petstore"},
            "spec": {"origin": {"endpoint": "a.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"},
                "access": {"enforcement": enforcement}},
            "status": {"conditions": conditions(of_objects::types::ALL),
                "names": {"namedCertificate": {"arn": "arn", "notAfter": "2026-01-01T00:00:00Z"}},
                "access": {"verifiedAt": "", "mutualTls": {"clientCertificateNotAfter": "2026-01-01T00:00:00Z",
                    "originCertificateNotAfter": "2026-01-01T00:00:00Z"}}},
        });
        serde_json::from_value(object).expect("an object")
    };
    let account = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": "production"},
        "spec": {}, "status": {"conditions": conditions(account::TYPES)},
    });
    let account: AwsAccount = serde_json::from_value(account).expect("an account");
    let metrics = Metrics::new();
    for operation in OPERATIONS {
        metrics.called(*operation, "ok", Duration::ZERO);
        for kind in KINDS_OF_ERRORS {
            metrics.called(*operation, errors::label(kind), Duration::ZERO);
        }
        metrics.throttled(operation.service);
    }
    for kind in Kind::ALL {
        metrics.corrected_drift(kind.name());
    }
    for outcome in [
        "ok",
        "Panic",
        "StatusNotWritten",
        "FinalizerNotWritten",
        "NotDeleted",
    ] {
        metrics.reconciled(outcome, Duration::ZERO);
    }
    for reason in Reason::ALL {
        metrics.reconciled(reason.as_str(), Duration::ZERO);
        metrics.waiting(*reason);
    }
    let condemned = [Kind::Function, Kind::Role].into_iter();
    let refused = condemned.flat_map(|kind| Reason::ALL.iter().map(move |reason| (kind, reason)));
    metrics.set_condemned_refused(refused.map(|(kind, reason)| (kind.name(), reason.as_str())));
    metrics.set_rollouts([RolloutStatus::default()].iter());
    let objects = [object("Enforce"), object("Observe")];
    metrics.render(objects.iter(), [&account].into_iter())
}

/// Each metric with its labels and how many series it has; of a histogram, as one.
fn told(text: &str) -> BTreeMap<String, (BTreeSet<String>, usize)> {
    let mut told: BTreeMap<String, (BTreeSet<String>, usize)> = BTreeMap::new();
    let mut histograms = BTreeSet::new();
    for line in text.lines() {
        if let Some(name) = line
            .strip_prefix("# TYPE ")
            .and_then(|line| line.strip_suffix(" histogram"))
        {
            histograms.insert(name.to_owned());
        }
        if line.starts_with('#') {
            continue;
        }
        let (series, _) = line.rsplit_once(' ').expect("a sample");
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let whole = ["_bucket", "_count", "_sum"]
            .iter()
            .filter_map(|end| name.strip_suffix(end))
            .find(|whole| histograms.contains(*whole))
            .unwrap_or(name);
        let names = labels.trim_end_matches('}').split("\",").filter_map(|label| {
            let (label, _) = label.split_once('=')?;
            (label != "le").then(|| label.to_owned())
        });
        let entry = told.entry(whole.to_owned()).or_default();
        entry.0.extend(names);
        entry.1 += 1;
    }
    told
}

#[test]
fn each_metric_is_documented_with_its_labels_and_how_many_series_it_may_have_and_no_other() {
    let page = read(&root().join("docs/metrics.md"));
    let quoted =
        |text: &str| -> BTreeSet<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows = page.lines().filter(|line| line.starts_with("| `palisade_"));
    let documented: BTreeMap<String, (BTreeSet<String>, String)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let name = cells[1].trim_matches('`').to_owned();
            (name, (quoted(cells[2]), cells[3].to_owned()))
        })
        .collect();
    let told = told(&everything());
    assert_eq!(
        documented.keys().collect::<Vec<_>>(),
        told.keys().collect::<Vec<_>>()
    );
    for (name, (labels, count)) in told {
        let (said, bound) = &documented[&name];
        assert_eq!(said, &labels, "{name}");
        if let Ok(bound) = bound.parse::<usize>() {
            assert!(count <= bound, "{name} may have {count} series");
        } else {
            assert_eq!(bound, "its use", "{name}");
            assert!(labels.contains("type"), "{name} is not of conditions");
        }
    }
    let first = Metrics::new().render(std::iter::empty(), std::iter::empty());
    let first = first.lines().filter(|line| !line.starts_with('#')).count();
    assert!((50..90).contains(&first), "a process begins with {first} series");
}

/// The selectors of an expression: metric and labels, as they are written.
fn selectors(expression: &str) -> Vec<(String, Vec<String>)> {
    let parts = expression.split("palisade_").skip(1);
    parts
        .map(|part| {
            let end = part
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            let labels = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
            let labels = labels
                .unwrap_or_default()
                .split(',')
                .filter(|label| !label.is_empty());
            (
                format!("palisade_{name}"),
                labels.map(|label| label.trim().to_owned()).collect(),
            )
        })
        .collect()
}

/// Whether a series has what a selector's label asks for.
fn fits(series: &str, label: &str) -> bool {
    if let Some((name, value)) = label.split_once("!=") {
        return series.contains(&format!("{name}=")) && !series.contains(&format!("{name}={value}"));
    }
    if let Some((name, values)) = label.split_once("=~") {
        let mut values = values.trim_matches('"').split('|');
        return values.any(|value| series.contains(&format!("{name}=\"{value}\"")));
    }
    series.contains(label)
}

fn rules() -> Vec<Value> {
    let rules = read(&root().join("deploy/monitoring/rules.yaml"));
    let rules: Value = serde_yaml::from_str(&rules).expect("rules");
    rules["groups"][0]["rules"].as_array().expect("rules").clone()
}

#[test]
fn each_alert_can_fire_its_metrics_labels_and_their_values_are_there() {
    let text = everything();
    let rules = rules();
    assert!(rules.len() >= 15, "{rules:?}");
    for rule in rules {
        let expression = rule["expr"].as_str().expect("an expression");
        let selected = selectors(expression);
        assert!(!selected.is_empty(), "{expression}");
        for (name, labels) in selected {
            let mut series = text.lines().filter(|line| {
                line.strip_prefix(&name)
                    .is_some_and(|rest| rest.starts_with(['{', ' ']))
            });
            let found = series.find(|line| labels.iter().all(|label| fits(line, label)));
            let found = found.unwrap_or_else(|| panic!("{expression}: nothing is ever {name}{labels:?}"));
            let by = expression
                .split("by (")
                .nth(1)
                .and_then(|rest| rest.split(')').next());
            for label in by.into_iter().flat_map(|by| by.split(", ")) {
                assert!(found.contains(&format!("{label}=\"")), "{expression}: {found}");
            }
        }
    }
}

#[test]
fn the_page_on_alerts_has_a_row_and_a_section_for_each_and_no_other() {
    let page = read(&root().join("docs/alerts.md"));
    let mut rows: BTreeSet<String> = page
        .lines()
        .filter(|line| line.starts_with("| [Palisade") || line.starts_with("## Palisade"))
        .map(|line| line.split(" | fires").next().unwrap_or(line).to_owned())
        .map(|line| line.split('|').take(3).collect::<Vec<_>>().join("|"))
        .collect();
    for rule in rules() {
        let name = rule["alert"].as_str().expect("a name");
        let anchor = name.to_lowercase();
        let severity = rule["labels"]["severity"].as_str().expect("a severity");
        let row = format!("| [{name}](#{anchor}) | {severity} ");
        assert!(rows.remove(&row), "docs/alerts.md has no row {row}: {rows:?}");
        assert!(
            rows.remove(&format!("## {name}")),
            "docs/alerts.md has no section {name}"
        );
        assert_eq!(
            rule["annotations"]["runbook"],
            format!("docs/alerts.md#{anchor}").as_str()
        );
    }
    assert!(rows.is_empty(), "there is no alert for {rows:?}");
}
