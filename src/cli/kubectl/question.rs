//! Asks the controller for a plan: makes a `PerimeterPlan`, waits until it is answered, and deletes it.

use super::controllers::{controllers, told_of};
use super::dry_run::{Tried, dry_run};
use super::progress::{Progress, tell};
use super::reach::{MANAGER, Reach};
use crate::cli::failure::Failure;
use hyper::Request;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject};
use kube::{Error, ResourceExt as _};
use palisade::api::{ClassPlanReport, PerimeterPlan, StandingDistribution};
use palisade::plugin::doctor::none_is_ready;
use palisade::plugin::plan::{Answer, Made, of_object};
use serde_json::{Map, Value, json};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tokio::signal::ctrl_c;
use tokio::time::sleep;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// A controller that is there has mostly looked by then.
const LOOKED: Duration = Duration::from_secs(10);
/// A plan outlives by so much whoever waits for it.
const LONGER: Duration = Duration::from_mins(1);
/// It lives so long at least.
const LIVES: Duration = Duration::from_mins(10);

/// What is asked.
pub(super) struct Question {
    /// The object, or the class, that the plan is for.
    pub object: String,
    /// What it is made of.
    pub of: Source,
    /// The object's labels and annotations, where it is to be tried on the API server, as one that is about to be applied.
    pub tried_with: Option<Map<String, Value>>,
}

/// What a plan is made of.
pub(super) enum Source {
    /// The object's spec.
    Perimeter(Value),
    /// A distribution that the spec is written from.
    Standing(StandingDistribution),
    /// The class's spec, and whether it would be the default one, where its manifest says so.
    Class(Value, Option<bool>),
}

/// What is answered.
pub(super) enum Planned {
    /// The plan of an object.
    Object(Box<Made>),
    /// The plan of a class.
    Class(Box<ClassPlanReport>),
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
enum Unplanned {
    #[error(
        "the API server does not let you {verb} PerimeterPlans in namespace {namespace}: {said}. Where a right is missing, ask for \
         create, get and delete of perimeterplans.palisade.dev, which the ClusterRole palisade-planner has"
    )]
    Forbidden {
        verb: &'static str,
        namespace: String,
        said: String,
    },
    #[error(
        "the cluster at {0} has no kind PerimeterPlan: Palisade is not installed there, or a version without plans. The palisade of \
         the version that runs there brings it in: palisade crd --apply"
    )]
    NoDefinition(String),
    #[error("there is no namespace {0}: -n names another one")]
    NoNamespace(String),
    #[error("the API server refuses the spec: {0}")]
    Invalid(String),
    #[error(
        "the API server refuses the spec of a plan: {0}. Of the object it takes it, which has it from before that was a rule: correct it \
         there first"
    )]
    Older(String),
    #[error("there is no plan: {message} ({reason})")]
    Refused { reason: String, message: String },
    #[error("there is no plan within {seconds} s. What it waits for: {awaited}. --timeout waits longer")]
    Late { seconds: u64, awaited: String },
    #[error("no controller has looked at the plan within {seconds} s: {look}")]
    Unseen { seconds: u64, look: String },
    #[error("somebody deleted the PerimeterPlan {0} before it was answered: ask again")]
    Gone(String),
    #[error("interrupted: there is no plan")]
    Interrupted,
}

/// What is waited for.
enum Awaited {
    /// That a controller looks at the plan.
    Controller,
    /// Something that passes.
    Other(String),
}

impl Awaited {
    /// Why there is no plan yet, where somebody says so.
    fn cause(&self) -> Option<&str> {
        match self {
            Self::Controller => None,
            Self::Other(cause) => Some(cause),
        }
    }
}

/// The plan for `question`. Its `PerimeterPlan` is deleted, however it went, unless it is to be kept.
pub(super) async fn answered(
    reach: &Reach,
    question: &Question,
    timeout: Duration,
    is_kept: bool,
) -> Result<Planned, Failure> {
    let plans = Plans::of(reach);
    let tried = tried(reach, question).await?;
    let name = plans
        .ask(question, timeout, matches!(tried, Some(Tried::Taken)))
        .await?;
    if let Some(Tried::Untried(why)) = tried {
        tell(&format!(
            "the spec was not tried on the API server, which may refuse what is planned here once it is applied: {why}"
        ));
    }
    let answer = tokio::select! {
        answer = plans.answer(&name, timeout) => answer,
        _ = ctrl_c() => Err(Unplanned::Interrupted.into()),
    };
    if is_kept {
        tell(&format!(
            "kept: perimeterplan {name} in namespace {}",
            reach.namespace()
        ));
    } else {
        plans.delete(&name).await;
    }
    answer
}

