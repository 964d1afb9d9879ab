//! What `kubectl palisade status` shows of objects at every stage of their lives, and of those that mean harm.

use super::specs::{RICH, spec};
use jiff::Timestamp;
use palisade::domain::status::conditions::types;
use palisade::plugin::look::Look;
use palisade::plugin::picture::{Picture, State};
use palisade::plugin::{html, svg, text};
use proptest::prelude::*;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

/// The statuses that the domain makes of its main situations.
const LIFE: [(&str, &str); 7] = [
    (
        "at_first",
        include_str!("snapshots/domain__statuses__status_at_first.snap"),
    ),
    (
        "deploying",
        include_str!("snapshots/domain__statuses__status_deploying.snap"),
    ),
    (
        "ready",
        include_str!("snapshots/domain__statuses__status_ready.snap"),
    ),
    (
        "stalled",
        include_str!("snapshots/domain__statuses__status_stalled.snap"),
    ),
    (
        "refused",
        include_str!("snapshots/domain__statuses__status_refused.snap"),
    ),
    (
        "suspended",
        include_str!("snapshots/domain__statuses__status_suspended.snap"),
    ),
    (
        "deleting",
        include_str!("snapshots/domain__statuses__status_deleting.snap"),
    ),
];

const TERMINAL: Look = Look {
    width: 80,
    unicode: true,
    colour: false,
};

/// Some minutes after the statuses were written.
fn now() -> Timestamp {
    "2026-01-01T00:04:00Z".parse().unwrap()
}

fn object(status: &Value) -> Value {
    json!({
        "metadata": {"namespace": "shop", "name": "petstore", "generation": 3},
        "spec": spec(RICH),
        "status": status,
    })
}

fn status_of(snapshot: &str) -> Value {
    // Behind what insta says of a snapshot.
    let (_, status) = snapshot.trim_start_matches("---").split_once("\n---\n").unwrap();
    serde_yaml::from_str(status).unwrap()
}

fn status(life: &str) -> Value {
    let found = LIFE.iter().find(|(name, _)| *name == life);
    status_of(found.unwrap().1)
}

fn picture(status: &Value) -> Picture {
    Picture::of(&object(status), None)
}

fn state(picture: &Picture, station: &str) -> State {
    let found = picture.way.iter().find(|part| part.name == station);
    found.unwrap().state
}

#[test]
fn pictures_of_a_life() {
    for (life, snapshot) in LIFE {
        let picture = picture(&status_of(snapshot));
        insta::assert_snapshot!(format!("life_{life}"), text::tree(&picture, TERMINAL, now()));
    }
}

#[test]
fn a_narrow_terminal_without_unicode_has_the_same_in_ascii() {
    let look = Look {
        width: 48,
        unicode: false,
        colour: false,
    };
    let text = text::tree(&picture(&status("deploying")), look, now());
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("[..] CloudFront"), "{text}");
    assert!(text.contains("usually 3 to 10"), "{text}");
}

#[test]
fn a_list_has_one_line_for_each_object_that_fits() {
    let pictures: Vec<Picture> = LIFE.iter().map(|(_, text)| picture(&status_of(text))).collect();
    for width in [40, 80, 200] {
        let look = Look { width, ..TERMINAL };
        let list = text::list(&pictures, look, now());
        assert_eq!(list.lines().count(), pictures.len(), "{list}");
        assert!(list.lines().all(|line| line.width() <= width), "{list}");
        assert!(list.lines().all(|line| line.contains("shop/petstore")), "{list}");
    }
}

#[test]
fn a_name_that_is_longer_than_a_line_leaves_room_for_the_state() {
    let named = |name: String| {
        let mut object = object(&status("deploying"));
        object["metadata"]["namespace"] = json!("n".repeat(63));
        object["metadata"]["name"] = json!(name);
        Picture::of(&object, None)
    };
    let pictures = [named(format!("{}-one", "o".repeat(200))), named("two".to_owned())];
    for (width, unicode) in [(20, true), (40, true), (40, false), (80, true)] {
        let look = Look {
            width,
            unicode,
            colour: false,
        };
        let list = text::list(&pictures, look, now());
        let lines: Vec<&str> = list.lines().collect();
        assert!(lines[0].contains("-one") && lines[1].contains("two"), "{list}");
        for line in lines {
            assert!(
                line.width() <= width.max(40) && line.contains("Deploying"),
                "{list}"
            );
        }
    }
    let tree = text::tree(&pictures[0], TERMINAL, now());
    assert!(tree.lines().all(|line| line.width() <= TERMINAL.width), "{tree}");
}

