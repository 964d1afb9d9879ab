//! Lists: pages, and how they lag behind writes.

use crate::conformance::world::{HOUR, World, conformance, settings};
use crate::support::pieces::{
    self, CLUSTER, active_function, build, config, eventually, ip_set, role, tags, web_acl,
};
use palisade::aws::cloud::{Cloud, CloudError, Page};
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::TAG_CLUSTER;
use palisade::domain::signer::function::EDGE_REGION;
use std::collections::BTreeSet;
use std::time::Duration;

conformance!(
    a_list_does_not_show_yet_what_was_just_made,
    a_list_still_shows_old_versions_and_what_was_just_deleted,
    the_tagging_service_knows_resources_by_their_cluster,
    the_tagging_service_learns_of_changed_tags,
    the_tagging_service_lags_further_than_lists,
    distributions_come_in_pages_of_a_hundred,
    ip_sets_come_in_pages_of_a_hundred,
    functions_and_versions_come_in_pages_of_fifty,
    tagged_resources_come_in_pages_of_a_hundred,
);

/// Longer than the few calls between a write and the look at what lists still show.
const LAG: Duration = Duration::from_secs(3);

async fn a_list_does_not_show_yet_what_was_just_made(cloud: &dyn Cloud, world: &dyn World) {
    let there = cloud.list_roles(None).await.unwrap().items.len();
    world.configure(settings(|s| s.list_lag = HOUR)).await;
    let built = build(cloud, "petstore").await;
    cloud.create_ip_set(ip_set("petstore", &[])).await.unwrap();
    assert!(cloud.list_distributions(None).await.unwrap().items.is_empty());
    assert!(cloud.list_web_acls(None).await.unwrap().items.is_empty());
    assert!(cloud.list_ip_sets(None).await.unwrap().items.is_empty());
    assert!(cloud.list_functions(None).await.unwrap().items.is_empty());
    assert!(cloud.list_roles(None).await.unwrap().items.len() <= there);
    assert!(
        cloud
            .list_tagged(CLUSTER.to_owned(), None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    // Direct reads do not lag.
    cloud.get_distribution(built.distribution.id).await.unwrap();
    cloud
        .get_web_acl(built.web_acl.id, built.web_acl.name)
        .await
        .unwrap();
    cloud
        .get_function(EDGE_REGION.to_owned(), "petstore".to_owned())
        .await
        .unwrap();
    cloud.get_role("petstore".to_owned()).await.unwrap();
}

async fn a_list_still_shows_old_versions_and_what_was_just_deleted(cloud: &dyn Cloud, world: &dyn World) {
    let built = build(cloud, "petstore").await;
    let doomed = cloud
        .create_web_acl("doomed".to_owned(), web_acl(&[]), tags("doomed"))
        .await
        .unwrap();
    world.configure(settings(|s| s.list_lag = LAG)).await;
    let shows_doomed = async || cloud.list_web_acls(None).await.unwrap().items.contains(&doomed);
    let etag = async || {
        let page = cloud.list_distributions(None).await.unwrap();
        page.items.first().map(|row| row.etag.clone())
    };
    let before = Some(built.distribution.etag.clone());
    eventually("lists show what was made", async || {
        shows_doomed().await && etag().await == before
    })
    .await;
    cloud.delete_web_acl(doomed.clone()).await.unwrap();
    let changed = pieces::with(&built.distribution.config, xml::text("Comment", "changed"));
    let updated = cloud.update_distribution(
        built.distribution.id.clone(),
        built.distribution.etag.clone(),
        changed,
    );
    let updated = Some(updated.await.unwrap().etag);
    assert!(shows_doomed().await);
    assert_eq!(etag().await, before);
    eventually("lists have caught up", async || {
        !shows_doomed().await && etag().await == updated
    })
    .await;
}

async fn the_tagging_service_knows_resources_by_their_cluster(cloud: &dyn Cloud, _: &dyn World) {
    let built = build(cloud, "petstore").await;
    let set = cloud.create_ip_set(ip_set("petstore", &[])).await.unwrap();
    let foreign = [(TAG_CLUSTER.to_owned(), "another cluster".to_owned())].into();
    cloud
        .create_web_acl("foreign".to_owned(), web_acl(&[]), foreign)
        .await
        .unwrap();
    let found = cloud.list_tagged(CLUSTER.to_owned(), None).await.unwrap();
    assert_eq!(found.next, None);
    let function = built.function.arn.trim_end_matches(":1").to_owned();
    let expected = [built.distribution.arn, built.web_acl.arn, set.arn, function];
    let arns: BTreeSet<_> = found.items.iter().map(|item| item.arn.clone()).collect();
    assert_eq!(arns, expected.into());
    assert!(found.items.iter().all(|item| item.tags == tags("petstore")));
}

async fn the_tagging_service_learns_of_changed_tags(cloud: &dyn Cloud, _: &dyn World) {
    let built = build(cloud, "petstore").await;
    let set = cloud.create_ip_set(ip_set("petstore", &[])).await.unwrap();
    let function = built.function.arn.trim_end_matches(":1").to_owned();
    let condemned = || [("palisade.dev/condemned".to_owned(), "now".to_owned())].into();
    cloud
        .tag_distribution(built.distribution.arn.clone(), condemned())
        .await
        .unwrap();
    cloud.tag_function(function, condemned()).await.unwrap();
    cloud
        .tag_waf(built.web_acl.arn.clone(), condemned())
        .await
        .unwrap();
    let found = cloud.list_tagged(CLUSTER.to_owned(), None).await.unwrap().items;
    let marked = found
        .iter()
        .filter(|item| item.tags.contains_key("palisade.dev/condemned"));
    assert_eq!((found.len(), marked.count()), (4, 3));
    cloud
        .untag_waf(set.arn.clone(), vec![TAG_CLUSTER.to_owned()])
        .await
        .unwrap();
    cloud.delete_ip_set(set.clone()).await.unwrap();
    let found = cloud.list_tagged(CLUSTER.to_owned(), None).await.unwrap().items;
    assert!(found.iter().all(|item| item.arn != set.arn));
}

async fn the_tagging_service_lags_further_than_lists(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.tag_lag = HOUR)).await;
    build(cloud, "petstore").await;
    assert_eq!(cloud.list_web_acls(None).await.unwrap().items.len(), 1);
    assert!(
        cloud
            .list_tagged(CLUSTER.to_owned(), None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

async fn distributions_come_in_pages_of_a_hundred(cloud: &dyn Cloud, _: &dyn World) {
    for number in 0..101 {
        let name = format!("n{number}");
        cloud
            .create_distribution(config(&name, None), tags(&name))
            .await
            .unwrap();
    }
    let pages = pages(async |marker| cloud.list_distributions(marker).await).await;
    expect_sizes(&pages, &[100, 1]);
    expect_distinct(pages.into_iter().flatten().map(|item| item.id), 101);
}

async fn ip_sets_come_in_pages_of_a_hundred(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.limits.ip_sets = 1000)).await;
    for number in 0..101 {
        cloud
            .create_ip_set(ip_set(&format!("n{number}"), &[]))
            .await
            .unwrap();
    }
    let pages = pages(async |marker| cloud.list_ip_sets(marker).await).await;
    // Every page on which something stands is marked: that it was the last one, only an empty page tells.
    expect_sizes(&pages, &[100, 1, 0]);
    expect_distinct(pages.into_iter().flatten().map(|item| item.id), 101);
}

async fn functions_and_versions_come_in_pages_of_fifty(cloud: &dyn Cloud, _: &dyn World) {
    let role = cloud.create_role(role("petstore")).await.unwrap();
    active_function(cloud, "petstore", &role.arn).await;
    for number in 0..50 {
        let name = format!("n{number}");
        cloud
            .create_function(EDGE_REGION.to_owned(), pieces::function(&name, &role.arn))
            .await
            .unwrap();
        let package = pieces::package(&format!("export const handler = async () => {number};"));
        let latest = cloud
            .get_function_configuration("petstore".to_owned(), None)
            .await
            .unwrap();
        cloud
            .update_function_code(
                EDGE_REGION.to_owned(),
                "petstore".to_owned(),
                package,
                latest.revision,
                true,
            )
            .await
            .unwrap();
    }
    let functions = pages(async |marker| cloud.list_functions(marker).await).await;
    expect_sizes(&functions, &[50, 1]);
    expect_distinct(functions.into_iter().flatten().map(|item| item.arn), 51);
    let versions = pages(async |marker| cloud.list_versions("petstore".to_owned(), marker).await).await;
    expect_distinct(versions.into_iter().flatten().map(|item| item.arn), 51);
}

async fn tagged_resources_come_in_pages_of_a_hundred(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.limits.ip_sets = 1000)).await;
    for number in 0..101 {
        cloud
            .create_ip_set(ip_set(&format!("n{number}"), &[]))
            .await
            .unwrap();
    }
    let pages = pages(async |marker| cloud.list_tagged(CLUSTER.to_owned(), marker).await).await;
    expect_sizes(&pages, &[100, 1]);
    expect_distinct(pages.into_iter().flatten().map(|item| item.arn), 101);
}

/// Reads a list to its end.
async fn pages<T>(list: impl AsyncFn(Option<String>) -> Result<Page<T>, CloudError>) -> Vec<Vec<T>> {
    let mut pages = Vec::new();
    let mut marker = None;
    loop {
        let page = list(marker).await.unwrap();
        pages.push(page.items);
        marker = page.next;
        if marker.is_none() {
            return pages;
        }
    }
}

#[track_caller]
fn expect_sizes<T>(pages: &[Vec<T>], sizes: &[usize]) {
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
}

#[track_caller]
fn expect_distinct(keys: impl Iterator<Item = String>, count: usize) {
    let keys: Vec<_> = keys.collect();
    assert_eq!(keys.len(), count);
    assert_eq!(keys.into_iter().collect::<BTreeSet<_>>().len(), count);
}
