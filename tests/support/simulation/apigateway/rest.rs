//! Operations on REST APIs.

use super::super::account::Account;
use super::super::history;
use super::super::refusal::{Outcome, Refusal};
use super::{Route, bad, unknown};
use palisade::aws::cloud::Page;
use palisade::domain::access::asked::api::Observed;
use palisade::domain::access::asked::carried::Carried;
use palisade::domain::access::authorization::{self, Authorization};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const AUTHORIZATIONS: [&str; 4] = ["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"];

impl Account {
    pub fn get_rest_api(&self, region: &str, id: &str) -> Outcome<Observed> {
        Ok(self.api(region, id, true)?.observed.clone())
    }

    pub fn get_rest_stage(&self, region: &str, id: &str, stage: &str) -> Outcome<authorization::Stage> {
        Ok(self.api(region, id, true)?.stage(stage)?.observed())
    }

    /// Pages are counted in resources, of which each has some methods.
    pub fn list_methods(
        &self,
        region: &str,
        id: &str,
        marker: Option<&str>,
    ) -> Outcome<Page<authorization::Route>> {
        let mut resources = BTreeMap::<&str, Vec<authorization::Route>>::new();
        for (key, route) in &self.api(region, id, true)?.working {
            let path = key.split_once(' ').map_or("", |(_, path)| path);
            resources.entry(path).or_default().push(observed(key, route));
        }
        let resources = resources
            .into_iter()
            .map(|(path, routes)| (path.to_owned(), routes))
            .collect();
        let page = history::page(resources, marker, self.page_size(500));
        Ok(Page {
            items: page.items.into_iter().flatten().collect(),
            next: page.next,
        })
    }

    pub fn get_rest_deployment(
        &self,
        region: &str,
        id: &str,
        deployment: &str,
    ) -> Outcome<authorization::Deployment> {
        let found = self.api(region, id, true)?.deployment(deployment)?;
        let summary = |route: &Route| Authorization {
            authorizer: None,
            ..route.authorization.clone()
        };
        let left_out = self.settings.summaries_leave_out;
        let is_told =
            |key: &&String| left_out.is_none_or(|left_out| !left_out.is_empty() && *key != left_out);
        let routes = found.routes.iter().filter(|(key, _)| is_told(key));
        Ok(authorization::Deployment {
            id: deployment.to_owned(),
            description: found.description.clone(),
            routes: Carried::told(routes.map(|(key, route)| (key.clone(), summary(route))).collect()),
        })
    }

    pub fn export_rest_stage(&self, region: &str, id: &str, stage: &str) -> Outcome<Value> {
        let api = self.api(region, id, true)?;
        if self.settings.exports_fail {
            return Err(Refusal::new("InternalServerError", "the API cannot be exported"));
        }
        let deployment = api.deployment(&api.stage(stage)?.deployment)?;
        let mut document = super::export::document(id, &deployment.routes);
        if !deployment.policy.is_null() {
            document["x-amazon-apigateway-policy"] = Value::clone(&deployment.policy);
        }
        if let Some(status) = self.settings.refusals_say {
            let named = self.settings.refusals_name;
            let parameters = if self.settings.refusals_lack_type || named.is_some() {
                json!({"gatewayresponse.header.x-amzn-ErrorType": format!("'{}'", named.unwrap_or_default())})
            } else {
                json!({})
            };
            document["x-amazon-apigateway-gateway-responses"] =
                json!({"DEFAULT_4XX": {"statusCode": status.to_string(), "responseParameters": parameters}});
        }
        Ok(document)
    }

    pub fn update_method(
        &mut self,
        (region, id): (&str, &str),
        resource: &str,
        method: &str,
        wanted: Authorization,
    ) -> Outcome<()> {
        let api = self.api_mut(region, id, true)?;
        let authorizers: BTreeSet<_> = api.authorizers.keys().cloned().collect();
        if !api.working.values().any(|route| route.id == resource) {
            return Err(unknown("Resource"));
        }
        let is_meant = |key: &str, route: &Route| {
            route.id == resource && key.split_once(' ').is_some_and(|(name, _)| name == method)
        };
        let found = api.working.iter_mut().find(|(key, route)| is_meant(key, route));
        let (_, route) = found.ok_or_else(|| unknown("Method"))?;
        if !AUTHORIZATIONS.contains(&wanted.kind.as_str()) {
            let known = AUTHORIZATIONS.join(", ");
            return Err(bad(format!(
                "Invalid authorization type specified. Must be one of: [{known}]"
            )));
        }
        let needs_authorizer = !["NONE", "AWS_IAM"].contains(&wanted.kind.as_str());
        let authorizer = wanted
            .authorizer
            .or_else(|| route.authorization.authorizer.clone())
            .filter(|_| needs_authorizer);
        if needs_authorizer && !authorizer.as_ref().is_some_and(|id| authorizers.contains(id)) {
            return Err(bad(
                "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS \
                 requires a valid authorizer.",
            ));
        }
        route.authorization = Authorization { authorizer, ..wanted };
        Ok(())
    }

    pub fn create_rest_deployment(&mut self, region: &str, id: &str, description: &str) -> Outcome<String> {
        let api = self.api(region, id, true)?;
        if api.working.is_empty() {
            return Err(bad("The REST API doesn't contain any methods"));
        }
        if api.working.values().any(|route| route.integration.is_null()) {
            return Err(bad("No integration defined for method"));
        }
        if !api.observed.policy.is_null() {
            check_credentials(api)?;
        }
        self.edit_before_deployment(region, id);
        Ok(self.make_deployment(&(region.to_owned(), id.to_owned()), description))
    }

    pub fn update_rest_stage(
        &mut self,
        region: &str,
        id: &str,
        stage: &str,
        deployment: &str,
    ) -> Outcome<()> {
        let api = self.api(region, id, true)?;
        api.stage(stage)?;
        if !api.deployments.contains_key(deployment) {
            return Err(bad("Deployment id does not exist"));
        }
        self.serve(&(region.to_owned(), id.to_owned()), stage, deployment);
        Ok(())
    }

    pub fn delete_rest_deployment(&mut self, region: &str, id: &str, deployment: &str) -> Outcome<()> {
        self.api_mut(region, id, true)?.delete_deployment(deployment)
    }
}

/// A policy and integrations that are called with the caller's own credentials exclude each other.
pub(super) fn check_credentials(api: &super::Api) -> Outcome<()> {
    let passes = |route: &Route| route.integration["credentials"] == "arn:aws:iam::*:user/*";
    if api.working.values().any(passes) {
        return Err(bad(
            "Caller provided credentials not allowed when resource policy is set",
        ));
    }
    Ok(())
}

fn observed(key: &str, route: &Route) -> authorization::Route {
    authorization::Route {
        key: key.to_owned(),
        id: route.id.clone(),
        authorization: route.authorization.clone(),
        integration: route.integration.clone(),
    }
}
