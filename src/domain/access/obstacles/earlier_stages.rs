//! What a stage that was locked before was read to ask for, and what of it somebody has taken away since: from the distribution, or
//! from what API Gateway lets the perimeter in by. Viewers go on coming to that stage, and are refused until it is back.

use crate::api::Enforcement;
use crate::domain::access::asked::Authorization;
use crate::domain::access::asked::earlier_stages::EarlierStage;
use crate::domain::access::credentials::api_key;
use crate::domain::access::proof::{Proof, Sent};
use crate::domain::access::routes::Routes;
use crate::domain::access::words::words_of_earlier;
use crate::domain::kernel::secret::Secret;

const OBSERVED: &str =
    "CloudFront does not send it any more, and nothing is put back under spec.access.enforcement Observe";
const TOKENS: &str = "CloudFront does not send it any more, and does not begin again, since it would take the place of the \
                      Authorization header that authorizers of the API's own read";
const NO_VALUE: &str =
    "CloudFront does not send it any more, and there is no value that API Gateway accepts there";
const NO_KEY: &str = "the key whose value CloudFront sends is gone or switched off, and the usage plan that had it is not there";
const NO_FUNCTION: &str = "the function that its authorizer asks, or the role of that, is gone";

impl Routes<'_> {
    /// The proofs of ours that earlier stages were read to ask for besides the wanted one, each with a stage that does: by the mode in
    /// which that was locked. Whether they are sent does not count.
    pub(in crate::domain::access) fn asked_at_earlier_stages(&self) -> Vec<(&str, Proof)> {
        let mut asked: Vec<(&str, Proof)> = Vec::new();
        for earlier in &self.found.earlier {
            let proof = self.asked_at(earlier);
            let is_new = |proof: &Proof| asked.iter().all(|(_, known)| known != proof);
            if let Some(proof) = proof.filter(|proof| *proof != self.desired.proof && is_new(proof)) {
                asked.push((earlier.name.as_str(), proof));
            }
        }
        asked
    }

    /// `sent`, and what earlier stages were read to ask for besides, as far as it can be sent again.
    pub(in crate::domain::access) fn with_what_earlier_stages_ask(&self, sent: Sent) -> Sent {
        let asked = self.asked_at_earlier_stages().into_iter();
        asked.fold(sent, |sent, (stage, proof)| {
            if sent.has(&proof) || (proof == Proof::Signature && self.has_viewers_with_tokens()) {
                return sent;
            }
            let value = self.value_at(stage, &proof);
            sent.with(&proof, value)
        })
    }

    /// Why viewers of earlier stages are refused, where that is not mended by itself.
    #[must_use]
    pub fn refused_at_earlier_stages(&self) -> Vec<String> {
        let asked = self.asked_at_earlier_stages().into_iter();
        let refused = asked.filter_map(|(stage, proof)| {
            let why = self.refusal_of(&proof)?;
            let wanted = &self.desired.proof;
            Some(words_of_earlier::refused_at_earlier_stage(
                stage, &proof, why, wanted,
            ))
        });
        refused.collect()
    }

    /// Whether the owner's usage plan has the stage of this name, whose callers its keys let in.
    pub(in crate::domain::access) fn opens(&self, keys: &api_key::Observed, stage: &str) -> bool {
        let gate = &self.desired.gate;
        let is_meant = |found: &(String, String)| found.0 == gate.api_id && found.1 == stage;
        let plan = keys.plan.as_ref();
        plan.is_some_and(|plan| plan.stages.iter().any(is_meant))
    }

    /// What the stage was read to ask for of what it was locked by. Where a deployment does not tell which authorizer it asks, that is
    /// the wanted one.
    fn asked_at(&self, earlier: &EarlierStage) -> Option<Proof> {
        let mut locked = self.inputs.outputs.locked_stages.iter();
        let mode = locked.find(|locked| locked.stage == earlier.name)?.mode?;
        let entries = self.inputs.authorizer.present();
        let entries = entries.into_iter().flat_map(|found| &found.entries);
        let names = entries.map(|entry| entry.settings.header.clone());
        let headers = names.filter(|name| !name.is_empty()).map(Proof::Header);
        let sent = self.inputs.sent().map(Sent::proofs).unwrap_or_default();
        let first = [self.desired.proof.clone(), Proof::Signature, Proof::Key];
        let mut of_mode = first
            .into_iter()
            .chain(sent)
            .chain(headers)
            .filter(|proof| proof.access_mode() == mode);
        of_mode.find(|proof| {
            earlier.asks(|key: &str, asked: &Authorization| {
                self.desired.is_lockable(key) && self.may_ask_elsewhere(proof, asked)
            })
        })
    }

    /// The value with which the header of `proof` is sent again: of a key that opens the stage, or one that our authorizer is made to
    /// accept.
    fn value_at(&self, stage: &str, proof: &Proof) -> Option<Secret> {
        if *proof == Proof::Key {
            let keys = self
                .inputs
                .api_key
                .present()
                .filter(|keys| self.opens(keys, stage))?;
            return keys.newest().map(|key| key.value.clone());
        }
        // One function knows the values of all headers.
        let is_by_header = matches!(self.desired.proof, Proof::Header(_));
        let sent = self.inputs.sent().filter(|_| is_by_header);
        let current = sent.and_then(|sent| sent.value(&self.desired.proof));
        current.or(self.inputs.generated_value).cloned()
    }

    /// Why a proof that an earlier stage asks for lets nobody in there.
    fn refusal_of(&self, proof: &Proof) -> Option<&'static str> {
        let sent = self.inputs.sent()?;
        if !sent.has(proof) {
            if self.desired.enforcement == Enforcement::Observe {
                return Some(OBSERVED);
            }
            let again = self.with_what_earlier_stages_ask(sent.clone());
            let why = if *proof == Proof::Signature {
                TOKENS
            } else {
                NO_VALUE
            };
            return (!again.has(proof)).then_some(why);
        }
        let value = sent.value(proof)?;
        if *proof == Proof::Key {
            let keys = self.inputs.api_key.present()?;
            let is_there = keys.keys.iter().any(|key| key.enabled && key.value == *value);
            return (!is_there).then_some(NO_KEY);
        }
        let found = self.inputs.authorizer.present()?;
        (found.function.is_none() || found.role.is_none()).then_some(NO_FUNCTION)
    }
}
