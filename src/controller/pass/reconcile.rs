//! One pass over one object: from the Kubernetes API to the engine and back.

use super::account_resolution::{Remains, Unplaced};
use super::admission;
use super::again::{Error, first_failure, next_pass};
use super::context::Context;
use super::taking_back::{rewritten, taking_back};
use crate::api::ProtectedApi;
use crate::controller::engine::cleanup::Departed;
use crate::controller::engine::subject::Subject;
use crate::controller::engine::{Done, Engine, Outcome};
use crate::controller::events::addresses::address;
use crate::controller::events::of_pass;
use crate::controller::kubernetes::probe_token::Awaited;
use crate::controller::kubernetes::status::{add_finalizer, apply_status, has_finalizer, remove_finalizer};
use crate::controller::process::traces::stage;
use crate::controller::watch::Object;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::status::claims::{claim, claims, is_waiting};
use crate::domain::status::conditions::{has_reason, is_in_order};
use crate::domain::status::doors;
use crate::domain::status::identifiers::names_any;
use crate::domain::tenancy::account::account_of;
use crate::domain::tenancy::permissions::{Namespace, permit};
use crate::domain::tenancy::rivals::{
    Claim, Clash, access_differs, asks_for_header, asks_otherwise, bound_by, clash, first_of, is_void,
    owned_by,
};
use jiff::{SignedDuration, Timestamp};
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use kube::{Resource as _, ResourceExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument as _;

/// How long what is declared together with a new object is waited for: its Namespace, without which nothing is permitted, and
/// the `AwsAccount` that it names.
const COMPANY_PATIENCE: SignedDuration = SignedDuration::from_secs(30);

/// Soon after a start it is not known yet where accounts lead.
const NOT_YET: Duration = Duration::from_secs(1);

/// Looks at `object` and does what is next.
///
/// # Errors
/// When a step failed; the object is looked at again after its backoff.
pub async fn reconcile(object: Arc<Object>, context: Arc<Context>) -> Result<Action, Error> {
    if object.meta().deletion_timestamp.is_some() {
        return Box::pin(delete(&object, &context)).await;
    }
    match &object.0 {
        Ok(api) => Box::pin(apply(api, &context)).await,
        Err(invalid) => {
            admission::report_malformed(&context, object.as_ref(), invalid).await;
            Err(Error::malformed(&invalid.error, &context))
        }
    }
}

async fn apply(object: &ProtectedApi, context: &Context) -> Result<Action, Error> {
    let place = Box::pin(context.place_of(object)).await;
    // What was never placed has nothing to wait for when it goes.
    if place.is_ok() && !has_finalizer::<ProtectedApi>(&object.metadata) {
        let _place = context.place().await;
        Box::pin(add_finalizer::<ProtectedApi>(&context.client, &object.metadata)).await?;
        // The write calls for the next pass.
        return Ok(Action::await_change());
    }
    let annotations = context.namespace_annotations(&object.namespace().unwrap_or_default());
    let awaited = awaited(object, annotations.is_some(), &place);
    let alive = |uid: &str| is_alive(uid, context);
    let token = Awaited::begin(&context.client, object);
    let subject = subject(object, annotations.unwrap_or_default(), token, &alive, context);
    // What stands is in the account that status names, whatever the spec says now.
    let account = object.status.as_ref().and_then(account_of);
    let standing = account.and_then(|account| context.accounts.with_id(&account));
    let standing = standing.unwrap_or_else(|| Arc::clone(&context.accounts.own().engine));
    if let Some(what) = awaited {
        Box::pin(publish(object, &standing.awaits(&subject, what), false, context)).await?;
        return Ok(Action::requeue(NOT_YET));
    }
    let place = match place {
        Ok(engine) => Ok(engine),
        Err(Unplaced::Refused(rejection)) => Err(Ok(rejection)),
        Err(Unplaced::Failed(error)) => Err(Err(error)),
        Err(Unplaced::NotYet) => return Ok(Action::requeue(NOT_YET)),
    };
    let judge = Arc::clone(place.as_ref().unwrap_or(&standing));
    let work = async {
        match place {
            Ok(engine) => engine.apply(&subject).await,
            Err(why) => standing.unplaced(&subject, why).await,
        }
    };
    let (outcome, has_told) = Box::pin(taking_back(object, &judge, context, Box::pin(work))).await;
    Box::pin(publish(object, &outcome, has_told, context).instrument(stage("tell"))).await?;
    if is_void_now(&outcome) {
        wake_rivals(object, context, is_waiting);
    }
    let status = object.status.as_ref();
    let is_new = status.and_then(|status| status.observed_generation) != object.metadata.generation;
    if let (true, Some(account)) = (is_new, &object.spec.account_name) {
        // It tells how many use it.
        context.watched.account_triggers.one(account);
    }
    next_pass(&outcome, is_in_order(object))
}

/// What a pass over `object` needs to know besides AWS.
pub(super) fn subject<'a>(
    object: &'a ProtectedApi,
    annotations: BTreeMap<String, String>,
    token: Awaited,
    is_alive: &'a (dyn Fn(&str) -> bool + Send + Sync),
    context: &Context,
) -> Subject<'a> {
    let others = others(object, context);
    let permitted = permitted(&others, context);
    Subject {
        object,
        annotations,
        rivalry: rivalry(object, &permitted),
        declared_stages: stages_of_others(object, &permitted, doors::declares),
        protected_stages: stages_of_others(object, &permitted, doors::has_locked),
        token,
        siblings: sees_all(context).then(|| uids(&others)),
        sharing: sharing(object, &permitted),
        keyed_stages: stages_of_others(object, &permitted, doors::has_locked_by_key),
        is_alive,
        now: Timestamp::now(),
    }
}

