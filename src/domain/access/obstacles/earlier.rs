//! A stage that is locked by the proof of an earlier spec, while another proof is on its way.

use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::{Authorization, CUSTOM};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::problem;
use crate::domain::access::words::words_of_earlier;
use crate::domain::kernel::planning::{Kind, Problem};
use crate::domain::kernel::reason::Reason;
use std::collections::BTreeSet;

impl Routes<'_> {
    /// Whether each route that should be locked asks, as deployed, for a proof of ours that CloudFront still sends and that is
    /// not the wanted one, and nobody else has such a proof. Nothing of a cut-over is begun then: what is wanted is asked for
    /// nowhere.
    pub fn is_locked_by_earlier(&self) -> bool {
        self.asks_for_earlier() && self.policy_for_others().is_none()
    }

    /// A resource policy by which others than the perimeter may pass the earlier lock: as long as a signature is what that asks
    /// for, the policy has to be as one that is locked by signatures.
    pub fn policy_of_earlier(&self) -> Option<Problem> {
        let is_asked = self.asks_for_earlier();
        self.policy_for_others().filter(|_| is_asked)
    }

    fn policy_for_others(&self) -> Option<Problem> {
        let mut kept = self.told()?.iter().filter(|(key, _)| self.is_kept(key));
        let is_signed = kept.any(|(_, route)| route.asks_for(&Proof::Signature));
        if !is_signed {
            return None;
        }
        let (stage, next) = (&self.desired.gate.stage, &self.desired.proof);
        let named = self.open_to_all_accounts();
        if !named.is_empty() {
            let message = words_of_earlier::open_to_all_accounts(stage, &named, next);
            return Some(problem(Reason::PolicyOpenToAllAccounts, message, None));
        }
        let why = self.found.policies.not_told()?;
        let message = words_of_earlier::untold_policy(stage, why, next);
        Some(problem(Reason::DeployedUnknown, message, None))
    }

    /// Whether a route asks for a signature, as edited or as deployed; or may, where that is not told.
    pub fn may_ask_for_signature(&self) -> bool {
        let asks = |asked: &Authorization| asked.asks_for(&Proof::Signature);
        let is_edited = self.found.routes.iter().any(|route| asks(&route.authorization));
        let is_served = self
            .found
            .deployed
            .served()
            .is_none_or(|served| served.iter().any(|(_, asked)| asks(asked)));
        is_edited || is_served || self.found.stage.canary.is_some() || self.found.marks.is_unproven()
    }

    /// What the routes ask for as deployed, where that is told.
    fn told(&self) -> Option<&Served> {
        told_by(&self.found.deployed)
    }

    fn asks_for_earlier(&self) -> bool {
        let Some(served) = self.told() else {
            return false;
        };
        let mut earlier = self.sent_so_far();
        earlier.remove(&self.desired.proof);
        let canary = self.found.stage.canary.as_ref();
        let is_shared = canary.is_some_and(|canary| canary.is_served);
        let mut kept = served.iter().filter(|(key, _)| self.is_kept(key)).peekable();
        self.found.marks.cut_over.is_none()
            && !is_shared
            && kept.peek().is_some()
            && kept.all(|(key, route)| earlier.iter().any(|proof| self.asks_ours_for(key, route, proof)))
    }

    /// The proofs that CloudFront sends. A distribution that was not read since it was verified sends the proof by which the stage
    /// was last read to be locked, as long as there is what that needs; several edits may have had it send others besides. Where
    /// that is not known, it sends the one proof of the spec before: which, is told by what there is of ours.
    fn sent_so_far(&self) -> BTreeSet<Proof> {
        let inputs = self.inputs;
        if let Some(sent) = inputs.sent() {
            return sent.proofs();
        }
        if !inputs.has_record(Kind::Distribution) {
            return BTreeSet::new();
        }
        let is_header_wanted = matches!(self.desired.proof, Proof::Header(_));
        let has_authorizer = !is_header_wanted && !self.our_authorizers().is_empty();
        let signature = self.ours.signs.then_some(Proof::Signature);
        let key = inputs.has_record(Kind::ApiKey).then_some(Proof::Key);
        // By whichever name: it is the authorizer that the routes ask.
        let header = has_authorizer.then(|| Proof::Header(String::new()));
        let ours = signature.into_iter().chain(key).chain(header);
        match inputs.outputs.locked_mode {
            Some(mode) => ours.filter(|proof| proof.access_mode() == mode).collect(),
            None if self.ours.signs => BTreeSet::from([Proof::Signature]),
            None => ours.collect(),
        }
    }

    /// Whether the route `key`, which as deployed asks for `served`, asks for `proof`, and of ours. Where a deployment does not
    /// tell which authorizer it asks, that is the edited one.
    fn asks_ours_for(&self, key: &str, served: &Authorization, proof: &Proof) -> bool {
        if !matches!(proof, Proof::Header(_)) {
            return served.asks_for(proof);
        }
        served.kind == CUSTOM && self.is_our_authorizer(self.authorizer_asked(key, served))
    }
}

/// What a deployment asks for, where that is told, whatever proof it was made for.
pub(super) fn told_by(deployed: &Deployed) -> Option<&Served> {
    match deployed {
        Deployed::Routes(served) | Deployed::LockedOtherwise(Some(served)) => Some(served),
        _ => None,
    }
}
