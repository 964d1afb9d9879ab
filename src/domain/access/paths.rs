//! Which door a path leads to, and which path a probe takes.

use super::authorization::{CONNECT, Door, Gate};
use crate::api::{OriginType, ProbeMethod};

/// The stage that needs no name in a path.
const DEFAULT: &str = "$default";

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

/// What to probe: the declared path, or else the simplest, with the most harmless method there is. `burden` is what a
/// door asks for that no probe has: the less the better. `None` where no door fits.
#[must_use]
pub fn target<'a>(
    gate: &Gate,
    declared: Option<&str>,
    doors: &[&'a Door],
    burden: &dyn Fn(&Door) -> u8,
) -> Option<Target<'a>> {
    let targets = |is_safe: bool| {
        METHODS
            .into_iter()
            .filter(move |method| method.is_safe() == is_safe)
            .filter_map(|method| target_by(method, gate, declared, doors, burden))
            .min_by_key(|target| burden(target.door))
    };
    targets(true).or_else(|| targets(false))
}

fn target_by<'a>(
    method: ProbeMethod,
    gate: &Gate,
    declared: Option<&str>,
    doors: &[&'a Door],
    burden: &dyn Fn(&Door) -> u8,
) -> Option<Target<'a>> {
    if let Some(path) = declared {
        let door = door_at(method, gate, &format!("{}{path}", gate.origin_path), doors)?;
        let viewer_path = path.to_owned();
        return Some(Target {
            door,
            viewer_path,
            method,
        });
    }
    let mut candidates: Vec<(&Door, String)> = doors
        .iter()
        .filter_map(|door| Some((*door, example(method, gate, door)?)))
        .filter_map(|(door, path)| {
            let path = path.strip_prefix(&gate.origin_path)?;
            let path = if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/{path}")
            };
            Some((door, path))
        })
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

/// A path of the stage as viewers write it: the origin path, which CloudFront puts before theirs, is no part of it.
#[must_use]
pub fn viewers_path(gate: &Gate, path: &str) -> String {
    let whole = format!("{}{path}", stage_prefix(gate));
    let viewers = whole.strip_prefix(&gate.origin_path);
    viewers
        .filter(|path| path.starts_with('/'))
        .unwrap_or(&whole)
        .to_owned()
}

/// A path, stage included, that leads to `door` by `wanted`.
fn example(wanted: ProbeMethod, gate: &Gate, door: &Door) -> Option<String> {
    let prefix = stage_prefix(gate);
    if gate.r#type == OriginType::WebSocket {
        return (door.key == CONNECT && wanted == ProbeMethod::Get).then_some(prefix);
    }
    if door.key == DEFAULT {
        return Some(format!("{prefix}/"));
    }
    let (method, path) = door.key.split_once(' ')?;
    if method != wanted.as_str() && method != "ANY" {
        return None;
    }
    let filled = path
        .split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part });
    Some(format!("{prefix}{}", filled.collect::<Vec<_>>().join("/")))
}

/// The door that `method` of `path`, stage included, leads to: the most specific one, as API Gateway chooses.
fn door_at<'a>(method: ProbeMethod, gate: &Gate, path: &str, doors: &[&'a Door]) -> Option<&'a Door> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let inner = path.strip_prefix(&stage_prefix(gate))?;
    if gate.r#type == OriginType::WebSocket {
        let is_root = inner.is_empty() || inner == "/";
        let is_handshake = is_root && method == ProbeMethod::Get;
        return doors
            .iter()
            .copied()
            .find(|door| is_handshake && door.key == CONNECT);
    }
    doors
        .iter()
        .copied()
        .filter_map(|door| Some((specificity(method, door, inner)?, door)))
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, door)| door)
}

/// How well `door` fits `wanted` of `path`: literal parts, then whether the method is named; `None` where it does not.
fn specificity(wanted: ProbeMethod, door: &Door, path: &str) -> Option<(usize, usize, bool)> {
    if door.key == DEFAULT {
        return Some((0, 0, false));
    }
    let (method, pattern) = door.key.split_once(' ')?;
    if method != wanted.as_str() && method != "ANY" {
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
    use crate::domain::access::authorization::Authorization;
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
        target(gate, declared, &doors, &|_| 0).map(|found| (found.door.key.clone(), found.viewer_path))
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
            target(&rest, None, &doors, &|_| 0).map(|found| found.method)
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
        let doors = doors(&["GET /a", "GET /pets/{petId}"]);
        let doors: Vec<&Door> = doors.iter().collect();
        let burden = |door: &Door| u8::from(door.key == "GET /a");
        let found = target(&rest, None, &doors, &burden).unwrap();
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
    fn of_a_websocket_api_the_handshake_is_probed() {
        let keys = ["$connect", "$default"];
        let shown = gate(OriginType::WebSocket, "prod", "");
        assert_eq!(probe(&shown, None, &keys), Some(pair("$connect", "/prod")));
        let hidden = gate(OriginType::WebSocket, "prod", "/prod");
        assert_eq!(probe(&hidden, None, &keys), Some(pair("$connect", "/")));
        assert_eq!(direct_path(&hidden, "/"), "/prod/");
    }
}
