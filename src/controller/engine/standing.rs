//! What stands is probed though no pass comes to look at it.

use super::Engine;
use super::execute::execute;
use super::lock::Lock;
use crate::domain::access::authorization;
use crate::domain::access::lock::watched;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::status::identifiers;

impl Engine {
    /// Probes what stands though no pass comes to look at it; `None` where that may not be probed as it was before.
    pub(super) async fn probe_what_stands(
        &self,
        lock: &Lock<'_>,
        is_new: bool,
    ) -> Option<(Desired, Box<Observed>)> {
        lock.previous.distribution.as_ref()?;
        let access = lock.spec.access.clone().unwrap_or_default();
        let desired = self.desired_of(lock, access).ok()?;
        let mut observed = Self::observed_of_lock(lock, identifiers::outputs(lock.previous), &desired);
        let hash = authorization::hash_of(&desired.access);
        // Of an edit that was not acted upon, nobody knows whether the probes mean what stands.
        if is_new && !observed.pass.was_verified(&Id::of(Kind::Access), &hash) {
            return None;
        }
        observed.due = self.due(lock.owner, lock.previous, is_new, lock.now);
        observed.token = lock.token.value().await;
        let watched = |observed: &Observed| watched(&desired.of_access(), &observed.access_inputs(&desired));
        let execution = execute(self, observed, watched).await;
        if !execution.observed.probes.is_empty() {
            self.note_probes(lock.owner);
        }
        Some((desired, execution.observed))
    }
}
