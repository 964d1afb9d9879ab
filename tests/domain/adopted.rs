//! A distribution that was adopted, and of which somebody took a mark away, or which cannot be read.

use super::specs::{owner, wanted};
use super::world::World;
use palisade::domain::access::table::marks::Marks;
use palisade::domain::adoption::before::Before;
use palisade::domain::edge::distribution;
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::{TAG_ADOPTED, Tags};
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::perimeter::adoption::Standing;
use palisade::domain::perimeter::desired::Desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, plan};
use palisade::domain::perimeter::records::verified;
use palisade::domain::pricing_plans::subscription::{self, Subscription};

/// A perimeter that stands, and its distribution's id; with a distribution that stood before, where it has another's caller reference.
fn standing(reference: Option<&str>) -> (World, String) {
    let mut world = World::new(Observed::of(owner()));
    world.build(&wanted(""));
    let Seen::Present(found) = &mut world.observed.distribution else {
        panic!("it was built");
    };
    let content = &mut found.content;
    if let Some(reference) = reference {
        xml::put(&mut content.config, xml::text("CallerReference", reference), &[]);
    }
    let id = content.id.clone();
    (world, id)
}

fn adopting(id: &str) -> Desired {
    wanted(&format!("distribution: {{adopt: {{id: {id}}}}}"))
}

/// The tags that are set on the distribution next.
fn set(desired: &Desired, observed: &Observed) -> Option<Tags> {
    let plan = plan(desired, observed);
    let mut steps = plan.ready.iter();
    let step = steps.find(|step| step.id.kind == Kind::Distribution)?;
    match &step.action {
        Action::Distribution(distribution::Action::Tag(call)) => call.set().cloned(),
        _ => panic!("{}", plan.to_yaml()),
    }
}

/// By it the distribution is not taken down with an object that does not say that it was adopted.
#[test]
fn the_mark_of_an_adoption_is_written_back_where_somebody_took_it_away() {
    let (mut world, id) = standing(Some("theirs"));
    let tags = set(&adopting(&id), &world.observed).expect("the mark is missing");
    assert_eq!(tags.keys().collect::<Vec<_>>(), [TAG_ADOPTED]);
    world.observed.pass.at = "2026-02-01T00:00:00Z".parse().unwrap();
    // Else nobody would see that it is taken away again and again.
    assert_eq!(set(&adopting(&id), &world.observed), Some(tags));
    let Seen::Present(found) = &mut world.observed.distribution else {
        panic!("it was built");
    };
    let adopted = (TAG_ADOPTED.to_owned(), "2026-01-01T00:00:00Z".to_owned());
    found.tags.extend([adopted]);
    assert_eq!(set(&adopting(&id), &world.observed), None);
}

#[test]
fn a_distribution_that_palisade_made_never_gets_that_mark() {
    let (world, id) = standing(None);
    assert_eq!(set(&wanted(""), &world.observed), None);
    assert_eq!(set(&adopting(&id), &world.observed), None);
    assert_eq!(set(&adopting("E0ANOTHER"), &world.observed), None);
}

/// A web ACL that is made anew begins with the rules of the former one, which have to be known.
#[test]
fn while_what_an_adoption_has_to_know_is_unread_nothing_is_made() {
    let (mut world, id) = standing(Some("theirs"));
    let desired = adopting(&id);
    world.forget(&desired);
    world.observed.web_acl = Seen::Absent;
    let standing = |observed: &Observed| format!("{:?}", observed.standing(&desired).unwrap());
    assert_eq!(standing(&world.observed), format!("{:?}", Standing::Adopted));
    world.observed.adoption.is_unread = true;
    assert_eq!(standing(&world.observed), format!("{:?}", Standing::Unread));
    let plan = plan(&desired, &world.observed);
    assert!(plan.ready.is_empty(), "{}", plan.to_yaml());
}

/// AWS takes no web ACL off that a plan is for.
#[test]
fn a_distribution_that_is_in_a_pricing_plan_by_now_is_not_given_back() {
    let (mut world, id) = standing(Some("theirs"));
    let mut desired = adopting(&id);
    desired.adoption.as_mut().unwrap().release = true;
    let found = world.observed.distribution.present().unwrap().clone();
    let reasons = |observed: &Observed| -> Vec<String> {
        let refusals = observed.release_refusals(&desired, &found).into_iter();
        refusals.map(|refusal| refusal.reason).collect()
    };
    assert!(!reasons(&world.observed).contains(&"PricingPlan".to_owned()));
    let plan = Subscription {
        arn: "arn:plan".into(),
        tier: "PRO".into(),
        state: "ACTIVE".into(),
        resource_arns: vec![found.content.arn.clone()],
        since: None,
        scheduled: None,
    };
    world.observed.pricing_plan = subscription::Seen::Known(Some(Box::new(plan)));
    assert!(reasons(&world.observed).contains(&"PricingPlan".to_owned()));
}

/// Its record was not written, as after a crash. Once it serves as it did before, nothing else tells that viewers had ours.
#[test]
fn a_release_notes_that_the_distribution_was_updated_before_it_puts_back_what_stood_before() {
    let (mut world, id) = standing(Some("theirs"));
    let mut desired = adopting(&id);
    desired.adoption.as_mut().unwrap().release = true;
    desired.access.probes = false;
    let Seen::Present(access) = &mut world.observed.access else {
        panic!("it was built");
    };
    access.marks = Marks::default();
    let Seen::Present(found) = &mut world.observed.distribution else {
        panic!("it was built");
    };
    let mut former = found.content.config.clone();
    xml::put(&mut former, xml::text("Comment", "theirs"), &[]);
    let origin = xml::text_at(&former, "DefaultCacheBehavior/TargetOriginId").unwrap();
    let before = Before::of(&former, &origin, &Tags::new()).to_tags();
    world.observed.outputs.memory_hash = Before::hash_of(&before);
    found.tags.extend(before);
    let updates = |observed: &Observed| {
        let plan = plan(&desired, observed);
        let mut steps = plan.ready.iter();
        let is_update = steps.any(|step| {
            matches!(
                step.action,
                Action::Distribution(distribution::Action::Update { .. })
            )
        });
        (is_update, plan)
    };
    world.observed.pass.recorded.remove(Kind::Distribution.name());
    let (is_update, first) = updates(&world.observed);
    assert!(!is_update && first.ready.is_empty(), "{}", first.to_yaml());
    assert_eq!(first.waits.len(), 1, "{}", first.to_yaml());
    world.observed.pass.recorded = verified(&desired, &world.observed, &first);
    let (is_update, second) = updates(&world.observed);
    assert!(is_update, "{}", second.to_yaml());
}
