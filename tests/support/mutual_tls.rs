//! Everything that serves mutual TLS, made, changed and taken down.

use super::named::prove;
use super::pairs::pair;
use super::pieces::{eventually, tags_of};
use jiff::Timestamp;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::domain::edge::certificate::Request;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::mutual_tls::origin_domain::{AVAILABLE, Change, Creation};
use palisade::domain::mutual_tls::pair::{Pair, certificates};
use serde_json::{Value, json};

const REGION: &str = "eu-north-1";
const BUCKET: &str = "palisade-truststores";
/// Id and stage of the demo's REST API, which is of that Region.
const REST: [&str; 2] = ["a1b2c3d4e5", "prod"];
/// Region and id of the demo's HTTP API.
const HTTP: [&str; 2] = ["eu-central-1", "b2c3d4e5f6"];
const DOMAIN: &str = "origin.names.example.com";

/// The bucket of the truststore, for those who can make one.
pub fn bucket() -> Value {
    json!({"name": BUCKET, "region": REGION})
}

/// Calls every operation of S3 and of custom domain names, imports a client certificate, and switches default endpoints. The
/// hosted zone of [`super::named`] must be there.
pub async fn show(cloud: &(dyn Cloud + '_), name: &str, cluster: &str) -> Result<(), CloudError> {
    let (first, next) = (
        pair(DOMAIN, 1, Timestamp::now()),
        pair(DOMAIN, 2, Timestamp::now()),
    );
    let key = format!("palisade/{cluster}/{name}.pem");
    let version = write(cloud, &key, &first.ca).await?;
    let certificate = public_certificate(cloud, name, cluster).await?;
    let creation = Creation {
        name: DOMAIN.to_owned(),
        certificate_arn: certificate.clone(),
        truststore_uri: format!("s3://{BUCKET}/{key}"),
        truststore_version: version.clone(),
        tags: tags_of(name, cluster),
    };
    let made = cloud.create_domain_name(region(), creation.clone()).await?;
    assert_eq!(made.truststore_version.as_deref(), Some(version.as_str()));
    available(cloud).await;
    lead(cloud).await?;
    tag(cloud, name, cluster).await?;
    let listed = cloud
        .list_tagged_of_region(region(), cluster.to_owned(), None)
        .await?;
    let listed: Vec<_> = listed.items.into_iter().map(|found| found.arn).collect();
    assert!(
        listed.contains(&arn()) && listed.contains(&certificate),
        "{listed:?}"
    );

    let version = write(cloud, &key, &format!("{}\n{}", first.ca, next.ca)).await?;
    let change = Change {
        name: creation.name,
        certificate_arn: creation.certificate_arn,
        truststore_uri: creation.truststore_uri,
        truststore_version: version.clone(),
    };
    cloud.update_domain_name(region(), change).await?;
    available(cloud).await;
    let (found, _) = cloud.get_domain_name(region(), DOMAIN.to_owned()).await?;
    assert_eq!(found.truststore_version, Some(version));

    import(cloud, &first, tags_of(name, cluster)).await?;
    switch(cloud).await?;
    cloud.delete_domain_name(region(), DOMAIN.to_owned()).await?;
    cloud.delete_certificate(certificate).await?;
    clear(cloud, &key).await
}

/// The public certificate of two custom domain names, for those who can make one.
pub fn public_certificate_of_all() -> Value {
    json!({"domain": "*.names.example.com", "region": REGION})
}

/// Two custom domain names with the certificate of that ARN: of `cluster`, with a truststore of its own, and of nobody's that is
/// Palisade's.
pub async fn domain_names(cloud: &(dyn Cloud + '_), cluster: &str, arn: &str) -> (Creation, Creation) {
    let create = async |name: &str, key: &str, tags: Tags| {
        let content = pair(name, 1, Timestamp::now()).ca;
        let put = cloud.put_object(region(), BUCKET.to_owned(), key.to_owned(), content);
        let creation = Creation {
            name: format!("{name}.names.example.com"),
            certificate_arn: arn.to_owned(),
            truststore_uri: format!("s3://{BUCKET}/{key}"),
            truststore_version: put.await.unwrap().unwrap(),
            tags,
        };
        cloud
            .create_domain_name(region(), creation.clone())
            .await
            .unwrap();
        creation
    };
    let key = format!("palisade/{cluster}/ours.pem");
    (
        create("ours", &key, tags_of("ours", cluster)).await,
        create("foreign", "palisade-foreign.pem", Tags::new()).await,
    )
}

fn region() -> String {
    REGION.to_owned()
}

fn arn() -> String {
    format!("arn:aws:apigateway:{REGION}::/domainnames/{DOMAIN}")
}

/// Writes the truststore; answers its version.
async fn write(cloud: &(dyn Cloud + '_), key: &str, content: &str) -> Result<String, CloudError> {
    let bucket = || BUCKET.to_owned();
    assert!(cloud.get_bucket_versioning(region(), bucket()).await?);
    let put = cloud.put_object(region(), bucket(), key.to_owned(), content.to_owned());
    let version = put.await?.expect("the bucket keeps versions");
    let (newest, found) = cloud.get_object(region(), bucket(), key.to_owned()).await?;
    assert_eq!((newest.as_ref(), found.as_str()), (Some(&version), content));
    Ok(version)
}

/// A public certificate of the Region for the domain name.
async fn public_certificate(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
) -> Result<String, CloudError> {
    let request = Request {
        region: region(),
        names: vec![DOMAIN.to_owned()],
        token: "origin".to_owned(),
        tags: tags_of(name, cluster),
    };
    let arn = cloud.request_certificate(request).await?;
    prove(cloud, &arn).await?;
    Ok(arn)
}

async fn available(cloud: &(dyn Cloud + '_)) {
    eventually("the custom domain name is AVAILABLE", async || {
        let found = cloud.get_domain_name(region(), DOMAIN.to_owned()).await;
        found.is_ok_and(|(found, _)| found.status == AVAILABLE)
    })
    .await;
}

/// Makes, reads and deletes a mapping.
async fn lead(cloud: &(dyn Cloud + '_)) -> Result<(), CloudError> {
    let (domain, [api, stage]) = (|| DOMAIN.to_owned(), REST.map(str::to_owned));
    let made = cloud
        .create_api_mapping(region(), domain(), String::new(), api, stage)
        .await?;
    let listed = cloud.list_mappings_of(region(), domain(), None).await?.items;
    assert_eq!(listed, std::slice::from_ref(&made));
    cloud.delete_api_mapping(region(), domain(), made.id).await
}

async fn tag(cloud: &(dyn Cloud + '_), name: &str, cluster: &str) -> Result<(), CloudError> {
    let tags = async || Ok::<_, CloudError>(cloud.get_domain_name(region(), DOMAIN.to_owned()).await?.1);
    cloud
        .tag_domain_name(arn(), Tags::from([("team".into(), "shop".into())]))
        .await?;
    assert_eq!(tags().await?["team"], "shop");
    cloud.untag_domain_name(arn(), vec!["team".to_owned()]).await?;
    assert_eq!(tags().await?, tags_of(name, cluster));
    Ok(())
}

async fn import(cloud: &(dyn Cloud + '_), pair: &Pair, tags: Tags) -> Result<(), CloudError> {
    let arn = cloud.import_certificate(Box::new(pair.clone()), tags).await?;
    let (leaf, ca) = cloud.get_certificate(arn.clone()).await?;
    assert_eq!(certificates(&leaf), certificates(&pair.leaf));
    assert_eq!(certificates(&ca), certificates(&pair.ca));
    let found = cloud.describe_certificate(arn.clone()).await?;
    assert!(found.is_for_clients && found.in_use_by.is_empty(), "{found:?}");
    assert!(found.not_before < found.not_after, "{found:?}");
    cloud.delete_certificate(arn).await
}

/// Switches a default endpoint of each type off and on again.
async fn switch(cloud: &(dyn Cloud + '_)) -> Result<(), CloudError> {
    let (api, [at, http]) = (|| REST[0].to_owned(), HTTP.map(str::to_owned));
    for off in [true, false] {
        cloud.switch_rest_endpoint(region(), api(), off).await?;
        let found = cloud.get_rest_api(region(), api()).await?;
        assert_eq!(found.default_endpoint_disabled, off);
        cloud.switch_endpoint(at.clone(), http.clone(), off).await?;
        let found = cloud.get_api(at.clone(), http.clone()).await?;
        assert_eq!(found.default_endpoint_disabled, off);
    }
    describe(cloud).await
}

/// Changes what a stage of each type says of itself, there and back.
async fn describe(cloud: &(dyn Cloud + '_)) -> Result<(), CloudError> {
    let [api, stage] = REST.map(str::to_owned);
    let [at, http] = HTTP.map(str::to_owned);
    for words in ["Palisade", ""] {
        let (api, stage) = (api.clone(), stage.clone());
        cloud
            .describe_rest_stage(region(), api, stage, words.to_owned())
            .await?;
        let (at, http) = (at.clone(), http.clone());
        let stages = cloud.list_stages(at.clone(), http.clone(), None).await?.items;
        let stage = stages.first().map(|found| found.name.clone()).unwrap_or_default();
        cloud.describe_stage(at, http, stage, words.to_owned()).await?;
    }
    Ok(())
}

/// Deletes the truststore with all its versions.
async fn clear(cloud: &(dyn Cloud + '_), key: &str) -> Result<(), CloudError> {
    let (bucket, key) = (|| BUCKET.to_owned(), || key.to_owned());
    let versions = cloud
        .list_object_versions(region(), bucket(), key(), None)
        .await?
        .items;
    assert_eq!(versions.len(), 2, "{versions:?}");
    for version in versions {
        cloud
            .delete_object_version(region(), bucket(), key(), version)
            .await?;
    }
    cloud
        .get_object(region(), bucket(), key())
        .await
        .expect_err("it is gone");
    Ok(())
}
