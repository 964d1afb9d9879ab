//! Which route a path leads to, and which path a probe takes.

use super::{CONNECT, Gate, Route};
use crate::api::{OriginType, ProbeMethod};

/// The stage that needs no name in a path, and the route that takes what no other does.
const DEFAULT: &str = "$default";

/// What a parameter of a path is filled with.
const FILLING: &str = "x";

/// As many parts more than it needs are tried for a path that leads to one route alone.
const DEEPEST: usize = 4;

/// Of two keys, 1 being the same.
const ALIKE: f64 = 0.75;

/// A path to probe, and the route that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The route: the stage may serve it, and the working copy have it no more.
    pub route: Route,
    /// The path as viewers write it; the origin path comes before it.
    pub viewer_path: String,
    /// The method.
    pub method: ProbeMethod,
}

/// What there is to choose from.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// The routes that may be probed.
    pub routes: &'a [&'a Route],
    /// Keys of every route that is served: another may answer a path that fits one of those.
    pub served: &'a [&'a str],
    /// The same, and of those that may be served soon.
    pub all: &'a [&'a str],
    /// What was probed last, as viewers write it.
    pub last: Option<(&'a str, ProbeMethod)>,
}

/// The methods that may be asked for, the most harmless first. DELETE needs no body to do its work.
const METHODS: [ProbeMethod; 6] = [
    ProbeMethod::Get,
    ProbeMethod::Head,
    ProbeMethod::Options,
    ProbeMethod::Post,
    ProbeMethod::Put,
    ProbeMethod::Patch,
];

/// What to probe: the declared path, or else the last one, or else the simplest, with the most harmless method there is. `burden` is
/// what a route asks for that no probe has: the less the better. `None` where no route fits.
#[must_use]
pub fn target(
    gate: &Gate,
    declared: Option<&str>,
    choice: Choice<'_>,
    burden: &dyn Fn(&Route) -> u8,
) -> Option<Target> {
    let is_last = |target: &Target| choice.last == Some((target.viewer_path.as_str(), target.method));
    let targets = |is_safe: bool| {
        METHODS
            .into_iter()
            .filter(move |method| method.is_safe() == is_safe)
            .filter_map(|method| match declared {
                Some(path) => declared_target(method, gate, path, choice),
                None => chosen_target(method, gate, choice, burden),
            })
            .min_by_key(|target| (burden(&target.route), !is_last(target)))
    };
    targets(true).or_else(|| targets(false))
}

fn declared_target(method: ProbeMethod, gate: &Gate, path: &str, choice: Choice<'_>) -> Option<Target> {
    let key = key_at(Some(method), gate, &direct_path(gate, path), choice.served)?;
    let route = choice.routes.iter().find(|route| route.key == key)?;
    Some(Target {
        route: (*route).clone(),
        viewer_path: path.to_owned(),
        method,
    })
}

fn chosen_target(
    method: ProbeMethod,
    gate: &Gate,
    choice: Choice<'_>,
    burden: &dyn Fn(&Route) -> u8,
) -> Option<Target> {
    let last = last_key(method, gate, choice);
    let path_of = |route: &Route| match (last, choice.last) {
        (Some(key), Some((path, _))) if key == route.key => Some(path.to_owned()),
        _ => example(method, gate, &route.key, choice.all),
    };
    let candidates = choice
        .routes
        .iter()
        .filter_map(|route| Some((*route, path_of(route)?)));
    let (route, viewer_path) = candidates.min_by_key(|(route, path)| {
        (
            burden(route),
            last != Some(route.key.as_str()),
            route.key.contains('{') || route.key == DEFAULT,
            path.len(),
            route.key.clone(),
        )
    })?;
    Some(Target {
        route: route.clone(),
        viewer_path,
        method,
    })
}

/// The route that the last path leads to by `method`, where that path would be chosen for it: a simpler one that came since changes
/// nothing, and one that was declared and is not any more is no choice of ours.
fn last_key<'a>(method: ProbeMethod, gate: &Gate, choice: Choice<'a>) -> Option<&'a str> {
    let (path, by) = choice.last.filter(|(_, by)| *by == method)?;
    let key = key_at(Some(by), gate, &direct_path(gate, path), choice.served)?;
    (example(method, gate, key, choice.served).as_deref() == Some(path)).then_some(key)
}

