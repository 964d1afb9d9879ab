//! What a running controller told, as Prometheus would have it, and Prometheus' own tool to ask of it.

use crate::controller::Controller;
use crate::scene::Scene;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// Labels that Prometheus adds to what it scrapes.
const ADDED: &str = "namespace=\"palisade-system\",pod=\"palisade-0\"";
const LEFTOVERS: &str = "palisade_leftovers_counted_timestamp_seconds";

/// An answer of `/metrics`.
pub struct Scrape {
    pub text: String,
    /// Seconds after 1970 began.
    at: f64,
    /// What was told before, by series; empty where only what is told now counts.
    before: BTreeMap<String, f64>,
}

impl Scrape {
    pub fn of(controller: &Controller) -> Self {
        let at = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("after 1970");
        Self {
            text: controller.metrics().1,
            at: at.as_secs_f64(),
            before: BTreeMap::new(),
        }
    }

    /// What was told since `earlier`, in the same state: it goes on like the time between both, which counts as a minute.
    pub fn since(mut self, earlier: &Self) -> Self {
        self.before = samples(&earlier.text)
            .map(|(series, value)| (series.to_owned(), value))
            .collect();
        self
    }

    /// The value of a series, 0 where it is not there.
    pub fn value(&self, series: &str) -> f64 {
        let found = samples(&self.text).find(|(found, _)| *found == series);
        found.map(|(_, value)| value).unwrap_or_default()
    }

    /// The scrape that first has all of `parts` in one line.
    pub async fn until(scene: &Scene, controller: &Controller, parts: &[&str]) -> Self {
        let mut found = Self::of(controller);
        scene
            .until(&format!("a metric with {parts:?}"), async || {
                found = Self::of(controller);
                found
                    .text
                    .lines()
                    .any(|line| parts.iter().all(|part| line.contains(part)))
            })
            .await;
        found
    }

    /// It goes on like this for hours. Time begins with the scrape; where `repeats`, what was counted before it is counted again each
    /// minute.
    fn series(&self, repeats: bool) -> Vec<Value> {
        samples(&self.text)
            .map(|(series, value)| {
                let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                let labels = labels.trim_end_matches('}');
                let before = self.before.get(series).copied();
                let counts = ["_total", "_count", "_sum", "_bucket"]
                    .iter()
                    .any(|end| name.ends_with(end));
                let values = if name == LEFTOVERS && before != Some(value) {
                    // They are counted again each few minutes.
                    format!("{:.3}+60x300", value - self.at)
                } else if name.ends_with("_timestamp_seconds") {
                    format!("{:.3}x300", value - self.at)
                } else if counts && repeats {
                    format!("0+{}x300", value - before.unwrap_or_default())
                } else {
                    format!("{value}x300")
                };
                let comma = if labels.is_empty() { "" } else { "," };
                json!({"series": format!("{name}{{{ADDED}{comma}{labels}}}"), "values": values})
            })
            .collect()
    }

    /// Asserts that after four hours like this no alert fires. Orphans, condemned resources and `AwsAccount`s of other tests
    /// may be there: each controller sees them.
    pub fn is_quiet(&self) {
        let all = "ALERTS{alertstate=\"firing\",alertname!~\"PalisadeOrphans|PalisadeCondemnedRefused|PalisadeAccount.*|PalisadeQuotaLow\"}";
        self.test(&[json!({"expr": all, "eval_time": "4h"})], false);
    }

    /// Asserts that these alerts fire, maybe among others, after four hours in which each minute is like those before the scrape.
    pub fn fires(&self, alerts: &[&str]) {
        let names = alerts.join("|");
        let expected: Vec<Value> = alerts
            .iter()
            .map(|name| json!({"labels": format!("{{alertname=\"{name}\"}}"), "value": 1}))
            .collect();
        let these = format!("max by (alertname) (ALERTS{{alertstate=\"firing\",alertname=~\"{names}\"}})");
        self.test(
            &[json!({"expr": these, "eval_time": "4h", "exp_samples": expected})],
            true,
        );
    }

    /// Asserts that each of these queries answers something.
    pub fn answers(&self, queries: &[String]) {
        let tests = queries.iter().map(|query| {
            json!({"expr": format!("count({query}) > bool 0"), "eval_time": "4h", "exp_samples": [{"labels": "{}", "value": 1}]})
        });
        self.test(&tests.collect::<Vec<_>>(), true);
    }

    fn test(&self, tests: &[Value], repeats: bool) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("test.yaml");
        let content = json!({
            "rule_files": [root.join("deploy/monitoring/rules.yaml")], "evaluation_interval": "1m",
            "tests": [{"interval": "1m", "input_series": self.series(repeats), "promql_expr_test": tests}],
        });
        std::fs::write(&file, content.to_string()).expect("written");
        let output = Command::new(promtool(root))
            .args(["test", "rules"])
            .arg(&file)
            .output()
            .expect("promtool runs");
        let said = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success(),
            "{}\n{}",
            String::from_utf8_lossy(&said),
            self.text
        );
    }
}

/// Series and values of an answer.
fn samples(text: &str) -> impl Iterator<Item = (&str, f64)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let (series, value) = line.rsplit_once(' ').expect("a sample");
        (series, value.parse().expect("a number"))
    })
}

fn promtool(root: &Path) -> String {
    let setup = Command::new(root.join("tests/env/promtool/setup"))
        .output()
        .expect("the setup runs");
    assert!(
        setup.status.success(),
        "{}",
        String::from_utf8_lossy(&setup.stderr)
    );
    String::from_utf8_lossy(&setup.stdout).trim().to_owned()
}
