//! The picture as one HTML page, light or dark as its reader likes, that needs nothing from elsewhere and runs nothing.

use super::picture::{Check, Picture};
use super::plan_text::brief;
use super::svg::class;
use super::words::{escaped, sentence, sign};
use jiff::Timestamp;
use std::fmt::Write as _;

const STYLE: &str = "\
body{font:15px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff;overflow-wrap:anywhere}
h1{font-size:1.3rem}h2{font-size:1rem;margin:0}p{margin:.2rem 0}ol,ul{list-style:none;padding:0;margin:0}
article{margin-bottom:4rem}.way li.part{border:1px solid #8c959f;border-radius:6px;background:#f6f8fa;padding:.7rem 1rem}
.way li.part+li.part{margin-top:2rem;position:relative}
.way li.part+li.part::before{content:'\u{2193}';position:absolute;top:-1.9rem;left:50%}
.message{color:#57606a;margin-left:1.5rem}h3{font-size:1rem;margin:1rem 0 0}
.good{color:#116329}.waiting{color:#7d4e00}.bad{color:#a40e26}.unknown{color:#6639ba}.off{color:#57606a}
@media (prefers-color-scheme:dark){
body{color:#e6edf3;background:#0d1117}.way li.part{border-color:#6e7681;background:#161b22}.message{color:#9da7b3}
.good{color:#56d364}.waiting{color:#e3b341}.bad{color:#ff7b72}.unknown{color:#d2a8ff}.off{color:#9da7b3}
}";

/// The pictures, one below the other.
#[must_use]
pub fn page(pictures: &[Picture], now: Timestamp) -> String {
    let names: Vec<String> = pictures.iter().map(Picture::object).collect();
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        escaped(&names.join(", "))
    );
    for picture in pictures {
        article(&mut page, picture, now);
    }
    page + "</body>\n</html>\n"
}

fn article(page: &mut String, picture: &Picture, now: Timestamp) {
    let state = picture.ready.state;
    let _ = writeln!(
        page,
        "<article>\n<h1><span class=\"{}\">{}</span> {}</h1>",
        class(state),
        sign(state),
        escaped(&picture.object())
    );
    for condition in [&picture.ready].into_iter().chain(&picture.besides) {
        check(page, condition, now);
    }
    for remark in &picture.remarks {
        let _ = writeln!(page, "<p class=\"message\">{}</p>", escaped(remark));
    }
    page.push_str("<ol class=\"way\">\n");
    for station in &picture.way {
        let _ = writeln!(
            page,
            "<li class=\"part\"><h2><span class=\"{}\">{}</span> {}</h2>\n<p>{}</p>",
            class(station.state),
            sign(station.state),
            escaped(station.name),
            escaped(&station.what)
        );
        for condition in &station.conditions {
            check(page, condition, now);
        }
        page.push_str("</li>\n");
    }
    page.push_str("</ol>\n");
    let doors = picture.other_doors.iter().map(|door| {
        let (class, sign) = (class(door.state), sign(door.state));
        format!("<span class=\"{class}\">{sign}</span> {}", escaped(&door.what))
    });
    section(page, "Other doors", doors);
    let plan = picture.plan.iter().flat_map(brief);
    section(page, "Plan", plan.map(|line| escaped(&line)));
    section(page, "Cost", picture.cost.iter().map(|cost| escaped(cost)));
    section(page, "Notes", picture.notes.iter().map(|note| escaped(note)));
    page.push_str("</article>\n");
}

fn check(page: &mut String, check: &Check, now: Timestamp) {
    let _ = writeln!(
        page,
        "<p><span class=\"{}\">{}</span> {}</p>",
        class(check.state),
        sign(check.state),
        escaped(&sentence(check, now))
    );
    if let Some(message) = &check.message {
        let _ = writeln!(page, "<p class=\"message\">{}</p>", escaped(message));
    }
}

/// `lines` are escaped already.
fn section(page: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = writeln!(page, "<h3>{title}</h3>\n<ul>");
    for line in lines {
        let _ = writeln!(page, "<li><p>{line}</p></li>");
    }
    page.push_str("</ul>\n");
}
