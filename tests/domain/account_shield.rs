//! The account-wide settings of Shield Advanced: what is written, what is reported, and what is left alone.

use palisade::api::{AccountShieldSpec, AccountShieldStatus};
use palisade::domain::account_shield::contact::{Contact, MASK, Personal};
use palisade::domain::account_shield::plan::{Action, Plan, after, plan};
use palisade::domain::account_shield::srt::{POLICY, RoleSeen};
use palisade::domain::account_shield::standing::{Standing, settled, standing};
use palisade::domain::account_shield::verdicts::{Look, verdicts};
use palisade::domain::account_shield::{
    Desired, Engagement, Observed, Setting, SrtSeen, Subscription, desired,
};
use palisade::domain::reason::Reason;
use palisade::domain::status::Verdict;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ROLE: &str = "arn:aws:iam::123456789012:role/teams/srt";
const ALL: &str = r"
emergencyContacts: [{emailAddress: soc@example.com, phoneNumber: '+46701234567', notes: by night}, {emailAddress: cto@example.com}]
proactiveEngagement: true
srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/teams/srt', logBuckets: [a-logs, b-logs]}
";

fn wish(yaml: &str) -> Desired {
    let spec: AccountShieldSpec = serde_yaml::from_str(yaml).unwrap();
    desired(&spec, None)
}

fn contact(email: &str, phone: Option<&str>) -> Contact {
    Contact {
        email: Personal::new(email),
        phone: phone.map(Personal::new),
        notes: None,
    }
}

fn role(service: &str, attached: &[&str]) -> RoleSeen {
    let statement = json!({"Effect": "Allow", "Principal": {"Service": [service]}, "Action": ["sts:AssumeRole"]});
    RoleSeen::Present {
        arn: ROLE.to_owned(),
        trust: json!({"Version": "2012-10-17", "Statement": statement}),
        attached: attached.iter().map(ToString::to_string).collect(),
    }
}

/// A subscribed account in which nobody has set anything, with all that settings need.
fn fresh() -> Observed {
    Observed {
        subscribed: Some(true),
        subscription: Some(Subscription {
            renews: true,
            ..Subscription::default()
        }),
        contacts: Some(vec![]),
        srt: Some(SrtSeen::default()),
        role: Some(role("drt.shield.amazonaws.com", &[POLICY])),
        checked_protections: Some(1),
        details_missing: false,
    }
}

/// An account with its object: what is declared, what AWS has, and what status remembers.
struct World {
    desired: Desired,
    observed: Observed,
    status: AccountShieldStatus,
    done: Vec<Action>,
}

impl World {
    fn new(yaml: &str) -> Self {
        Self {
            desired: wish(yaml),
            observed: fresh(),
            status: AccountShieldStatus::default(),
            done: Vec::new(),
        }
    }

    fn plan(&self) -> Plan {
        plan(&self.desired, &self.observed, &self.status)
    }

    /// One look: all that is ready is done, one call at a time, and granted at once.
    fn look(&mut self) -> Plan {
        for _ in 0..40 {
            let Some(step) = self.plan().ready.into_iter().next() else {
                break;
            };
            self.observed = after(&self.observed, &step.action);
            self.grant();
            self.done.push(step.action);
        }
        let plan = self.plan();
        assert_eq!(plan.ready, [], "more calls than settings need");
        self.status = settled(&self.desired, &self.observed, &self.status);
        plan
    }

    fn grant(&mut self) {
        if let Some(found) = &mut self.observed.subscription
            && found.engagement == Engagement::Pending
        {
            found.engagement = Engagement::Enabled;
        }
    }

    fn declare(&mut self, yaml: &str) {
        self.desired = wish(yaml);
        self.done.clear();
    }

    fn engagement(&mut self) -> &mut Engagement {
        &mut self.observed.subscription.as_mut().unwrap().engagement
    }

    fn srt(&mut self) -> &mut SrtSeen {
        self.observed.srt.as_mut().unwrap()
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let plan = self.plan();
        verdicts(&Look {
            desired: &self.desired,
            observed: &self.observed,
            plan: &plan,
            failures: &[],
            before: &self.status,
            conditions: &[],
            generation: Some(1),
        })
    }

    fn told(&self) -> Vec<(&'static str, &'static str, Reason)> {
        let verdicts = self.verdicts().into_iter();
        verdicts
            .map(|verdict| (verdict.is, verdict.status, verdict.reason))
            .collect()
    }
}

fn settled_world() -> World {
    let mut world = World::new(ALL);
    assert_eq!(world.look(), Plan::default());
    world.done.clear();
    world
}

fn reasons(plan: &Plan) -> Vec<(Setting, Reason)> {
    let problems = plan.problems.iter();
    problems.map(|problem| (problem.setting, problem.reason)).collect()
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
    assert!(verdict.message.contains("until 2026-12-31"), "{}", verdict.message);
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
    assert_eq!(
        world.told(),
        [("ShieldSubscribed", "True", Reason::Subscribed)]
    );
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
        assert!(!world.done.iter().any(|it| matches!(it, Action::SetRole(_) | Action::AddBucket(_))));

        // One that has lost what it needs is told as well.
        let mut world = settled_world();
        world.observed.role = Some(seen);
        assert_eq!(reasons(&world.look()), [(Setting::SrtRole, reason)]);
    }
}

