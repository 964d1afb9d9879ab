//! Only the signer's role is let in, and what else leads to the API is told.

use super::scenes::{CERTIFICATE, NAME, ZONE, cluster, own_calls, quiet, ready, routed, routed_apis};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::{Preloaded, RoutingRule};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::OtherDoorState::{Locked, Open};
use palisade::domain::access::proof::Proof;
use serde_json::{Value, json};
use std::time::Duration;

const API: &str = "a1b2c3d4e5";
const EXCLUSIVE: &str = "access: {sigV4: {exclusive: true}}";
const SOMEBODY: &str = "arn:aws:iam::123456789012:role/somebody";

fn signer(cluster: &Cluster) -> String {
    super::scenes::the(cluster, Kind::Role).arn
}

/// Whether the stage lets in the signer, and another role of the account.
fn admitted(cluster: &Cluster) -> (bool, bool) {
    let admits = |role: &str| cluster.cloud.admits(API, "prod", "GET /pets", role);
    (admits(&signer(cluster)), admits(SOMEBODY))
}

fn theirs() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5/*"}]})
}

fn is_locked(cluster: &Cluster) -> bool {
    cluster
        .cloud
        .served(API, "prod", "GET /pets")
        .is_some_and(|authorization| authorization.asks_for(&Proof::Signature))
}

#[tokio::test(start_paused = true)]
async fn only_the_signers_role_is_let_in_and_it_is_said() {
    let mut cluster = ready(EXCLUSIVE).await;
    assert_eq!(admitted(&cluster), (true, false));
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains(&signer(&cluster)), "{said}");
    assert_eq!(cluster.cloud.deployments_of(API).len(), 2, "the team's and ours");
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn exclusiveness_comes_and_goes_with_a_deployment_each_and_leaves_the_teams_policy() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.set_policy(API, &theirs());
    cluster.cloud.deploy(API, "prod");
    for (spec, others) in [
        ("", true),
        (EXCLUSIVE, false),
        ("", true),
        (EXCLUSIVE, false),
        ("", true),
    ] {
        cluster.apply(NAME, spec);
        cluster.ready(NAME).await;
        assert_eq!(admitted(&cluster), (true, others), "{spec}");
        assert!(is_locked(&cluster));
        quiet(&mut cluster, NAME).await;
    }
    assert_eq!(cluster.cloud.policy_of(API), theirs());
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_change_of_exclusiveness_leads_to_the_same_end() {
    for (before, after) in [(None, EXCLUSIVE), (Some(""), EXCLUSIVE), (Some(EXCLUSIVE), "")] {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let mut cases = 0;
            for n in 1.. {
                let mut cluster = match before {
                    Some(spec) => ready(spec).await,
                    None => cluster(Settings::default()),
                };
                cluster.cloud.inject(Rule::nth(Scope::Writes, n, fault));
                cluster.apply(NAME, after);
                cluster.settle_patiently(NAME).await;
                if cluster.cloud.journal().writes().len() < n {
                    break;
                }
                let case = format!("{before:?} to {after}, {fault:?} at write {n}");
                assert_eq!(admitted(&cluster), (true, after != EXCLUSIVE), "{case}");
                assert!(is_locked(&cluster), "{case}");
                assert_eq!(
                    cluster.cloud.policy_of(API).is_null(),
                    after != EXCLUSIVE,
                    "{case}"
                );
                cluster.cloud.clear_faults();
                quiet(&mut cluster, NAME).await;
                cases += 1;
            }
            assert!(cases > 3, "{cases}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_statement_that_the_team_removes_comes_back_within_the_hour() {
    let mut cluster = ready(EXCLUSIVE).await;
    cluster.cloud.set_policy(API, &theirs());
    cluster.cloud.deploy(API, "prod");
    assert_eq!(admitted(&cluster), (true, true));
    for _ in 0..7 {
        cluster.resync(NAME).await;
    }
    cluster.ready(NAME).await;
    assert_eq!(admitted(&cluster), (true, false));
    let statements = cluster.cloud.policy_of(API)["Statement"].clone();
    assert_eq!(statements[0], theirs()["Statement"][0]);
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn an_excluded_method_stays_open_though_there_is_a_policy() {
    let spec = "access: {excludeMethods: ['POST /pets'], sigV4: {exclusive: true}}";
    let mut cluster = ready(spec).await;
    // Viewers of it are watched in every pass.
    let somebody = |method: &str| cluster.cloud.admits(API, "prod", method, SOMEBODY);
    assert!(somebody("POST /pets"));
    assert!(!somebody("GET /pets") && !somebody("GET /pets/1"));
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn edits_of_the_policy_that_nobody_deployed_hold_the_lock_up() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.set_policy(API, &theirs());
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "UndeployedChanges");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("the resource policy"), "{said}");
    assert!(!is_locked(&cluster));
}

#[tokio::test(start_paused = true)]
async fn two_stages_of_one_api_have_a_statement_each() {
    let mut cluster = Cluster::new(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &["prod", "dev"]));
    for (name, stage) in [("prod", "prod"), ("dev", "dev")] {
        let spec = format!(
            "origin: {{endpoint: {API}.execute-api.eu-north-1.amazonaws.com, type: REST, stage: {stage}}}\n{EXCLUSIVE}"
        );
        cluster.apply_spec(name, serde_yaml::from_str(&spec).unwrap());
        cluster.ready(name).await;
    }
    for _ in 0..8 {
        cluster.resync("prod").await;
        cluster.resync("dev").await;
    }
    let policy = cluster.cloud.policy_of(API);
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 2, "{policy}");
    for stage in ["prod", "dev"] {
        assert!(
            !cluster.cloud.admits(API, stage, "GET /pets", SOMEBODY),
            "{stage}"
        );
        let access = cluster.objects[stage].status.clone().unwrap().access.unwrap();
        assert_eq!(access.other_doors, [], "each stage is the other's");
        assert_eq!(
            cluster.condition(stage, "Ready"),
            "True",
            "{}",
            cluster.story(stage)
        );
    }
}

/// Name and state of each other door that status tells of.
fn doors(cluster: &Cluster) -> Vec<(String, palisade::api::OtherDoorState)> {
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
    for _ in 0..7 {
        cluster.resync(NAME).await;
    }
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
    cluster.cloud.inject(Rule::next(
        Scope::Operation("apigatewayv2:GetDomainNames"),
        usize::MAX,
        Fault::Refusal(
            "AccessDeniedException",
            "not authorized to perform: apigateway:GET",
        ),
    ));
    for _ in 0..7 {
        cluster.resync(NAME).await;
    }
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
    for _ in 0..7 {
        cluster.resync(NAME).await;
    }
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(!said.contains("could not be read"), "{said}");
}

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
    cluster.cloud.inject(Rule::next(
        Scope::Operation("ListRoutingRules"),
        usize::MAX,
        Fault::Refusal(
            "AccessDeniedException",
            "not authorized to perform: apigateway:ListRoutingRules",
        ),
    ));
    for _ in 0..7 {
        cluster.resync(NAME).await;
    }
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

/// How SAM makes them beside `DefaultAuthorizer: AWS_IAM`.
const CALLER: &str = "arn:aws:iam::*:user/*";

#[tokio::test(start_paused = true)]
async fn integrations_that_are_called_with_the_callers_credentials_are_told_and_mended() {
    for spec in ["", EXCLUSIVE] {
        let mut cluster = cluster(Settings::default());
        for method in ["GET /pets", "POST /pets", "GET /pets/{petId}"] {
            cluster.cloud.set_authorization(API, method, "AWS_IAM");
            cluster.cloud.set_credentials(API, method, CALLER);
        }
        cluster.cloud.deploy(API, "prod");
        cluster.apply(NAME, spec);
        assert_eq!(cluster.stalled(NAME).await, "CallerCredentials", "{spec}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("InvokeRole: NONE in SAM"), "{said}");
        assert!(is_locked(&cluster));
        assert!(cluster.cloud.policy_of(API).is_null(), "AWS takes none");
        for method in ["GET /pets", "POST /pets", "GET /pets/{petId}"] {
            cluster.cloud.set_credentials(API, method, "");
        }
        cluster.cloud.deploy(API, "prod");
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert_eq!(cluster.cloud.policy_of(API).is_null(), spec.is_empty());
    }
}

/// An HTTP or a WebSocket API whose locked routes ask for a signature of their own accord.
fn signed(api: Preloaded) -> Preloaded {
    let asks = |key: &str| if key == "$default" { "NONE" } else { "AWS_IAM" };
    let routes = api.routes.iter().map(|(key, _)| (*key, asks(key))).collect();
    Preloaded { routes, ..api }
}

#[tokio::test(start_paused = true)]
async fn routes_whose_integrations_are_called_with_the_callers_credentials_are_told_and_mended() {
    for auto_deploy in [true, false] {
        for (id, kind, api) in routed_apis(auto_deploy) {
            let api = signed(api);
            let (route, _) = api.routes[0];
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&api);
            cluster.cloud.set_credentials(id, route, CALLER);
            cluster.cloud.deploy(id, "live");
            cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
            let case = format!("{kind} {auto_deploy}");
            assert_eq!(cluster.stalled(NAME).await, "CallerCredentials", "{case}");
            let said = cluster.message(NAME, "AccessRestricted");
            let is_told = said.contains(route) && said.contains("credentialsArn of the integration");
            assert!(is_told, "{case}: {said}");
            cluster.cloud.set_credentials(id, route, "");
            cluster.cloud.deploy(id, "live");
            cluster.settle_patiently(NAME).await;
            cluster.ready(NAME).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn integrations_are_not_read_of_routes_that_ask_for_no_signature() {
    for (id, kind, api) in routed_apis(true) {
        for mode in ["SigV4", "SecretHeader"] {
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&api);
            cluster.apply_spec(NAME, routed(id, kind, mode));
            cluster.ready(NAME).await;
            // Once locked by a signature, they are read with the routes.
            let most = usize::from(mode == "SigV4");
            let read = cluster.cloud.journal().count("GetIntegrations");
            assert!(read <= most, "{kind} {mode}: {}", cluster.story(NAME));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn integrations_that_may_not_be_read_hold_no_lock_up() {
    for (id, kind, api) in routed_apis(true) {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_api(&signed(api));
        cluster.cloud.inject(Rule::next(
            Scope::Operation("GetIntegrations"),
            usize::MAX,
            Fault::Refusal(
                "AccessDeniedException",
                "not authorized to perform: apigateway:GET",
            ),
        ));
        cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
        cluster.ready(NAME).await;
        assert!(cluster.cloud.journal().count("GetIntegrations") > 0, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_policy_cannot_be_set_the_lock_is_made_all_the_same() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.set_credentials(API, "POST /pets", CALLER);
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, EXCLUSIVE);
    assert_eq!(cluster.stalled(NAME).await, "CallerCredentials");
    assert!(is_locked(&cluster));
    assert!(cluster.cloud.policy_of(API).is_null());
}

#[tokio::test(start_paused = true)]
async fn statements_about_addresses_are_told_where_viewers_get_through() {
    let mut policy = theirs();
    policy["Statement"][0]["Sid"] = json!("ByAddress");
    let denial = json!({"Sid": "NotFromThere", "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
        "Resource": "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5/*",
        "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}});
    policy["Statement"].as_array_mut().unwrap().push(denial);
    let mut cluster = cluster(Settings::default());
    cluster.cloud.set_policy(API, &policy);
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("CloudFront's now: NotFromThere"), "{said}");
    let access = cluster.objects[NAME].status.clone().unwrap().access.unwrap();
    assert_eq!(access.source_ip_statements, ["NotFromThere"]);
    assert_eq!(cluster.cloud.policy_of(API), policy);
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_refuses_cloudfronts_addresses_holds_the_lock_up() {
    let mut policy = theirs();
    policy["Statement"][0]["Condition"] = json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}});
    let mut cluster = cluster(Settings::default());
    // Its viewers are refused before we come.
    cluster.invariants = None;
    cluster.cloud.set_policy(API, &policy);
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SourceIpPolicyInTheWay");
    assert!(!is_locked(&cluster));
    cluster.cloud.set_policy(API, &theirs());
    cluster.cloud.deploy(API, "prod");
    cluster.settle_patiently(NAME).await;
    assert!(is_locked(&cluster));
}
