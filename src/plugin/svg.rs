//! The picture as one SVG file, light or dark as its reader likes, that needs nothing from elsewhere.

use super::picture::{Check, Picture, State};
use super::plan_text::brief;
use super::words::{escaped, sentence, sign, wrapped};
use jiff::Timestamp;
use std::fmt::Write as _;

/// Columns of text in a box.
const COLUMNS: usize = 100;
/// The width of a letter of 13 pixels in the fonts below is three fifths of that.
const LETTER: usize = 8;
const LINE: usize = 20;
const MARGIN: usize = 24;
const PADDING: usize = 14;
const GAP: usize = 26;
const WIDTH: usize = COLUMNS * LETTER + 2 * PADDING;

const STYLE: &str = "\
svg{background:#fff}
text{font:13px ui-monospace,Menlo,'DejaVu Sans Mono','Liberation Mono',monospace;fill:#1b1f24;white-space:pre}
.title{font-weight:bold}.faint{fill:#57606a}
.box{fill:#f6f8fa;stroke:#8c959f}.arrow{fill:none;stroke:#57606a;stroke-width:2}
.good{fill:#116329}.waiting{fill:#7d4e00}.bad{fill:#a40e26}.unknown{fill:#6639ba}.off{fill:#57606a}
@media (prefers-color-scheme:dark){
svg{background:#0d1117}text{fill:#e6edf3}.faint{fill:#9da7b3}
.box{fill:#161b22;stroke:#6e7681}.arrow{stroke:#9da7b3}
.good{fill:#56d364}.waiting{fill:#e3b341}.bad{fill:#ff7b72}.unknown{fill:#d2a8ff}.off{fill:#9da7b3}
}";

/// The pictures, one below the other.
#[must_use]
pub fn page(pictures: &[Picture], now: Timestamp) -> String {
    let mut drawing = Drawing {
        body: String::new(),
        y: MARGIN,
    };
    for picture in pictures {
        drawing.picture(picture, now);
    }
    let (width, height) = (WIDTH + 2 * MARGIN, drawing.y + MARGIN);
    let names: Vec<String> = pictures.iter().map(Picture::object).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n{}</svg>\n",
        escaped(&names.join(", ")),
        drawing.body
    )
}

/// The class of a state.
pub(super) fn class(state: State) -> &'static str {
    match state {
        State::Good => "good",
        State::Waiting => "waiting",
        State::Bad => "bad",
        State::Unknown => "unknown",
        State::Off => "off",
    }
}

/// A line of text: how far it is indented, its state, its class and its words.
type Line = (usize, Option<State>, &'static str, String);

struct Drawing {
    body: String,
    y: usize,
}

impl Drawing {
    fn picture(&mut self, picture: &Picture, now: Timestamp) {
        let mut head = paragraph(0, Some(picture.ready.state), "title", &picture.object());
        head.extend(check(&picture.ready, now));
        head.extend(picture.besides.iter().flat_map(|besides| check(besides, now)));
        head.extend(
            picture
                .remarks
                .iter()
                .flat_map(|remark| paragraph(1, None, "faint", remark)),
        );
        self.lines(&head);
        self.y += GAP / 2;
        for (number, station) in picture.way.iter().enumerate() {
            if number > 0 {
                self.arrow();
            }
            let mut lines = paragraph(0, Some(station.state), "title", station.name);
            lines.extend(paragraph(1, None, "", &station.what));
            lines.extend(
                station
                    .conditions
                    .iter()
                    .flat_map(|condition| check(condition, now)),
            );
            self.boxed(&lines);
        }
        self.y += GAP / 2;
        let doors = picture.other_doors.iter();
        let doors = doors.flat_map(|door| paragraph(1, Some(door.state), "", &door.what));
        self.section("Other doors", doors.collect());
        let plan = picture.plan.iter().flat_map(brief);
        let plan = plan.flat_map(|line| paragraph(1, None, "", &line));
        self.section("Plan", plan.collect());
        let cost = picture.cost.iter().flat_map(|cost| paragraph(1, None, "", cost));
        self.section("Cost", cost.collect());
        let notes = picture.notes.iter().flat_map(|note| paragraph(1, None, "", note));
        self.section("Notes", notes.collect());
        self.y += GAP;
    }

    fn section(&mut self, title: &str, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.lines(&[paragraph(0, None, "title", title), lines].concat());
        }
    }

    fn boxed(&mut self, lines: &[Line]) {
        let height = lines.len() * LINE + 2 * PADDING;
        let _ = writeln!(
            self.body,
            "<rect class=\"box\" x=\"{MARGIN}\" y=\"{}\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>",
            self.y
        );
        self.y += PADDING;
        self.lines(lines);
        self.y += PADDING;
    }

    fn arrow(&mut self) {
        let (x, shaft) = (MARGIN + WIDTH / 2, GAP - 4);
        let _ = writeln!(
            self.body,
            "<path class=\"arrow\" d=\"M{x} {}v{shaft}m-5 -5l5 5l5 -5\"/>",
            self.y + 2
        );
        self.y += GAP;
    }

    fn lines(&mut self, lines: &[Line]) {
        for (indent, state, class_of_text, text) in lines {
            self.y += LINE;
            let (mut x, y) = (MARGIN + PADDING + indent * 2 * LETTER, self.y - 6);
            if let Some(state) = state {
                let _ = writeln!(
                    self.body,
                    "<text class=\"{}\" x=\"{x}\" y=\"{y}\">{}</text>",
                    class(*state),
                    sign(*state)
                );
            }
            x += 2 * LETTER;
            let _ = writeln!(
                self.body,
                "<text class=\"{class_of_text}\" x=\"{x}\" y=\"{y}\">{}</text>",
                escaped(text)
            );
        }
    }
}

fn check(check: &Check, now: Timestamp) -> Vec<Line> {
    let mut lines = paragraph(1, Some(check.state), "", &sentence(check, now));
    let message = check.message.iter();
    lines.extend(message.flat_map(|message| paragraph(2, None, "faint", message)));
    lines
}

fn paragraph(indent: usize, state: Option<State>, class: &'static str, text: &str) -> Vec<Line> {
    // The sign and the room behind it are two columns.
    let room = COLUMNS - 2 * (indent + 1);
    let lines = wrapped(text, room).into_iter().enumerate();
    lines
        .map(|(number, line)| (indent, state.filter(|_| number == 0), class, line))
        .collect()
}
