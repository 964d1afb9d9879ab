//! The shape of the sources: which folder may import which, that no circle of imports is large, and that the domain stays pure.
//!
//! Arrows that are not yet as they should be stand in `tests/architecture/known.txt`. A new one fails, and so does one that is
//! gone and still stands there: the list only shrinks.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::Visit;
use syn::{Attribute, Item, ItemUse, Macro, UseTree};

/// What each folder may import, besides itself. A file `x.rs` beside a folder `x` belongs to that folder; a file that is named here
/// stands for itself.
const ALLOWED: &[(&str, &[&str])] = &[
    ("src", &["cli"]),
    ("api", &[]),
    // How long its answers are waited for.
    ("api_server", &[]),
    ("package", &[]),
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
    (
        "domain/tenancy",
        &["api", "domain/kernel", "domain/access", "domain/edge"],
    ),
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

/// All sources, and what each imports.
struct Sources {
    /// By path below `src`: the paths of the files that it imports.
    files: BTreeMap<String, BTreeSet<String>>,
}

impl Sources {
    fn read() -> Self {
        let mut paths = Vec::new();
        list(&root(), &mut paths);
        let names = paths.iter().map(|path| {
            let name = path.strip_prefix(root()).unwrap();
            name.to_str().unwrap().to_owned()
        });
        let names: Vec<String> = names.collect();
        // The binary's own root has no modules that others name.
        let modules = names.iter().filter(|name| *name != "main.rs");
        let modules: BTreeMap<_, _> = modules.map(|name| (module(name), name.clone())).collect();
        let files = names.iter().map(|name| {
            let text = std::fs::read_to_string(root().join(name)).unwrap();
            let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut imports = Imports {
                modules: &modules,
                here: module(name),
                found: BTreeSet::new(),
            };
            imports.visit_file(&file);
            imports.found.remove(name);
            (name.clone(), imports.found)
        });
        Self {
            files: files.collect(),
        }
    }

    fn arrows(&self) -> impl Iterator<Item = (&String, &String)> {
        let all = self.files.iter();
        all.flat_map(|(from, to)| to.iter().map(move |to| (from, to)))
    }

    /// The folder in which a file stands, or whose root it is.
    fn directory<'a>(&self, file: &'a str) -> &'a str {
        let stem = file.trim_end_matches(".rs");
        let own = format!("{stem}/");
        if self.files.keys().any(|other| other.starts_with(&own)) {
            return stem;
        }
        file.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The folder of a file, or the one beside it that has its name, or the file itself where the table names it; a folder that
    /// the table does not name belongs to that above it.
    fn folder(&self, file: &str) -> String {
        let stem = file.trim_end_matches(".rs");
        let own = format!("{stem}/");
        let is_named = ALLOWED.iter().any(|(known, _)| *known == stem);
        let has_folder = is_named || self.files.keys().any(|other| other.starts_with(&own));
        let mut folder = match file.rsplit_once('/') {
            _ if has_folder => stem,
            Some((folder, _)) => folder,
            None => "src",
        };
        while !ALLOWED.iter().any(|(known, _)| *known == folder) {
            match folder.rsplit_once('/') {
                Some((above, _)) => folder = above,
                None => break,
            }
        }
        folder.to_owned()
    }
}

/// What one file imports.
struct Imports<'a> {
    modules: &'a BTreeMap<Vec<String>, String>,
    /// The module in which the code stands that is looked at.
    here: Vec<String>,
    found: BTreeSet<String>,
}

impl Imports<'_> {
    /// Notes the file of the module that a path leads to, where it is one of ours.
    fn note(&mut self, path: &[String]) {
        let mut at = match path.first().map(String::as_str) {
            Some("crate" | "palisade") => vec![],
            Some("self" | "super") => self.here.clone(),
            // A child of a module that stands in a folder.
            Some(first)
                if self
                    .modules
                    .contains_key(&[self.here.clone(), vec![first.to_owned()]].concat()) =>
            {
                self.here.clone()
            }
            _ => return,
        };
        for name in path {
            match name.as_str() {
                "crate" | "palisade" | "self" => {}
                "super" => drop(at.pop()),
                name => {
                    let next = [at.clone(), vec![name.to_owned()]].concat();
                    if !self.modules.contains_key(&next) {
                        break;
                    }
                    at = next;
                }
            }
        }
        // Inline modules belong to the file around them.
        while !self.modules.contains_key(&at) {
            at.pop();
        }
        self.found.insert(self.modules[&at].clone());
    }

    fn note_tree(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.note_tree(&step.tree, path);
                path.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(tree, path)),
            UseTree::Name(last) => self.note(&[path.clone(), vec![last.ident.to_string()]].concat()),
            UseTree::Rename(last) => self.note(&[path.clone(), vec![last.ident.to_string()]].concat()),
            UseTree::Glob(_) => self.note(path),
        }
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, inline: &'ast syn::ItemMod) {
        self.here.push(inline.ident.to_string());
        syn::visit::visit_item_mod(self, inline);
        self.here.pop();
    }

    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        self.note_tree(&import.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if names.len() > 1 {
            self.note(&names);
        }
        syn::visit::visit_path(self, path);
    }

    /// Who may see an item is no import.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    /// What stands in a macro is text: its whole paths are found all the same.
    fn visit_macro(&mut self, call: &'ast Macro) {
        let text = call.tokens.to_string().replace(' ', "");
        for start in ["crate::", "super::"] {
            for (at, _) in text.match_indices(start) {
                let is_over = |letter: char| !(letter.is_alphanumeric() || "_:".contains(letter));
                let path = text[at..].split(is_over).next().unwrap_or_default();
                self.note(&path.split("::").map(ToOwned::to_owned).collect::<Vec<_>>());
            }
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let mut all = attributes.iter();
    all.any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn list(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_of_tests(&path) {
            found.push(path);
        }
    }
}

/// Whether a file is compiled for tests alone.
fn is_of_tests(path: &Path) -> bool {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    stem == "tests" || stem.ends_with("_fixtures")
}

/// The module that a file is.
fn module(file: &str) -> Vec<String> {
    let mut names: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(ToOwned::to_owned)
        .collect();
    if ["mod", "lib", "main"].contains(&names.last().unwrap().as_str()) {
        names.pop();
    }
    names
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
