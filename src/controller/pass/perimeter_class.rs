//! One pass over one `PerimeterClass`: how many objects go by it, which of them are refused, and whether it may go. What it says is
//! carried out by the passes over its objects.

use super::admission;
use super::again::Error;
use super::class_rollout;
use super::class_traffic;
use super::context::Context;
use crate::api::{PerimeterClass, PerimeterClassStatus, ProtectedApi};
use crate::controller::events::addresses::address;
use crate::controller::kubernetes::status::{
    WriteError, add_finalizer, apply_status_once, has_finalizer, remove_finalizer,
};
use crate::controller::watch::Object;
use crate::controller::watch::perimeter_classes::Class;
use crate::domain::classes::effective::{contradiction, revision};
use crate::domain::status::class::{Pass, status};
use jiff::{SignedDuration, Timestamp};
use kube::runtime::controller::Action;
use kube::{Resource as _, ResourceExt as _};
use std::sync::Arc;
use std::time::Duration;

/// Until the watch has shown what others, or we ourselves, have written.
const SOON: Duration = Duration::from_secs(1);

/// Looks at `class` and does what is next.
///
/// # Errors
/// When a step failed; the class is looked at again after its backoff.
pub async fn reconcile(class: Arc<Class>, context: Arc<Context>) -> Result<Action, Error> {
    if context.settings.namespace.is_some() {
        // A controller for one namespace does not see who else goes by it.
        return Ok(Action::await_change());
    }
    match &class.0 {
        Ok(readable) if readable.metadata.deletion_timestamp.is_some() => let_go(readable, &context).await,
        Ok(readable) => keep(readable, &context).await,
        Err(_)
            if class.meta().deletion_timestamp.is_some()
                && users_of(&class.name_any(), &context).is_empty() =>
        {
            // What it says matters to nobody any more.
            let _place = context.place().await;
            remove_finalizer::<PerimeterClass>(&context.client, class.meta()).await?;
            class_rollout::count(&class.name_any(), None, &context);
            Ok(Action::await_change())
        }
        Err(invalid) => {
            admission::report_malformed(&context, class.as_ref(), invalid).await;
            Err(Error::malformed(&invalid.error, &context))
        }
    }
}

async fn keep(class: &PerimeterClass, context: &Context) -> Result<Action, Error> {
    if !has_finalizer::<PerimeterClass>(&class.metadata) {
        let _place = context.place().await;
        add_finalizer::<PerimeterClass>(&context.client, &class.metadata).await?;
        // The write calls for the next pass.
        return Ok(Action::await_change());
    }
    let next = tell(class, &users_of(&class.name_any(), context), context).await?;
    let resync = context.settings.resync;
    Ok(Action::requeue(next.map_or(resync, |next| next.min(resync))))
}

async fn let_go(class: &PerimeterClass, context: &Context) -> Result<Action, Error> {
    if !has_finalizer::<PerimeterClass>(&class.metadata) {
        return Ok(Action::await_change());
    }
    let users = users_of(&class.name_any(), context);
    if users.is_empty() {
        let _place = context.place().await;
        remove_finalizer::<PerimeterClass>(&context.client, &class.metadata).await?;
        class_rollout::count(&class.name_any(), None, context);
        return Ok(Action::await_change());
    }
    tell(class, &users, context).await?;
    Ok(Action::requeue(
        context.settings.sweep.min(context.settings.resync),
    ))
}

/// The objects that go by the class, as they are declared now or as they were in their last pass.
fn users_of(name: &str, context: &Context) -> Vec<Arc<Object>> {
    let goes_by = |object: &ProtectedApi| {
        let status = object.status.as_ref();
        let went_by = status.and_then(|status| status.class.as_ref());
        went_by.is_some_and(|class| class.name == name)
            || context
                .class_of(object)
                .is_ok_and(|choice| choice.is_some_and(|choice| choice.name == name))
    };
    let all = &context.watched.objects;
    all.state_filter(|object| object.0.as_ref().is_ok_and(goes_by))
}

/// Writes the status, and has its rollout go on. Answers when that is next.
async fn tell(
    class: &PerimeterClass,
    users: &[Arc<Object>],
    context: &Context,
) -> Result<Option<Duration>, Error> {
    let none = PerimeterClassStatus::default();
    let defaults = context.default_classes();
    let objects: Vec<&ProtectedApi> = users.iter().filter_map(|user| user.0.as_ref().ok()).collect();
    let leaving = objects.iter().filter(|object| {
        let left = context.left_behind(object);
        left.is_some_and(|left| left.name == class.name_any())
    });
    let leaving =
        leaving.map(|object| format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any()));
    let mut status = status(&Pass {
        leaving: leaving.collect(),
        generation: class.metadata.generation,
        revision: revision(&class.spec),
        contradiction: contradiction(&class.spec),
        defaults: defaults.contains(&class.name_any()).then_some(defaults),
        objects: &objects,
        is_leaving: class.meta().deletion_timestamp.is_some(),
        previous: class.status.as_ref().unwrap_or(&none),
        now: Timestamp::now(),
    });
    let counters = Box::pin(class_traffic::counters(class, &objects, context)).await;
    let next = class_rollout::roll(class, &objects, &counters, &mut status, context).await;
    address(&mut status.conditions, context.settings.docs_url.as_deref());
    // CloudWatch may have been asked for long: nobody else's write waits for that.
    let _place = context.place().await;
    match apply_status_once(&context.client, class, &status).await {
        // What is remembered of the rollout is not what was read: the newer one comes at once.
        Err(WriteError::Status(kube::Error::Api(stale))) if stale.code == 409 => return Ok(Some(SOON)),
        written => written?,
    }
    let Some(next) = next else { return Ok(None) };
    class_rollout::tell(class, &next, context).await;
    Ok(next.again_in.map(SignedDuration::unsigned_abs))
}
