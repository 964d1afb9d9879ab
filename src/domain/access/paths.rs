//! Which door a path leads to, and which path a probe takes.

use super::asked::{CONNECT, Door, Gate};
use crate::api::{OriginType, ProbeMethod};

/// The stage that needs no name in a path, and the route that takes what no other does.
const DEFAULT: &str = "$default";

/// What a parameter of a path is filled with.
const FILLING: &str = "x";

/// As many parts more than it needs are tried for a path that leads to one door alone.
const DEEPEST: usize = 4;

/// Of two keys, 1 being the same.
const ALIKE: f64 = 0.75;

/// A path to probe, and the door that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    /// The door.
    pub door: &'a Door,
    /// The path as viewers write it; the origin path comes before it.
    pub viewer_path: String,
    /// The method.
    pub method: ProbeMethod,
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

/// What to probe: the declared path, or else the simplest, with the most harmless method there is. `doors` are those that are
/// locked, `all` the keys of every door of the stage, for another may answer a path that fits one of them. `burden` is what a door
/// asks for that no probe has: the less the better. `None` where no door fits.
#[must_use]
pub fn target<'a>(
    gate: &Gate,
    declared: Option<&str>,
    doors: &[&'a Door],
    all: &[&str],
    burden: &dyn Fn(&Door) -> u8,
) -> Option<Target<'a>> {
    let targets = |is_safe: bool| {
        METHODS
            .into_iter()
            .filter(move |method| method.is_safe() == is_safe)
            .filter_map(|method| match declared {
                Some(path) => declared_target(method, gate, path, doors, all),
                None => chosen_target(method, gate, doors, all, burden),
            })
            .min_by_key(|target| burden(target.door))
    };
    targets(true).or_else(|| targets(false))
}

fn declared_target<'a>(
    method: ProbeMethod,
    gate: &Gate,
    path: &str,
    doors: &[&'a Door],
    all: &[&str],
) -> Option<Target<'a>> {
    let key = key_at(Some(method), gate, &direct_path(gate, path), all)?;
    let door = doors.iter().find(|door| door.key == key)?;
    Some(Target {
        door,
        viewer_path: path.to_owned(),
        method,
    })
}

fn chosen_target<'a>(
    method: ProbeMethod,
    gate: &Gate,
    doors: &[&'a Door],
    all: &[&str],
    burden: &dyn Fn(&Door) -> u8,
) -> Option<Target<'a>> {
    let mut candidates: Vec<(&Door, String)> = doors
        .iter()
        .filter_map(|door| Some((*door, example(method, gate, &door.key, all)?)))
        .collect();
    candidates.sort_by_key(|(door, path)| {
        (
            burden(door),
            door.key.contains('{') || door.key == DEFAULT,
            path.len(),
            door.key.clone(),
        )
    });
    let (door, viewer_path) = candidates.into_iter().next()?;
    Some(Target {
        door,
        viewer_path,
        method,
    })
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
fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
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

/// A path, as viewers write it, that leads to the door `key` by `wanted`, and to none of the others.
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
        // Whether a path without the method falls to a door above it is not documented: neither may lead elsewhere.
        let leads_here = |method| key_at(method, gate, &direct_path(gate, viewers), all) == Some(key);
        let is_sole = match gate.r#type {
            OriginType::Rest => leads_here(Some(wanted)) && is_of_path_at(gate, viewers, key, all),
            _ => leads_here(Some(wanted)),
        };
        is_sole.then(|| viewers.to_owned())
    })
}

/// Whether the resource that fits the path best, whatever its methods, is that of the door `key`.
fn is_of_path_at(gate: &Gate, viewers: &str, key: &str, all: &[&str]) -> bool {
    let path = |key: &str| key.split_once(' ').map(|(_, path)| path.to_owned());
    let best = key_at(None, gate, &direct_path(gate, viewers), all);
    best.and_then(path) == path(key)
}

