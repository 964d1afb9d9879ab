//! What is worth knowing of resources that stand as wanted: remembered in status, since it is seen only when they are read.

use super::cached::mixed;
use super::conditions::Pass;
use super::handover;
use super::identifiers::former_domain_name;
use super::mutual_tls::{remembered, worth_knowing};
use super::names::told_of_certificate;
use super::pricing_plan;
use super::promotions::promotions;
use crate::api::{Enforcement, OriginType, StatusNote};
use crate::domain::access::asked::as_deployed::Served;
use crate::domain::access::authorization::{self, AWS_IAM, Authorization, NONE};
use crate::domain::access::lock::Routes;
use crate::domain::access::obstacles::first_lock::excluded_unknown;
use crate::domain::access::proof::Proof;
use crate::domain::access::words::agreed;
use crate::domain::edge::config::{self, ErrorPage};
use crate::domain::edge::{distribution, distribution_next, dns_records};
use crate::domain::firewall::promoting::held;
use crate::domain::firewall::{foreign, ip_set, logging, rules, web_acl};
use crate::domain::kernel::change::{Change, paths};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::signer::function;
use std::collections::BTreeSet;

/// At most so many are kept: CRDs bound their lists.
const MOST: usize = 16;
/// Longer messages are cut.
const LONGEST: usize = 2_000;

/// What is known at the end of a pass: of what was read, what was read; of the rest, what was known before.
#[must_use]
pub(super) fn notes(pass: &Pass<'_>) -> Vec<StatusNote> {
    let (Some(observed), Some(desired)) = (pass.observed, pass.desired) else {
        return pass.previous.notes.clone();
    };
    let mut notes = of_spec(desired);
    notes.extend(of_certificate(pass));
    notes.extend(of_client_certificate(pass, observed));
    notes.extend(of_new_name(pass, observed));
    let in_path = worth_knowing::stage_in_path(desired.mutual_tls.as_ref());
    notes.extend(in_path.map(|told| note(Kind::OriginDomain, Reason::StageInPath, &told)));
    let offered = handover::worth_knowing(pass);
    notes.extend(offered.map(|told| note(Kind::Distribution, Reason::HandoverOffered, &told)));
    let of_plan = pricing_plan::worth_knowing(observed, desired).into_iter();
    notes.extend(of_plan.map(|(reason, told)| note(Kind::Distribution, reason, &told)));
    let held = held(&promotions(pass));
    notes.extend(held.map(|told| note(Kind::WebAcl, Reason::RuleHeld, &told)));
    for kind in NOTED {
        let read = of_kind(kind, desired, observed);
        notes.extend(read.unwrap_or_else(|| known(pass, kind)));
    }
    notes.truncate(MOST);
    notes
}

/// The kinds of which there may be something worth knowing, in the order in which it is told.
const NOTED: [Kind; 10] = [
    Kind::OriginDomain,
    Kind::ClientCertificate,
    Kind::Distribution,
    Kind::Function,
    Kind::IpSet,
    Kind::HealthCheck,
    Kind::WebAcl,
    Kind::Logging,
    Kind::Access,
    Kind::Records,
];

/// What was known of a kind before.
fn known(pass: &Pass<'_>, kind: Kind) -> Vec<StatusNote> {
    let of = |note: &&StatusNote| note.resource == kind.name() && !is_of_spec(note);
    pass.previous.notes.iter().filter(of).cloned().collect()
}

