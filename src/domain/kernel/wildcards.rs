//! Patterns as IAM has them: `*` stands for any text, `?` for one character.

/// Whether `text` fits `pattern`.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    fits_with(pattern, text, Some('?'))
}

/// The same where a question mark is one, and no pattern.
#[must_use]
pub fn fits_stars(pattern: &str, text: &str) -> bool {
    fits_with(pattern, text, None)
}

fn fits_with(pattern: &str, text: &str, any_one: Option<char>) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Behind the last `*`, and how much of the text that takes so far.
    let mut any: Option<(usize, usize)> = None;
    while read < text.len() {
        match (pattern.get(at), any) {
            (Some('*'), _) => {
                at += 1;
                any = Some((at, read));
            }
            (Some(wanted), _) if Some(*wanted) == any_one || *wanted == text[read] => {
                at += 1;
                read += 1;
            }
            (_, Some((behind, taken))) => {
                at = behind;
                read = taken + 1;
                any = Some((behind, read));
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|left| *left == '*')
}

/// The same of an ARN: neither stands for what is on both sides of one of its first five colons.
#[must_use]
pub fn fits_arn(pattern: &str, arn: &str) -> bool {
    let parts = |text: &str| {
        text.splitn(6, ':')
            .map(ToOwned::to_owned)
            .collect::<Vec<String>>()
    };
    let (pattern, arn) = (parts(pattern), parts(arn));
    pattern.len() == arn.len()
        && pattern
            .iter()
            .zip(&arn)
            .all(|(pattern, part)| fits(pattern, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_a_question_mark_for_one_character() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("**", "a"),
            ("a*c", "abbc"),
            ("a*c", "acbc"),
            ("*b?", "aabc"),
            ("a?c", "abc"),
            ("a*", "a"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a*c", "abcd"),
            ("a?c", "ac"),
            ("?", ""),
            ("*b?", "aab"),
            ("abc", "abcd"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_question_mark_that_is_no_pattern_stands_for_itself_alone() {
        for (pattern, text, wanted) in [
            ("a?c", "a?c", true),
            ("a?c", "abc", false),
            ("*?", "ab?", true),
            ("*?", "abc", false),
            ("", "", true),
        ] {
            assert_eq!(fits_stars(pattern, text), wanted, "{pattern} {text}");
        }
    }

    #[test]
    fn no_wildcard_reaches_over_a_colon_of_an_arn() {
        let role = "arn:aws:iam::111122223333:role/a/b:c";
        for (pattern, wanted) in [
            ("arn:aws:iam::*:role/a/*", true),
            ("arn:*:iam::????????????:role/*c", true),
            ("arn:aws:iam:*:role/a/b:c", false),
            ("arn:*", false),
            ("*", false),
        ] {
            assert_eq!(fits_arn(pattern, role), wanted, "{pattern}");
        }
    }
}
