//! The shape of the sources: which folder may import which, that no circle of imports is large, that the domain stays pure, and
//! that no file is long.
//!
//! Arrows that are not yet as they should be stand in `tests/architecture/known.txt`. A new one fails, and so does one that is
//! gone and still stands there: the list only shrinks.
#![allow(clippy::unwrap_used)]

#[path = "architecture/manifests.rs"]
mod manifests;
#[path = "architecture/sources.rs"]
mod sources;

use sources::{Sources, root, rust_files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What each folder may import, besides itself. A file `x.rs` beside a folder `x` belongs to that folder; a file that is named here
/// stands for itself.
const ALLOWED: &[(&str, &[&str])] = &[
    ("src", &["cli"]),
    ("api", &[]),
    // How long its answers are waited for.
    ("api_server", &[]),
    ("package", &[]),
    // What people see of an object: of the domain it has the reasons, the names of APIs and what a class gave alone.
    // It prints how an API is opened.
    (
        "plugin",
        &[
            "api",
            "domain/kernel",
            "domain/access",
            "domain/mutual_tls",
            "domain/classes",
            "domain/adoption",
        ],
    ),
    ("authorizer", &["api", "package"]),
    ("definitions", &["api", "api_server"]),
    ("domain", &[]),
    ("domain/kernel", &["api"]),
    ("domain/signer", &["api", "domain/kernel"]),
    ("domain/firewall", &["api", "domain/kernel"]),
    ("domain/shield", &["api", "domain/kernel"]),
    ("domain/shield/account", &["api", "domain/kernel"]),
    // Its authorizer is a function with a role.
    (
        "domain/access",
        &["api", "package", "authorizer", "domain/kernel", "domain/signer"],
    ),
    // The distribution sends what the API asks for.
    ("domain/edge", &["api", "domain/kernel", "domain/access"]),
    // CloudFront shows a certificate where another mode sends a value; names, records and certificates are as for viewers.
    (
        "domain/mutual_tls",
        &["api", "domain/kernel", "domain/access", "domain/edge"],
    ),
    // A distribution that stands already, the web ACL and the plan that it has, and the lock that its viewers have to pass.
    (
        "domain/adoption",
        &[
            "api",
            "domain/kernel",
            "domain/access",
            "domain/edge",
            "domain/firewall",
            "domain/pricing_plans",
        ],
    ),
    (
        "domain/tenancy",
        &["api", "domain/kernel", "domain/access", "domain/edge"],
    ),
    // They know a subscription and numbers of what a perimeter has.
    ("domain/pricing_plans", &[]),
    // The baseline of the web ACL has to keep the limits, too.
    ("domain/classes", &["api", "domain/kernel", "domain/firewall"]),
    // What a change costs is told before it begins.
    ("domain/rollout", &["api", "domain/kernel", "domain/cost"]),
    // It counts what the other rooms make of a spec.
    (
        "domain/cost",
        &["api", "domain/signer", "domain/firewall", "domain/access"],
    ),
    ("domain/perimeter", &["api", ROOMS]),
    ("domain/perimeter/teardown", &["api", ROOMS, "domain/perimeter"]),
    ("domain/status", &["api", ROOMS, "domain/perimeter"]),
    ("signer", &["api", "package", "domain/signer"]),
    // What is called and what is answered; below it, what each refusal means.
    ("aws", &["api", ROOMS, "aws/service", "aws/errors"]),
    ("aws/service", &[]),
    ("aws/errors", &["aws/service", "domain/kernel"]),
    ("aws/policy", &["domain/kernel"]),
    ("aws/remedies", &["aws", "aws/errors", "aws/policy"]),
    ("aws/layers/budget", &["aws", "aws/errors"]),
    ("aws/layers", &["aws", "aws/errors", "aws/layers/budget"]),
    ("aws/sdk", &["api", ROOMS, "aws", "aws/errors"]),
    ("aws/account_shield", &[ROOMS, "aws", "aws/errors"]),
    (
        "aws/readings",
        &[ROOMS, "domain/perimeter", "aws", "aws/errors", "aws/layers"],
    ),
    (
        "aws/resources",
        &[
            "api",
            "domain",
            ROOMS,
            "domain/perimeter",
            "aws",
            "aws/errors",
            "aws/remedies",
            "aws/layers",
            "aws/readings",
        ],
    ),
    ("controller/probes", &["api", ROOMS, "aws", "aws/layers/budget"]),
    ("controller/kubernetes", &["api", "api_server", ROOMS]),
    (
        "controller/watch",
        &["api", ROOMS, "domain/status", "controller/kubernetes"],
    ),
    (
        "controller/process",
        &[
            "api",
            "api_server",
            ROOMS,
            "domain/status",
            AWS,
            "controller/probes",
            "controller/watch",
        ],
    ),
    (
        "controller/engine",
        &[
            "api",
            "signer",
            ROOMS,
            "domain/perimeter",
            "domain/perimeter/teardown",
            "domain/status",
            AWS,
            "controller/probes",
            "controller/kubernetes",
            "controller/process",
        ],
    ),
    (
        "controller/events",
        &[
            "api",
            ROOMS,
            "domain/perimeter",
            "domain/status",
            "controller/engine",
        ],
    ),
    (
        "controller/accounts",
        &[
            "api",
            ROOMS,
            AWS,
            "controller/probes",
            "controller/process",
            "controller/engine",
        ],
    ),
    (
        "controller/pass",
        &[
            "api",
            ROOMS,
            "domain/perimeter",
            "domain/status",
            AWS,
            "controller/kubernetes",
            "controller/watch",
            "controller/process",
            "controller/engine",
            "controller/events",
            "controller/accounts",
        ],
    ),
    ("controller", &["api", "definitions", AWS, CONTROLLER]),
    (
        "cli",
        &[
            "api",
            "definitions",
            "plugin",
            "signer",
            ROOMS,
            "domain/perimeter",
            AWS,
            "controller",
            CONTROLLER,
        ],
    ),
];
/// Stands for the rooms of the domain that know no whole: all but `perimeter` and `status`.
const ROOMS: &str = "domain/…";
/// Stands for all of `aws`.
const AWS: &str = "aws/…";
/// Stands for the folders of `controller`.
const CONTROLLER: &str = "controller/…";

/// A circle of so many files can be held in the head.
const SMALL: usize = 3;

/// In a file of more lines nobody finds the way.
const LONGEST_FILE: usize = 400;

/// Imports that the table does not allow, and that are there.
const KNOWN: &str = include_str!("architecture/known.txt");

/// What the domain never names.
const IMPURE: [&str; 12] = [
    "kube::Client",
    "aws_sdk",
    "tokio",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "fastrand",
    "rand::",
    "std::env",
    "std::fs",
    "crate::aws",
    "crate::controller",
];

#[test]
fn no_folder_imports_what_it_may_not() {
    let sources = Sources::read();
    let known: BTreeSet<String> = KNOWN.lines().map(ToOwned::to_owned).collect();
    let mut forbidden = BTreeSet::new();
    for (from, to) in sources.arrows() {
        let (here, there) = (sources.folder(from), sources.folder(to));
        let (_, allowed) = ALLOWED
            .iter()
            .find(|(folder, _)| *folder == here)
            .unwrap_or_else(|| panic!("{here}: say in ALLOWED what this folder may import"));
        if here != there && !allowed.iter().any(|allowed| is_in(allowed, &there)) {
            forbidden.insert(format!("{from} → {to}"));
        }
    }
    if let Some(arrow) = forbidden.difference(&known).next() {
        panic!("{arrow}: the table of allowed imports has no such arrow");
    }
    if let Some(arrow) = known.difference(&forbidden).next() {
        panic!("{arrow}: is gone; take it out of tests/architecture/known.txt");
    }
}

/// Else it would allow what it is there to forbid.
#[test]
fn the_table_of_allowed_imports_has_no_circle() {
    let folders: Vec<&str> = ALLOWED.iter().map(|(folder, _)| *folder).collect();
    let mut arrows = BTreeSet::new();
    for (folder, allowed) in ALLOWED {
        let others = folders.iter().filter(|other| *other != folder);
        for other in others.filter(|other| allowed.iter().any(|allowed| is_in(allowed, other))) {
            arrows.insert(((*folder).to_owned(), (*other).to_owned()));
        }
    }
    let circles = circles(&arrows);
    assert!(circles.is_empty(), "{circles:?}");
}

/// Whatever the table says of them.
#[test]
fn no_circle_of_imports_leads_through_two_folders() {
    let sources = Sources::read();
    let arrows = sources.arrows().map(|(from, to)| (from.clone(), to.clone()));
    for circle in circles(&arrows.collect()) {
        let folders: BTreeSet<&str> = circle.iter().map(|file| sources.directory(file)).collect();
        assert!(folders.len() == 1, "{folders:?}: {circle:?}");
    }
}

#[test]
fn no_circle_of_imports_is_larger_than_a_head_can_hold() {
    let sources = Sources::read();
    let arrows = sources.arrows();
    let inside = arrows.filter(|(from, to)| sources.folder(from) == sources.folder(to));
    let inside = inside.map(|(from, to)| (from.clone(), to.clone())).collect();
    let large: Vec<Vec<String>> = circles(&inside)
        .into_iter()
        .filter(|circle| circle.len() > SMALL)
        .collect();
    assert!(large.is_empty(), "{large:?}");
}

#[test]
fn the_domain_names_no_client_clock_randomness_or_runtime() {
    let sources = Sources::read();
    let files = sources.files.keys().filter(|file| file.starts_with("domain/"));
    let mut seen = 0;
    for file in files {
        seen += 1;
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let impure = IMPURE.iter().find(|word| code.contains(**word));
            assert_eq!(impure, None, "src/{file}:{}", number + 1);
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn no_file_has_more_lines_than_a_newcomer_finds_the_way_in() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src", "tests"].map(|folder| rust_files(&project.join(folder)));
    let mut long = Vec::new();
    for file in files.iter().flatten() {
        let lines = std::fs::read_to_string(file).unwrap().lines().count();
        if lines > LONGEST_FILE {
            let file = file.strip_prefix(project).unwrap().display();
            long.push(format!("{file} has {lines} lines"));
        }
    }
    assert!(long.is_empty(), "more than {LONGEST_FILE}: {}", long.join(", "));
}

/// Whether a folder is what an entry of the table means.
fn is_in(allowed: &str, folder: &str) -> bool {
    let wholes = ["domain/perimeter", "domain/perimeter/teardown", "domain/status"];
    match allowed {
        ROOMS => folder.starts_with("domain/") && !wholes.contains(&folder),
        AWS => folder == "aws" || folder.starts_with("aws/"),
        CONTROLLER => folder.starts_with("controller/"),
        _ => folder == allowed,
    }
}

/// Everything that leads back to itself, as groups of what leads to each other.
fn circles(arrows: &BTreeSet<(String, String)>) -> Vec<Vec<String>> {
    let nodes: BTreeSet<&String> = arrows.iter().flat_map(|(from, to)| [from, to]).collect();
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        nodes.iter().map(|node| (*node, reach(arrows, node))).collect();
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for node in &nodes {
        let with = reached[node]
            .iter()
            .filter(|other| reached[**other].contains(node));
        let circle: Vec<String> = with.map(|other| (*other).clone()).collect();
        if !circle.is_empty() && done.insert(circle.clone()) {
            found.push(circle);
        }
    }
    found
}

fn reach<'a>(arrows: &'a BTreeSet<(String, String)>, from: &'a String) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(node) = next.pop() {
        for (_, to) in arrows.iter().filter(|(start, _)| start == node) {
            if reached.insert(to) {
                next.push(to);
            }
        }
    }
    reached
}
