//! How long each test took, for the end of `tests/run`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Instant;

/// Names a file to which each test appends its seconds and its name.
const FILE: &str = "TEST_TIMES";

/// The time since a test began; written down when dropped.
pub struct Took(Instant);

impl Took {
    pub fn since_now() -> Self {
        Self(Instant::now())
    }
}

impl Drop for Took {
    fn drop(&mut self) {
        let file = std::env::var_os(FILE).map(|file| OpenOptions::new().append(true).open(file));
        if let Some(Ok(mut file)) = file {
            let (seconds, test) = (self.0.elapsed().as_secs(), std::thread::current());
            // A test does not fail for want of a note.
            let _ = writeln!(file, "{seconds}\t{}", test.name().unwrap_or_default());
        }
    }
}
