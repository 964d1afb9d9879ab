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
use crate::domain::access::probing::passage;
use crate::domain::access::{api_key, authorization, authorizer, lock};
use crate::domain::edge::{
    aliases, certificate, certificate_next, certificate_proof, distribution, distribution_next, dns_records,
};
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::planning::{self, Blocked, Id, Kind, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::shield::{alarm, health_check, protection};
use crate::domain::signer::{function, role};
use serde::Serialize;

/// One AWS call, of whatever kind of resource.
pub type Step = planning::Step<Action>;
/// What one resource needs next, of whatever kind it is.
pub type Next = planning::Next<Action>;

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
    let web_acl = observed.next_of_web_acl(desired);
    for kind in Kind::ALL {
        match kind {
            // Its list could not be read.
            kind if observed.unread.contains(&kind) => {}
            Kind::Role => plan.add(Id::of(kind), observed.next_of_role(desired)),
            Kind::Function if !observed.needs_signer(desired) => {}
            Kind::Function => plan.add(Id::of(kind), observed.next_of_function(desired)),
            Kind::IpSet => {
                let whose = |part: &str, found: &ip_set::Observed| observed.owns_ip_set(part, found);
                let inputs = observed.ip_set_inputs(&whose, &web_acl);
                let (owner, wanted) = (&desired.owner, &desired.ip_sets);
                for (id, next) in ip_set::next_all(owner, wanted, &observed.ip_sets, &inputs, &observed.pass)
                {
                    plan.add(id, next.map(Action::IpSet));
                }
            }
            Kind::WebAcl => plan.add(Id::of(kind), web_acl.clone()),
            Kind::Logging => plan.add(Id::of(kind), observed.next_of_logging(desired)),
            Kind::ApiKey => api_key::next_all(desired, observed, &mut plan),
            Kind::Authorizer => authorizer::next_all(desired, observed, &mut plan),
            // Hosted zones could not be read.
            Kind::Certificate | Kind::Records if observed.names.is_unread => {}
            Kind::Certificate => {
                for (id, next) in certificate_next::next_all(&observed.names_inputs(Some(desired))) {
                    plan.add(id, next.map(of_names));
                }
            }
            Kind::Records => {
                let is_busy = plan.is_busy_with(Kind::Access);
                for (id, next) in dns_records::next_all(&observed.names_inputs(Some(desired)), is_busy) {
                    plan.add(id, next.map(Action::Records));
                }
            }
            Kind::Distribution => {
                let inputs = observed.distribution_inputs(desired);
                let next = distribution_next::next(&desired.distribution, &inputs);
                plan.add(Id::of(kind), next.map(Action::Distribution));
            }
            Kind::Access => lock::next_all(desired, observed, &mut plan),
            // Nobody asked for Shield, or its lists could not be read.
            Kind::HealthCheck | Kind::Protection | Kind::Alarm if observed.shield.subscribed.is_none() => {}
            Kind::HealthCheck => {
                let shield = observed.composed_shield(Some(desired));
                let (own, named) = (shield.next_of_health_check(), shield.next_of_named_check());
                plan.add(Id::of(kind), own.map(Action::HealthCheck));
                plan.add(health_check::named(), named.map(Action::HealthCheck));
            }
            Kind::Protection => {
                let next = observed.composed_shield(Some(desired)).next_of_protection();
                plan.add(Id::of(kind), next.map(Action::Protection));
            }
            Kind::Alarm => {
                let next = observed.composed_shield(Some(desired)).next_of_alarm();
                plan.add(Id::of(kind), next.map(Action::Alarm));
            }
        }
    }
    // Last: an alias that another distribution has keeps nothing else from being done.
    let is_busy = plan.concerns(Kind::Distribution) || is_busy_with_doors(&plan);
    let mut ask = || passage(desired, observed, &mut plan);
    let origin = &desired.distribution.settings.origin;
    let next_of_aliases = aliases::next_all(&observed.names_inputs(Some(desired)), origin, is_busy, &mut ask);
    for next in next_of_aliases {
        plan.add(aliases::id(), next.map(Action::Distribution));
    }
    repeated::hold_back(&mut plan, observed);
    plan
}

/// Whether something of the API's doors goes on beside which no name is moved. A first lock that waits for just that does not.
fn is_busy_with_doors(plan: &Plan) -> bool {
    let mut doors = plan.clone();
    doors
        .waits
        .retain(|wait| wait.reason != Reason::NameServedElsewhere);
    doors.is_busy_with(Kind::Access)
}

fn of_names(action: certificate_proof::Action) -> Action {
    match action {
        certificate_proof::Action::Certificate(action) => Action::Certificate(action),
        certificate_proof::Action::Records(action) => Action::Records(action),
    }
}
