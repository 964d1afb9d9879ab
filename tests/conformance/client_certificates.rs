//! Client certificates: imported, read back without their keys, shown by distributions.

use crate::conformance::world::{World, conformance, refused};
use crate::support::pairs::pair_of_always;
use crate::support::pieces::{self, with};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{NotFound, NotYet, Terminal};
use palisade::domain::edge::certificate::ISSUED;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::secret::Secret;
use palisade::domain::mutual_tls::pair::{Pair, certificates};

conformance!(
    a_client_certificate_is_read_back_without_its_key,
    a_certificate_without_a_key_is_not_imported,
    a_client_certificate_in_use_is_not_deleted,
    a_distribution_shows_client_certificates_alone,
    a_function_at_the_origin_excludes_a_client_certificate,
);

const DOMAIN: &str = "origin.example.com";

async fn import(cloud: &dyn Cloud, number: u8) -> (Pair, String) {
    let pair = pair_of_always(DOMAIN, number);
    let arn = cloud
        .import_certificate(Box::new(pair.clone()), pieces::tags("a"))
        .await;
    (pair, arn.unwrap())
}

/// A configuration whose origin is shown that certificate.
fn showing(config: &Element, arn: &str) -> Element {
    let mut origin = xml::items_at(config, "Origins")[0].clone();
    let mut custom = xml::at(&origin, "CustomOriginConfig").unwrap().clone();
    let shown = xml::parent("OriginMtlsConfig", vec![xml::text("ClientCertificateArn", arn)]);
    xml::put(&mut custom, shown, &[]);
    xml::put(&mut origin, custom, &[]);
    with(config, xml::list("Origins", vec![origin]))
}

async fn a_client_certificate_is_read_back_without_its_key(cloud: &dyn Cloud, _: &dyn World) {
    let (pair, arn) = import(cloud, 1).await;
    assert!(arn.starts_with("arn:aws:acm:us-east-1:"), "{arn}");
    let (leaf, ca) = cloud.get_certificate(arn.clone()).await.unwrap();
    assert_eq!(certificates(&leaf), certificates(&pair.leaf));
    assert_eq!(certificates(&ca), certificates(&pair.ca));
    let found = cloud.describe_certificate(arn.clone()).await.unwrap();
    assert_eq!((found.status.as_str(), found.is_for_clients), (ISSUED, true));
    assert!(
        found.in_use_by.is_empty() && found.not_before < found.not_after,
        "{found:?}"
    );
    let tags = cloud.list_certificate_tags(arn).await.unwrap();
    assert_eq!(tags, pieces::tags("a"));
}

async fn a_certificate_without_a_key_is_not_imported(cloud: &dyn Cloud, _: &dyn World) {
    let keyless = Pair {
        key: Secret::new(""),
        ..pair_of_always(DOMAIN, 1)
    };
    let imported = cloud
        .import_certificate(Box::new(keyless), pieces::tags("a"))
        .await;
    refused(imported, "ValidationException", Terminal);
}

async fn a_client_certificate_in_use_is_not_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let (_, arn) = import(cloud, 1).await;
    let config = showing(&pieces::config("a", None), &arn);
    let made = cloud
        .create_distribution(config, pieces::tags("a"))
        .await
        .unwrap();
    let found = cloud.describe_certificate(arn.clone()).await.unwrap();
    assert_eq!(found.in_use_by, [made.arn]);
    refused(
        cloud.delete_certificate(arn.clone()).await,
        "ResourceInUseException",
        NotYet,
    );
    let plain = showing_none(&made.config);
    cloud
        .update_distribution(made.id, made.etag, plain)
        .await
        .unwrap();
    cloud.delete_certificate(arn.clone()).await.unwrap();
    refused(
        cloud.get_certificate(arn).await,
        "ResourceNotFoundException",
        NotFound,
    );
}

/// The configuration with an origin that is shown no certificate.
fn showing_none(config: &Element) -> Element {
    let mut origin = xml::items_at(config, "Origins")[0].clone();
    let mut custom = xml::at(&origin, "CustomOriginConfig").unwrap().clone();
    xml::remove(&mut custom, "OriginMtlsConfig");
    xml::put(&mut origin, custom, &[]);
    with(config, xml::list("Origins", vec![origin]))
}

async fn a_distribution_shows_client_certificates_alone(cloud: &dyn Cloud, world: &dyn World) {
    let public = world
        .preload_certificate("us-east-1", &["origin.example.com"])
        .await;
    let nobodys = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000";
    for arn in [public.as_str(), nobodys] {
        let config = showing(&pieces::config("a", None), arn);
        let made = cloud.create_distribution(config, pieces::tags("a")).await;
        refused(made, "InvalidArgument", Terminal);
    }
}

async fn a_function_at_the_origin_excludes_a_client_certificate(cloud: &dyn Cloud, _: &dyn World) {
    let (_, arn) = import(cloud, 1).await;
    let built = pieces::build(cloud, "petstore").await;
    let config = showing(&built.distribution.config, &arn);
    let updated = cloud
        .update_distribution(built.distribution.id, built.distribution.etag, config)
        .await;
    refused(updated, "InvalidArgument", Terminal);
}