/// What the API server says of the spec as that of the object, where that is to be tried.
async fn tried(reach: &Reach, question: &Question) -> Result<Option<Tried>, Failure> {
    let (Source::Perimeter(spec), Some(marks)) = (&question.of, &question.tried_with) else {
        return Ok(None);
    };
    match dry_run(reach, &question.object, spec, marks).await? {
        Tried::Refused(said) => Err(Unplanned::Invalid(said).into()),
        tried => Ok(Some(tried)),
    }
}

/// The plans of a namespace.
struct Plans<'a> {
    reach: &'a Reach,
    api: Api<DynamicObject>,
}

impl<'a> Plans<'a> {
    fn of(reach: &'a Reach) -> Self {
        let kind = ApiResource::erase::<PerimeterPlan>(&());
        Self {
            reach,
            api: Api::namespaced_with(reach.client(), reach.namespace(), &kind),
        }
    }

    /// Makes a plan; answers its name. Fields that the schema does not have are refused, as kubectl has them refused. `is_taken`: whether
    /// the API server takes the spec of the object.
    async fn ask(&self, question: &Question, timeout: Duration, is_taken: bool) -> Result<String, Failure> {
        let path = format!(
            "{}?fieldValidation=Strict&fieldManager={MANAGER}",
            self.api.resource_url()
        );
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&plan(question, timeout))?)?;
        let made = self
            .reach
            .heard(self.reach.client().request::<DynamicObject>(request))
            .await?;
        let made = made.map_err(|error| match &error {
            Error::Api(status) if status.code == 422 && is_taken => {
                Unplanned::Older(of_object(&status.message)).into()
            }
            error => self.refused("create", error),
        })?;
        Ok(made.name_any())
    }

    /// Waits for the answer.
    async fn answer(&self, name: &str, timeout: Duration) -> Result<Planned, Failure> {
        let began = Instant::now();
        let mut progress = Progress::begin();
        let mut is_told = false;
        loop {
            let awaited = match self.look(name).await? {
                ControlFlow::Break(planned) => return Ok(planned),
                ControlFlow::Continue(awaited) => awaited,
            };
            let waited = began.elapsed();
            if waited >= timeout {
                return Err(self.late(awaited, timeout).await);
            }
            if matches!(awaited, Awaited::Controller) && waited >= LOOKED && !is_told {
                is_told = true;
                let unseen = self.unseen(LOOKED).await?;
                progress.interrupted_by(&format!("{unseen}; waiting on"));
            }
            progress.show(waited, awaited.cause());
            sleep(PAUSE.min(timeout.saturating_sub(waited))).await;
        }
    }

    /// The plan, or what is waited for.
    async fn look(&self, name: &str) -> Result<ControlFlow<Planned, Awaited>, Failure> {
        let found = match self.reach.heard(self.api.get(name)).await {
            Ok(Ok(found)) => found,
            Ok(Err(Error::Api(status))) if status.code == 404 => {
                return Err(Unplanned::Gone(name.to_owned()).into());
            }
            Ok(Err(error)) => {
                let told = self.reach.told(&error);
                if told.passes() {
                    return Ok(ControlFlow::Continue(Awaited::Other(told.to_string())));
                }
                return Err(self.refused("get", &error));
            }
            Err(silent) => return Ok(ControlFlow::Continue(Awaited::Other(silent.to_string()))),
        };
        Ok(match Answer::of(&serde_json::to_value(&found)?)? {
            Answer::Made(made) => ControlFlow::Break(Planned::Object(made)),
            Answer::OfClass(report) => ControlFlow::Break(Planned::Class(report)),
            Answer::Refused(why) => {
                let (reason, message) = (why.reason, why.message);
                return Err(Unplanned::Refused { reason, message }.into());
            }
            Answer::Awaited(why) => {
                ControlFlow::Continue(Awaited::Other(format!("{} ({})", why.message, why.reason)))
            }
            Answer::Unseen => ControlFlow::Continue(Awaited::Controller),
        })
    }

    /// That no controller has looked for so long; an error where it is certain that none will.
    async fn unseen(&self, waited: Duration) -> Result<Unplanned, Failure> {
        let controllers = controllers(self.reach).await;
        let unseen = Unplanned::Unseen {
            seconds: waited.as_secs(),
            look: told_of(self.reach, &controllers, Some(self.reach.namespace())).await,
        };
        if none_is_ready(&controllers) {
            return Err(unseen.into());
        }
        Ok(unseen)
    }

    async fn late(&self, awaited: Awaited, timeout: Duration) -> Failure {
        match awaited {
            Awaited::Controller => match self.unseen(timeout).await {
                Ok(unseen) => unseen.into(),
                Err(unseen) => unseen,
            },
            Awaited::Other(awaited) => Unplanned::Late {
                seconds: timeout.as_secs(),
                awaited,
            }
            .into(),
        }
    }

    /// Where that does not work, the controller does it later.
    async fn delete(&self, name: &str) {
        let why = match self
            .reach
            .heard(self.api.delete(name, &DeleteParams::default()))
            .await
        {
            Ok(Ok(_)) => return,
            Ok(Err(Error::Api(status))) if status.code == 404 => return,
            Ok(Err(error)) => self.refused("delete", &error).to_string(),
            Err(silent) => silent.to_string(),
        };
        tell(&format!(
            "the PerimeterPlan {name} stays until the controller deletes it: {why}"
        ));
    }

    /// What an answer means that is none.
    fn refused(&self, verb: &'static str, error: &Error) -> Failure {
        let Error::Api(status) = error else {
            return self.reach.told(error).into();
        };
        // What stands between us and the API server answers with pages.
        let is_page = status.message.trim_start().starts_with('<');
        let is_namespace = status
            .details
            .as_ref()
            .is_some_and(|details| details.kind == "namespaces");
        let namespace = self.reach.namespace().to_owned();
        let said = of_object(&status.message);
        match status.code {
            _ if is_page => self.reach.told(error).into(),
            400 | 422 => Unplanned::Invalid(said).into(),
            403 => Unplanned::Forbidden {
                verb,
                namespace,
                said,
            }
            .into(),
            404 if is_namespace => Unplanned::NoNamespace(namespace).into(),
            404 => Unplanned::NoDefinition(self.reach.server().to_owned()).into(),
            _ => self.reach.told(error).into(),
        }
    }
}

