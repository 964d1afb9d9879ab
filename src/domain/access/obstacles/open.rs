//! Which routes let in others than the perimeter, as deployed.

use crate::api::OriginType;
use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::{Authorization, CONNECT, CUSTOM, Route};
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::problem;
use crate::domain::access::words::words_of_canary;
use crate::domain::kernel::planning::Problem;
use crate::domain::kernel::reason::Reason;

impl Routes<'_> {
    /// A canary whose deployment lets in others than the perimeter: a share of the callers meets that, whatever the stage's own
    /// deployment asks for.
    pub fn open_canary(&self) -> Option<Problem> {
        let canary = self
            .found
            .stage
            .canary
            .as_ref()
            .filter(|canary| canary.is_served)?;
        // Without a deployment of its own it serves the stage's, and goes on serving that when a lock gives the stage another.
        let behind = self.found.canary.as_ref().unwrap_or(&self.found.deployed);
        let open = match behind {
            Deployed::Routes(served) => {
                self.open_in(served, &self.found.kept(self.desired).collect::<Vec<_>>(), true)
            }
            Deployed::Nothing => return None,
            _ => vec![],
        };
        let is_known = matches!(behind, Deployed::Routes(_));
        (!is_known || !open.is_empty()).then(|| {
            let message = words_of_canary::canary_in_the_way(self.desired, canary, &open);
            problem(Reason::CanaryInTheWay, message, None)
        })
    }

    /// Whether a canary release goes on with a lock of ours that the stage itself does not have.
    pub(in crate::domain::access) fn canary_keeps_lock(&self) -> bool {
        let canary = self.found.stage.canary.as_ref();
        let is_served = canary.is_some_and(|canary| canary.is_served);
        let has_ours = |served: &Served| {
            served
                .iter()
                .any(|(key, route)| self.is_kept(key) && self.is_ours_alone(route))
        };
        match &self.found.canary {
            Some(Deployed::Routes(served)) => is_served && has_ours(served) && !self.open_routes().is_empty(),
            _ => false,
        }
    }

    /// Keys of routes of the stage, and of its canary release, that let in whoever comes, as far as they were read.
    pub fn open_to_anybody(&self) -> Vec<String> {
        let deployments = [Some(&self.found.deployed), self.found.canary.as_ref()];
        let served = deployments.into_iter().flatten().filter_map(Deployed::served);
        let routes = served.flat_map(Served::iter);
        let open = routes.filter(|(key, route)| self.is_kept(key) && route.is_open());
        open.map(|(key, _)| key.clone()).collect()
    }

    /// Keys of the routes that the present phase is about, and that others than the perimeter may pass as deployed. The one
    /// route of a WebSocket API may also be known by what a direct probe said.
    pub fn open_as_deployed(&self) -> Vec<String> {
        self.open_of(&self.targets(), self.tried_route().is_none())
    }

    /// The same of all routes that should be locked, whatever phase it is.
    pub fn open_routes(&self) -> Vec<String> {
        self.open_of(&self.found.kept(self.desired).collect::<Vec<_>>(), true)
    }

    fn open_of(&self, targets: &[&Route], is_all: bool) -> Vec<String> {
        let all = || targets.iter().map(|route| route.key.clone()).collect();
        match &self.found.deployed {
            Deployed::Nothing => vec![],
            Deployed::LockedOtherwise(_) | Deployed::CutShort(_) => all(),
            Deployed::Routes(served) => self.open_in(served, targets, is_all),
            Deployed::Outdated(_) | Deployed::Unknown(_) => match self.verdict(Way::Direct) {
                Some(Verdict::Refused { .. }) if self.desired.gate.r#type == OriginType::WebSocket => vec![],
                _ => all(),
            },
        }
    }

    /// Keys of those routes of a deployment that others than the perimeter may pass; `is_all`: also of routes that the working
    /// copy does not have any more.
    fn open_in(&self, served: &Served, targets: &[&Route], is_all: bool) -> Vec<String> {
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        if is_web_socket && served.get(CONNECT).is_none() {
            // API Gateway lets everybody in.
            return vec![CONNECT.to_owned()];
        }
        let is_meant = |key: &String| {
            let is_edited = self.found.routes.iter().any(|route| route.key == *key);
            targets.iter().any(|route| route.key == *key) || (!is_edited && is_all && self.is_kept(key))
        };
        let open = served.iter().filter(|(_, route)| !self.is_ours_alone(route));
        open.map(|(key, _)| key)
            .filter(|key| is_meant(key))
            .cloned()
            .collect()
    }

    /// Whether a deployed route lets in nobody but the perimeter, as far as can be told: where a REST API's deployment may ask
    /// another's authorizer, that is told as not ours.
    pub(in crate::domain::access) fn is_ours_alone(&self, route: &Authorization) -> bool {
        let is_by_header = matches!(self.desired.proof, Proof::Header(_));
        let is_another = is_by_header
            && route
                .authorizer
                .as_deref()
                .is_some_and(|id| !self.is_wanted_authorizer(Some(id)));
        route.asks_for(&self.desired.proof) && !is_another
    }

    /// Whether a route asks our authorizer as edited, and as deployed one of others: whoever edited ours in between has deployed
    /// that.
    pub(in crate::domain::access) fn asks_replaced_authorizer(&self) -> bool {
        let Some(served) = self.found.deployed.served() else {
            return false;
        };
        let is_replaced = |route: &Route| {
            let served = served.get(&route.key);
            self.is_route_locked(route)
                && served.is_some_and(|served| served.kind == CUSTOM && !self.is_ours_alone(served))
        };
        matches!(self.desired.proof, Proof::Header(_)) && self.found.kept(self.desired).any(is_replaced)
    }

    /// Whether the stage as deployed asks no kept route for anything but the wanted proof.
    pub(in crate::domain::access) fn asks_nothing_else(&self) -> bool {
        match &self.found.deployed {
            Deployed::Routes(served) => served
                .iter()
                .filter(|(key, _)| self.is_kept(key))
                .all(|(_, route)| self.is_ours_alone(route) || route.is_open()),
            _ => false,
        }
    }
}
