//! How things go: in the reverse order, or not at all.

use super::specs::{RICH, owner, wanted};
use super::world::World;
use palisade::api::DeletionPolicy;
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::{TAG_ADOPTED, TAG_CONDEMNED, TAG_RETAINED};
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::{Kind, Verb};
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::teardown::departure::{Policy, departure};
use palisade::domain::perimeter::teardown::{Lists, retain, teardown};

const SETTLED: Lists = Lists {
    settled: true,
    lasting: std::time::Duration::ZERO,
};

fn standing() -> World {
    let mut world = World::new(Observed::of(owner()));
    world.build(&wanted(RICH));
    world.done.clear();
    world
}

fn told(world: &World) -> Vec<String> {
    world
        .done
        .iter()
        .map(|step| format!("{:?} {} {}", step.verb, step.id.key(), step.name))
        .collect()
}

#[test]
fn the_steps_of_a_teardown() {
    let mut world = standing();
    let last = world.run(|observed| teardown(&owner(), observed, SETTLED, "2026-01-01T00:00:00Z"));
    assert!(last.is_empty(), "{}", last.to_yaml());
    insta::assert_yaml_snapshot!("steps_of_a_teardown", told(&world));
}

#[test]
fn the_steps_of_retaining() {
    let mut world = standing();
    let last = world.run(|observed| retain(&owner(), observed, SETTLED, "2026-01-01T00:00:00Z"));
    assert!(last.is_empty(), "{}", last.to_yaml());
    insta::assert_yaml_snapshot!("steps_of_retaining", told(&world));
    assert!(
        world
            .observed
            .role
            .present()
            .unwrap()
            .tags
            .contains_key(TAG_RETAINED)
    );
    assert!(world.done.iter().all(|step| step.verb == Verb::Update));
}

/// Who has it now may not know that it stood before any object.
#[test]
fn what_was_adopted_is_taken_down_only_where_the_spec_itself_says_so() {
    for is_written in [false, true] {
        let mut world = standing();
        let Seen::Present(found) = &mut world.observed.distribution else {
            panic!("it was built");
        };
        let adopted = (TAG_ADOPTED.to_owned(), "2026-01-01T00:00:00Z".to_owned());
        found.tags.extend([adopted]);
        let policy = Policy {
            wanted: DeletionPolicy::Delete,
            is_written,
            is_for_adoption: false,
        };
        let last = world.run(|observed| departure(&owner(), observed, SETTLED, "now", policy));
        assert!(last.is_empty(), "{}", last.to_yaml());
        let is_gone = world.done.iter().any(|step| step.verb == Verb::Delete);
        assert_eq!(is_gone, is_written, "{:#?}", told(&world));
        assert_eq!(world.observed.distribution.present().is_some(), !is_written);
    }
}

/// A former owner's write may take the mark away; the caller reference stays for a distribution's life.
#[test]
fn what_palisade_did_not_make_is_not_taken_down_for_want_of_its_mark() {
    let mut world = standing();
    let Seen::Present(found) = &mut world.observed.distribution else {
        panic!("it was built");
    };
    xml::put(
        &mut found.content.config,
        xml::text("CallerReference", "theirs"),
        &[],
    );
    let policy = Policy {
        wanted: DeletionPolicy::Delete,
        is_written: false,
        is_for_adoption: false,
    };
    let last = world.run(|observed| departure(&owner(), observed, SETTLED, "now", policy));
    assert!(last.is_empty(), "{}", last.to_yaml());
    assert!(world.observed.distribution.present().is_some());
    let is_gone = world.done.iter().any(|step| step.verb == Verb::Delete);
    assert!(!is_gone, "{:#?}", told(&world));
}

#[test]
fn the_first_plan_of_a_teardown_waits_with_all_but_the_distribution() {
    let plan = teardown(&owner(), &standing().observed, SETTLED, "2026-01-01T00:00:00Z");
    insta::assert_snapshot!("plan_of_a_teardown", plan.to_yaml());
}

