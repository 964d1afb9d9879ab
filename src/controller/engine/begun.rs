//! What an earlier mode may have left that neither spec, status nor tags of the distribution tell of: a process died, or its call was not
//! answered, right after the first thing was made, and the spec named another mode before the next pass.
//!
//! An authorizer's role is in a list that every pass has. For the rest the usage plans and the tags of the API's Region are asked,
//! with each full read and at deletion. Nothing waits for that: what cannot be read is asked for the next time.

use super::Engine;
use super::departed::Departed;
use crate::api::{DeletionPolicy, OriginType, ProtectedApiSpec, ProtectedApiStatus};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::access::asked::gate;
use crate::domain::access::credentials::api_key::{self, UsagePlan};
use crate::domain::access::proof::Proof;
use crate::domain::edge::distribution::DEPLOYED;
use crate::domain::kernel::identity::{Owner, TAG_UID, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::mutual_tls::leaving::is_declared;
use crate::domain::mutual_tls::{SERVES_ORIGIN, TAG_SERVES};
use crate::domain::perimeter::observed::Observed;
use jiff::Timestamp;
use std::time::Duration;
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
        let max_age = self.max_age(false).others;
        self.seek_begun_mutual_tls(spec, observed, max_age).await;
    }

    /// Asks for it for an object that goes. The usage plans are asked once, just before the distribution is deleted.
    pub(super) async fn seek_begun_left(
        &self,
        departed: &Departed,
        observed: &mut Observed,
        max_age: Duration,
    ) {
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
        self.seek_begun_mutual_tls(spec, observed, max_age).await;
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
        match plans.await {
            Ok(plans) if plans.is_empty() => {}
            Ok(_) => drop(observed.begun.insert(Kind::ApiKey)),
            Err(error) => not_sought(&error),
        }
    }

    /// Asks for what serves mutual TLS.
    async fn seek_begun_mutual_tls(
        &self,
        spec: &ProtectedApiSpec,
        observed: &mut Observed,
        max_age: Duration,
    ) {
        if is_declared(spec) || observed.outputs.mutual_tls.is_some() || observed.mutual_tls.is_sought {
            return;
        }
        let region = gate(&spec.origin).region;
        let uid = observed.owner.uid.clone();
        match self.inventory.region_tags(&region, max_age).await {
            Ok(rows) if rows.values().any(|tags| is_of(tags, &uid)) => {}
            Ok(_) => return,
            Err(error) => return not_sought(&error),
        }
        // From the list that was just read.
        match self.observe_region_tags(&region, observed, max_age).await {
            Ok(()) => observed.mutual_tls.is_sought = true,
            Err(error) => {
                observed.mutual_tls.is_unread = false;
                not_sought(&error);
            }
        }
    }
}

/// Whether these are the tags of the certificate of its origin's name: it is made before the rest.
fn is_of(tags: &Tags, uid: &str) -> bool {
    let has = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
    has(TAG_UID, uid) && has(TAG_SERVES, SERVES_ORIGIN)
}

fn not_sought(error: &CloudError) {
    warn!(%error, "what an earlier mode may have left is not looked for");
}
