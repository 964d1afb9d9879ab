//! What only a simulated account can show: faults, crashes and the hands of others.
#![allow(clippy::unwrap_used)]

mod support;

use palisade::aws::cloud::Cloud;
use palisade::domain::xml;
use support::pieces::{self, CLUSTER, build, deployed, patiently};
use support::simulation::SimulatedCloud;
use support::simulation::invariants::Invariants;
use support::simulation::settings::Settings;

#[tokio::test(start_paused = true)]
async fn a_perimeter_is_built_and_taken_down() {
    let simulated = SimulatedCloud::new(Settings {
        deployment_delay: std::time::Duration::from_secs(30),
        ..Settings::default()
    });
    let invariants = Invariants::watch(&simulated, CLUSTER);
    let cloud: &dyn Cloud = &simulated;
    let built = build(cloud, "petstore").await;
    invariants.check(&simulated);
    assert_eq!(simulated.resources_of(&pieces::owner("petstore").uid).len(), 4);

    let current = deployed(cloud, &built.distribution.id).await;
    let disabled = pieces::with(&current.config, xml::text("Enabled", "false"));
    cloud
        .update_distribution(current.id.clone(), current.etag, disabled)
        .await
        .unwrap();
    let current = deployed(cloud, &current.id).await;
    cloud.delete_distribution(current.id, current.etag).await.unwrap();
    let acl = cloud
        .get_web_acl(built.web_acl.id, built.web_acl.name)
        .await
        .unwrap();
    cloud.delete_web_acl(acl.entity).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_hours(3)).await;
    patiently(async || cloud.delete_function("petstore".to_owned(), None).await)
        .await
        .unwrap();
    cloud
        .delete_role_policy("petstore".to_owned(), "invoke".to_owned())
        .await
        .unwrap();
    cloud.delete_role("petstore".to_owned()).await.unwrap();
    assert!(simulated.resources().is_empty());
}
