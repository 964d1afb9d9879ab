//! A stage that is locked by the proof of an earlier spec, while another proof is on its way.

use super::as_deployed::{Deployed, UNTOLD};
use super::asked::{Authorization, CUSTOM};
use super::doors::Doors;
use super::proof::Proof;

impl Doors<'_> {
    /// Whether each door that should be locked asks, as deployed, for a proof of ours that CloudFront still sends and that is
    /// not the wanted one. Nothing of a cut-over is begun then: what is wanted is asked for nowhere.
    pub fn is_locked_by_earlier(&self) -> bool {
        let (Deployed::Doors(served) | Deployed::LockedOtherwise(Some(served))) = &self.found.deployed else {
            return false;
        };
        let mut earlier = self.everything.sent().cloned().unwrap_or_default().proofs();
        earlier.remove(&self.desired.proof);
        let canary = self.found.stage.canary.as_ref();
        let is_shared = canary.is_some_and(|canary| canary.is_served);
        let mut kept = served.iter().filter(|(key, _)| self.is_kept(key)).peekable();
        self.found.marks.cut_over.is_none()
            && !is_shared
            && kept.peek().is_some()
            && kept.all(|(key, door)| earlier.iter().any(|proof| self.asks_ours_for(key, door, proof)))
    }

    /// Whether the door `key`, which as deployed asks for `served`, asks for `proof`, and of ours. Where a deployment does not
    /// tell which authorizer it asks, that is the edited one.
    fn asks_ours_for(&self, key: &str, served: &Authorization, proof: &Proof) -> bool {
        if !matches!(proof, Proof::Header(_)) {
            return served.asks_for(proof);
        }
        let told = served.authorizer.as_deref().filter(|id| *id != UNTOLD);
        let edited = || {
            let door = self.found.doors.iter().find(|door| door.key == key)?;
            door.authorization.authorizer.as_deref()
        };
        served.kind == CUSTOM && self.is_our_authorizer(told.or_else(edited))
    }
}
