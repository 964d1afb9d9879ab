//! A policy of the team's own sends the viewer's Host on, which the signer alone puts right: no change takes the signer off meanwhile, and
//! at no call is a viewer refused.

use super::mutual_tls_modes::{assert_by_certificate_alone, changes, held, is_locked_by_methods, until};
use super::petstore::API;
use super::scenes::{
    HEADER, KEY, MUTUAL_TLS, NAME, config, deny, found, pair, quiet, ready_on, resyncs, setting,
};
use super::support::cluster::Cluster;
use super::support::simulation::cloudfront::policies::OwnPolicy;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::api::AccessMode;
use palisade::domain::access::proof::Proof;
use palisade::domain::edge::config::sent_of;
use std::collections::BTreeSet;
use std::time::Duration;

pub const OWN: &str = "11111111-2222-4333-8444-555555555555";
pub const WITHOUT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
pub const REQUEST: &str = "DefaultCacheBehavior/OriginRequestPolicyId";
pub const REASON: &str = "HostHeaderInTheWay";

fn policies(sends_host: bool) -> Vec<OwnPolicy> {
    vec![OwnPolicy {
        id: OWN.to_owned(),
        sends_host,
    }]
}

/// An AWS where the team has a policy that sends Host on, or one that does not.
pub fn aws(sends_host: bool) -> Settings {
    Settings {
        own_policies: policies(sends_host),
        ..Settings::default()
    }
}

/// Somebody edits the policy at AWS, and what was read of it before counts no more.
pub async fn edit(cluster: &Cluster, sends_host: bool) {
    cluster
        .cloud
        .configure(|settings| settings.own_policies = policies(sends_host));
    tokio::time::sleep(Duration::from_secs(31)).await;
}

pub fn with(access: &str) -> String {
    format!("{access}\ndistribution: {{originRequestPolicyId: {OWN}}}")
}

pub fn sent(cluster: &Cluster) -> BTreeSet<Proof> {
    sent_of(&config(cluster)).proofs()
}

pub fn is_signed(cluster: &Cluster) -> bool {
    sent_of(&config(cluster)).signs
}

/// A person is told which policy it is, and what helps.
#[track_caller]
pub fn assert_names_policy(said: &str, told: &str) {
    for part in [
        OWN,
        "spec.distribution.originRequestPolicyId",
        "AllViewerExceptHostHeader",
    ] {
        assert!(said.contains(part), "{told}: {part}: {said}");
    }
}

