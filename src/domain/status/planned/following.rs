//! What follows once steps are done, and no plan of the engine's tells before: what a change of mode makes for a while, and what it, or an
//! edit of names, leaves behind. It goes last, once CloudFront and the API have let go of it.

use super::{Planned, documents, told};
use crate::api::{AccessMode, Enforcement, OriginType, PlanStep, PlanVerb};
use crate::domain::access::credentials::{api_key, authorizer};
use crate::domain::access::proof::Proof;
use crate::domain::edge::certificate::tags_in;
use crate::domain::edge::{certificate, certificate_next};
use crate::domain::kernel::identity::{Ownership, Tags, ownership};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Blocked, Id, Kind};
use crate::domain::mutual_tls::{client_certificate, origin_certificate};
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;

/// A step that follows: what it waits for, what is done, and how the resource is called where no document says that.
struct Following {
    blocked: Blocked,
    verb: PlanVerb,
    name: Option<String>,
}

/// Adds what follows `steps` to them.
pub(super) fn follow(planned: &Planned<'_>, steps: &mut Vec<PlanStep>) {
    let (desired, observed) = (planned.desired, planned.observed);
    for Following { blocked, verb, name } in following(desired, observed) {
        let id = &blocked.id;
        // What is made, or changed, before it goes has a step for that.
        let is_told = |step: &PlanStep| is_of(step, id) && (verb != PlanVerb::Delete || step.verb == verb);
        if steps.iter().any(is_told) {
            continue;
        }
        let name = name.unwrap_or_else(|| documents::name(desired, observed, id));
        let begins = match verb {
            PlanVerb::Create => documents::beginnings(desired, id),
            PlanVerb::Change | PlanVerb::Delete => vec![],
        };
        steps.push(told(id, name, verb, &begins, &blocked.on));
    }
}

fn is_of(step: &PlanStep, id: &Id) -> bool {
    step.kind == id.kind.name() && step.part.as_deref().unwrap_or_default() == id.part
}

/// All that follows, the first first. Some of it may be planned already.
fn following(desired: &Desired, observed: &Observed) -> Vec<Following> {
    let mut all: Vec<Following> = sent_next(desired, observed).into_iter().collect();
    all.extend(bridge(desired, observed));
    all.extend(way_back(desired, observed));
    all.extend(left_by_a_mode(desired, observed));
    all.extend(left_by_names(desired, observed));
    all
}

fn step(id: Id, verb: PlanVerb, on: &[Kind]) -> Following {
    let on = on.to_vec();
    Following {
        blocked: Blocked { id, on },
        verb,
        name: None,
    }
}

fn named(name: &str, step: Following) -> Following {
    Following {
        name: Some(name.to_owned()),
        ..step
    }
}

/// A distribution that stands sends the value of another mode once that is made.
fn sent_next(desired: &Desired, observed: &Observed) -> Option<Following> {
    let access = &desired.access;
    let made = match access.proof {
        Proof::Key => Kind::ApiKey,
        Proof::Header(_) => Kind::Authorizer,
        Proof::Signature | Proof::Certificate => return None,
    };
    let found = observed.distribution.present()?;
    let is_sent = found.sent().has(&access.proof) || access.enforcement == Enforcement::Observe;
    (!is_sent).then(|| step(Id::of(Kind::Distribution), PlanVerb::Change, &[made]))
}

/// CloudFront signs for no origin that it shows a client certificate to: between the two the API is locked by a secret value.
fn bridge(desired: &Desired, observed: &Observed) -> Vec<Following> {
    let asks_for_signatures = observed.outputs.locked_mode == Some(AccessMode::SigV4);
    if desired.access.proof != Proof::Certificate || !asks_for_signatures || !observed.is_bridged(desired) {
        return vec![];
    }
    let kind = match desired.access.gate.r#type {
        OriginType::Rest => Kind::ApiKey,
        OriginType::Http | OriginType::WebSocket => Kind::Authorizer,
    };
    vec![
        step(Id::of(kind), PlanVerb::Create, &[Kind::Truststore]),
        step(Id::of(Kind::Distribution), PlanVerb::Change, &[kind]),
        step(
            Id::of(Kind::Access),
            PlanVerb::Change,
            &[kind, Kind::Distribution],
        ),
        step(Id::of(kind), PlanVerb::Delete, &[Kind::Endpoint]),
    ]
}

