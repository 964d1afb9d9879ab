//! What both doubles of AWS answer, beside what AWS really answered, as the product reads the one and the other: what is nothing or
//! empty here is so there. One round through each double makes one of each kind and asks for it.

use super::folder::{self, by_operation, by_step, is_made_by_hand};
use super::listening::{Heard, Listening, heard};
use super::reading::{read, step_of_api_gateway, step_of_others};
use super::shown::Shown;
use crate::conformance::emulated::emulated;
use crate::conformance::world::{World, settings, simulated};
use crate::support::pieces::{self, tags, text};
use crate::support::simulation::apigateway::Preloaded;
use palisade::aws::cloud::Cloud;
use palisade::domain::access::credentials::api_key::{KeyCreation, UsagePlanCreation};
use palisade::domain::edge::certificate::Request;
use palisade::domain::kernel::secret::Secret;
use palisade::domain::shield::protection;
use palisade::domain::signer::role;
use palisade::domain::tenancy::account::Assumption;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const REGION: &str = "eu-north-1";
const REST: &str = "petstore00";
const HTTP: &str = "orders0000";
/// With fewer instances, that a member is always there proves little.
const ENOUGH: usize = 4;
/// What the reading makes: a namespace is left out where it is the resource's own, which recordings of one method do not name.
const NOT_OF_THE_ANSWER: [&str; 1] = ["ListMethods.items[].integration.cacheNamespace"];

/// Makes one of each kind of which there are recordings, and asks for it.
async fn go_round(cloud: &dyn Cloud, world: &dyn World) {
    world
        .configure(settings(|it| it.shield_subscription = true))
        .await;
    let perimeter = pieces::build(cloud, "petstore").await;
    go_round_the_edge(cloud, &perimeter).await;
    let domains = vec![("api.example.com", "v1", "prod")];
    let rest = Preloaded {
        domains,
        ..Preloaded::rest(REGION, REST, &["prod"])
    };
    world.preload_api(rest).await;
    world.preload_api(Preloaded::http(REGION, HTTP, &["prod"])).await;
    go_round_apis(cloud).await;
    world.preload_zone("Z0PUBLIC", "example.com", false).await;
    world.preload_zone("Z0PRIVATE", "example.net", true).await;
    for zone in ["Z0PUBLIC", "Z0PRIVATE"] {
        cloud.get_hosted_zone(text(zone)).await.unwrap();
    }
    let request = Request {
        region: text("us-east-1"),
        names: vec![text("api.example.com")],
        token: text("a1"),
        tags: tags("petstore"),
    };
    let certificate = cloud.request_certificate(request).await.unwrap();
    cloud.describe_certificate(certificate).await.unwrap();
    let trust = json!({"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"});
    let spoke = role::Creation {
        trust: json!({"Version": "2012-10-17", "Statement": [trust]}),
        ..pieces::role("spoke")
    };
    let wanted = Assumption {
        role_arn: cloud.create_role(spoke).await.unwrap().arn,
        external_id: None,
        session_tags: BTreeMap::new(),
        session_name: text("palisade"),
    };
    cloud.assume_role(wanted).await.unwrap();
}

async fn go_round_the_edge(cloud: &dyn Cloud, perimeter: &pieces::Perimeter) {
    let name = text("petstore");
    cloud
        .get_function_configuration(name.clone(), Some(text("1")))
        .await
        .unwrap();
    let acl = &perimeter.web_acl;
    cloud.get_web_acl(acl.id.clone(), acl.name.clone()).await.unwrap();
    cloud.list_web_acls(None).await.unwrap();
    cloud.list_waf_tags(acl.arn.clone()).await.unwrap();
    let logs = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-petstore";
    let logging = json!({"ResourceArn": acl.arn, "LogDestinationConfigs": [logs]});
    cloud.put_logging_configuration(logging).await.unwrap();
    cloud.list_logging_configurations(None).await.unwrap();
    let distribution = &perimeter.distribution;
    cloud.get_distribution(distribution.id.clone()).await.unwrap();
    cloud.list_distributions(None).await.unwrap();
    cloud
        .list_distribution_tags(distribution.arn.clone())
        .await
        .unwrap();
    let protection = protection::Creation {
        name,
        resource_arn: distribution.arn.clone(),
        tags: tags("petstore"),
    };
    let id = cloud.create_protection(protection).await.unwrap();
    cloud.describe_subscription().await.unwrap();
    cloud.list_protections(None).await.unwrap();
    let arn = format!("arn:aws:shield::123456789012:protection/{id}");
    cloud.list_protection_tags(arn).await.unwrap();
}

async fn go_round_apis(cloud: &dyn Cloud) {
    let (region, api, stage) = (|| text(REGION), || text(REST), || text("prod"));
    cloud.get_rest_api(region(), api()).await.unwrap();
    let served = cloud.get_rest_stage(region(), api(), stage()).await.unwrap();
    cloud.list_rest_stages(region(), api()).await.unwrap();
    let methods = cloud.list_methods(region(), api(), None).await.unwrap();
    let route = methods
        .items
        .into_iter()
        .find(|route| route.key == "GET /pets")
        .unwrap();
    let update = cloud.update_method(region(), api(), route.id, text("GET"), route.authorization);
    update.await.unwrap();
    let update = cloud.update_rest_stage(region(), api(), stage(), served.deployment.unwrap());
    update.await.unwrap();
    cloud.export_rest_stage(region(), api(), stage()).await.unwrap();
    cloud.list_domain_names(region(), None).await.unwrap();
    let key = KeyCreation {
        name: text("petstore"),
        value: Secret::new("palisade-test-value-of-enough-length"),
        description: text("of a test"),
        tags: tags("petstore"),
    };
    let key = cloud.create_api_key(region(), key).await.unwrap();
    cloud.get_api_key(region(), key.id.clone()).await.unwrap();
    let plan = UsagePlanCreation {
        name: text("petstore"),
        description: text("of a test"),
        stage: (api(), stage()),
        tags: tags("petstore"),
    };
    let plan = cloud.create_usage_plan(region(), plan).await.unwrap();
    cloud.get_usage_plan(region(), plan.id.clone()).await.unwrap();
    cloud
        .create_usage_plan_key(region(), plan.id.clone(), key.id)
        .await
        .unwrap();
    cloud.list_usage_plan_keys(region(), plan.id, None).await.unwrap();
    cloud.get_api(region(), text(HTTP)).await.unwrap();
    cloud.get_stage(region(), text(HTTP), stage()).await.unwrap();
    cloud.list_stages(region(), text(HTTP), None).await.unwrap();
}

