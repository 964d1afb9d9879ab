//! What the terminal can show.

use palisade::plugin::look::Look;
use std::io::{self, IsTerminal as _};
use terminal_size::{Width, terminal_size};

/// Where nobody says how wide the output is.
const WIDTH: usize = 100;

/// Of this process's output.
pub(super) fn look() -> Look {
    let is_terminal = io::stdout().is_terminal();
    let size = is_terminal.then(terminal_size).flatten();
    let width = size.map(|(Width(width), _)| usize::from(width));
    look_of(is_terminal, width, |name| std::env::var(name).ok())
}

fn look_of(is_terminal: bool, width: Option<usize>, variable: impl Fn(&str) -> Option<String>) -> Look {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let columns = set("COLUMNS").and_then(|columns| columns.parse().ok());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let locale = locale.unwrap_or_default().to_lowercase();
    let is_plain = set("NO_COLOR").is_some() || set("TERM").is_some_and(|terminal| terminal == "dumb");
    Look {
        width: width.or(columns).unwrap_or(WIDTH),
        unicode: locale.contains("utf-8") || locale.contains("utf8"),
        colour: is_terminal && !is_plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_in(is_terminal: bool, width: Option<usize>, environment: &[(&str, &str)]) -> Look {
        look_of(is_terminal, width, |name| {
            let mut set = environment.iter().filter(|(set, _)| *set == name);
            set.next().map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn there_is_colour_on_a_terminal_alone_and_where_nobody_declines_it() {
        assert!(look_in(true, None, &[("NO_COLOR", "")]).colour);
        assert!(!look_in(false, None, &[]).colour);
        assert!(!look_in(true, None, &[("NO_COLOR", "1")]).colour);
        assert!(!look_in(true, None, &[("TERM", "dumb")]).colour);
    }

    #[test]
    fn the_locale_says_whether_there_is_more_than_ascii() {
        assert!(look_in(true, None, &[("LANG", "en_GB.UTF-8")]).unicode);
        assert!(look_in(true, None, &[("LC_CTYPE", "C.utf8"), ("LANG", "C")]).unicode);
        assert!(!look_in(true, None, &[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]).unicode);
        assert!(!look_in(true, None, &[]).unicode);
    }

    #[test]
    fn the_width_is_the_terminals_or_that_of_columns() {
        assert_eq!(look_in(true, Some(80), &[("COLUMNS", "60")]).width, 80);
        assert_eq!(look_in(false, None, &[("COLUMNS", "60")]).width, 60);
        assert_eq!(look_in(false, None, &[("COLUMNS", "wide")]).width, WIDTH);
    }
}
