//! What the lock decides in each state, fact by fact: a picture of the whole table (`src/domain/access/table/machine.rs`), made by asking it.
//!
//! Each fact is tried alone. Beside each other one it takes minutes: name a file in `LOCK_STATES`, before and after a change of the
//! shape alone, and compare the two.

use super::access::{desired, story};
use super::api::{Api, TEAMS};
use super::lock_facts::FACTS;
use super::lock_scenes::{Fact, edited, served, serves_ours};
use super::specs::owner;
use super::world::World;
use jiff::{SignedDuration, Timestamp};
use palisade::api::{ErrorNamed, OriginType};
use palisade::domain::access::asked::as_deployed::Deployed;
use palisade::domain::access::asked::ways_in::WaysIn;
use palisade::domain::access::authorization::{Action, Authorization, Observed as Found};
use palisade::domain::access::lock::unproven::settle;
use palisade::domain::access::probe::{Verdict, Way};
use palisade::domain::access::table::cause::Cause;
use palisade::domain::access::table::marks::{LockedBefore, Phase, Step};
use palisade::domain::kernel::hash::short;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::perimeter::desired::Desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Plan, plan};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What is wanted and seen while the lock decides.
#[derive(Clone)]
pub struct Scene {
    pub desired: Desired,
    pub observed: Observed,
    pub found: Found,
}

impl Scene {
    fn of(kind: OriginType, is_by_itself: bool, step: Option<Step>) -> Self {
        let keys: &[&str] = match kind {
            OriginType::Rest => &["GET /pets", "POST /pets"],
            OriginType::Http => &["GET /orders", "POST /orders"],
            OriginType::WebSocket => &["$connect", "$default"],
        };
        let mut world = World::new(Observed::of(owner()));
        // What the distribution sends is in force, and was read.
        world.build(&desired(kind, "access: {enforcement: Observe}"));
        world.observed.probes.clear();
        world.observed.pass.at = now();
        let mut api = Api::open(kind, keys);
        api.stage.auto_deploy = is_by_itself;
        let wanted = desired(kind, "");
        let mut found = api.read();
        found.stages = Some(vec![]);
        found.ways_in = Some(WaysIn::default());
        found.refused_as = Some(BTreeSet::new());
        found.marks.cut_over = step.map(|step| phase(kind, &wanted, step));
        if is_by_itself && let Some(phase) = &mut found.marks.cut_over {
            phase.before = None;
        }
        world.observed.due.probes = false;
        Self {
            desired: wanted,
            observed: world.observed,
            found,
        }
    }

    /// The working copy has our lock, whole.
    fn edited(mut self) -> Self {
        edited(&mut self, usize::MAX, &Authorization::aws_iam());
        self
    }

    /// The stage serves our lock, whole.
    fn made(mut self) -> Self {
        self = self.edited();
        served(&mut self, usize::MAX, &Authorization::aws_iam());
        serves_ours(&mut self);
        self
    }

    fn with(&self, fact: &Fact) -> Self {
        let mut scene = self.clone();
        (fact.1)(&mut scene);
        scene
    }

    pub fn phase(&mut self, change: impl FnOnce(&mut Phase)) {
        if let Some(phase) = &mut self.found.marks.cut_over {
            change(phase);
        }
    }

    pub fn answers(&mut self, direct: Verdict, viewer: Verdict) {
        self.observed.probes.insert(Way::Direct, direct);
        self.observed.probes.insert(Way::Viewer, viewer);
    }

    /// What is planned, in words without messages; `in_full`: with a digest of all that is planned.
    fn told(&self, in_full: bool) -> String {
        let mut observed = self.observed.clone();
        observed.access = Seen::Present(self.found.clone());
        let (declared, inputs) = (self.desired.of_access(), observed.access_inputs(&self.desired));
        let plans = [
            ("", plan(&self.desired, &observed)),
            ("settled: ", settle(&declared, &inputs, false, true)),
            ("halted: ", settle(&declared, &inputs, true, true)),
        ];
        let mut words = Vec::new();
        for (name, plan) in &plans {
            let told = told(plan);
            if name.is_empty() || told != "nothing" {
                words.push(format!("{name}{told}"));
            }
        }
        if in_full {
            words.extend(plans.iter().map(|(_, plan)| short(&plan.to_yaml())));
        }
        words.join(" | ")
    }
}

