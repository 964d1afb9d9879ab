//! Viewers whom a lock by signatures would refuse: those who show a token in `Authorization` to an authorizer of the team's, since a
//! signature would take its place, and those whom a behaviour of the distribution leads to the API without the signer.
//!
//! A perimeter that never signed has served them so far, so it does not begin to sign, and goes on in the mode before
//! (`docs/decisions/0037-tokens.md`). One that is made with `SigV4` has had no viewers before, and a note tells of their methods.

use super::earlier::told_by;
use crate::api::{AccessMode, Enforcement, HeldModeStatus};
use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::{AWS_IAM, Authorization, CUSTOM, NONE};
use crate::domain::access::held::{change_of_mode, goes_on};
use crate::domain::access::inputs::Next;
use crate::domain::access::proof::{Proof, SECRET_HEADER};
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::{EFFECT_RETRY, problem, waiting};
use crate::domain::access::words::{self, words_of_canary};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Problem, Wait};
use crate::domain::kernel::reason::Reason;
use std::collections::BTreeSet;

impl Routes<'_> {
    /// What keeps CloudFront from beginning to sign: viewers who would be refused.
    pub fn tokens_in_the_way(&self) -> Option<Problem> {
        if !self.would_begin_to_sign() {
            return None;
        }
        self.refused_by_signatures()
    }

    /// What a change of the mode that waits is told of: why it does, or that it waits no more.
    pub(in crate::domain::access) fn change_of_mode(&self) -> Option<Next> {
        let awaited = self.desired.awaited.as_ref()?;
        // What that waits for is told of the way back.
        if self.inputs.is_on_the_way_back {
            return None;
        }
        if self.is_held_with_host() {
            return Some(self.host_awaited(awaited));
        }
        if *awaited == Proof::Certificate {
            return self.bridge_awaited();
        }
        let Some(found) = self.refused_by_signatures() else {
            let message = words::change_goes_on(awaited);
            return Some(Next::Wait(Wait {
                id: change_of_mode(),
                ..waiting(Reason::InProgress, message, EFFECT_RETRY)
            }));
        };
        Some(Next::Problem(Problem {
            id: change_of_mode(),
            stands: true,
            ..found
        }))
    }

    /// The mode that goes on while a change to `SigV4` waits, or beside a client certificate; `None` where none does, or nothing was sent
    /// before that could go on.
    pub fn held_mode(&self) -> Option<HeldModeStatus> {
        if self.is_held_with_host() {
            return self.held_on_with_host();
        }
        if self.desired.proof == Proof::Certificate || self.is_before_certificate() {
            return self.held_beside_certificate();
        }
        if self.inputs.is_on_the_way_back {
            return self.held_on_the_way_back();
        }
        if self.desired.enforcement != Enforcement::Enforce {
            return None;
        }
        let (proof, usage_plan_id) = if self.desired.awaited.is_some() {
            let plan = self.wanted.api_key.and_then(|key| key.given_plan.clone());
            (self.desired.proof.clone(), plan)
        } else if self.would_begin_to_sign() {
            let sent = self.sent_before()?;
            let is_plan_unread = sent == Proof::Key && self.inputs.api_key.present().is_none();
            let plan = self.plan_of_the_team().filter(|_| sent == Proof::Key);
            (!is_plan_unread).then_some((sent, plan))?
        } else {
            return None;
        };
        self.refused_by_signatures()?;
        Some(goes_on(&proof, usage_plan_id, None))
    }

    /// The mode that comes before signatures while a client certificate is shown. No key stands beside those of customers, but a secret
    /// header does.
    fn held_on_the_way_back(&self) -> Option<HeldModeStatus> {
        self.desired.awaited.as_ref()?;
        let is_begun = || self.inputs.sent().is_none_or(|sent| sent.has(&Proof::Key));
        let is_closed = || {
            let in_the_way = self.in_the_way();
            in_the_way.is_some_and(|found| found.reason == Reason::ApiKeyInTheWay)
        };
        let proof = if self.desired.proof == Proof::Key && !is_begun() && is_closed() {
            Proof::Header(SECRET_HEADER.to_owned())
        } else {
            self.desired.proof.clone()
        };
        let plan = self.wanted.api_key.and_then(|key| key.given_plan.clone());
        Some(goes_on(&proof, plan, None))
    }

    /// The one proof that CloudFront sends for the lock that stands, or is under way.
    fn sent_before(&self) -> Option<Proof> {
        let locked = self.inputs.outputs.locked_mode;
        let sent = self.inputs.sent()?.proofs().into_iter();
        let mut sent = sent.filter(|proof| locked.is_none_or(|mode| proof.access_mode() == mode));
        let first = sent.next()?;
        sent.next().is_none().then_some(first)
    }

    /// The usage plan of the team's that has our key.
    pub(super) fn plan_of_the_team(&self) -> Option<String> {
        let found = self.inputs.api_key.present()?;
        let mut others = found.others.iter();
        let with_ours = others.find(|other| {
            let has_ours = found.keys.iter().any(|key| other.keys.contains(&key.id));
            has_ours && !other.is_own && !other.is_left_behind
        });
        with_ours.map(|other| other.plan.id.clone())
    }

    /// Whether a distribution stands that does not sign, and should. Where the stage was locked by signatures, somebody has taken the
    /// signer away: viewers are refused until it is back.
    pub(in crate::domain::access) fn would_begin_to_sign(&self) -> bool {
        let is_locked = || self.found.kept(self.desired).next().is_some() && self.has_locked_routes();
        let is_taken_away = || self.was_signed() && is_locked();
        let is_wanted = self.desired.proof == Proof::Signature;
        is_wanted && self.stands_unsigned() && !self.found.marks.is_unproven() && !is_taken_away()
    }

    /// Whether CloudFront signs nothing, and did not before: who is asked for a signature is a caller of the team's own.
    pub(in crate::domain::access) fn asks_others_for_signatures(&self) -> bool {
        self.stands_unsigned() && !self.was_signed()
    }

    fn stands_unsigned(&self) -> bool {
        let is_there = matches!(self.inputs.distribution, Seen::Present(_) | Seen::Listed(Some(_)));
        is_there && !self.ours.signs
    }

    /// Whether this object has locked the stage by signatures, as status tells; where it does not, as the marks do, which of the modes
    /// tell whether one with a secret value was there.
    fn was_signed(&self) -> bool {
        let marks = &self.found.marks;
        let sends_nothing = || self.inputs.sent().is_none_or(|sent| sent.proofs().is_empty());
        match self.inputs.outputs.locked_mode {
            Some(mode) => mode == AccessMode::SigV4,
            None => marks.was_locked() && marks.rotated.is_none() && sends_nothing(),
        }
    }

    /// Whether a signature would refuse viewers who are let in without one.
    pub(super) fn has_viewers_with_tokens(&self) -> bool {
        self.viewers_with_tokens().is_some()
    }

    /// What keeps CloudFront from beginning to sign, and methods from asking for that.
    fn refused_by_signatures(&self) -> Option<Problem> {
        self.viewers_with_tokens()
            .or_else(|| self.viewers_without_signer())
    }

    /// Viewers whom a behaviour of the distribution leads to the API without the signer.
    pub(super) fn viewers_without_signer(&self) -> Option<Problem> {
        let patterns = &self.inputs.unsigned;
        if patterns.is_empty() {
            return None;
        }
        let told = words::without_signer(patterns);
        let problem = problem(Reason::BehaviorInTheWay, told.so, None).with_remedy(told.remedy);
        Some(problem.about("spec.access.mode"))
    }

    /// Whom a signature would refuse, as edited, as deployed and in a canary release.
    fn viewers_with_tokens(&self) -> Option<Problem> {
        let routes = self.asking_for_tokens();
        if !routes.is_empty() {
            let told = words::tokens_in_the_way(self.desired.gate.r#type, &routes);
            return Some(problem(Reason::AuthorizerInTheWay, told.so, None).with_remedy(told.remedy));
        }
        let canary = self.found.stage.canary.as_ref();
        let canary = canary.filter(|canary| canary.is_served && self.is_canary_untold())?;
        let message = words_of_canary::tokens_untold(&self.desired.gate.stage, canary);
        Some(problem(Reason::CanaryInTheWay, message, None))
    }

    fn is_canary_untold(&self) -> bool {
        let behind = self.found.canary.as_ref();
        behind.is_some_and(|behind| told_by(behind).is_none() && *behind != Deployed::Nothing)
    }

    /// Keys of the routes that ask an authorizer of the team's, whether they should be locked or not.
    fn asking_for_tokens(&self) -> Vec<&str> {
        let edited = self.found.routes.iter();
        let edited = edited.map(|route| (&route.key, &route.authorization));
        let deployments = [Some(&self.found.deployed), self.found.canary.as_ref()];
        let served = deployments.into_iter().flatten().filter_map(told_by);
        let all = edited.chain(served.flat_map(Served::iter));
        let asking =
            all.filter(|(key, asked)| self.desired.is_lockable(key) && self.asks_for_token(key, asked));
        let keys: BTreeSet<&str> = asking.map(|(key, _)| key.as_str()).collect();
        keys.into_iter().collect()
    }

    /// Where nobody can tell which authorizer is asked, it is one of ours as long as there are any.
    fn asks_for_token(&self, key: &str, asked: &Authorization) -> bool {
        let ours = self.our_authorizers();
        match asked.kind.as_str() {
            NONE | AWS_IAM => false,
            CUSTOM => self
                .authorizer_asked(key, asked)
                .map_or(ours.is_empty(), |id| !ours.contains(&id)),
            _ => true,
        }
    }
}
