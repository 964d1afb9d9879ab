//! A cut-over that was begun at a stage which the spec does not name any more: it is put back before anything is begun at the
//! stage that it names now. The tag of the distribution has a hash of that stage's name; the API's list of stages has the name.

use super::Engine;
use super::failures::whole;
use super::lock::Lock;
use super::settled::Settled;
use crate::api::{Origin, ProtectedApiSpec};
use crate::aws::cloud::Cloud;
use crate::aws::errors::ErrorKind;
use crate::aws::layers::budget::with_urgency;
use crate::aws::resources::stages;
use crate::domain::access::authorization::gate;
use crate::domain::access::lock::unproven::{forget_earlier, put_back_left};
use crate::domain::access::table::marks::is_hash_of;
use crate::domain::kernel::failure::Failure;
use crate::domain::perimeter::observed::Outputs;

impl Engine {
    /// Puts back what was begun at the stage that the mark tells by `hash`.
    pub(super) async fn put_earlier_stage_back(
        &self,
        lock: &Lock<'_>,
        outputs: Outputs,
        hash: &str,
    ) -> Settled {
        let cloud: &dyn Cloud = &self.patient();
        let all = match with_urgency(true, stages(cloud, &gate(&lock.spec.origin))).await {
            Ok(all) => all,
            // Nobody is refused by an API that is not there.
            Err(error) if error.kind == ErrorKind::NotFound => return Settled::nothing_begun(),
            Err(error) => return Settled::failed(of_stage("an earlier stage", whole(&error))),
        };
        let mut names = all.into_iter().map(|stage| stage.name);
        let Some(stage) = names.find(|name| is_hash_of(hash, name)) else {
            // Nor by a stage that is gone.
            return Box::pin(self.settle_by(lock, outputs, true, forget_earlier)).await;
        };
        let spec = ProtectedApiSpec {
            origin: Origin {
                stage: stage.clone(),
                path: None,
                ..lock.spec.origin.clone()
            },
            ..lock.spec.clone()
        };
        let earlier = Lock {
            spec: &spec,
            ..lock.clone()
        };
        let settled = Box::pin(self.settle_by(&earlier, outputs, true, put_back_left)).await;
        settled.of_another_stage(|failure| of_stage(&format!("stage {stage}"), failure))
    }
}

/// The failure, with the stage that it is of: the other conditions speak of the one that the spec names.
fn of_stage(stage: &str, failure: Failure) -> Failure {
    let message = format!(
        "the lock of {stage}, which spec.origin.stage named before, was begun and is not proven, and could not be put back: {}",
        failure.message
    );
    Failure { message, ..failure }
}
