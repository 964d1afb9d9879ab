//! A web ACL of the stage's own. What it answers in place of API Gateway proves no lock, and takes none back.

use super::disguised::{MODES, deployments, is_locked};
use super::petstore::API;
use super::scenes::{KEY, NAME, cluster, found, hours, pair, quiet, ready};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::StageWebAcl;
use super::support::simulation::settings::Settings;

fn web_acl(cluster: &Cluster, web_acl: StageWebAcl) {
    cluster.cloud.set_stage_web_acl(API, "prod", Some(web_acl));
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_of_the_stage_that_refuses_others_leaves_a_lock_that_is_read_and_not_proven() {
    for mode in MODES {
        let mut cluster = cluster(Settings::default());
        web_acl(&cluster, StageWebAcl::AllButCloudFront);
        cluster.apply(NAME, mode);
        cluster.ready(NAME).await;
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("True", "Locked"),
            "{mode}"
        );
        let direct = found(&cluster, "DirectAccessBlocked");
        assert_eq!(
            direct,
            pair("Unknown", "StageWebAclInTheWay"),
            "{mode}: {}",
            cluster.story(NAME)
        );
        let said = cluster.message(NAME, "Ready");
        assert!(said.contains("no probe past the perimeter"), "{said}");
        assert_eq!(deployments(&cluster), 1, "{mode}: it was put back");
        quiet(&mut cluster, NAME).await;
        // The read of the methods is remembered, and what answers is judged by it.
        cluster.restart();
        cluster.resync(NAME).await;
        assert_eq!(found(&cluster, "DirectAccessBlocked"), direct, "{mode}");
        // Let through, the refusal is API Gateway's own; a missing key is worded like a block.
        web_acl(&cluster, StageWebAcl::Nobody);
        hours(2).await;
        cluster.resync(NAME).await;
        let direct = found(&cluster, "DirectAccessBlocked");
        if mode == KEY {
            assert_eq!(direct, pair("Unknown", "StageWebAclInTheWay"));
            assert!(
                cluster
                    .message(NAME, "DirectAccessBlocked")
                    .contains("SigV4 or SecretHeader")
            );
        } else {
            assert_eq!(
                direct,
                pair("True", "DirectRefused"),
                "{mode}: {}",
                cluster.story(NAME)
            );
        }
        assert_eq!(cluster.condition(NAME, "Ready"), "True", "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_of_the_stage_that_refuses_the_perimeter_is_named_and_nothing_is_locked() {
    for mode in MODES {
        let mut cluster = cluster(Settings::default());
        web_acl(&cluster, StageWebAcl::CloudFront);
        cluster.apply(NAME, mode);
        assert_eq!(cluster.stalled(NAME).await, "StageWebAclInTheWay", "{mode}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(
            said.contains("webAclArn") && !said.contains("execute-api:Invoke"),
            "{said}"
        );
        assert!(!is_locked(&cluster), "{mode}");
        assert_eq!(deployments(&cluster), 0, "{mode}");
        web_acl(&cluster, StageWebAcl::Nobody);
        cluster.settle_patiently(NAME).await;
        assert!(is_locked(&cluster), "{mode}: {}", cluster.story(NAME));
    }
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_that_comes_to_a_locked_stage_takes_away_what_its_words_had_proven() {
    let mut cluster = ready(KEY).await;
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("True", "DirectRefused")
    );
    web_acl(&cluster, StageWebAcl::AllButCloudFront);
    hours(2).await;
    cluster.resync(NAME).await;
    let direct = found(&cluster, "DirectAccessBlocked");
    assert_eq!(
        direct,
        pair("Unknown", "StageWebAclInTheWay"),
        "{}",
        cluster.story(NAME)
    );
}
