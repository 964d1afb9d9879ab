//! A policy of the team's own sends the viewer's Host on where nobody signs, or may: what stands goes on being seen to, and a change that is
//! begun goes on.

use super::host_sent::{
    OWN, REASON, REQUEST, WITHOUT_HOST, assert_names_policy, aws, edit, ends_in, in_the_middle, is_signed,
    sent, with,
};
use super::mutual_tls_modes::{held, until};
use super::scenes::{HEADER, KEY, NAME, cluster, deny, found, pair, ready_on, resyncs, setting, the};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::domain::access::proof::Proof;
use palisade::domain::edge::xml;

/// What the distribution has is told, and the spec is accepted.
#[track_caller]
fn assert_told_of_distribution(cluster: &Cluster, told: &str) {
    let story = cluster.story(NAME);
    assert_eq!(cluster.condition(NAME, "Accepted"), "True", "{told}: {story}");
    assert_eq!(
        found(cluster, "DistributionDeployed"),
        pair("False", REASON),
        "{told}: {story}"
    );
    assert_names_policy(&cluster.message(NAME, "DistributionDeployed"), told);
    assert_eq!(cluster.condition(NAME, "Ready"), "False", "{told}: {story}");
}

#[tokio::test(start_paused = true)]
async fn where_nothing_stands_and_nobody_signs_such_a_policy_is_refused_before_anything_is_written() {
    let mut cluster = cluster(aws(true));
    cluster.apply(NAME, &with(KEY));
    assert_eq!(cluster.stalled(NAME).await, "InvalidSpec");
    let said = cluster.message(NAME, "Accepted");
    assert!(
        said.contains(OWN) && said.contains("AllViewerExceptHostHeader"),
        "{said}"
    );
    assert!(cluster.cloud.journal().writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_stands_keeps_its_policies_and_all_else_of_the_spec_is_seen_to() {
    for access in [KEY, HEADER] {
        let mut cluster = ready_on(aws(true), access).await;
        let more = "webAcl: {rateLimits: [{name: per-ip, limit: 2468}]}";
        cluster.apply(NAME, &format!("{}\n{more}", with(access)));
        assert_eq!(cluster.stalled(NAME).await, REASON, "{access}");
        resyncs(&mut cluster, 3).await;
        assert_told_of_distribution(&cluster, access);
        assert_eq!(setting(&cluster, REQUEST), WITHOUT_HOST, "{access}");
        let story = cluster.story(NAME);
        assert!(
            cluster.cloud.journal().count("UpdateWebACL") > 0,
            "{access}: {story}"
        );
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("True", "Locked"),
            "{access}: {story}"
        );
        assert_eq!(
            cluster.condition(NAME, "ViewerAccessVerified"),
            "True",
            "{access}: {story}"
        );
        edit(&cluster, false).await;
        cluster.ready(NAME).await;
        assert_eq!(setting(&cluster, REQUEST), OWN, "{access}");
    }
}

/// Viewers are refused by somebody else's hand.
#[tokio::test(start_paused = true)]
async fn a_policy_that_somebody_edits_at_aws_is_told_where_nobody_signs_and_what_stands_is_seen_to() {
    let mut cluster = ready_on(aws(false), &with(KEY)).await;
    cluster.invariants = None;
    edit(&cluster, true).await;
    resyncs(&mut cluster, 8).await;
    assert_told_of_distribution(&cluster, "edited");
    assert_eq!(setting(&cluster, REQUEST), OWN);
    edit(&cluster, false).await;
    resyncs(&mut cluster, 2).await;
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_begun_goes_on_where_the_policy_may_not_be_read_any_more() {
    for (after, proof) in [
        (KEY, Proof::Key),
        (HEADER, Proof::Header("x-origin-verify".to_owned())),
    ] {
        let mut cluster = ready_on(aws(false), &with("")).await;
        cluster.apply(NAME, &with(after));
        until(&mut cluster, after, |cluster| sent(cluster).len() == 2).await;
        deny(&cluster, "cloudfront:GetOriginRequestPolicy");
        for _ in 0..8 {
            resyncs(&mut cluster, 1).await;
            let story = cluster.story(NAME);
            assert_eq!(held(&cluster), None, "{after}: {story}");
            assert!(is_signed(&cluster), "{after}: {story}");
            assert!(sent(&cluster).contains(&proof), "{after}: {story}");
        }
        cluster.cloud.configure(|settings| settings.denied.clear());
        resyncs(&mut cluster, 1).await;
        ends_in(&mut cluster, after).await;
    }
}

/// Viewers are refused by somebody else's hand, as the next proof alone puts no Host right.
#[tokio::test(start_paused = true)]
async fn a_signer_that_somebody_takes_off_beside_the_next_proof_is_told_and_nothing_is_refused() {
    for after in [KEY, HEADER] {
        let mut cluster = in_the_middle(after).await;
        cluster.apply(NAME, &with(after));
        cluster.settle(NAME).await;
        resyncs(&mut cluster, 3).await;
        assert!(is_signed(&cluster), "{after}: {}", cluster.story(NAME));
        cluster.invariants = None;
        let distribution = the(&cluster, Kind::Distribution).id;
        cluster.cloud.edit_distribution(&distribution, |config| {
            let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
            xml::put(behaviour, xml::list("LambdaFunctionAssociations", vec![]), &[]);
        });
        resyncs(&mut cluster, 8).await;
        let story = cluster.story(NAME);
        assert_eq!(cluster.condition(NAME, "Accepted"), "True", "{after}: {story}");
        let told = format!("{:?}", cluster.objects[NAME].status);
        assert!(told.contains(REASON), "{after}: {told}");
        edit(&cluster, false).await;
        resyncs(&mut cluster, 1).await;
        ends_in(&mut cluster, after).await;
    }
}
