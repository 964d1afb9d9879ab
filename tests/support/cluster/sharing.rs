//! Certificates of origins' names that objects share: who shares them, and the sweeper's round over them.

use super::Cluster;
use palisade::api::ProtectedApi;
use palisade::controller::process::regions::Regions;
use palisade::domain::mutual_tls::shared_certificate::Shared;
use palisade::domain::perimeter::unowned::{Alive, Unowned};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

impl Cluster {
    /// How many other objects share the certificate that this one shares.
    pub(super) fn shared_by_others(&self, object: &ProtectedApi) -> usize {
        let own = Shared::of_spec(&object.spec);
        let others = self.objects.values();
        let others = others.filter(|other| other.metadata.uid != object.metadata.uid);
        let sharing = others.filter(|other| own.is_some() && shared_by(other) == own);
        sharing.count()
    }

    /// What objects that stay share.
    pub fn shared(&self) -> BTreeSet<Shared> {
        self.objects.values().filter_map(shared_by).collect()
    }

    /// A round of the sweeper over certificates that objects share; answers how many it deleted. A process that dies is started again.
    pub async fn sweep_shared(&mut self) -> usize {
        self.mark();
        let declared = self.shared();
        let swept = self.engine.sweep_shared(|| Some(declared)).await;
        if self.cloud.crashed() {
            self.restart();
        }
        swept.map_or(0, |deleted| deleted.len())
    }

    /// What the sweeper counts that no object owns.
    pub async fn unowned(&mut self) -> Vec<Unowned> {
        let uids = self
            .objects
            .values()
            .filter_map(|object| object.metadata.uid.clone());
        let alive = Alive {
            namespace: None,
            uids: uids.collect(),
            shared: Some(self.shared()),
        };
        self.engine.leftovers(|| alive).await.unwrap();
        self.engine.unowned().unwrap()
    }

    /// How many shared certificates keep the `AwsAccount` from going, as lists have caught up.
    pub async fn shared_awaited(&self) -> usize {
        let declared = self.shared();
        let awaited = self.engine.shared_awaited(Duration::ZERO, || Some(declared));
        awaited.await.0
    }
}

/// The Regions that a new leader knows by what the Lease says.
pub(super) fn handed_on(lease: Option<&str>) -> Arc<Regions> {
    let regions = Regions::default();
    if let Some(text) = lease {
        regions.recall(text);
    }
    Arc::new(regions)
}

fn shared_by(object: &ProtectedApi) -> Option<Shared> {
    let is_there = object.metadata.deletion_timestamp.is_none();
    Shared::of_spec(&object.spec).filter(|_| is_there)
}
