//! What is written once is not fought over.

use super::specs::{owner, wanted};
use super::world::{World, first_status};
use jiff::SignedDuration;
use palisade::domain::firewall::ip_set;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::{Kind, Problem};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::desired::Desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, Plan, Step, plan};
use palisade::domain::perimeter::records::verified;
use palisade::domain::shield::{alarm, health_check};
use palisade::domain::signer::{function, role};
use serde_json::json;

const SHIELD: &str = "shield: {healthCheck: {path: /prod/health}, \
     ddosAlarm: {snsTopicArn: 'arn:aws:sns:us-east-1:123456789012:ddos'}}";

/// Everything stands, and was seen to.
fn built(spec: &str) -> (World, Desired) {
    let desired = wanted(spec);
    let mut world = World::subscribed(Observed::of(owner()));
    world.build(&desired);
    (world, desired)
}

/// The end of a pass, and the time of the next one.
fn later(world: &mut World, desired: &Desired, minutes: i64) {
    let plan = plan(desired, &world.observed);
    let observed = &mut world.observed;
    observed.pass.recorded = verified(desired, observed, &plan);
    observed.written.clear();
    observed.pass.at += SignedDuration::from_mins(minutes);
    world.done.clear();
}

fn contested(plan: &Plan, kind: Kind) -> Option<&Problem> {
    let mut problems = plan.problems.iter();
    problems.find(|problem| problem.id.kind == kind && problem.reason == Reason::WriteContested)
}

/// How often a kind is written in passes of every ten minutes, before each of which `change` undoes what was written; with
/// what the last pass says.
fn written(spec: &str, kind: Kind, passes: usize, change: impl Fn(&mut Observed)) -> (Vec<usize>, Plan) {
    let (mut world, desired) = built(spec);
    let mut counts = vec![];
    let mut last = Plan::default();
    for _ in 0..passes {
        later(&mut world, &desired, 10);
        change(&mut world.observed);
        last = world.build(&desired);
        counts.push(world.done.iter().filter(|step| step.id.kind == kind).count());
    }
    (counts, last)
}

fn role_of(observed: &mut Observed) -> &mut role::Observed {
    match &mut observed.role {
        Seen::Present(found) => found,
        _ => panic!("no role"),
    }
}

fn function_of(observed: &mut Observed) -> &mut function::Observed {
    match &mut observed.function {
        Seen::Present(found) => found,
        _ => panic!("no function"),
    }
}

fn alarm_of(observed: &mut Observed) -> &mut alarm::Observed {
    match &mut observed.shield.alarm {
        Seen::Present(found) => found,
        _ => panic!("no alarm"),
    }
}

#[test]
fn a_role_document_that_comes_back_otherwise_is_written_twice_and_then_once_an_hour() {
    let (counts, last) = written("", Kind::Role, 9, |observed| {
        role_of(observed).trust["Statement"][0]["Condition"] =
            json!({"Bool": {"aws:SecureTransport": "true"}});
    });
    assert_eq!(counts, [1, 1, 0, 0, 0, 0, 0, 1, 0]);
    let problem = contested(&last, Kind::Role).unwrap();
    assert!(problem.message.contains("trust"), "{}", problem.message);
    assert!(!problem.message.contains("delete"), "{}", problem.message);
}

#[test]
fn a_policy_of_the_role_that_is_gone_is_always_put_back_for_nobody_can_sign_without_it() {
    let (counts, last) = written("", Kind::Role, 6, |observed| role_of(observed).policies.clear());
    assert_eq!(counts, [1; 6]);
    assert_eq!(contested(&last, Kind::Role), None);
}

#[test]
fn a_policy_that_somebody_attaches_each_time_is_told_and_no_more_fought_over() {
    let (counts, last) = written("", Kind::Role, 5, |observed| {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
        role_of(observed).attached.insert(policy);
    });
    assert_eq!(counts, [1, 1, 0, 0, 0]);
    assert!(contested(&last, Kind::Role).is_some());
}

#[test]
fn an_alarm_that_somebody_silences_each_time_is_told_and_no_more_fought_over() {
    let (counts, last) = written(SHIELD, Kind::Alarm, 5, |observed| {
        alarm_of(observed).content.settings.actions_enabled = false;
    });
    assert_eq!(counts, [1, 1, 0, 0, 0]);
    assert!(contested(&last, Kind::Alarm).is_some());
}

#[test]
fn tags_that_somebody_rewrites_each_time_are_told_and_no_more_fought_over() {
    let spec = "tags: {team: pets}";
    let (counts, last) = written(spec, Kind::Function, 5, |observed| {
        let tags = &mut function_of(observed).tags;
        tags.insert("team".into(), "cats".into());
    });
    assert_eq!(counts, [1, 1, 0, 0, 0]);
    let problem = contested(&last, Kind::Function).unwrap();
    assert!(problem.message.contains("tags.team"), "{}", problem.message);
}

