//! Viewers as CloudFront meets them.

use crate::conformance::world::{World, conformance};
use crate::support::pieces::{config, deployed, tags};
use crate::support::simulation::apigateway::Preloaded;
use palisade::api::ProbeMethod;
use palisade::aws::cloud::Cloud;
use palisade::domain::edge::places::Place;
use palisade::domain::edge::xml;

conformance!(
    a_viewer_without_tls_meets_what_the_protocol_policy_says,
    a_viewer_by_a_method_that_is_not_let_through_is_refused_at_the_edge,
);

async fn a_viewer_without_tls_meets_what_the_protocol_policy_says(cloud: &dyn Cloud, world: &dyn World) {
    const PATH: &str = "/prod/pets";
    let api = Preloaded::rest("eu-north-1", "a1b2c3d4e5", &["prod"]);
    world.preload_api(api).await;
    let made = cloud
        .create_distribution(config("petstore", None), tags("petstore"))
        .await;
    let (id, host) = made.map(|made| (made.id, made.domain_name)).unwrap();
    let location = format!("https://{host}{PATH}");
    for (policy, by_get, by_post) in [
        ("https-only", (403, None), (403, None)),
        (
            "redirect-to-https",
            (301, Some(location.clone())),
            (307, Some(location.clone())),
        ),
    ] {
        set(cloud, &id, policy).await;
        let by = |scheme, method| world.view_by(scheme, &host, PATH, method);
        assert_eq!(by("http", ProbeMethod::Get).await, by_get, "{policy}");
        assert_eq!(by("http", ProbeMethod::Post).await, by_post, "{policy}");
        assert_eq!(by("https", ProbeMethod::Get).await, (200, None), "{policy}");
    }
    set(cloud, &id, "allow-all").await;
    let seen = world.view_by("http", &host, PATH, ProbeMethod::Get).await;
    assert_eq!(seen, (200, None));
}

async fn a_viewer_by_a_method_that_is_not_let_through_is_refused_at_the_edge(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    const PATH: &str = "/prod/pets";
    let api = Preloaded::rest("eu-north-1", "a1b2c3d4e5", &["prod"]);
    world.preload_api(api).await;
    let made = cloud
        .create_distribution(config("petstore", None), tags("petstore"))
        .await;
    let (id, host) = made.map(|made| (made.id, made.domain_name)).unwrap();
    let current = deployed(cloud, &id).await;
    let mut wanted = current.config;
    let methods = ["GET", "HEAD"].map(|method| xml::text("Method", method));
    let place = Place::Behavior("AllowedMethods");
    place.write(
        &mut wanted,
        "",
        Some(xml::list("AllowedMethods", methods.to_vec())),
    );
    cloud
        .update_distribution(current.id, current.etag, wanted)
        .await
        .unwrap();
    deployed(cloud, &id).await;
    let by = |method| world.view_by("https", &host, PATH, method);
    assert_eq!(by(ProbeMethod::Get).await, (200, None));
    assert_eq!(by(ProbeMethod::Post).await, (403, None));
}

async fn set(cloud: &dyn Cloud, id: &str, policy: &str) {
    let current = deployed(cloud, id).await;
    let mut wanted = current.config;
    let place = Place::Behavior("ViewerProtocolPolicy");
    place.write(&mut wanted, "", Some(xml::text("ViewerProtocolPolicy", policy)));
    let updated = cloud.update_distribution(current.id, current.etag, wanted);
    updated.await.unwrap();
    deployed(cloud, id).await;
}