/// The door's path with its parameters filled, the stage before it: below the origin path, and `depth` parts more than it needs
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

/// The door that `method` of `path`, stage included, leads to: the most specific one, as API Gateway chooses. Without a method, that
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
        .filter_map(|key| Some((specificity(method.map(ProbeMethod::as_str), key, inner)?, key)))
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, key)| key)
}

/// The one of `all` that a GET of a viewer's `path` leads to.
pub(super) fn door_at<'a>(gate: &Gate, path: &str, all: &[&'a str]) -> Option<&'a str> {
    key_at(Some(ProbeMethod::Get), gate, &direct_path(gate, path), all)
}

/// The door that answers what `key` would, were it a door.
pub(super) fn answered_by<'a>(key: &str, doors: &'a [Door]) -> Option<&'a Door> {
    let (method, path) = key.split_once(' ')?;
    doors
        .iter()
        .filter_map(|door| Some((specificity(Some(method), &door.key, path)?, door)))
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, door)| door)
}

/// The door whose key is so like `key` that it may have been meant.
pub(super) fn like<'a>(key: &str, doors: &'a [Door]) -> Option<&'a Door> {
    let likeness = |door: &Door| {
        let (key, known) = (key.to_ascii_lowercase(), door.key.to_ascii_lowercase());
        strsim::normalized_levenshtein(&key, &known)
    };
    let alike = doors.iter().map(|door| (likeness(door), door));
    alike
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, door)| door)
}

