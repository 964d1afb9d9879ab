//! What viewers of a stage that was locked before need is put back where somebody takes it away; and where it cannot be, that is told.

use super::scenes::{NAME, config, quiet, resyncs, the};
use super::stage_and_mode::{REGION, REST, locked, settles, spec, viewers_are_served};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::aws::operations::Call;
use palisade::domain::access::proof::Proof;
use palisade::domain::edge::config::sent_of;
use palisade::domain::edge::xml;
use std::collections::BTreeSet;

const HEADER: &str = "x-origin-verify";
const KEY: &str = "x-api-key";

fn sent(cluster: &Cluster) -> BTreeSet<Proof> {
    sent_of(&config(cluster)).proofs()
}

/// Stage `dev` is locked in the mode `after`, while `prod` still asks for what it did in the mode `before`. From here on others may do
/// what they like.
async fn moved(before: &str, after: &str) -> Cluster {
    let mut cluster = locked(REST, before).await;
    cluster.apply_spec(NAME, spec(REST, "dev", after));
    settles(&mut cluster, REST, after, &format!("{before} to {after}")).await;
    cluster.invariants = None;
    cluster
}

/// Viewers of both stages are served, and stay so.
async fn is_mended(cluster: &mut Cluster, told: &str) {
    resyncs(cluster, 2).await;
    cluster.settle_patiently(NAME).await;
    let story = cluster.story(NAME);
    assert_eq!(sent(cluster).len(), 2, "{told}: {story}");
    assert_eq!(notes(cluster), Vec::<String>::new(), "{told}");
    viewers_are_served(cluster, REST);
    cluster.watch();
    quiet(cluster, NAME).await;
    viewers_are_served(cluster, REST);
}

/// What is told of viewers who are refused.
fn notes(cluster: &Cluster) -> Vec<String> {
    let status = cluster.objects[NAME].status.clone().unwrap();
    let notes = status.notes.into_iter();
    let refused = notes.filter(|note| note.reason == "EarlierStageRefused");
    refused.map(|note| note.message).collect()
}

/// Somebody takes the header of that name off the distribution.
fn remove_header(cluster: &Cluster, name: &str) {
    let distribution = the(cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&distribution, |config| {
        let origins = xml::items_at(config, "Origins").into_iter().cloned();
        let without = origins.map(|mut origin| {
            let headers = xml::items_at(&origin, "CustomHeaders").into_iter().cloned();
            let is_left = |item: &xml::Element| xml::text_at(item, "HeaderName").as_deref() != Some(name);
            let left = headers.filter(is_left).collect();
            xml::put(&mut origin, xml::list("CustomHeaders", left), &[]);
            origin
        });
        let without = without.collect();
        xml::put(config, xml::list("Origins", without), &[]);
    });
}

fn name_of(cluster: &Cluster, end: &str) -> String {
    let all = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    let mut names = all.map(|found| found.name).filter(|name| name.ends_with(end));
    names.next().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_somebody_takes_off_comes_back_for_viewers_of_an_earlier_stage() {
    for after in ["ApiKey", "SecretHeader"] {
        let mut cluster = moved("SigV4", after).await;
        let distribution = the(&cluster, Kind::Distribution).id;
        cluster.cloud.edit_distribution(&distribution, |config| {
            let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
            xml::put(behaviour, xml::list("LambdaFunctionAssociations", vec![]), &[]);
        });
        assert!(!sent(&cluster).contains(&Proof::Signature));
        is_mended(&mut cluster, after).await;
        assert!(sent(&cluster).contains(&Proof::Signature), "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_header_that_somebody_takes_off_comes_back_for_viewers_of_an_earlier_stage() {
    for (before, after, header) in [
        ("ApiKey", "SigV4", KEY),
        ("ApiKey", "SecretHeader", KEY),
        ("SecretHeader", "SigV4", HEADER),
        ("SecretHeader", "ApiKey", HEADER),
    ] {
        let told = format!("{before} to {after}");
        let mut cluster = moved(before, after).await;
        let value = sent_of(&config(&cluster)).headers[header].clone();
        remove_header(&cluster, header);
        is_mended(&mut cluster, &told).await;
        let again = sent_of(&config(&cluster)).headers[header].clone();
        // The key tells its value, and the authorizer's function knows a digest alone.
        assert_eq!(again == value, header == KEY, "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_somebody_deletes_is_made_again_for_viewers_of_an_earlier_stage() {
    for after in ["SigV4", "SecretHeader"] {
        let mut cluster = moved("ApiKey", after).await;
        let value = sent_of(&config(&cluster)).headers[KEY].clone();
        let resources = cluster.cloud.resources_of(&cluster.uid(NAME));
        let key = resources.iter().find(|found| found.kind == Kind::ApiKey);
        let (region, id) = (REGION.to_owned(), key.unwrap().id.clone());
        cluster
            .cloud
            .as_somebody(Call::DeleteApiKey { region, id })
            .unwrap();
        is_mended(&mut cluster, after).await;
        assert_eq!(sent_of(&config(&cluster)).headers[KEY], value, "{after}");
        let resources = cluster.cloud.resources_of(&cluster.uid(NAME));
        let keys = resources.iter().filter(|found| found.kind == Kind::ApiKey);
        assert_eq!(keys.count(), 1, "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_authorizers_function_that_somebody_deletes_is_made_again_for_viewers_of_an_earlier_stage() {
    for after in ["SigV4", "ApiKey"] {
        let mut cluster = moved("SecretHeader", after).await;
        let value = sent_of(&config(&cluster)).headers[HEADER].clone();
        cluster.cloud.remove_function(&name_of(&cluster, "-auth"));
        is_mended(&mut cluster, after).await;
        assert_eq!(sent_of(&config(&cluster)).headers[HEADER], value, "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_put_back_is_told_with_the_stage_and_what_ends_it() {
    let mut cluster = moved("SecretHeader", "SigV4").await;
    let name = name_of(&cluster, "-auth");
    cluster.cloud.remove_function(&name);
    cluster.cloud.remove_role(&name);
    resyncs(&mut cluster, 2).await;
    let story = cluster.story(NAME);
    let told = notes(&cluster);
    assert_eq!(told.len(), 1, "{story}");
    assert!(
        told[0].contains("stage prod still asks for the header") && told[0].contains("deploy the API there"),
        "{told:?}"
    );
    assert!(cluster.message(NAME, "Ready").contains(&told[0]), "{story}");
}
