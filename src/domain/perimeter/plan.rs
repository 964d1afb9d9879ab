//! What to do next: from what is wanted and what is seen, without doing it.
//!
//! ```text
//!            ┌────────────── observe / answers ◀──────────────┐
//!            ▼                                                │
//! desired ─▶ plan ─▶ reads (look closer) ─▶ ready (one call each, side by side)
//!                 └▶ waits (AWS is busy)   blocked (inputs missing)   problems (a person must act)
//! ```
//!
//! A plan holds at most one action a resource. Doing it and planning again walks a resource to its end, so a crash
//! in between leaves nothing to remember.

use super::desired::Desired;
use super::observed::Observed;
use super::repeated;
use crate::domain::access::probe::Probe;
use crate::domain::access::{api_key, authorization, authorizer, lock};
use crate::domain::edge::{aliases, certificate, distribution, dns_records};
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Blocked, Id, Kind, Problem, Verb, Wait};
use crate::domain::shield::{alarm, health_check, protection};
use crate::domain::signer::{function, role};
use serde::Serialize;

/// One AWS call that would bring a resource nearer to what is wanted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Which resource.
    pub id: Id,
    /// The resource's name or id in AWS.
    pub name: String,
    /// What happens to it.
    pub verb: Verb,
    /// The fields that change; empty for creations and deletions.
    pub changes: Vec<Change>,
    /// The call itself.
    #[serde(skip)]
    pub action: Action,
}

/// The call of a [`Step`], by kind.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Role(role::Action),
    Function(function::Action),
    IpSet(ip_set::Action),
    WebAcl(web_acl::Action),
    Logging(logging::Action),
    ApiKey(api_key::Action),
    Authorizer(authorizer::Action),
    Certificate(certificate::Action),
    Distribution(distribution::Action),
    Access(authorization::Action),
    HealthCheck(health_check::Action),
    Protection(protection::Action),
    Alarm(alarm::Action),
    Records(dns_records::Action),
}

/// What one resource needs next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Nothing.
    Done,
    /// It has to be read in full first.
    Read,
    /// One call.
    Act(Box<Step>),
    /// AWS is busy.
    Wait(Wait),
    /// A person must act.
    Problem(Problem),
    /// Outputs of other kinds are missing.
    Blocked(Vec<Kind>),
}

/// What one object needs next.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Plan {
    /// Resources to be read in full before anything is decided of them.
    pub reads: Vec<Id>,
    /// Probes whose answers are needed.
    pub probes: Vec<Probe>,
    /// Calls that can be made now, independent of each other.
    pub ready: Vec<Step>,
    /// Resources whose inputs are missing.
    pub blocked: Vec<Blocked>,
    /// What AWS is busy with.
    pub waits: Vec<Wait>,
    /// What a person must solve.
    pub problems: Vec<Problem>,
}

impl Plan {
    /// Adds what resource `id` needs.
    pub fn add(&mut self, id: Id, next: Next) {
        match next {
            Next::Done => {}
            Next::Read => self.reads.push(id),
            Next::Act(step) => self.ready.push(*step),
            Next::Wait(wait) => self.waits.push(wait),
            Next::Problem(problem) => self.problems.push(problem),
            Next::Blocked(on) => self.blocked.push(Blocked { id, on }),
        }
    }

    /// Holds the calls of `kind` back until `first` is done.
    pub fn hold(&mut self, kind: Kind, first: Kind) {
        let before = self.ready.len();
        self.ready.retain(|step| step.id.kind != kind);
        if self.ready.len() < before {
            self.add(Id::of(kind), Next::Blocked(vec![first]));
        }
    }

    /// Whether something of `kind` is still to be read, done, awaited or solved.
    #[must_use]
    pub fn concerns(&self, kind: Kind) -> bool {
        let of = |id: &Id| id.kind == kind;
        self.reads.iter().any(of)
            || self.ready.iter().any(|step| of(&step.id))
            || self.blocked.iter().any(|blocked| of(&blocked.id))
            || self.waits.iter().any(|wait| of(&wait.id))
            || self.problems.iter().any(|problem| of(&problem.id))
    }

    /// Whether something of `kind` is still to be read, done or awaited, or is being proved.
    #[must_use]
    pub fn is_busy_with(&self, kind: Kind) -> bool {
        let of = |id: &Id| id.kind == kind;
        !self.probes.is_empty()
            || self.reads.iter().any(of)
            || self.ready.iter().any(|step| of(&step.id))
            || self.waits.iter().any(|wait| of(&wait.id))
    }

    /// Whether nothing is left to read or do now.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.reads.is_empty() && self.probes.is_empty() && self.ready.is_empty()
    }

    /// Whether everything stands as wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The plan for a person to read.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        serde_yaml::to_string(self).unwrap_or_default()
    }
}

/// What has to happen next so that `observed` becomes `desired`.
#[must_use]
pub fn plan(desired: &Desired, observed: &Observed) -> Plan {
    let mut plan = Plan::default();
    for kind in Kind::ALL {
        match kind {
            // Its list could not be read.
            kind if observed.unread.contains(&kind) => {}
            Kind::Role => plan.add(Id::of(kind), role::next(&desired.role, observed)),
            Kind::Function => plan.add(Id::of(kind), function::next(&desired.function, observed)),
            Kind::IpSet => ip_set::next_all(desired, observed, &mut plan),
            Kind::WebAcl => plan.add(Id::of(kind), web_acl::next(desired, observed)),
            Kind::Logging => plan.add(Id::of(kind), logging::next(desired, observed)),
            Kind::ApiKey => api_key::next_all(desired, observed, &mut plan),
            Kind::Authorizer => authorizer::next_all(desired, observed, &mut plan),
            // Hosted zones could not be read.
            Kind::Certificate | Kind::Records if observed.names.is_unread => {}
            Kind::Certificate => certificate::next_all(desired, observed, &mut plan),
            Kind::Records => dns_records::next_all(desired, observed, &mut plan),
            Kind::Distribution => plan.add(Id::of(kind), distribution::next(desired, observed)),
            Kind::Access => lock::next_all(desired, observed, &mut plan),
            // Nobody asked for Shield, or its lists could not be read.
            Kind::HealthCheck | Kind::Protection | Kind::Alarm if observed.shield.subscribed.is_none() => {}
            Kind::HealthCheck => {
                plan.add(Id::of(kind), health_check::next(desired, observed));
                plan.add(
                    health_check::named(),
                    health_check::next_of_named(desired, observed),
                );
            }
            Kind::Protection => plan.add(Id::of(kind), protection::next(desired, observed)),
            Kind::Alarm => plan.add(Id::of(kind), alarm::next(desired, observed)),
        }
    }
    // Last: an alias that another distribution has keeps nothing else from being done.
    aliases::next_all(desired, observed, &mut plan);
    repeated::hold_back(&mut plan, observed);
    plan
}
