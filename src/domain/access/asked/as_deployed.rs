//! What a stage asks for as deployed: read from the deployment, or from what is known of it, and never from the working copy.
//!
//! | type | by hand | by itself |
//! |---|---|---|
//! | REST | the deployment's summary | |
//! | HTTP | our deployment's description, or the stage's export | the stage's export, or what the stage says of its last deployment |
//! | WebSocket | our deployment's description | what the stage says of its last deployment |
//!
//! An export is believed only where it shows what API Gateway itself says of the routes as edited: not all that routes ask
//! for need be told there.

use super::authorizer_names::NamedAuthorizer;
use super::carried::asked_by_key;
use super::exported::{Shown, asks_function, has_named, operations, shown};
use super::words_of_reading;
use super::{Authorization, CONNECT, CUSTOM, Deployment, Route, Stage, description, is_ours};
use crate::api::OriginType;
use crate::domain::access::proof::Proof;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::identity::Owner;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Stands before the fingerprint of all routes in the description of a deployment of ours.
const ROUTES: &str = ", routes ";
/// Why an export tells nothing.
const SILENT: &str = "API Gateway's exports do not show what the routes ask for";
/// Stands for an authorizer that may be another's, as a REST API's deployment does not tell.
pub const UNTOLD: &str = "(not told)";
/// How the stage of an HTTP or WebSocket API says that it has deployed by itself.
const SUCCESS: &str = "Successfully deployed stage with deployment ID ";

/// What a stage asks for, as deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Deployed {
    /// Nothing is deployed: the stage answers nobody.
    Nothing,
    /// This.
    Routes(Served),
    /// The deployment is one of ours, made for another proof; with what it asks for, where that is told.
    LockedOtherwise(Option<Served>),
    /// The stage deploys by itself, and was changed after this deployment: to be read again.
    Outdated(Option<String>),
    /// What was read of it, or of the working copy, is not whole, and what is missing: nothing is decided by it.
    CutShort(String),
    /// It cannot be told, and why.
    Unknown(String),
}

/// What a deployment asks for, by the route's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Served(BTreeMap<String, Authorization>);

impl Served {
    /// As API Gateway told of a deployment: a REST API's summary, or the routes read right after it was made and found as
    /// they were right before.
    #[must_use]
    pub fn of(deployment: &Deployment) -> Self {
        Self(deployment.routes.routes().clone())
    }

    /// As a stage's export shows it; `None` where exports do not show what routes ask for. `edited` is the export of the
    /// working copy, by which that is judged; it is not needed where the stage shows just what the routes, as edited, ask for.
    #[must_use]
    pub fn of_export(served: &Value, edited: Option<&Value>, routes: &[Route]) -> Option<Self> {
        let known: BTreeMap<&String, &Authorization> = routes
            .iter()
            .map(|route| (&route.key, &route.authorization))
            .collect();
        let is_as_known = |shown: &BTreeMap<String, Shown>| {
            shown.len() == known.len()
                && shown
                    .iter()
                    .all(|(key, shown)| known.get(key).is_some_and(|known| known.kind == shown.asked.kind))
        };
        let found = shown(served);
        let Some(edited) = edited else {
            let is_plain = known.values().all(|route| route.authorizer.is_none());
            return (is_plain && is_as_known(&found))
                .then(|| Self(found.into_iter().map(|(key, shown)| (key, shown.asked)).collect()));
        };
        let edited = shown(edited);
        if !is_as_known(&edited) {
            return None;
        }
        // What is shown alike is asked alike, down to which authorizer.
        let asked = |(key, shown): (String, Shown)| {
            let is_as_edited = edited.get(&key).is_some_and(|edited| edited.told == shown.told);
            let known = known.get(&key).filter(|_| is_as_edited);
            let asked = known.map_or(shown.asked, |known| (*known).clone());
            (key, asked)
        };
        Some(Self(found.into_iter().map(asked).collect()))
    }

    /// As the stage, which deploys by itself, says: its last deployment succeeded and is the one that it serves, so it has
    /// what was edited before. `since` is the deployment that it served before a change of ours.
    #[must_use]
    pub fn in_step(stage: &Stage, since: Option<&String>, routes: &[Route]) -> Option<Self> {
        (stage.is_in_step() && stage.deployment.as_ref() != since).then(|| Self(asked_by_key(routes)))
    }

    /// What it asks for at the route `key`; `None` where it has no such route.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Authorization> {
        self.0.get(key)
    }

    /// The routes.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Authorization)> {
        self.0.iter()
    }
}

