//! Path patterns of behaviours, as CloudFront reads them.

use crate::api::DetoursStatus;

/// The first path pattern that leads the path elsewhere; what follows a question mark is no part of it.
#[must_use]
pub fn aside<'a>(detours: &'a DetoursStatus, path: &str) -> Option<&'a str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut patterns = detours.path_patterns.iter();
    patterns.find(|pattern| fits(pattern, path)).map(String::as_str)
}

/// Whether a path is one of `pattern`'s, in which `*` stands for any characters and `?` for one.
#[must_use]
pub fn fits(pattern: &str, path: &str) -> bool {
    let bare = |text: &str| {
        text.strip_prefix('/')
            .unwrap_or(text)
            .chars()
            .collect::<Vec<char>>()
    };
    fits_at(&bare(pattern), &bare(path))
}

fn fits_at(pattern: &[char], path: &[char]) -> bool {
    // Where the last star stands, and the first character that it does not take yet.
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < path.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == path[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((of, taken)) => {
                    star = Some((of, taken + 1));
                    (at, from) = (of + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at.min(pattern.len())..].iter().all(|rest| *rest == '*')
}
