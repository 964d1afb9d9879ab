//! A plan of a class: what its spec would do to all objects that go by it. It is reckoned from what they go by now and would go by
//! then, without a call to AWS.

use super::context::Context;
use crate::api::{ClassRollout, PerimeterClassSpec, PerimeterPlan, PlannedClass, ProtectedApi};
use crate::domain::classes::choice::{defaults_with, invalid};
use crate::domain::classes::effective::{contradiction, effective, revision};
use crate::domain::classes::limits::{of_release, of_suspension};
use crate::domain::classes::unknown::unknown_field;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::status::class_plan::{Asked, ComesTo, Looked, report};
use crate::domain::status::identifiers::{names_any, was_locked};
use crate::domain::status::plan_answer::Answer;
use crate::domain::tenancy::account::account_of;
use crate::domain::tenancy::permissions::{ALLOW_CLASS_PLANS, Tenancy};
use kube::ResourceExt as _;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The plan.
pub(super) fn planned(
    plan: &PerimeterPlan,
    asked: &PlannedClass,
    annotations: &BTreeMap<String, String>,
    context: &Context,
) -> Answer {
    let spec = match read(asked) {
        Ok(spec) => spec,
        Err(refused) => return Answer::Refused(refused),
    };
    let namespace = plan.namespace().unwrap_or_default();
    let is_of_all = sees_all(annotations, context);
    let all = context.watched.objects.state();
    let readable = all.iter().filter_map(|object| object.0.as_ref().ok());
    let is_seen = |object: &&ProtectedApi| {
        let is_there = object.metadata.deletion_timestamp.is_none();
        is_there && (is_of_all || object.namespace().as_ref() == Some(&namespace))
    };
    let defaults = defaults_with(&context.default_classes(), &asked.name, asked.is_default);
    let is_default = defaults.contains(&asked.name);
    let found = readable
        .filter(is_seen)
        .filter_map(|object| match context.class_among(object, &defaults) {
            Ok(Some(choice)) if choice.name == asked.name => Some(look(object, &asked.name, &spec, context)),
            Err(why) if is_default && why.reason == Reason::DefaultClassAmbiguous => {
                Some(looked(object, ComesTo::Refused(why.reason, why.message)))
            }
            _ => None,
        });
    let baseline = ClassRollout::default();
    let asked = Asked {
        revision: revision(&spec),
        rollout: spec.rollout.as_ref().unwrap_or(&baseline),
        limited_to: (!is_of_all).then(|| limited(&namespace)),
    };
    Answer::OfClass(Box::new(report(&asked, found.collect())))
}

/// What the class would say. The API server lets any fields in: their rules are those of a `PerimeterClass`.
fn read(asked: &PlannedClass) -> Result<PerimeterClassSpec, Rejection> {
    let malformed = |why: String| Rejection::new(Reason::Malformed, format!("spec.class.spec{why}"));
    let spec: PerimeterClassSpec = serde_path_to_error::deserialize(&asked.spec).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." {
            String::new()
        } else {
            format!(".{path}")
        };
        malformed(format!("{field}: {}", error.inner()))
    })?;
    if let Some(field) = unknown_field(&asked.spec, &spec) {
        return Err(malformed(format!(": unknown field {field}")));
    }
    match contradiction(&spec) {
        Some(why) => Err(invalid(&asked.name, &why)),
        None => Ok(spec),
    }
}

/// Whether a plan of this namespace may tell of objects of others.
fn sees_all(annotations: &BTreeMap<String, String>, context: &Context) -> bool {
    let is_allowed = annotations
        .get(ALLOW_CLASS_PLANS)
        .is_some_and(|allowed| allowed == "true");
    is_allowed || context.accounts.own().engine.options.tenancy == Tenancy::Open
}

fn limited(namespace: &str) -> String {
    format!(
        "only objects of namespace {namespace} are in it: the annotation {ALLOW_CLASS_PLANS}: \"true\" of the Namespace, which the \
         platform team writes, lets plans there tell of all"
    )
}

/// What `spec` of the class called `class` would do to `object`.
pub(super) fn look(
    object: &ProtectedApi,
    class: &str,
    spec: &PerimeterClassSpec,
    context: &Context,
) -> Looked {
    let then = effective(&object.spec, class, spec);
    let none = |comes_to| looked(object, comes_to);
    let status = object.status.as_ref();
    let was_locked = status.is_some_and(|status| was_locked(status, &object.spec.origin.stage));
    let adoption = status.and_then(|status| status.adoption.as_ref());
    let broken = of_suspension(&then.spec, spec, was_locked)
        .or_else(|| of_release(&then.spec, spec, adoption.map(|known| known.state)));
    let broken = broken.map(|found| found.rejection(class));
    if let Some(refused) = then.refused.or(broken) {
        return none(ComesTo::Refused(refused.reason, refused.message));
    }
    if !status.is_some_and(names_any) {
        // Nothing stands for it that could change.
        return none(ComesTo::Steps(vec![]));
    }
    let now = context.classed(object);
    let account = object.status.as_ref().and_then(account_of);
    let engine = account.and_then(|account| context.accounts.with_id(&account));
    let engine = engine.unwrap_or_else(|| Arc::clone(&context.accounts.own().engine));
    engine.change(&now.object, &then.spec)
}

fn looked(object: &ProtectedApi, comes_to: ComesTo) -> Looked {
    Looked {
        object: format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any()),
        endpoint: object.spec.origin.endpoint.clone(),
        comes_to,
        cost: None,
    }
}
