//! Sentences, ages and lines, as every form of the picture has them.

use super::picture::{Check, State};
use jiff::Timestamp;
use unicode_width::UnicodeWidthStr as _;

/// A condition in one sentence, without its message.
pub(super) fn sentence(check: &Check, now: Timestamp) -> String {
    if check.reason.is_empty() {
        return format!("{}: not reported", check.condition);
    }
    let mut text = format!("{}: {}", check.condition, check.reason);
    if let Some(since) = check.since {
        text = format!("{text}, {}", age(since, now));
    }
    if let Some(awaited) = check.awaited {
        text = format!("{text}; waits for {}", awaited.what);
        if let Some(usually) = awaited.usually {
            text = format!("{text}, {usually}");
        }
    }
    text
}

/// How long ago, in one unit.
pub(super) fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        ..120 => format!("{seconds}s"),
        120..7_200 => format!("{minutes}m"),
        7_200..172_800 => format!("{hours}h"),
        _ => format!("{days}d"),
    }
}

/// One sign for a state, where colour may be missing.
pub(super) fn sign(state: State) -> &'static str {
    match state {
        State::Good => "✔",
        State::Waiting => "…",
        State::Bad => "✘",
        State::Unknown => "?",
        State::Off => "–",
    }
}

/// `text` in lines of at most `room` columns, broken between words, and within a word only where it is longer than a line.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    // The widest letter is one of three columns.
    let room = room.max(4);
    let mut lines = vec![];
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for letter in word.chars() {
            // With the letter, for some letters are wider or narrower together than apart.
            line.push(letter);
            if line.width() > room {
                line.pop();
                lines.push(std::mem::take(&mut line));
                line.push(letter);
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The beginning of `text` that fits `room` columns, with `mark` at its end where something is left out.
pub(super) fn cut(text: &str, room: usize, mark: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut begun = String::new();
    for letter in text.chars() {
        begun.push(letter);
        if begun.width() + mark.width() > room {
            begun.pop();
            break;
        }
    }
    // Where not even the mark fits, there is nothing.
    match begun.trim_end() {
        "" if room < mark.width() => String::new(),
        begun => format!("{begun}{mark}"),
    }
}

/// The end of `text` that fits `room` columns, with `mark` before it where something is left out.
pub(super) fn cut_before(text: &str, room: usize, mark: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let fits = |start: &usize| {
        text.get(*start..)
            .is_some_and(|end| end.width() + mark.width() <= room)
    };
    let mut starts = text.char_indices().map(|(start, _)| start);
    let end = starts.find(fits).and_then(|start| text.get(start..));
    end.map_or_else(String::new, |end| format!("{mark}{end}"))
}

/// `text` as it stands in XML and HTML, between tags or in an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

/// One word of a shell, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The same, without quotes where it needs none.
pub(super) fn argument(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    quoted(text)
}

/// A command of kubectl for the cluster of this context. kubectl hands options before `palisade` to no plugin.
#[must_use]
pub fn in_context(command: &str, context: Option<&str>) -> String {
    let Some(context) = context.map(argument) else {
        return command.to_owned();
    };
    match command.strip_prefix("kubectl ") {
        Some(rest) if !rest.starts_with("palisade ") => format!("kubectl --context {context} {rest}"),
        _ => format!("{command} --context {context}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_within_a_word_only_where_they_must() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("of abcdefghij", 4), ["of", "abcd", "efgh", "ij"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("漢字漢字", 4), ["漢字", "漢字"]);
    }

    #[test]
    fn what_is_cut_says_so_and_fits() {
        assert_eq!(cut("petstore", 8, "…"), "petstore");
        assert_eq!(cut("petstore", 5, "…"), "pets…");
        assert_eq!(cut("pet store", 6, ".."), "pet..");
        assert_eq!(cut("petstore", 1, "..."), "");
    }

    #[test]
    fn what_is_cut_at_its_beginning_keeps_its_end() {
        assert_eq!(cut_before("shop/petstore", 13, "…"), "shop/petstore");
        assert_eq!(cut_before("shop/petstore", 9, "…"), "…petstore");
        assert_eq!(cut_before("漢字漢字", 5, "…"), "…漢字");
        assert_eq!(cut_before("petstore", 2, "..."), "");
    }

    #[test]
    fn ages_are_short_and_never_negative() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (7_200, "2h"),
            (172_800, "2d"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(age(at(0), at(seconds)), expected);
        }
        assert_eq!(age(at(10), at(0)), "0s");
    }

    #[test]
    fn nothing_that_begins_a_tag_or_ends_an_attribute_is_left() {
        assert_eq!(escaped("<a b='\"&'>"), "&lt;a b=&#39;&quot;&amp;&#39;&gt;");
    }
}