/// What AWS answered, as the product reads it.
async fn recorded(folder: &Path) -> Heard {
    let reading = async {
        for recording in by_operation(folder) {
            if recording.data.get("Error").is_none() && !is_made_by_hand(&recording) {
                read(&recording).await;
            }
        }
        for file in ["api", "canary", "extended", "integrations"] {
            for (_, data) in by_step(folder, &format!("test_apigateway_{file}")) {
                step_of_api_gateway(&data).await;
            }
        }
        for file in ["test_sts", "test_acm", "test_route53", "test_lambda"] {
            for (_, data) in by_step(folder, file) {
                step_of_others(&data).await;
            }
        }
    };
    Box::pin(heard(reading)).await
}

/// Structures by their places, with how each of their members is; the items of a list share theirs.
type Structures<'a> = BTreeMap<String, Vec<BTreeMap<&'a str, &'static str>>>;

fn structures<'a>(value: &'a Shown, place: &str, into: &mut Structures<'a>) {
    match value {
        Shown::Nothing | Shown::Text(_) => {}
        Shown::Items(items) => {
            for item in items {
                structures(item, &format!("{place}[]"), into);
            }
        }
        Shown::Members(members) => {
            let how = members.iter().map(|(name, value)| (name.as_str(), value.how()));
            into.entry(place.to_owned()).or_default().push(how.collect());
            for (name, value) in members {
                structures(value, &format!("{place}.{}", shared(name)), into);
            }
        }
    }
}

/// Paths, methods, statuses and types of media are names that users give.
fn shared(name: &str) -> &str {
    const METHODS: [&str; 7] = ["delete", "get", "head", "options", "patch", "post", "put"];
    let is_given = name.contains('/') || METHODS.contains(&name) || name.parse::<u16>().is_ok();
    if is_given { "{}" } else { name }
}

/// Members that `answers` have as nothing or empty, or lack, and no recording.
fn differences(name: &str, answers: &[Shown], recordings: &[Shown]) -> BTreeSet<String> {
    let (mut ours, mut told) = (Structures::new(), Structures::new());
    for answer in answers {
        structures(answer, name, &mut ours);
    }
    for answer in recordings {
        structures(answer, name, &mut told);
    }
    let mut found = BTreeSet::new();
    for (place, instances) in &told {
        let members: BTreeSet<&str> = instances.iter().flat_map(|it| it.keys().copied()).collect();
        for member in members {
            let of = |it: &BTreeMap<&str, &'static str>| it.get(member).copied().unwrap_or("absent");
            let real: BTreeSet<&str> = instances.iter().map(of).collect();
            for how in ours.get(place).into_iter().flatten().map(of) {
                let is_proven = how != "absent" || instances.len() >= ENOUGH;
                if how != "value" && !real.contains(how) && is_proven {
                    found.insert(format!("{place}.{member} is {how}; AWS's is {real:?}"));
                }
            }
        }
    }
    found
}

/// What is wrong with the answers of a round, beside `recorded`.
fn wrong(round: &Heard, recorded: &Heard) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, recordings) in recorded {
        match round.get(name) {
            None => wrong.push(format!("nobody asked for {name}")),
            Some(answers) => wrong.extend(differences(name, answers, recordings)),
        }
    }
    wrong.retain(|found| !NOT_OF_THE_ANSWER.iter().any(|place| found.starts_with(place)));
    wrong
}

/// A round of a double.
async fn round(cloud: &dyn Cloud, world: &dyn World) -> Heard {
    heard(go_round(&Listening(cloud), world)).await
}

#[tokio::test]
async fn the_simulation_answers_as_aws_does() {
    let Some(folder) = folder::folder() else { return };
    let recorded = Box::pin(recorded(&folder)).await;
    assert!(recorded.len() >= 25, "{:?}", recorded.keys());
    simulated(async |cloud: &dyn Cloud, world: &dyn World| {
        assert_eq!(wrong(&round(cloud, world).await, &recorded), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn the_emulator_answers_as_aws_does() {
    let Some(folder) = folder::folder() else { return };
    let recorded = Box::pin(recorded(&folder)).await;
    emulated(async |cloud: &dyn Cloud, world: &dyn World| {
        assert_eq!(wrong(&round(cloud, world).await, &recorded), [""; 0]);
    })
    .await;
}

#[test]
fn a_difference_is_found() {
    let one = |tags: &str| Shown::read(&format!("Get(Key {{ id: \"k\", tags: {tags} }})"));
    let recordings = vec![one("Some({})"); ENOUGH];
    assert!(differences("Get", &[one("Some({})")], &recordings).is_empty());
    let found = differences(
        "Get",
        &[one("None"), Shown::read("Get(Key { id: \"\" })")],
        &recordings,
    );
    let expected = [
        "Get.id is empty; AWS's is {\"value\"}",
        "Get.tags is absent; AWS's is {\"empty\"}",
        "Get.tags is null; AWS's is {\"empty\"}",
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}
