//! Whether an object's API can be protected as its spec asks, looked at before anything is built.

use super::Engine;
use super::references::is_missing;
use super::subject::{Stop, Subject};
use crate::api::{Enforcement, ProtectedApiSpec, ProtectedApiStatus};
use crate::aws::cloud::Cloud;
use crate::aws::errors::ErrorKind;
use crate::aws::resources::{as_deployed, read_api, read_as_edited, stages};
use crate::domain::access::asked::api;
use crate::domain::access::authorization;
use crate::domain::access::obstacles;
use crate::domain::access::proof::Proof;
use crate::domain::edge::distribution;
use crate::domain::firewall::capacity;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::status::conditions::{has_reason, holds, types};
use crate::domain::tenancy::rivals;
use serde_json::Value;

/// What was read of an API whose spec can be built.
pub(in crate::controller) struct Accepted {
    desired: Box<Desired>,
    stage: authorization::Stage,
    keys_from_authorizer: bool,
}

/// Whether the API was looked at for this generation.
pub(super) fn is_accepted(subject: &Subject<'_>, previous: &ProtectedApiStatus) -> bool {
    let generation = subject.object.metadata.generation;
    holds(&previous.conditions, generation, types::ACCEPTED)
}

/// Whether the last status is of a spec that was refused, or of an API that was gone, so that nothing was looked at since.
pub(super) fn was_refused(previous: &ProtectedApiStatus) -> bool {
    let mut reasons = [Reason::SpecRefused, Reason::ApiNotFound, Reason::StageNotFound].into_iter();
    reasons.any(|reason| has_reason(&previous.conditions, reason))
}

/// Whether a perimeter stands, or may: it goes on being seen to, whatever is refused of one that is declared anew.
pub(super) fn is_built(seen: &Observed) -> bool {
    !matches!(seen.distribution, Seen::Listed(None))
        || seen.knows(Kind::Distribution)
        || seen.unread.contains(&Kind::Distribution)
}

impl Engine {
    /// Reads the API itself and has WAF count what we cannot, once a generation: until it was accepted.
    pub(in crate::controller) async fn accept(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
    ) -> Result<Accepted, Stop> {
        let (desired, _) = self.desired(subject, owner, None).await?;
        let origin = &subject.object.spec.origin;
        let gate = &desired.access.gate;
        let cloud: &dyn Cloud = &self.patient();
        let observed = match read_api(cloud, gate).await {
            Ok(observed) => observed,
            Err(error) if error.kind == ErrorKind::NotFound => return Err(api::not_found(origin).into()),
            Err(error) => return Err(error.into()),
        };
        // Beside a client certificate another mode may go on: the default endpoint is switched off all the same.
        let by_certificate = desired.mutual_tls.as_ref().map(|_| Proof::Certificate);
        let proof = by_certificate.as_ref().unwrap_or(&desired.access.proof);
        if let Some(rejection) = api::check(origin, proof, &observed) {
            return Err(rejection.into());
        }
        let stage = match as_deployed::stage(cloud, gate).await {
            Ok(stage) => stage,
            Err(error) if error.kind == ErrorKind::NotFound => {
                // Where they cannot be listed, it is refused without them.
                let known = stages(cloud, gate).await.unwrap_or_default();
                let known: Vec<String> = known.into_iter().map(|stage| stage.name).collect();
                return Err(api::stage_not_found(origin, &known).into());
            }
            Err(error) => return Err(error.into()),
        };
        self.check_capacity(&subject.object.spec).await?;
        Ok(Accepted {
            desired: Box::new(desired),
            keys_from_authorizer: observed.keys_from_authorizer,
            stage,
        })
    }

    /// Refuses an API that can never be locked as its spec asks, before anything is built for it. What stands goes on being seen
    /// to, whatever its team does to the API.
    pub(super) async fn check_lockable(
        &self,
        subject: &Subject<'_>,
        accepted: Accepted,
        seen: &Observed,
    ) -> Result<(), Stop> {
        let desired = &accepted.desired;
        if is_built(seen) || desired.access.enforcement == Enforcement::Observe {
            return Ok(());
        }
        let mut everything = Box::new(Observed::of(seen.owner.clone()));
        everything.gate = Some(desired.access.gate.clone());
        everything.siblings.clone_from(&subject.siblings);
        let cloud: &dyn Cloud = &self.patient();
        let (stage, by_authorizer) = (accepted.stage, accepted.keys_from_authorizer);
        let read = read_as_edited(cloud, &mut everything, &desired.access, stage, by_authorizer);
        if let Err(error) = read.await {
            // It is read again before the lock, and told then.
            tracing::debug!(%error, "whether the API can be locked is not known yet");
        }
        // What was not read refuses nobody.
        let (declared, inputs) = (desired.of_access(), everything.access_inputs(desired));
        Ok(obstacles::check(&declared, &inputs)?)
    }

    /// Asks WAF what those rules cost that only WAF can count.
    async fn check_capacity(&self, spec: &ProtectedApiSpec) -> Result<(), Stop> {
        let uncounted = capacity::uncounted(spec);
        if uncounted.is_empty() {
            return Ok(());
        }
        let cloud: &dyn Cloud = &self.patient();
        match cloud.check_capacity(Value::Array(uncounted)).await {
            Ok(units) => Ok(capacity::check_with(spec, units)?),
            // Rules that WAF refuses: it says so again when they are written, and that is what people are shown.
            Err(error) if error.kind == ErrorKind::Terminal || is_missing(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks for another cluster's distribution before the same API. The list of tags lags and shows this cluster's only,
    /// so a suspect's tags are asked for.
    pub(super) async fn check_elsewhere(
        &self,
        owner: &Owner,
        suspects: &[distribution::Listed],
        previous: &ProtectedApiStatus,
    ) -> Result<(), Stop> {
        let cloud: &dyn Cloud = &self.patient();
        for suspect in suspects {
            let tags = match cloud.list_distribution_tags(suspect.arn.clone()).await {
                Ok(tags) => tags,
                Err(error) if error.kind == ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            if rivals::is_elsewhere(&tags, owner) {
                let refused = rivals::protected_elsewhere(suspect, &tags);
                let access = previous.access.as_ref();
                let known = access.and_then(|access| access.mutual_tls.as_ref());
                return Err(match known {
                    Some(known) => rivals::while_it_stands(refused, known).into(),
                    None => refused.into(),
                });
            }
        }
        Ok(())
    }
}