/// How well the door `key` fits `wanted` of `path`: literal parts, then whether the method is named; `None` where it does not.
fn specificity(wanted: Option<&str>, key: &str, path: &str) -> Option<(usize, usize, bool)> {
    if key == DEFAULT {
        return Some((0, 0, false));
    }
    let (method, pattern) = key.split_once(' ')?;
    if wanted.is_some_and(|wanted| method != wanted && method != "ANY") {
        return None;
    }
    let parts =
        |text: &str| -> Vec<String> { text.trim_matches('/').split('/').map(ToOwned::to_owned).collect() };
    let (pattern, path) = (parts(pattern), parts(path));
    let is_greedy = pattern.last().is_some_and(|part| part.ends_with("+}"));
    let fits_length = if is_greedy {
        path.len() >= pattern.len()
    } else {
        path.len() == pattern.len()
    };
    let fits = fits_length
        && pattern.iter().zip(&path).all(|(pattern, part)| {
            if pattern.starts_with('{') {
                !part.is_empty()
            } else {
                pattern == part
            }
        });
    let literal = pattern.iter().filter(|part| !part.starts_with('{')).count();
    fits.then_some((1 + literal, usize::from(!is_greedy), method != "ANY"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::Authorization;
    use serde_json::Value;

    fn doors(keys: &[&str]) -> Vec<Door> {
        let door = |key: &&str| Door {
            key: (*key).to_owned(),
            id: (*key).to_owned(),
            authorization: Authorization::none(),
            integration: Value::Null,
        };
        keys.iter().map(door).collect()
    }

    fn gate(r#type: OriginType, stage: &str, origin_path: &str) -> Gate {
        Gate {
            region: "eu-north-1".into(),
            api_id: "a1b2c3d4e5".into(),
            stage: stage.into(),
            r#type,
            host: "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".into(),
            origin_path: origin_path.into(),
        }
    }

    /// (door, viewer's path) of the probe.
    fn probe(gate: &Gate, declared: Option<&str>, keys: &[&str]) -> Option<(String, String)> {
        let doors = doors(keys);
        let doors: Vec<&Door> = doors.iter().collect();
        target(gate, declared, &doors, keys, &|_| 0).map(|found| (found.door.key.clone(), found.viewer_path))
    }

    fn pair(door: &str, path: &str) -> (String, String) {
        (door.to_owned(), path.to_owned())
    }

    const PETS: [&str; 3] = ["POST /pets", "GET /pets/{petId}", "GET /pets"];

    #[test]
    fn without_a_path_the_simplest_get_is_probed() {
        assert_eq!(
            probe(&gate(OriginType::Rest, "prod", ""), None, &PETS),
            Some(pair("GET /pets", "/prod/pets"))
        );
        let hidden = gate(OriginType::Rest, "prod", "/prod");
        assert_eq!(probe(&hidden, None, &PETS), Some(pair("GET /pets", "/pets")));
        assert_eq!(
            probe(&hidden, None, &["ANY /{proxy+}"]),
            Some(pair("ANY /{proxy+}", "/x"))
        );
        assert_eq!(probe(&hidden, None, &["DELETE /pets"]), None);
    }

    #[test]
    fn without_a_get_the_most_harmless_method_is_probed() {
        let rest = gate(OriginType::Rest, "prod", "");
        let method = |keys: &[&str]| {
            let doors = doors(keys);
            let doors: Vec<&Door> = doors.iter().collect();
            target(&rest, None, &doors, keys, &|_| 0).map(|found| found.method)
        };
        assert_eq!(
            method(&["POST /pets", "OPTIONS /pets"]),
            Some(ProbeMethod::Options)
        );
        assert_eq!(method(&["PUT /pets", "POST /pets"]), Some(ProbeMethod::Post));
        assert_eq!(method(&["DELETE /pets"]), None, "it needs no body to delete");
    }

    #[test]
    fn a_door_that_asks_for_what_no_probe_has_is_the_last_choice() {
        let rest = gate(OriginType::Rest, "prod", "");
        let keys = ["GET /a", "GET /pets/{petId}"];
        let doors = doors(&keys);
        let doors: Vec<&Door> = doors.iter().collect();
        let burden = |door: &Door| u8::from(door.key == "GET /a");
        let found = target(&rest, None, &doors, &keys, &burden).unwrap();
        assert_eq!(found.door.key, "GET /pets/{petId}");
    }

    #[test]
    fn a_declared_path_leads_to_the_most_specific_door() {
        let rest = gate(OriginType::Rest, "prod", "");
        let keys = ["ANY /{proxy+}", "GET /pets/{petId}", "GET /pets/list"];
        assert_eq!(
            probe(&rest, Some("/prod/pets/list?x=1"), &keys).unwrap().0,
            "GET /pets/list"
        );
        assert_eq!(
            probe(&rest, Some("/prod/pets/7"), &keys).unwrap().0,
            "GET /pets/{petId}"
        );
        assert_eq!(
            probe(&rest, Some("/prod/else/where"), &keys).unwrap().0,
            "ANY /{proxy+}"
        );
        assert_eq!(probe(&rest, Some("/dev/pets/7"), &keys), None);
        assert_eq!(probe(&rest, Some("/prod/orders"), &PETS), None);
    }

    #[test]
    fn the_default_route_of_an_http_api_takes_what_no_other_takes() {
        let http = gate(OriginType::Http, "$default", "");
        let keys = ["$default", "GET /orders"];
        assert_eq!(probe(&http, None, &keys), Some(pair("GET /orders", "/orders")));
        assert_eq!(probe(&http, Some("/any/thing"), &keys).unwrap().0, "$default");
        assert_eq!(probe(&http, None, &["$default"]), Some(pair("$default", "/")));
    }

    #[test]
    fn a_key_that_is_no_door_is_answered_by_the_most_specific_one() {
        let doors = doors(&["ANY /{proxy+}", "ANY /health", "GET /pets/{petId}"]);
        let by = |key: &str| answered_by(key, &doors).map(|door| door.key.as_str());
        assert_eq!(by("GET /health"), Some("ANY /health"));
        assert_eq!(by("GET /pets/7"), Some("GET /pets/{petId}"));
        assert_eq!(by("POST /else/where"), Some("ANY /{proxy+}"));
        assert_eq!(by("/health"), None);
    }

    #[test]
    fn a_slip_of_the_pen_is_known_for_what_was_meant() {
        let doors = doors(&["GET /health", "POST /orders", "$default"]);
        let meant = |key: &str| like(key, &doors).map(|door| door.key.as_str());
        assert_eq!(meant("GET /healht"), Some("GET /health"));
        assert_eq!(meant("get /Health/"), Some("GET /health"));
        assert_eq!(meant("$defualt"), Some("$default"));
        assert_eq!(meant("GET /something-else"), None);
    }

    #[test]
    fn of_a_websocket_api_the_handshake_is_probed() {
        let keys = ["$connect", "$default"];
        let shown = gate(OriginType::WebSocket, "prod", "");
        assert_eq!(probe(&shown, None, &keys), Some(pair("$connect", "/prod")));
        let hidden = gate(OriginType::WebSocket, "prod", "/prod");
        assert_eq!(probe(&hidden, None, &keys), Some(pair("$connect", "/")));
        assert_eq!(direct_path(&hidden, "/"), "/prod/");
    }

    /// (door, viewer's path) of the probe where `kept` are locked, of `all`.
    fn probe_among(
        gate: &Gate,
        declared: Option<&str>,
        kept: &[&str],
        all: &[&str],
    ) -> Option<(String, String)> {
        let doors = doors(kept);
        let doors: Vec<&Door> = doors.iter().collect();
        target(gate, declared, &doors, all, &|_| 0).map(|found| (found.door.key.clone(), found.viewer_path))
    }

    #[test]
    fn a_path_that_another_door_answers_is_never_probed() {
        let http = gate(OriginType::Http, "$default", "");
        let all = ["ANY /{proxy+}", "GET /{code}"];
        assert_eq!(
            probe_among(&http, None, &["ANY /{proxy+}"], &all),
            Some(pair("ANY /{proxy+}", "/x/x"))
        );
        let all = ["$default", "GET /"];
        assert_eq!(
            probe_among(&http, None, &["$default"], &all),
            Some(pair("$default", "/x"))
        );
        let all = ["ANY /me", "GET /me"];
        let doors = doors(&["ANY /me"]);
        let doors: Vec<&Door> = doors.iter().collect();
        let found = target(&http, None, &doors, &all, &|_| 0).unwrap();
        assert_eq!(found.method, ProbeMethod::Head, "its GET is another's");
    }

    #[test]
    fn a_declared_path_of_a_door_that_stays_open_is_no_probe_of_a_lock() {
        let rest = gate(OriginType::Rest, "prod", "");
        let all = [
            "ANY /{proxy+}",
            "GET /health",
            "HEAD /health",
            "OPTIONS /health",
            "POST /health",
            "PUT /health",
            "PATCH /health",
        ];
        assert_eq!(
            probe_among(&rest, Some("/prod/health"), &["ANY /{proxy+}"], &all),
            None
        );
    }

    #[test]
    fn an_origin_path_below_the_stage_is_part_of_the_probe() {
        let rest = |path: &str| gate(OriginType::Rest, "prod", path);
        assert_eq!(
            probe(&rest("/prod/v1"), None, &["ANY /{proxy+}"]),
            Some(pair("ANY /{proxy+}", "/"))
        );
        assert_eq!(
            probe(&rest("/prod/v1"), None, &["GET /v1/a", "GET /v10/a"]),
            Some(pair("GET /v1/a", "/a"))
        );
        assert_eq!(
            probe(&rest("/prod/v1"), None, &["GET /v10/a"]),
            None,
            "no viewer reaches it"
        );
        let http = gate(OriginType::Http, "$default", "/v1");
        assert_eq!(probe(&http, None, &["$default"]), Some(pair("$default", "/")));
        assert_eq!(
            probe(&http, None, &["GET /{version}/pets/{id}"]),
            Some(pair("GET /{version}/pets/{id}", "/pets/x"))
        );
        assert_eq!(probe(&rest(""), Some("/production/x"), &["GET /uction/x"]), None);
    }
}
