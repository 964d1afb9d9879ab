//! Who asks for a proof of ours besides the declared stage: the working copy, which all stages share, and the stages that the object
//! has locked before. What any of them asks for goes on being sent, and nothing of it is deleted.

use crate::domain::access::asked::as_deployed::{Deployed, UNTOLD};
use crate::domain::access::asked::{Authorization, Route};
use crate::domain::access::proof::{Proof, Sent};
use crate::domain::access::routes::Routes;
use crate::domain::access::words::words_of_earlier;
use std::collections::BTreeSet;

impl Routes<'_> {
    /// Whether a route that should be locked asks, as edited, for a proof that is sent besides the wanted one, or that an earlier stage
    /// asks for.
    pub(in crate::domain::access) fn edits_ask_for_more(&self) -> bool {
        let asked = self.asked_at_earlier_stages().into_iter();
        let mut besides = self.sent_besides();
        besides.extend(asked.map(|(_, proof)| proof));
        besides.iter().any(|proof| self.is_edited_to_ask(proof))
    }

    /// Whether such a proof of ours, sent or not, is asked for by a route that should be locked, as edited or as deployed, or by an
    /// earlier stage.
    pub(in crate::domain::access) fn is_still_needed(&self, is_such: impl Fn(&Proof) -> bool) -> bool {
        let authorizer = self.inputs.authorizer.present();
        let entries = authorizer.into_iter().flat_map(|found| &found.entries);
        let headers = entries.map(|entry| Proof::Header(entry.settings.header.clone()));
        let mut ours = headers.chain([Proof::Key]).filter(|proof| is_such(proof));
        ours.any(|proof| {
            self.is_edited_to_ask(&proof)
                || self.is_deployed_to_ask(&proof)
                || self.is_asked_by_earlier_stage(&proof)
        })
    }

    /// Whether an earlier stage asks for `proof`, or may.
    pub(in crate::domain::access) fn is_asked_by_earlier_stage(&self, proof: &Proof) -> bool {
        !self.earlier_stages_that_ask(proof).is_empty()
    }

    /// Whether the object has locked the stage of this name before, and it is locked still, as far as is known.
    pub(super) fn was_locked_before(&self, stage: &str) -> bool {
        let mut earlier = self.found.earlier.iter();
        earlier.any(|earlier| earlier.name == stage && earlier.is_locked())
    }

    /// The proofs that are sent for earlier stages alone, as clauses.
    #[must_use]
    pub fn asked_by_earlier_stages(&self) -> Vec<String> {
        let besides = self.sent_besides().into_iter();
        let asked = besides.map(|proof| (self.earlier_stages_that_ask(&proof), proof));
        asked
            .filter(|(stages, _)| !stages.is_empty())
            .map(|(stages, proof)| {
                words_of_earlier::asked_by_earlier_stages(&stages, &proof, &self.desired.proof)
            })
            .collect()
    }

    /// Whether the stage as deployed asks for signatures wherever it should be locked.
    pub(in crate::domain::access) fn asks_for_signatures_alone(&self) -> bool {
        let (Deployed::Routes(served) | Deployed::LockedOtherwise(Some(served))) = &self.found.deployed
        else {
            return false;
        };
        let mut kept = served.iter().filter(|(key, _)| self.is_kept(key)).peekable();
        kept.peek().is_some() && kept.all(|(_, asked)| asked.asks_for(&Proof::Signature))
    }

    /// The proofs that are sent besides the wanted one.
    fn sent_besides(&self) -> BTreeSet<Proof> {
        let mut sent = self.inputs.sent().map(Sent::proofs).unwrap_or_default();
        sent.remove(&self.desired.proof);
        sent
    }

    fn is_edited_to_ask(&self, proof: &Proof) -> bool {
        let mut kept = self.found.kept(self.desired);
        kept.any(|route: &Route| self.asks_for_other(proof, &route.key, &route.authorization))
    }

    fn is_deployed_to_ask(&self, proof: &Proof) -> bool {
        match &self.found.deployed {
            Deployed::Routes(served) | Deployed::LockedOtherwise(Some(served)) => {
                let mut kept = served.iter().filter(|(key, _)| self.is_kept(key));
                kept.any(|(key, asked)| self.asks_for_other(proof, key, asked))
            }
            _ => false,
        }
    }

    /// Whether the route `key` asks for `proof` in place of the wanted one. A key that is asked for beside that is a customer's.
    fn asks_for_other(&self, proof: &Proof, key: &str, asked: &Authorization) -> bool {
        !self.is_ours_alone(asked) && self.may_ask(proof, key, asked)
    }

    /// Names of the earlier stages that ask for `proof`, or may.
    pub(super) fn earlier_stages_that_ask(&self, proof: &Proof) -> Vec<String> {
        let asks = |key: &str, asked: &Authorization| {
            self.desired.is_lockable(key) && self.may_ask_elsewhere(proof, asked)
        };
        let earlier = self.found.earlier.iter().filter(|earlier| earlier.may_ask(asks));
        earlier.map(|earlier| earlier.name.clone()).collect()
    }

    /// Whether what a route of another stage asks for may be `proof`. What is edited tells nothing of the authorizer that is asked there.
    pub(super) fn may_ask_elsewhere(&self, proof: &Proof, asked: &Authorization) -> bool {
        let told = || asked.authorizer.as_deref().filter(|told| *told != UNTOLD);
        self.may_be_asked_for(proof, asked, told)
    }
}
