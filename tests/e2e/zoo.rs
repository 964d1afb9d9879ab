//! The zoo: APIs as people's tools make them, each in every mode, before the real controller on the emulated AWS. The files of
//! `tests/zoo/apis` say what must come of each; `tests/zoo/README.md` says how they are read.

use std::process::Command;

#[test]
fn every_api_that_people_make_comes_to_what_its_file_says_in_every_mode() {
    let root = env!("CARGO_MANIFEST_DIR");
    let setup = Command::new(format!("{root}/tests/env/aws/setup"))
        .output()
        .expect("setup runs");
    let python = String::from_utf8_lossy(&setup.stdout).trim().to_owned();
    let output = Command::new(python)
        .arg(format!("{root}/tests/zoo/run.py"))
        .arg(env!("CARGO_BIN_EXE_palisade"))
        .output()
        .expect("run.py runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let progress = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{progress}\n{told}");
}
