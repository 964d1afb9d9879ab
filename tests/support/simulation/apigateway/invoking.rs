//! A request at the API as deployed, whichever way it came.

use super::super::account::Account;
use super::Api;
use super::admission::{Request, Served, answer, backend, marked, refusal};
use super::entrance::switched_off;
use super::routing::{route_of, stage_of};
use palisade::domain::access::probe::Answer;
use serde_json::json;

impl Account {
    pub(super) fn invoke(&self, request: &Request<'_>) -> Answer {
        match self.apis.all.get(&request.key) {
            Some(api) => {
                let mut given = self.invoke_api(api, request);
                if let (Some(shown), Answer::Http { status, headers, .. }) =
                    (self.settings.refusals_say, &mut given)
                    && headers.contains_key("x-amzn-errortype")
                {
                    *status = shown;
                    if self.settings.refusals_lack_type {
                        headers.remove("x-amzn-errortype");
                    }
                    if let Some(name) = self.settings.refusals_name {
                        headers.insert("x-amzn-errortype".to_owned(), name.to_owned());
                    }
                }
                marked(api.protocol(), given)
            }
            None => marked("REST", refusal(403, "ForbiddenException", "Forbidden")),
        }
    }

    fn invoke_api(&self, api: &Api, request: &Request<'_>) -> Answer {
        let is_past_it = request.by_domain_name && !self.settings.names_go_with_endpoint;
        if api.is_endpoint_off() && !is_past_it {
            return switched_off(api, self.settings.disabled_http_status);
        }
        let Some((stage, path)) = stage_of(api, &request.path) else {
            return no_stage(api);
        };
        // It is asked before anything else is.
        if api
            .stages
            .get(&stage)
            .is_some_and(|found| found.blocks(request.through_cloudfront))
        {
            return refusal(403, "ForbiddenException", "Forbidden");
        }
        let served = api.stages.get(&stage).and_then(|found| found.served());
        let found = served.and_then(|served| match api.observed.protocol.as_str() {
            "WEBSOCKET" => served.routes.get_key_value("$connect"),
            protocol => route_of(protocol == "HTTP", &served.routes, request.method, path),
        });
        let socket = api.protocol() == "WEBSOCKET";
        if socket && !request.web_socket {
            return answer(426, &[], &json!({"message": "Upgrade Required"}));
        }
        let resource = if socket {
            format!("{stage}/$connect")
        } else {
            format!("{stage}/{}{path}", request.method)
        };
        let arn = self.method_arn(&request.key, &resource);
        match found {
            Some((_, route)) => {
                let policy = served.map(|served| &*served.policy);
                let at = Served {
                    api,
                    route,
                    stage: &stage,
                    arn: &arn,
                    policy,
                };
                self.admit(&at, request)
            }
            // A WebSocket API without $connect takes everybody.
            None if socket => backend(&self.settings, true),
            None if api.is_rest() => refusal(
                403,
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ),
            None => answer(404, &[], &json!({"message": "Not Found"})),
        }
    }
}

fn no_stage(api: &Api) -> Answer {
    match api.protocol() {
        "HTTP" => answer(404, &[], &json!({"message": "Not Found"})),
        _ => refusal(403, "ForbiddenException", "Forbidden"),
    }
}
