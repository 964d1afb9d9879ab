//! What holds for whatever is declared of an account's settings, and whatever AWS has.

use super::world_account_shield::{ROLE, World, contact, fresh, reasons};
use palisade::api::AccountShieldStatus;
use palisade::domain::shield::account::contact::Contact;
use palisade::domain::shield::account::standing::{Standing, standing};
use palisade::domain::shield::account::{Desired, Engagement, Observed, Setting, SrtSeen, Subscription};
use proptest::prelude::*;
use std::collections::BTreeSet;

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
    prop::sample::select(vec![
        None,
        Some(ROLE.to_owned()),
        Some("arn:aws:iam::1:role/x".to_owned()),
    ])
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
        prop_assert!(world.done.is_empty(), "{:?}", world.done);
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
