//! What else leads to the API, as it counts under mutual TLS: whoever needs no client certificate of the perimeter's comes by an open
//! door, whatever the methods ask for; and where the default endpoint is off, nobody comes by that.

use super::Looked;
use crate::api::{OtherDoor, OtherDoorState, OtherDoorType};
use crate::domain::access::words::listed;
use crate::domain::mutual_tls::doors::{Door, are_users_read, open_doors};
use crate::domain::mutual_tls::{Desired, Inputs, origin_domain, truststore};
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed;
use crate::domain::status::conditions::Pass;
use crate::domain::status::door_words::described;

/// As many as status holds.
const MOST: usize = 50;

/// What people are told of doors that stand open, and what to do; `None` where there are none.
pub(super) fn told(doors: &[Door]) -> Option<(String, String)> {
    let of = |is: fn(&Door) -> bool| -> Vec<&str> {
        let found = doors.iter().filter(|door| is(door));
        found.map(|door| door.name.as_str()).collect()
    };
    let clauses = [
        (
            of(|door| !door.is_distribution && !door.asks_for_certificate),
            "by custom domain names that ask for no client certificate",
            "lead the viewers of these custom domain names through the perimeter (spec.distribution.aliases), and take their \
             mapping to the stage away once nobody uses it",
        ),
        (
            of(|door| !door.is_distribution && door.asks_for_certificate),
            "by custom domain names that accept client certificates of others",
            "take the mapping to the stage away from these custom domain names, once nobody uses it, or have their callers come \
             through the perimeter",
        ),
        (
            of(|door| door.is_distribution),
            "by distributions of others that show the perimeter's client certificate",
            "have whoever made these distributions take originMtlsConfig off their origins, and set the annotation \
             palisade.dev/rotate to a new text; see who may call cloudfront:UpdateDistribution in the account",
        ),
    ];
    let open = clauses.iter().filter(|(names, ..)| !names.is_empty());
    let so: Vec<String> = open
        .clone()
        .map(|(names, how, _)| format!("{how}: {}", listed(names)))
        .collect();
    let remedies: Vec<&str> = open.map(|(.., remedy)| *remedy).collect();
    (!so.is_empty()).then(|| (so.join("; "), remedies.join("; ")))
}

/// Other doors of the API as status has them in this mode.
pub(in crate::domain::status) fn counted(all: &DesiredAll, observed: &Observed) -> Vec<OtherDoor> {
    let known = &observed.outputs.other_doors;
    let Some(desired) = &all.mutual_tls else {
        return known.clone();
    };
    let inputs = observed.mutual_tls_inputs(Some(all));
    let named = open_doors(&inputs);
    let open = inputs.seen.doors.as_ref().map(|_| named.clone());
    let is_off = is_off(&inputs);
    let is_read = are_users_read(&inputs);
    let is_over = |door: &OtherDoor| {
        is_read && is_user_of_certificate(door) && !named.iter().any(|open| open.name == door.name)
    };
    let authorities = authorities(desired, &inputs, known);
    let known = known.iter();
    let known = known.filter(|door| {
        door.r#type != OtherDoorType::Authority && !is_own_origin(desired, door) && !is_over(door)
    });
    let mut doors: Vec<OtherDoor> = known
        .map(|door| OtherDoor {
            state: state(desired, door, open.as_deref(), is_off),
            ..door.clone()
        })
        .collect();
    let is_missing = |door: &&Door| !doors.iter().any(|known| known.name == door.name);
    let missing: Vec<OtherDoor> = named
        .iter()
        .filter(is_missing)
        .map(|door| found(desired, door))
        .collect();
    doors.extend(missing);
    doors.extend(authorities);
    ordered(doors)
}

