//! The API's resource policy: the signer's role alone is let in, and what the team's own statements are is told and kept.

use super::petstore::{API, EXCLUSIVE};
use super::scenes::{NAME, cluster, quiet, ready, resyncs, the};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::access::proof::Proof;
use serde_json::{Value, json};

const SOMEBODY: &str = "arn:aws:iam::123456789012:role/somebody";

fn signer(cluster: &Cluster) -> String {
    the(cluster, Kind::Role).arn
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

/// Whether the stage asks for a signature as deployed.
pub fn is_locked(cluster: &Cluster) -> bool {
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
    resyncs(&mut cluster, 7).await;
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
