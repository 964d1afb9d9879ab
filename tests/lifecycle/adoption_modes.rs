//! A change of the mode where a distribution that is adopted has behaviours of its owners that lead to the API.

use super::adoption_scenes::{Theirs, adopt, confirmed_with, guide};
use super::petstore::{API, METHODS, ask};
use super::scenes::NAME;
use super::support::cluster::Cluster;
use palisade::domain::access::proof::Proof;
use palisade::domain::edge::config::sent_of;
use palisade::domain::edge::xml::{self, Element};
use std::collections::BTreeSet;
use std::time::Duration;

/// Has the distribution lead `/v2/*` to the API by the origin that the default behaviour uses.
fn lead_beside(config: &mut Element) {
    let origin = xml::text_at(config, "DefaultCacheBehavior/TargetOriginId").unwrap();
    let behaviour = vec![
        xml::text("PathPattern", "/v2/*"),
        xml::text("TargetOriginId", origin),
        xml::text("ViewerProtocolPolicy", "https-only"),
        xml::text("CachePolicyId", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
    ];
    let behaviours = xml::list("CacheBehaviors", vec![xml::parent("CacheBehavior", behaviour)]);
    xml::put(config, behaviours, &[]);
}

fn sent(cluster: &Cluster, theirs: &Theirs) -> BTreeSet<Proof> {
    sent_of(&cluster.cloud.config_of(&theirs.id)).proofs()
}

/// What each method asks for, as deployed.
fn asked(cluster: &Cluster) -> Vec<String> {
    let served = METHODS
        .iter()
        .map(|method| cluster.cloud.served(API, "prod", method));
    served
        .map(|asked| asked.map(|asked| asked.kind).unwrap_or_default())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_change_to_signatures_waits_while_a_behaviour_leads_to_the_api_without_the_signer() {
    let (mut cluster, theirs) = guide().await;
    ask(&cluster, &METHODS, "NONE");
    cluster.cloud.edit_distribution(&theirs.id, lead_beside);
    tokio::time::sleep(Duration::from_mins(10)).await;
    confirmed_with(&mut cluster, &theirs, "access: {mode: SecretHeader}").await;
    cluster.ready(NAME).await;
    let (before, header) = (asked(&cluster), sent(&cluster, &theirs));
    assert!(!header.contains(&Proof::Signature), "{header:?}");

    cluster.apply(
        NAME,
        &format!("{}\naccess: {{mode: SigV4}}", adopt(&theirs.id, "")),
    );
    assert_eq!(cluster.stalled(NAME).await, "BehaviorInTheWay");
    // Also where only the row in the list is looked at.
    cluster.resync(NAME).await;
    cluster.resync(NAME).await;
    let story = cluster.story(NAME);
    assert_eq!(cluster.reason(NAME, "Stalled"), "BehaviorInTheWay", "{story}");
    assert_eq!(asked(&cluster), before, "{story}");
    assert_eq!(sent(&cluster, &theirs), header, "{story}");
    let told = cluster.message(NAME, "AccessRestricted");
    assert!(told.contains("/v2/*"), "{told}");
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");

    // The default behaviour serves those paths by now.
    cluster.cloud.edit_distribution(&theirs.id, |config| {
        xml::put(config, xml::list("CacheBehaviors", vec![]), &[]);
    });
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    let story = cluster.story(NAME);
    assert_eq!(
        sent(&cluster, &theirs),
        BTreeSet::from([Proof::Signature]),
        "{story}"
    );
    assert_eq!(asked(&cluster), ["AWS_IAM"; 3], "{story}");
}
