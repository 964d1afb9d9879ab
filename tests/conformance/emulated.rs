//! The emulated AWS behind the real SDK, one account for all cases, one case after the other.

use crate::conformance::world::{Edit, World};
use crate::support::aws::{Emulator, emulator};
use crate::support::simulation::apigateway::{AUTHORIZER, Preloaded, RoutingRule};
use crate::support::simulation::faults::Fault;
use crate::support::simulation::settings::Settings;
use async_trait::async_trait;
use jiff::Timestamp;
use palisade::api::ProbeMethod;
use palisade::aws::cloud::Cloud;
use serde_json::{Value, json};
use std::sync::Mutex;
use tokio::sync::Mutex as Turn;

/// Whom the calls of a case belong to.
const CALLER: &str = "caller";
static TURN: Turn<()> = Turn::const_new(());

/// Runs a case on the emulator, as it is after a reset.
pub async fn emulated(case: impl AsyncFn(&dyn Cloud, &dyn World)) {
    let _turn = TURN.lock().await;
    let emulator = emulator();
    emulator.control("POST", "reset", &Value::Null);
    let world = EmulatedWorld {
        emulator,
        denied: Mutex::default(),
    };
    world.configure(Settings::instant()).await;
    let sdk = emulator.sdk_as(CALLER).await;
    case(&sdk, &world).await;
}

struct EmulatedWorld {
    emulator: &'static Emulator,
    denied: Mutex<Vec<String>>,
}

impl EmulatedWorld {
    fn foreign_web_acl(&self, id: &str, change: &Value) {
        self.emulator
            .control("PATCH", &format!("wafv2/webacls/{id}"), change);
    }
}

#[async_trait]
impl World for EmulatedWorld {
    async fn configure(&self, settings: Settings) {
        let settings = serde_json::to_value(settings).unwrap();
        self.emulator.control("PATCH", "settings", &settings);
    }

    async fn preload_api(&self, api: Preloaded) {
        let methods = api.routes.iter().map(|(route, kind)| {
            let needs_authorizer = !["NONE", "AWS_IAM"].contains(kind);
            let authorizer = needs_authorizer.then_some(AUTHORIZER);
            json!({"method": route, "authorizationType": kind, "authorizerId": authorizer})
        });
        let stages = api.stages.iter();
        let stages = stages.map(|name| {
            let mut stage =
                json!({"name": name, "autoDeploy": api.auto_deploy, "description": api.description});
            if api.has_web_acl {
                stage["webAcl"] = json!({"DefaultAction": {"Allow": {}}});
            }
            stage
        });
        let authorizer = if api.protocol == "REST" {
            json!({"id": AUTHORIZER, "name": "team", "type": "TOKEN"})
        } else {
            json!({"id": AUTHORIZER, "name": "team", "authorizerType": "REQUEST"})
        };
        let key_source = if api.keys_from_authorizer {
            "AUTHORIZER"
        } else {
            "HEADER"
        };
        let domains: Vec<Value> = api
            .domains
            .iter()
            .map(|(name, path, stage)| json!({"domainName": name, "basePath": path, "stage": stage}))
            .chain(api.rules.iter().map(routing_rule))
            .collect();
        let api = json!({
            "id": api.id, "apiKeySource": key_source, "region": api.region, "protocol": api.protocol, "stages": stages.collect::<Vec<_>>(),
            "endpointType": api.endpoint_type, "disableExecuteApiEndpoint": api.default_endpoint_disabled,
            "securityPolicy": api.security_policy.map(|(name, _)| name),
            "endpointAccessMode": api.security_policy.and_then(|(_, mode)| mode),
            "methods": methods.collect::<Vec<_>>(), "authorizers": [authorizer], "policy": api.policy, "domainNames": domains
        });
        self.emulator.control("POST", "seed", &json!({"apis": [api]}));
    }

    async fn edit_api(&self, api: &str, edit: Edit) {
        let change = match edit {
            Edit::Remove(route) => json!({"removeMethods": [route]}),
            Edit::AddUnfinished(route) => json!({"methods": [{"method": route, "integration": null}]}),
            Edit::Redirect(route) => {
                let next = json!({"type": "HTTP_PROXY", "uri": "https://next.example.com"});
                json!({"methods": [{"method": route, "integration": next}]})
            }
            Edit::PassCredentials(route) => {
                let function = "arn:aws:lambda:eu-north-1:123456789012:function:shop";
                let passing = json!({"integrationType": "AWS_PROXY", "integrationMethod": "POST", "integrationUri": function,
                    "credentialsArn": "arn:aws:iam::*:user/*"});
                json!({"methods": [{"method": route, "integration": passing}]})
            }
            Edit::SetPolicy(policy) => json!({"policy": policy}),
        };
        let path = format!("apigateway/eu-north-1/{api}");
        self.emulator.control("PATCH", &path, &change);
    }

    async fn delete_api(&self, api: &str) {
        let path = format!("apigateway/eu-north-1/{api}");
        self.emulator.control("PATCH", &path, &json!({"delete": true}));
    }

    async fn preload_certificate(&self, region: &str, names: &[&str]) -> String {
        let certificate = json!({"domain": names[0], "alternativeNames": &names[1..], "region": region});
        let made = self
            .emulator
            .control("POST", "seed", &json!({"certificates": [certificate]}));
        made["certificates"][0]["arn"].as_str().unwrap().to_owned()
    }