pub fn now() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn phase(kind: OriginType, desired: &Desired, step: Step) -> Phase {
    let is_refused = matches!(step, Step::Refused | Step::Back);
    Phase {
        step,
        before: Some(TEAMS.to_owned()),
        route: (kind != OriginType::Rest && step != Step::Rest).then(|| {
            if kind == OriginType::Http {
                "id-GET /orders"
            } else {
                "id-$connect"
            }
            .to_owned()
        }),
        from: "NONE".to_owned(),
        refusals: u32::from(is_refused),
        since: now() - SignedDuration::from_secs(30),
        tried: Some(desired.access.proof.mark()),
        locked_before: LockedBefore::of([].into_iter()),
        cause: is_refused.then_some(Cause::Refused),
    }
}

/// A plan in a few words.
fn told(plan: &Plan) -> String {
    let mut words: Vec<String> = plan.reads.iter().map(|id| format!("read {}", id.key())).collect();
    words.extend(plan.probes.iter().map(|probe| format!("probe {:?}", probe.way)));
    words.extend(story(&plan.ready));
    let others = plan.ready.iter().filter(|step| step.id.kind != Kind::Access);
    words.extend(others.map(|step| format!("{:?} {}", step.verb, step.id.key())));
    let blocked = plan.blocked.iter();
    words.extend(blocked.map(|blocked| format!("{} after {:?}", blocked.id.key(), blocked.on)));
    words.extend(
        plan.waits
            .iter()
            .map(|wait| format!("wait {:?} {:?}", wait.reason, wait.retry_after)),
    );
    words.extend(plan.problems.iter().map(|problem| match problem.retry_after {
        Some(after) => format!("problem {:?} {after:?}", problem.reason),
        None => format!("problem {:?}", problem.reason),
    }));
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}

#[test]
fn what_the_lock_decides_in_each_state_is_as_it_was() {
    let kinds = [
        ("REST", OriginType::Rest, false),
        ("HTTP", OriginType::Http, false),
        ("HTTP, deploys by itself", OriginType::Http, true),
        ("WebSocket", OriginType::WebSocket, false),
    ];
    let steps = [
        Step::Trying,
        Step::Rest,
        Step::Narrowing,
        Step::Refused,
        Step::Back,
    ];
    let steps = || std::iter::once(None).chain(steps.map(Some));
    let path = std::env::var_os("LOCK_STATES");
    let (mut picture, mut all) = (String::new(), String::new());
    for (kind, r#type, is_by_itself) in kinds {
        for step in steps() {
            let open = Scene::of(r#type, is_by_itself, step);
            let (edited, made) = (open.clone().edited(), open.clone().made());
            for (name, base) in [
                ("open", Box::new(open)),
                ("locked as edited", Box::new(edited)),
                ("locked as served", Box::new(made)),
            ] {
                let marked = step.map_or_else(|| "no mark".to_owned(), |step| format!("marked as {step:?}"));
                let head = format!("{kind}, {marked}, {name}");
                let plain = base.told(false);
                let _ = writeln!(picture, "{head}: {plain}");
                let mut same = Vec::new();
                for (number, fact) in FACTS.iter().enumerate() {
                    let scene = base.with(fact);
                    let words = scene.told(false);
                    if words == plain {
                        same.push(fact.0);
                    } else {
                        let _ = writeln!(picture, "  {}: {words}", fact.0);
                    }
                    for other in FACTS[number..].iter().filter(|_| path.is_some()) {
                        let words = scene.with(other).told(true);
                        let _ = writeln!(all, "{head}, {}, {}: {words}", fact.0, other.0);
                    }
                }
                let _ = writeln!(picture, "  the same: {}", same.join("; "));
            }
        }
    }
    if let Some(path) = path {
        std::fs::write(path, all).unwrap();
    }
    insta::assert_snapshot!("lock_states", picture);
}

#[test]
fn a_lock_that_lets_viewers_in_and_that_the_stage_does_not_show_is_put_back_for_the_latter() {
    let mut scene = Scene::of(OriginType::Rest, false, Some(Step::Trying)).made();
    scene.found.deployed = Deployed::Unknown("why".to_owned());
    let refused = Verdict::Refused {
        status: 403,
        error: Some(ErrorNamed::Unsigned),
        said: "Missing Authentication Token".to_owned(),
    };
    scene.answers(refused, Verdict::Reached { status: 200 });
    let mut observed = scene.observed.clone();
    observed.access = Seen::Present(scene.found.clone());
    let (declared, inputs) = (scene.desired.of_access(), observed.access_inputs(&scene.desired));
    let plan: Plan = settle(&declared, &inputs, true, true);
    let cause = plan.ready.iter().find_map(|step| match &step.action {
        palisade::domain::perimeter::plan::Action::Access(Action::PutBack { why, .. }) => why.cause,
        _ => None,
    });
    assert_eq!(cause, Some(Cause::NotServed), "{}", plan.to_yaml());
}
