//! Whether viewers are let in: by what the edge locations send, and by what the API asks for, both as they are deployed.

use super::super::SimulatedCloud;
use super::super::account::Account;
use super::super::cloudfront::{Distribution, client_certificate};
use super::Stage;
use super::admission::{Request, Served, is_of_the_team};
use super::entrance::switched_off;
use super::requests::Forwarded;
use super::routing::example;
use palisade::domain::access::probe::Answer;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::identity::TAG_UID;

impl SimulatedCloud {
    /// Whether what the distribution sends, as it is deployed, is accepted by its API, as that is deployed: for each
    /// method or route that is open or asks for a signature, canaries included. A distribution that serves nobody sends
    /// nothing. Viewers of a stage that another object declares come through that one's.
    pub fn viewer_is_served(&self, distribution: &str) -> Result<(), String> {
        let state = self.lock();
        let account = &state.account;
        match account.cloudfront.all.get(distribution) {
            Some(found) => account.viewers_of(found),
            None => Ok(()),
        }
    }

    /// The same of a distribution that is nobody's, whatever stages objects declare.
    pub fn any_viewer_is_served(&self, distribution: &str) -> Result<(), String> {
        let account = &mut self.lock().account;
        let declared = std::mem::take(&mut account.declared);
        let found = account.cloudfront.all.get(distribution);
        let served = found.map_or(Ok(()), |found| account.viewers_of(found));
        account.declared = declared;
        served
    }
}

impl Account {
    pub fn viewers_of(&self, distribution: &Distribution) -> Result<(), String> {
        let mut running = distribution.running().into_iter();
        running.try_for_each(|config| self.viewers_at(distribution, config))
    }

    fn viewers_at(&self, distribution: &Distribution, config: &Element) -> Result<(), String> {
        let forwarded = match self.forward(Some(config)) {
            Ok(forwarded) => forwarded,
            Err(answer) if is_shown_a_certificate(config) => {
                return Err(format!(
                    "viewers of {} are refused by its origin: {}",
                    distribution.id,
                    words(&answer)
                ));
            }
            Err(_) => return Ok(()),
        };
        let Forwarded {
            prefix,
            entrance,
            request,
        } = forwarded;
        let Some(entrance) = entrance else {
            let off = self
                .apis
                .all
                .get(&request.key)
                .filter(|api| api.is_endpoint_off());
            if let Some(api) = off {
                let words = words(&switched_off(api, self.settings.disabled_http_status));
                return Err(format!(
                    "viewers of {} are refused by the default endpoint: {words}",
                    distribution.id
                ));
            }
            return self.viewers_of_api(distribution, request, &prefix, |_| true);
        };
        if entrance.stages().is_empty() && is_shown_a_certificate(config) {
            return Err(format!(
                "viewers of {} are led nowhere by its origin",
                distribution.id
            ));
        }
        for (key, stage) in entrance.stages() {
            let request = Request {
                key,
                ..request.clone()
            };
            self.viewers_of_api(distribution, request, &prefix, |name| name == stage)?;
        }
        Ok(())
    }

    /// Whether viewers are let in at the stages that are meant.
    fn viewers_of_api<'a>(
        &'a self,
        distribution: &Distribution,
        mut request: Request<'a>,
        prefix: &str,
        is_meant: impl Fn(&str) -> bool,
    ) -> Result<(), String> {
        let Some(api) = self.apis.all.get(&request.key) else {
            return Ok(());
        };
        request.web_socket = api.protocol() == "WEBSOCKET";
        let owner = distribution.tags.get(TAG_UID);
        let id = request.key.1.clone();
        let is_anothers = |name: &str| {
            let stage = (id.clone(), name.to_owned());
            let by = self.declared.iter().filter(|(_, declared)| **declared == stage);
            let by: Vec<&String> = by.map(|(uid, _)| uid).collect();
            !by.is_empty() && by.iter().all(|uid| Some(*uid) != owner)
        };
        let is_looked_at = |(name, _): &(&String, &Stage)| is_meant(name) && !is_anothers(name);
        for (name, stage) in api.stages.iter().filter(is_looked_at) {
            let canary = stage.canary.as_ref().filter(|canary| canary.is_served);
            let canary = canary.and_then(|canary| api.deployments.get(&canary.deployment));
            let canary = canary.map(|found| (&*found.routes, &*found.policy));
            let served = stage.served().map(|served| (&*served.routes, &*served.policy));
            let routes = served.into_iter().chain(canary);
            let routes = routes.flat_map(|(routes, policy)| routes.iter().map(move |route| (route, policy)));
            for ((route_key, route), policy) in routes {
                let (method, template) = route_key.split_once(' ').unwrap_or(("GET", "$connect"));
                let is_entry = route_key.contains(' ') || route_key == "$connect";
                if !is_entry {
                    continue;
                }
                request.method = if method == "ANY" { "GET" } else { method };
                let shown = if request.web_socket {
                    format!("{name}/$connect")
                } else {
                    format!("{name}/{}{}", request.method, example(template))
                };
                request.path = format!("{prefix}{}", example(template));
                let arn = self.method_arn(&request.key, &shown);
                let at = Served {
                    api,
                    route,
                    stage: name,
                    arn: &arn,
                    policy: Some(policy),
                };
                // What the team's own authorizer asks for, viewers have.
                let shows_key = request.headers.contains_key("x-api-key");
                let refused = match self.judge(&at, &request) {
                    _ if is_of_the_team(route) && shows_key => self.judge_key(&at, &request),
                    _ if is_of_the_team(route) => None,
                    // Customers have keys of their own, which are looked at last.
                    Some(_) if !shows_key && self.judge_without_key(&at, &request).is_none() => None,
                    refused => refused,
                };
                if let Some(answer) = refused {
                    return Err(format!(
                        "viewers of {} are refused at {route_key} of {}/{name}: {}",
                        distribution.id,
                        request.key.1,
                        words(&answer)
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Whether the origin is shown a client certificate.
fn is_shown_a_certificate(config: &Element) -> bool {
    let origins = xml::items_at(config, "Origins");
    origins
        .first()
        .copied()
        .is_some_and(|origin| client_certificate(origin).is_some())
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::Http { status, body, .. } => format!("{status} {body}"),
        Answer::EndedForCertificate(why) | Answer::Failed(why) => why.clone(),
    }
}
