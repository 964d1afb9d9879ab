//! One pass over one `PerimeterPlan`: what the engine would do for its spec, told in its status. Nothing is written to AWS, no event
//! is told, and the object that the plan is for is not touched.

use super::account_resolution::Unplaced;
use super::admission;
use super::again::{Again, Error};
use super::class_plan;
use super::context::Context;
use super::others::is_alive;
use super::reconcile::subject;
use crate::api::{PerimeterPlan, ProtectedApi, ProtectedApiSpec, StandingDistribution};
use crate::controller::engine::Engine;
use crate::controller::engine::failures::whole;
use crate::controller::engine::found::of_api;
use crate::controller::events::addresses::address;
use crate::controller::kubernetes::probe_token::Awaited;
use crate::controller::kubernetes::status::{WriteError, apply_status_once, delete};
use crate::controller::watch::perimeter_plans::PlanObject;
use crate::domain::access::probe::Token;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::status::plan_answer::{Answer, answered_until, expires_at, is_answered, status};
use crate::domain::status::planned::NO_UID;
use crate::domain::tenancy::permissions::{Namespace, permit, permit_adoption};
use crate::domain::tenancy::transitions;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use kube::{Resource as _, ResourceExt as _};
use std::sync::Arc;
use std::time::Duration;

/// Soon after a start, and of a Namespace that came together with the plan, not all is known yet.
const NOT_YET: Duration = Duration::from_secs(1);
/// Somebody waits for the plan.
const AGAIN: Duration = Duration::from_secs(15);

/// Answers a plan once, and deletes it when its time is over.
///
/// # Errors
/// When something failed that may go well a moment later.
pub async fn reconcile(plan: Arc<PlanObject>, context: Arc<Context>) -> Result<Action, Error> {
    let metadata = plan.meta();
    if metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let now = Timestamp::now();
    let created = metadata.creation_timestamp.as_ref().map_or(now, |time| time.0);
    let readable = plan.0.as_ref().ok();
    let answered = readable.filter(|plan| is_answered(plan.status.as_ref(), metadata.generation));
    let expires = answered
        .and_then(|plan| plan.status.as_ref()?.expires_at.as_deref()?.parse().ok())
        .unwrap_or_else(|| expires_at(created, readable.map(|plan| &plan.spec)));
    if expires <= now {
        let _place = context.place().await;
        delete::<PerimeterPlan>(&context.client, metadata).await?;
        return Ok(Action::await_change());
    }
    let left = expires.duration_since(now).unsigned_abs();
    match &plan.0 {
        Ok(_) if answered.is_some() => Ok(Action::requeue(left)),
        Ok(readable) => Box::pin(answer(readable, expires, left, &context)).await,
        Err(invalid) => {
            admission::report_malformed(&context, plan.as_ref(), invalid).await;
            Ok(Action::requeue(left))
        }
    }
}

/// Makes the plan and tells it.
async fn answer(
    plan: &PerimeterPlan,
    expires: Timestamp,
    left: Duration,
    context: &Context,
) -> Result<Action, Error> {
    let Some(Answered { answer, perimeter }) = Box::pin(planned(plan, context)).await else {
        return Ok(Action::requeue(NOT_YET.min(left)));
    };
    let now = Timestamp::now();
    let again = retried(&answer);
    let (expires, left) = if again.is_some() {
        (expires, left)
    } else {
        let until = answered_until(now, &plan.spec);
        (until, until.duration_since(now).unsigned_abs())
    };
    let previous = plan.status.as_ref();
    let generation = plan.metadata.generation;
    let mut status = status(answer, generation, expires, previous, now);
    status.perimeter = perimeter;
    address(&mut status.conditions, context.settings.docs_url.as_deref());
    let _place = context.place().await;
    match apply_status_once(&context.client, plan, &status).await {
        // Whoever asked waits no more.
        Err(WriteError::Status(kube::Error::Api(gone))) if gone.code == 404 => {
            return Ok(Action::await_change());
        }
        written => written?,
    }
    again.map_or_else(|| Ok(Action::requeue(left)), Err)
}

/// Why the plan is made again, where it may be another a moment later.
fn retried(answer: &Answer) -> Option<Error> {
    let (reason, message) = match answer {
        Answer::Made(_) | Answer::OfClass(_) => return None,
        Answer::Refused(why) => (why.reason, why.message.clone()),
        Answer::Failed(why) => (why.reason, why.message.clone()),
    };
    answer.may_pass().then(|| Error::Aws {
        reason: reason.as_str(),
        message,
        again: Again::Within(AGAIN),
    })
}

/// What came of planning.
struct Answered {
    answer: Answer,
    /// The spec that was written from a distribution.
    perimeter: Option<ProtectedApiSpec>,
}

impl Answered {
    fn alone(answer: Answer) -> Self {
        Self {
            answer,
            perimeter: None,
        }
    }
}

