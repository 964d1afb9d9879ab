//! What each route asks for as edited, against what is wanted: locked, open to us, or in the way.

use crate::domain::access::asked::other_signers::signed_besides;
use crate::domain::access::asked::{AWS_IAM, Authorization, CUSTOM, NONE, Route};
use crate::domain::access::credentials::left_behind::KeyLeftBehind;
use crate::domain::access::listing::agreed;
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::problem;
use crate::domain::access::words::words_of_earlier;
use crate::domain::kernel::planning::Problem;
use crate::domain::kernel::reason::Reason;
use std::collections::BTreeMap;

/// What may become of a route of the working copy.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::domain::access) enum Standing {
    /// It asks for what is wanted.
    Locked,
    /// It may be made to ask for this.
    Open(Authorization),
    /// It asks for something of others.
    InTheWay(Reason),
}

impl Routes<'_> {
    pub(in crate::domain::access) fn is_route_locked(&self, route: &Route) -> bool {
        self.standing(route) == Standing::Locked
    }

    pub(in crate::domain::access) fn standing(&self, route: &Route) -> Standing {
        self.standing_of(&route.authorization)
    }

    /// What a route asks for once the lock is made; unchanged where it cannot be.
    pub(super) fn once_locked(&self, found: &Authorization) -> Authorization {
        match self.standing_of(found) {
            Standing::Open(locked) => locked,
            Standing::Locked | Standing::InTheWay(_) => found.clone(),
        }
    }

    fn standing_of(&self, found: &Authorization) -> Standing {
        // A key that we asked for goes with its mode; whoever asks customers for one goes on asking.
        let keeps_key = self.asks_customers_for_key(found);
        let left = self
            .key_left_behind()
            .filter(|_| found.api_key_required && !keeps_key && !self.ours.has_key);
        let may_replace = match found.kind.as_str() {
            NONE => true,
            // Our own earlier lock is still known as ours where the signer is gone.
            AWS_IAM => self.ours.signs || self.inputs.outputs.was_locked_by_signatures(),
            CUSTOM => self.is_our_authorizer(found.authorizer.as_deref()),
            _ => false,
        };
        if let Some(standing) = self.standing_by_left_behind(found.authorizer.as_deref()) {
            return standing;
        }
        if self.desired.proof != Proof::Key && matches!(left, Some(KeyLeftBehind::Serving { .. })) {
            return Standing::InTheWay(Reason::LeftBehind);
        }
        // Viewers of another perimeter are let in by the signature that ours asked for.
        let is_shared = found.kind == AWS_IAM && may_replace && !self.other_signers().is_empty();
        if self.desired.proof != Proof::Signature && is_shared {
            return Standing::InTheWay(Reason::LeftBehind);
        }
        match &self.desired.proof {
            Proof::Signature if found.kind == AWS_IAM => Standing::Locked,
            Proof::Signature if may_replace => Standing::Open(Authorization {
                api_key_required: keeps_key,
                ..Authorization::aws_iam()
            }),
            Proof::Header(_)
                if found.kind == CUSTOM && self.is_wanted_authorizer(found.authorizer.as_deref()) =>
            {
                Standing::Locked
            }
            Proof::Header(_) if may_replace => Standing::Open(Authorization {
                api_key_required: keeps_key,
                ..Authorization::custom(self.wanted_authorizer().unwrap_or_default())
            }),
            Proof::Signature | Proof::Header(_) => Standing::InTheWay(Reason::AuthorizerInTheWay),
            Proof::Key => self.standing_by_key(found, may_replace),
            // It stays as it is.
            Proof::Certificate => Standing::Open(found.clone()),
        }
    }

    /// A key is asked for beside an authorizer, but never beside a signature or an authorizer of ours.
    fn standing_by_key(&self, found: &Authorization, may_replace: bool) -> Standing {
        if found.api_key_required {
            // Beside a key of an earlier object ours keeps nobody out, nor lets anybody in.
            return if self.asks_customers_for_key(found) {
                Standing::InTheWay(Reason::ApiKeyInTheWay)
            } else {
                Standing::Locked
            };
        }
        if self.may_have_key_of_ours(found) {
            return Standing::Open(Authorization {
                api_key_required: true,
                ..found.clone()
            });
        }
        if may_replace {
            return Standing::Open(Authorization {
                api_key_required: true,
                ..Authorization::none()
            });
        }
        Standing::InTheWay(Reason::AuthorizerInTheWay)
    }

    /// Whether what is asked for besides goes with a key of ours: none is ever asked for beside a signature or an authorizer of
    /// ours.
    pub(in crate::domain::access) fn may_have_key_of_ours(&self, found: &Authorization) -> bool {
        found.kind != AWS_IAM && !self.is_our_authorizer(found.authorizer.as_deref())
    }

    /// Whether a key is asked for, and not for us.
    pub(in crate::domain::access) fn asks_customers_for_key(&self, found: &Authorization) -> bool {
        // Whoever locked another stage by a key did so where no customer had one.
        let is_of_other_stage = self.desired.proof == Proof::Key && self.found.is_key_of_other_stage;
        let is_shared = self.inputs.shares_key || is_of_other_stage || self.key_left_behind().is_some();
        let may_be_ours = self.ours.has_key || is_shared;
        found.api_key_required && !(may_be_ours && self.may_have_key_of_ours(found))
    }

    /// What keeps us from locking anything.
    pub fn in_the_way(&self) -> Option<Problem> {
        if self.desired.proof == Proof::Certificate {
            return None;
        }
        if self.is_before_certificate() {
            return self.in_the_way_of_held();
        }
        if let Some((reason, routes, all)) = self.standing_in_the_way() {
            let told = self.told_in_the_way(reason, &routes, self.left_open(all));
            return Some(problem(reason, told.so, None).with_remedy(told.remedy));
        }
        if let Some(problem) = self.tokens_in_the_way() {
            return Some(problem);
        }
        let message = match self.desired.proof {
            Proof::Key => self.keys_in_the_way()?,
            Proof::Signature | Proof::Header(_) | Proof::Certificate => self.keys_in_doubt()?,
        };
        Some(problem(Reason::ApiKeyInTheWay, message, None))
    }

    /// Keys of the routes that ask for something of others, for the first reason that there is, and how many do for any.
    pub(super) fn standing_in_the_way(&self) -> Option<(Reason, Vec<&str>, usize)> {
        let standings = self
            .found
            .kept(self.desired)
            .map(|route| (route, self.standing(route)));
        let mut by_reason: BTreeMap<Reason, Vec<&str>> = BTreeMap::new();
        for (route, standing) in standings {
            if let Standing::InTheWay(reason) = standing {
                by_reason.entry(reason).or_default().push(&route.key);
            }
        }
        let all: usize = by_reason.values().map(Vec::len).sum();
        let (reason, routes) = by_reason.into_iter().next()?;
        Some((reason, routes, all))
    }

    /// What is told of routes that ask for what an earlier object left.
    pub(in crate::domain::access) fn left_behind(&self, routes: &[&str]) -> String {
        match self.key_left_behind() {
            Some(KeyLeftBehind::Serving { plans }) if self.found.left_behind.is_empty() => {
                words_of_earlier::key_left_behind(routes, &plans)
            }
            _ if self.found.left_behind.is_empty() => {
                let asks = agreed(routes, "of the API asks", "of the API ask");
                signed_besides(&asks, &self.other_signers())
            }
            _ => words_of_earlier::left_behind(routes, &self.functions_left_behind()),
        }
    }

    /// ARNs of the roles by which others sign for viewers of the API, as far as anybody looked.
    fn other_signers(&self) -> Vec<&String> {
        let others = self.inputs.other_signers.iter();
        others
            .flat_map(|others| others.left.union(&others.living))
            .collect()
    }
}
