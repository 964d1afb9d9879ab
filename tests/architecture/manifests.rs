//! What is pure is a crate of its own, `src/Cargo.toml`, which nobody opens at an upgrade or a release.

use super::IMPURE;
use std::collections::BTreeMap;
use std::path::Path;

type Tables = BTreeMap<String, BTreeMap<String, String>>;

#[test]
fn what_is_pure_has_the_version_of_the_whole_and_depends_on_nothing_else() {
    let (whole, pure) = (manifest("Cargo.toml"), manifest("src/Cargo.toml"));
    for of_package in ["version", "edition", "rust-version", "license"] {
        let (whole, pure) = (&whole["package"][of_package], &pure["package"][of_package]);
        assert_eq!(whole, pure, "{of_package}");
    }
    for (name, declared) in &pure["dependencies"] {
        let as_a_whole = whole["dependencies"].get(name).map(|declared| version(declared));
        assert_eq!(as_a_whole, Some(version(declared)), "{name}");
        let named = name.replace('-', "_");
        assert!(!IMPURE.iter().any(|word| named.starts_with(word)), "{name}");
    }
}

/// The keys of each table of a manifest, and what is written of them.
fn manifest(name: &str) -> Tables {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let (mut tables, mut table) = (Tables::new(), String::new());
    for line in text.lines() {
        if let Some(head) = line.strip_prefix('[') {
            head.trim_end_matches(']').clone_into(&mut table);
        } else if let Some((key, value)) = line.split_once(" = ") {
            let keys = tables.entry(table.clone()).or_default();
            keys.insert(key.to_owned(), value.to_owned());
        }
    }
    tables
}

/// The version that is asked for: the first text that a dependency is declared with.
fn version(declared: &str) -> &str {
    declared.split('"').nth(1).unwrap_or_default()
}
