//! The account-wide settings of Shield Advanced: what is written, what is reported, and what is left alone.

use super::world_account_shield::{ALL, ROLE, World, contact, reasons, role};
use palisade::api::{AccountShieldSpec, AccountShieldStatus};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::shield::account::contact::MASK;
use palisade::domain::shield::account::plan::{Action, Plan};
use palisade::domain::shield::account::srt::{POLICY, RoleSeen};
use palisade::domain::shield::account::{Engagement, Observed, Setting};
use serde_json::Value;

fn settled_world() -> World {
    let mut world = World::new(ALL);
    assert_eq!(world.look(), Plan::default());
    world.done.clear();
    world
}

#[test]
fn what_is_declared_is_written_where_nobody_has_set_anything() {
    let mut world = World::new(ALL);
    assert_eq!(world.look(), Plan::default());
    let contacts = world.desired.contacts.clone().unwrap();
    assert_eq!(
        world.done,
        [
            Action::SetContacts(contacts.clone()),
            Action::BeginEngagement(contacts),
            Action::SetRole(ROLE.to_owned()),
            Action::AddBucket("a-logs".to_owned()),
            Action::AddBucket("b-logs".to_owned()),
        ]
    );
    assert!(world.told().iter().all(|(_, status, _)| *status == "True"));
    assert_eq!(world.told().len(), 4);
}

#[test]
fn without_a_subscription_nothing_is_written_and_each_condition_says_why() {
    let mut world = World::new(ALL);
    world.observed = Observed {
        subscribed: Some(false),
        ..Observed::default()
    };
    assert_eq!(world.look(), Plan::default());
    assert_eq!(world.done, []);
    let told = world.told();
    assert_eq!(told.len(), 4);
    assert!(
        told.iter()
            .all(|(_, status, reason)| (*status, *reason) == ("False", Reason::NotSubscribed))
    );
}

#[test]
fn a_subscription_that_is_not_renewed_says_until_when_it_lasts() {
    let mut world = settled_world();
    let found = world.observed.subscription.as_mut().unwrap();
    found.ends = Some("2026-12-31T23:00:00Z".parse().unwrap());
    found.renews = false;
    let verdict = world.verdicts().remove(0);
    assert_eq!(
        (verdict.status, verdict.reason),
        ("True", Reason::SubscriptionEnding)
    );
    assert!(
        verdict.message.contains("until 2026-12-31"),
        "{}",
        verdict.message
    );
}

#[test]
fn the_order_of_contacts_means_nothing() {
    let mut world = settled_world();
    world.observed.contacts.as_mut().unwrap().reverse();
    assert_eq!(world.plan(), Plan::default());
}

#[test]
fn what_somebody_else_changes_is_reported_and_left_alone() {
    let mut world = settled_world();
    world.observed.contacts = Some(vec![contact("other@example.com", Some("+4612"))]);
    *world.engagement() = Engagement::Disabled;
    world.srt().role = Some("arn:aws:iam::123456789012:role/theirs".to_owned());
    world.srt().buckets.remove("b-logs");
    for _ in 0..2 {
        let plan = world.look();
        let elsewhere = Setting::ALL.map(|setting| (setting, Reason::ChangedElsewhere));
        assert_eq!(reasons(&plan), elsewhere);
        assert_eq!(world.done, []);
    }
    let remedy = "palisade.dev/overwrite-settings";
    assert!(world.plan().problems.iter().all(|it| it.message.contains(remedy)));
}

#[test]
fn an_edit_of_the_spec_is_written_over_what_somebody_else_changed() {
    let mut world = settled_world();
    world.observed.contacts = Some(vec![contact("other@example.com", Some("+4612"))]);
    world.srt().buckets.clear();
    world.look();
    world.declare(
        "emergencyContacts: [{emailAddress: new@example.com, phoneNumber: '+46701234567'}]\nproactiveEngagement: true\n\
         srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/teams/srt', logBuckets: [a-logs, b-logs]}",
    );
    let plan = world.look();
    assert_eq!(
        world.done,
        [Action::SetContacts(world.desired.contacts.clone().unwrap())]
    );
    // Their declaration has not changed.
    assert_eq!(
        reasons(&plan),
        [(Setting::SrtLogBuckets, Reason::ChangedElsewhere)]
    );
}

