//! Objects of a class in memory, whose passes see what was so some time ago, and a leader that dies.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use palisade::api::{ClassRollout, HaltOn, RolloutState, RolloutStatus};
use palisade::domain::rollout::goes_by::{GoesBy, Own, goes_by};
use palisade::domain::rollout::machine::{Declared, Next, next};
use palisade::domain::rollout::member::{Health, Member, Trouble};
use palisade::domain::rollout::settings::MOST_KEPT;
use palisade::domain::rollout::traffic::{Answer, Counted, is_due, noted};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub const TICK: SignedDuration = SignedDuration::from_secs(10);
/// What is seen is at most so many ticks old.
const STALE: usize = 4;
/// Ticks until CloudFront has a change everywhere.
const DEPLOYS: u32 = 12;
/// So many ticks are enough for any rollout here.
const LONG: usize = 60_000;

/// An object, and what stands for it in AWS.
#[derive(Debug, Clone)]
pub struct Object {
    pub member: Member,
    /// The revision that viewers meet, and ticks until they do.
    pub served: Option<String>,
    pub arriving: Option<(String, u32)>,
}

impl Object {
    fn is_at_rest(&self) -> bool {
        self.member.health == Health::Ready && self.arriving.is_none()
    }
}

pub struct World {
    pub objects: Vec<Object>,
    /// What the watch has shown of them, oldest first.
    pub seen: VecDeque<Vec<Member>>,
    pub rollout: Option<RolloutStatus>,
    /// What passes over objects see of the class, oldest first.
    pub class_seen: VecDeque<Option<RolloutStatus>>,
    pub kept: BTreeSet<String>,
    pub spec: ClassRollout,
    pub declared: String,
    /// Revisions whose viewers are refused.
    pub bad: BTreeSet<String>,
    /// Revisions by which AWS WAF blocks a third of the requests.
    pub blocking: BTreeSet<String>,
    pub resume: Option<String>,
    pub undo: Option<String>,
    pub now: Timestamp,
    pub random: fastrand::Rng,
    /// How often a pass over the class, or over an object, is cut short.
    pub deaths: f64,
}

impl World {
    pub fn new(objects: usize, spec: ClassRollout, seed: u64) -> Self {
        let object = |number: usize| Object {
            member: Member {
                object: format!("shop/api-{number:03}"),
                uid: format!("u{number}"),
                api: format!("api{number}.execute-api.eu-north-1.amazonaws.com"),
                is_canary: false,
                held: None,
                joins_at_once: true,
                can_move: true,
                health: Health::Unsettled,
                is_applied: false,
                web_acl_since: None,
                since: None,
                verified_at: None,
                was_ready: None,
                outlook: None,
            },
            served: None,
            arriving: None,
        };
        let mut world = Self {
            objects: (0..objects).map(object).collect(),
            seen: VecDeque::new(),
            rollout: None,
            class_seen: VecDeque::new(),
            kept: BTreeSet::new(),
            spec,
            declared: "r0".into(),
            bad: BTreeSet::new(),
            blocking: BTreeSet::new(),
            resume: None,
            undo: None,
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            random: fastrand::Rng::with_seed(seed),
            deaths: 0.0,
        };
        world.run(|world| world.is_complete() && world.objects.iter().all(Object::is_at_rest));
        world.seen.clear();
        world
    }

    /// Whether all objects go by what is declared, or by what was complete before it was taken back.
    pub fn is_complete(&self) -> bool {
        let Some(rollout) = &self.rollout else {
            return false;
        };
        let is_undone = self.undo.as_ref() == Some(&self.declared);
        let wanted = rollout
            .completed
            .as_ref()
            .filter(|_| is_undone)
            .unwrap_or(&self.declared);
        let goes_by_it = |object: &Object| object.member.held.as_ref() == Some(wanted);
        rollout.state == RolloutState::Complete
            && rollout.revision == *wanted
            && self.objects.iter().all(goes_by_it)
    }

    pub fn state(&self) -> RolloutState {
        self.rollout.as_ref().unwrap().state
    }

    pub fn at(&self, revision: &str) -> usize {
        let at = |object: &&Object| object.member.held.as_deref() == Some(revision);
        self.objects.iter().filter(at).count()
    }

    /// Objects whose viewers are refused.
    pub fn refused(&self) -> usize {
        let is_bad = |object: &&Object| {
            object
                .served
                .as_ref()
                .is_some_and(|served| self.bad.contains(served))
        };
        self.objects.iter().filter(is_bad).count()
    }

    /// Objects that do not stand as any revision says: something of them is on the way.
    pub fn on_the_way(&self) -> usize {
        self.objects
            .iter()
            .filter(|object| object.arriving.is_some())
            .count()
    }

    /// Ticks until `is_over`.
    #[track_caller]
    pub fn run(&mut self, is_over: impl Fn(&Self) -> bool) {
        for _ in 0..LONG {
            if is_over(self) {
                return;
            }
            self.tick();
        }
        panic!("it does not end: {:?}", self.rollout);
    }

