//! Viewers who show a token in `Authorization` to an authorizer of the team's: a signature would take its place.
//!
//! A perimeter that never signed has served them so far, so it does not begin to sign (`docs/decisions/0037-tokens.md`). One that is
//! made with `SigV4` has had no viewers before, and a note tells of their methods.

use crate::domain::access::asked::as_deployed::Served;
use crate::domain::access::asked::{AWS_IAM, Authorization, CUSTOM, NONE};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::problem;
use crate::domain::access::words;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Problem;
use crate::domain::kernel::reason::Reason;
use std::collections::BTreeSet;

impl Routes<'_> {
    /// What keeps CloudFront from beginning to sign: methods whose users would be refused.
    pub fn tokens_in_the_way(&self) -> Option<Problem> {
        if !self.would_begin_to_sign() {
            return None;
        }
        let routes = self.asking_for_tokens();
        (!routes.is_empty()).then(|| {
            let told = words::tokens_in_the_way(self.desired.gate.r#type, &routes);
            problem(Reason::AuthorizerInTheWay, told.so, None).with_remedy(told.remedy)
        })
    }

    /// Whether a distribution stands that does not sign, and should. Where the stage asks for signatures already, somebody has taken
    /// the signer away: viewers are refused until it is back.
    pub(in crate::domain::access) fn would_begin_to_sign(&self) -> bool {
        let is_there = matches!(self.inputs.distribution, Seen::Present(_) | Seen::Listed(Some(_)));
        let is_locked = || self.found.kept(self.desired).next().is_some() && self.has_locked_routes();
        let is_wanted = self.desired.proof == Proof::Signature;
        is_wanted && is_there && !self.ours.signs && !self.found.marks.is_unproven() && !is_locked()
    }

    /// Keys of the routes that ask an authorizer of the team's, as edited or as deployed, whether they should be locked or not.
    fn asking_for_tokens(&self) -> Vec<&str> {
        let edited = self.found.routes.iter();
        let edited = edited.map(|route| (&route.key, &route.authorization));
        let served = self.found.deployed.served().into_iter().flat_map(Served::iter);
        let all = edited.chain(served);
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
