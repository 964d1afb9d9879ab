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

use super::change::Change;
use super::desired::Desired;
use super::observed::Observed;
use super::probe::Probe;
use super::reason::Reason;
use super::resources::{
    access, access_plan, api_key, authorizer, distribution, function, ip_set, logging, role, web_acl,
};
use super::resources::{alarm, health_check, protection};
use super::resources::{aliases, certificate, dns_records};
use serde::Serialize;
use std::time::Duration;

/// The AWS resource kinds in the order in which they are built; teardown goes backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum Kind {
    Role,
    Function,
    IpSet,
    WebAcl,
    Logging,
    ApiKey,
    Authorizer,
    Certificate,
    Distribution,
    Access,
    HealthCheck,
    Protection,
    Alarm,
    Records,
}

impl Kind {
    /// All kinds, in the order of building.
    pub const ALL: [Self; 14] = [
        Self::Role,
        Self::Function,
        Self::IpSet,
        Self::WebAcl,
        Self::Logging,
        Self::ApiKey,
        Self::Authorizer,
        Self::Certificate,
        Self::Distribution,
        Self::Access,
        Self::HealthCheck,
        Self::Protection,
        Self::Alarm,
        Self::Records,
    ];

    /// The kind as a person calls it.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Function => "function",
            Self::IpSet => "IP set",
            Self::WebAcl => "web ACL",
            Self::Logging => "logging of web ACL",
            Self::ApiKey => "API key",
            Self::Authorizer => "authorizer",
            Self::Certificate => "certificate",
            Self::Distribution => "distribution",
            Self::Access => "authorization of API",
            Self::HealthCheck => "health check",
            Self::Protection => "Shield protection",
            Self::Alarm => "alarm",
            Self::Records => "DNS records",
        }
    }

    /// The kind's name in fingerprints and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Function => "function",
            Self::IpSet => "ipSet",
            Self::WebAcl => "webAcl",
            Self::Logging => "logging",
            Self::ApiKey => "apiKey",
            Self::Authorizer => "authorizer",
            Self::Certificate => "certificate",
            Self::Distribution => "distribution",
            Self::Access => "access",
            Self::HealthCheck => "healthCheck",
            Self::Protection => "protection",
            Self::Alarm => "alarm",
            Self::Records => "records",
        }
    }
}

/// One of an object's resources: its kind and, where there are several of a kind, which.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Id {
    /// The kind.
    pub kind: Kind,
    /// Empty, or the suffix of the name.
    pub part: String,
}

impl Id {
    /// The only resource of `kind`.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            part: String::new(),
        }
    }

    /// The key of the resource's fingerprint in status.
    #[must_use]
    pub fn key(&self) -> String {
        if self.part.is_empty() {
            self.kind.name().to_owned()
        } else {
            format!("{}/{}", self.kind.name(), self.part)
        }
    }
}

/// What an action does, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum Verb {
    Create,
    Update,
    Delete,
}

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
    Access(access::Action),
    HealthCheck(health_check::Action),
    Protection(protection::Action),
    Alarm(alarm::Action),
    Records(dns_records::Action),
}

/// AWS is busy with something of ours: look again after `retry_after`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wait {
    /// Which resource.
    pub id: Id,
    /// Why.
    pub reason: Reason,
    /// For people: what is awaited and about how long it takes.
    pub message: String,
    /// When to look again.
    pub retry_after: Duration,
}

/// Something that only a person can solve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Which resource.
    pub id: Id,
    /// What kind of problem.
    pub reason: Reason,
    /// What is wrong and what to do.
    pub message: String,
    /// Whether the resource as such stands and only should not stay so.
    pub stands: bool,
    /// When to try again all the same; at the next resync where absent.
    pub retry_after: Option<Duration>,
}

/// A resource that waits for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// Which resource.
    pub id: Id,
    /// The kinds whose outputs it needs.
    pub on: Vec<Kind>,
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
            Kind::Access => access_plan::next_all(desired, observed, &mut plan),
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
    plan
}
