//! What is shown on standard error while a plan is waited for.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;
use terminal_size::{Width, terminal_size_of};

/// Where nobody says how wide a terminal is.
const WIDTH: usize = 80;

/// On a terminal, how long it is waited already and for what; elsewhere what is awaited, once each.
pub(super) struct Progress {
    is_terminal: bool,
    told: String,
}

impl Progress {
    pub(super) fn begin() -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self {
            is_terminal: io::stderr().is_terminal() && !is_dumb,
            told: String::new(),
        }
    }

    /// Shows it. `cause`: what AWS or the controller says of it; without, no controller has looked.
    pub(super) fn show(&mut self, waited: Duration, cause: Option<&str>) {
        if self.is_terminal {
            let size = terminal_size_of(io::stderr());
            let width = size.map_or(WIDTH, |(Width(width), _)| usize::from(width));
            let line = line(
                waited,
                cause.unwrap_or("no controller has looked at it yet"),
                width,
            );
            // Standard error may be closed; there is nobody else to tell.
            let _ = write!(io::stderr(), "\r\u{1b}[K{line}");
        } else if let Some(cause) = cause.filter(|cause| *cause != self.told) {
            cause.clone_into(&mut self.told);
            tell(&format!("waiting for the plan: {cause}"));
        }
    }

    pub(super) fn interrupted_by(&self, text: &str) {
        self.clear();
        tell(text);
    }

    fn clear(&self) {
        if self.is_terminal {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// What is longer than a terminal is wide would not be cleared.
fn line(waited: Duration, cause: &str, width: usize) -> String {
    let line = format!("waiting for the plan, {} s: {cause}", waited.as_secs());
    line.chars().take(width.saturating_sub(1)).collect()
}

pub(super) fn tell(text: &str) {
    // Standard error may be closed; there is nobody else to tell.
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_awaited_and_fits_the_terminal() {
        let waited = Duration::from_secs(12);
        assert_eq!(
            line(waited, "AWS throttles (Throttled)", 80),
            "waiting for the plan, 12 s: AWS throttles (Throttled)"
        );
        assert_eq!(line(waited, "AWS throttles", 24), "waiting for the plan, 1");
    }
}