#[test]
fn another_annotation_is_another_wish_and_is_granted_once() {
    let mut world = settled_world();
    let foreign = || Some(vec![contact("other@example.com", Some("+4612"))]);
    world.observed.contacts = foreign();
    world.look();
    world.desired.overwrite = Some("now".to_owned());
    world.look();
    assert_eq!(world.done.len(), 1);
    world.observed.contacts = foreign();
    assert_eq!(
        reasons(&world.look()),
        [(Setting::EmergencyContacts, Reason::ChangedElsewhere)]
    );
    assert_eq!(world.done.len(), 1);
}

#[test]
fn what_stood_before_the_spec_declared_anything_is_reported_and_not_overwritten() {
    let mut world = World::new(ALL);
    world.observed.contacts = Some(vec![contact("old@example.com", Some("+4612"))]);
    world.srt().role = Some("arn:aws:iam::123456789012:role/old".to_owned());
    let plan = world.look();
    assert_eq!(
        reasons(&plan),
        [
            (Setting::EmergencyContacts, Reason::ChangedElsewhere),
            (Setting::SrtRole, Reason::ChangedElsewhere)
        ]
    );
    world.desired.overwrite = Some("mine, please".to_owned());
    assert_eq!(world.look(), Plan::default());
}

#[test]
fn a_lost_status_writes_over_nothing() {
    let mut world = settled_world();
    world.observed.contacts = Some(vec![contact("other@example.com", None)]);
    world.srt().role = Some("arn:aws:iam::123456789012:role/theirs".to_owned());
    world.status = AccountShieldStatus::default();
    world.look();
    assert_eq!(world.done, []);
}

#[test]
fn proactive_engagement_names_each_thing_that_it_lacks() {
    let mut world = World::new("proactiveEngagement: true");
    world.observed.checked_protections = Some(0);
    let plan = world.look();
    assert_eq!(
        reasons(&plan),
        [(Setting::ProactiveEngagement, Reason::PreconditionsMissing)]
    );
    let message = &plan.problems[0].message;
    assert!(
        message.contains("an emergency contact with a phone number"),
        "{message}"
    );
    assert!(message.contains("a protection with a health check"), "{message}");
    world.observed.checked_protections = Some(3);
    let message = world.look().problems[0].message.clone();
    assert!(!message.contains("protection"), "{message}");
    world.observed.contacts = Some(vec![contact("soc@example.com", Some("+46701234567"))]);
    assert_eq!(world.look(), Plan::default());
    assert_eq!(world.done.len(), 1);
}

#[test]
fn proactive_engagement_waits_while_the_protections_are_not_known() {
    let mut world = World::new(ALL);
    world.observed.checked_protections = None;
    let plan = world.look();
    assert_eq!(plan.waits[0].reason, Reason::AwsUnavailable);
    assert!(
        !world
            .done
            .iter()
            .any(|action| matches!(action, Action::BeginEngagement(_)))
    );
}

#[test]
fn a_request_for_proactive_engagement_is_awaited() {
    let mut world = settled_world();
    *world.engagement() = Engagement::Pending;
    let plan = world.plan();
    assert_eq!(plan.waits[0].reason, Reason::EngagementPending);
    assert_eq!((plan.ready.len(), plan.problems.len()), (0, 0));
}

#[test]
fn proactive_engagement_begins_with_its_details_only_once() {
    let with = |engagement, details_missing| {
        let mut world = World::new("proactiveEngagement: true");
        world.observed.contacts = Some(vec![contact("soc@example.com", Some("+46701234567"))]);
        *world.engagement() = engagement;
        world.observed.details_missing = details_missing;
        matches!(world.plan().ready[0].action, Action::BeginEngagement(_))
    };
    assert!(with(Engagement::Never, false));
    assert!(!with(Engagement::Disabled, false));
    assert!(with(Engagement::Disabled, true));
}

#[test]
fn proactive_engagement_that_is_declared_off_is_ended_and_then_not_told_of() {
    let mut world = settled_world();
    world.declare("proactiveEngagement: false");
    assert_eq!(world.look(), Plan::default());
    assert_eq!(world.done, [Action::DisableEngagement]);
    assert_eq!(world.told(), [("ShieldSubscribed", "True", Reason::Subscribed)]);
}

