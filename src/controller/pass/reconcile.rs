//! One pass over one object: from the Kubernetes API to the engine and back.

use super::account_resolution::{Remains, Unplaced};
use super::admission;
use super::again::{Error, first_failure, next_pass};
use super::class_rollout::tell_readiness;
use super::classes::Classed;
use super::context::Context;
use super::others::{
    by_default_endpoint, by_endpoint_off, is_alive, others, permitted, rivalry, sees_all, shared_by_others,
    sharing, stages_of_others, uids, wake_rivals,
};
use super::taking_back::{rewritten, taking_back};
use crate::api::{ProtectedApi, ProtectedApiSpec};
use crate::controller::engine::departed::Departed;
use crate::controller::engine::subject::Subject;
use crate::controller::engine::{Done, Engine, Outcome};
use crate::controller::events::addresses::address;
use crate::controller::events::of_pass;
use crate::controller::kubernetes::probe_token::Awaited;
use crate::controller::kubernetes::status::{add_finalizer, apply_status, has_finalizer, remove_finalizer};
use crate::controller::process::traces::stage;
use crate::controller::watch::Object;
use crate::domain::adoption::deletion_policy;
use crate::domain::kernel::failure::{ErrorKind, Failure};
use crate::domain::kernel::identity::{Owner, perimeter_uid};
use crate::domain::kernel::keeping::taken_over;
use crate::domain::kernel::reason::Reason;
use crate::domain::status::claims::is_waiting;
use crate::domain::status::conditions::{has_reason, is_in_order};
use crate::domain::status::doors;
use crate::domain::status::identifiers::names_any;
use crate::domain::tenancy::account::account_of;
use crate::domain::tenancy::rivals::is_void;
use jiff::{SignedDuration, Timestamp};
use kube::runtime::controller::Action;
use kube::{Resource as _, ResourceExt as _};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument as _;

/// How long what is declared together with a new object is waited for: its Namespace, without which nothing is permitted, and
/// the `AwsAccount` and the `PerimeterClass` that it names.
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
    let classed = context.classed(object);
    let place = Box::pin(context.place_of(object)).await;
    let place = match classed.unknown.clone() {
        Some(refused) if place.is_ok() => Err(Unplaced::Refused(refused)),
        _ => place,
    };
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
    let subject = subject(
        (&classed, &object.spec),
        annotations.unwrap_or_default(),
        token,
        &alive,
        context,
    );
    // What stands is in the account that status names, whatever the spec says now.
    let account = object.status.as_ref().and_then(account_of);
    let standing = account.and_then(|account| context.accounts.with_id(&account));
    let standing = standing.unwrap_or_else(|| Arc::clone(&context.accounts.own().engine));
    if let Some(what) = awaited {
        let outcome = standing.awaits(&subject, what);
        Box::pin(publish((object, &classed), &outcome, false, context)).await?;
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
    let work = Box::pin(work);
    let (mut outcome, has_told) = Box::pin(taking_back(&classed.object, &judge, context, work)).await;
    outcome.requeue = classed
        .look_in()
        .map_or(outcome.requeue, |look| look.min(outcome.requeue));
    let told = publish((object, &classed), &outcome, has_told, context);
    Box::pin(told.instrument(stage("tell"))).await?;
    tell_classes(object, &classed, context);
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

/// The class that an object went by and goes by no more counts one less; the one that it is to go by lets it move in its turn.
fn tell_classes(object: &ProtectedApi, classed: &Classed<'_>, context: &Context) {
    let goes_by = |name: &str| classed.class.as_ref().is_some_and(|class| class.name == name);
    let status = object.status.as_ref();
    let went_by = status.and_then(|status| status.class.as_ref());
    let left = went_by.map(|class| class.name.clone());
    let chosen = context.class_of(object).ok().flatten();
    let chosen = chosen.map(|choice| choice.name);
    for class in left.into_iter().chain(chosen).filter(|class| !goes_by(class)) {
        context.watched.class_triggers.one(&class);
    }
}

/// What a pass over an object needs to know besides AWS; `declared` is its spec without what its class gives.
pub(super) fn subject<'a>(
    (classed, declared): (&'a Classed<'_>, &'a ProtectedApiSpec),
    annotations: BTreeMap<String, String>,
    token: Awaited,
    is_alive: &'a (dyn Fn(&str) -> bool + Send + Sync),
    context: &Context,
) -> Subject<'a> {
    let object: &ProtectedApi = &classed.object;
    let others = others(object, context);
    let permitted = permitted(&others, context);
    Subject {
        object,
        declared,
        forbidden: classed.forbidden.clone(),
        annotations,
        rivalry: rivalry(classed, &permitted),
        declared_stages: stages_of_others(object, &permitted, doors::declares),
        protected_stages: stages_of_others(object, &permitted, doors::has_locked),
        token,
        seen_others: uids(&others),
        siblings: sees_all(context).then(|| uids(&others)),
        sharing: sharing(object, &permitted),
        keyed_stages: stages_of_others(object, &permitted, doors::has_locked_by_key),
        by_default_endpoint: by_default_endpoint(&others),
        by_endpoint_off: by_endpoint_off(&others, context),
        shared_by_others: shared_by_others(object, context),
        quotas: context.quotas_of(object),
        is_alive,
        now: Timestamp::now(),
    }
}

