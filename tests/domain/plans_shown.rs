//! What `kubectl palisade plan` shows of plans as the domain makes them, and of those that mean harm.

use super::specs::{BASELINE, RICH, owner, spec, wanted};
use palisade::api::{PlanReport, ProtectedApiStatus};
use palisade::domain::cost::prices::Prices;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::plan;
use palisade::domain::status::cost::cost;
use palisade::domain::status::planned::{Planned, report};
use palisade::plugin::look::Look;
use palisade::plugin::plan::{Answer, has_work};
use palisade::plugin::plan_text::{Asked, text};
use proptest::prelude::*;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

const TERMINAL: Look = Look {
    width: 100,
    unicode: true,
    colour: false,
};

const ASKED: Asked<'static> = Asked {
    object: "shop/petstore",
    is_suspended: false,
};

/// The plan of a new object.
fn of_new(yaml: &str) -> PlanReport {
    let desired = wanted(yaml);
    let observed = Observed::of(owner());
    report(&Planned {
        desired: &desired,
        observed: &observed,
        plan: &plan(&desired, &observed),
        failures: &[],
        cost: cost(&spec(yaml), &ProtectedApiStatus::default(), &Prices::default()),
        adoption: None,
    })
}

/// A plan with something of everything.
fn of_all() -> Value {
    let step = |kind: &str, verb: &str, name: &str| {
        json!({
            "kind": kind, "name": name, "verb": verb, "changes": [], "viewers": "None", "effect": "Viewers notice nothing.",
            "known": true,
        })
    };
    let change =
        |path: &str, from: Option<&str>, to: Option<&str>| json!({"path": path, "from": from, "to": to});
    let mut ip_set = step("ipSet", "Create", "palisade-shop-petstore-12345678-block-v4");
    ip_set["part"] = json!("block-v4");
    ip_set["changes"] = json!([change("addresses", None, Some(r#"["192.0.2.0/24"]"#))]);
    let mut web_acl = step("webAcl", "Change", "a1b2c3d4");
    web_acl["viewers"] = json!("Visible");
    web_acl["effect"] = json!(
        "Requests that the changed rules fit are let in, refused or challenged otherwise, within a minute."
    );
    web_acl["after"] = json!(["ipSet"]);
    web_acl["known"] = json!(false);
    let mut distribution = step("distribution", "Change", "E1EXAMPLE");
    distribution["viewers"] = json!("Brief");
    distribution["changes"] = json!([
        change(
            "priceClass",
            Some(r#""PriceClass_All""#),
            Some(r#""PriceClass_100""#)
        ),
        change("comment", Some(r#""two  spaces""#), None),
        change("httpVersion", None, Some(r#""http2and3""#)),
    ]);
    distribution["changesLeftOut"] = json!(3);
    let alarm = step("alarm", "Delete", "palisade-shop-petstore-12345678-ddos");
    json!({
        "hash": "0123456789abcdef",
        "summary": {"changes": 4, "create": 1, "change": 2, "delete": 1, "wait": 1, "problems": 2},
        "steps": [distribution, alarm, ip_set, web_acl],
        "stepsLeftOut": 2,
        "waits": [{
            "kind": "distribution", "reason": "Deploying", "aboutSeconds": 300,
            "message": "CloudFront carries the configuration to its edge locations; this usually takes 3 to 10 minutes",
        }],
        "problems": [
            {
                "kind": "distribution", "field": "spec.distribution.aliases", "reason": "AliasInUse",
                "message": "spec.distribution.aliases: another distribution has www.example.com",
                "remedy": "set spec.distribution.takeOverAliases, or take the name off the other distribution",
            },
            {"kind": "records", "reason": "AccessDenied", "message": "route53:ListResourceRecordSets is not allowed"},
        ],
        "calls": 9,
        "cost": {"currency": "USD", "asOf": "2026-05-01", "monthly": "9.00", "perMillionRequests": "2.20", "parts": []},
    })
}

fn read(plan: &Value) -> PlanReport {
    let object = json!({"status": {
        "observedGeneration": 1,
        "conditions": [{
            "type": "Planned", "status": "True", "reason": "Planned", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }],
        "plan": plan,
    }});
    match Answer::of(&object).unwrap() {
        Answer::Made(made) => made.plan,
        other => panic!("{other:?}"),
    }
}

#[test]
fn plans_of_new_objects() {
    for (name, yaml) in [("baseline", BASELINE), ("rich", RICH)] {
        insta::assert_snapshot!(format!("new_{name}"), text(&of_new(yaml), ASKED, TERMINAL));
    }
}

#[test]
fn a_plan_with_something_of_everything() {
    insta::assert_snapshot!(text(&read(&of_all()), ASKED, TERMINAL));
}

#[test]
fn what_stands_as_the_spec_asks_has_nothing_to_do_and_says_so() {
    let report = PlanReport::default();
    assert!(!has_work(&report));
    let shown = text(&report, ASKED, TERMINAL);
    assert!(shown.starts_with("shop/petstore: nothing to do"), "{shown}");
    assert!(!shown.contains("calls"), "{shown}");
    let mut problem = report;
    problem.summary.problems = 1;
    assert!(has_work(&problem));
}

#[test]
fn a_suspended_spec_is_told() {
    let asked = Asked {
        is_suspended: true,
        ..ASKED
    };
    let shown = text(&PlanReport::default(), asked, TERMINAL);
    assert!(shown.contains("spec.suspend is true"), "{shown}");
}

#[test]
fn each_change_is_told_from_what_to_what_with_all_of_its_spaces() {
    let wide = Look {
        width: 200,
        ..TERMINAL
    };
    let shown = text(&read(&of_all()), ASKED, wide);
    for expected in [
        "+ ipSet palisade-shop-petstore-12345678-block-v4 (block-v4)",
        r#"addresses: ["192.0.2.0/24"]"#,
        "~ distribution E1EXAMPLE",
        r#"priceClass: "PriceClass_All" → "PriceClass_100""#,
        r#"comment: "two  spaces" → nothing"#,
        r#"httpVersion: nothing → "http2and3""#,
        "… and 3 more fields",
        "known after ipSet",
        "Visible to viewers: Requests",
        "Brief for viewers: ",
        "- alarm",
        "… and 2 more",
        "(Deploying, about 5 min)",
        "! records: route53:ListResourceRecordSets is not allowed (AccessDenied)",
        "USD 9.00 a month",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    // A message that begins with the field has it once.
    assert_eq!(shown.matches("spec.distribution.aliases").count(), 1, "{shown}");
}

#[test]
fn colour_is_put_around_signs_alone() {
    let look = Look {
        colour: true,
        ..TERMINAL
    };
    let mut plain = text(&read(&of_all()), ASKED, look);
    assert!(plain.contains("\u{1b}[31m-\u{1b}[0m alarm"), "{plain}");
    for colour in ["\u{1b}[0m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"] {
        plain = plain.replace(colour, "");
    }
    assert_eq!(plain, text(&read(&of_all()), ASKED, TERMINAL));
}

#[test]
fn a_terminal_without_unicode_has_the_same_in_ascii() {
    let look = Look {
        width: 60,
        unicode: false,
        colour: false,
    };
    let shown = text(&read(&of_all()), ASKED, look);
    assert!(shown.is_ascii(), "{shown}");
    assert!(
        shown.contains(" -> ") && shown.contains("... and 3 more fields") && !shown.contains('?'),
        "{shown}"
    );
}

/// Puts `harm` at the end of each text that anything may stand in.
fn harmed(value: &mut Value, harm: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if !matches!(name.as_str(), "verb" | "viewers") {
                    harmed(field, harm);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| harmed(item, harm)),
        Value::String(text) => text.push_str(harm),
        _ => {}
    }
}

proptest! {
    #[test]
    fn lines_fit_any_width_whatever_a_plan_says(
        said in any::<String>(), width in 1_usize..160, unicode in any::<bool>()
    ) {
        let mut plan = of_all();
        harmed(&mut plan, &said);
        let look = Look { width, unicode, colour: false };
        let shown = text(&read(&plan), ASKED, look);
        for line in shown.lines() {
            prop_assert!(line.width() <= width.max(40), "{line:?}");
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        prop_assert!(unicode || shown.is_ascii());
    }
}