/// What is read of a kind; `None` where it was not read in full.
fn of_kind(kind: Kind, desired: &Desired, observed: &Observed) -> Option<Vec<StatusNote>> {
    match kind {
        Kind::Distribution => of_seen(&observed.distribution, |found| {
            Some(of_distribution(desired, observed, found))
        }),
        Kind::Function => of_seen(&observed.function, |found| {
            let inputs = observed.function_inputs();
            let left = function::left(&desired.function, found, &inputs, &observed.pass);
            Some(standing(kind, "Lambda", &left).into_iter().collect())
        }),
        Kind::IpSet => of_ip_sets(desired, observed),
        Kind::HealthCheck => of_seen(&observed.shield.own_check, |found| {
            let shield = observed.composed_shield(Some(desired));
            let left = shield.left_of_health_check(found);
            Some(standing(kind, "Route 53", &left).into_iter().collect())
        }),
        Kind::WebAcl => of_seen(&observed.web_acl, |found| {
            found.capacity()?;
            Some(of_web_acl(desired, observed, found))
        }),
        Kind::Logging => Some(match &observed.logging {
            Seen::Present(found) | Seen::Listed(Some(found)) => of_logging(desired, observed, found),
            Seen::Listed(None) | Seen::Absent => vec![],
        }),
        Kind::OriginDomain | Kind::ClientCertificate => {
            let told = worth_knowing::of_kind(kind, desired, observed)?.into_iter();
            Some(told.map(|(reason, told)| note(kind, reason, &told)).collect())
        }
        Kind::Access => match &observed.access {
            Seen::Present(found) => {
                let mut notes = of_methods(desired, observed, found);
                notes.extend(of_access(desired, found));
                notes.extend(of_earlier_stages(desired, observed));
                Some(notes)
            }
            Seen::Listed(_) => None,
            Seen::Absent => Some(vec![]),
        },
        Kind::Records => (!observed.names.is_unread).then(|| of_records(desired, observed)),
        Kind::Role
        | Kind::ApiKey
        | Kind::Authorizer
        | Kind::Certificate
        | Kind::OriginCertificate
        | Kind::OriginRecords
        | Kind::Truststore
        | Kind::Endpoint
        | Kind::Protection
        | Kind::Alarm => None,
    }
}

/// What `read` tells of a resource that was read in full; `None` where it may be there and was not.
fn of_seen<L, T>(
    seen: &Seen<L, T>,
    read: impl FnOnce(&T) -> Option<Vec<StatusNote>>,
) -> Option<Vec<StatusNote>> {
    match seen {
        Seen::Present(found) => read(found),
        Seen::Listed(Some(_)) => None,
        Seen::Listed(None) | Seen::Absent => Some(vec![]),
    }
}

/// A message holds no time and no measurement: whenever it changes, people are told anew.
fn note(kind: Kind, reason: Reason, message: &str) -> StatusNote {
    StatusNote {
        resource: kind.name().to_owned(),
        reason: reason.as_str().to_owned(),
        message: message.chars().take(LONGEST).collect(),
    }
}

/// Whether a note is told anew in every pass, by spec and status, whatever was read.
fn is_of_spec(note: &StatusNote) -> bool {
    [
        Reason::CachePolicyNotRead,
        Reason::CertificateExpired,
        Reason::CertificateExpires,
        Reason::CertificateNotRead,
        Reason::DistributionRenamed,
        Reason::HandoverOffered,
        Reason::HostHeaderInTheWay,
        Reason::NoRateLimit,
        Reason::OriginRequestPolicyNotRead,
        Reason::PricingPlan,
        Reason::PricingPlanMovesDown,
        Reason::PricingPlanNotRead,
        Reason::RuleHeld,
        Reason::StageInPath,
    ]
    .iter()
    .any(|reason| note.reason == reason.as_str())
}

fn of_spec(desired: &Desired) -> Vec<StatusNote> {
    let caveats = desired.distribution.caveats.iter();
    let caveats = caveats.map(|caveat| note(Kind::Distribution, caveat.reason, &caveat.message));
    let responds = desired
        .shield
        .as_ref()
        .is_some_and(|shield| shield.protection.response.is_some());
    let without_limit = (responds && !rules::has_rate_limit(&desired.web_acl.spec)).then(|| {
        note(
            Kind::WebAcl,
            Reason::NoRateLimit,
            "spec.webAcl has no rate limit beside Shield's automatic response: AWS recommends one, since the response learns for a \
             day and acts after minutes, and AWS may refuse the response without one: leave rateLimits out for the baseline's, \
             or declare your own",
        )
    });
    caveats.chain(without_limit).collect()
}

/// The certificate that the spec names: it expires soon, has expired, or nobody watches when it will.
fn of_certificate(pass: &Pass<'_>) -> Option<StatusNote> {
    let (reason, message) = told_of_certificate(pass)?;
    Some(note(Kind::Distribution, reason, &message))
}