/// Writes the status and tells what happened; `has_told` where one was written in the pass already, so that the object has another
/// than it began with. A status that cannot be written never hides a failure of AWS's.
async fn publish(
    object: &ProtectedApi,
    outcome: &Outcome,
    has_told: bool,
    context: &Context,
) -> Result<(), Error> {
    let _place = context.place().await;
    let mut status = outcome.status.clone();
    address(&mut status.conditions, context.settings.docs_url.as_deref());
    let stale = has_told.then(|| rewritten(object));
    let written = apply_status(&context.client, stale.as_ref().unwrap_or(object), &status).await;
    let notes = of_pass::notes(object, outcome);
    context.events.publish_all(&object.object_ref(&()), notes).await;
    for Done { step } in outcome
        .done
        .iter()
        .filter(|done| of_pass::is_drift(object, outcome, done))
    {
        context.metrics.corrected_drift(step.id.kind.name());
    }
    for wait in &outcome.plan.waits {
        context.metrics.waiting(wait.reason);
    }
    match (first_failure(outcome), written) {
        (None, written) => Ok(written?),
        (Some(_), Ok(())) => Ok(()),
        (Some(failure), Err(error)) => {
            tracing::warn!(%error, failure = failure.message, "the status could not be written either");
            Ok(())
        }
    }
}

/// What came with a new object, and is not seen yet.
fn awaited(
    object: &ProtectedApi,
    is_namespace_seen: bool,
    place: &Result<Arc<Engine>, Unplaced>,
) -> Option<&'static str> {
    if !is_young(object) {
        return None;
    }
    match place {
        _ if !is_namespace_seen => Some("the Namespace, which tells what is permitted, is not seen yet"),
        Err(Unplaced::Refused(refused)) if refused.reason == Reason::AccountNotFound => {
            Some("the AwsAccount that spec.accountName names is not seen yet")
        }
        _ => None,
    }
}

/// Whether an object was made so lately that what came with it may not be seen yet: each kind is watched apart.
fn is_young(object: &ProtectedApi) -> bool {
    let created = object.metadata.creation_timestamp.as_ref();
    created.is_some_and(|created| Timestamp::now().duration_since(created.0) < COMPANY_PATIENCE)
}