/// The change waits, the API is locked as before, and a person is told what helps.
#[track_caller]
fn assert_held(cluster: &Cluster, told: &str) {
    let story = cluster.story(NAME);
    assert_eq!(
        found(cluster, "AccessRestricted"),
        pair("True", REASON),
        "{told}: {story}"
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert_names_policy(&said, told);
    assert!(said.contains("by itself"), "{told}: {said}");
    assert_eq!(
        cluster.condition(NAME, "ViewerAccessVerified"),
        "True",
        "{told}: {story}"
    );
    assert_eq!(cluster.condition(NAME, "Ready"), "False", "{told}: {story}");
}

/// Locked by signatures with such a policy, and to be locked in the mode `after`.
async fn held_before(after: &str, before: &str) -> Cluster {
    let mut cluster = ready_on(aws(true), &with(before)).await;
    cluster.apply(NAME, &with(after));
    assert_eq!(cluster.stalled(NAME).await, REASON, "{after}");
    resyncs(&mut cluster, 3).await;
    assert_held(&cluster, after);
    let mode = held(&cluster).map(|held| held.mode);
    assert_eq!(mode, Some(AccessMode::SigV4), "{after}");
    assert_eq!(sent(&cluster), BTreeSet::from([Proof::Signature]), "{after}");
    let journal = cluster.cloud.journal();
    for call in [
        "UpdateDistribution",
        "UpdateMethod",
        "CreateDeployment",
        "CreateApiKey",
    ] {
        assert_eq!(journal.count(call), 0, "{after}: {call}");
    }
    cluster
}

pub async fn ends_in(cluster: &mut Cluster, after: &str) {
    if after == MUTUAL_TLS {
        changes(cluster, API, after).await;
        quiet(cluster, NAME).await;
        return assert_by_certificate_alone(cluster, after);
    }
    cluster.ready(NAME).await;
    quiet(cluster, NAME).await;
    assert!(!is_signed(cluster), "{after}: {}", cluster.story(NAME));
    assert_eq!(held(cluster), None, "{after}");
    assert_eq!(found(cluster, "AccessRestricted"), pair("True", "Locked"));
}

#[tokio::test(start_paused = true)]
async fn a_change_from_signatures_waits_until_the_policy_sends_host_no_more() {
    for after in [KEY, HEADER, MUTUAL_TLS] {
        let mut cluster = held_before(after, "").await;
        edit(&cluster, false).await;
        ends_in(&mut cluster, after).await;
        assert_eq!(setting(&cluster, REQUEST), OWN, "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_waits_goes_on_once_the_spec_names_another_policy() {
    for after in [KEY, HEADER, MUTUAL_TLS] {
        let mut cluster = held_before(after, "").await;
        cluster.apply(NAME, after);
        ends_in(&mut cluster, after).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_mode_that_is_set_back_finds_all_as_it_was() {
    let mut cluster = held_before(KEY, "").await;
    cluster.apply(NAME, &with(""));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(found(&cluster, "AccessRestricted"), pair("True", "Locked"));
    assert_eq!(held(&cluster), None);
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_mode_and_policy_sets_the_policy_first_and_the_signer_goes_once_that_is_deployed() {
    for after in [KEY, HEADER, MUTUAL_TLS] {
        let mut cluster = ready_on(aws(true), &with("")).await;
        cluster.apply(NAME, after);
        for _ in 0..300 {
            let outcome = cluster.pass(NAME).await;
            let is_right = setting(&cluster, REQUEST) == WITHOUT_HOST;
            assert!(is_right || is_signed(&cluster), "{after}");
            if !is_signed(&cluster) {
                break;
            }
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        let journal = cluster.cloud.journal();
        let updates = journal.entries.iter();
        let updates = updates.filter(|entry| entry.operation.name == "UpdateDistribution");
        let updates: Vec<Duration> = updates.map(|entry| entry.at).collect();
        let between = updates.last().unwrap().saturating_sub(updates[0]);
        let story = cluster.story(NAME);
        assert!(
            between >= Settings::default().deployment_delay,
            "{after}: {updates:?}: {story}"
        );
        ends_in(&mut cluster, after).await;
    }
}

#[tokio::test(start_paused = true)]
async fn with_signatures_again_the_policy_comes_after_the_signer() {
    let mut cluster = ready_on(aws(true), KEY).await;
    cluster.apply(NAME, &with(""));
    let mut was_signed_without = false;
    for _ in 0..300 {
        if setting(&cluster, REQUEST) == OWN {
            break;
        }
        was_signed_without |= is_signed(&cluster);
        let outcome = cluster.pass(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    assert!(was_signed_without, "{}", cluster.story(NAME));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(setting(&cluster, REQUEST), OWN);
}

/// On the way to the mode `after`: the methods ask for the next proof already, and the signer was about to go.
pub async fn in_the_middle(after: &str) -> Cluster {
    let mut cluster = ready_on(aws(true), "").await;
    cluster.apply(NAME, after);
    until(&mut cluster, after, |cluster| sent(cluster).len() == 2).await;
    deny(&cluster, "cloudfront:UpdateDistribution");
    until(&mut cluster, after, is_locked_by_methods).await;
    resyncs(&mut cluster, 1).await;
    cluster.cloud.configure(|settings| settings.denied.clear());
    assert!(is_signed(&cluster), "{after}: {}", cluster.story(NAME));
    cluster
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_comes_in_the_middle_of_a_change_keeps_the_signer() {
    for after in [KEY, HEADER] {
        let mut cluster = in_the_middle(after).await;
        cluster.apply(NAME, &with(after));
        cluster.settle(NAME).await;
        resyncs(&mut cluster, 3).await;
        let story = cluster.story(NAME);
        assert!(is_signed(&cluster), "{after}: {story}");
        assert_eq!(setting(&cluster, REQUEST), OWN, "{after}: {story}");
        assert_eq!(
            cluster.condition(NAME, "AccessRestricted"),
            "True",
            "{after}: {story}"
        );
        assert_eq!(
            cluster.condition(NAME, "ViewerAccessVerified"),
            "True",
            "{after}: {story}"
        );
        let told = format!("{:?}", cluster.objects[NAME].status);
        assert!(told.contains(REASON), "{after}: {told}");
        edit(&cluster, false).await;
        resyncs(&mut cluster, 1).await;
        ends_in(&mut cluster, after).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_comes_in_the_middle_of_the_way_to_mutual_tls_keeps_the_signer() {
    let mut cluster = in_the_middle(MUTUAL_TLS).await;
    cluster.apply(NAME, &with(MUTUAL_TLS));
    cluster.settle(NAME).await;
    resyncs(&mut cluster, 3).await;
    assert_held(&cluster, "bridge");
    assert!(is_signed(&cluster));
    let mode = held(&cluster).map(|held| held.mode);
    assert_eq!(mode, Some(AccessMode::ApiKey));
    edit(&cluster, false).await;
    ends_in(&mut cluster, MUTUAL_TLS).await;
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_may_not_be_read_is_waited_for_and_the_right_is_named() {
    let mut cluster = ready_on(aws(false), &with("")).await;
    deny(&cluster, "cloudfront:GetOriginRequestPolicy");
    cluster.apply(NAME, &with(KEY));
    assert_eq!(cluster.stalled(NAME).await, REASON);
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("cloudfront:GetOriginRequestPolicy"), "{said}");
    cluster.cloud.configure(|settings| settings.denied.clear());
    resyncs(&mut cluster, 1).await;
    ends_in(&mut cluster, KEY).await;
}

#[tokio::test(start_paused = true)]
async fn the_signer_alone_stays_let_in_while_a_change_waits() {
    let exclusive = "access: {sigV4: {exclusive: true, logs: true}}";
    let cluster = held_before(KEY, exclusive).await;
    let journal = cluster.cloud.journal();
    assert_eq!(journal.count("UpdateRestApi"), 0, "{}", cluster.story(NAME));
    assert_eq!(journal.count("DeleteRolePolicy"), 0, "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_waits_is_found_again_where_status_was_lost() {
    for after in [KEY, HEADER] {
        let mut cluster = held_before(after, "").await;
        cluster.objects.get_mut(NAME).unwrap().status = None;
        cluster.restart();
        cluster.settle(NAME).await;
        resyncs(&mut cluster, 3).await;
        assert_held(&cluster, after);
        edit(&cluster, false).await;
        ends_in(&mut cluster, after).await;
    }
}

#[tokio::test(start_paused = true)]
async fn under_observe_the_signer_stays_as_well() {
    let observed = |mode: &str| with(&format!("access: {{mode: {mode}, enforcement: Observe}}"));
    let mut cluster = ready_on(aws(true), &observed("SigV4")).await;
    cluster.apply(NAME, &observed("ApiKey"));
    resyncs(&mut cluster, 8).await;
    let story = cluster.story(NAME);
    assert!(is_signed(&cluster), "{story}");
    let told = format!("{:?}", cluster.objects[NAME].status);
    assert!(told.contains(REASON), "{told}");
    assert_eq!(cluster.condition(NAME, "ViewerAccessVerified"), "True", "{story}");
    // Where nothing is asked for, nothing has to be shown.
    cluster.invariants = None;
    edit(&cluster, false).await;
    resyncs(&mut cluster, 8).await;
    assert!(!is_signed(&cluster), "{}", cluster.story(NAME));
}

/// The policy is put right together with the mode; the process dies at any write, or an answer is lost.
#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_write_of_mode_and_policy_refuses_no_viewer() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::LostAnswer] {
        let mut cases = 0;
        for n in 1.. {
            let mut cluster = ready_on(aws(true), &with("")).await;
            cluster.cloud.inject(Rule::nth(Scope::Writes, n, fault));
            cluster.apply(NAME, KEY);
            cluster.settle_patiently(NAME).await;
            if cluster.cloud.journal().writes().len() < n {
                break;
            }
            cluster.cloud.clear_faults();
            ends_in(&mut cluster, KEY).await;
            cases += 1;
        }
        assert!(cases > 3, "{fault:?}: {cases}");
    }
}

/// The process dies at any call while the change waits, and after.
#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_that_waits_begins_nothing_and_finishes_it_later() {
    for n in 1..=40 {
        let mut cluster = ready_on(aws(true), &with("")).await;
        cluster
            .cloud
            .inject(Rule::nth(Scope::Every, n, Fault::CrashBefore));
        cluster.apply(NAME, &with(KEY));
        cluster.settle(NAME).await;
        resyncs(&mut cluster, 2).await;
        assert_held(&cluster, &format!("call {n}"));
        assert!(cluster.cloud.journal().writes().is_empty(), "call {n}");
    }
}
