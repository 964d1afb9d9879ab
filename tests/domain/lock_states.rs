//! What the lock decides in each state, fact by fact: a picture of the whole table (`src/domain/access/machine.rs`), made by asking it.
//!
//! Each fact is tried alone. Beside each other one it takes minutes: name a file in `LOCK_STATES`, before and after a change of the
//! shape alone, and compare the two.

use super::access::{desired, story};
use super::api::{Api, TEAMS};
use super::specs::owner;
use super::world::World;
use jiff::{SignedDuration, Timestamp};
use palisade::api::{CutOver, Enforcement, OriginType};
use palisade::domain::access::as_deployed::{Deployed, Served};
use palisade::domain::access::authorization::{
    Authorization, Canary, Deployment, Observed as Found, Pending, Stage, description,
};
use palisade::domain::access::cause::{Cause, Why};
use palisade::domain::access::marks::{Before, LockedBefore, Phase, Rotated, Step};
use palisade::domain::access::other_doors::NamedStage;
use palisade::domain::access::probe::{Class, Verdict, Way};
use palisade::domain::access::proof::Proof;
use palisade::domain::access::unproven::settle;
use palisade::domain::edge::distribution;
use palisade::domain::kernel::hash::short;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::perimeter::desired::Desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Plan, plan};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const OURS: &str = "d-ours";
const HEADER: &str = "x-origin-verify";

/// What is wanted and seen while the lock decides.
#[derive(Clone)]
struct Scene {
    desired: Desired,
    observed: Observed,
    found: Found,
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
        found.domain_names = Some(BTreeSet::new());
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

    fn phase(&mut self, change: impl FnOnce(&mut Phase)) {
        if let Some(phase) = &mut self.found.marks.cut_over {
            change(phase);
        }
    }

    fn answers(&mut self, direct: Verdict, viewer: Verdict) {
        self.observed.probes.insert(Way::Direct, direct);
        self.observed.probes.insert(Way::Viewer, viewer);
    }