impl Deployed {
    /// What each route asks for, where that is known.
    #[must_use]
    pub fn served(&self) -> Option<&Served> {
        match self {
            Self::Routes(served) => Some(served),
            _ => None,
        }
    }

    /// Which routes there are, where that is known, whatever is known of what they ask for.
    #[must_use]
    pub fn told(&self) -> Option<&Served> {
        match self {
            Self::Routes(served) | Self::LockedOtherwise(Some(served)) => Some(served),
            _ => None,
        }
    }

    /// What the exports of an HTTP API's stage and of its working copy show.
    #[must_use]
    pub fn of_exports(served: &Value, edited: &Value, routes: &[Route]) -> Self {
        let is_read = |key: &String| routes.iter().any(|route| route.key == *key);
        let missing: Vec<String> = operations(edited)
            .map(|(key, _)| key)
            .filter(|key| !is_read(key))
            .collect();
        if !missing.is_empty() {
            return Self::CutShort(words_of_reading::routes_cut_short(&missing));
        }
        Served::of_export(served, Some(edited), routes)
            .map_or_else(|| Self::Unknown(SILENT.to_owned()), Self::Routes)
    }

    /// Whether it names Lambda authorizers, of an HTTP API whose working copy has `routes`: an export knows no ids, and what the stage
    /// asks as edited has its id from there.
    #[must_use]
    pub fn has_names(&self, routes: &[Route]) -> bool {
        let Self::Routes(served) = self else { return false };
        let is_edited = |asked: &Authorization| {
            let mut edited = routes.iter().map(|route| &route.authorization);
            edited.any(|edited| edited.authorizer == asked.authorizer)
        };
        let mut asked = served.0.values();
        asked.any(|asked| asked.kind == CUSTOM && asked.authorizer.is_some() && !is_edited(asked))
    }

    /// The same with the ids of `authorizers` in place of the names that the stage's export has. The name of one that is gone, or asks
    /// another function by now, stays: nobody's id is like it.
    #[must_use]
    pub fn with_ids(mut self, export: &Value, authorizers: &[NamedAuthorizer]) -> Self {
        let id = |name: &String| {
            let mut known = authorizers.iter();
            known.find(|known| known.name == *name && has_named(export, name, &known.function_arn))
        };
        if let Self::Routes(served) = &mut self {
            for asked in served.0.values_mut().filter(|asked| asked.kind == CUSTOM) {
                if let Some(known) = asked.authorizer.as_ref().and_then(id) {
                    asked.authorizer = Some(known.id.clone());
                }
            }
        }
        self
    }

    /// What the summary of a REST API's deployment tells. None is ever made of an API without methods.
    #[must_use]
    pub fn of_summary(deployment: &Deployment) -> Self {
        if deployment.routes.is_empty() {
            return Self::CutShort(words_of_reading::summary_missing(&deployment.id));
        }
        Self::Routes(Served::of(deployment))
    }

    /// What a deployment carries that a REST API's stage serves. It does not name authorizers: only one of ours, made for this
    /// proof, is known to ask ours.
    #[must_use]
    pub fn of_rest(deployment: &Deployment, owner: &Owner, proof: &Proof) -> Self {
        if deployment.routes.is_empty() {
            return Self::of_summary(deployment);
        }
        if super::is_of_other_header(&deployment.description, owner, proof) {
            return Self::LockedOtherwise(Some(Served::of(deployment)));
        }
        let mut served = Served::of(deployment);
        let wanted = description(owner, proof, true);
        if matches!(proof, Proof::Header(_)) && !deployment.description.starts_with(&wanted) {
            let unnamed = |route: &&mut Authorization| route.kind == CUSTOM && route.authorizer.is_none();
            for route in served.0.values_mut().filter(unnamed) {
                route.authorizer = Some(UNTOLD.to_owned());
            }
        }
        Self::Routes(served)
    }

