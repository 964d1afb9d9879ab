//! Looking for other doors of an API, once its own stand as wanted: with each read of its methods, which is seldom.

use super::Engine;
use super::execute::Execution;
use super::failures::failure;
use crate::api::OtherDoor;
use crate::aws::cloud::CloudError;
use crate::aws::errors::ErrorKind;
use crate::aws::resources::as_deployed::OtherStages;
use crate::aws::resources::{Update, stages};
use crate::domain::access::authorization::{Desired, Observed};
use crate::domain::access::other_doors::{Others, leading_to, unknown_stages};
use crate::domain::access::words::listed;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::status::doors::unread;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How old what is known of custom domain names may be before a first lock.
const RECENT: Duration = Duration::from_mins(4);

impl Engine {
    /// Reads the other doors, where the API's own were read in this pass and nothing is left to do about them.
    pub(super) async fn find_other_doors(
        &self,
        desired: &Desired,
        protected: &BTreeSet<String>,
        execution: &mut Execution,
    ) {
        let Some(found) = execution.observed.access.present() else {
            return;
        };
        if execution.plan.concerns(Kind::Access) {
            return;
        }
        match self.read_other_doors(desired, found, protected).await {
            Ok((doors, why)) => {
                execution.observed.outputs.other_doors = doors;
                execution.observed.outputs.other_doors_unread = why.as_deref().map(unread);
            }
            // The lock is what it is, and what was known of other doors is better than nothing.
            Err(error) => {
                let why = failure(None, &error).message;
                execution.observed.outputs.other_doors_unread = Some(unread(&why));
            }
        }
    }

    /// Reads which custom domain names lead to the declared stage, before it is locked for the first time. Where only a person can
    /// have them read, that is told beside the lock, which is what it is.
    pub(super) async fn read_domain_names(&self, observed: &Everything) -> Result<Update, CloudError> {
        let (Some(gate), Some(found)) = (&observed.gate, observed.access.present()) else {
            return Ok(Update::Nothing);
        };
        let names = match self.inventory.mappings(&gate.region, RECENT).await {
            Ok(known) => leading_to(gate, &known.mappings),
            Err(error) if matches!(error.kind, ErrorKind::Denied | ErrorKind::Terminal) => BTreeSet::new(),
            Err(error) => return Err(error),
        };
        let mut found = found.clone();
        found.domain_names = Some(names);
        Ok(Update::Access(Seen::Present(found)))
    }

    /// The other doors, and why some domain names could not be read, if so.
    async fn read_other_doors(
        &self,
        desired: &Desired,
        found: &Observed,
        protected: &BTreeSet<String>,
    ) -> Result<(Vec<OtherDoor>, Option<String>), CloudError> {
        let gate = &desired.gate;
        let cloud = self.patient();
        let stages = stages(&cloud, gate).await?;
        let mut others = OtherStages::new(&cloud, gate, found);
        let mut served = BTreeMap::new();
        for stage in unknown_stages(desired, found, &stages, protected) {
            served.insert(stage.name.clone(), others.read(stage).await?);
        }
        // A little less than the interval, so that whoever comes next reads anew and the others share it.
        let max_age = self.options.access_resync.mul_f64(0.75);
        let known = self.inventory.mappings(&gate.region, max_age).await?;
        let others = Others {
            desired,
            found,
            protected,
            stages: &stages,
            served: &served,
            mappings: &known.mappings,
        };
        let names: Vec<&str> = known.unread.iter().map(|(name, _)| name.as_str()).collect();
        let why = known.unread.first();
        let why = why.map(|(_, error)| format!("{}: {}", listed(&names), failure(None, error).message));
        Ok((others.doors(), why))
    }
}
