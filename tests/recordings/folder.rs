//! The folder of recordings, which stands beside the repository and is no part of it.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder; said on standard output where it is not there.
pub fn folder() -> Option<PathBuf> {
    let given = std::env::var_os("PALISADE_RECORDED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recorded");
    let folder = given.unwrap_or_else(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    // Past the capture of a test's output: a test that is skipped says so.
    let said = format!(
        "\nSKIPPED: no recordings at {} (PALISADE_RECORDED names another folder); the facts of ours are tested all the same\n",
        folder.display()
    );
    let _ = std::io::Write::write_all(&mut std::io::stdout(), said.as_bytes());
    None
}

/// A recorded answer: where it stands, whose it is, and what it says.
#[derive(Debug)]
pub struct Recording {
    pub place: String,
    pub service: String,
    pub operation: String,
    pub data: Value,
}

/// Answers that AWS never gave: what the service's model requires is not there.
const MADE_BY_HAND: [&str; 3] = [
    "test_distribution_wafv2_filter_scope/cloudfront",
    "test_distribution_wafv2/wafv2.GetWebACL_2",
    "test_distribution_wafv2/wafv2.GetWebACL_3",
];

pub fn is_made_by_hand(recording: &Recording) -> bool {
    let mut places = MADE_BY_HAND.iter();
    places.any(|place| recording.place.starts_with(place))
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// The answers that name their operation.
pub fn by_operation(folder: &Path) -> Vec<Recording> {
    let mut found = Vec::new();
    for test in entries(&folder.join("cloud-custodian")) {
        let of = test
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for path in entries(&test) {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let Some((service, operation)) = name.split_once('.') else {
                continue;
            };
            let (operation, _) = operation.rsplit_once('_').expect("a number");
            // Both versions of API Gateway are called the same.
            let service = match service {
                "apigateway" if of.starts_with("test_apigwv2") => "apigatewayv2",
                service => service,
            };
            found.push(Recording {
                place: format!("{of}/{name}"),
                service: service.to_owned(),
                operation: operation.to_owned(),
                data: read(&path)["data"].clone(),
            });
        }
    }
    found
}

/// The answers of `file`, by the step of the test that recorded them.
pub fn by_step(folder: &Path, file: &str) -> Vec<(String, Value)> {
    let all = read(&folder.join("localstack").join(format!("{file}.snapshot.json")));
    let mut found = Vec::new();
    for (test, recorded) in all.as_object().expect("tests") {
        let test = test.rsplit("::").next().unwrap_or_default();
        collect(
            &recorded["recorded-content"],
            &format!("{file} {test}"),
            &mut found,
        );
    }
    found
}

fn collect(value: &Value, place: &str, into: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            into.push((place.to_owned(), value.clone()));
            for (key, value) in fields {
                collect(value, &format!("{place}/{key}"), into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, place, into)),
        _ => {}
    }
}
