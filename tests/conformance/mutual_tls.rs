//! Custom domain names that ask for client certificates, and default endpoints that are switched.

use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use crate::support::pairs::pair_of_always;
use crate::support::pieces;
use crate::support::simulation::apigateway::Preloaded;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{Exists, NotFound, Terminal};
use palisade::domain::mutual_tls::origin_domain::{AVAILABLE, Change, Content, Creation};

conformance!(
    the_tagging_service_of_a_region_knows_names_and_the_one_of_the_edge_client_certificates,
    a_domain_name_is_read_as_it_was_made,
    a_domain_name_serves_once_it_is_available,
    a_domain_name_needs_a_certificate_that_covers_it,
    a_domain_name_needs_a_truststore_version_that_is_there,
    a_domain_name_is_made_once,
    a_truststore_takes_the_place_of_another_by_its_version,
    a_mapping_leads_a_path_to_a_stage_once,
    a_domain_name_goes_with_its_mappings,
    a_default_endpoint_is_switched_off_and_on,
    what_a_stage_says_of_itself_is_written_and_told,
    an_api_tells_its_security_policy_and_endpoint_access_mode,
    what_is_not_there_of_domain_names_is_not_found,
);

const REGION: &str = "eu-north-1";
const BUCKET: &str = "shop-truststores";
const KEY: &str = "palisade/c/u.pem";
const DOMAIN: &str = "origin.example.com";
const API: &str = "petstore00";

fn region() -> String {
    REGION.to_owned()
}

fn domain() -> String {
    DOMAIN.to_owned()
}

/// What a domain name needs, and its creation.
async fn prepared(cloud: &dyn Cloud, world: &dyn World) -> Creation {
    world.preload_bucket(REGION, BUCKET, true).await;
    let api = Preloaded::rest(REGION, API, &["prod", "dev"]);
    world.preload_api(api).await;
    let certificate_arn = world.preload_certificate(REGION, &["*.example.com"]).await;
    Creation {
        name: domain(),
        certificate_arn,
        truststore_uri: format!("s3://{BUCKET}/{KEY}"),
        truststore_version: trusting(cloud, &[1]).await,
        tags: pieces::tags("a"),
    }
}

/// Writes a truststore with the CAs of these pairs; answers its version.
async fn trusting(cloud: &dyn Cloud, numbers: &[u8]) -> String {
    let cas: Vec<String> = numbers
        .iter()
        .map(|number| pair_of_always(DOMAIN, *number).ca)
        .collect();
    let put = cloud.put_object(region(), BUCKET.into(), KEY.into(), cas.join("\n"));
    put.await.unwrap().unwrap()
}

async fn create(cloud: &dyn Cloud, creation: &Creation) -> Result<Content, CloudError> {
    cloud.create_domain_name(region(), creation.clone()).await
}

async fn read(cloud: &dyn Cloud) -> Content {
    cloud.get_domain_name(region(), domain()).await.unwrap().0
}

async fn the_tagging_service_of_a_region_knows_names_and_the_one_of_the_edge_client_certificates(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    let creation = prepared(cloud, world).await;
    create(cloud, &creation).await.unwrap();
    let pair = Box::new(pair_of_always(DOMAIN, 1));
    let client = cloud.import_certificate(pair, pieces::tags("a")).await.unwrap();
    let cluster = || pieces::CLUSTER.to_owned();
    let of_region = cloud
        .list_tagged_of_region(region(), cluster(), None)
        .await
        .unwrap()
        .items;
    let name = format!("arn:aws:apigateway:{REGION}::/domainnames/{DOMAIN}");
    let found: Vec<_> = of_region
        .iter()
        .map(|row| (row.arn.as_str(), &row.tags))
        .collect();
    assert_eq!(found, [(name.as_str(), &pieces::tags("a"))]);
    let of_edge = cloud.list_tagged(cluster(), None).await.unwrap().items;
    assert!(of_edge.iter().any(|row| row.arn == client), "{of_edge:?}");
    cloud
        .untag_domain_name(name.clone(), vec!["palisade.dev/cluster".into()])
        .await
        .unwrap();
    let left = cloud
        .list_tagged_of_region(region(), cluster(), None)
        .await
        .unwrap();
    assert_eq!(left.items, []);
    cloud.tag_domain_name(name, pieces::tags("a")).await.unwrap();
    let (_, tags) = cloud.get_domain_name(region(), domain()).await.unwrap();
    assert_eq!(tags, pieces::tags("a"));
}

