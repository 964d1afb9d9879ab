//! What else leads to the API, its other stages and custom domain names, is told.

use super::exclusive::is_locked;
use super::petstore::API;
use super::scenes::{CERTIFICATE, NAME, UNREADABLE, ZONE, cluster, fail, own_calls, quiet, ready, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::{Preloaded, RoutingRule};
use super::support::simulation::faults::Fault;
use super::support::simulation::settings::Settings;
use palisade::api::OtherDoorState::{self, Locked, Open};
use std::time::Duration;

/// Name and state of each other door that status tells of.
fn doors(cluster: &Cluster) -> Vec<(String, OtherDoorState)> {
    let access = cluster.objects[NAME].status.clone().unwrap().access.unwrap();
    access
        .other_doors
        .into_iter()
        .map(|door| (door.name, door.state))
        .collect()
}

/// A custom domain name whose viewers come by the distribution holds no lock.
fn aliases(name: &str) -> String {
    format!("distribution: {{aliases: [{name}], certificateArn: '{CERTIFICATE}', hostedZoneId: {ZONE}}}")
}

#[tokio::test(start_paused = true)]
async fn other_stages_and_domain_names_are_told_and_do_not_hold_ready_back() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &["prod", "dev"]));
    cluster.cloud.map_domain("api.example.com", "v1", API, "prod");
    cluster.apply(NAME, &aliases("api.example.com"));
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    let found = doors(&cluster);
    assert_eq!(
        found,
        [
            ("dev".to_owned(), Open),
            ("api.example.com/v1".to_owned(), Locked)
        ]
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains("past the perimeter, until each of these stages has a ProtectedApi of its own: stage dev (stands open)"),
        "{said}"
    );
    assert!(said.contains("api.example.com/v1"), "{said}");
    quiet(&mut cluster, NAME).await;
    let calls = own_calls(&cluster);
    assert!(!calls.iter().any(|call| call.contains("GetStages")), "{calls:?}");
    assert_eq!(
        cluster.message(NAME, "AccessRestricted"),
        said,
        "it is told again without a look"
    );
    cluster.cloud.delete_stage(API, "dev");
    resyncs(&mut cluster, 7).await;
    assert_eq!(doors(&cluster), [("api.example.com/v1".to_owned(), Locked)]);
}

#[tokio::test(start_paused = true)]
async fn domain_names_are_read_once_for_all_objects_and_seldom() {
    let mut cluster = Cluster::new(Settings::default());
    let mut names = vec![];
    for number in 0..3 {
        let id: &'static str = Box::leak(format!("many{number:06}").into_boxed_str());
        cluster
            .cloud
            .preload_api(&Preloaded::rest("eu-north-1", id, &["prod", "dev"]));
        cluster
            .cloud
            .map_domain(&format!("{id}.example.com"), "", id, "dev");
        let spec = format!(
            "origin: {{endpoint: {id}.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}}"
        );
        cluster.apply_spec(id, serde_yaml::from_str(&spec).unwrap());
        names.push(id);
    }
    let is_ready = |cluster: &Cluster| {
        names
            .iter()
            .all(|name| cluster.condition(name, "Ready") == "True")
    };
    for _ in 0..100 {
        for name in &names {
            cluster.pass(name).await;
        }
        if is_ready(&cluster) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    assert!(is_ready(&cluster));
    for name in &names {
        cluster.resync(name).await;
    }
    let journal = cluster.cloud.journal();
    let reads = journal.count("GetDomainNames");
    // Objects that come to their first lock some seconds apart read anew.
    assert!((1..=3).contains(&reads), "{reads}");
    assert_eq!(journal.count("GetApiMappings"), 3 * reads);
    for name in &names {
        let access = cluster.objects[*name].status.clone().unwrap().access.unwrap();
        assert_eq!(access.other_doors.len(), 2, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_doors_that_cannot_be_read_are_told_and_the_lock_is_what_it_is() {
    let mut cluster = ready("").await;
    fail(&cluster, "apigatewayv2:GetDomainNames", UNREADABLE);
    resyncs(&mut cluster, 7).await;
    assert!(is_locked(&cluster));
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains("could not be read: apigatewayv2 GetDomainNames: AccessDeniedException"),
        "{said}"
    );
    quiet(&mut cluster, NAME).await;
    assert_eq!(
        cluster.message(NAME, "AccessRestricted"),
        said,
        "told again without a look"
    );
    cluster.cloud.clear_faults();
    resyncs(&mut cluster, 7).await;
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(!said.contains("could not be read"), "{said}");
}

/// How API Gateway refuses who may not read the routing rules of a domain name.
pub const NO_RULES: Fault = Fault::Refusal(
    "AccessDeniedException",
    "not authorized to perform: apigateway:ListRoutingRules",
);

#[tokio::test(start_paused = true)]
async fn one_domain_name_that_cannot_be_read_hides_none_of_the_others() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &["prod", "dev"]));
    let routed = RoutingRule {
        domain: "a.example.com",
        mode: "ROUTING_RULE_ONLY",
        priority: 10,
        path: "",
        stage: "dev",
    };
    cluster.cloud.route_domain(&routed, API);
    cluster.cloud.map_domain("b.example.com", "", API, "dev");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    fail(&cluster, "ListRoutingRules", NO_RULES);
    resyncs(&mut cluster, 7).await;
    assert!(doors(&cluster).contains(&("b.example.com".to_owned(), Open)));
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("could not be read: a.example.com: "), "{said}");
}

#[tokio::test(start_paused = true)]
async fn under_observe_a_domain_name_of_the_declared_stage_is_not_told_as_another_stage() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("api.example.com", "", API, "prod");
    cluster.apply(NAME, "access: {enforcement: Observe}");
    cluster.settle(NAME).await;
    assert_eq!(doors(&cluster), [("api.example.com".to_owned(), Open)]);
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("this very stage"), "{said}");
    assert!(!said.contains("ProtectedApi of its own"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn routing_rules_of_domain_names_are_doors_and_mappings_that_no_request_asks_are_none() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &["prod", "dev"]));
    let rule = |domain, mode, path, stage| RoutingRule {
        domain,
        mode,
        priority: 10,
        path,
        stage,
    };
    let rules = [
        rule("only.example.com", "ROUTING_RULE_ONLY", "v1", "dev"),
        rule("both.example.com", "ROUTING_RULE_THEN_API_MAPPING", "", "prod"),
    ];
    for rule in &rules {
        cluster.cloud.map_domain(rule.domain, "mapped", API, "prod");
        cluster.cloud.route_domain(rule, API);
    }
    cluster.apply(NAME, &aliases("both.example.com"));
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(
        doors(&cluster),
        [
            ("dev".to_owned(), Open),
            ("only.example.com/v1 by routing rule 10".to_owned(), Open),
            ("both.example.com by routing rule 10".to_owned(), Locked),
            ("both.example.com/mapped".to_owned(), Locked),
        ]
    );
    quiet(&mut cluster, NAME).await;
}