/// The plan; `None` while not all is known that tells whether and where it may be made.
async fn planned(plan: &PerimeterPlan, context: &Context) -> Option<Answered> {
    let namespace = plan.namespace().unwrap_or_default();
    let annotations = context.namespace_annotations(&namespace)?;
    if let Some(class) = &plan.spec.class {
        let answer = class_plan::planned(plan, class, &annotations, context);
        return Some(Answered::alone(answer));
    }
    let name = plan.spec.object_name.as_deref()?;
    let tenancy = context.accounts.own().engine.options.tenancy;
    let permitting = Namespace {
        name: &namespace,
        annotations: &annotations,
    };
    let written = match &plan.spec.adopt {
        None => None,
        Some(standing) => match Box::pin(written(plan, standing, permitting, context)).await {
            Ok(perimeter) => Some(perimeter),
            Err(answer) => return answer.map(Answered::alone),
        },
    };
    let Some(wanted) = plan.spec.perimeter.as_ref().or(written.as_ref()) else {
        // The API server lets none in; an object may be older than its rules, though.
        let nothing = "spec: write perimeter, or adopt, in another PerimeterPlan";
        let refused = Rejection::new(Reason::InvalidSpec, nothing);
        return Some(Answered::alone(Answer::Refused(refused)));
    };
    // Before anything is read from AWS.
    if let Err(refused) = permit(tenancy, wanted, permitting) {
        return Some(Answered::alone(Answer::Refused(refused)));
    }
    let live = match live(plan, (name, wanted), context) {
        Ok(live) => live,
        Err(refused) => return Some(Answered::alone(Answer::Refused(refused))),
    };
    let object = proposed(plan, (name, wanted), live.as_ref());
    let classed = context.classed(&object);
    if let Some(refused) = classed.unknown.clone() {
        return Some(Answered::alone(Answer::Refused(refused)));
    }
    let engine = match placed(&object, live.is_some(), context).await {
        Ok(engine) => engine,
        Err(why) => return unplaced(why).map(Answered::alone),
    };
    let may_probe = live.as_ref().is_some_and(|live| is_probed_alike(live, &object));
    let token = if may_probe {
        Awaited::begin(&context.client, &object)
    } else {
        Awaited::known(Token::default())
    };
    let alive = |uid: &str| is_alive(uid, context);
    let subject = subject((&classed, wanted), annotations.clone(), token, &alive, context);
    let answer = Box::pin(engine.plan_only(&subject, may_probe)).await;
    Some(Answered {
        answer,
        perimeter: written,
    })
}

/// The spec that is written from a distribution; without one, the answer in its place, or none while not all is known.
async fn written(
    plan: &PerimeterPlan,
    standing: &StandingDistribution,
    permitting: Namespace<'_>,
    context: &Context,
) -> Result<ProtectedApiSpec, Option<Answer>> {
    let refused = |refused| Some(Answer::Refused(refused));
    let tenancy = context.accounts.own().engine.options.tenancy;
    let id = &standing.distribution_id;
    // Before anything is read from AWS.
    permit_adoption(tenancy, id, permitting).map_err(refused)?;
    let name = plan.spec.object_name.as_deref().unwrap_or_default();
    let reference = ObjectRef::new(name).within(permitting.name);
    if context.watched.objects.get(&reference).is_some() {
        let message = format!(
            "spec.objectName: there is a ProtectedApi {name} already: kubectl palisade diff {name} shows its plan; for another \
             distribution write another name"
        );
        return Err(refused(Rejection::new(Reason::InvalidSpec, message)));
    }
    let mut object = ProtectedApi::new(name, of_api(standing, ""));
    object.metadata.namespace.clone_from(&plan.metadata.namespace);
    let engine = context.named_by(&object).map_err(unplaced)?;
    let permitted = |spec: &ProtectedApiSpec| permit(tenancy, spec, permitting);
    engine.written(standing, &permitted).await.map_err(Some)
}

/// What is answered where an object is built nowhere; nothing while that is not known.
fn unplaced(why: Unplaced) -> Option<Answer> {
    match why {
        Unplaced::Refused(refused) => Some(Answer::Refused(refused)),
        Unplaced::Failed(error) => Some(Answer::Failed(whole(&error))),
        Unplaced::NotYet => None,
    }
}