    /// What is planned, in words without messages; `in_full`: with a digest of all that is planned.
    fn told(&self, in_full: bool) -> String {
        let mut observed = self.observed.clone();
        observed.access = Seen::Present(self.found.clone());
        let plans = [
            ("", plan(&self.desired, &observed)),
            ("settled: ", settle(&self.desired, &observed, false)),
            ("halted: ", settle(&self.desired, &observed, true)),
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

fn now() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn phase(kind: OriginType, desired: &Desired, step: Step) -> Phase {
    let is_refused = matches!(step, Step::Refused | Step::Back);
    Phase {
        step,
        before: Some(TEAMS.to_owned()),
        door: (kind != OriginType::Rest && step != Step::Rest).then(|| {
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

type Fact = (&'static str, fn(&mut Scene));

/// The first `count` doors, as edited, ask for this.
fn edited(scene: &mut Scene, count: usize, authorization: &Authorization) {
    for door in scene.found.doors.iter_mut().take(count) {
        door.authorization = authorization.clone();
    }
}

/// The same as deployed.
fn served(scene: &mut Scene, count: usize, authorization: &Authorization) {
    let doors = scene.found.doors.iter().enumerate();
    let asked = |number| {
        if number < count {
            authorization.clone()
        } else {
            Authorization::none()
        }
    };
    let doors: BTreeMap<_, _> = doors
        .map(|(number, door)| (door.key.clone(), asked(number)))
        .collect();
    scene.found.deployed = Deployed::Doors(Served::of(&deployment("d", doors)));
}

fn deployment(id: &str, doors: BTreeMap<String, Authorization>) -> Deployment {
    Deployment {
        id: id.to_owned(),
        description: String::new(),
        doors,
    }
}

fn serves_ours(scene: &mut Scene) {
    scene.found.stage.deployment = Some(OURS.to_owned());
    scene.found.policies.description = description(&scene.desired.owner, &scene.desired.access.proof, true);
}

fn cognito() -> Authorization {
    Authorization {
        kind: "COGNITO_USER_POOLS".to_owned(),
        authorizer: Some("a-team".to_owned()),
        api_key_required: false,
    }
}

fn reached(status: u16) -> Verdict {
    Verdict::Reached { status }
}

fn refused() -> Verdict {
    Verdict::Refused {
        status: 403,
        said: "Missing Authentication Token".to_owned(),
    }
}

fn ambiguous(status: u16) -> Verdict {
    Verdict::Ambiguous {
        status,
        why: "both say so".to_owned(),
    }
}

fn private() -> Verdict {
    Verdict::PrivateNetwork {
        address: [10, 0, 0, 1].into(),
    }
}

fn was(scene: &mut Scene, viewer: &str, direct: &str) {
    scene.found.marks.before = Some(Before {
        viewer: Class::parse(viewer),
        direct: Class::parse(direct),
    });
}

fn is_now(scene: &mut Scene, viewer: &str) {
    let class = Class::parse(viewer).unwrap();
    scene.observed.classes.insert(Way::Viewer, class);
}

fn canary(scene: &mut Scene, asked: &Authorization) {
    scene.found.stage.canary = Some(Canary {
        deployment: "d-canary".to_owned(),
        is_served: true,
    });
    let doors = scene.found.doors.iter();
    let doors = doors.map(|door| (door.key.clone(), asked.clone())).collect();
    scene.found.canary = Some(Deployed::Doors(Served::of(&deployment("d-canary", doors))));
}

fn status_of(scene: &mut Scene, status: &str) {
    let Seen::Present(found) = &mut scene.observed.distribution else {
        return;
    };
    found.content.status = status.to_owned();
}

/// Longer than a probe is repeated that proves nothing.
fn since_long(scene: &mut Scene) {
    scene.phase(|phase| phase.since = now() - SignedDuration::from_mins(10));
}

/// As the team declares it otherwise.
fn declared(scene: &mut Scene, yaml: &str) {
    scene.desired = desired(scene.desired.access.gate.r#type, yaml);
}

/// What may be so, or be seen, besides.
const FACTS: &[Fact] = &[
    ("the first is locked as edited", |scene| {
        edited(scene, 1, &Authorization::aws_iam())
    }),
    ("all are locked as edited", |scene| {
        edited(scene, 9, &Authorization::aws_iam())
    }),
    ("all are open as edited", |scene| {
        edited(scene, 9, &Authorization::none())
    }),
    ("one has an authorizer", |scene| edited(scene, 1, &cognito())),
    ("there are none", |scene| scene.found.doors.clear()),
    ("the first is locked as deployed", |scene| {
        served(scene, 1, &Authorization::aws_iam())
    }),
    ("all are locked as deployed", |scene| {
        served(scene, 9, &Authorization::aws_iam())
    }),
    ("all are open as deployed", |scene| {
        served(scene, 0, &Authorization::none())
    }),
    ("nothing is deployed", |scene| {
        scene.found.deployed = Deployed::Nothing
    }),
    ("what is deployed is outdated", |scene| {
        scene.found.deployed = Deployed::Outdated(None)
    }),
    ("what is deployed is cut short", |scene| {
        scene.found.deployed = Deployed::CutShort("some".to_owned());
    }),
    ("what is deployed is unknown", |scene| {
        scene.found.deployed = Deployed::Unknown("why".to_owned());
    }),
    ("what is deployed is for another mode", |scene| {
        scene.found.deployed = Deployed::LockedOtherwise(None);
    }),
    ("the stage serves ours", serves_ours),
    ("the stage serves a release", |scene| {
        scene.found.stage.deployment = Some("d-release".to_owned());
        scene.found.policies.description = "by hand".to_owned();
    }),
    ("the stage serves what it did before", |scene| {
        scene.found.stage.deployment = Some(TEAMS.to_owned());
        scene.found.policies.description = "by hand".to_owned();
    }),
    ("the stage was not read since", |scene| {
        scene.found.is_stage_known = false
    }),
    ("what was before is gone", |scene| {
        scene.found.is_before_gone = true
    }),
    ("nothing was before", |scene| {
        scene.phase(|phase| phase.before = None)
    }),
    ("all were locked before", |scene| {
        scene.phase(|phase| phase.locked_before = Some(LockedBefore::All));
    }),
    ("which were locked before is not known", |scene| {
        scene.phase(|phase| phase.locked_before = None)
    }),
    ("it is for another mode", |scene| {
        scene.phase(|phase| phase.tried = Some(Proof::Key.mark()));
    }),
    ("it came from an authorizer", |scene| {
        scene.phase(|phase| phase.from = "CUSTOM".to_owned())
    }),
    ("it came from a key", |scene| {
        scene.phase(|phase| phase.from = "KEY".to_owned())
    }),
    ("it goes on for long", since_long),
    ("shut past it, open through it", |scene| {
        scene.answers(refused(), reached(200))
    }),
    ("open both ways", |scene| {
        scene.answers(reached(200), reached(200))
    }),
    ("refused both ways", |scene| scene.answers(refused(), refused())),
    ("ambiguous both ways", |scene| {
        scene.answers(ambiguous(403), ambiguous(403))
    }),
    ("ambiguous past it", |scene| {
        scene.answers(ambiguous(403), reached(200))
    }),
    ("ambiguous through it", |scene| {
        scene.answers(refused(), ambiguous(403))
    }),
    ("a failure through it", |scene| {
        scene.answers(refused(), reached(500))
    }),
    ("throttled through it", |scene| {
        scene.answers(refused(), Verdict::Throttled)
    }),
    ("blocked through it", |scene| {
        scene.answers(refused(), Verdict::BlockedByWebAcl)
    }),
    ("the edge failed", |scene| {
        scene.answers(
            refused(),
            Verdict::EdgeFailed {
                status: 502,
                said: String::new(),
            },
        );
    }),
    ("an authorizer answers first", |scene| {
        let first = || Verdict::AuthorizerFirst {
            status: 401,
            said: "Unauthorized".to_owned(),
        };
        scene.answers(first(), first());
    }),
    ("keys are asked for past it", |scene| {
        scene.answers(Verdict::KeyMissing { status: 403 }, reached(200));
    }),
    ("private past it", |scene| scene.answers(private(), reached(200))),
    ("open both ways for long", |scene| {
        since_long(scene);
        scene.answers(reached(200), reached(200));
    }),
    ("ambiguous both ways for long", |scene| {
        since_long(scene);
        scene.answers(ambiguous(403), ambiguous(403));
    }),
    ("ambiguous past it for long", |scene| {
        since_long(scene);
        scene.answers(ambiguous(403), reached(200));
    }),
    ("throttled through it for long", |scene| {
        since_long(scene);
        scene.answers(refused(), Verdict::Throttled);
    }),
    ("refused as before, whoever comes", |scene| {
        since_long(scene);
        scene.answers(ambiguous(403), ambiguous(403));
        was(scene, "403wF", "403wF");
        is_now(scene, "403wF");
        scene.desired.access.cut_over = CutOver::AfterDeployed;
    }),
    ("a failure through it, and none before", |scene| {
        scene.answers(refused(), reached(500));
        was(scene, "200", "200");
    }),
    ("200 past it, as responses have it", |scene| {
        since_long(scene);
        scene.answers(reached(200), reached(200));
        scene.found.refused_as = Some(BTreeSet::from([200]));
    }),
    ("200 past it, and responses are unread", |scene| {
        since_long(scene);
        scene.answers(reached(200), reached(200));
        (scene.found.refused_as, scene.found.pending) = (None, Pending::Unread);
    }),
    ("open both ways, and a domain name leads to it", |scene| {
        scene.answers(reached(200), reached(200));
        scene.found.domain_names = Some(BTreeSet::from(["api.example.com".to_owned()]));
    }),
    ("only one way was answered", |scene| {
        scene.observed.probes.insert(Way::Viewer, reached(200));
    }),
    ("the next value gets in", |scene| {
        scene.observed.probes.insert(Way::Next, reached(200));
    }),
    ("viewers are answered as before", |scene| {
        was(scene, "403wF", "403wF");
        is_now(scene, "403wF");
    }),
    ("viewers are answered otherwise", |scene| {
        was(scene, "200", "200");
        is_now(scene, "403wF");
    }),
    ("responses are unread", |scene| scene.found.refused_as = None),
    ("responses hide 200", |scene| {
        scene.found.refused_as = Some(BTreeSet::from([200]))
    }),
    ("edits were not looked for", |scene| {
        scene.found.pending = Pending::Unread
    }),
    ("there are edits", |scene| {
        scene.found.pending = Pending::At(vec!["GET /pets (integration.uri)".to_owned()]);
    }),
    ("edits cannot be told for now", |scene| {
        scene.found.pending = Pending::Failing("why".to_owned())
    }),
    ("it was put back in this pass", |scene| {
        scene.found.put_back = Some(Why {
            said: "it was refused".to_owned(),
            cause: Some(Cause::Refused),
        });
    }),
    ("a deployment is made", |scene| {
        let doors = scene.found.doors.iter();
        let doors = doors
            .map(|door| (door.key.clone(), door.authorization.clone()))
            .collect();
        scene.found.fresh = Some(deployment("d-fresh", doors));
    }),
    ("a deployment of others is made", |scene| {
        scene.found.fresh = Some(deployment("d-fresh", BTreeMap::new()));
    }),
    ("a deployment is left over", |scene| {
        scene.found.strays = vec!["d-stray".to_owned()]
    }),
    ("an authorizer is left over", |scene| {
        scene.found.dead_authorizers = vec!["a-dead".to_owned()]
    }),
    ("the mark is not written", |scene| scene.found.is_unwritten = true),
    ("the endpoint is off", |scene| scene.found.is_endpoint_off = true),
    ("the lock is contested", |scene| {
        scene.found.marks.locks = (1..=3)
            .map(|hours| now() - SignedDuration::from_hours(hours))
            .collect();
    }),
    ("it was locked once", |scene| {
        scene.found.marks.locks = vec![now() - SignedDuration::from_hours(30)];
    }),
    ("a value was replaced", |scene| {
        scene.found.marks.rotated = Some(Rotated {
            at: now(),
            request: "-".to_owned(),
        });
    }),
    ("a canary is open", |scene| canary(scene, &Authorization::none())),
    ("a canary is locked", |scene| {
        canary(scene, &Authorization::aws_iam())
    }),
    ("other stages are unread", |scene| scene.found.stages = None),
    ("another stage deploys by itself", |scene| {
        let stage = Stage {
            auto_deploy: true,
            ..scene.found.stage.clone()
        };
        scene.found.stages = Some(vec![NamedStage {
            name: "other".to_owned(),
            stage,
        }]);
    }),
    ("domain names are unread", |scene| scene.found.domain_names = None),
    ("a domain name leads to it", |scene| {
        scene.found.domain_names = Some(BTreeSet::from(["api.example.com".to_owned()]));
    }),
    ("a policy denies by address", |scene| {
        scene.found.policies.edited = serde_json::json!({"Statement": [{
            "Sid": "Denied", "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
        }]});
        scene.found.policies.served = scene.found.policies.edited.clone();
    }),
    ("an earlier object's statement is there", |scene| {
        scene.found.policies.vanished = BTreeSet::from(["gone".to_owned()]);
    }),
    ("the distribution is being deployed", |scene| {
        status_of(scene, "InProgress")
    }),
    ("the distribution is only listed", |scene| {
        let Some(found) = scene.observed.distribution.present() else {
            return;
        };
        let row = distribution::Row {
            listed: distribution::listed(&found.content),
            tags: Some(found.tags.clone()),
        };
        scene.observed.distribution = Seen::Listed(Some(row));
    }),
    ("there is no distribution", |scene| {
        scene.observed.distribution = Seen::Absent
    }),
    ("probes are due", |scene| scene.observed.due.probes = true),
    ("keys were verified once", |scene| {
        scene
            .observed
            .pass
            .recorded
            .insert("apiKey".to_owned(), "a.b".to_owned());
    }),
    ("an authorizer was verified once", |scene| {
        scene
            .observed
            .pass
            .recorded
            .insert("authorizer".to_owned(), "a.b".to_owned());
    }),
    ("spec: Observe", |scene| {
        scene.desired.access.enforcement = Enforcement::Observe
    }),
    ("spec: AfterDeployed", |scene| {
        scene.desired.access.cut_over = CutOver::AfterDeployed
    }),
    ("spec: no probes", |scene| scene.desired.access.probes = false),
    ("spec: a path that no probe can ask for", |scene| {
        scene.desired.access.probe_path = Some("/nowhere/at/all".to_owned());
    }),
    ("spec: deploy edits", |scene| {
        scene.desired.access.deploy_pending_changes = true
    }),
    ("spec: the first is excluded", |scene| {
        let first = scene.found.doors.first().map(|door| door.key.clone());
        scene.desired.access.exclude.extend(first);
    }),
    ("spec: what is unknown is excluded", |scene| {
        scene.desired.access.exclude.insert("GET /elsewhere".to_owned());
    }),
    ("spec: ApiKey", |scene| declared(scene, "access: {mode: ApiKey}")),
    ("spec: SecretHeader", |scene| {
        declared(
            scene,
            &format!("access: {{mode: SecretHeader, secretHeader: {{name: {HEADER}}}}}"),
        );
    }),
    ("spec: exclusive", |scene| {
        declared(scene, "access: {sigV4: {exclusive: true}}")
    }),
];

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
                ("open", open),
                ("locked as edited", edited),
                ("locked as served", made),
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