#[test]
fn what_hides_in_a_name_or_a_message_is_seen() {
    let mut status = status("stalled");
    harmed(&mut status, "a\u{200b}b");
    let mut object = object(&status);
    object["metadata"]["name"] = json!("pet\u{200b}store");
    let picture = Picture::of(&object, None);
    assert_eq!(picture.object(), "shop/pet\u{fffd}store");
    let text = text::tree(&picture, TERMINAL, now());
    assert!(
        !text.contains('\u{200b}') && text.contains("a\u{fffd}b"),
        "{text}"
    );
}

#[test]
fn what_stalls_and_what_is_awaited_are_told_apart() {
    let stalled = picture(&status("stalled"));
    assert_eq!(state(&stalled, "WAF"), State::Bad);
    assert_eq!(stalled.ready.state, State::Bad);
    let deploying = picture(&status("deploying"));
    assert_eq!(state(&deploying, "CloudFront"), State::Waiting);
    assert_eq!(state(&deploying, "WAF"), State::Good);
    assert!(picture(&status("ready")).is_ready());
    assert!(!deploying.is_ready());
    assert_eq!(picture(&status("suspended")).ready.state, State::Off);
}

#[test]
fn a_status_of_an_earlier_spec_is_not_ready() {
    let mut object = object(&status("ready"));
    object["metadata"]["generation"] = json!(4);
    let picture = Picture::of(&object, None);
    assert!(!picture.is_ready());
    assert!(
        picture
            .remarks
            .iter()
            .any(|remark| remark.contains("generation 3"))
    );
}

#[test]
fn an_object_that_no_controller_has_seen_says_where_to_look() {
    for unseen in [Value::Null, json!({}), json!({"observedGeneration": -1})] {
        let picture = picture(&unseen);
        assert_eq!(picture.ready.state, State::Unknown);
        assert!(
            picture
                .remarks
                .iter()
                .any(|remark| remark.contains("kubectl get pods"))
        );
        let text = text::tree(&picture, TERMINAL, now());
        assert!(text.contains("AccessRestricted: not reported"), "{text}");
    }
}

#[test]
fn an_object_that_cannot_be_read_hides_no_other() {
    let mut malformed = object(&status("ready"));
    malformed["spec"]["origin"]["type"] = json!("GRAPHQL");
    let pictures = [Picture::of(&malformed, None), picture(&status("ready"))];
    assert!(!pictures[0].is_ready());
    assert!(
        pictures[0].remarks[0].contains("GRAPHQL"),
        "{:?}",
        pictures[0].remarks
    );
    assert_eq!(text::list(&pictures, TERMINAL, now()).lines().count(), 2);
}

/// `Reconciling` is told by what is awaited, and `Stalled` by what stalls, or by itself.
#[test]
fn every_condition_is_shown_and_what_is_not_as_it_should_be_with_its_message() {
    for is in types::ALL {
        if *is == types::RECONCILING {
            continue;
        }
        let status = json!({"conditions": [{
            "type": is, "status": if *is == types::STALLED { "True" } else { "False" }, "reason": "AccessDenied",
            "message": "it is like this", "lastTransitionTime": "2026-01-01T00:00:00Z",
        }]});
        let text = text::tree(&picture(&status), TERMINAL, now());
        assert!(text.contains(&format!("{is}: AccessDenied, 4m")), "{text}");
        if *is != types::READY {
            assert!(text.contains("it is like this"), "{text}");
        }
    }
}

