//! The calls of a cut-over: the mark, what a method asks for, a deployment.

use crate::domain::access::asked::{Authorization, Deployment, Route};
use crate::domain::access::authorization::Action;
use crate::domain::access::inputs::Step;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::cause::Why;
use crate::domain::access::table::marks::{Marks, Phase, Unprobed};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Id, Kind, Verb};
use serde::Serialize;
use serde_json::json;

impl Routes<'_> {
    pub(super) fn enter(&self, phase: Phase) -> Step {
        self.mark(Marks {
            cut_over: Some(phase),
            ..self.found.marks.clone()
        })
    }

    /// ARN of the distribution whose tags remember the phase. The routes may have been read before it was made.
    pub(super) fn marked_at(&self) -> &str {
        let known = self.inputs.distribution_arn;
        known.unwrap_or(&self.found.distribution_arn)
    }

    pub(in crate::domain::access) fn mark(&self, marks: Marks) -> Step {
        let arn = self.marked_at().to_owned();
        let marks = marks.named(&self.desired.gate.stage);
        self.step(Verb::Update, vec![], Action::Mark { arn, marks })
    }

    /// The same, told as a change of `path`: what has changes is told as no lock of ours.
    pub(in crate::domain::access) fn mark_told<T: Serialize>(
        &self,
        path: &str,
        (from, to): (&T, &T),
        marks: Marks,
    ) -> Step {
        let change = Change {
            path: path.to_owned(),
            from: json!(from),
            to: json!(to),
        };
        Step {
            changes: vec![change],
            ..self.mark(marks)
        }
    }

    /// Remembers since when an acceptor has the value that is to be sent next; of nobody, since when nothing is asked for.
    pub(in crate::domain::access) fn mark_next(&self, next: Option<Unprobed>) -> Step {
        let marks = &self.found.marks;
        let new = Marks {
            next,
            ..marks.clone()
        };
        let next = new.next.clone();
        self.mark_told("next", (&marks.next, &next), new)
    }

    pub(super) fn authorize(&self, route: &Route, authorization: Authorization, why: Option<&Why>) -> Step {
        let change = Change {
            path: "authorization".to_owned(),
            from: json!(label(&route.authorization)),
            to: json!(label(&authorization)),
        };
        let action = Action::Authorize {
            route: route.clone(),
            authorization,
            put_back: why.cloned(),
        };
        Step {
            id: Id {
                kind: Kind::Access,
                part: route.key.clone(),
            },
            name: format!("{} of {}", route.key, self.desired.gate.api_id),
            ..self.step(Verb::Update, vec![change], action)
        }
    }

    /// The first deployment of ours that no stage serves goes.
    pub(super) fn delete_unused(&self) -> Option<Step> {
        let deployment = self.found.unused_deployments.first()?.clone();
        let action = Action::DeleteUnusedDeployment { deployment };
        Some(self.step(Verb::Delete, vec![], action))
    }

    /// A deployment of the working copy: made, looked at, served.
    pub(in crate::domain::access) fn deploy(&self) -> Step {
        let fresh = self.found.fresh.as_ref();
        let Some(fresh) = fresh.filter(|fresh| self.is_as_read(fresh)) else {
            return self.deploy_as(self.description());
        };
        let change = Change {
            path: "deploymentId".to_owned(),
            from: json!(self.found.stage.deployment),
            to: json!(fresh.id),
        };
        self.step(
            Verb::Update,
            vec![change],
            Action::Serve {
                deployment: fresh.clone(),
            },
        )
    }

    /// A deployment of the working copy that no stage serves yet; the one that there is, if it is not as was read, goes.
    pub(super) fn deploy_as(&self, description: String) -> Step {
        match &self.found.fresh {
            None => self.step(Verb::Update, vec![], Action::Snapshot { description }),
            Some(fresh) => self.step(
                Verb::Delete,
                vec![],
                Action::Discard {
                    deployment: fresh.id.clone(),
                },
            ),
        }
    }

    /// Whether a snapshot has just the routes that were read: nobody edited the API in between.
    pub(super) fn is_as_read(&self, fresh: &Deployment) -> bool {
        let is_unedited = self.found.edited_meanwhile.is_empty() || self.desired.deploy_pending_changes;
        is_unedited
            && fresh.routes.routes().len() == self.found.routes.len()
            && self.found.routes.iter().all(|route| {
                fresh
                    .routes
                    .routes()
                    .get(&route.key)
                    .is_some_and(|served| served.is_same_as(&route.authorization))
            })
    }

    pub(in crate::domain::access) fn step(&self, verb: Verb, changes: Vec<Change>, action: Action) -> Step {
        Step {
            id: Id::of(Kind::Access),
            name: format!(
                "stage {} of {}",
                self.desired.gate.stage, self.desired.gate.api_id
            ),
            verb,
            changes,
            action,
        }
    }
}

/// `AWS_IAM`, `NONE`, `NONE and an API key`.
fn label(authorization: &Authorization) -> String {
    let key = if authorization.api_key_required {
        " and an API key"
    } else {
        ""
    };
    format!("{}{key}", authorization.kind)
}