/// Tells what happened and writes the status; `has_told` where one was written in the pass already, so that the object has another
/// than it began with. A status that cannot be written never hides a failure of AWS's.
async fn publish(
    (object, classed): (&ProtectedApi, &Classed<'_>),
    outcome: &Outcome,
    has_told: bool,
    context: &Context,
) -> Result<(), Error> {
    let _place = context.place().await;
    let mut status = outcome.status.clone();
    classed.tell(&mut status, first_failure(outcome).is_none());
    tell_readiness(object, &mut status, context);
    address(&mut status.conditions, context.settings.docs_url.as_deref());
    let stale = has_told.then(|| rewritten(object));
    let notes = of_pass::notes(&classed.object, outcome);
    // What is told by comparison with status is not told again once that is written: a process that dies in between tells it twice.
    context.events.publish_all(&object.object_ref(&()), notes).await;
    let written = apply_status(&context.client, stale.as_ref().unwrap_or(object), &status).await;
    for Done { step } in outcome
        .done
        .iter()
        .filter(|done| of_pass::is_drift(&classed.object, outcome, done))
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
        Err(Unplaced::Refused(refused)) if refused.reason == Reason::ClassNotFound => {
            Some("the PerimeterClass that the object goes by is not seen yet")
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
    let classed = object.0.as_ref().ok().map(|readable| context.classed(readable));
    let departed = departed(object, classed.as_ref(), context, now);
    let remains = context.remains_of(object, &departed.owner).await;
    let (outcome, has_told) = match (remains, kept_from_going(classed.as_ref())) {
        (Remains::Nothing, _) => return gone(object, context).await,
        (Remains::NotYet, _) => return Ok(Action::requeue(NOT_YET)),
        (Remains::Unreachable(why), _) => {
            let own = &context.accounts.own().engine;
            (own.cannot_delete(&departed, now, why), false)
        }
        (Remains::In(engine), held_up) => {
            let work = Box::pin(async {
                match held_up {
                    Some(why) => engine.hold_up(&departed, now, why).await,
                    None => engine.delete(&departed, now).await,
                }
            });
            match &classed {
                Some(classed) => Box::pin(taking_back(&classed.object, &engine, context, work)).await,
                None => (work.await, false),
            }
        }
    };
    if let (Ok(readable), Some(classed)) = (&object.0, &classed) {
        publish((readable, classed), &outcome, has_told, context).await?;
    }
    if outcome.finished {
        return gone(object, context).await;
    }
    next_pass(&outcome, false)
}

/// Why nothing is taken down of an object that is deleted: what its class would say of that is not known.
fn kept_from_going(classed: Option<&Classed<'_>>) -> Option<Failure> {
    let classed = classed.filter(|classed| classed.deletion_policy.is_none())?;
    let refused = classed.unknown.as_ref()?;
    Some(Failure {
        id: None,
        kind: ErrorKind::Terminal,
        reason: refused.reason,
        message: format!(
            "the class may say that everything stays, and is not known: {}. With spec.deletionPolicy: Retain in this object \
             everything stays, and the object goes",
            refused.message
        ),
    })
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

fn departed(object: &Object, classed: Option<&Classed<'_>>, context: &Context, now: Timestamp) -> Departed {
    let metadata = object.meta();
    let readable = object.0.as_ref().ok();
    let spec = classed.map(|classed| &classed.object.spec);
    let policy = classed.and_then(|classed| classed.deletion_policy);
    Departed {
        owner: Owner {
            cluster: context.accounts.cluster().to_owned(),
            namespace: metadata.namespace.clone().unwrap_or_default(),
            name: metadata.name.clone().unwrap_or_default(),
            uid: readable
                .and_then(perimeter_uid)
                .map(ToOwned::to_owned)
                .or(metadata.uid.clone())
                .unwrap_or_default(),
            taken: readable.and_then(taken_over),
        },
        uid: metadata.uid.clone().unwrap_or_default(),
        generation: metadata.generation,
        since: metadata.deletion_timestamp.as_ref().map_or(now, |time| time.0),
        spec: spec.cloned(),
        policy: policy
            .unwrap_or_else(|| deletion_policy(spec, readable.and_then(|object| object.status.as_ref()))),
        suspended: spec.and_then(|spec| spec.suspend).unwrap_or_default(),
        previous: readable
            .and_then(|object| object.status.clone())
            .unwrap_or_default(),
    }
}