fn plan(question: &Question, timeout: Duration) -> Value {
    let lives = LIVES.max(timeout.saturating_add(LONGER));
    let mut spec = match &question.of {
        Source::Perimeter(spec) => json!({"objectName": question.object, "perimeter": spec}),
        Source::Standing(standing) => json!({"objectName": question.object, "adopt": standing}),
        Source::Class(spec, None) => json!({"class": {"name": question.object, "spec": spec}}),
        Source::Class(spec, Some(is_default)) => {
            json!({"class": {"name": question.object, "spec": spec, "isDefault": is_default}})
        }
    };
    spec["ttl"] = format!("{}s", lives.as_secs()).into();
    json!({
        "apiVersion": "palisade.dev/v1alpha1",
        "kind": "PerimeterPlan",
        "metadata": {"generateName": format!("{}-", question.object)},
        "spec": spec,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_outlives_whoever_waits_for_it() {
        let perimeter = json!({"origin": {}});
        let question = Question {
            object: "petstore".to_owned(),
            of: Source::Perimeter(perimeter.clone()),
            tried_with: None,
        };
        let ttl = |seconds: u64| plan(&question, Duration::from_secs(seconds))["spec"]["ttl"].clone();
        assert_eq!(ttl(60), "600s");
        assert_eq!(ttl(3600), "3660s");
        let made = plan(&question, Duration::from_mins(1));
        assert_eq!(made["metadata"]["generateName"], "petstore-");
        assert_eq!(made["spec"]["perimeter"], perimeter);
        assert_eq!(made["spec"]["adopt"], Value::Null);
        let of_class = |is_default| {
            let of = Source::Class(json!({}), is_default);
            let object = question.object.clone();
            let question = Question {
                object,
                of,
                tried_with: None,
            };
            plan(&question, Duration::from_mins(1))["spec"].clone()
        };
        assert_eq!(of_class(Some(true))["class"]["isDefault"], true);
        assert_eq!(of_class(None)["class"]["isDefault"], Value::Null);
        let of_class = of_class(None);
        assert_eq!(of_class["class"]["name"], "petstore");
        assert_eq!(of_class["perimeter"], Value::Null);
    }
}