/// The client certificate that CloudFront shows expires soon, though it should have been replaced by then.
fn of_client_certificate(pass: &Pass<'_>, observed: &Observed) -> Option<StatusNote> {
    let known = remembered::known(observed, pass.desired)?;
    let (reason, message) = remembered::expiring(&known, pass.now)?;
    Some(note(Kind::ClientCertificate, reason, &message))
}

/// The distribution was made again under another name, which nobody but people can tell whoever uses the earlier one.
fn of_new_name(pass: &Pass<'_>, observed: &Observed) -> Option<StatusNote> {
    let former = former_domain_name(pass.previous.distribution.as_ref(), observed)?;
    let message = format!(
        "somebody had deleted the distribution, and it was made again: {former} is gone, and its name is {} now. Have DNS records and \
         clients of yours that name the former one name the new one; records that Palisade makes follow by themselves. This is \
         told until the next full read (--deep-resync)",
        observed.domain_name()?
    );
    Some(note(Kind::Distribution, Reason::DistributionRenamed, &message))
}

/// Whose answers the cache may serve to others, as far as the API's methods tell.
fn of_access(desired: &Desired, found: &authorization::Observed) -> Vec<StatusNote> {
    let said = mixed(
        &desired.distribution.settings.cache_policy_id,
        &desired.access.proof,
        found.keys_from_authorizer,
        &found.routes,
    );
    let said = (!said.is_empty()).then(|| said.join("; "));
    said.map(|said| note(Kind::Access, Reason::CacheMixesCallers, &said))
        .into_iter()
        .collect()
}

/// Viewers of stages that were locked before, and what refuses them.
fn of_earlier_stages(desired: &Desired, observed: &Observed) -> Option<StatusNote> {
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let refused = Routes::of(&declared, &inputs)?.refused_at_earlier_stages();
    (!refused.is_empty()).then(|| note(Kind::Access, Reason::EarlierStageRefused, &refused.join("; ")))
}

fn of_distribution(
    desired: &Desired,
    observed: &Observed,
    found: &distribution::Observed,
) -> Vec<StatusNote> {
    let pages = config::error_pages(&found.content.config);
    let disguising: Vec<String> = pages
        .iter()
        .filter(|page| page.disguises())
        .map(ErrorPage::words)
        .collect();
    let disguised = (!disguising.is_empty()).then(|| {
        let message = format!(
            "error pages that somebody has put on the distribution turn refusals and failures into something else: {}; neither \
             viewers nor probes can tell them from answers of the API. Give each page the response code of its error",
            disguising.join(", ")
        );
        note(Kind::Distribution, Reason::ErrorPageInTheWay, &message)
    });
    let left = distribution_next::left(
        &desired.distribution,
        &observed.distribution_inputs(desired, &observed.access_inputs(desired)),
        found,
    );
    let policy = config::continuous_deployment(&found.content.config);
    let shared = policy.map(|policy| {
        let message = format!(
            "continuous deployment policy {policy} may send some viewers to a staging distribution, whose web ACL, function and \
             settings nobody looks after here, and CloudFront refuses some changes beside it: promote what it tries, or disable \
             the policy, in the CloudFront console"
        );
        note(Kind::Distribution, Reason::ContinuousDeployment, &message)
    });
    disguised
        .into_iter()
        .chain(shared)
        .chain(standing(Kind::Distribution, "CloudFront", &left))
        .collect()
}

