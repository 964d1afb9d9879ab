//! What `GetSampledRequests` tells of a rule: how many requests matched, as far as a sample tells, and which.

use super::promotion::Declared;
use crate::api::MatchedStatus;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// AWS answers no more requests at a time.
pub const MOST: i64 = 500;
/// AWS keeps samples for three hours. A little less is asked for, so that all of it is answered.
pub(super) const KEPT: SignedDuration = SignedDuration::from_mins(170);
/// A sample may come late: so much of the time before is asked for once more. What matched in it counts
/// twice: rather too many than too few.
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(5);
/// Of a time that AWS cut short, so many parts are asked for besides,
const PARTS: i64 = 6;
/// none of them shorter than that.
const SHORTEST: i64 = 60;
/// So many paths and countries are told.
const TOLD: usize = 3;
/// So many characters of a path.
const LONGEST: usize = 100;

/// A time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What is asked of AWS for one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// ARN of the web ACL.
    pub web_acl_arn: String,
    /// Name of the rule's metric.
    pub metric: String,
    /// When the requests came.
    pub window: Window,
}

/// What AWS answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// The requests that matched, [`MOST`] at most.
    pub requests: Vec<Request>,
    /// Of how many they were taken.
    pub population: i64,
    /// When those came, where AWS says so: it looks at the first 5,000 alone.
    pub window: Option<Window>,
}

/// A request that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its path, as the viewer wrote it.
    pub path: String,
    /// The country that it came from.
    pub country: String,
    /// For how many requests it stands, beside the others.
    pub weight: i64,
    /// The rule of a group that it matched, such as `AWS#AWSManagedRulesCommonRuleSet#NoUserAgent_HEADER`.
    pub rule: Option<String>,
}

/// What a rule's samples come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Matches {
    pub number: i64,
    pub paths: Vec<MatchedStatus>,
    pub countries: Vec<MatchedStatus>,
}

/// What the samples that were `read` come to for `declared`, each with the time that it was asked for.
pub(super) fn matches(read: &[(Window, Sampled)], declared: &Declared) -> Matches {
    let all: Vec<Matches> = read
        .iter()
        .map(|(asked, sampled)| sampled.matches(declared, *asked))
        .collect();
    let merged = |of: fn(&Matches) -> &Vec<MatchedStatus>| {
        let values = all.iter().flat_map(of);
        most(values.map(|found| (found.value.clone(), found.matches)))
    };
    Matches {
        number: all.iter().fold(0_i64, |sum, one| sum.saturating_add(one.number)),
        paths: merged(|one| &one.paths),
        countries: merged(|one| &one.countries),
    }
}

impl Sampled {
    /// The times that are to be asked for besides: AWS looked at the first requests of `asked` alone, and found none that matches. That
    /// says nothing of what came later, such as at each full hour, so parts of all the rest are looked into.
    #[must_use]
    pub fn left(&self, declared: &Declared, asked: Window) -> Vec<Window> {
        let Some(rest) = self.window.map(|seen| Window {
            from: seen.to.max(asked.from),
            to: asked.to,
        }) else {
            return vec![];
        };
        let length = rest.to.duration_since(rest.from).as_secs();
        if length < SHORTEST || self.matches(declared, asked).number > 0 {
            return vec![];
        }
        let parts = (length / SHORTEST).min(PARTS);
        let at = |part: i64| {
            let passed = SignedDuration::from_secs(length.saturating_mul(part) / parts);
            rest.from.saturating_add(passed).unwrap_or(rest.to)
        };
        let parts = (0..parts).map(|part| Window {
            from: at(part),
            to: at(part.saturating_add(1)),
        });
        parts.collect()
    }

    /// What they come to for `declared`, of which they were asked for in `asked`. In doubt it is more rather than less: more matches only
    /// have a rule count longer.
    pub(super) fn matches(&self, declared: &Declared, asked: Window) -> Matches {
        let counts = |request: &&Request| declared.would_act(request.rule.as_deref());
        let counted: Vec<&Request> = self.requests.iter().filter(counts).collect();
        let weight = |request: &Request| i128::from(request.weight.max(1));
        let of_all: i128 = self.requests.iter().map(weight).sum();
        let of_counted: i128 = counted.iter().copied().map(weight).sum();
        if of_counted == 0 {
            return Matches::default();
        }
        let all = of_all.max(i128::from(self.population));
        let share = divided(all * of_counted, of_all);
        let seen = self.window.map_or(0, seconds).max(1);
        let is_cut_short = self.window.is_some_and(|window| window.to < asked.to) && seen < seconds(asked);
        let number = if is_cut_short {
            divided(share * seconds(asked), seen)
        } else {
            share
        };
        Matches {
            number: i64::try_from(number.max(1)).unwrap_or(i64::MAX),
            paths: most(
                counted
                    .iter()
                    .map(|request| (path(&request.path), request.weight)),
            ),
            countries: most(counted.iter().filter_map(|request| {
                let is_code =
                    request.country.len() == 2 && request.country.bytes().all(|c| c.is_ascii_uppercase());
                is_code.then(|| (request.country.clone(), request.weight))
            })),
        }
    }
}

fn seconds(window: Window) -> i128 {
    i128::from(window.to.duration_since(window.from).as_secs())
}

/// Rounded to the nearest.
fn divided(number: i128, by: i128) -> i128 {
    (number + by / 2) / by
}