/// The object that the plan is for, if there is one.
fn live(
    plan: &PerimeterPlan,
    (name, wanted): (&str, &ProtectedApiSpec),
    context: &Context,
) -> Result<Option<ProtectedApi>, Rejection> {
    let namespace = plan.namespace().unwrap_or_default();
    let reference = ObjectRef::new(name).within(&namespace);
    let Some(found) = context.watched.objects.get(&reference) else {
        return Ok(None);
    };
    let live = match &found.0 {
        Ok(live) => live,
        Err(invalid) => {
            let message = format!(
                "spec.objectName: the ProtectedApi {name} cannot be read: {}; correct its field (kubectl edit)",
                invalid.error
            );
            return Err(Rejection::new(Reason::Malformed, message));
        }
    };
    if live.metadata.deletion_timestamp.is_some() {
        let message = format!(
            "spec.objectName: the ProtectedApi {name} is being deleted; a new one of its name can be planned once it is gone"
        );
        return Err(Rejection::for_now(Reason::Deleting, message));
    }
    if let Some(said) = transitions::refused(live, wanted) {
        let message = format!("the ProtectedApi {name} does not take this spec: {said}");
        return Err(Rejection::new(Reason::InvalidSpec, message));
    }
    Ok(Some(live.clone()))
}

/// The object as it would be once the spec is applied.
fn proposed(
    plan: &PerimeterPlan,
    (name, wanted): (&str, &ProtectedApiSpec),
    live: Option<&ProtectedApi>,
) -> ProtectedApi {
    let Some(live) = live else {
        let mut object = ProtectedApi::new(name, wanted.clone());
        let metadata = &mut object.metadata;
        metadata.namespace.clone_from(&plan.metadata.namespace);
        metadata.uid = Some(NO_UID.to_owned());
        metadata.generation = Some(1);
        // Whoever protects the same stage already was there first.
        let created = plan.metadata.creation_timestamp.as_ref();
        metadata.creation_timestamp = Some(created.cloned().unwrap_or_else(|| Time(Timestamp::now())));
        return object;
    };
    let mut object = live.clone();
    if object.spec != *wanted {
        object.spec = wanted.clone();
        let generation = object.metadata.generation;
        object.metadata.generation = generation.map(|generation| generation + 1);
    }
    object
}

/// Where the object is, or would be, built.
async fn placed(object: &ProtectedApi, stands: bool, context: &Context) -> Result<Arc<Engine>, Unplaced> {
    if stands {
        Box::pin(context.place_of(object)).await
    } else {
        // Nothing was ever built for it, so no account is looked through for that.
        context.named_by(object)
    }
}

/// Whether `object` is probed as `live` is anyway. Else whoever may plan could have a Secret of the namespace sent to any API.
fn is_probed_alike(live: &ProtectedApi, object: &ProtectedApi) -> bool {
    let probe = |object: &ProtectedApi| {
        object
            .spec
            .access
            .as_ref()
            .and_then(|access| access.probe.clone())
    };
    live.spec.origin == object.spec.origin && probe(live) == probe(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::PerimeterPlanSpec;
    use serde_json::{Value, json};

    const PROBED: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

    fn spec(more: &Value) -> ProtectedApiSpec {
        let mut spec = json!({"origin": {"endpoint": PROBED, "type": "REST", "stage": "prod"}});
        for (field, value) in more.as_object().unwrap() {
            spec[field] = value.clone();
        }
        serde_json::from_value(spec).unwrap()
    }

    fn object(more: &Value) -> ProtectedApi {
        let mut object = ProtectedApi::new("petstore", spec(more));
        object.metadata.generation = Some(7);
        object.metadata.uid = Some("u".into());
        object
    }

    fn plan(more: &Value) -> PerimeterPlan {
        let asked = PerimeterPlanSpec {
            object_name: Some("petstore".into()),
            perimeter: Some(spec(more)),
            adopt: None,
            class: None,
            ttl: None,
        };
        PerimeterPlan::new("p", asked)
    }

    #[test]
    fn a_spec_that_differs_is_another_generation_of_the_object_and_the_same_one_is_not() {
        let live = object(&json!({}));
        let proposed = |more: &Value, live| {
            let plan = plan(more);
            proposed(&plan, ("petstore", plan.spec.perimeter.as_ref().unwrap()), live)
        };
        let generation = |more: Value| proposed(&more, Some(&live)).metadata.generation;
        assert_eq!(generation(json!({})), Some(7));
        assert_eq!(generation(json!({"tags": {"team": "pets"}})), Some(8));
        assert_eq!(proposed(&json!({}), None).metadata.uid.as_deref(), Some(NO_UID));
    }

    #[test]
    fn an_api_is_probed_only_as_its_object_has_it_probed() {
        let live = object(&json!({}));
        let alike = |more: Value| is_probed_alike(&live, &object(&more));
        assert!(alike(json!({"distribution": {"priceClass": "PriceClass_100"}})));
        let secret = json!({"header": "x-token", "secretRef": {"name": "s", "key": "k"}});
        assert!(!alike(json!({"access": {"probe": secret}})));
        assert!(!alike(
            json!({"origin": {"endpoint": PROBED, "type": "REST", "stage": "prod", "probePath": "/x"}})
        ));
    }
}
