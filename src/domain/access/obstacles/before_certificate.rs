//! A mode that goes on beside a client certificate: which one, for which routes, and until when.
//!
//! Whoever changes an object to `MutualTls` has an API that is locked already, and viewers who stand on what CloudFront sends. That goes
//! on until no route asks for it. A signature cannot be sent to an origin that a client certificate is shown to, so another mode takes its
//! place first: the bridge (`docs/decisions/0038-mutual-tls.md`).

use super::earlier::told_by;
use super::standing::Standing;
use crate::api::{HeldModeStatus, OriginType};
use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::{Authorization, Route};
use crate::domain::access::held::{change_of_mode, goes_on};
use crate::domain::access::inputs::Next;
use crate::domain::access::proof::{Proof, SECRET_HEADER, Sent};
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::{PROBE_RETRY, problem, waiting};
use crate::domain::access::words::words_of_held;
use crate::domain::kernel::planning::{Id, Kind, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use std::collections::BTreeSet;

/// As many methods as status holds.
const MOST_EXCLUDED: usize = 100;

impl Routes<'_> {
    /// Whether a mode goes on beside a client certificate, or until that takes its place.
    pub(in crate::domain::access) fn is_before_certificate(&self) -> bool {
        self.desired.awaited == Some(Proof::Certificate)
    }

    /// Whether nobody comes to a route any more but with the client certificate, whatever routes ask for besides.
    pub(in crate::domain::access) fn is_behind_certificate(&self) -> bool {
        self.is_before_certificate() && self.inputs.is_endpoint_off && self.inputs.is_by_certificate
    }

    /// What of `sent` some route asks for; all of it, while a lock is begun and not proven.
    pub(in crate::domain::access) fn sent_as_asked(&self, sent: Sent) -> Sent {
        if self.found.marks.is_unproven() {
            return sent;
        }
        if self.was_taken_off_just_now() {
            return sent;
        }
        let sent_now = sent.proofs().into_iter();
        let asked: BTreeSet<Proof> = sent_now
            .filter(|proof| self.asks_for_what_is_sent(proof))
            .collect();
        sent.among(&asked)
    }

    /// The mode that goes on beside a client certificate; `None` where no route asks for anything that CloudFront sends, or where that is
    /// not known yet.
    pub(super) fn held_beside_certificate(&self) -> Option<HeldModeStatus> {
        if self.is_before_certificate() {
            self.held_on()
        } else {
            self.held_anew()
        }
    }

    /// Whether a route of the stage asks for what is sent for the mode that goes on.
    pub(in crate::domain::access) fn asks_for_the_held(&self) -> bool {
        self.asks_at_this_stage(&self.desired.proof)
    }

    /// What has to be read before it is known which mode goes on: whose keys and authorizers routes ask for.
    pub(in crate::domain::access) fn unread_before_certificate(&self) -> Vec<Id> {
        let sent = self.inputs.sent().map(Sent::proofs).unwrap_or_default();
        let unread = sent.iter().filter(|proof| !self.is_known(proof));
        let kinds: BTreeSet<Kind> = unread
            .map(|proof| match proof {
                Proof::Header(_) => Kind::Authorizer,
                Proof::Key | Proof::Signature | Proof::Certificate => Kind::ApiKey,
            })
            .collect();
        let kinds = kinds
            .into_iter()
            .filter(|kind| !self.inputs.failed.contains(kind));
        kinds.map(Id::of).collect()
    }

    /// What is told while another mode takes the place of signatures, or of what keeps that from ending.
    pub(super) fn bridge_awaited(&self) -> Option<Next> {
        if !self.ours.signs {
            return None;
        }
        if let Some(found) = self.host_in_the_way(&Proof::Certificate) {
            return Some(Next::Problem(found));
        }
        if let Some(found) = self.signatures_kept().or_else(|| self.header_of_several()) {
            return Some(Next::Problem(Problem {
                id: change_of_mode(),
                stands: true,
                ..found
            }));
        }
        let message = words_of_held::bridge(&self.desired.proof);
        Some(Next::Wait(Wait {
            id: change_of_mode(),
            ..waiting(Reason::InProgress, message, PROBE_RETRY)
        }))
    }

    /// Who goes on asking for signatures once no method of the mode that goes on does: CloudFront signs as long, and shows no certificate.
    fn signatures_kept(&self) -> Option<Problem> {
        if self.found.marks.is_unproven() || self.asks_at_this_stage(&Proof::Signature) {
            return None;
        }
        let stages = self.earlier_stages_that_ask(&Proof::Signature);
        if !stages.is_empty() {
            let so = words_of_held::signed_at_stages(&stages);
            let remedy = words_of_held::remedy_of_stages().to_owned();
            return Some(problem(Reason::OtherStagesServed, so, None).with_remedy(Some(remedy)));
        }
        let asked = self.still_asked();
        let signed = asked.iter().find(|asked| asked.proof == Proof::Signature)?;
        let so = words_of_held::signed_by_exceptions(&signed.routes);
        let remedy = words_of_held::remedy_of_exceptions().to_owned();
        Some(problem(Reason::AuthorizerInTheWay, so, None).with_remedy(Some(remedy)))
    }

    /// What keeps the mode that goes on from being asked for. Once the default endpoint is off, nobody passes it but with the certificate.
    pub(super) fn in_the_way_of_held(&self) -> Option<Problem> {
        if self.is_behind_certificate() {
            return None;
        }
        if let Some(found) = self.header_of_several() {
            return Some(found);
        }
        let (reason, so) = match self.standing_in_the_way() {
            Some((Reason::LeftBehind, routes, _)) => (Reason::LeftBehind, self.left_behind(&routes)),
            Some((reason, routes, _)) => (reason, words_of_held::in_the_way(reason, &routes)),
            None if self.desired.proof == Proof::Key => (Reason::ApiKeyInTheWay, self.keys_that_pass()?),
            None => return None,
        };
        let remedy = words_of_held::remedy(&self.desired.proof, self.ours.signs);
        Some(problem(reason, so, None).with_remedy(Some(remedy)))
    }

    /// Viewers of other objects' stages who stand on signatures, where a secret header is to take their place: stages share their routes,
    /// a route asks one authorizer, and each object has one of its own.
    fn header_of_several(&self) -> Option<Problem> {
        let others = self.inputs.by_default_endpoint;
        let is_meant = self.ours.signs && matches!(self.desired.proof, Proof::Header(_));
        let is_begun = || self.found.marks.is_unproven() || self.asks_for_the_held();
        (is_meant && !others.is_empty() && !is_begun()).then(|| {
            let so = words_of_held::header_of_several(others);
            let remedy = words_of_held::remedy_of_several().to_owned();
            problem(Reason::AuthorizerInTheWay, so, None).with_remedy(Some(remedy))
        })
    }

    /// A mode that goes on already, as long as it has to.
    fn held_on(&self) -> Option<HeldModeStatus> {
        let lingers = self.is_behind_certificate() && self.asks_nothing_since_just_now();
        let is_under_way = self.ours.signs || self.found.marks.is_unproven() || lingers;
        let proof = self.desired.proof.clone();
        if !is_under_way && !self.asks_for_what_is_sent(&proof) {
            return None;
        }
        // No key stands beside those of customers, but a secret header does.
        let proof = if self.is_bridge_by_key_closed() {
            Proof::Header(SECRET_HEADER.to_owned())
        } else {
            proof
        };
        let lockable = self.found.lockable(self.desired);
        let in_the_way = lockable
            .filter(|route| self.standing(route) == Standing::InTheWay(Reason::AuthorizerInTheWay))
            .map(|route| &route.key);
        let exclude: BTreeSet<&String> = self.desired.exclude.iter().chain(in_the_way).collect();
        let all = self.all_keys();
        let exclude = exclude.into_iter().filter(|key| all.contains(&key.as_str()));
        let plan = self.wanted.api_key.and_then(|key| key.given_plan.clone());
        Some(status(&proof, plan, exclude))
    }

    /// The mode that is found to go on.
    fn held_anew(&self) -> Option<HeldModeStatus> {
        // What was begun is put back first.
        if self.found.marks.is_unproven() {
            return None;
        }
        let sent = self.inputs.sent()?.proofs();
        if !sent.iter().all(|proof| self.is_known(proof)) {
            return None;
        }
        let asked: BTreeSet<&Proof> = sent
            .iter()
            .filter(|proof| self.asks_for_what_is_sent(proof))
            .collect();
        let locked = self.inputs.outputs.locked_mode;
        let last = asked.iter().find(|proof| Some(proof.access_mode()) == locked);
        // Of several a secret value needs no bridge.
        let with_value = || asked.iter().find(|proof| proof.has_value());
        let found = last.or_else(with_value).or_else(|| asked.iter().next())?;
        let proof = match found {
            Proof::Signature => self.bridge()?,
            other => (*other).clone(),
        };
        let asks_none =
            |key: &str, found: &Authorization| !asked.iter().any(|proof| self.may_ask(proof, key, found));
        // What was named and asks for a signature may ask the team's own callers. Somebody may have opened what nobody named.
        let is_exception = |route: &&Route| {
            let found = &route.authorization;
            let was_named = self.inputs.outputs.excluded.contains(&route.key);
            let is_meant = was_named || self.inputs.outputs.is_locked || !found.is_open();
            (was_named && found.asks_for(&Proof::Signature)) || (is_meant && asks_none(&route.key, found))
        };
        let lockable = self.found.lockable(self.desired);
        let as_it_is = lockable.filter(is_exception);
        Some(status(
            &proof,
            self.plan_of_the_team(),
            as_it_is.map(|route| &route.key),
        ))
    }

    /// The mode that takes the place of signatures before a client certificate is shown.
    fn bridge(&self) -> Option<Proof> {
        match self.desired.gate.r#type {
            OriginType::Rest => Some(Proof::Key),
            OriginType::Http => Some(Proof::Header(SECRET_HEADER.to_owned())),
            OriginType::WebSocket => None,
        }
    }

    /// Whether keys of others keep the bridge from being one by key, of which nothing is made yet.
    fn is_bridge_by_key_closed(&self) -> bool {
        let is_begun = |sent: &Sent| sent.has(&Proof::Key);
        let keys = self.inputs.api_key.present();
        self.desired.proof == Proof::Key
            && self.ours.signs
            && keys.is_some_and(|keys| keys.keys.is_empty())
            && !self.inputs.sent().is_none_or(is_begun)
            && self
                .in_the_way_of_held()
                .is_some_and(|found| found.reason == Reason::ApiKeyInTheWay)
    }

    /// Whether it was read whose it is where routes ask for such a proof.
    fn is_known(&self, proof: &Proof) -> bool {
        match proof {
            Proof::Key => self.inputs.api_key.present().is_some(),
            Proof::Header(_) => self.inputs.authorizer.present().is_some(),
            Proof::Signature | Proof::Certificate => true,
        }
    }

    /// Whether a route that is no exception asks for this proof, as edited, as deployed or in a canary release, or an earlier stage does.
    /// Of a stage that was locked, what is not told may.
    fn asks_for_what_is_sent(&self, proof: &Proof) -> bool {
        self.asks_at_this_stage(proof) || self.is_asked_by_earlier_stage(proof)
    }

    fn asks_at_this_stage(&self, proof: &Proof) -> bool {
        let asks = |key: &String, found: &Authorization| {
            self.desired.is_kept(key) && self.may_ask(proof, key, found)
        };
        let mut edited = self.found.routes.iter();
        let is_edited = edited.any(|route| asks(&route.key, &route.authorization));
        let asks_any = |served: &Served| served.iter().any(|(key, found)| asks(key, found));
        let deployments = [Some(&self.found.deployed), self.found.canary.as_ref()];
        let mut deployments = deployments.into_iter().flatten();
        let is_served = deployments.any(|deployed| match told_by(deployed) {
            Some(served) => asks_any(served),
            None => *deployed != Deployed::Nothing && self.was_locked(),
        });
        is_edited || is_served
    }

    /// Whether this object has locked the stage, as status or the marks tell.
    fn was_locked(&self) -> bool {
        self.inputs.outputs.was_locked || self.found.marks.was_locked()
    }
}

fn status<'a>(
    proof: &Proof,
    usage_plan_id: Option<String>,
    as_they_are: impl Iterator<Item = &'a String>,
) -> HeldModeStatus {
    let as_they_are = as_they_are.take(MOST_EXCLUDED).cloned().collect();
    goes_on(proof, usage_plan_id, Some(as_they_are))
}