    /// Keys of methods that ask for something as edited and that a REST API's deployment does not tell of: not deployed yet,
    /// or left out.
    #[must_use]
    pub fn untold<'a>(&self, routes: &'a [Route]) -> Vec<&'a str> {
        let Some(served) = self.told() else {
            return vec![];
        };
        let is_untold = |route: &&Route| !route.authorization.is_open() && served.get(&route.key).is_none();
        routes
            .iter()
            .filter(is_untold)
            .map(|route| route.key.as_str())
            .collect()
    }

    /// The same, once the stage's export has shown which of the methods `untold` it has.
    #[must_use]
    pub fn left_out_by(self, export: &Value, untold: &[&str]) -> Self {
        let shown = operations(export).map(|(key, _)| key);
        let left_out: Vec<String> = shown.filter(|key| untold.contains(&key.as_str())).collect();
        if left_out.is_empty() {
            return self;
        }
        Self::CutShort(words_of_reading::summary_cut_short(&left_out))
    }

    /// Whether it may ask authorizers of others, as far as it was told.
    #[must_use]
    pub fn has_untold(&self) -> bool {
        let Self::Routes(served) = self else { return false };
        served
            .0
            .values()
            .any(|route| route.authorizer.as_deref() == Some(UNTOLD))
    }

    /// The same, once the stage's export has shown which authorizers a REST API's deployment asks.
    #[must_use]
    pub fn shown_by(mut self, export: &Value, owner: &Owner, proof: &Proof) -> Self {
        let function = super::authorizer_names::name(owner);
        if let (Self::Routes(served), Proof::Header(header)) = (&mut self, proof) {
            for (key, route) in &mut served.0 {
                let is_untold = route.authorizer.as_deref() == Some(UNTOLD);
                if is_untold && asks_function(export, key, &function, header) {
                    route.authorizer = None;
                }
            }
        }
        self
    }

    /// What the description of a deployment of ours tells, of an HTTP or WebSocket API that has these routes as edited;
    /// `None` where it tells nothing.
    #[must_use]
    pub fn of_description(
        deployment: &Deployment,
        r#type: OriginType,
        owner: &Owner,
        proof: &Proof,
        routes: &[Route],
    ) -> Option<Self> {
        if !is_ours(&deployment.description, owner) {
            return None;
        }
        let (what, fingerprint) = match deployment.description.split_once(ROUTES) {
            Some((what, fingerprint)) => (what, Some(fingerprint)),
            None => (deployment.description.as_str(), None),
        };
        if fingerprint == Some(&fingerprint_of(r#type, routes)) {
            return Some(Self::Routes(Served(match r#type {
                OriginType::WebSocket => handshake(routes),
                OriginType::Rest | OriginType::Http => asked_by_key(routes),
            })));
        }
        let of = |is_whole| description(owner, proof, is_whole);
        match r#type {
            _ if ![of(true), of(false)].contains(&what.to_owned()) => Some(Self::LockedOtherwise(None)),
            // Its one route was locked.
            OriginType::WebSocket if what == of(true) && *proof == Proof::Signature => {
                let connect = (CONNECT.to_owned(), Authorization::aws_iam());
                Some(Self::Routes(Served(BTreeMap::from([connect]))))
            }
            OriginType::WebSocket => Some(Self::LockedOtherwise(None)),
            OriginType::Rest | OriginType::Http => None,
        }
    }
}

/// Tells, in the description of a deployment of an HTTP or WebSocket API, which routes it carries and what they ask for.
#[must_use]
pub fn told(r#type: OriginType, routes: &[Route]) -> String {
    match r#type {
        OriginType::Rest => String::new(),
        OriginType::Http | OriginType::WebSocket => {
            format!("{ROUTES}{}", fingerprint_of(r#type, routes))
        }
    }
}

fn fingerprint_of(r#type: OriginType, routes: &[Route]) -> String {
    match r#type {
        OriginType::WebSocket => short(&handshake(routes)),
        OriginType::Rest | OriginType::Http => short(&asked_by_key(routes)),
    }
}

fn handshake(routes: &[Route]) -> BTreeMap<String, Authorization> {
    let mut routes = asked_by_key(routes);
    routes.retain(|key, _| key == CONNECT);
    routes
}

impl Stage {
    /// Its canary, where that takes traffic with a deployment of its own.
    #[must_use]
    pub fn own_canary(&self) -> Option<&str> {
        let canary = self.canary.as_ref().filter(|canary| canary.is_served)?;
        (self.deployment.as_ref() != Some(&canary.deployment)).then_some(canary.deployment.as_str())
    }

    /// Whether it says that it has deployed the last change by itself.
    #[must_use]
    pub fn is_in_step(&self) -> bool {
        let deployment = self.deployment.as_deref().filter(|_| self.auto_deploy);
        let said = self.said.as_deref().and_then(|said| said.strip_prefix(SUCCESS));
        said.zip(deployment)
            .is_some_and(|(said, id)| said.trim_matches(['\'', '.', ' ']) == id)
    }
}

#[cfg(test)]
mod tests;
