//! A refused lock whose mark cannot be written is not made again and again.

use super::petstore::{API, METHODS};
use super::scenes::{NAME, cluster};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use std::time::Duration;

fn all_open(cluster: &Cluster) -> bool {
    METHODS.into_iter().all(|route| {
        let served = cluster.cloud.served(API, "prod", route);
        let edited = cluster.cloud.edited(API, route);
        served.is_some_and(|route| route.is_open()) && edited.is_some_and(|route| route.is_open())
    })
}

#[tokio::test(start_paused = true)]
async fn a_refused_lock_is_made_once_while_its_mark_cannot_be_written() {
    let mut cluster = cluster(Settings {
        signer_is_broken: true,
        ..Settings::default()
    });
    cluster.invariants = None;
    let message = "User: arn:aws:sts::123456789012:assumed-role/palisade/x is not authorized to perform: cloudfront:TagResource";
    // The first tells that the lock is begun.
    for n in 2..500 {
        let denied = Fault::Refusal("AccessDenied", message);
        let tag = Scope::Operation("cloudfront:TagResource");
        cluster.cloud.inject(Rule::nth(tag, n, denied));
    }
    cluster.apply(NAME, "");
    for _ in 0..60 {
        cluster.pass_surviving(NAME).await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    let story = cluster.story(NAME);
    assert_eq!(cluster.cloud.journal().count("CreateDeployment"), 1, "{story}");
    assert!(all_open(&cluster), "{story}");
    assert_eq!(
        cluster.reason(NAME, "AccessRestricted"),
        "AccessDenied",
        "{story}"
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains("the API refused") && said.contains("perform: cloudfront:TagResource"),
        "{said}"
    );
    cluster.cloud.clear_faults();
    cluster.pass_surviving(NAME).await;
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    // A process that starts anew knows of it.
    cluster.restart();
    let before = cluster.cloud.journal().count("CreateDeployment");
    cluster.pass_surviving(NAME).await;
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "SignatureRefused");
    assert_eq!(cluster.cloud.journal().count("CreateDeployment"), before);
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = false);
    cluster.settle_patiently(NAME).await;
    assert!(!all_open(&cluster));
}