/// The path past the perimeter that a viewer's `path` becomes.
#[must_use]
pub fn direct_path(gate: &Gate, path: &str) -> String {
    format!("{}{path}", gate.origin_path)
}

/// `/prod`, or nothing for the stage that needs no name.
fn stage_prefix(gate: &Gate) -> String {
    if gate.stage == DEFAULT {
        String::new()
    } else {
        format!("/{}", gate.stage)
    }
}

/// What follows `prefix` in `path`, where `path` lies below it.
pub(in crate::domain::access) fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path of the stage as viewers write it: the origin path, which CloudFront puts before theirs, is no part of it.
#[must_use]
pub fn viewers_path(gate: &Gate, path: &str) -> String {
    let whole = format!("{}{path}", stage_prefix(gate));
    let viewers = below(&whole, &gate.origin_path);
    viewers
        .filter(|path| !path.is_empty())
        .unwrap_or(&whole)
        .to_owned()
}

/// A path, as viewers write it, that leads to the route `key` by `wanted`, and to none of the others.
fn example(wanted: ProbeMethod, gate: &Gate, key: &str, all: &[&str]) -> Option<String> {
    if gate.r#type == OriginType::WebSocket {
        let path = viewers_path(gate, "");
        let path = if path == gate.origin_path {
            "/".to_owned()
        } else {
            path
        };
        return (key == CONNECT && wanted == ProbeMethod::Get).then_some(path);
    }
    (0..=DEEPEST).find_map(|depth| {
        let path = filled(wanted, gate, key, depth)?;
        let viewers = below(&path, &gate.origin_path)?;
        let viewers = if viewers.is_empty() { "/" } else { viewers };
        // Whether a path without the method falls to a route above it is not documented: neither may lead elsewhere.
        let leads_here = |method| key_at(method, gate, &direct_path(gate, viewers), all) == Some(key);
        let is_sole = match gate.r#type {
            OriginType::Rest => leads_here(Some(wanted)) && is_of_path_at(gate, viewers, key, all),
            _ => leads_here(Some(wanted)),
        };
        is_sole.then(|| viewers.to_owned())
    })
}

/// Whether the resource that fits the path best, whatever its methods, is that of the route `key`.
fn is_of_path_at(gate: &Gate, viewers: &str, key: &str, all: &[&str]) -> bool {
    let path = |key: &str| key.split_once(' ').map(|(_, path)| path.to_owned());
    let best = key_at(None, gate, &direct_path(gate, viewers), all);
    best.and_then(path) == path(key)
}

/// The route's path with its parameters filled, the stage before it: below the origin path, and `depth` parts more than it needs
/// where it takes as many as there are.
fn filled(wanted: ProbeMethod, gate: &Gate, key: &str, depth: usize) -> Option<String> {
    let prefix = stage_prefix(gate);
    // What the origin path demands below the stage.
    let demanded = below(&gate.origin_path, &prefix).unwrap_or_default();
    let mut demanded = demanded.split('/').filter(|part| !part.is_empty());
    let (method, pattern) = if key == DEFAULT {
        ("ANY", "/{proxy+}")
    } else {
        key.split_once(' ')?
    };
    if method != wanted.as_str() && method != "ANY" {
        return None;
    }
    let mut path = prefix;
    let mut is_greedy = false;
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        is_greedy = part.ends_with("+}");
        let has = demanded.next();
        let part = match (part.starts_with('{'), has) {
            (true, Some(demanded)) => demanded,
            (true, None) if key == DEFAULT && depth == 0 => "",
            (true, None) => FILLING,
            (false, Some(demanded)) if demanded != part => return None,
            (false, _) => part,
        };
        path = format!("{path}/{part}");
    }
    let rest: Vec<&str> = demanded.collect();
    if !is_greedy {
        let is_whole = rest.is_empty() && depth == 0;
        return is_whole.then(|| if pattern == "/" { format!("{path}/") } else { path });
    }
    let more = if key == DEFAULT {
        depth.saturating_sub(1)
    } else {
        depth
    };
    let parts = rest.into_iter().chain(std::iter::repeat_n(FILLING, more));
    Some(parts.fold(path, |path, part| format!("{path}/{part}")))
}

