//! What holds the first lock of a stage back: viewers who would be refused by it, though they did nothing else than before.
//!
//! A stage that was locked already stays locked, and is locked again, whatever of this comes up later.

use super::other_doors::NamedStage;
use crate::api::OriginType;
use crate::domain::access::asked::Route;
use crate::domain::access::asked::api::DEFAULT_STAGE;
use crate::domain::access::asked::as_deployed::Served;
use crate::domain::access::asked::paths::{answered_by, like};
use crate::domain::access::asked::ways_in::{InFront, Left, Unread, WaysIn, with_path};
use crate::domain::access::authorization::{Desired, hash_of};
use crate::domain::access::listing::listed;
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::{problem, waiting};
use crate::domain::access::words::Told;
use crate::domain::kernel::planning::{Id, Kind, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use std::collections::BTreeSet;
use std::time::Duration;

/// When it is looked again whether names lead here.
const NAMES_RETRY: Duration = Duration::from_mins(1);

/// When it is looked again whether the API, or what is declared of it, is as it should be.
const API_RETRY: Duration = Duration::from_mins(5);

/// What holds a lock back.
pub(in crate::domain::access) enum Held {
    /// It passes by itself.
    Passing(Wait),
    /// A person has to help.
    Stuck(Problem),
}

impl Routes<'_> {
    /// Whether the stage was never locked by the object, as its marks tell, and status where the distribution was made anew.
    pub(super) fn is_first_lock(&self) -> bool {
        // What was answered before a lock tells nothing: it stays where one was begun and backed out.
        !self.found.marks.was_locked() && !self.inputs.outputs.was_locked
    }

    /// What of the API itself holds a lock back that was not begun.
    pub(in crate::domain::access) fn held_by_the_api(&self) -> Option<Problem> {
        let held = self.held_by_exclusions().or_else(|| self.held_by_stages());
        let held = held.or_else(|| self.held_by_behaviours());
        let ways_in = self.found.ways_in.as_ref();
        held.or_else(|| self.held_by_ways_in(ways_in.filter(|_| self.shuts_viewers_out())?))
    }

    /// Behaviours of the distribution without the signer. They may have come while CloudFront signed already, and nothing asked for it.
    fn held_by_behaviours(&self) -> Option<Problem> {
        let is_asked = self.desired.proof == Proof::Signature && self.shuts_viewers_out();
        let problem = self.viewers_without_signer().filter(|_| is_asked)?;
        Some(Problem {
            retry_after: Some(API_RETRY),
            ..problem
        })
    }

    /// Excluded methods that the API does not have: what they were meant to leave open would be locked. What stood with the same
    /// spec was locked beside them.
    fn held_by_exclusions(&self) -> Option<Problem> {
        let unknown = self.found.unknown_exclusions(self.desired);
        let stood = || {
            self.inputs
                .pass
                .was_wanted(&Id::of(Kind::Access), &hash_of(self.desired))
        };
        (!unknown.is_empty() && !stood()).then(|| {
            let message = format!(
                "{}. Nothing more is locked until then",
                excluded_unknown(self.desired.gate.r#type, &unknown, &self.found.routes)
            );
            problem(Reason::ExcludedMethodUnknown, message, Some(API_RETRY))
                .about("spec.access.excludeMethods")
        })
    }

    /// Whether it has to be known first which other stages the API has.
    pub(in crate::domain::access) fn are_stages_due(&self) -> bool {
        self.shares_routes() && self.found.stages.is_none()
    }

    /// Stages that no object declares, and that would serve the lock as soon as the routes have it.
    fn held_by_stages(&self) -> Option<Problem> {
        let gate = &self.desired.gate;
        let is_shut = |stage: &&NamedStage| {
            stage.name != gate.stage
                && stage.stage.auto_deploy
                && stage.stage.deployment.is_some()
                && !self.inputs.declared_stages.contains(&stage.name)
                // Who is let in there comes through the perimeter, which sends both proofs.
                && !self.was_locked_before(&stage.name)
        };
        let stages = self
            .found
            .stages
            .iter()
            .filter(|_| self.shares_routes())
            .flatten();
        let shut: Vec<&str> = stages.filter(is_shut).map(|stage| stage.name.as_str()).collect();
        (!shut.is_empty()).then(|| {
            let told = other_stages_in_the_way(self.desired, &shut);
            problem(Reason::OtherStageInTheWay, told.so, Some(API_RETRY)).with_remedy(told.remedy)
        })
    }

    /// Whether the first lock will change routes, which all stages of the API share.
    fn shares_routes(&self) -> bool {
        self.desired.gate.r#type != OriginType::Rest && self.is_first_lock() && !self.is_whole()
    }

    /// Whether it has to be known first which custom domain names and distributions lead to the stage.
    pub(in crate::domain::access) fn are_ways_in_due(&self) -> bool {
        self.shuts_viewers_out() && self.found.ways_in.is_none()
    }

    /// What leads viewers to the stage past the distribution, or may for all that is known.
    fn held_by_ways_in(&self, ways_in: &WaysIn) -> Option<Problem> {
        let distributions = ways_in.distributions.iter();
        let distributions: Vec<&InFront> = distributions.filter(|found| self.leads_past(found)).collect();
        let names = ways_in.domain_names.iter();
        // By the origin's name CloudFront alone comes.
        let is_origin = |name: &str| Some(name) == self.inputs.origin_domain;
        let names = names.filter(|name| !self.is_moved(name.as_str()) && !is_origin(name.as_str()));
        let names: Vec<&String> = names.collect();
        let (reason, told) = if !distributions.is_empty() {
            let path = self.inputs.own_path;
            (
                Reason::DistributionInTheWay,
                distributions_in_the_way(self.desired, &distributions, path),
            )
        } else if !names.is_empty() {
            (
                Reason::DomainNameInTheWay,
                domain_names_in_the_way(self.desired, &names, &ways_in.edge_optimised),
            )
        } else {
            let is_moved = |unread: &Unread| unread.name.as_ref().is_some_and(|name| self.is_moved(name));
            let unread = ways_in.unread.iter().find(|unread| !is_moved(unread))?;
            let told = Told {
                so: names_unread(self.desired, unread),
                remedy: None,
            };
            (unread.reason, told)
        };
        Some(Problem {
            // It keeps no alias from being moved here, which is what it waits for.
            stands: true,
            ..problem(reason, told.so, Some(API_RETRY)).with_remedy(told.remedy)
        })
    }

    /// Whether a distribution may have viewers whom the lock would refuse, and who are not waited for by their names.
    fn leads_past(&self, found: &InFront) -> bool {
        let comes_through = found.asked_name().is_some_and(|name| self.is_moved(name));
        let goes_on = found
            .left
            .as_ref()
            .is_some_and(|left| self.changes_nothing_for(left));
        !comes_through && !goes_on && !self.leads_to_another_stage(found) && !self.gives_names_up(found)
    }

    /// Whether viewers of what an earlier object left are answered after the lock as before it: they show the proof, or something
    /// else refuses them already, which is told where that is looked at.
    fn changes_nothing_for(&self, left: &Left) -> bool {
        (left.signs && self.desired.proof == Proof::Signature) || !self.lets_in_anybody()
    }

    /// Whether a route that is to be locked asks for nothing, as edited or as deployed.
    fn lets_in_anybody(&self) -> bool {
        let served = self.found.deployed.served().into_iter().flat_map(Served::iter);
        let mut served = served.filter(|(key, _)| self.desired.is_kept(key));
        let mut edited = self.found.kept(self.desired);
        edited.any(|route| route.authorization.is_open()) || served.any(|(_, asked)| asked.is_open())
    }

    /// Whether the path of an origin at the API's endpoint names a stage that is not the declared one, as far as stages are known:
    /// of `$default` each other path may be meant.
    fn leads_to_another_stage(&self, found: &InFront) -> bool {
        let mut parts = found.path.split('/').filter(|part| !part.is_empty());
        let first = parts.next().filter(|_| found.name.is_none());
        let mut stages = self.found.stages.iter().flatten();
        let own = self.desired.gate.stage.as_str();
        first.is_some_and(|first| first != own && stages.any(|stage| stage.name == first))
    }

    /// Whether a distribution has names, and [`Self::held_by_names`] waits for each. Once they have moved it is asked by its own
    /// name alone, by nobody knows whom.
    fn gives_names_up(&self, found: &InFront) -> bool {
        self.inputs.giving_names_up.contains(found.id.as_str())
    }

    /// Whether viewers of `name` come through the distribution.
    fn is_moved(&self, name: &str) -> bool {
        self.inputs.moved_names.contains(name)
    }

    /// Whether the lock will be the first that who comes past the perimeter meets.
    fn shuts_viewers_out(&self) -> bool {
        self.is_first_lock() && !self.has_locked_routes()
    }

    /// Whether a statement of an object that is gone stands in the policy, and no route is left that a lock would close to anybody:
    /// each asks for a signature, or that statement denies it. Until the lock has put one in its place that lets in both signers, no
    /// probe gets through the perimeter, and no name moves here.
    fn is_closed_by_vanished(&self) -> bool {
        let policies = &self.found.policies;
        let stage = &self.desired.gate.stage;
        let is_denied = |key: &String| policies.is_denied_by_vanished(stage, key);
        self.desired.proof == Proof::Signature
            && !policies.vanished.is_empty()
            && self.open_routes().iter().all(is_denied)
    }

    /// Declared names that still lead viewers elsewhere, perhaps to the API past the perimeter.
    pub(in crate::domain::access) fn held_by_names(&self) -> Option<Held> {
        let elsewhere = self.inputs.names_elsewhere.as_ref();
        let elsewhere = elsewhere.filter(|_| self.is_first_lock() && !self.is_closed_by_vanished())?;
        let message = served_elsewhere(self.desired, &elsewhere.told);
        let reason = Reason::NameServedElsewhere;
        Some(if elsewhere.needs_person {
            Held::Stuck(Problem {
                // It keeps no other alias from being moved here.
                stands: true,
                ..problem(reason, message, None)
            })
        } else {
            Held::Passing(waiting(reason, message, NAMES_RETRY))
        })
    }
}

/// Excluded methods that the API does not have, with what was probably meant.
#[must_use]
pub fn excluded_unknown(r#type: OriginType, unknown: &[&str], routes: &[Route]) -> String {
    let told = |name: &&str| {
        let like = like(name, routes);
        let like = like.map(|route| format!("; perhaps {} is meant", route.key));
        let answered = answered_by(r#type, name, routes).map(|route| {
            format!(
                "; {0} answers it, and is locked as a whole: give {name} a method of its own and deploy that, or name {0} if all \
                 of it may stay open",
                route.key
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
         or take them out of the list",
        told.join("; ")
    )
}

fn other_stages_in_the_way(desired: &Desired, stages: &[&str]) -> Told {
    let gate = &desired.gate;
    Told {
        so: format!(
            "stage {} is not locked: routes belong to the API, and these stages deploy by themselves, so that they would be \
             locked with it and refuse their viewers: {}",
            gate.stage,
            listed(stages)
        ),
        remedy: Some(format!(
            "Turn that off, and they go on serving what they serve (aws apigatewayv2 update-stage --api-id {} --stage-name STAGE \
             --no-auto-deploy); or declare a ProtectedApi for each, if its viewers are to come through a perimeter, too",
            gate.api_id
        )),
    }
}

fn domain_names_in_the_way(desired: &Desired, names: &[&String], edge_optimised: &BTreeSet<String>) -> Told {
    let stage = desired.gate.stage.as_str();
    let path = if stage == DEFAULT_STAGE {
        String::new()
    } else {
        format!(" (with spec.origin.path: /{stage} where the base path is empty)")
    };
    let of_edge = names
        .iter()
        .copied()
        .filter(|name| edge_optimised.contains(*name));
    let of_edge: Vec<&String> = of_edge.collect();
    let of_edge = if of_edge.is_empty() {
        String::new()
    } else {
        format!(
            ". Make regional first what is edge-optimised: {}",
            listed(&of_edge)
        )
    };
    let so = format!(
        "stage {stage} is not locked: custom domain names of API Gateway lead to it past the perimeter, so that viewers who come by \
         them would be refused: {}",
        listed(names)
    );
    let remedy = format!(
        "Move them as docs/names.md says (Custom domain names of API Gateway): name them in spec.distribution.aliases{path} and \
         their zone in spec.distribution.hostedZoneId, and once the distribution is Deployed with them, lead their DNS records to \
         it. The lock follows by itself{of_edge}"
    );
    Told {
        so,
        remedy: Some(remedy),
    }
}

fn names_unread(desired: &Desired, unread: &Unread) -> String {
    let way_out = unread.name.as_ref().map(|name| {
        format!(
            ". Where AWS goes on refusing that, its support can tell why; and the lock does not wait for {name} once its viewers \
             come through here: with that name in spec.distribution.aliases, and the zone of spec.distribution.hostedZoneId \
             leading it to the distribution"
        )
    });
    format!(
        "stage {} is not locked: which custom domain names of API Gateway lead to it could not be read, and viewers who come by \
         one would be refused. The lock follows by itself once they can be read: {}{}",
        desired.gate.stage,
        unread.why.trim_end_matches('.'),
        way_out.unwrap_or_default()
    )
}

/// A distribution, as it is named to people.
fn in_front(found: &InFront) -> String {
    let aliases = match found.aliases.as_slice() {
        [] => "no alias".to_owned(),
        aliases => format!("aliases {}", listed(aliases)),
    };
    let left = found.left.as_ref().map(|left| {
        format!(
            ", which Palisade made for {} and which nobody looks after any more",
            left.object
        )
    });
    format!(
        "{} ({}, {aliases}; origin {}{}){}",
        found.id,
        found.domain_name,
        found.origin,
        found.path,
        left.unwrap_or_default()
    )
}

/// `path` is what the object's own origin puts before a viewer's.
fn distributions_in_the_way(desired: &Desired, found: &[&InFront], path: &str) -> Told {
    let told: BTreeSet<String> = found.iter().copied().map(in_front).collect();
    let told: Vec<&String> = told.iter().collect();
    let at_the_endpoint = found.iter().filter(|found| found.name.is_none());
    let other_paths: BTreeSet<&str> = at_the_endpoint
        .map(|found| found.path.as_str())
        .filter(|found| *found != path)
        .collect();
    let other_path = other_paths
        .first()
        .map(|path| format!("{}, as the origin there has it; ", with_path(path)));
    let so = format!(
        "stage {} is not locked: distributions of this account lead viewers to it past the perimeter, who would be refused: {}",
        desired.gate.stage,
        listed(&told)
    );
    let remedy = format!(
        "Move their viewers as docs/names.md says (A distribution of your own): {}name the aliases in spec.distribution.aliases, with \
         spec.distribution.takeOverAliases: true; and once nobody asks the old distribution any more, disable it, and leave it \
         there. The lock follows by itself",
        other_path.unwrap_or_default()
    );
    Told {
        so,
        remedy: Some(remedy),
    }
}

/// `told` is which names lead where, and what helps.
fn served_elsewhere(desired: &Desired, told: &str) -> String {
    format!(
        "stage {} is not locked yet, since viewers of declared names do not come through the perimeter and would be refused: \
         {told}. The lock follows by itself",
        desired.gate.stage
    )
}