fn ordered(mut doors: Vec<OtherDoor>) -> Vec<OtherDoor> {
    doors.sort_by(|a, b| (a.state, a.r#type, &a.name).cmp(&(b.state, b.r#type, &b.name)));
    doors.truncate(MOST);
    doors
}

/// `known` with the authorities of others as they are accepted by now: they are told by what serves mutual TLS, which need not be read in
/// the same pass as the other doors.
pub(in crate::domain::status) fn with_authorities(
    all: &DesiredAll,
    observed: &Observed,
    known: Vec<OtherDoor>,
) -> Vec<OtherDoor> {
    let Some(desired) = &all.mutual_tls else {
        return known;
    };
    let found = authorities(desired, &observed.mutual_tls_inputs(Some(all)), &known);
    let (before, others): (Vec<_>, Vec<_>) = known
        .iter()
        .cloned()
        .partition(|door| door.r#type == OtherDoorType::Authority);
    if before == found {
        return known;
    }
    ordered(others.into_iter().chain(found).collect())
}

/// Authorities of others whose certificates the custom domain name accepts, as it was read; and those that were found before, as long as it
/// is not sure to accept them no more.
fn authorities(desired: &Desired, inputs: &Inputs<'_>, known: &[OtherDoor]) -> Vec<OtherDoor> {
    let door = |name: String| OtherDoor {
        r#type: OtherDoorType::Authority,
        name,
        stage: desired.gate.stage.clone(),
        state: OtherDoorState::Open,
    };
    let ours = desired.truststore_uri();
    let found = inputs.seen.domain.present().map(|found| &found.content);
    if let Some(content) = found.filter(|content| content.truststore_uri.as_ref() != Some(&ours)) {
        let name = match &content.truststore_uri {
            Some(theirs) => format!("those in {theirs}"),
            None => "anybody, since none is asked for".to_owned(),
        };
        return vec![door(name)];
    }
    let foreign = truststore::foreign_in_use(inputs);
    if !foreign.is_empty() {
        let named = foreign.into_iter().map(|hash| door(format!("{hash} in {ours}")));
        return named.collect();
    }
    let is_marked = origin_domain::has_accepted_others(inputs);
    if truststore::is_in_use_verified(inputs) && !is_marked {
        return vec![];
    }
    let known = known.iter();
    let known = known.filter(|door| door.r#type == OtherDoorType::Authority);
    let mut doors: Vec<OtherDoor> = known.cloned().collect();
    // What was found and changed back in one pass was named by nobody.
    if doors.is_empty() && is_marked {
        doors.push(door(format!(
            "others that were accepted by {}",
            desired.origin_domain
        )));
    }
    doors
}

/// Doors to the stage itself that are known to stand open, read in this pass or before.
pub(super) fn known_open(all: &DesiredAll, observed: &Observed) -> Vec<Door> {
    let stage = all.mutual_tls.as_ref().map(|desired| &desired.gate.stage);
    let doors = counted(all, observed).into_iter().filter(|door| {
        let is_door = door.r#type == OtherDoorType::DomainName || is_user_of_certificate(door);
        is_door && door.state == OtherDoorState::Open && stage == Some(&door.stage)
    });
    let door = |door: OtherDoor| Door {
        is_distribution: door.r#type == OtherDoorType::Distribution,
        asks_for_certificate: door.r#type == OtherDoorType::Distribution,
        name: door.name,
    };
    doors.map(door).collect()
}

/// Whether it is a door because it shows the perimeter's client certificate: ACM names such a one by its ARN.
fn is_user_of_certificate(door: &OtherDoor) -> bool {
    door.r#type == OtherDoorType::Distribution && door.name.starts_with("arn:")
}

/// Whether a door is told by what serves mutual TLS, which need not be read with the others.
#[must_use]
pub fn is_of_certificates(door: &OtherDoor) -> bool {
    door.r#type == OtherDoorType::Authority || is_user_of_certificate(door)
}

/// What leads past the perimeter to other stages of the API, and whose viewers are refused since the default endpoint is off, as a clause;
/// nothing in another mode.
pub(in crate::domain::status) fn around(pass: &Pass<'_>) -> Option<String> {
    let looked = Looked::of(pass)?;
    let own = &looked.desired.gate.stage;
    let doors = counted(pass.desired?, looked.observed);
    let is_elsewhere = |door: &&OtherDoor| door.state == OtherDoorState::Open && door.stage != *own;
    let elsewhere: Vec<String> = doors.iter().filter(is_elsewhere).map(described).collect();
    let is_shut_out = |door: &&OtherDoor| {
        door.r#type == OtherDoorType::Distribution && door.state == OtherDoorState::Locked
    };
    let shut_out = doors.iter().filter(|_| is_off(&looked.inputs));
    let shut_out: Vec<String> = shut_out.filter(is_shut_out).map(described).collect();
    let clauses = [
        (
            elsewhere,
            "other stages of the API can be called past the perimeter",
        ),
        (
            shut_out,
            "viewers of distributions that lead to the default endpoint are refused by its being off",
        ),
    ];
    let told = clauses.iter().filter(|(named, _)| !named.is_empty());
    let told: Vec<String> = told
        .map(|(named, so)| format!("{so}: {}", listed(named)))
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Whether the API's default endpoint is off, as far as it is known.
pub(super) fn is_off(inputs: &Inputs<'_>) -> bool {
    let remembered = inputs.remembered.is_some_and(|known| known.default_endpoint_off);
    let read = inputs.seen.endpoint.present();
    read.map_or(remembered, |endpoint| endpoint.is_off)
}

/// Whether a door is the name by which CloudFront reaches the API.
fn is_own_origin(desired: &Desired, door: &OtherDoor) -> bool {
    let host = door.name.split(['/', ' ']).next();
    door.r#type == OtherDoorType::DomainName && host == Some(desired.origin_domain.as_str())
}

fn state(desired: &Desired, door: &OtherDoor, open: Option<&[Door]>, is_off: bool) -> OtherDoorState {
    let is_named = |open: &[Door]| open.iter().any(|found| found.name == door.name);
    match (door.r#type, open) {
        // What is read of certificates alone tells that it is one no more.
        _ if is_user_of_certificate(door) => OtherDoorState::Open,
        // It leads to the default endpoint: to this stage's or another's.
        (OtherDoorType::Stage, _) | (OtherDoorType::Distribution, None) if is_off => OtherDoorState::Locked,
        (OtherDoorType::Distribution, Some(open)) if is_off && !is_named(open) => OtherDoorState::Locked,
        (OtherDoorType::Distribution, Some(open)) if is_named(open) => OtherDoorState::Open,
        (OtherDoorType::DomainName, Some(open)) if is_named(open) => OtherDoorState::Open,
        // It asks for a certificate of the perimeter's own truststore.
        (OtherDoorType::DomainName, Some(_)) if door.stage == desired.gate.stage => OtherDoorState::Locked,
        _ => door.state,
    }
}

fn found(desired: &Desired, door: &Door) -> OtherDoor {
    OtherDoor {
        r#type: if door.is_distribution {
            OtherDoorType::Distribution
        } else {
            OtherDoorType::DomainName
        },
        name: door.name.clone(),
        stage: desired.gate.stage.clone(),
        state: OtherDoorState::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(name: &str, is_distribution: bool, asks_for_certificate: bool) -> Door {
        Door {
            name: name.to_owned(),
            is_distribution,
            asks_for_certificate,
        }
    }

    #[test]
    fn each_kind_of_door_is_told_with_what_to_do_about_it() {
        assert_eq!(told(&[]), None);
        let doors = [
            door("api.example.com", false, false),
            door("partners.example.com/v1", false, true),
            door("d2.cloudfront.net (E2)", true, true),
        ];
        let (so, remedy) = told(&doors).unwrap();
        for name in [
            "api.example.com",
            "partners.example.com/v1",
            "d2.cloudfront.net (E2)",
        ] {
            assert!(so.contains(name), "{so}");
        }
        assert!(remedy.contains("spec.distribution.aliases"), "{remedy}");
        assert!(remedy.contains("palisade.dev/rotate"), "{remedy}");
        let (so, remedy) = told(&doors[..1]).unwrap();
        assert_eq!(
            so,
            "by custom domain names that ask for no client certificate: api.example.com"
        );
        assert!(!remedy.contains("rotate"), "{remedy}");
    }
}
