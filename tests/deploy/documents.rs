//! What the documentation and the image's recipe promise, against what is there.

use super::{read, root};
use palisade::domain::kernel::reason::Reason;
use std::collections::{BTreeMap, BTreeSet};

/// The names in backquotes of a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn each_reason_has_one_row_in_the_troubleshooting_and_no_row_speaks_of_another() {
    let page = read(&root().join("docs/troubleshooting.md"));
    let mut rows: BTreeMap<&str, usize> = Reason::ALL.iter().map(|reason| (reason.as_str(), 0)).collect();
    let mut strangers = BTreeSet::new();
    let mut is_of_reasons = false;
    for line in page.lines() {
        if !line.starts_with('|') {
            is_of_reasons = false;
        } else if line.starts_with("| reason |") {
            is_of_reasons = true;
        } else if is_of_reasons {
            let first = line.trim_start_matches('|').split('|').next().unwrap_or_default();
            for name in quoted(first) {
                match rows.get_mut(name) {
                    Some(count) => *count += 1,
                    None => drop(strangers.insert(name)),
                }
            }
        }
    }
    let others = |wanted: fn(usize) -> bool| -> Vec<&str> {
        let rows = rows.iter().filter(|(_, count)| wanted(**count));
        rows.map(|(name, _)| *name).collect()
    };
    let (missing, doubled) = (others(|count| count == 0), others(|count| count > 1));
    assert!(
        missing.is_empty(),
        "docs/troubleshooting.md lacks a row for {missing:?}"
    );
    assert!(
        doubled.is_empty(),
        "docs/troubleshooting.md has several rows for {doubled:?}"
    );
    assert!(
        strangers.is_empty(),
        "src/domain/kernel/reason.rs has no {strangers:?}"
    );
}

#[test]
fn the_page_about_modes_begins_with_which_one_fits_what_an_api_has() {
    let page = read(&root().join("docs/access-modes.md"));
    let mut lines = page
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    assert_eq!(
        lines.next(),
        Some("| your API has | mode | what it needs | what is proven |")
    );
    let rows: Vec<&str> = lines.take_while(|line| line.starts_with('|')).collect();
    let cells: Vec<Vec<&str>> = rows.iter().map(|row| row.split(" | ").collect()).collect();
    for (column, names) in [
        (0, ["REST", "HTTP", "WebSocket"]),
        (1, ["`SigV4`", "`ApiKey`", "`SecretHeader`"]),
    ] {
        for name in names {
            let is_named = cells
                .iter()
                .any(|row| row.get(column).is_some_and(|cell| cell.contains(name)));
            assert!(is_named, "no row names {name}");
        }
    }
    for what in ["authorizers", "keys of customers", "caller credentials"] {
        assert!(
            cells.iter().any(|row| row[0].contains(what)),
            "no row is about {what}"
        );
    }
}

/// Whether the image's build sees `path`, by the patterns of `.dockerignore`: the last that fits decides.
fn is_seen(path: &str, ignored: &str) -> bool {
    let lines = ignored.lines().map(str::trim);
    let patterns = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let fits = |pattern: &str| {
        pattern == "*"
            || path == pattern
            || path
                .strip_prefix(pattern)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    patterns.fold(true, |seen, pattern| match pattern.strip_prefix('!') {
        Some(pattern) if fits(pattern) => true,
        None if fits(pattern) => false,
        _ => seen,
    })
}

#[test]
fn what_the_dockerfile_copies_is_there_and_not_left_out_of_the_build() {
    let (recipe, ignored) = (
        read(&root().join("Dockerfile")),
        read(&root().join(".dockerignore")),
    );
    let lines_that_copy = recipe.lines().filter_map(|line| line.strip_prefix("COPY "));
    let lines_that_copy = lines_that_copy.filter(|line| !line.starts_with("--from="));
    let mut copied = BTreeSet::new();
    for line in lines_that_copy {
        let words: Vec<&str> = line
            .split_whitespace()
            .filter(|word| !word.starts_with("--"))
            .collect();
        let (_, sources) = words.split_last().expect("a destination");
        copied.extend(
            sources
                .iter()
                .map(|source| source.trim_end_matches('/').to_owned()),
        );
    }
    assert!(copied.contains("Cargo.toml"), "{copied:?}");
    for source in &copied {
        assert!(root().join(source).exists(), "{source} is not there");
        assert!(is_seen(source, &ignored), ".dockerignore leaves {source} out");
    }
    // What cargo needs besides: a build script, and files that the code includes.
    let manifest = read(&root().join("Cargo.toml"));
    assert!(
        !root().join("build.rs").exists() || copied.contains("build.rs"),
        "{manifest}"
    );
    let sources = super::files(&root().join("src"), ".rs");
    // What tests include is not built there.
    for path in sources.iter().filter(|path| !path.ends_with("tests.rs")) {
        for included in read(path).split("include_str!(\"").skip(1) {
            let included = included.split('"').next().unwrap_or_default();
            let target = path.parent().expect("a folder").join(included);
            let target = target
                .canonicalize()
                .unwrap_or_else(|error| panic!("{}: {error}", target.display()));
            let target = target
                .strip_prefix(root())
                .expect("a file of ours")
                .to_string_lossy()
                .into_owned();
            let is_copied = copied
                .iter()
                .any(|source| target == *source || target.starts_with(&format!("{source}/")));
            assert!(
                is_copied,
                "{} includes {target}, which is not copied",
                path.display()
            );
        }
    }
}