/// A kind goes only when no kind that is built after it is left. Function and role only get their mark: they are not gone.
#[test]
fn a_teardown_is_the_reverse_of_building() {
    let mut world = standing();
    world.run(|observed| teardown(&owner(), observed, SETTLED, "now"));
    let last_of = |kind: Kind| world.done.iter().rposition(|step| step.id.kind == kind).unwrap();
    let first_of = |kind: Kind| world.done.iter().position(|step| step.id.kind == kind).unwrap();
    for (later, earlier) in [
        (Kind::Distribution, Kind::Logging),
        (Kind::Logging, Kind::WebAcl),
        (Kind::WebAcl, Kind::IpSet),
        (Kind::Distribution, Kind::Function),
        (Kind::Distribution, Kind::Role),
    ] {
        assert!(
            later > earlier || later == Kind::Logging,
            "Kind::ALL has another order"
        );
        assert!(
            last_of(later) < first_of(earlier),
            "{earlier:?} goes before {later:?}: {:?}",
            told(&world)
        );
    }
    assert!(
        world
            .observed
            .function
            .present()
            .unwrap()
            .tags
            .contains_key(TAG_CONDEMNED)
    );
}

#[test]
fn what_an_earlier_object_left_on_purpose_goes_whole_once_the_mark_is_off_the_distribution() {
    let mut world = standing();
    world.run(|observed| retain(&owner(), observed, SETTLED, "before"));
    world.done.clear();
    let first = teardown(&owner(), &world.observed, SETTLED, "now");
    let ready: Vec<Kind> = first.ready.iter().map(|step| step.id.kind).collect();
    assert_eq!(ready, [Kind::Distribution], "{}", first.to_yaml());
    let last = world.run(|observed| teardown(&owner(), observed, SETTLED, "now"));
    assert!(last.is_empty(), "{}", last.to_yaml());
    for kind in [Kind::Distribution, Kind::WebAcl, Kind::IpSet] {
        let mut done = world.done.iter();
        let is_gone = done.any(|step| step.id.kind == kind && step.verb == Verb::Delete);
        assert!(is_gone, "{kind:?}: {:?}", told(&world));
    }
    let function = &world.observed.function.present().unwrap().tags;
    let role = &world.observed.role.present().unwrap().tags;
    for tags in [function, role] {
        assert!(tags.contains_key(TAG_CONDEMNED) && !tags.contains_key(TAG_RETAINED));
    }
}

#[test]
fn what_lists_lack_is_waited_for_until_they_are_settled() {
    let mut world = standing();
    world.observed.distribution = Seen::Listed(None);
    let young = teardown(&owner(), &world.observed, Lists::default(), "now");
    assert!(
        young.ready.is_empty() && !young.waits.is_empty(),
        "{}",
        young.to_yaml()
    );
    // Nobody is told that something was lost: nothing may have been.
    let mut said = young.waits.iter().map(|wait| &wait.message);
    assert!(
        said.any(|said| said.contains("in case a creation")),
        "{}",
        young.to_yaml()
    );
    let old = teardown(&owner(), &world.observed, SETTLED, "now");
    assert!(!old.ready.is_empty(), "{}", old.to_yaml());
}

#[test]
fn what_status_names_is_read_whatever_lists_lack() {
    let mut world = standing();
    world.observed.web_acl = Seen::Listed(None);
    world.observed.distribution = Seen::Absent;
    world.observed.outputs.web_acl_id = Some("id".into());
    let plan = teardown(&owner(), &world.observed, SETTLED, "now");
    assert!(
        plan.reads.iter().any(|id| id.kind == Kind::WebAcl),
        "{}",
        plan.to_yaml()
    );
}

#[test]
fn where_there_is_no_role_nothing_was_ever_built() {
    let mut observed = Observed::of(owner());
    observed.role = Seen::Absent;
    observed.function = Seen::Absent;
    let plan = teardown(&owner(), &observed, Lists::default(), "now");
    assert!(plan.is_empty(), "{}", plan.to_yaml());
}
