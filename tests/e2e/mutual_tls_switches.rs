//! The mode MutualTls with what AWS does not write down in its other position, by real handshakes and under AWS's authorization.

use crate::iam::printed_policy_and;
use crate::mutual_tls::{BEARER, Met, ground, launch, past, ready, told};
use crate::scene::{Scene, aws};
use crate::viewers::{Viewers, domain};
use palisade::api::ROTATE;
use serde_json::json;

/// What AWS does not write down and only a handshake, or IAM, shows: as usual, and the other positions. Whatever else runs meanwhile
/// meets either.
#[tokio::test]
async fn whatever_handshakes_and_rights_are_like_an_object_is_made_its_certificate_replaced_and_all_of_it_deleted()
 {
    let usual = json!({
        "truststoreNamed": false,
        "mutualTlsSpeaksTls13": false,
        "withoutCertificate": "closed",
        "foreignCertificate": "403",
        "certificateActionsNeedStar": false,
    });
    let unfinished = json!({
        "truststoreNamed": true,
        "mutualTlsSpeaksTls13": true,
        "withoutCertificate": "unfinished",
        "foreignCertificate": "alert",
        "certificateActionsNeedStar": true,
    });
    for positions in [unfinished, json!({"withoutCertificate": "alert"})] {
        aws().control("PATCH", "settings", &positions);
        let scene = Scene::new().await;
        let ground = ground(&scene);
        let launch = launch(&scene).policy(printed_policy_and("--mutual-tls"));
        let (_controller, host) = ready(&scene, &ground, launch).await;
        let viewers = Viewers::asking(domain(&scene, "orders").await, "/orders", BEARER);
        let before = told(&scene).await["clientCertificateArn"].clone();
        scene.kubectl(&["annotate", "papi", "orders", &format!("{ROTATE}=now")]);
        let is_another = async || {
            let shown = told(&scene).await["clientCertificateArn"].clone();
            shown.is_string() && shown != before
        };
        scene
            .until(&format!("{positions}: another certificate is shown"), is_another)
            .await;
        scene.until_ready("orders").await;
        viewers.end();
        let refused = Met::Ended { asked: true };
        assert_eq!(past(&ground.origin, "/orders", BEARER), refused, "{positions}");
        assert_eq!(past(&host, "/orders", BEARER), Met::Status(404), "{positions}");
        scene.delete("orders").await;
        scene.until_gone("orders").await;
        scene
            .until("nothing is left", async || scene.resources().is_empty())
            .await;
    }
    aws().control("PATCH", "settings", &usual);
}
