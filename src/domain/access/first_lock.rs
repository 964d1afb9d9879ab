//! What holds the first lock of a stage back: viewers who would be refused by it, though they did nothing else than before.
//!
//! A stage that was locked already stays locked, and is locked again, whatever of this comes up later.

use super::api::DEFAULT_STAGE;
use super::asked::Door;
use super::authorization::{Desired, hash_of};
use super::doors::Doors;
use super::other_doors::NamedStage;
use super::paths::{answered_by, like};
use super::waiting::problem;
use super::words::listed;
use crate::api::OriginType;
use crate::domain::kernel::planning::{Id, Kind, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

/// When it is looked again whether names lead here.
const NAMES_RETRY: Duration = Duration::from_mins(1);

/// When it is looked again whether the API, or what is declared of it, is as it should be.
const API_RETRY: Duration = Duration::from_mins(5);

/// What holds a lock back.
pub(super) enum Held {
    /// It passes by itself.
    Passing(Wait),
    /// A person has to help.
    Stuck(Problem),
}

impl Doors<'_> {
    /// Whether the stage was never locked by the object, as its marks tell.
    pub(super) fn is_first_lock(&self) -> bool {
        let marks = &self.found.marks;
        // A lock that took the place of another proof left what was answered before it, or when its value was made.
        let was_finished = marks.cut_over.is_none() && (marks.before.is_some() || marks.rotated.is_some());
        marks.locks.is_empty() && !was_finished
    }

    /// What of the API itself holds a lock back that was not begun.
    pub(super) fn held_by_the_api(&self) -> Option<Problem> {
        let held = self.held_by_exclusions().or_else(|| self.held_by_stages());
        held.or_else(|| self.held_by_domain_names())
    }

    /// Excluded methods that the API does not have: what they were meant to leave open would be locked. What stood with the same
    /// spec was locked beside them.
    fn held_by_exclusions(&self) -> Option<Problem> {
        let unknown = self.found.unknown_exclusions(self.desired);
        let stood = || {
            self.everything
                .pass
                .was_wanted(&Id::of(Kind::Access), &hash_of(self.desired))
        };
        (!unknown.is_empty() && !stood()).then(|| {
            let message = format!(
                "{}. Nothing more is locked until then",
                excluded_unknown(&unknown, &self.found.doors)
            );
            problem(Reason::ExcludedMethodUnknown, message, Some(API_RETRY))
        })
    }

    /// Whether it has to be known first which other stages the API has.
    pub(super) fn are_stages_due(&self) -> bool {
        self.shares_routes() && self.found.stages.is_none()
    }

    /// Stages that no object declares, and that would serve the lock as soon as the routes have it.
    fn held_by_stages(&self) -> Option<Problem> {
        let gate = &self.desired.gate;
        let is_shut = |stage: &&NamedStage| {
            stage.name != gate.stage
                && stage.stage.auto_deploy
                && stage.stage.deployment.is_some()
                && !self.everything.declared_stages.contains(&stage.name)
        };
        let stages = self
            .found
            .stages
            .iter()
            .filter(|_| self.shares_routes())
            .flatten();
        let shut: Vec<&str> = stages.filter(is_shut).map(|stage| stage.name.as_str()).collect();
        (!shut.is_empty()).then(|| {
            let message = other_stages_in_the_way(self.desired, &shut);
            problem(Reason::OtherStageInTheWay, message, Some(API_RETRY))
        })
    }

    /// Whether the first lock will change routes, which all stages of the API share.
    fn shares_routes(&self) -> bool {
        self.desired.gate.r#type != OriginType::Rest && self.is_first_lock() && !self.is_whole()
    }

    /// Whether it has to be known first which custom domain names lead to the stage.
    pub(super) fn are_domain_names_due(&self) -> bool {
        self.shuts_viewers_out() && self.found.domain_names.is_none()
    }

    /// Custom domain names that lead viewers to the stage past the distribution, as far as is known.
    fn held_by_domain_names(&self) -> Option<Problem> {
        let known = self.found.domain_names.iter().flatten();
        let past: Vec<&String> = known
            .filter(|name| !self.everything.moved_names.contains(name.as_str()))
            .collect();
        (self.shuts_viewers_out() && !past.is_empty()).then(|| {
            let message = domain_names_in_the_way(self.desired, &past);
            Problem {
                // It keeps no alias from being moved here, which is what it waits for.
                stands: true,
                ..problem(Reason::DomainNameInTheWay, message, Some(API_RETRY))
            }
        })
    }

    /// Whether the lock will be the first that who comes past the perimeter meets.
    fn shuts_viewers_out(&self) -> bool {
        self.is_first_lock() && !self.has_locked_doors()
    }

    /// Declared names that still lead viewers elsewhere, perhaps to the API past the perimeter.
    pub(super) fn held_by_names(&self) -> Option<Held> {
        let elsewhere = self.everything.names_elsewhere.as_ref();
        let elsewhere = elsewhere.filter(|_| self.is_first_lock())?;
        let message = served_elsewhere(self.desired, &elsewhere.told);
        let reason = Reason::NameServedElsewhere;
        Some(if elsewhere.needs_person {
            Held::Stuck(Problem {
                // It keeps no other alias from being moved here.
                stands: true,
                ..problem(reason, message, None)
            })
        } else {
            Held::Passing(Wait {
                id: Id::of(Kind::Access),
                reason,
                message,
                retry_after: NAMES_RETRY,
            })
        })
    }
}