#[test]
fn a_role_of_that_name_with_another_path_is_another_role() {
    let mut world = World::new("srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/srt'}");
    assert_eq!(
        reasons(&world.look()),
        [(Setting::SrtRole, Reason::RoleNotFound)]
    );
}

#[test]
fn a_bucket_that_is_no_longer_declared_is_taken_away_and_those_of_others_stay() {
    let mut world = settled_world();
    world.srt().buckets.insert("theirs".to_owned());
    world.declare("srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/teams/srt', logBuckets: [b-logs, c-logs]}");
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
    assert!(step.changes.iter().all(|change| change.to == MASK && change.from == Value::Null));
}

fn any_contacts() -> impl Strategy<Value = Vec<Contact>> {
    let any = (0..3_u8, prop::option::of(0..2_u8)).prop_map(|(name, phone)| {
        let phone = phone.map(|digit| format!("+46{digit}"));
        contact(&format!("{name}@example.com"), phone.as_deref())
    });
    prop::collection::vec(any, 0..3)
}

fn any_buckets() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[a-c]-logs", 0..3)
}

fn any_role() -> impl Strategy<Value = Option<String>> {
    prop::sample::select(vec![None, Some(ROLE.to_owned()), Some("arn:aws:iam::1:role/x".to_owned())])
}

fn any_desired() -> impl Strategy<Value = Desired> {
    let role = prop::option::of(Just(ROLE.to_owned()));
    (
        prop::option::of(any_contacts()),
        prop::option::of(any::<bool>()),
        role,
        prop::option::of(any_buckets()),
        prop::option::of(Just("now".to_owned())),
    )
        .prop_map(|(contacts, engagement, srt_role, buckets, overwrite)| Desired {
            contacts,
            engagement,
            buckets: srt_role.as_ref().and(buckets),
            srt_role,
            overwrite,
        })
}

fn any_observed() -> impl Strategy<Value = Observed> {
    let engagement = prop::sample::select(vec![
        Engagement::Never,
        Engagement::Disabled,
        Engagement::Pending,
        Engagement::Enabled,
    ]);
    (any_contacts(), engagement, any_role(), any_buckets(), 0..2_usize).prop_map(
        |(contacts, engagement, role, buckets, checked)| Observed {
            contacts: Some(contacts),
            subscription: Some(Subscription {
                engagement,
                ..Subscription::default()
            }),
            srt: Some(SrtSeen { role, buckets }),
            checked_protections: Some(checked),
            ..fresh()
        },
    )
}

fn declared(desired: &Desired) -> Vec<Setting> {
    let settings = Setting::ALL.into_iter();
    settings
        .filter(|setting| desired.fingerprint(*setting).is_some())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_declared_is_never_written(first in any_desired(), second in any_desired(), observed in any_observed()) {
        let mut world = World { desired: first, observed, status: AccountShieldStatus::default(), done: Vec::new() };
        for desired in [world.desired.clone(), second] {
            world.desired = desired;
            for step in world.plan().ready {
                prop_assert!(declared(&world.desired).contains(&step.setting), "{step:?}");
            }
            let before = world.observed.clone();
            world.look();
            if world.desired.contacts.is_none() {
                prop_assert_eq!(&before.contacts, &world.observed.contacts);
            }
            if world.desired.engagement.is_none() {
                prop_assert_eq!(&before.subscription, &world.observed.subscription);
            }
            if world.desired.srt_role.is_none() {
                prop_assert_eq!(&before.srt, &world.observed.srt);
            }
        }
    }

    #[test]
    fn a_second_look_does_nothing(desired in any_desired(), observed in any_observed()) {
        let mut world = World { desired, observed, status: AccountShieldStatus::default(), done: Vec::new() };
        let first = world.look();
        world.done.clear();
        let second = world.look();
        prop_assert_eq!(&world.done, &[]);
        prop_assert_eq!(reasons(&first), reasons(&second));
        for setting in declared(&world.desired) {
            let stands = standing(&world.desired, &world.observed, &world.status, setting);
            prop_assert!(stands == Some(Standing::Right) || !second.problems.is_empty(), "{setting:?} {stands:?}");
        }
    }

    /// Without a status nobody knows who set what stands, so only what is empty is filled.
    #[test]
    fn nothing_that_stands_is_overwritten_without_a_status(desired in any_desired(), observed in any_observed()) {
        let mut world = World { desired, observed: observed.clone(), status: AccountShieldStatus::default(), done: Vec::new() };
        world.look();
        let contacts = observed.contacts.unwrap();
        prop_assert!(contacts.is_empty() || world.observed.contacts == Some(contacts));
        let (before, after) = (observed.srt.unwrap(), world.observed.srt.unwrap());
        prop_assert!(before.role.is_none() || before.role == after.role);
        prop_assert!(before.buckets.is_subset(&after.buckets));
        let was_on = observed.subscription.unwrap().engagement.is_on();
        prop_assert!(!was_on || world.observed.subscription.unwrap().engagement.is_on());
    }
}