/// What served mutual TLS goes once the next lock is made, the default endpoint is on, and CloudFront is led back to it.
fn way_back(desired: &Desired, observed: &Observed) -> Vec<Following> {
    let seen = &observed.mutual_tls;
    let Some(left) = desired.mutual_tls.as_ref().filter(|declared| declared.leaves) else {
        return vec![];
    };
    let mut all = Vec::new();
    if !observed.is_led_back(desired) {
        all.push(step(Id::of(Kind::Endpoint), PlanVerb::Change, &[Kind::Access]));
        all.push(step(
            Id::of(Kind::Distribution),
            PlanVerb::Change,
            &[Kind::Endpoint],
        ));
    }
    if desired.access.awaited == Some(Proof::Signature) {
        all.extend(signed_again(desired, observed));
    }
    let gone = |id: Id| step(id, PlanVerb::Delete, &[Kind::Distribution]);
    if matches!(seen.domain, Seen::Listed(Some(_)) | Seen::Present(_)) {
        all.push(gone(Id::of(Kind::OriginDomain)));
        all.push(gone(Id::of(Kind::OriginRecords)));
        all.push(gone(Id::of(Kind::Truststore)));
    }
    let given = left.certificate_arn.as_ref();
    for (arn, seen) in &seen.origin_certificates {
        if given != Some(arn) && is_ours(tags_in(seen, |found| &found.tags), observed) {
            all.push(named(arn, gone(origin_certificate::id_of(arn))));
        }
    }
    for (arn, seen) in &seen.client_certificates {
        if is_ours(tags_in(seen, |found| &found.tags), observed) {
            all.push(named(arn, gone(client_certificate::id_of(arn))));
        }
    }
    all
}

/// On the way back to signatures a secret value comes first, and the function at the edge once CloudFront is led back.
fn signed_again(desired: &Desired, observed: &Observed) -> Vec<Following> {
    let kind = if desired.api_key.is_some() {
        Kind::ApiKey
    } else {
        Kind::Authorizer
    };
    let function = Id::of(Kind::Function);
    let verb = if documents::stands(observed, &function) {
        PlanVerb::Change
    } else {
        PlanVerb::Create
    };
    vec![
        step(function, verb, &[Kind::Endpoint]),
        step(
            Id::of(kind),
            PlanVerb::Delete,
            &[Kind::Access, Kind::Distribution],
        ),
    ]
}

/// The key, or the authorizer, of a mode that another one takes the place of, now or once that can be.
fn left_by_a_mode(desired: &Desired, observed: &Observed) -> Vec<Following> {
    let owner = &desired.owner;
    let gate = &desired.access.gate;
    let mut locked = observed.outputs.locked_stages.iter();
    // An earlier stage may ask for it still; and under Observe nothing is taken away.
    let is_asked_elsewhere = locked.any(|locked| locked.stage != gate.stage);
    let by_certificate = desired
        .mutual_tls
        .as_ref()
        .is_some_and(|declared| !declared.leaves);
    if is_asked_elsewhere || (desired.access.enforcement == Enforcement::Observe && !by_certificate) {
        return vec![];
    }
    // A change to signatures that waits for a person may wait for ever.
    let goes_on = desired.access.awaited.is_some() && desired.mutual_tls.is_some();
    let is_left = |is_wanted: bool| !is_wanted || goes_on;
    let key = observed.api_key.present();
    let key =
        key.filter(|found| is_left(desired.api_key.is_some()) && api_key::removal(owner, found).is_some());
    let function = observed.authorizer.present();
    let function = function.filter(|found| {
        let (role, function) = (found.role.as_ref(), found.function.as_ref());
        let tags = [
            role.map(|role| &role.tags),
            function.map(|function| &function.tags),
        ];
        is_left(desired.authorizer.is_some()) && tags.into_iter().any(|tags| is_ours(tags, observed))
    });
    let gone = |kind: Kind| {
        step(
            Id::of(kind),
            PlanVerb::Delete,
            &[Kind::Access, Kind::Distribution],
        )
    };
    let key = key.map(|_| gone(Kind::ApiKey));
    let function = function.map(|_| named(&authorizer::name(owner), gone(Kind::Authorizer)));
    let gone: Vec<Following> = key.into_iter().chain(function).collect();
    let mut all = Vec::new();
    if by_certificate && !gone.is_empty() {
        // Methods ask for it until the certificate has taken its place, and CloudFront sends it as long.
        let change = |kind: Kind, on: Kind| step(Id::of(kind), PlanVerb::Change, &[on]);
        all.push(change(Kind::Access, Kind::Endpoint));
        all.push(change(Kind::Distribution, Kind::ClientCertificate));
    }
    all.extend(gone);
    all
}

/// Certificates for names that were declared before.
fn left_by_names(desired: &Desired, observed: &Observed) -> Vec<Following> {
    let inputs = observed.names_inputs(Some(desired));
    let wanted = desired
        .names
        .as_ref()
        .and_then(|names| names.certificate.as_ref());
    let current = wanted.and_then(|wanted| certificate_next::current_arn(wanted, &inputs));
    let others = observed.names.certificates.iter();
    let others = others.filter(|(arn, _)| current != Some(*arn));
    let ours = others.filter(|(_, seen)| is_ours(tags_in(seen, |found| &found.tags), observed));
    ours.map(|(arn, _)| {
        let gone = step(certificate::id_of(arn), PlanVerb::Delete, &[Kind::Distribution]);
        named(arn, gone)
    })
    .collect()
}

fn is_ours(tags: Option<&Tags>, observed: &Observed) -> bool {
    tags.is_some_and(|tags| ownership(tags, &observed.owner) == Ownership::Ours)
}
