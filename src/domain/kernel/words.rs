//! Sentences that people read, and times as they are written.

use jiff::Timestamp;

/// A time as status, tags and messages have it: RFC 3339, in whole seconds, UTC.
#[must_use]
pub fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `text` at the beginning of a sentence: a word has a capital, the name of a field, an option or a command stays as it is.
#[must_use]
pub fn begun(text: &str) -> String {
    let first = text.split([' ', ',', ':']).next().unwrap_or_default();
    let is_word = first.chars().all(|c| c.is_ascii_lowercase());
    match text.split_at_checked(1) {
        Some((first, rest)) if is_word => format!("{}{rest}", first.to_ascii_uppercase()),
        _ => text.to_owned(),
    }
}

/// The beginning of a text that has more than `most` characters, and a mark beside those.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A sentence, and the one that follows it.
#[must_use]
pub fn joined(first: &str, then: Option<&str>) -> String {
    then.map_or_else(|| first.to_owned(), |then| format!("{first}. {then}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_ends_with_a_mark_and_what_fits_is_whole() {
        assert_eq!(cut("äbc", 3), "äbc");
        assert_eq!(cut("äbcd", 3), "äbc…");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn a_sentence_begins_with_a_capital_and_a_name_stays_as_it_is() {
        for (text, begun_as) in [
            ("quota reached: have it raised", "Quota reached: have it raised"),
            ("a tag", "A tag"),
            ("AWS WAF makes it", "AWS WAF makes it"),
            (
                "spec.webAcl.rules names nothing",
                "spec.webAcl.rules names nothing",
            ),
            ("--default-tags has too many", "--default-tags has too many"),
            ("`kubectl` shows it", "`kubectl` shows it"),
            ("äußerst", "äußerst"),
            ("", ""),
        ] {
            assert_eq!(begun(text), begun_as);
        }
    }
}