#[test]
fn tags_of_a_protection_are_fought_over_no_more_than_others() {
    let spec = format!("tags: {{team: pets}}\n{SHIELD}");
    let (counts, _) = written(&spec, Kind::Protection, 5, |observed| {
        if let Seen::Present(found) = &mut observed.shield.protection {
            found.tags.insert("team".into(), "cats".into());
        }
    });
    assert_eq!(counts, [1, 1, 0, 0, 0]);
}

#[test]
fn another_difference_and_another_wish_are_written_at_once() {
    let (mut world, desired) = built("");
    for _ in 0..4 {
        later(&mut world, &desired, 10);
        role_of(&mut world.observed).trust = json!({"Version": "2012-10-17", "Statement": []});
        world.build(&desired);
    }
    later(&mut world, &desired, 10);
    role_of(&mut world.observed).trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]});
    let plan = world.build(&desired);
    assert_eq!(world.done.len(), 1);
    assert_eq!(contested(&plan, Kind::Role), None);
}

#[test]
fn who_wants_tags_and_wants_them_not_is_no_contest() {
    let (mut world, without) = built("");
    let with = wanted("tags: {team: pets}");
    for _ in 0..4 {
        for desired in [&with, &without] {
            later(&mut world, desired, 2);
            let plan = world.build(desired);
            assert!(
                plan.problems
                    .iter()
                    .all(|problem| problem.reason != Reason::WriteContested),
                "{}",
                plan.to_yaml()
            );
        }
    }
}

/// The one step of a kind that is due.
fn due(desired: &Desired, observed: &Observed, kind: Kind) -> Option<Step> {
    let steps = plan(desired, observed).ready;
    steps.into_iter().find(|step| step.id.kind == kind)
}

fn notes(desired: &Desired, observed: &Observed) -> Vec<String> {
    let notes = first_status(desired, observed).notes.into_iter();
    notes
        .map(|note| format!("{}: {}", note.reason, note.message))
        .collect()
}

#[test]
fn a_timeout_that_lambda_keeps_otherwise_is_written_once_told_and_published() {
    let (mut world, desired) = built("");
    function_of(&mut world.observed).latest.settings.timeout = 3;
    let step = due(&desired, &world.observed, Kind::Function).unwrap();
    let keeps = |observed: &mut Observed| function_of(observed).latest.settings.timeout = 6;
    keeps(&mut world.observed);
    world.observed.wrote(&step);
    let step = due(&desired, &world.observed, Kind::Function);
    assert_eq!(step, None);
    assert!(
        notes(&desired, &world.observed)[0].starts_with("DifferenceStands: Lambda keeps some fields"),
        "{:?}",
        notes(&desired, &world.observed)
    );
    later(&mut world, &desired, 10);
    assert_eq!(due(&desired, &world.observed, Kind::Function), None);
    // New code goes out with what Lambda makes of the settings.
    let newer = Desired {
        function: function::Desired {
            code_sha256: "code-2".into(),
            zip: b"code-2".as_slice().into(),
            ..desired.function.clone()
        },
        ..desired.clone()
    };
    world.build(&newer);
    let version = world.observed.version_arn(&newer.function).unwrap();
    assert!(version.ends_with(":2"), "{version}");
    // Another hand is none of Lambda's.
    later(&mut world, &newer, 10);
    function_of(&mut world.observed).latest.settings.timeout = 9;
    assert!(due(&newer, &world.observed, Kind::Function).is_some());
}

#[test]
fn layers_that_come_back_with_the_answer_are_never_left_and_nothing_is_published_with_them() {
    let (mut world, desired) = built("");
    let keeps = |observed: &mut Observed| {
        function_of(observed).latest.settings.foreign.layers =
            vec!["arn:aws:lambda:us-east-1:1:layer:agent:1".into()];
    };
    keeps(&mut world.observed);
    for _ in 0..2 {
        let step = due(&desired, &world.observed, Kind::Function).unwrap();
        world.observed.wrote(&step);
    }
    assert_eq!(due(&desired, &world.observed, Kind::Function), None);
    let plan = plan(&desired, &world.observed);
    assert!(contested(&plan, Kind::Function).is_some(), "{}", plan.to_yaml());
}

fn set_of(observed: &mut Observed) -> &mut ip_set::Observed {
    match observed.ip_sets.get_mut("block-v4") {
        Some(Seen::Present(found)) => found,
        _ => panic!("no IP set"),
    }
}

