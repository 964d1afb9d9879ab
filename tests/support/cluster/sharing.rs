//! Certificates of origins' names that objects share: who shares them, and the sweeper's round over them.

use super::Cluster;
use palisade::api::ProtectedApi;
use palisade::domain::mutual_tls::shared_certificate::Shared;
use std::collections::BTreeSet;

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
}

fn shared_by(object: &ProtectedApi) -> Option<Shared> {
    let is_there = object.metadata.deletion_timestamp.is_none();
    Shared::of_spec(&object.spec).filter(|_| is_there)
}
