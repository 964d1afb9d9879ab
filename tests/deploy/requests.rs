//! What the controller's `ServiceAccount` asked the API server for, as the audit log has it.

use super::{kubernetes, read};
use serde_json::Value;
use std::collections::BTreeSet;

const USER: &str = "system:serviceaccount:palisade-system:palisade";

/// One kind of request, as RBAC sees it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    pub group: String,
    /// With its subresource.
    pub resource: String,
    pub namespace: String,
    pub name: String,
    pub verb: String,
}

/// The requests for objects until now.
pub fn requests() -> BTreeSet<Request> {
    let log = kubernetes::kubeconfig().with_file_name("audit.log");
    let log = read(&log);
    // The last line may still be under way.
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let events = whole
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an audit event"));
    events
        .filter(|event| event["user"]["username"] == USER && event["objectRef"].is_object())
        .map(|event| request(&event))
        .collect()
}

fn request(event: &Value) -> Request {
    let object = &event["objectRef"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resource = match object["subresource"].as_str() {
        Some(subresource) => format!("{}/{subresource}", text(&object["resource"])),
        None => text(&object["resource"]),
    };
    Request {
        group: text(&object["apiGroup"]),
        resource,
        namespace: text(&object["namespace"]),
        name: text(&object["name"]),
        verb: text(&event["verb"]),
    }
}