fn of_methods(desired: &Desired, observed: &Observed, found: &authorization::Observed) -> Vec<StatusNote> {
    let access = &desired.access;
    let missing = found.unknown_exclusions(access);
    let missing = (!missing.is_empty()).then(|| {
        let message = excluded_unknown(access.gate.r#type, &missing, &found.routes);
        note(Kind::Access, Reason::ExcludedMethodUnknown, &message)
    });
    let is_left = |(key, asked): &(&String, &Authorization)| {
        let is_spared = access.enforcement == Enforcement::Observe || access.exclude.contains(*key);
        is_spared && ![NONE, AWS_IAM].contains(&asked.kind.as_str())
    };
    // What is served counts, and what is edited will be.
    let edited = found
        .routes
        .iter()
        .map(|route| (&route.key, &route.authorization));
    let served = found.deployed.served().into_iter().flat_map(Served::iter);
    let left: BTreeSet<&String> = edited.chain(served).filter(is_left).map(|(key, _)| key).collect();
    let left: Vec<&String> = left.into_iter().collect();
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let routes = Routes::of(&declared, &inputs);
    // The lock says so itself where the signature waits for that.
    let waits = routes.is_some_and(|routes| routes.tokens_in_the_way().is_some());
    let is_replaced = access.proof == Proof::Signature && !waits && !left.is_empty();
    let replaced = is_replaced.then(|| {
        let modes = match access.gate.r#type {
            OriginType::Rest => "SecretHeader or ApiKey, which leave",
            OriginType::Http | OriginType::WebSocket => "SecretHeader, which leaves",
        };
        let message = format!(
            "{} own, and with spec.access.mode SigV4 a signature takes the place of the viewer's \
             Authorization header: who shows a token there is refused through the perimeter. Set the mode to {modes} the header as \
             it is",
            agreed(&left, "asks an authorizer of its", "ask an authorizer of their")
        );
        note(Kind::Access, Reason::AuthorizationReplaced, &message)
    });
    missing.into_iter().chain(replaced).collect()
}

fn of_web_acl(desired: &Desired, observed: &Observed, found: &web_acl::Observed) -> Vec<StatusNote> {
    let left = web_acl::left(
        &desired.web_acl,
        found,
        &observed.web_acl_inputs(desired),
        &observed.pass,
    );
    let groups = foreign::unread_groups(&found.content.document);
    let unread = (!groups.is_empty()).then(|| {
        let message = format!(
            "rule groups of others are asked before rules of this object, and what they let pass is not read: {}; see to it \
             that none of their rules allows requests, or give them a later priority",
            groups.join(", ")
        );
        note(Kind::WebAcl, Reason::RuleGroupNotRead, &message)
    });
    unread
        .into_iter()
        .chain(standing(Kind::WebAcl, "AWS WAF", &left))
        .collect()
}

/// Of several sets one note; `None` where none of them was read.
fn of_ip_sets(desired: &Desired, observed: &Observed) -> Option<Vec<StatusNote>> {
    let sets = desired.ip_sets.iter();
    let read: Vec<_> = sets
        .filter_map(|set| Some((set, observed.ip_sets.get(&set.part)?.present()?)))
        .collect();
    let left: Vec<Change> = read
        .iter()
        .flat_map(|(set, found)| ip_set::left(set, found, &observed.pass))
        .collect();
    (!read.is_empty() || desired.ip_sets.is_empty())
        .then(|| standing(Kind::IpSet, "AWS WAF", &left).into_iter().collect())
}

fn of_logging(desired: &Desired, observed: &Observed, found: &logging::Observed) -> Vec<StatusNote> {
    let left = logging::left(desired.logging.as_ref(), found, &observed.pass);
    standing(Kind::Logging, "AWS WAF", &left).into_iter().collect()
}

/// Records of names that viewers still use, in zones that the spec does not name any more.
fn of_records(desired: &Desired, observed: &Observed) -> Vec<StatusNote> {
    let kept = dns_records::kept(&observed.names_inputs(Some(desired))).into_iter();
    let note = |(zone, names): (String, Vec<String>)| {
        let message = format!(
            "spec.distribution.hostedZoneId is gone, and the records of {} in hosted zone {zone} stay, since viewers would lose \
             the names at once; nobody looks after them. Lead the names to the distribution elsewhere first; a name's \
             records go once it is taken out of spec.distribution.aliases",
            names.join(", ")
        );
        note(Kind::Records, Reason::RecordsKept, &message)
    };
    kept.map(note).collect()
}

/// What AWS keeps otherwise than it was written.
fn standing(kind: Kind, service: &str, left: &[Change]) -> Option<StatusNote> {
    let fields = paths(left);
    (!fields.is_empty()).then(|| {
        let message = format!(
            "{service} keeps some fields of the {} otherwise than they were written, and they are not written again: {}",
            kind.noun(),
            fields.join(", ")
        );
        note(kind, Reason::DifferenceStands, &message)
    })
}
