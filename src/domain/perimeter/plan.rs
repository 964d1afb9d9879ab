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

use super::adoption_next;
use super::consent;
use super::desired::Desired;
use super::handover;
use super::mutual_tls::next_of_origin_records;
use super::observed::Observed;
use super::repeated;
use crate::api::Enforcement;
use crate::domain::access::authorization;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::access::inputs::{Inputs, Wanted};
use crate::domain::access::lock;
use crate::domain::access::lock::api_key_next;
use crate::domain::access::lock::authorizer_next;
use crate::domain::access::probe::{Probe, Way};
use crate::domain::access::probing::{add_probe, passage};
use crate::domain::access::proof::Proof;
use crate::domain::edge::{
    aliases, certificate, certificate_next, certificate_proof, distribution, distribution_next, dns_records,
    unsigned,
};
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::planning::{self, Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::beforehand::{self, held};
use crate::domain::mutual_tls::{
    self, client_certificate, endpoint, origin_certificate, origin_domain, origin_records, refusals, removal,
    truststore,
};
use crate::domain::shield::{alarm, health_check, protection};
use crate::domain::signer::{function, role};

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
    OriginCertificate(origin_certificate::Action),
    OriginRecords(origin_records::Action),
    Truststore(truststore::Action),
    OriginDomain(origin_domain::Action),
    ClientCertificate(client_certificate::Action),
    Endpoint(endpoint::Action),
    Distribution(distribution::Action),
    Access(authorization::Action),
    HealthCheck(health_check::Action),
    Protection(protection::Action),
    Alarm(alarm::Action),
    Records(dns_records::Action),
}

impl From<api_key::Action> for Action {
    fn from(action: api_key::Action) -> Self {
        Self::ApiKey(action)
    }
}

impl From<authorizer::Action> for Action {
    fn from(action: authorizer::Action) -> Self {
        Self::Authorizer(action)
    }
}

impl From<client_certificate::Action> for Action {
    fn from(action: client_certificate::Action) -> Self {
        Self::ClientCertificate(action)
    }
}

impl From<endpoint::Action> for Action {
    fn from(action: endpoint::Action) -> Self {
        Self::Endpoint(action)
    }
}

impl From<removal::Action> for Action {
    fn from(action: removal::Action) -> Self {
        match action {
            removal::Action::OriginCertificate(action) => Self::OriginCertificate(action),
            removal::Action::OriginRecords(action) => Self::OriginRecords(action),
            removal::Action::Truststore(action) => Self::Truststore(action),
            removal::Action::OriginDomain(action) => Self::OriginDomain(action),
            removal::Action::ClientCertificate(action) => Self::ClientCertificate(action),
        }
    }
}

impl From<authorization::Action> for Action {
    fn from(action: authorization::Action) -> Self {
        Self::Access(action)
    }
}

/// What one object needs next.
pub type Plan = planning::Plan<Action, Probe>;

/// What has to happen next so that `observed` becomes `desired`.
#[must_use]
pub fn plan(desired: &Desired, observed: &Observed) -> Plan {
    let (owner, seen, id) = (&desired.owner, &observed.distribution, Id::of(Kind::Distribution));
    if let Some(first) = consent::next(owner, seen) {
        let mut plan = Plan::default();
        plan.add(id, first.map(Action::Distribution));
        return plan;
    }
    let whole = || whole(desired, observed);
    let beside = || before_the_distribution(desired, observed);
    let mut plan = adoption_next::next(desired, observed, whole, beside);
    if let Some(last) = handover::let_go(&desired.distribution.tags, owner, seen, &plan) {
        plan.add(id, last.map(Action::Distribution));
    }
    plan
}

/// What is next of all that a distribution needs of others.
fn before_the_distribution(desired: &Desired, observed: &Observed) -> Plan {
    let mut plan = Plan::default();
    let known = Known::of(desired, observed);
    let kinds = Kind::ALL.into_iter().filter(|kind| *kind < Kind::Distribution);
    for kind in kinds.filter(|kind| is_readable(*kind, observed)) {
        known.add(kind, &mut plan);
    }
    repeated::hold_back(&mut plan, observed);
    plan
}

fn whole(desired: &Desired, observed: &Observed) -> Plan {
    let mut plan = Plan::default();
    let known = Known::of(desired, observed);
    let readable = Kind::ALL.into_iter().filter(|kind| is_readable(*kind, observed));
    for kind in readable {
        known.add(kind, &mut plan);
    }
    known.add_aliases(&mut plan);
    repeated::hold_back(&mut plan, observed);
    plan
}

