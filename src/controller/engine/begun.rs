//! What an earlier mode may have left that neither spec, status nor tags of the distribution tell of: a process died, or its call was not
//! answered, right after the first thing was made, and the spec named another mode before the next pass.
//!
//! An authorizer's role is in a list that every pass has. Usage plans are in none, and are asked with each full read and at deletion.
//! Nothing waits for that: what cannot be read is asked for the next time.

use super::Engine;
use super::departed::Departed;
use crate::api::{DeletionPolicy, OriginType, ProtectedApiSpec, ProtectedApiStatus};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::access::asked::gate;
use crate::domain::access::credentials::api_key::{self, UsagePlan};
use crate::domain::access::proof::Proof;
use crate::domain::edge::distribution::DEPLOYED;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::observed::Observed;
use jiff::Timestamp;
use tracing::warn;

impl Engine {
    /// Asks for it where `previous` is due for a full read.
    pub(super) async fn seek_begun(
        &self,
        spec: &ProtectedApiSpec,
        (owner, previous): (&Owner, &ProtectedApiStatus),
        now: Timestamp,
        observed: &mut Observed,
    ) {
        if previous.distribution.is_none() || !self.is_deep_read_due(owner, previous, now) {
            return;
        }
        self.seek_begun_keys(spec, observed).await;
    }

    /// Asks for it for an object that goes. The usage plans are asked once, just before the distribution is deleted.
    pub(super) async fn seek_begun_left(&self, departed: &Departed, observed: &mut Observed) {
        let Some(spec) = &departed.spec else {
            return;
        };
        let is_last = match &observed.distribution {
            Seen::Listed(Some(row)) => !row.listed.enabled && row.listed.status == DEPLOYED,
            _ => false,
        };
        if is_last || departed.policy == DeletionPolicy::Retain {
            self.seek_begun_keys(spec, observed).await;
        }
    }

    /// Asks for a usage plan of the owner's: it is made before its keys, and goes after them.
    async fn seek_begun_keys(&self, spec: &ProtectedApiSpec, observed: &mut Observed) {
        let is_told = Proof::of(spec) == Proof::Key || observed.has_record(Kind::ApiKey);
        let gate = gate(&spec.origin);
        if is_told || gate.r#type != OriginType::Rest {
            return;
        }
        let name = api_key::name(&observed.owner);
        let cloud: &dyn Cloud = &self.patient();
        let of_name = |plan: UsagePlan| (plan.name == name).then_some(());
        let plans = pages(
            |marker| cloud.list_usage_plans(gate.region.clone(), marker),
            of_name,
        );
        let found: Result<Vec<()>, CloudError> = plans.await;
        match found {
            Ok(plans) if plans.is_empty() => {}
            Ok(_) => {
                observed.begun.insert(Kind::ApiKey);
            }
            Err(error) => not_sought(&error),
        }
    }
}

fn not_sought(error: &CloudError) {
    warn!(%error, "what an earlier mode may have left is not looked for");
}