/// Whether the object keeps nobody from the stage, as this pass finds it: whoever waited goes on.
fn is_void_now(outcome: &Outcome) -> bool {
    let rejection = outcome.rejection.as_ref();
    rejection.is_some_and(|rejection| {
        rejection.reason == Reason::NotPermitted || (is_void(rejection.reason) && !names_any(&outcome.status))
    })
}

async fn delete(object: &Object, context: &Context) -> Result<Action, Error> {
    if !has_finalizer::<ProtectedApi>(object.meta()) {
        return Ok(Action::await_change());
    }
    if let Ok(readable) = &object.0
        && !is_known_to_go(readable)
    {
        // They are told to wait for it.
        wake_rivals(readable, context, is_waiting);
    }
    let now = Timestamp::now();
    let departed = departed(object, context, now);
    let (outcome, has_told) = match context.remains_of(object, &departed.owner).await {
        Remains::In(engine) => {
            let work = Box::pin(engine.delete(&departed, now));
            match &object.0 {
                Ok(readable) => Box::pin(taking_back(readable, &engine, context, work)).await,
                Err(_) => (work.await, false),
            }
        }
        Remains::Unreachable(why) => {
            let own = &context.accounts.own().engine;
            (own.cannot_delete(&departed, now, why), false)
        }
        Remains::Nothing => return gone(object, context).await,
        Remains::NotYet => return Ok(Action::requeue(NOT_YET)),
    };
    if let Ok(readable) = &object.0 {
        publish(readable, &outcome, has_told, context).await?;
    }
    if outcome.finished {
        return gone(object, context).await;
    }
    next_pass(&outcome, false)
}

/// Whether an earlier pass has found the object to be deleted.
fn is_known_to_go(object: &ProtectedApi) -> bool {
    let status = object.status.as_ref();
    status.is_some_and(|status| has_reason(&status.conditions, Reason::Deleting))
}

/// Lets an object go of which nothing is left but what the sweeper finishes.
async fn gone(object: &Object, context: &Context) -> Result<Action, Error> {
    remove_finalizer::<ProtectedApi>(&context.client, object.meta()).await?;
    if let Ok(readable) = &object.0 {
        wake_rivals(readable, context, |_| true);
    }
    context.sweep_soon.notify_one();
    Ok(Action::await_change())
}

fn departed(object: &Object, context: &Context, now: Timestamp) -> Departed {
    let metadata = object.meta();
    let readable = object.0.as_ref().ok();
    let spec = readable.map(|object| &object.spec);
    Departed {
        owner: Owner {
            cluster: context.accounts.cluster().to_owned(),
            namespace: metadata.namespace.clone().unwrap_or_default(),
            name: metadata.name.clone().unwrap_or_default(),
            uid: metadata.uid.clone().unwrap_or_default(),
        },
        generation: metadata.generation,
        since: metadata.deletion_timestamp.as_ref().map_or(now, |time| time.0),
        spec: spec.cloned(),
        policy: spec.and_then(|spec| spec.deletion_policy).unwrap_or_default(),
        suspended: spec.and_then(|spec| spec.suspend).unwrap_or_default(),
        previous: readable
            .and_then(|object| object.status.clone())
            .unwrap_or_default(),
    }
}

/// Stages of the object's API whose objects are such.
fn stages_of_others(
    object: &ProtectedApi,
    permitted: &[&ProtectedApi],
    is_such: fn(&ProtectedApi) -> bool,
) -> BTreeSet<String> {
    let of_api = |other: &&&ProtectedApi| other.spec.origin.endpoint == object.spec.origin.endpoint;
    let siblings = permitted.iter().filter(of_api);
    siblings
        .filter(|other| is_such(other))
        .map(|other| other.spec.origin.stage.clone())
        .collect()
}

/// The objects that lock other stages of the object's API, whose methods they share.
fn sharing(object: &ProtectedApi, permitted: &[&ProtectedApi]) -> Vec<String> {
    let sharing = permitted.iter().filter(|other| doors::shares(other, object));
    let mut names: Vec<String> = sharing.map(|other| doors::sharer(other)).collect();
    names.sort();
    names
}

