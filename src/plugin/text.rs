//! The picture as text for a terminal, or for a file.

use super::look::Look;
use super::picture::{Check, Picture, State};
use super::plan_text::held_up;
use super::words::{age, cut, cut_before, sentence, sign, wrapped};
use jiff::Timestamp;
use unicode_width::UnicodeWidthStr as _;

/// Room for the names of the parts.
const NAMES: usize = 12;
/// What is left to say how an object is, however long the names are.
const STATE: usize = 24;

impl Look {
    fn sign(self, state: State) -> &'static str {
        match state {
            state if self.unicode => sign(state),
            State::Good => "[ok]",
            State::Waiting => "[..]",
            State::Bad => "[!!]",
            State::Unknown => "[??]",
            State::Off => "[--]",
        }
    }

    fn painted(self, state: State) -> String {
        let sign = self.sign(state);
        let colour = match state {
            State::Good => 32,
            State::Waiting => 33,
            State::Bad => 31,
            State::Unknown => 35,
            State::Off => 2,
        };
        if self.colour {
            format!("\u{1b}[{colour}m{sign}\u{1b}[0m")
        } else {
            sign.to_owned()
        }
    }
}

/// The picture of one object.
#[must_use]
pub fn tree(picture: &Picture, look: Look, now: Timestamp) -> String {
    let mut page = Page {
        look,
        text: String::new(),
    };
    page.head(picture, now);
    let (rail, arrow) = if look.unicode {
        ("│ ", "↓")
    } else {
        ("| ", "v")
    };
    for (number, station) in picture.way.iter().enumerate() {
        let is_last = number + 1 == picture.way.len();
        let name = format!("{:NAMES$}", station.name);
        page.paragraph("", Some(station.state), &name, &station.what);
        for check in &station.conditions {
            page.check(if is_last { "  " } else { rail }, check, now);
        }
        if !is_last {
            page.paragraph("", None, "", arrow);
        }
    }
    if !picture.other_doors.is_empty() {
        page.title("Other doors");
        for door in &picture.other_doors {
            page.paragraph("  ", Some(door.state), "", &door.what);
        }
    }
    if let Some(plan) = &picture.plan {
        page.text.push_str(&held_up(plan, look));
    }
    if let Some(cost) = &picture.cost {
        page.title("Cost");
        page.paragraph("  ", None, "", cost);
    }
    if !picture.notes.is_empty() {
        page.title("Notes");
        for note in &picture.notes {
            page.paragraph("  ", None, "", note);
        }
    }
    page.text
}

/// One line for each object. Of a name that leaves no room for its state the end is shown, which tells objects of one namespace apart.
#[must_use]
pub fn list(pictures: &[Picture], look: Look, now: Timestamp) -> String {
    let mark = if look.unicode { "…" } else { "..." };
    let most = look.columns().saturating_sub(STATE);
    let names: Vec<String> = pictures
        .iter()
        .map(|picture| cut_before(&look.shown(&picture.object()), most, mark))
        .collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or_default();
    let lines = pictures.iter().zip(&names).map(|(picture, name)| {
        let ready = &picture.ready;
        let since = ready.since.map(|since| age(since, now));
        let reason = if ready.reason.is_empty() {
            "not reported"
        } else {
            &ready.reason
        };
        let awaited = ready.awaited.map(|awaited| format!("waits for {}", awaited.what));
        let rest = [Some(reason.to_owned()), since, awaited, picture.url.clone()];
        let rest = rest.into_iter().flatten().collect::<Vec<_>>().join("  ");
        let room = look.columns() - look.sign(ready.state).width() - 1;
        let padding = " ".repeat(widest - name.width());
        let line = cut(&look.shown(&format!("{name}{padding}  {rest}")), room, mark);
        format!("{} {line}\n", look.painted(ready.state))
    });
    lines.collect()
}

struct Page {
    look: Look,
    text: String,
}

impl Page {
    fn head(&mut self, picture: &Picture, now: Timestamp) {
        self.paragraph("", Some(picture.ready.state), "", &picture.object());
        self.check("", &picture.ready, now);
        for check in &picture.besides {
            self.check("", check, now);
        }
        for remark in &picture.remarks {
            self.paragraph("  ", None, "", remark);
        }
        self.text.push('\n');
    }

    fn check(&mut self, rail: &str, check: &Check, now: Timestamp) {
        self.paragraph(rail, Some(check.state), "", &sentence(check, now));
        if let Some(message) = &check.message {
            self.paragraph(&format!("{rail}  "), None, "", message);
        }
    }

    fn title(&mut self, title: &str) {
        self.text.push('\n');
        self.paragraph("", None, "", title);
    }

    /// Lines behind `rail`: before the first are the sign of `state` and `name`, before the others as much room.
    fn paragraph(&mut self, rail: &str, state: Option<State>, name: &str, text: &str) {
        let sign = state.map_or(0, |state| self.look.sign(state).width() + 1);
        let before = sign + name.width();
        let room = self.look.columns().saturating_sub(rail.width() + before);
        for (number, line) in wrapped(&self.look.shown(text), room).iter().enumerate() {
            self.text.push_str(rail);
            match state {
                Some(state) if number == 0 => {
                    self.text.push_str(&self.look.painted(state));
                    self.text.push(' ');
                    self.text.push_str(name);
                }
                _ => self.text.push_str(&" ".repeat(before)),
            }
            self.text.push_str(line);
            self.text.push('\n');
        }
    }
}