/// What all kinds are planned by.
struct Known<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    declared: Wanted<'a>,
    of_access: Inputs<'a>,
    /// What serves mutual TLS, where that is declared.
    of_mutual_tls: Option<mutual_tls::Inputs<'a>>,
    /// What is next of the web ACL: IP sets hang on it.
    web_acl: Next,
}

/// Whether what the kind is planned by could be read, and somebody asked for it.
fn is_readable(kind: Kind, observed: &Observed) -> bool {
    match kind {
        kind if observed.unread.contains(&kind) => false,
        kind if mutual_tls::KINDS.contains(&kind) && observed.mutual_tls.is_unread => false,
        // They stand in hosted zones.
        Kind::Certificate | Kind::Records | Kind::OriginRecords => !observed.names.is_unread,
        Kind::HealthCheck | Kind::Protection | Kind::Alarm => observed.shield.subscribed.is_some(),
        _ => true,
    }
}

impl<'a> Known<'a> {
    fn of(desired: &'a Desired, observed: &'a Observed) -> Self {
        Self {
            desired,
            observed,
            declared: desired.of_access(),
            of_access: observed.access_inputs(desired),
            of_mutual_tls: desired
                .mutual_tls
                .is_some()
                .then(|| observed.mutual_tls_inputs(Some(desired))),
            web_acl: observed.next_of_web_acl(desired),
        }
    }
}

