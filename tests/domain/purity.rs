//! The domain has no client, clock, randomness or runtime: its sources name none.

use std::path::{Path, PathBuf};

const FORBIDDEN: [&str; 12] = [
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

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_domain_names_no_client_clock_randomness_or_runtime() {
    let mut files = Vec::new();
    sources(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain")),
        &mut files,
    );
    assert!(files.len() > 20, "{files:?}");
    let mut impure = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for (number, line) in source.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(word) = FORBIDDEN.iter().find(|word| code.contains(**word)) {
                impure.push(format!("{}:{}: {word}", file.display(), number + 1));
            }
        }
    }
    assert!(impure.is_empty(), "{impure:#?}");
}