/// Why another object comes first, if one does: it protects the same stage, or another of the same API in another way.
fn rivalry(object: &ProtectedApi, permitted: &[&ProtectedApi]) -> Option<Rejection> {
    let origin = &object.spec.origin;
    let own = claim(object);
    let rivals: Vec<&ProtectedApi> = permitted.iter().copied().filter(|other| claims(other)).collect();
    let of = |is_rival: fn(&ProtectedApi, &ProtectedApi) -> bool| -> Vec<Claim> {
        let meant = rivals.iter().filter(|other| is_rival(object, other));
        meant.map(|other| claim(other)).collect()
    };
    if let Some(owner) = first_of(&own, &of(is_same_stage)) {
        return Some(owned_by(owner, origin));
    }
    let contradicting = of(contradicts);
    let by_header = asks_for_header(&object.spec);
    let rival = bound_by(&own, by_header, &contradicting)?;
    let is_meant = |other: &&&ProtectedApi| other.metadata.uid.as_ref() == Some(&rival.uid);
    let other = rivals.iter().find(is_meant);
    let clash = other.map_or(Clash::Otherwise, |other| clash(&object.spec, &other.spec));
    Some(access_differs(rival, origin, clash))
}

/// Of others those that can be read, and that may name what they name.
fn permitted<'a>(others: &'a [Arc<Object>], context: &Context) -> Vec<&'a ProtectedApi> {
    let readable = others.iter().filter_map(|other| other.0.as_ref().ok());
    readable.filter(|other| is_permitted(other, context)).collect()
}

/// Whether the Namespace of an object permits what it names: what is not permitted claims nothing.
fn is_permitted(object: &ProtectedApi, context: &Context) -> bool {
    let name = object.namespace().unwrap_or_default();
    let annotations = context.namespace_annotations(&name).unwrap_or_default();
    let namespace = Namespace {
        name: &name,
        annotations: &annotations,
    };
    let tenancy = context.accounts.own().engine.options.tenancy;
    permit(tenancy, &object.spec, namespace).is_ok()
}

/// Whether all objects of the cluster are seen: another controller may work on those of other namespaces.
fn sees_all(context: &Context) -> bool {
    context.settings.namespace.is_none()
}

fn uids(others: &[Arc<Object>]) -> BTreeSet<String> {
    others.iter().filter_map(|other| other.uid()).collect()
}

/// Whether any object may have this UID. Hardly ever asked, and then of few.
pub(super) fn is_alive(uid: &str, context: &Context) -> bool {
    let all = context.watched.objects.state();
    !sees_all(context) || all.iter().any(|object| object.meta().uid.as_deref() == Some(uid))
}

/// The other objects of the same API.
fn others(object: &ProtectedApi, context: &Context) -> Vec<Arc<Object>> {
    let claimants = context.watched.claims.of(&object.spec.origin.endpoint);
    let known = claimants
        .iter()
        .filter_map(|other| context.watched.objects.get(other));
    known
        .filter(|other| other.meta().uid != object.metadata.uid)
        .collect()
}

/// Whether both lock stages of one API, in different ways.
fn contradicts(a: &ProtectedApi, b: &ProtectedApi) -> bool {
    a.spec.origin.endpoint == b.spec.origin.endpoint
        && a.spec.origin.stage != b.spec.origin.stage
        && asks_otherwise(&a.spec, &b.spec)
}

fn is_same_stage(a: &ProtectedApi, b: &ProtectedApi) -> bool {
    a.spec.origin.endpoint == b.spec.origin.endpoint && a.spec.origin.stage == b.spec.origin.stage
}

/// The objects that waited for this one's API go on.
fn wake_rivals(gone: &ProtectedApi, context: &Context, is_meant: fn(&ProtectedApi) -> bool) {
    let others = others(gone, context);
    let rivals = others.iter().filter(|other| {
        let readable = other.0.as_ref();
        readable
            .is_ok_and(|other| is_meant(other) && (is_same_stage(gone, other) || contradicts(gone, other)))
    });
    for rival in rivals {
        context.watched.triggers.one(ObjectRef::from_obj(rival.as_ref()));
    }
}
