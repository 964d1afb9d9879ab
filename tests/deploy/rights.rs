//! What `deploy/base/rbac.yaml` grants the controller: each right with its reason, and none besides.

use super::requests::Request;
use super::{documents, read, root};
use std::collections::BTreeSet;

/// (where, API group, resource, name or nothing, verb, what the controller needs it for)
const RIGHTS: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "ClusterRole",
        "palisade.dev",
        "protectedapis",
        "",
        "list",
        "the watch's beginning",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "protectedapis",
        "",
        "watch",
        "to learn of changes",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "protectedapis",
        "",
        "get",
        "the version anew, when a status write meets a conflict",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "protectedapis",
        "",
        "patch",
        "the finalizer, put and taken off",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "protectedapis/status",
        "",
        "patch",
        "the status, by server-side apply",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "perimeterplans",
        "",
        "list",
        "the watch's beginning",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "perimeterplans",
        "",
        "watch",
        "to learn that somebody asks",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "perimeterplans",
        "",
        "delete",
        "a plan whose time is over",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "perimeterplans/status",
        "",
        "patch",
        "the plan, by server-side apply",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "awsaccounts",
        "",
        "list",
        "the watch's beginning",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "awsaccounts",
        "",
        "watch",
        "to learn of changes",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "awsaccounts",
        "",
        "patch",
        "the finalizer, put and taken off",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "awsaccounts/status",
        "",
        "patch",
        "the status, by server-side apply",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "perimeterclasses",
        "",
        "list",
        "the watch's beginning",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "perimeterclasses",
        "",
        "watch",
        "to learn of changes",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "perimeterclasses",
        "",
        "patch",
        "the finalizer, put and taken off",
    ),
    (
        "ClusterRole",
        "palisade.dev",
        "perimeterclasses/status",
        "",
        "patch",
        "the status, by server-side apply",
    ),
    (
        "ClusterRole",
        "",
        "namespaces",
        "",
        "list",
        "the watch's beginning",
    ),
    (
        "ClusterRole",
        "",
        "namespaces",
        "",
        "watch",
        "annotations and labels that permit",
    ),
    (
        "ClusterRole",
        "",
        "namespaces",
        "kube-system",
        "get",
        "its UID is the cluster's identity in AWS tags",
    ),
    (
        "ClusterRole",
        "events.k8s.io",
        "events",
        "",
        "create",
        "to tell people",
    ),
    (
        "ClusterRole",
        "events.k8s.io",
        "events",
        "",
        "patch",
        "the same event again is counted",
    ),
    (
        "Role",
        "coordination.k8s.io",
        "leases",
        "",
        "create",
        "the first start; a creation has no name to grant by",
    ),
    (
        "Role",
        "coordination.k8s.io",
        "leases",
        "palisade",
        "get",
        "who leads",
    ),
    (
        "Role",
        "coordination.k8s.io",
        "leases",
        "palisade",
        "update",
        "to lead, renew and release",
    ),
];

/// The rights that none of these requests needs, with what they are said to be needed for.
pub fn unused(requests: &BTreeSet<Request>) -> Vec<String> {
    let unused = RIGHTS
        .iter()
        .filter(|right| !requests.iter().any(|request| covers(right, request)));
    unused
        .map(|(_, group, resource, name, verb, why)| format!("{verb} {resource}.{group} {name}: {why}"))
        .collect()
}

/// What the base does not grant: (API group, resource, verb, who does).
const GRANTED_ELSEWHERE: &[(&str, &str, &str, &str)] = &[
    (
        "",
        "secrets",
        "get",
        "a Role of the object's own team, on one Secret",
    ),
    (
        "authentication.k8s.io",
        "selfsubjectreviews",
        "create",
        "Kubernetes itself, to whoever is signed in",
    ),
];

/// The requests that none of the rights is for.
pub fn unfounded(requests: &BTreeSet<Request>) -> Vec<&Request> {
    let is_elsewhere = |request: &Request| {
        let asked = (&*request.group, &*request.resource, &*request.verb);
        GRANTED_ELSEWHERE
            .iter()
            .any(|(group, resource, verb, _)| asked == (*group, *resource, *verb))
    };
    let is_unfounded =
        |request: &&Request| !is_elsewhere(request) && !RIGHTS.iter().any(|right| covers(right, request));
    requests.iter().filter(is_unfounded).collect()
}

fn covers(right: &(&str, &str, &str, &str, &str, &str), request: &Request) -> bool {
    let (kind, group, resource, name, verb, _) = *right;
    (kind == "ClusterRole" || request.namespace == "palisade-system")
        && (request.group == group && request.resource == resource && request.verb == verb)
        && (name.is_empty() || request.name == name)
}

#[test]
fn each_right_granted_has_a_reason() {
    let mut granted = BTreeSet::new();
    for role in documents(&read(&root().join("deploy/base/rbac.yaml")), "rbac.yaml") {
        let kind = role["kind"].as_str().expect("a kind").to_owned();
        let list = |value: &serde_json::Value| -> Vec<String> {
            let items = value.as_array().into_iter().flatten();
            items
                .map(|item| item.as_str().expect("a text").to_owned())
                .collect()
        };
        for rule in role["rules"].as_array().into_iter().flatten() {
            let mut names = list(&rule["resourceNames"]);
            if names.is_empty() {
                names.push(String::new());
            }
            for group in list(&rule["apiGroups"]) {
                for resource in list(&rule["resources"]) {
                    for name in &names {
                        for verb in list(&rule["verbs"]) {
                            granted.insert([
                                kind.clone(),
                                group.clone(),
                                resource.clone(),
                                name.clone(),
                                verb,
                            ]);
                        }
                    }
                }
            }
        }
    }
    let wanted: BTreeSet<[String; 5]> = RIGHTS
        .iter()
        .map(|(kind, group, resource, name, verb, _)| {
            [*kind, *group, *resource, *name, *verb].map(ToOwned::to_owned)
        })
        .collect();
    assert_eq!(granted, wanted);
}