#[test]
fn addresses_that_waf_keeps_otherwise_are_written_once_and_told_and_a_hand_is_still_seen() {
    let (mut world, desired) = built("webAcl: {blockCidrs: [198.51.100.0/25, 198.51.100.128/25]}");
    later(&mut world, &desired, 10);
    set_of(&mut world.observed).content.addresses.clear();
    world.build(&desired);
    assert_eq!(world.done.len(), 1);
    later(&mut world, &desired, 10);
    // The same lock token: nobody wrote since.
    set_of(&mut world.observed).content.addresses = vec!["198.51.100.0/24".into()];
    assert_eq!(due(&desired, &world.observed, Kind::IpSet), None);
    assert!(notes(&desired, &world.observed)[0].contains("addresses"));
    later(&mut world, &desired, 10);
    let set = set_of(&mut world.observed);
    set.content.entity.lock_token = "a-hand".into();
    assert_eq!(due(&desired, &world.observed, Kind::IpSet), None);
    set_of(&mut world.observed).content.addresses = vec!["198.51.100.0/26".into()];
    assert!(due(&desired, &world.observed, Kind::IpSet).is_some());
}

#[test]
fn a_health_check_that_route_53_keeps_otherwise_is_written_once_and_told() {
    let (mut world, desired) = built(SHIELD);
    let settings = |observed: &mut Observed, change: fn(&mut health_check::Settings)| match &mut observed
        .shield
        .own_check
    {
        Seen::Present(found) => {
            found.content.version += 1;
            change(&mut found.content.settings);
        }
        _ => panic!("no health check"),
    };
    settings(&mut world.observed, |found| found.failure_threshold = 9);
    let step = due(&desired, &world.observed, Kind::HealthCheck).unwrap();
    assert!(matches!(
        &step.action,
        Action::HealthCheck(health_check::Action::Update { .. })
    ));
    settings(&mut world.observed, |found| found.failure_threshold = 1);
    world.observed.wrote(&step);
    assert_eq!(due(&desired, &world.observed, Kind::HealthCheck), None);
    assert!(notes(&desired, &world.observed)[0].contains("failureThreshold"));
    settings(&mut world.observed, |found| found.disabled = true);
    assert!(due(&desired, &world.observed, Kind::HealthCheck).is_some());
}

#[test]
fn logging_that_waf_keeps_otherwise_is_written_once_and_told_and_a_hand_is_still_seen() {
    let (mut world, desired) = built(
        "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-a', redactHeaders: [authorization, cookie]}}",
    );
    let keeps = |observed: &mut Observed, headers: &[&str]| match &mut observed.logging {
        Seen::Present(found) => {
            let fields = headers.iter().map(|name| json!({"SingleHeader": {"Name": name}}));
            found.document["RedactedFields"] = fields.collect();
        }
        _ => panic!("no logging"),
    };
    keeps(&mut world.observed, &[]);
    let step = due(&desired, &world.observed, Kind::Logging).unwrap();
    keeps(&mut world.observed, &["authorization"]);
    world.observed.wrote(&step);
    for _ in 0..2 {
        assert_eq!(due(&desired, &world.observed, Kind::Logging), None);
        let notes = notes(&desired, &world.observed);
        assert!(
            notes.len() == 1 && notes[0].contains("redactedHeaders"),
            "{notes:?}"
        );
        later(&mut world, &desired, 10);
    }
    keeps(&mut world.observed, &["cookie"]);
    assert!(due(&desired, &world.observed, Kind::Logging).is_some());
}

#[test]
fn what_others_leave_out_of_the_logs_stays_left_out_when_logging_is_written() {
    use palisade::domain::firewall::logging;
    let logging = |headers: &str| {
        format!(
            "webAcl: {{logging: {{destinationArn: 'arn:aws:s3:::aws-waf-logs-a', redactHeaders: [{headers}]}}}}"
        )
    };
    let (mut world, _) = built(&logging("authorization"));
    let others = [
        json!({"QueryString": {}}),
        json!({"UriPath": {}}),
        json!({"Method": {}}),
    ];
    if let Seen::Present(found) = &mut world.observed.logging {
        found.document["RedactedFields"]
            .as_array_mut()
            .unwrap()
            .extend(others.clone());
        found.document["LoggingFilter"] = json!({"DefaultBehavior": "KEEP"});
    }
    let step = due(
        &wanted(&logging("authorization, cookie")),
        &world.observed,
        Kind::Logging,
    )
    .unwrap();
    let Action::Logging(logging::Action::Put(document)) = &step.action else {
        panic!("{step:?}");
    };
    let redacted = document["RedactedFields"].as_array().unwrap();
    for field in &others {
        assert!(redacted.contains(field), "{field} is lost: {redacted:?}");
    }
    for header in ["authorization", "cookie"] {
        assert!(
            redacted.contains(&json!({"SingleHeader": {"Name": header}})),
            "{redacted:?}"
        );
    }
    assert_eq!(document["LoggingFilter"], json!({"DefaultBehavior": "KEEP"}));
    // Nothing of theirs is a difference.
    assert_eq!(
        due(&wanted(&logging("authorization")), &world.observed, Kind::Logging),
        None
    );
}