    async fn preload_zone(&self, id: &str, name: &str, is_private: bool) {
        let zone = json!({"id": id, "name": name, "private": is_private});
        self.emulator
            .control("POST", "seed", &json!({"hostedZones": [zone]}));
    }

    async fn preload_bucket(&self, region: &str, name: &str, is_versioned: bool) {
        let versioning = if is_versioned { "Enabled" } else { "" };
        let bucket = json!({"name": name, "region": region, "versioning": versioning});
        self.emulator
            .control("POST", "seed", &json!({"buckets": [bucket]}));
    }

    async fn preload_topic(&self, name: &str) -> String {
        let topic = json!({"name": name, "region": "us-east-1"});
        self.emulator.control("POST", "seed", &json!({"topics": [topic]}));
        format!("arn:aws:sns:us-east-1:123456789012:{name}")
    }

    async fn preload_role(&self, name: &str, service: &str, policies: &[&str]) -> String {
        let statement =
            json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
        let trust = json!({"Version": "2012-10-17", "Statement": [statement]});
        let role = json!({"name": name, "trustPolicy": trust, "managedPolicies": policies});
        let made = self.emulator.control("POST", "seed", &json!({"roles": [role]}));
        made["roles"][0]["arn"].as_str().unwrap().to_owned()
    }

    async fn preload_requests(&self, web_acl: &str, at: Timestamp, requests: i64, are_blocked: bool) {
        let name = if are_blocked {
            "BlockedRequests"
        } else {
            "AllowedRequests"
        };
        let dimensions = json!({"WebACL": web_acl, "Rule": "ALL"});
        let metric = json!({"namespace": "AWS/WAFV2", "name": name, "dimensions": dimensions, "at": at.as_second(), "value": requests});
        self.emulator
            .control("POST", "seed", &json!({"metrics": [metric]}));
    }

    async fn view_by(
        &self,
        scheme: &str,
        host: &str,
        path: &str,
        method: ProbeMethod,
    ) -> (u16, Option<String>) {
        let protocol = ("x-emulated-viewer-protocol", scheme);
        self.emulator.ask(method.as_str(), host, path, &[protocol])
    }

    async fn deny(&self, action: &str) {
        let denied = {
            let mut denied = self.denied.lock().unwrap();
            denied.push(action.to_owned());
            denied.clone()
        };
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": denied, "Resource": "*"}
        ]});
        let user = json!({
            "name": CALLER, "accessKeyId": CALLER, "secretAccessKey": "secret", "policyDocument": policy
        });
        self.emulator.control("POST", "seed", &json!({"users": [user]}));
        self.emulator
            .control("PATCH", "settings", &json!({"enforceIam": true}));
    }

    async fn strike(&self, operation: &'static str, fault: Fault) {
        let (service, name) = operation.split_once(':').unwrap();
        let service = match service {
            "tagging" => "resourcegroupstaggingapi",
            "pricingplanmanager" => "pricing-plan-manager",
            service => service,
        };
        let mut rule = match fault {
            Fault::Throttle => json!({"kind": "throttle"}),
            Fault::ServerError => {
                let code = if service == "wafv2" {
                    "WAFInternalErrorException"
                } else {
                    "ServiceUnavailable"
                };
                json!({"kind": "error", "code": code, "status": 503})
            }
            Fault::Refusal(code, message) => {
                json!({"kind": "error", "code": code, "status": 400, "message": message})
            }
            Fault::LostAnswer => json!({"kind": "lostAnswer"}),
            Fault::LostRequest => json!({"kind": "lostRequest"}),
            Fault::TruncatedPage => json!({"kind": "truncatedList"}),
            Fault::ForeignWrite | Fault::CrashBefore | Fault::CrashAfter => {
                unreachable!("{fault:?} needs the simulation")
            }
        };
        for (key, value) in [
            ("service", json!(service)),
            ("operation", json!(name)),
            ("count", json!(-1)),
        ] {
            rule[key] = value;
        }
        self.emulator.fault(&rule);
    }

    async fn add_foreign_rule(&self, web_acl_id: &str, rule: Value) {
        self.foreign_web_acl(web_acl_id, &json!({"appendRules": [rule]}));
    }

    async fn set_foreign_field(&self, web_acl_id: &str, key: &str, value: Value) {
        self.foreign_web_acl(web_acl_id, &json!({key: value}));
    }

    async fn add_unknown_element(&self, distribution_id: &str) {
        let path = format!("cloudfront/distributions/{distribution_id}");
        let change = json!({"setXml": {"NewerThanAnyClient": "<Enabled>true</Enabled>"}});
        self.emulator.control("PATCH", &path, &change);
    }
}

fn routing_rule(rule: &RoutingRule) -> Value {
    let condition = json!({"matchBasePaths": {"anyOf": [rule.path]}});
    let conditions = if rule.path.is_empty() {
        vec![]
    } else {
        vec![condition]
    };
    json!({"domainName": rule.domain, "routingMode": rule.mode, "stage": rule.stage,
        "routingRule": {"priority": rule.priority, "conditions": conditions}})
}