/// Excluded methods that the API does not have, with what was probably meant.
#[must_use]
pub fn excluded_unknown(unknown: &[&str], doors: &[Door]) -> String {
    let told = |name: &&str| {
        let like = like(name, doors);
        let like = like.map(|door| format!("; is {} meant?", door.key));
        let answered = answered_by(name, doors).map(|door| {
            format!(
                "; {0} answers it, and is locked as a whole: give {name} a method of its own and deploy that, or name {0} if all \
                 of it may stay open",
                door.key
            )
        });
        format!(
            "{name}{}{}",
            like.unwrap_or_default(),
            answered.unwrap_or_default()
        )
    };
    let told: Vec<String> = unknown.iter().map(told).collect();
    format!(
        "spec.access.excludeMethods names what is no method of the API's own: {}. Write methods as API Gateway does (GET /pets), \
         or take them out, and they are locked with the rest",
        told.join("; ")
    )
}

fn other_stages_in_the_way(desired: &Desired, stages: &[&str]) -> String {
    let gate = &desired.gate;
    format!(
        "stage {} is not locked: routes belong to the API, and these stages deploy by themselves, so that they would be locked \
         with it and refuse their viewers: {}. Turn that off, and they go on serving what they serve (aws apigatewayv2 \
         update-stage --api-id {} --stage-name STAGE --no-auto-deploy); or declare a ProtectedApi for each, if its viewers are \
         to come through a perimeter, too",
        gate.stage,
        listed(stages),
        gate.api_id
    )
}

fn domain_names_in_the_way(desired: &Desired, names: &[&String]) -> String {
    let stage = desired.gate.stage.as_str();
    let path = if stage == DEFAULT_STAGE {
        String::new()
    } else {
        format!(" (with spec.origin.path: /{stage} where the base path is empty)")
    };
    format!(
        "stage {stage} is not locked: custom domain names of API Gateway lead to it past the perimeter, so that viewers who come by \
         them would be refused: {}. Move them in this order: name them in spec.distribution.aliases{path}, and their hosted zone \
         in spec.distribution.hostedZoneId; wait until the distribution is Deployed; lead their DNS records to it; and once nobody \
         asks the old address any more (the record's TTL is over), delete the API mapping or routing rule. The lock follows by \
         itself as soon as that zone leads the names here, or nothing maps them to the stage any more. Callers by any other base \
         path have to change their paths first",
        listed(names)
    )
}

/// `told` is which names lead where, and what helps.
fn served_elsewhere(desired: &Desired, told: &str) -> String {
    format!(
        "stage {} is not locked yet, since viewers of declared names do not come through the perimeter and would be refused: \
         {told}. The lock follows by itself",
        desired.gate.stage
    )
}