async fn a_domain_name_is_read_as_it_was_made(cloud: &dyn Cloud, world: &dyn World) {
    let creation = prepared(cloud, world).await;
    create(cloud, &creation).await.unwrap();
    let found = read(cloud).await;
    assert_eq!(found.status, AVAILABLE);
    assert_eq!(
        (found.endpoint_type.as_str(), found.security_policy.as_str()),
        ("REGIONAL", "TLS_1_2")
    );
    assert_eq!(found.certificate_arn, Some(creation.certificate_arn));
    assert_eq!(found.truststore_uri, Some(creation.truststore_uri));
    assert_eq!(found.truststore_version, Some(creation.truststore_version));
    assert_eq!(
        (found.warnings, found.routing_mode.as_str()),
        (vec![], "API_MAPPING_ONLY")
    );
    let target = found.target.unwrap();
    assert!(
        target.starts_with("d-") && target.ends_with(&format!(".execute-api.{REGION}.amazonaws.com")),
        "{target}"
    );
    assert!(found.target_zone.is_some());
    let listed = cloud.list_domain_names(region(), None).await.unwrap().items;
    let asking: Vec<_> = listed.into_iter().map(|row| (row.name, row.truststore)).collect();
    assert_eq!(asking, [(domain(), Some(format!("s3://{BUCKET}/{KEY}")))]);
}

async fn a_domain_name_serves_once_it_is_available(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|it| it.domain_name_delay = HOUR)).await;
    let creation = prepared(cloud, world).await;
    create(cloud, &creation).await.unwrap();
    assert_ne!(read(cloud).await.status, AVAILABLE);
}

async fn a_domain_name_needs_a_certificate_that_covers_it(cloud: &dyn Cloud, world: &dyn World) {
    let creation = prepared(cloud, world).await;
    let elsewhere = world.preload_certificate("us-east-1", &["*.example.com"]).await;
    let other = world.preload_certificate(REGION, &["other.example.org"]).await;
    for certificate_arn in [elsewhere, other] {
        let creation = Creation {
            certificate_arn,
            ..creation.clone()
        };
        refused(create(cloud, &creation).await, "BadRequestException", Terminal);
    }
}

async fn a_domain_name_needs_a_truststore_version_that_is_there(cloud: &dyn Cloud, world: &dyn World) {
    let creation = prepared(cloud, world).await;
    let nowhere = Creation {
        truststore_version: "no-such-version".into(),
        ..creation.clone()
    };
    refused(create(cloud, &nowhere).await, "BadRequestException", Terminal);
    let nothing = Creation {
        truststore_uri: format!("s3://{BUCKET}/palisade/nothing.pem"),
        ..creation
    };
    refused(create(cloud, &nothing).await, "BadRequestException", Terminal);
}

async fn a_domain_name_is_made_once(cloud: &dyn Cloud, world: &dyn World) {
    let creation = prepared(cloud, world).await;
    create(cloud, &creation).await.unwrap();
    // Of which code it is, AWS's documentation leaves open.
    let again = create(cloud, &creation).await.unwrap_err();
    assert_eq!(again.kind, Exists, "{again}");
}

async fn a_truststore_takes_the_place_of_another_by_its_version(cloud: &dyn Cloud, world: &dyn World) {
    let creation = prepared(cloud, world).await;
    create(cloud, &creation).await.unwrap();
    let next = trusting(cloud, &[1, 2]).await;
    // What is written alone changes nothing.
    assert_eq!(
        read(cloud).await.truststore_version.as_ref(),
        Some(&creation.truststore_version)
    );
    let change = |version: &str| Change {
        name: domain(),
        certificate_arn: creation.certificate_arn.clone(),
        truststore_uri: creation.truststore_uri.clone(),
        truststore_version: version.to_owned(),
    };
    let updated = cloud
        .update_domain_name(region(), change("no-such-version"))
        .await;
    refused(updated, "BadRequestException", Terminal);
    world.configure(settings(|it| it.domain_name_delay = HOUR)).await;
    cloud.update_domain_name(region(), change(&next)).await.unwrap();
    let found = read(cloud).await;
    assert_eq!(
        (found.truststore_version, found.status.as_str()),
        (Some(next), "UPDATING")
    );
}

async fn a_mapping_leads_a_path_to_a_stage_once(cloud: &dyn Cloud, world: &dyn World) {
    let creation = prepared(cloud, world).await;
    create(cloud, &creation).await.unwrap();
    let map = async |key: &str, stage: &str| {
        let (key, stage) = (key.to_owned(), stage.to_owned());
        cloud
            .create_api_mapping(region(), domain(), key, API.to_owned(), stage)
            .await
    };
    let made = map("", "prod").await.unwrap();
    assert_eq!(
        (made.key.as_str(), made.api_id.as_str(), made.stage.as_str()),
        ("", API, "prod")
    );
    refused(map("", "dev").await, "ConflictException", Exists);
    let other = map("dev", "dev").await.unwrap();
    let mut listed = cloud
        .list_mappings_of(region(), domain(), None)
        .await
        .unwrap()
        .items;
    listed.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(listed, [made.clone(), other.clone()]);
    cloud
        .delete_api_mapping(region(), domain(), made.id)
        .await
        .unwrap();
    let left = cloud
        .list_mappings_of(region(), domain(), None)
        .await
        .unwrap()
        .items;
    assert_eq!(left, [other]);
}

