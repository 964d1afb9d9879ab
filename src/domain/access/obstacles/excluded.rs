//! Routes of `excludeMethods` that ask for a proof of ours which is not the wanted one: they were locked by an earlier mode or
//! header before they were excluded.
//!
//! They stay as they are, so CloudFront goes on sending what they ask for, and nothing of it is deleted, until they ask for
//! something else.

use crate::domain::access::asked::as_deployed::Served;
use crate::domain::access::asked::{Authorization, CUSTOM};
use crate::domain::access::credentials::authorizer::entry_name;
use crate::domain::access::proof::{Proof, Sent};
use crate::domain::access::routes::Routes;
use crate::domain::access::words::words_of_earlier;
use std::collections::BTreeSet;

/// A proof of ours besides the wanted one, and who asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillAsked {
    /// What is asked for.
    pub proof: Proof,
    /// Keys of the routes.
    pub routes: Vec<String>,
    /// Whether CloudFront sends it.
    pub is_sent: bool,
}

impl StillAsked {
    /// As a clause.
    #[must_use]
    pub fn told(&self) -> String {
        words_of_earlier::still_asked(&self.routes, &self.proof, self.is_sent)
    }
}

impl Routes<'_> {
    /// Which proofs of ours, besides the wanted one, excluded routes ask for, as edited or as deployed.
    #[must_use]
    pub fn still_asked(&self) -> Vec<StillAsked> {
        let sent = self.inputs.sent().cloned().unwrap_or_default();
        let found = self.inputs.authorizer.present();
        let entries = found.into_iter().flat_map(|found| &found.entries);
        let headers = entries.map(|entry| Proof::Header(entry.settings.header.clone()));
        let mut proofs: BTreeSet<Proof> = sent.proofs().into_iter().chain(headers).collect();
        proofs.remove(&self.desired.proof);
        let asked = proofs.into_iter().map(|proof| StillAsked {
            routes: self.excluded_that_ask(&proof),
            is_sent: sent.has(&proof),
            proof,
        });
        asked.filter(|asked| !asked.routes.is_empty()).collect()
    }

    /// What of `sent` has to be sent besides the wanted proof: for excluded routes, and for earlier stages.
    pub(in crate::domain::access) fn still_sent(&self, sent: Sent) -> Sent {
        let of_excluded = self.still_asked().into_iter().map(|asked| asked.proof);
        let sent_now = sent.proofs().into_iter();
        let of_stages = sent_now.filter(|proof| self.is_asked_by_earlier_stage(proof));
        let needed: BTreeSet<Proof> = of_excluded.chain(of_stages).collect();
        sent.among(&needed)
    }

    fn excluded_that_ask(&self, proof: &Proof) -> Vec<String> {
        let edited = self.found.lockable(self.desired);
        let edited = edited.map(|route| (&route.key, &route.authorization));
        let served = self.found.deployed.served().into_iter().flat_map(Served::iter);
        let asks = |(key, found): &(&String, &Authorization)| {
            self.desired.exclude.contains(*key)
                && self.desired.is_lockable(key)
                && self.may_ask(proof, key, found)
        };
        let all = edited.chain(served).filter(asks);
        let keys: BTreeSet<String> = all.map(|(key, _)| key.clone()).collect();
        keys.into_iter().collect()
    }

    /// Whether what the route `key` asks for, as edited or as deployed, may be `proof`. Which authorizer a REST API's deployment
    /// asks is what is edited, where that asks one at all.
    pub(in crate::domain::access) fn may_ask(&self, proof: &Proof, key: &str, found: &Authorization) -> bool {
        self.may_be_asked_for(proof, found, || self.authorizer_asked(key, found))
    }

    /// Whether what a route has `asked` for may be `proof`; `told` is the authorizer, where that is known. Of an entry that somebody has
    /// deleted an export still has the name.
    pub(super) fn may_be_asked_for<'b>(
        &self,
        proof: &Proof,
        asked: &Authorization,
        told: impl FnOnce() -> Option<&'b str>,
    ) -> bool {
        let Proof::Header(header) = proof else {
            return asked.asks_for(proof);
        };
        if asked.kind != CUSTOM {
            return false;
        }
        match (told(), self.inputs.authorizer.present()) {
            (Some(told), Some(ours)) => {
                let mut entries = ours.entries.iter();
                let is_ours = entries.any(|entry| entry.id == told && entry.settings.header == *header);
                is_ours || told == entry_name(self.wanted.owner, header)
            }
            // Nobody has looked which authorizers are ours, or which of them is asked.
            (_, None) | (None, _) => true,
        }
    }
}
