//! Methods as patterns of a resource policy, whose `*` stands for anything, slashes included.

/// A part of what a pattern, or a method's path, lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Just this.
    Char(char),
    /// Anything, or nothing.
    Any,
    /// Something without a slash.
    Some,
    /// Anything without a slash, or nothing.
    Rest,
}

/// `GET /pets/{petId}` as a pattern: `GET/pets/*`.
#[must_use]
pub fn pattern(key: &str) -> String {
    let (method, path) = key.split_once(' ').unwrap_or((key, ""));
    let method = if method == "ANY" { "*" } else { method };
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "*" } else { part });
    format!("{method}{}", parts.collect::<Vec<_>>().join("/"))
}

/// Whether a request for the method `key` may fit `pattern`.
#[must_use]
pub fn may_fit(key: &str, pattern: &str) -> bool {
    meet(&requests(key), &pattern.chars().map(part).collect::<Vec<_>>())
}

/// Whether all that fits `pattern` fits `other`.
#[must_use]
pub fn is_covered(pattern: &str, other: &str) -> bool {
    // A star of the pattern's own is covered by a star only, as a character that no request has would be.
    let pattern = pattern
        .chars()
        .map(|c| Part::Char(if c == '*' { '\0' } else { c }));
    meet(
        &pattern.collect::<Vec<_>>(),
        &other.chars().map(part).collect::<Vec<_>>(),
    )
}

/// Whether a request for the method `key` of `stage` may fit `pattern`, which speaks of stages as well.
#[must_use]
pub fn may_fit_at(stage: &str, key: &str, pattern: &str) -> bool {
    let asked: Vec<Part> = stage
        .chars()
        .chain(['/'])
        .map(Part::Char)
        .chain(requests(key))
        .collect();
    // A question mark, which stands for one character, may stand for a star here.
    meet(
        &asked,
        &pattern.replace('?', "*").chars().map(part).collect::<Vec<_>>(),
    )
}

/// Whether all requests for the method `key` of `stage` fit `pattern`, which speaks of stages as well.
#[must_use]
pub fn is_covered_at(stage: &str, key: &str, within: &str) -> bool {
    is_covered(&format!("{stage}/{}", pattern(key)), within)
}

/// Whether a text without slashes fits a pattern, whose `?` stands for one character.
#[must_use]
pub fn is_matched(text: &str, pattern: &str) -> bool {
    let one = |c: char| if c == '?' { Part::Some } else { part(c) };
    meet(
        &text.chars().map(Part::Char).collect::<Vec<_>>(),
        &pattern.chars().map(one).collect::<Vec<_>>(),
    )
}

fn part(c: char) -> Part {
    if c == '*' { Part::Any } else { Part::Char(c) }
}

/// What requests for the method look like.
fn requests(key: &str) -> Vec<Part> {
    let (method, path) = key.split_once(' ').unwrap_or((key, ""));
    let mut parts = if method == "ANY" {
        vec![Part::Some, Part::Rest]
    } else {
        method.chars().map(Part::Char).collect()
    };
    for segment in path.split('/').skip(1) {
        parts.push(Part::Char('/'));
        if segment.ends_with("+}") {
            parts.extend([Part::Some, Part::Any]);
        } else if segment.starts_with('{') {
            parts.extend([Part::Some, Part::Rest]);
        } else {
            parts.extend(segment.chars().map(Part::Char));
        }
    }
    parts
}

/// Whether there is a text that fits both.
fn meet(a: &[Part], b: &[Part]) -> bool {
    let mut open = vec![(0, 0)];
    let mut seen = std::collections::BTreeSet::new();
    let is_star = |part: Part| matches!(part, Part::Any | Part::Rest);
    while let Some((i, j)) = open.pop() {
        if !seen.insert((i, j)) {
            continue;
        }
        if i == a.len() && j == b.len() {
            return true;
        }
        let (left, right) = (a.get(i).copied(), b.get(j).copied());
        if left.is_some_and(is_star) {
            open.push((i + 1, j));
        }
        if right.is_some_and(is_star) {
            open.push((i, j + 1));
        }
        if let (Some(left), Some(right)) = (left, right)
            && share_a_character(left, right)
        {
            open.push((i + usize::from(!is_star(left)), j + usize::from(!is_star(right))));
        }
    }
    false
}

fn share_a_character(a: Part, b: Part) -> bool {
    match (a, b) {
        (Part::Char(a), Part::Char(b)) => a == b,
        (Part::Char('/'), Part::Some | Part::Rest) | (Part::Some | Part::Rest, Part::Char('/')) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_become_patterns() {
        for (key, wanted) in [
            ("GET /pets", "GET/pets"),
            ("GET /pets/{petId}/toys", "GET/pets/*/toys"),
            ("ANY /{proxy+}", "*/*"),
            ("POST /", "POST/"),
        ] {
            assert_eq!(pattern(key), wanted);
            assert!(may_fit(key, wanted), "{key}");
        }
    }

    #[test]
    fn a_text_fits_its_pattern_however_many_stars_that_has() {
        for (pattern, fits) in [
            ("execute-api:invoke", true),
            ("execute-api:inv*", true),
            ("*:?nvoke", true),
            ("execute-api:?invoke", false),
            ("execute-api:invoke?", false),
            ("", false),
        ] {
            assert_eq!(is_matched("execute-api:invoke", pattern), fits, "{pattern}");
        }
        assert!(is_matched("execute-api:invoke", &"*".repeat(4000)));
        assert!(!is_matched("execute-api:invoke", &"*e".repeat(2000)));
    }

    #[test]
    fn what_a_pattern_lets_through_is_told_from_what_it_does_not() {
        for (key, pattern, fits) in [
            ("GET /health", "GET/pets", false),
            ("GET /health", "*/*", true),
            ("GET /health", "GET/*", true),
            ("GET /health", "POST/*", false),
            ("GET /pets/{petId}", "GET/pets/*/toys", false),
            ("GET /pets/{petId}/toys", "GET/pets/*", true),
            ("GET /pets/{petId}", "GET/pets/mine", true),
            ("ANY /health", "GET/health", true),
            ("ANY /{proxy+}", "GET/a/b", true),
            ("GET /", "GET/", true),
            ("GET /a", "*/b/a", false),
        ] {
            assert_eq!(may_fit(key, pattern), fits, "{key} and {pattern}");
        }
    }

    #[test]
    fn a_pattern_covers_what_is_narrower() {
        for (pattern, other, covered) in [
            ("GET/pets", "GET/*", true),
            ("GET/pets/*", "*/*", true),
            ("*/*", "GET/*", false),
            ("GET/*", "GET/pets", false),
            ("GET/pets", "GET/pets", true),
        ] {
            assert_eq!(is_covered(pattern, other), covered, "{pattern} and {other}");
        }
    }
}