#[test]
fn contacts_without_a_phone_number_wait_for_the_end_of_proactive_engagement() {
    let silent = "emergencyContacts: [{emailAddress: soc@example.com}]";
    let mut world = settled_world();
    world.declare(silent);
    assert_eq!(
        reasons(&world.look()),
        [(Setting::EmergencyContacts, Reason::PhoneNumberMissing)]
    );
    assert_eq!(world.done, []);
    world.declare(&format!("{silent}\nproactiveEngagement: false"));
    assert_eq!(world.look(), Plan::default());
    assert_eq!(world.done[0], Action::DisableEngagement);
    assert!(matches!(world.done[1], Action::SetContacts(_)));
}

#[test]
fn a_role_is_given_only_to_a_team_that_can_use_it() {
    let cases = [
        (RoleSeen::Absent, Reason::RoleNotFound, "there is no role"),
        (
            role("lambda.amazonaws.com", &[POLICY]),
            Reason::RoleTrustMissing,
            r#""Principal": {"Service": "drt.shield.amazonaws.com"}"#,
        ),
        (
            role("drt.shield.amazonaws.com", &[]),
            Reason::RolePolicyMissing,
            "attach-role-policy --role-name srt",
        ),
    ];
    for (seen, reason, words) in cases {
        let mut world = World::new(ALL);
        world.observed.role = Some(seen.clone());
        let plan = world.look();
        assert_eq!(reasons(&plan), [(Setting::SrtRole, reason)]);
        assert!(
            plan.problems[0].message.contains(words),
            "{}",
            plan.problems[0].message
        );
        assert!(
            !world
                .done
                .iter()
                .any(|it| matches!(it, Action::SetRole(_) | Action::AddBucket(_)))
        );

        // One that has lost what it needs is told as well.
        let mut world = settled_world();
        world.observed.role = Some(seen);
        assert_eq!(reasons(&world.look()), [(Setting::SrtRole, reason)]);
    }
}

#[test]
fn a_role_of_that_name_with_another_path_is_another_role() {
    let mut world = World::new("srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/srt'}");
    assert_eq!(reasons(&world.look()), [(Setting::SrtRole, Reason::RoleNotFound)]);
}

#[test]
fn a_bucket_that_is_no_longer_declared_is_taken_away_and_those_of_others_stay() {
    let mut world = settled_world();
    world.srt().buckets.insert("theirs".to_owned());
    world.declare(
        "srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/teams/srt', logBuckets: [b-logs, c-logs]}",
    );
    assert_eq!(world.look(), Plan::default());
    assert_eq!(
        world.done,
        [
            Action::RemoveBucket("a-logs".to_owned()),
            Action::AddBucket("c-logs".to_owned())
        ]
    );
    assert!(world.srt().buckets.contains("theirs"));
    world.declare("srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/teams/srt'}");
    assert_eq!(world.look(), Plan::default());
    assert_eq!(world.done, []);
}

#[test]
fn a_setting_that_is_declared_again_is_written_as_it_is_now() {
    let mut world = settled_world();
    world.declare("{}");
    world.look();
    assert_eq!(world.done, []);
    world.declare("emergencyContacts: [{emailAddress: new@example.com, phoneNumber: '+46701234567'}]");
    assert_eq!(world.look(), Plan::default());
    assert_eq!(world.done.len(), 1);
}

#[test]
fn nobody_is_named_by_anything_that_can_be_shown() {
    let mut world = World::new(ALL);
    let step = world.plan().ready.remove(0);
    let spec: AccountShieldSpec = serde_yaml::from_str(ALL).unwrap();
    world.observed.contacts = world.desired.contacts.clone();
    let plan = world.look();
    let shown = format!(
        "{:?} {step:?} {:?} {:?} {spec:?} {:?}",
        world.desired,
        world.observed,
        world.verdicts(),
        plan
    );
    let status = serde_json::to_string(&world.status).unwrap();
    for fact in ["soc@", "cto@", "46701234567", "by night"] {
        assert!(!shown.contains(fact), "{fact} in {shown}");
        assert!(!status.contains(fact), "{fact} in {status}");
    }
    let paths: Vec<&str> = step.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "emergencyContacts[0].emailAddress",
            "emergencyContacts[1].emailAddress",
            "emergencyContacts[1].phoneNumber",
            "emergencyContacts[1].notes"
        ]
    );
    assert!(
        step.changes
            .iter()
            .all(|change| change.to == MASK && change.from == Value::Null)
    );
}