/// The values that come most, by weight.
fn most(values: impl Iterator<Item = (String, i64)>) -> Vec<MatchedStatus> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (value, weight) in values {
        let sum = sums.entry(value).or_default();
        *sum = sum.saturating_add(weight.max(1));
    }
    let mut all: Vec<(String, i64)> = sums.into_iter().collect();
    all.sort_by_key(|(_, matches)| Reverse(*matches));
    let all = all.into_iter().take(TOLD);
    all.map(|(value, matches)| MatchedStatus { value, matches })
        .collect()
}

/// A path that people may be shown: viewers write what they like. Query strings may have secrets.
fn path(given: &str) -> String {
    let path = given.split(['?', '#']).next().unwrap_or_default();
    let shown = |c: char| if c.is_ascii_graphic() { c } else { '_' };
    let mut out: String = path.chars().take(LONGEST).map(shown).collect();
    if path.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::firewall::promotion::declared_fixture;

    fn at(time: &str) -> Timestamp {
        format!("2026-01-01T{time}Z").parse().unwrap()
    }

    fn window(to: &str) -> Window {
        Window {
            from: at("10:00:00"),
            to: at(to),
        }
    }

    fn request(path: &str, country: &str, weight: i64) -> Request {
        Request {
            path: path.to_owned(),
            country: country.to_owned(),
            weight,
            rule: None,
        }
    }

    fn sampled(requests: Vec<Request>, population: i64) -> Sampled {
        Sampled {
            requests,
            population,
            window: Some(window("11:00:00")),
        }
    }

    #[test]
    fn a_sample_stands_for_as_many_requests_as_it_was_taken_of() {
        let number = |population| {
            let sampled = sampled(vec![request("/a", "SE", 1), request("/a", "SE", 1)], population);
            sampled.matches(&declared_fixture(), window("11:00:00")).number
        };
        assert_eq!((number(2), number(0), number(4000)), (2, 2, 4000));
        let none = sampled(vec![], 4000).matches(&declared_fixture(), window("11:00:00"));
        assert_eq!(none, Matches::default());
    }

    #[test]
    fn what_came_after_the_first_five_thousand_is_taken_for_the_same() {
        let cut_short = Sampled {
            window: Some(window("10:15:00")),
            ..sampled(vec![request("/a", "SE", 1)], 5000)
        };
        assert_eq!(
            cut_short.matches(&declared_fixture(), window("11:00:00")).number,
            20_000
        );
    }

    #[test]
    fn where_aws_looked_at_the_first_requests_alone_and_found_nothing_all_of_the_rest_is_looked_into() {
        let rule = declared_fixture();
        let asked = window("11:00:00");
        let seen = |to: &str, requests| Sampled {
            window: Some(window(to)),
            ..sampled(requests, 5000)
        };
        let left = seen("10:30:00", vec![]).left(&rule, asked);
        let part = |from: &str, to: &str| Window {
            from: at(from),
            to: at(to),
        };
        assert_eq!((left.len(), left[0]), (6, part("10:30:00", "10:35:00")));
        assert!(left.windows(2).all(|two| two[0].to == two[1].from));
        assert_eq!(left[5], part("10:55:00", "11:00:00"));
        assert_eq!(seen("10:58:00", vec![]).left(&rule, asked).len(), 2);
        for nothing in [seen("11:00:00", vec![]), seen("10:59:30", vec![])] {
            assert_eq!(nothing.left(&rule, asked), vec![]);
        }
        let matched = seen("10:30:00", vec![request("/a", "SE", 1)]);
        assert_eq!(matched.left(&rule, asked), vec![], "it is reckoned up");
    }

    #[test]
    fn what_came_in_parts_of_a_time_is_put_together() {
        let of = |to: &str, path, number| {
            let sampled = sampled(vec![request(path, "SE", 1)], number);
            (
                window(to),
                Sampled {
                    window: None,
                    ..sampled
                },
            )
        };
        let read = [
            of("10:10:00", "/a", 1),
            of("10:20:00", "/b", 2),
            of("10:30:00", "/a", 3),
        ];
        let found = matches(&read, &declared_fixture());
        assert_eq!((found.number, found.countries[0].matches), (6, 3));
        assert_eq!((found.paths[0].value.as_str(), found.paths[0].matches), ("/a", 2));
    }

    #[test]
    fn what_a_group_has_a_rule_count_anyhow_is_no_match() {
        let of = |rule: &str, weight| Request {
            rule: Some(format!("AWS#Group#{rule}")),
            ..request("/a", "SE", weight)
        };
        let sampled = sampled(vec![of("Counted", 3), of("Blocking", 1)], 400);
        let found = sampled.matches(&declared_fixture(), window("11:00:00"));
        assert_eq!(found.number, 100);
        assert_eq!(found.paths[0].matches, 1);
    }

    #[test]
    fn the_paths_that_match_most_are_shown_short_and_harmless() {
        let long = format!("/{}", "x".repeat(300));
        let requests = vec![
            request("/login?token=secret", "SE", 5),
            request("/\u{1b}[31m\n", "se", 4),
            request(&long, "<b>", 3),
            request("/rare", "NO", 1),
        ];
        let found = sampled(requests, 4).matches(&declared_fixture(), window("11:00:00"));
        let paths: Vec<&str> = found.paths.iter().map(|path| path.value.as_str()).collect();
        assert_eq!(paths[..2], ["/login", "/_[31m_"]);
        assert_eq!((paths.len(), paths[2].chars().count()), (3, LONGEST + 1));
        let countries: Vec<&str> = found.countries.iter().map(|found| found.value.as_str()).collect();
        assert_eq!(countries, ["SE", "NO"]);
    }
}
