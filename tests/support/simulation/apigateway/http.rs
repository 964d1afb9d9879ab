//! Operations on HTTP and WebSocket APIs.

use super::super::account::Account;
use super::super::history;
use super::super::refusal::{Outcome, Refusal};
use super::{bad, unknown};
use palisade::aws::cloud::Page;
use palisade::domain::access::asked::api::Observed;
use palisade::domain::access::asked::carried::Carried;
use palisade::domain::access::authorization::{self, Authorization};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const AUTHORIZATIONS: [&str; 4] = ["NONE", "AWS_IAM", "CUSTOM", "JWT"];

/// The id of a route's integration.
fn integration_of(route: &str) -> String {
    format!("i{route}")
}

impl Account {
    pub fn get_api(&self, region: &str, id: &str) -> Outcome<Observed> {
        Ok(self.api(region, id, false)?.observed.clone())
    }

    pub fn get_stage(&self, region: &str, id: &str, stage: &str) -> Outcome<authorization::Stage> {
        Ok(self.api(region, id, false)?.stage(stage)?.observed())
    }

    pub fn list_routes(
        &self,
        region: &str,
        id: &str,
        marker: Option<&str>,
    ) -> Outcome<Page<authorization::Route>> {
        let routes = self.api(region, id, false)?.working.iter();
        let routes = routes.map(|(key, route)| {
            let route = authorization::Route {
                key: key.clone(),
                id: route.id.clone(),
                authorization: route.authorization.clone(),
                integration: if route.integration.is_null() {
                    Value::Null
                } else {
                    json!({"target": format!("integrations/{}", integration_of(&route.id))})
                },
            };
            (route.id.clone(), route)
        });
        let mut routes: Vec<_> = routes.collect();
        routes.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(history::page(routes, marker, self.page_size(100)))
    }

    /// Each route has one of its own.
    pub fn list_integrations(
        &self,
        region: &str,
        id: &str,
        marker: Option<&str>,
    ) -> Outcome<Page<authorization::Integration>> {
        let routes = self.api(region, id, false)?.working.values();
        let found = routes.filter(|route| !route.integration.is_null()).map(|route| {
            let credentials = route.integration["credentials"].as_str();
            let found = authorization::Integration {
                id: integration_of(&route.id),
                credentials: credentials.filter(|arn| !arn.is_empty()).map(str::to_owned),
            };
            (found.id.clone(), found)
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(history::page(found, marker, self.page_size(100)))
    }

    pub fn get_deployment(
        &self,
        region: &str,
        id: &str,
        deployment: &str,
    ) -> Outcome<authorization::Deployment> {
        let found = self.api(region, id, false)?.deployment(deployment)?;
        Ok(authorization::Deployment {
            id: deployment.to_owned(),
            description: found.description.clone(),
            routes: Carried::default(),
        })
    }

    pub fn export_api(&self, region: &str, id: &str, stage: Option<&str>) -> Outcome<Value> {
        let api = self.api(region, id, false)?;
        if self.settings.exports_fail {
            return Err(Refusal::new("InternalServerError", "the API cannot be exported"));
        }
        if api.observed.protocol != "HTTP" {
            return Err(bad("Only HTTP APIs can be exported"));
        }
        let Some(stage) = stage else {
            return Ok(super::export::document(id, &api.snapshot()));
        };
        let routes = &api.deployment(&api.stage(stage)?.deployment)?.routes;
        Ok(super::export::document(id, routes))
    }

    pub fn update_route(
        &mut self,
        region: &str,
        id: &str,
        route_id: &str,
        wanted: Authorization,
    ) -> Outcome<()> {
        let api = self.api_mut(region, id, false)?;
        let authorizers: BTreeSet<_> = api.authorizers.keys().cloned().collect();
        let is_websocket = api.observed.protocol == "WEBSOCKET";
        let found = api.working.iter_mut().find(|(_, route)| route.id == route_id);
        let (key, route) = found.ok_or_else(|| unknown("Route"))?;
        if !AUTHORIZATIONS.contains(&wanted.kind.as_str()) {
            let known = AUTHORIZATIONS.join(", ");
            return Err(bad(format!(
                "Invalid authorization type {}. Must be one of: [{known}]",
                wanted.kind
            )));
        }
        if is_websocket && wanted.kind != "NONE" && key != "$connect" {
            return Err(bad(
                "Currently, authorization is restricted to the $connect route only",
            ));
        }
        let needs_authorizer = !["NONE", "AWS_IAM"].contains(&wanted.kind.as_str());
        let authorizer = wanted.authorizer.filter(|_| needs_authorizer);
        if needs_authorizer && !authorizer.as_ref().is_some_and(|id| authorizers.contains(id)) {
            return Err(bad(format!(
                "Invalid authorizer ID specified. Setting the authorization type to {} requires a valid authorizer.",
                wanted.kind
            )));
        }
        route.authorization = Authorization { authorizer, ..wanted };
        self.deploy_automatically(&(region.to_owned(), id.to_owned()));
        Ok(())
    }

    pub fn create_deployment(&mut self, region: &str, id: &str, description: &str) -> Outcome<String> {
        let api = self.api(region, id, false)?;
        if api.working.is_empty() {
            return Err(match api.observed.protocol.as_str() {
                "WEBSOCKET" => bad("At least one route is required before deploying the Api."),
                _ => bad("Unable to deploy API because no routes exist in this API"),
            });
        }
        if api.working.values().all(|route| route.integration.is_null()) {
            return Err(bad(
                "Unable to deploy API because no valid routes exist in this API",
            ));
        }
        self.edit_before_deployment(region, id);
        Ok(self.make_deployment(&(region.to_owned(), id.to_owned()), description))
    }

    pub fn update_stage(&mut self, region: &str, id: &str, stage: &str, deployment: &str) -> Outcome<()> {
        let api = self.api(region, id, false)?;
        if api.stage(stage)?.auto_deploy {
            return Err(bad(
                "Deployment ID cannot be set on this stage because AutoDeploy is enabled.",
            ));
        }
        api.deployment(deployment)?;
        self.serve(&(region.to_owned(), id.to_owned()), stage, deployment);
        Ok(())
    }

    pub fn delete_deployment(&mut self, region: &str, id: &str, deployment: &str) -> Outcome<()> {
        self.api_mut(region, id, false)?.delete_deployment(deployment)
    }
}