async fn a_domain_name_goes_with_its_mappings(cloud: &dyn Cloud, world: &dyn World) {
    let creation = prepared(cloud, world).await;
    create(cloud, &creation).await.unwrap();
    let (api, stage) = (API.to_owned(), "prod".to_owned());
    let map = cloud.create_api_mapping(region(), domain(), String::new(), api, stage);
    map.await.unwrap();
    let in_use = cloud
        .describe_certificate(creation.certificate_arn.clone())
        .await
        .unwrap();
    assert_eq!(in_use.in_use_by.len(), 1, "{in_use:?}");
    cloud.delete_domain_name(region(), domain()).await.unwrap();
    let gone = cloud.get_domain_name(region(), domain()).await;
    refused(gone, "NotFoundException", NotFound);
    create(cloud, &creation).await.unwrap();
    let left = cloud.list_mappings_of(region(), domain(), None).await.unwrap();
    assert_eq!(left.items, []);
}

async fn a_default_endpoint_is_switched_off_and_on(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(Preloaded::rest(REGION, API, &["prod"])).await;
    world
        .preload_api(Preloaded::http(REGION, "http000000", &["$default"]))
        .await;
    let http = || "http000000".to_owned();
    for off in [true, false] {
        cloud
            .switch_rest_endpoint(region(), API.to_owned(), off)
            .await
            .unwrap();
        cloud.switch_endpoint(region(), http(), off).await.unwrap();
        let rest = cloud.get_rest_api(region(), API.to_owned()).await.unwrap();
        let found = cloud.get_api(region(), http()).await.unwrap();
        let told = (rest.default_endpoint_disabled, found.default_endpoint_disabled);
        assert_eq!(told, (off, off));
    }
}

async fn what_a_stage_says_of_itself_is_written_and_told(cloud: &dyn Cloud, world: &dyn World) {
    let of_rest = Preloaded {
        description: "ours",
        ..Preloaded::rest(REGION, API, &["prod"])
    };
    world.preload_api(of_rest).await;
    let of_http = Preloaded {
        description: "ours",
        auto_deploy: false,
        ..Preloaded::http(REGION, "http000000", &["live"])
    };
    world.preload_api(of_http).await;
    let (api, http) = (|| API.to_owned(), || "http000000".to_owned());
    let told = async || {
        let rest = cloud.list_rest_stages(region(), api()).await.unwrap();
        let of_http = cloud.list_stages(region(), http(), None).await.unwrap().items;
        (rest[0].description.clone(), of_http[0].description.clone())
    };
    assert_eq!(told().await, ("ours".to_owned(), "ours".to_owned()));
    for words in ["of Palisade's", "", "ours"] {
        let (prod, live) = ("prod".to_owned(), "live".to_owned());
        let rest = cloud.describe_rest_stage(region(), api(), prod, words.to_owned());
        rest.await.unwrap();
        let of_http = cloud.describe_stage(region(), http(), live, words.to_owned());
        of_http.await.unwrap();
        assert_eq!(told().await, (words.to_owned(), words.to_owned()));
    }
    let missing = cloud.describe_rest_stage(region(), api(), "none".to_owned(), String::new());
    refused(missing.await, "NotFoundException", NotFound);
    let missing = cloud.describe_stage(region(), http(), "none".to_owned(), String::new());
    refused(missing.await, "NotFoundException", NotFound);
}

async fn an_api_tells_its_security_policy_and_endpoint_access_mode(cloud: &dyn Cloud, world: &dyn World) {
    for (policy, told) in [
        (None, (None, None)),
        (Some(("TLS_1_2", None)), (Some("TLS_1_2"), None)),
        (
            Some(("SecurityPolicy_TLS13_1_3_2025_09", Some("STRICT"))),
            (Some("SecurityPolicy_TLS13_1_3_2025_09"), Some("STRICT")),
        ),
    ] {
        let api = Preloaded {
            security_policy: policy,
            ..Preloaded::rest(REGION, API, &["prod"])
        };
        world.preload_api(api).await;
        let found = cloud.get_rest_api(region(), API.to_owned()).await.unwrap();
        let (policy, mode) = (
            found.security_policy.as_deref(),
            found.endpoint_access_mode.as_deref(),
        );
        assert_eq!((policy, mode), told);
    }
}

async fn what_is_not_there_of_domain_names_is_not_found(cloud: &dyn Cloud, world: &dyn World) {
    let creation = prepared(cloud, world).await;
    let deleted = cloud.delete_domain_name(region(), domain()).await;
    refused(deleted, "NotFoundException", NotFound);
    let listed = cloud.list_mappings_of(region(), domain(), None).await;
    refused(listed, "NotFoundException", NotFound);
    create(cloud, &creation).await.unwrap();
    let unmapped = cloud.delete_api_mapping(region(), domain(), "none".into()).await;
    refused(unmapped, "NotFoundException", NotFound);
    let switched = cloud
        .switch_rest_endpoint(region(), "missing000".into(), true)
        .await;
    refused(switched, "NotFoundException", NotFound);
    let switched = cloud.switch_endpoint(region(), "missing000".into(), true).await;
    refused(switched, "NotFoundException", NotFound);
}
