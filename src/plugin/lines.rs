//! Paragraphs as text for a terminal, or for a file: how far in they begin, and what stands before the first line.

use super::look::Look;
use super::words::wrapped;
use unicode_width::UnicodeWidthStr as _;

/// What stands before a paragraph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// The sign; without Unicode, its ASCII.
    pub sign: &'static str,
    /// Its colour, where there is any.
    pub colour: Colour,
}

/// A colour that every terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Green,
    Yellow,
    Red,
}

impl Colour {
    fn code(self) -> u8 {
        match self {
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
        }
    }
}

/// Text that grows by paragraphs.
pub(super) struct Lines {
    look: Look,
    text: String,
}

impl Lines {
    pub(super) fn new(look: Look) -> Self {
        Self {
            look,
            text: String::new(),
        }
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// `text` from this column on, broken between words; behind `mark`, its other lines begin where the first does.
    pub(super) fn paragraph(&mut self, indent: usize, mark: Option<Mark>, text: &str) {
        let room = self.room(indent + self.width(mark));
        let lines = wrapped(&self.shown(text), room);
        self.put(indent, mark, &lines);
    }

    /// `text` from this column on with all of its spaces, broken where a line is full.
    pub(super) fn verbatim(&mut self, indent: usize, text: &str) {
        let lines = folded(&self.shown(text), self.room(indent));
        self.put(indent, None, &lines);
    }

    /// `text` from this column on, on one line however long: it is to be copied.
    pub(super) fn unbroken(&mut self, indent: usize, text: &str) {
        let line = format!("{}{}", " ".repeat(indent), self.shown(text));
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn put(&mut self, indent: usize, mark: Option<Mark>, lines: &[String]) {
        let width = self.width(mark);
        for (number, line) in lines.iter().enumerate() {
            self.text.push_str(&" ".repeat(indent));
            match mark {
                Some(mark) if number == 0 => {
                    let painted = self.painted(mark);
                    self.text.push_str(&painted);
                    self.text.push(' ');
                }
                _ => self.text.push_str(&" ".repeat(width)),
            }
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn room(&self, before: usize) -> usize {
        self.look.columns().saturating_sub(before)
    }

    /// How many columns a mark takes, with the space behind it.
    fn width(&self, mark: Option<Mark>) -> usize {
        mark.map_or(0, |mark| self.shown(mark.sign).width() + 1)
    }

    fn painted(&self, mark: Mark) -> String {
        let sign = self.shown(mark.sign);
        if self.look.colour {
            format!("\u{1b}[{}m{sign}\u{1b}[0m", mark.colour.code())
        } else {
            sign
        }
    }

    /// Signs of ours have their ASCII; another alphabet's letters are question marks.
    fn shown(&self, text: &str) -> String {
        if self.look.unicode {
            return text.to_owned();
        }
        self.look
            .shown(&text.replace('→', "->").replace('…', "...").replace('·', "-"))
    }
}

/// `text` in lines of at most `room` columns.
fn folded(text: &str, room: usize) -> Vec<String> {
    // The widest letter is one of three columns.
    let room = room.max(4);
    let mut lines = Vec::new();
    let mut line = String::new();
    for letter in text.chars() {
        line.push(letter);
        if line.width() > room {
            line.pop();
            lines.push(std::mem::replace(&mut line, letter.to_string()));
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look {
        width: 40,
        unicode: true,
        colour: false,
    };

    fn marked(look: Look, text: &str) -> String {
        let mut lines = Lines::new(look);
        let mark = Mark {
            sign: "…",
            colour: Colour::Yellow,
        };
        lines.paragraph(2, Some(mark), text);
        lines.into_text()
    }

    #[test]
    fn further_lines_begin_where_the_first_does() {
        let text = marked(PLAIN, &["word"; 9].join(" "));
        assert_eq!(text, "  … word word word word word word word\n    word word\n");
    }

    #[test]
    fn without_unicode_signs_have_their_ascii_and_with_colour_they_are_coloured() {
        let ascii = Look {
            unicode: false,
            ..PLAIN
        };
        assert_eq!(marked(ascii, "a → ä"), "  ... a -> ?\n");
        let colour = Look {
            colour: true,
            ..PLAIN
        };
        assert_eq!(marked(colour, "a"), "  \u{1b}[33m…\u{1b}[0m a\n");
    }

    #[test]
    fn what_is_to_be_copied_is_on_one_line() {
        let mut lines = Lines::new(PLAIN);
        let command = ["word"; 20].join(" ");
        lines.unbroken(2, &command);
        assert_eq!(lines.into_text(), format!("  {command}\n"));
    }

    #[test]
    fn what_is_shown_verbatim_keeps_its_spaces() {
        let mut lines = Lines::new(PLAIN);
        lines.verbatim(36, "a  bc");
        assert_eq!(
            lines.into_text(),
            format!("{0}a  b\n{0}c\n", " ".repeat(36)),
            "four columns are left"
        );
    }
}