/// The route that `method` of `path`, stage included, leads to: the most specific one, as API Gateway chooses. Without a method, that
/// of any that fits the path best.
fn key_at<'a>(method: Option<ProbeMethod>, gate: &Gate, path: &str, all: &[&'a str]) -> Option<&'a str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let inner = below(path, &stage_prefix(gate))?;
    if gate.r#type == OriginType::WebSocket {
        let is_root = inner.is_empty() || inner == "/";
        let is_handshake = is_root && method == Some(ProbeMethod::Get);
        return all.iter().copied().find(|key| is_handshake && *key == CONNECT);
    }
    all.iter()
        .copied()
        .filter_map(|key| {
            Some((
                specificity(gate.r#type, method.map(ProbeMethod::as_str), key, inner)?,
                key,
            ))
        })
        .max_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, key)| key)
}

/// The one of `all` that a GET of a viewer's `path` leads to.
pub(in crate::domain::access) fn route_at<'a>(gate: &Gate, path: &str, all: &[&'a str]) -> Option<&'a str> {
    key_at(Some(ProbeMethod::Get), gate, &direct_path(gate, path), all)
}

/// The route of an API of `type` that answers what `key` would, were it a route.
pub(in crate::domain::access) fn answered_by<'a>(
    r#type: OriginType,
    key: &str,
    routes: &'a [Route],
) -> Option<&'a Route> {
    let (method, path) = key.split_once(' ')?;
    routes
        .iter()
        .filter_map(|route| Some((specificity(r#type, Some(method), &route.key, path)?, route)))
        .max_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, route)| route)
}

/// The route whose key is so like `key` that it may have been meant.
pub(in crate::domain::access) fn like<'a>(key: &str, routes: &'a [Route]) -> Option<&'a Route> {
    let likeness = |route: &Route| {
        let (key, known) = (key.to_ascii_lowercase(), route.key.to_ascii_lowercase());
        strsim::normalized_levenshtein(&key, &known)
    };
    let alike = routes.iter().map(|route| (likeness(route), route));
    alike
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, route)| route)
}

fn parts(text: &str) -> Vec<&str> {
    text.trim_matches('/').split('/').collect()
}

/// How a part of a route's path fits a part of a path: a later one goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// `{proxy+}`
    Greedy,
    /// `{id}`
    Parameter,
    /// `pets`
    Literal,
}

impl Fit {
    fn of(pattern: &str) -> Self {
        if pattern.ends_with("+}") {
            Self::Greedy
        } else if pattern.starts_with('{') {
            Self::Parameter
        } else {
            Self::Literal
        }
    }
}

/// How well the route `key` fits `wanted` of `path`, as API Gateway chooses: of an HTTP API whether it fits to the path's end
/// without a greedy part (API Gateway's guide, `http-api-develop-routes`), then its parts from left to right, then whether the method
/// is named; `None` where it does not.
fn specificity(
    r#type: OriginType,
    wanted: Option<&str>,
    key: &str,
    path: &str,
) -> Option<(bool, Vec<Fit>, bool)> {
    if key == DEFAULT {
        return Some((false, vec![], false));
    }
    let (method, pattern) = key.split_once(' ')?;
    if wanted.is_some_and(|wanted| method != wanted && method != "ANY") {
        return None;
    }
    let (pattern, path) = (parts(pattern), parts(path));
    let rank: Vec<Fit> = pattern.iter().map(|part| Fit::of(part)).collect();
    let fits_length = if rank.last() == Some(&Fit::Greedy) {
        path.len() >= pattern.len()
    } else {
        path.len() == pattern.len()
    };
    let fits = fits_length
        && pattern
            .iter()
            .zip(&path)
            .zip(&rank)
            .all(|((pattern, part), fit)| match fit {
                Fit::Literal => pattern == part,
                Fit::Parameter | Fit::Greedy => !part.is_empty(),
            });
    let is_full = r#type == OriginType::Http && rank.last() != Some(&Fit::Greedy);
    fits.then_some((is_full, rank, method != "ANY"))
}

#[cfg(test)]
mod tests;
