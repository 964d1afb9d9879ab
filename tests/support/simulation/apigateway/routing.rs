//! Which stage, and which method or route, a request meets.

use super::{Api, Route, Routes};

/// The stage that a path names, and the rest of the path.
pub fn stage_of<'a>(api: &Api, path: &'a str) -> Option<(String, &'a str)> {
    let path = path.split('?').next().unwrap_or_default();
    let (first, _) = path.trim_start_matches('/').split_once('/').unzip();
    let first = first.unwrap_or(path.trim_start_matches('/'));
    if api.stages.contains_key(first) {
        let rest = &path.trim_start_matches('/')[first.len()..];
        return Some((first.to_owned(), if rest.is_empty() { "/" } else { rest }));
    }
    let is_default = api.observed.protocol == "HTTP" && api.stages.contains_key("$default");
    is_default.then(|| ("$default".to_owned(), path))
}

/// The method or route that a request meets: of an HTTP API one that fits whole before a greedy one, then the one whose parts fit
/// best, from left to right.
pub fn route_of<'a>(
    is_http: bool,
    routes: &'a Routes,
    method: &str,
    path: &str,
) -> Option<(&'a String, &'a Route)> {
    let fitting = routes.iter().filter_map(|found| {
        let (name, template) = found.0.split_once(' ')?;
        let is_exact = name == method;
        let rank = fit(template, path).filter(|_| is_exact || name == "ANY")?;
        let is_full = is_http && rank.last() != Some(&0);
        Some(((is_full, rank, is_exact), found))
    });
    let best = fitting
        .max_by_key(|(rank, _)| rank.clone())
        .map(|(_, found)| found);
    best.or_else(|| routes.get_key_value("$default"))
}

/// How well a template such as `/pets/{petId}` fits: for each part 2 where it is literal, 1 for a parameter, 0 for a
/// greedy one; `None` where it does not.
fn fit(template: &str, path: &str) -> Option<Vec<u8>> {
    let mut parts = path.trim_matches('/').split('/');
    let mut rank = Vec::new();
    for wanted in template.trim_matches('/').split('/') {
        let part = parts.next()?;
        if wanted.ends_with("+}") {
            rank.push(0);
            return Some(rank);
        }
        let is_parameter = wanted.starts_with('{');
        if !is_parameter && wanted != part {
            return None;
        }
        rank.push(if is_parameter { 1 } else { 2 });
    }
    parts.next().is_none().then_some(rank)
}

/// A path that a template fits.
pub fn example(template: &str) -> String {
    let parts = template
        .split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
