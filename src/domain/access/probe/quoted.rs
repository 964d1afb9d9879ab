//! What of an answer is quoted to people: its first sentence, without markup and without the secrets that the probe showed.

use super::Probe;
use std::cmp::Reverse;

/// At most so many characters of a body are quoted to people.
const QUOTE: usize = 300;

/// Before the ARN of what was asked for, which the probe's URL says shorter. What follows it says what refuses.
const RESOURCE: &str = " on resource: ";

/// A piece of a secret value that is shorter is looked for as a word of its own.
const LONG: usize = 6;

/// Stands in the place of a piece of a secret value.
const SECRET: &str = "‹secret›";

/// What a page of CloudFront's says besides its headings, which are the same on each.
pub(super) fn page_text(html: &str) -> String {
    let said = html.rsplit_once("</H2>").map(|(_, said)| without_tags(said));
    said.filter(|said| !said.is_empty())
        .unwrap_or_else(|| without_tags(html))
}

/// The text of an HTML page, on one line.
pub(super) fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if is_tag => {}
            c => text.push(c),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What was said, without what the probe showed: API Gateway and backends quote headers that they refuse, whole or in pieces.
pub(super) fn without_secrets(text: &str, probe: &Probe) -> String {
    let values = probe.headers.iter().map(|(_, value)| value.expose());
    let mut pieces: Vec<&str> = values.flat_map(words).collect();
    pieces.sort_unstable_by_key(|piece| Reverse(piece.len()));
    let long = pieces.iter().filter(|piece| piece.len() >= LONG);
    let text = long.fold(text.to_owned(), |text, piece| text.replace(piece, SECRET));
    let mut masked = String::new();
    let mut rest = text.as_str();
    while let Some(word) = words(rest).next() {
        let (before, after) = rest.split_once(word).unwrap_or((rest, ""));
        masked.push_str(before);
        masked.push_str(if pieces.contains(&word) { SECRET } else { word });
        rest = after;
    }
    masked + rest
}

/// Runs of letters and digits: wherever a value is split, it is not split within one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The start of what was said. API Gateway goes on with the canonical request, which has the signer's session token.
pub(super) fn first_sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = line.find(". ").map_or(line.len(), |end| end + 1);
    let sentence = without_resource(&line[..end]);
    let mut shown: String = sentence.chars().take(QUOTE).collect();
    if shown.len() < sentence.len() {
        shown.push('…');
    }
    shown
}

fn without_resource(sentence: &str) -> String {
    match sentence.split_once(RESOURCE) {
        None => sentence.to_owned(),
        Some((before, after)) => {
            let rest = after.find(' ').map_or("", |end| &after[end..]);
            format!("{before}{rest}")
        }
    }
}
