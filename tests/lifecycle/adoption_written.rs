//! A spec is written from what stands, so that its adoption changes little more than whose the distribution is.

use super::adoption_scenes::{Theirs, adoption, guide};
use super::plans::{made, planned_for};
use super::scenes::{NAME, history};
use super::support::cluster::Cluster;
use palisade::api::{AccountQuotas, AdoptionState, ProtectedApiSpec, StandingDistribution};
use palisade::domain::edge::xml;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::kernel::rejection::Rejection;
use palisade::domain::status::plan_answer::Answer;
use std::time::Duration;

/// What changes of every distribution that is adopted.
const OWNERSHIP: [&str; 3] = ["comment", "webAclArn", "signerVersionArn"];

fn standing(theirs: &Theirs) -> StandingDistribution {
    StandingDistribution {
        distribution_id: theirs.id.clone(),
        account_name: None,
        stage: None,
        let_go: None,
    }
}

async fn written(cluster: &Cluster, theirs: &Theirs) -> ProtectedApiSpec {
    let spec = cluster.engine.written(&standing(theirs), &|_| Ok(())).await;
    let spec = spec.unwrap_or_else(|answer| panic!("{answer:?}"));
    let writes = cluster.cloud.journal().writes().len();
    assert_eq!(writes, 0, "{}", history(cluster));
    spec
}

/// The fields that an adoption by this spec changes.
async fn changes(cluster: &mut Cluster, spec: ProtectedApiSpec) -> Vec<String> {
    cluster.apply_spec(NAME, spec);
    cluster.settle(NAME).await;
    let told = adoption(cluster);
    assert_eq!(told.state, AdoptionState::Planned, "{:?}", told.refusals);
    told.changes.into_iter().map(|change| change.field).collect()
}

#[tokio::test(start_paused = true)]
async fn the_plan_of_a_spec_that_is_written_from_what_stands_is_empty_but_for_ownership() {
    let (mut cluster, theirs) = guide().await;
    let spec = written(&cluster, &theirs).await;
    assert_eq!(changes(&mut cluster, spec).await, OWNERSHIP);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_set_otherwise_than_the_baseline_is_in_the_spec() {
    let (mut cluster, theirs) = guide().await;
    cluster.cloud.edit_distribution(&theirs.id, |config| {
        let mut put = |element| xml::put(config, element, &[]);
        put(xml::text("PriceClass", "PriceClass_100"));
        put(xml::text("HttpVersion", "http2"));
        let locations = xml::list("GeoRestriction", vec![xml::text("Location", "KP")]);
        let mut restriction = xml::parent("GeoRestriction", vec![xml::text("RestrictionType", "blacklist")]);
        restriction.children.extend(locations.children);
        put(xml::parent("Restrictions", vec![restriction]));
    });
    tokio::time::sleep(Duration::from_mins(10)).await;
    let spec = written(&cluster, &theirs).await;
    let found = serde_json::to_value(&spec).unwrap()["distribution"].clone();
    assert_eq!(found["priceClass"], "PriceClass_100");
    assert_eq!(found["httpVersion"], "http2");
    assert_eq!(found["geoRestriction"]["block"][0], "KP");
    assert_eq!(changes(&mut cluster, spec).await, OWNERSHIP);
}

#[tokio::test(start_paused = true)]
async fn before_what_it_leads_to_is_permitted_only_the_distribution_is_read() {
    let (cluster, theirs) = guide().await;
    let refuse = |_: &ProtectedApiSpec| Err(Rejection::new(Reason::NotPermitted, "no"));
    let answer = cluster.engine.written(&standing(&theirs), &refuse).await;
    assert!(
        matches!(&answer, Err(Answer::Refused(why)) if why.reason == Reason::NotPermitted),
        "{answer:?}"
    );
    let calls = cluster.cloud.journal();
    for call in ["GetRestApi", "GetApi", "GetStages", "GetWebACL"] {
        assert_eq!(calls.count(call), 0, "{call}: {}", history(&cluster));
    }
    assert_eq!(calls.count("GetDistribution"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_is_not_there_is_refused_by_its_id() {
    let (cluster, mut theirs) = guide().await;
    theirs.id = "E0NOBODYS".to_owned();
    let answer = cluster.engine.written(&standing(&theirs), &|_| Ok(())).await;
    assert!(
        matches!(&answer, Err(Answer::Refused(why)) if why.message.contains("no distribution E0NOBODYS")),
        "{answer:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_hash_that_is_shown_before_the_object_is_there_is_the_one_that_confirms_it() {
    let (mut cluster, theirs) = guide().await;
    let spec = written(&cluster, &theirs).await;
    let plan = made(planned_for(&cluster, spec.clone(), &AccountQuotas::default()).await);
    let shown = plan.adoption.expect("an adoption");
    assert_eq!(changes(&mut cluster, spec).await, OWNERSHIP);
    assert_eq!(shown.hash, adoption(&cluster).hash);
    assert!(shown.hash.is_some());
}
