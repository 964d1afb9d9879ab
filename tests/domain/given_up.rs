//! An adoption that is given up before its update leaves the distribution as it was found, whatever becomes of the rest.

use super::specs::{RICH, owner, wanted};
use super::world::World;
use palisade::domain::edge::distribution;
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::{TAG_ADOPTED, TAG_UID};
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::kernel::tagging::TagStep;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, Plan};
use palisade::domain::perimeter::teardown::{Lists, retain};

const SETTLED: Lists = Lists {
    settled: true,
    lasting: std::time::Duration::ZERO,
};

/// An adopted distribution, as the owner wants it.
fn adopted() -> World {
    let mut world = World::new(Observed::of(owner()));
    world.build(&wanted(RICH));
    let Seen::Present(found) = &mut world.observed.distribution else {
        panic!("it was built");
    };
    found
        .tags
        .insert(TAG_ADOPTED.to_owned(), "2026-01-01T00:00:00Z".to_owned());
    world
}

/// A distribution that has the tags of the owner, and serves as it did before.
fn tagged() -> World {
    let mut world = adopted();
    let Seen::Present(found) = &mut world.observed.distribution else {
        panic!("it was built");
    };
    let config = &mut found.content.config;
    xml::put(config, xml::text("Comment", "theirs"), &[]);
    xml::put(config, xml::text("WebACLId", ""), &[]);
    let behavior = config.get_mut_child("DefaultCacheBehavior").unwrap();
    xml::put(behavior, xml::list("LambdaFunctionAssociations", vec![]), &[]);
    world
}

/// The keys of the tags that the plan takes off the distribution.
fn taken_off(plan: &Plan) -> Vec<String> {
    let mut steps = plan
        .ready
        .iter()
        .filter(|step| step.id.kind == Kind::Distribution);
    let step = steps.next().unwrap_or_else(|| panic!("{}", plan.to_yaml()));
    match &step.action {
        Action::Distribution(distribution::Action::Tag(call)) => match &call.step {
            TagStep::Remove(keys) => keys.clone(),
            TagStep::Set(_) => panic!("{call:?}"),
        },
        _ => panic!("{}", plan.to_yaml()),
    }
}

#[test]
fn the_tags_of_ours_go_where_the_rest_is_retained() {
    let world = tagged();
    let retained = taken_off(&retain(&owner(), &world.observed, SETTLED, "now"));
    assert!(retained.iter().any(|key| key == TAG_UID), "{retained:?}");
    assert!(retained.iter().any(|key| key == TAG_ADOPTED), "{retained:?}");
    assert!(
        retained.iter().all(|key| key.starts_with("palisade.dev/")),
        "{retained:?}"
    );
}

#[test]
fn what_was_updated_is_marked_as_retained_and_keeps_its_tags() {
    let world = adopted();
    let plan = retain(&owner(), &world.observed, SETTLED, "now");
    let mut steps = plan
        .ready
        .iter()
        .filter(|step| step.id.kind == Kind::Distribution);
    let Action::Distribution(distribution::Action::Tag(call)) = &steps.next().unwrap().action else {
        panic!("{}", plan.to_yaml());
    };
    assert!(call.set().is_some(), "{call:?}");
}
