//! Everything that serves names, made for one distribution, changed and taken down.

use super::pieces::{eventually, tags_of};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::domain::edge::certificate::{ISSUED, Request};
use palisade::domain::edge::distribution::Content;
use palisade::domain::edge::hosted_zone::{Deed, Record, RecordChange, cname, leading_to, mark_of};
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::{Owner, Tags};
use palisade::domain::signer::function::EDGE_REGION;

/// A public hosted zone, which must be there, and its name.
pub const ZONE: (&str, &str) = ("Z0PALISADENAMES", "names.example.com");
const ALIAS: &str = "api.names.example.com";

/// Calls every operation of ACM and of hosted zones, and has an alias moved to the distribution; answers the certificate's ARN.
pub async fn name(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    distribution: &Content,
) -> Result<String, CloudError> {
    let (id, zone) = (ZONE.0.to_owned(), ZONE.1);
    assert_eq!(cloud.get_hosted_zone(id.clone()).await?.name, zone);
    let arn = cloud
        .request_certificate(Request {
            region: EDGE_REGION.to_owned(),
            names: vec![ALIAS.into(), "*.names.example.com".into()],
            token: "once".into(),
            tags: tags_of(name, cluster),
        })
        .await?;
    let team = || Tags::from([("team".into(), "shop".into())]);
    cloud.tag_certificate(arn.clone(), team()).await?;
    assert_eq!(cloud.list_certificate_tags(arn.clone()).await?["team"], "shop");
    cloud.untag_certificate(arn.clone(), vec!["team".into()]).await?;
    assert_eq!(
        cloud.list_certificate_tags(arn.clone()).await?,
        tags_of(name, cluster)
    );
    prove(cloud, &arn).await?;
    lead(cloud, name, cluster, &distribution.domain_name).await?;
    let found = cloud.get_distribution(distribution.id.clone()).await?;
    let mut config = found.config.clone();
    let certificate = vec![
        xml::text("ACMCertificateArn", &arn),
        xml::text("SSLSupportMethod", "sni-only"),
        xml::text("MinimumProtocolVersion", "TLSv1.2_2021"),
    ];
    xml::put(&mut config, xml::parent("ViewerCertificate", certificate), &[]);
    cloud
        .update_distribution(distribution.id.clone(), found.etag, config)
        .await?;
    let conflicts = cloud
        .list_domain_conflicts(distribution.id.clone(), ALIAS.into(), None)
        .await?;
    assert_eq!(conflicts.items, []);
    cloud
        .associate_alias(distribution.id.clone(), ALIAS.into())
        .await?;
    let found = cloud.get_distribution(distribution.id.clone()).await?;
    assert_eq!(xml::texts_at(&found.config, "Aliases"), [ALIAS]);
    Ok(arn)
}

/// Makes the records that prove a certificate's names, and waits until it is issued.
pub async fn prove(cloud: &(dyn Cloud + '_), arn: &str) -> Result<(), CloudError> {
    let described = async || cloud.describe_certificate(arn.to_owned()).await;
    described().await?;
    eventually("ACM says which records it wants", async || {
        described().await.is_ok_and(|found| !found.proofs.is_empty())
    })
    .await;
    let proofs = described().await?.proofs.into_iter();
    let mut records: Vec<Record> = proofs.map(|proof| cname(&proof.name, &proof.value)).collect();
    records.sort();
    records.dedup();
    change(cloud, Deed::Upsert, records).await?;
    eventually("the certificate is issued", async || {
        described().await.is_ok_and(|found| found.status == ISSUED)
    })
    .await;
    let issued = described().await?;
    assert!(issued.not_after > issued.requested_at, "{issued:?}");
    Ok(())
}

/// Makes, reads and deletes the records of an alias.
async fn lead(cloud: &(dyn Cloud + '_), name: &str, cluster: &str, domain: &str) -> Result<(), CloudError> {
    let owner = Owner {
        cluster: cluster.into(),
        namespace: "shop".into(),
        name: name.into(),
        uid: "u".into(),
        taken: None,
    };
    let [a, aaaa] = leading_to(ALIAS, domain);
    let records = vec![a, aaaa, mark_of(ALIAS, &owner, domain)];
    change(cloud, Deed::Create, records.clone()).await?;
    let listed = cloud.list_records(ZONE.0.into(), None).await?.items;
    assert!(
        records.iter().all(|record| listed.contains(record)),
        "{listed:#?}"
    );
    change(cloud, Deed::Delete, records).await
}

async fn change(cloud: &(dyn Cloud + '_), deed: Deed, records: Vec<Record>) -> Result<(), CloudError> {
    let changes = records.into_iter().map(|record| RecordChange { deed, record });
    cloud.change_records(ZONE.0.into(), changes.collect()).await
}