    pub fn tick(&mut self) {
        self.now += TICK;
        let members: Vec<Member> = self.objects.iter().map(|object| object.member.clone()).collect();
        self.seen.push_back(members);
        while self.seen.len() > STALE {
            self.seen.pop_front();
        }
        let seen = self.seen[self.random.usize(0..self.seen.len())].clone();
        self.class_pass(&seen);
        self.class_seen.push_back(self.rollout.clone());
        while self.class_seen.len() > STALE {
            self.class_seen.pop_front();
        }
        for index in 0..self.objects.len() {
            self.arrive(index);
            let uid = &self.objects[index].member.uid;
            let rollout = self.rollout.as_ref();
            let is_moving =
                rollout.is_some_and(|rollout| rollout.moving.iter().any(|moving| moving.uid == *uid));
            let often = if is_moving { 0.5 } else { 0.02 };
            if self.random.f64() < often {
                self.object_pass(index);
            }
        }
    }

    /// A pass over the class; its status is written or, where the leader dies, is not. Whoever writes has read the last one.
    fn class_pass(&mut self, seen: &[Member]) {
        let declared = Declared {
            revision: &self.declared,
            rollout: &self.spec,
            resume: self.resume.as_deref(),
            undo: self.undo.as_deref(),
        };
        let before = self.rollout.clone().map(|before| {
            if is_due(&self.spec, &before, self.now) {
                noted(before, seen, &self.counters(), self.now)
            } else {
                before
            }
        });
        let Next { rollout, kept, .. } = next(&declared, before.as_ref(), seen, self.now);
        assert!(kept.len() <= MOST_KEPT, "{kept:?}");
        if self.random.f64() < self.deaths {
            return;
        }
        self.rollout = Some(rollout);
        self.kept = kept;
    }

    /// AWS WAF's counters of all objects: by what viewers meet now, and as usual an hour ago.
    fn counters(&self) -> BTreeMap<String, Answer> {
        let of = |object: &Object| {
            let is_blocking = |served: &String| self.blocking.contains(served);
            let blocked = if object.served.as_ref().is_some_and(is_blocking) {
                100
            } else {
                3
            };
            let counted = |ago: SignedDuration, requests, are_blocked| Counted {
                web_acl: object.member.object.clone(),
                at: self.now - ago,
                requests,
                are_blocked,
            };
            let usual = SignedDuration::from_mins(50);
            let none = SignedDuration::ZERO;
            vec![
                counted(usual, 297, false),
                counted(usual, 3, true),
                counted(none, 300 - blocked, false),
                counted(none, blocked, true),
            ]
        };
        let all = self.objects.iter();
        all.map(|object| (object.member.uid.clone(), Answer::Counted(of(object))))
            .collect()
    }

    /// A pass over an object, which sees the class as it was some time ago. It may die once AWS has what it asked for.
    fn object_pass(&mut self, index: usize) {
        let class = &self.class_seen[self.random.usize(0..self.class_seen.len())];
        let object = &mut self.objects[index];
        let own = Own {
            uid: &object.member.uid,
            held: object.member.held.as_deref(),
            joins_at_once: object.member.joins_at_once,
        };
        let GoesBy::Revision(revision) = goes_by(class.as_ref(), own) else {
            return;
        };
        let going = object.arriving.as_ref().map(|(going, _)| going);
        if going.or(object.served.as_ref()) != Some(&revision) {
            object.arriving = Some((revision.clone(), DEPLOYS));
        }
        if self.random.f64() < self.deaths {
            return;
        }
        let mut moving = class.iter().flat_map(|class| &class.moving);
        let moving = moving.find(|moving| moving.uid == object.member.uid);
        if object.member.held.as_ref() != Some(&revision) {
            object.member.held = Some(revision);
            object.member.since = Some(self.now);
            object.member.was_ready = None;
        }
        if let Some(moving) = moving {
            object.member.verified_at = Some(self.now);
            object.member.was_ready = Some(moving.was_ready);
        }
        object.member.is_applied = object.arriving.is_none();
        let is_bad = object
            .served
            .as_ref()
            .is_some_and(|served| self.bad.contains(served));
        let trouble = |since| {
            Health::Refused(Trouble {
                reason: "SignatureRefused".into(),
                message: "403".into(),
                since,
            })
        };
        object.member.health = match &object.member.health {
            Health::Refused(known) if is_bad => trouble(known.since),
            _ if is_bad => trouble(self.now),
            _ if object.arriving.is_some() => Health::Unsettled,
            _ => Health::Ready,
        };
    }

    fn arrive(&mut self, index: usize) {
        let object = &mut self.objects[index];
        match object.arriving.take() {
            Some((revision, 0)) => object.served = Some(revision),
            Some((revision, left)) => object.arriving = Some((revision, left - 1)),
            None => {}
        }
    }
}

/// Shares of blocked requests apart, which `rollout_shares` is about.
pub fn at_a_time(most: i32) -> ClassRollout {
    ClassRollout {
        max_unavailable: Some(IntOrString::Int(most)),
        halt_on: Some(vec![HaltOn::ViewersRefused, HaltOn::Stalled]),
        ..ClassRollout::default()
    }
}

/// Runs to the end, and holds at each tick that no more are on the way than may.
#[track_caller]
pub fn run_within(world: &mut World, most: usize, is_over: impl Fn(&World) -> bool) {
    for _ in 0..LONG {
        if is_over(world) {
            return;
        }
        world.tick();
        let (on_the_way, moving) = (world.on_the_way(), world.rollout.as_ref().unwrap().moving.len());
        assert!(on_the_way <= most, "{on_the_way} on the way, {:?}", world.rollout);
        assert!(moving <= most, "{moving} may move");
    }
    panic!("it does not end: {:?}", world.rollout);
}
