//! What a REST API's stage tells besides its deployment.

use crate::support::aws::emulator;
use palisade::aws::cloud::Cloud;
use palisade::domain::access::authorization::Canary;
use serde_json::json;

#[tokio::test]
async fn a_canary_is_told_with_its_deployment_and_whether_it_takes_traffic() {
    let canary =
        |name: &str, percent: f64| json!({"name": name, "canarySettings": {"percentTraffic": percent}});
    let stages = json!([canary("some", 12.5), canary("idle", 0.0), "plain"]);
    let api = json!({"id": "canary0000", "region": "eu-north-1", "methods": ["GET /pets"], "stages": stages});
    emulator().control("POST", "seed", &json!({"apis": [api]}));
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    for (name, served) in [("some", Some(true)), ("idle", Some(false)), ("plain", None)] {
        let stage = cloud
            .get_rest_stage("eu-north-1".into(), "canary0000".into(), name.into())
            .await
            .unwrap();
        let deployment = stage.deployment.clone().unwrap();
        let expected = served.map(|is_served| Canary {
            deployment,
            is_served,
        });
        assert_eq!(stage.canary, expected, "{name}");
    }
}