#[test]
fn other_doors_cost_and_notes_stand_below_the_way() {
    let mut status = status("ready");
    status["access"]["otherDoors"] = json!([
        {"type": "Stage", "name": "dev", "stage": "dev", "state": "Open"},
        {"type": "DomainName", "name": "api.example.com/v1", "stage": "prod", "state": "Unknown"},
    ]);
    status["cost"] = json!({
        "currency": "USD", "asOf": "2026-05-01", "monthly": "9.00", "perMillionRequests": "2.20", "parts": [],
    });
    status["notes"] =
        json!([{"resource": "webAcl", "reason": "ForeignAllowRule", "message": "a rule of others"}]);
    let text = text::tree(&picture(&status), TERMINAL, now());
    for expected in [
        "✘ stage dev: open",
        "? domain name api.example.com/v1 to stage prod",
        "USD 9.00 a month",
        "ForeignAllowRule (webAcl): a rule of others",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn colour_is_put_around_signs_alone() {
    let look = Look {
        colour: true,
        ..TERMINAL
    };
    let picture = picture(&status("stalled"));
    let coloured = text::tree(&picture, look, now());
    assert!(coloured.contains("\u{1b}[31m✘\u{1b}[0m"), "{coloured}");
    let mut plain = coloured;
    for colour in [
        "\u{1b}[0m",
        "\u{1b}[2m",
        "\u{1b}[31m",
        "\u{1b}[32m",
        "\u{1b}[33m",
        "\u{1b}[35m",
    ] {
        plain = plain.replace(colour, "");
    }
    assert_eq!(plain, text::tree(&picture, TERMINAL, now()));
}

/// What would have a reader's browser ask somebody.
const OUTWARD: [&str; 8] = [
    "href",
    "src=",
    "url(",
    "@import",
    "<script",
    "<image",
    "<link",
    "<foreignobject",
];

#[test]
fn pictures_need_nothing_from_elsewhere_and_know_the_dark() {
    let pictures = vec![picture(&status("ready")); 40];
    for page in [svg::page(&pictures, now()), html::page(&pictures, now())] {
        let page = page.to_lowercase();
        for outward in OUTWARD {
            assert!(!page.contains(outward), "{outward}");
        }
        assert!(page.contains("prefers-color-scheme:dark"));
        assert_eq!(page.matches("distributiondeployed").count(), 40);
    }
}

/// All text between tags.
fn texts(element: &xmltree::Element, found: &mut String) {
    for child in &element.children {
        match child {
            xmltree::XMLNode::Element(child) if child.name != "style" => texts(child, found),
            xmltree::XMLNode::Text(text) => found.push_str(text),
            _ => {}
        }
    }
}

/// Puts `harm` at the end of each text of a status.
fn harmed(value: &mut Value, harm: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                // Types, times and enumerations are what they are.
                let is_free = !matches!(
                    name.as_str(),
                    "type" | "status" | "lastTransitionTime" | "reasonsSince"
                );
                if is_free {
                    harmed(field, harm);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| harmed(item, harm)),
        Value::String(text) => text.push_str(harm),
        _ => {}
    }
}

const HARM: &str = "\u{1b}[2J\u{202e}<script>alert('1')</script>\"&amp;]]>\u{0}";

#[test]
fn a_status_that_means_harm_is_text() {
    let mut status = status("stalled");
    harmed(&mut status, HARM);
    let picture = picture(&status);
    let text = text::tree(&picture, TERMINAL, now());
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{text}");
    let html = html::page(std::slice::from_ref(&picture), now());
    let html = html.trim_start_matches("<!DOCTYPE html>").trim_start();
    for page in [svg::page(&[picture], now()), html.to_owned()] {
        assert!(!page.to_lowercase().contains("<script"), "{page}");
        let mut found = String::new();
        texts(&xmltree::Element::parse(page.as_bytes()).unwrap(), &mut found);
        assert!(found.contains("<script>alert('1')"), "{found}");
    }
}

proptest! {
    #[test]
    fn lines_fit_any_width_whatever_a_status_says(
        said in any::<String>(), width in 1_usize..160, unicode in any::<bool>()
    ) {
        let mut status = status("stalled");
        harmed(&mut status, &said);
        let look = Look { width, unicode, colour: false };
        let text = text::tree(&picture(&status), look, now());
        for line in text.lines() {
            prop_assert!(line.width() <= width.max(40), "{line:?}");
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        prop_assert!(unicode || text.is_ascii());
    }

    #[test]
    fn pages_are_well_formed_whatever_a_status_says(said in any::<String>()) {
        let mut status = status("stalled");
        harmed(&mut status, &said);
        let pictures = [picture(&status)];
        let html = html::page(&pictures, now());
        let html = html.trim_start_matches("<!DOCTYPE html>").trim_start();
        for page in [svg::page(&pictures, now()), html.to_owned()] {
            prop_assert!(xmltree::Element::parse(page.as_bytes()).is_ok(), "{}", page);
        }
    }
}
