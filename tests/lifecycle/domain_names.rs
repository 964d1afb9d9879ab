//! A custom domain name of API Gateway that leads to the stage holds the first lock until its viewers come through the perimeter.
//! What is locked already stays locked.

use super::doors::NO_RULES;
use super::first_lock::{assert_held, assert_is_locked_again};
use super::petstore::{API, NAMED, RECORDS, is_open};
use super::scenes::{NAME, ZONE, cluster, fail, hours, passes, quiet, ready};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::{Preloaded, RoutingRule};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::aws::readings::mappings::Known;
use palisade::domain::edge::hosted_zone::{Deed, Record, cname};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_holds_the_first_lock_until_its_viewers_come_through_the_perimeter() {
    // One that leaves the stage to the path leads to each.
    for stage in ["prod", ""] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.map_domain("api.example.com", "v1", API, stage);
        cluster.apply(NAME, "");
        assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
        assert_held(&cluster, "DomainNameInTheWay", "refused: api.example.com.");
        assert!(is_open(&cluster), "{stage}");
        // The distribution serves it, and nothing says that DNS leads there.
        cluster.apply(NAME, NAMED);
        assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
        assert!(is_open(&cluster), "{stage}");
        cluster.apply(NAME, RECORDS);
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert!(!is_open(&cluster), "{stage}");
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_holds_the_first_lock_until_nothing_maps_it_to_the_stage() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("api.example.com", "", API, "prod");
    cluster.apply(NAME, NAMED);
    assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
    assert_held(&cluster, "DomainNameInTheWay", "spec.origin.path: /prod");
    cluster.cloud.unmap_domain("api.example.com");
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert!(!is_open(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_wildcard_lets_no_lock_pass_over_a_more_specific_name_whatever_record_that_has() {
    let direct = cname("api.example.com", "d-abc.execute-api.eu-north-1.amazonaws.com");
    let mail = Record {
        r#type: "MX".into(),
        ..cname("api.example.com", "10 mail.example.com.")
    };
    for record in [direct, mail] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.map_domain("api.example.com", "", API, "prod");
        cluster.cloud.edit_records(ZONE, Deed::Create, record.clone());
        cluster.watch();
        cluster.apply(NAME, &RECORDS.replace("[api.example.com]", "['*.example.com']"));
        assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay", "{record:?}");
        assert!(is_open(&cluster), "{record:?}");
        cluster.cloud.edit_records(ZONE, Deed::Delete, record);
        cluster.watch();
        hours(1).await;
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert!(!is_open(&cluster));
    }
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_that_was_read_holds_the_first_lock_though_another_cannot_be_read() {
    let mut cluster = cluster(Settings::default());
    let routed = RoutingRule {
        domain: "a.example.com",
        mode: "ROUTING_RULE_ONLY",
        priority: 10,
        path: "",
        stage: "prod",
    };
    cluster.cloud.route_domain(&routed, API);
    cluster.cloud.map_domain("b.example.com", "", API, "prod");
    fail(&cluster, "ListRoutingRules", NO_RULES);
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
    assert_held(&cluster, "DomainNameInTheWay", "refused: b.example.com.");
    assert!(is_open(&cluster));
    // Where the other leads nobody knows.
    cluster.cloud.unmap_domain("b.example.com");
    hours(1).await;
    assert_eq!(cluster.stalled(NAME).await, "AccessDenied");
    assert_held(&cluster, "AccessDenied", "a.example.com: ");
    assert!(is_open(&cluster));
}

#[tokio::test(start_paused = true)]
async fn until_a_person_has_let_custom_domain_names_be_read_nothing_is_locked() {
    for (code, message, reason, words) in [
        (
            "AccessDeniedException",
            "not authorized to perform: apigateway:GET",
            "AccessDenied",
            "apigateway:GET",
        ),
        (
            "BadRequestException",
            "no such Region",
            "AwsRefused",
            "no such Region",
        ),
    ] {
        let mut cluster = cluster(Settings::default());
        fail(
            &cluster,
            "apigatewayv2:GetDomainNames",
            Fault::Refusal(code, message),
        );
        cluster.apply(NAME, "");
        assert_eq!(cluster.stalled(NAME).await, reason);
        assert_held(
            &cluster,
            reason,
            "which custom domain names of API Gateway lead to it",
        );
        assert_held(&cluster, reason, words);
        assert!(is_open(&cluster), "{code}");
        cluster.cloud.clear_faults();
        hours(1).await;
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert!(!is_open(&cluster), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_that_is_never_read_holds_no_lock_once_its_viewers_come_through_the_perimeter() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("api.example.com", "v1", API, "prod");
    let refusal = Fault::Refusal("BadRequestException", "no such mapping selection");
    fail(&cluster, "GetApiMappings", refusal);
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "AwsRefused");
    assert_held(
        &cluster,
        "AwsRefused",
        "the lock does not wait for api.example.com once its viewers come through here",
    );
    assert!(is_open(&cluster));
    cluster.apply(NAME, RECORDS);
    cluster.settle_patiently(NAME).await;
    assert!(!is_open(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_of_another_stage_or_api_holds_no_lock() {
    let mut cluster = cluster(Settings::default());
    let elsewhere = Preloaded::rest("eu-north-1", "elsewhere0", &["prod"]);
    cluster.cloud.preload_api(&elsewhere);
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &["prod", "dev"]));
    cluster.cloud.map_domain("dev.example.com", "", API, "dev");
    cluster
        .cloud
        .map_domain("api.example.com", "", "elsewhere0", "prod");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert!(!is_open(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_locked_api_stays_locked_though_a_custom_domain_name_comes_to_it_later() {
    let mut cluster = ready("").await;
    cluster.cloud.map_domain("api.example.com", "", API, "prod");
    cluster.invariants = None;
    assert_is_locked_again(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn while_custom_domain_names_cannot_be_read_for_a_while_nothing_is_locked() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("api.example.com", "", API, "prod");
    fail(&cluster, "apigatewayv2:GetDomainNames", Fault::ServerError);
    cluster.apply(NAME, "");
    passes(&mut cluster, 40).await;
    assert!(is_open(&cluster), "{}", cluster.story(NAME));
    cluster.cloud.clear_faults();
    assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
}

/// What custom domain names of the Region lead to, read now.
async fn mappings(cluster: &Cluster) -> Arc<Known> {
    let read = cluster.engine.inventory.mappings("eu-north-1", Duration::ZERO);
    read.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_that_may_not_be_read_is_left_alone_for_a_while_and_the_others_are_known() {
    let cluster = cluster(Settings::default());
    for name in ["api.example.com", "www.example.com"] {
        cluster.cloud.map_domain(name, "v1", API, "prod");
    }
    let refusal = Fault::Refusal("AccessDeniedException", "not authorized");
    cluster
        .cloud
        .inject(Rule::next(Scope::Operation("GetApiMappings"), 1, refusal));
    let asked = |cluster: &Cluster| cluster.cloud.journal().count("GetApiMappings");
    assert_eq!(mappings(&cluster).await.unread.len(), 1);
    let before = asked(&cluster);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let still = mappings(&cluster).await;
    assert_eq!((still.unread.len(), still.mappings.len()), (1, 1));
    assert_eq!(asked(&cluster), before + 1, "the other one alone is asked again");
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(mappings(&cluster).await.unread.is_empty());
}