impl Known<'_> {
    /// Adds what is next of a kind to what is next of those before it.
    fn add(&self, kind: Kind, plan: &mut Plan) {
        let (desired, observed) = (self.desired, self.observed);
        match kind {
            Kind::Role => plan.add(Id::of(kind), observed.next_of_role(desired)),
            Kind::Function if !observed.needs_signer(desired) => {}
            Kind::Function => plan.add(Id::of(kind), observed.next_of_function(desired)),
            Kind::IpSet => self.add_ip_sets(plan),
            Kind::WebAcl => plan.add(Id::of(kind), self.web_acl.clone()),
            Kind::Logging => plan.add(Id::of(kind), observed.next_of_logging(desired)),
            Kind::ApiKey => api_key_next::next_all(&self.declared, &self.of_access, plan),
            Kind::Authorizer => authorizer_next::next_all(&self.declared, &self.of_access, plan),
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
            Kind::OriginCertificate
            | Kind::OriginRecords
            | Kind::Truststore
            | Kind::OriginDomain
            | Kind::ClientCertificate
            | Kind::Endpoint => self.add_of_mutual_tls(kind, plan),
            Kind::Distribution
                if observed.is_value_awaited(desired) || observed.is_release_unseen(desired) =>
            {
                plan.add(Id::of(kind), Next::Read);
            }
            Kind::Distribution => {
                let inputs = observed.distribution_inputs(desired, &self.of_access);
                let next = distribution_next::next(&desired.distribution, &inputs);
                plan.add(Id::of(kind), next.map(Action::Distribution));
                let is_signature_wanted = desired.access.proof == Proof::Signature;
                let in_the_way =
                    unsigned::in_the_way(&desired.distribution, is_signature_wanted, &observed.distribution);
                plan.problems.extend(in_the_way);
            }
            Kind::Access => lock::next_all(&self.declared, &self.of_access, plan),
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

    /// What is next of a kind that serves mutual TLS, where that is declared.
    fn add_of_mutual_tls(&self, kind: Kind, plan: &mut Plan) {
        let Some(inputs) = &self.of_mutual_tls else {
            return;
        };
        if self.observed.is_led_back(self.desired) {
            if kind == Kind::Endpoint {
                self.observed.release(self.desired, plan);
            }
            return;
        }
        let id = Id::of(kind);
        if kind == Kind::Endpoint && beforehand::is_endpoint_due(inputs) {
            plan.add(id, Next::Read);
            return;
        }
        let awaited = beforehand::awaited(inputs);
        if let Some(first) = self.comes_before(kind, inputs) {
            plan.add(id, Next::Blocked(vec![first]));
            return;
        }
        match kind {
            Kind::OriginCertificate => {
                plan.problems.extend(refusals::problems(inputs));
                for (id, next) in origin_certificate::next_all(inputs) {
                    plan.add(id, held(&awaited, next.map(Action::OriginCertificate)));
                }
            }
            Kind::OriginRecords => {
                let next = next_of_origin_records(inputs).map(Action::OriginRecords);
                plan.add(id, held(&awaited, next));
            }
            Kind::Truststore => {
                plan.problems.extend(truststore::contested(inputs));
                let next = truststore::next(inputs).map(Action::Truststore);
                plan.add(id, held(&awaited, next));
            }
            Kind::OriginDomain => {
                let next = origin_domain::next(inputs).map(Action::OriginDomain);
                plan.add(id, held(&awaited, next));
            }
            Kind::ClientCertificate => client_certificate::next_all(inputs, plan),
            Kind::Endpoint => {
                let mut ask =
                    |plan: &mut Plan, way: Way| add_probe(&self.declared, &self.of_access, way, plan);
                endpoint::next_all(inputs, plan, &mut ask);
                let stage = self.observed.way_back(self.desired).zip(inputs.desired);
                plan.waits
                    .extend(stage.map(|(stage, declared)| stage.awaited(declared)));
            }
            _ => {}
        }
    }

    /// What a kind that serves mutual TLS waits for while another mode goes on: CloudFront shows no certificate as long as it signs, what
    /// is asked past the perimeter has to be known, and of two locks one is made after the other.
    fn comes_before(&self, kind: Kind, inputs: &mutual_tls::Inputs<'_>) -> Option<Kind> {
        let (desired, observed) = (self.desired, self.observed);
        let is_begun = || {
            let routes = observed.access.present();
            let is_unproven = routes.is_some_and(|found| found.marks.is_unproven());
            is_unproven && !observed.mutual_tls.is_endpoint_unproven()
        };
        match kind {
            Kind::ClientCertificate if observed.is_bridged(desired) => Some(Kind::Access),
            Kind::ClientCertificate if observed.is_value_awaited(desired) => Some(Kind::Distribution),
            Kind::Endpoint if (desired.access.awaited.is_some() || inputs.leave.is_some()) && is_begun() => {
                Some(Kind::Access)
            }
            Kind::Endpoint if self.is_value_of_nobody_sent() => Some(Kind::Access),
            _ => None,
        }
    }

    /// Whether CloudFront sends a secret value though no mode is known to go on: which one it is of comes before the default endpoint is
    /// switched off, so that whoever shows it is proven to be refused.
    fn is_value_of_nobody_sent(&self) -> bool {
        let (access, observed) = (&self.desired.access, self.observed);
        let is_begun = observed.is_endpoint_off() || observed.mutual_tls.is_endpoint_unproven();
        let mut sent = self.of_access.sent().into_iter();
        access.proof == Proof::Certificate
            && access.enforcement == Enforcement::Enforce
            && !is_begun
            && sent.any(|sent| !sent.headers.is_empty())
    }

    fn add_ip_sets(&self, plan: &mut Plan) {
        let (desired, observed) = (self.desired, self.observed);
        let whose = |part: &str, found: &ip_set::Observed| observed.owns_ip_set(part, found);
        let inputs = observed.ip_set_inputs(&whose, &self.web_acl);
        let (owner, wanted) = (&desired.owner, &desired.ip_sets);
        for (id, next) in ip_set::next_all(owner, wanted, &observed.ip_sets, &inputs, &observed.pass) {
            plan.add(id, next.map(Action::IpSet));
        }
    }

    /// Last: an alias that another distribution has keeps nothing else from being done.
    fn add_aliases(&self, plan: &mut Plan) {
        let is_busy = plan.concerns(Kind::Distribution) || is_busy_with_routes(plan);
        let mut ask = || passage(&self.declared, &self.of_access, &mut *plan);
        let origin = &self.desired.distribution.settings.origin;
        let next_of_aliases = aliases::next_all(
            &self.observed.names_inputs(Some(self.desired)),
            origin,
            is_busy,
            &mut ask,
        );
        for next in next_of_aliases {
            plan.add(aliases::id(), next.map(Action::Distribution));
        }
    }
}

/// Whether something of the API's routes goes on beside which no name is moved. A first lock that waits for just that does not.
fn is_busy_with_routes(plan: &Plan) -> bool {
    plan.is_busy_but_for(Kind::Access, |wait| wait.reason == Reason::NameServedElsewhere)
}

fn of_names(action: certificate_proof::Action) -> Action {
    match action {
        certificate_proof::Action::Certificate(action) => Action::Certificate(action),
        certificate_proof::Action::Records(action) => Action::Records(action),
    }
}
