//! Resource policies of REST APIs, stages, and custom domain names.

use crate::conformance::world::{Edit, World, conformance, refused};
use crate::support::simulation::apigateway::{Preloaded, RoutingRule};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{NotFound, Terminal};
use palisade::domain::access::obstacles::other_doors::Mapping;
use serde_json::{Value, json};

conformance!(
    an_api_without_a_policy_tells_so,
    a_policy_is_read_as_it_was_written_short_forms_written_out,
    a_policy_is_not_deployed_by_being_edited,
    an_empty_policy_takes_it_away,
    a_policy_that_is_none_is_refused,
    a_policy_over_8192_bytes_is_refused,
    stages_of_every_type_are_listed_with_what_they_serve,
    custom_domain_names_lead_to_apis_of_every_type,
    routing_rules_of_domain_names_lead_to_stages,
    what_is_not_there_is_not_found,
);

const REGION: &str = "eu-north-1";
const API: &str = "petstore00";

fn region() -> String {
    REGION.to_owned()
}

fn allow(resource: &str) -> Value {
    json!({"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource})
}

fn deny_others() -> Value {
    json!({"Sid": "OnlyOne", "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
        "Resource": [format!("arn:aws:execute-api:{REGION}:123456789012:{API}/prod/*")],
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/palisade/one"}}})
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

async fn preload(world: &dyn World) {
    world.preload_api(Preloaded::rest(REGION, API, &["prod"])).await;
}

async fn set(cloud: &dyn Cloud, policy: &str) -> Result<(), palisade::aws::cloud::CloudError> {
    cloud
        .update_rest_api_policy(region(), API.to_owned(), policy.to_owned())
        .await
}

async fn edited(cloud: &dyn Cloud) -> Value {
    cloud.get_rest_api(region(), API.to_owned()).await.unwrap().policy
}

/// The policy as the stage's export has it.
async fn served(cloud: &dyn Cloud) -> Value {
    let export = cloud
        .export_rest_stage(region(), API.to_owned(), "prod".to_owned())
        .await;
    export.unwrap()["x-amazon-apigateway-policy"].clone()
}

async fn an_api_without_a_policy_tells_so(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    assert_eq!(
        (edited(cloud).await, served(cloud).await),
        (Value::Null, Value::Null)
    );
}

async fn a_policy_is_read_as_it_was_written_short_forms_written_out(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let agents = json!({"Sid": "Quoted", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "execute-api:Invoke",
        "Resource": "execute-api:/dev/*", "Condition": {"StringLike": {"aws:UserAgent": "a \"quoted\" \\ agent"}}});
    let written = policy(&[allow("execute-api:/*"), agents.clone(), deny_others()]);
    set(cloud, &written.to_string()).await.unwrap();
    let full = |rest: &str| json!(format!("arn:aws:execute-api:{REGION}:123456789012:{API}/{rest}"));
    let mut wanted = written;
    wanted["Statement"][0]["Resource"] = full("*");
    wanted["Statement"][1]["Resource"] = full("dev/*");
    assert_eq!(edited(cloud).await, wanted);
}

async fn a_policy_is_not_deployed_by_being_edited(cloud: &dyn Cloud, world: &dyn World) {
    let before = policy(&[allow(&format!(
        "arn:aws:execute-api:{REGION}:123456789012:{API}/*"
    ))]);
    let api = Preloaded {
        policy: Some(before.clone()),
        ..Preloaded::rest(REGION, API, &["prod"])
    };
    world.preload_api(api).await;
    let after = policy(&[deny_others()]);
    world.edit_api(API, Edit::SetPolicy(after.clone())).await;
    assert_eq!(
        (edited(cloud).await, served(cloud).await),
        (after.clone(), before)
    );
    let made = cloud
        .create_rest_deployment(region(), API.to_owned(), String::new())
        .await
        .unwrap();
    cloud
        .update_rest_stage(region(), API.to_owned(), "prod".to_owned(), made)
        .await
        .unwrap();
    assert_eq!(served(cloud).await, after);
}

async fn an_empty_policy_takes_it_away(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    set(cloud, &policy(&[deny_others()]).to_string()).await.unwrap();
    set(cloud, "").await.unwrap();
    assert_eq!(edited(cloud).await, Value::Null);
}

async fn a_policy_that_is_none_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    for text in ["{", "{}"] {
        refused(set(cloud, text).await, "BadRequestException", Terminal);
    }
    assert_eq!(edited(cloud).await, Value::Null);
}

async fn a_policy_over_8192_bytes_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let resource =
        |name: usize| format!("arn:aws:execute-api:{REGION}:123456789012:{API}/prod/GET/{name:04}");
    let of = |count: usize| {
        let mut statement = deny_others();
        statement["Resource"] = (0..count).map(resource).collect();
        policy(&[statement]).to_string()
    };
    set(cloud, &of(100)).await.unwrap();
    let before = edited(cloud).await;
    let error = set(cloud, &of(150)).await.unwrap_err();
    assert_eq!(error.code, "LimitExceededException", "{error}");
    assert_eq!(edited(cloud).await, before);
}

async fn stages_of_every_type_are_listed_with_what_they_serve(cloud: &dyn Cloud, world: &dyn World) {
    world
        .preload_api(Preloaded::rest(REGION, API, &["dev", "prod"]))
        .await;
    world
        .preload_api(Preloaded::http(REGION, "http000000", &["$default"]))
        .await;
    let mut stages = cloud.list_rest_stages(region(), API.to_owned()).await.unwrap();
    stages.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<_> = stages
        .iter()
        .map(|stage| (stage.name.as_str(), stage.stage.auto_deploy))
        .collect();
    assert_eq!(names, [("dev", false), ("prod", false)]);
    let prod = cloud
        .get_rest_stage(region(), API.to_owned(), "prod".to_owned())
        .await
        .unwrap();
    assert_eq!(stages[1].stage, prod);
    let page = cloud
        .list_stages(region(), "http000000".to_owned(), None)
        .await
        .unwrap();
    assert_eq!(page.next, None);
    assert_eq!(
        (page.items[0].name.as_str(), page.items[0].stage.auto_deploy),
        ("$default", true)
    );
}

async fn custom_domain_names_lead_to_apis_of_every_type(cloud: &dyn Cloud, world: &dyn World) {
    let rest = Preloaded {
        domains: vec![
            ("api.example.com", "", "prod"),
            ("api.example.com", "v1/pets", "prod"),
        ],
        ..Preloaded::rest(REGION, API, &["prod"])
    };
    let http = Preloaded {
        domains: vec![("orders.example.com", "orders", "$default")],
        ..Preloaded::http(REGION, "http000000", &["$default"])
    };
    let elsewhere = Preloaded {
        domains: vec![("far.example.com", "", "prod")],
        ..Preloaded::rest("us-west-2", "far0000000", &["prod"])
    };
    for api in [rest, http, elsewhere] {
        world.preload_api(api).await;
    }
    let page = cloud.list_domain_names(region(), None).await.unwrap();
    let mut domains = page.items;
    domains.sort_by(|a, b| a.name.cmp(&b.name));
    for domain in &domains {
        let targets: Vec<&str> = domain.targets.iter().map(String::as_str).collect();
        assert!(
            matches!(targets[..], [target] if target.starts_with("d-") && target.ends_with(&format!(".execute-api.{REGION}.amazonaws.com"))),
            "{targets:?}"
        );
    }
    let domains: Vec<String> = domains.into_iter().map(|domain| domain.name).collect();
    assert_eq!(
        (domains, page.next),
        (
            vec!["api.example.com".to_owned(), "orders.example.com".to_owned()],
            None
        )
    );
    let mappings = async |domain: &str| {
        let page = cloud
            .list_api_mappings(region(), domain.to_owned(), None)
            .await
            .unwrap();
        let mut found = page.items;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    };
    let mapping = |domain: &str, path: &str, api: &str, stage: &str| Mapping {
        domain: domain.to_owned(),
        path: path.to_owned(),
        rule: None,
        api_id: api.to_owned(),
        stage: stage.to_owned(),
    };
    let name = "api.example.com";
    assert_eq!(
        mappings(name).await,
        [
            mapping(name, "", API, "prod"),
            mapping(name, "v1/pets", API, "prod")
        ]
    );
    let name = "orders.example.com";
    assert_eq!(
        mappings(name).await,
        [mapping(name, "orders", "http000000", "$default")]
    );
}

async fn routing_rules_of_domain_names_lead_to_stages(cloud: &dyn Cloud, world: &dyn World) {
    let rule = |priority, path| RoutingRule {
        domain: "api.example.com",
        mode: "ROUTING_RULE_THEN_API_MAPPING",
        priority,
        path,
        stage: "prod",
    };
    let api = Preloaded {
        domains: vec![
            ("api.example.com", "v0", "prod"),
            ("plain.example.com", "", "prod"),
        ],
        rules: vec![rule(10, "v1"), rule(20, "")],
        ..Preloaded::rest(REGION, API, &["prod"])
    };
    world.preload_api(api).await;
    let mut domains = cloud.list_domain_names(region(), None).await.unwrap().items;
    domains.sort_by(|a, b| a.name.cmp(&b.name));
    let asked: Vec<_> = domains
        .iter()
        .map(|domain| (domain.name.as_str(), domain.has_mappings, domain.has_rules))
        .collect();
    assert_eq!(
        asked,
        [
            ("api.example.com", true, true),
            ("plain.example.com", true, false)
        ]
    );
    let page = cloud
        .list_routing_rules(region(), "api.example.com".to_owned(), None)
        .await
        .unwrap();
    let mut found: Vec<_> = page
        .items
        .iter()
        .map(|rule| (rule.rule.as_deref(), rule.path.as_str(), rule.stage.as_str()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, [(Some("10"), "v1", "prod"), (Some("20"), "", "prod")]);
    assert!(page.items.iter().all(|rule| rule.api_id == API));
    let gone = cloud
        .list_routing_rules(region(), "no.example.com".to_owned(), None)
        .await;
    refused(gone, "NotFoundException", NotFound);
}

async fn what_is_not_there_is_not_found(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let none = || "missing000".to_owned();
    let policy = cloud
        .update_rest_api_policy(region(), none(), String::new())
        .await;
    refused(policy, "NotFoundException", NotFound);
    refused(
        cloud.list_rest_stages(region(), none()).await,
        "NotFoundException",
        NotFound,
    );
    refused(
        cloud.list_stages(region(), none(), None).await,
        "NotFoundException",
        NotFound,
    );
    let mappings = cloud
        .list_api_mappings(region(), "no.example.com".to_owned(), None)
        .await;
    refused(mappings, "NotFoundException", NotFound);
}
