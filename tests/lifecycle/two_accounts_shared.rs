//! An `AwsAccount` waits for a certificate that its objects shared, whatever processes know of it.

use super::controllers::{A, World};
use super::scenes::{BUCKET, ZONE};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use serde_json::json;
use std::sync::Arc;

const PETSTORE: &str = "shop/petstore";

#[tokio::test(start_paused = true)]
async fn an_account_waits_until_acm_lets_go_what_its_objects_shared_also_where_a_new_process_finds_it() {
    let mut world = World::new(&["shop"]);
    world.declare_both();
    let cloud = Arc::clone(&world.aws.clouds[A]);
    cloud.preload_zone(ZONE, "example.com");
    cloud.preload_bucket("eu-north-1", BUCKET, true);
    let mutual_tls = json!({
        "hostedZoneId": ZONE, "originDomain": "petstore.origin.example.com", "truststoreBucket": BUCKET,
        "sharedCertificate": true,
    });
    let access = json!({"mode": "MutualTls", "mutualTls": mutual_tls});
    world.apply(
        PETSTORE,
        "aaaaaaaaaa",
        &json!({"accountName": "a", "access": access}),
    );
    world.until_ready(&[PETSTORE]).await;
    // It goes at once once nothing uses it.
    let in_use = Fault::Refusal("ResourceInUseException", "Certificate is in use.");
    world.delete(PETSTORE);
    world.until_gone(&[PETSTORE]).await;
    cloud.inject(Rule::next(Scope::Operation("DeleteCertificate"), 1_000, in_use));
    world.api.delete("awsaccounts", "", "a");
    world
        .until("it says what it waits for", |world| {
            let account = world.api.get("awsaccounts", "", "a").to_string();
            account.contains("ACM has not let go yet") && account.contains("originCertificate")
        })
        .await;
    // No Lease hands on what this one knew.
    world.kill().await;
    world.seconds(300).await;
    assert!(!world.api.get("awsaccounts", "", "a").is_null(), "it went early");
    cloud.clear_faults();
    world
        .until("the account is let go", |world| {
            world.api.get("awsaccounts", "", "a").is_null()
        })
        .await;
    let mut left = cloud.resources().into_iter();
    assert!(!left.any(|found| found.kind == Kind::Certificate));
}
