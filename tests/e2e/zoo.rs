//! The zoo: APIs as people's tools make them, each in every mode, before the real controller on the emulated AWS. The files of
//! `tests/zoo/apis` say what must come of each; `tests/zoo/README.md` says how they are read.

use std::process::{Command, Output};
use std::thread;

/// The emulated AWS uses one processor: each share of the files has one of its own, a cluster and a controller.
const SHARES: usize = 2;

#[test]
fn every_api_that_people_make_comes_to_what_its_file_says_in_every_mode() {
    let root = env!("CARGO_MANIFEST_DIR");
    let setup = Command::new(format!("{root}/tests/env/aws/setup"))
        .output()
        .expect("setup runs");
    let python = String::from_utf8_lossy(&setup.stdout).trim().to_owned();
    let run = |share: usize| -> Output {
        Command::new(&python)
            .arg(format!("{root}/tests/zoo/run.py"))
            .arg(env!("CARGO_BIN_EXE_palisade"))
            .args(["--share", &format!("{share}/{SHARES}")])
            .output()
            .expect("run.py runs")
    };
    let outputs: Vec<Output> = thread::scope(|scope| {
        let running: Vec<_> = (1..=SHARES)
            .map(|share| scope.spawn(move || run(share)))
            .collect();
        let ended = running.into_iter().map(|share| share.join().expect("an output"));
        ended.collect()
    });
    let failed: Vec<String> = outputs
        .iter()
        .filter(|output| !output.status.success())
        .map(|output| {
            let told = String::from_utf8_lossy(&output.stdout);
            let progress = String::from_utf8_lossy(&output.stderr);
            format!("{progress}\n{told}")
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
