//! The mode MutualTls with what AWS does not write down in its other position, by real handshakes and under AWS's authorization.

use crate::iam::printed_policy_and;
use crate::mutual_tls::{BEARER, Met, ground, launch, past, ready, told};
use crate::scene::{Scene, aws};
use crate::viewers::{Viewers, domain};
use palisade::api::ROTATE;
use serde_json::{Value, json};

/// What AWS does not write down and only a handshake, or IAM, shows. Whatever else runs meanwhile meets either position.
#[tokio::test]
async fn whatever_handshakes_and_rights_are_like_an_object_is_made_its_certificate_replaced_and_all_of_it_deleted()
 {
    let settings = |wanted: &Value| aws().control("PATCH", "settings", wanted);
    for (name, usual, others) in [
        ("truststoreNamed", json!(false), vec![json!(true)]),
        ("mutualTlsSpeaksTls13", json!(false), vec![json!(true)]),
        (
            "withoutCertificate",
            json!("closed"),
            vec![json!("unfinished"), json!("alert")],
        ),
        ("foreignCertificate", json!("403"), vec![json!("alert")]),
        ("certificateActionsNeedStar", json!(false), vec![json!(true)]),
    ] {
        for position in others {
            settings(&json!({name: position}));
            let scene = Scene::new().await;
            let ground = ground(&scene);
            let launch = launch(&scene).policy(printed_policy_and("--mutual-tls"));
            let (_controller, host) = ready(&scene, &ground, launch).await;
            let viewers = Viewers::asking(domain(&scene, "orders").await, "/orders", BEARER);
            let before = told(&scene).await["clientCertificateArn"].clone();
            scene.kubectl(&["annotate", "papi", "orders", &format!("{ROTATE}=now")]);
            scene
                .until(
                    &format!("{name}, {position}: another certificate is shown"),
                    async || {
                        let shown = told(&scene).await["clientCertificateArn"].clone();
                        shown.is_string() && shown != before
                    },
                )
                .await;
            scene.until_ready("orders").await;
            viewers.end();
            assert_eq!(
                past(&ground.origin, "/orders", BEARER),
                Met::Ended { asked: true },
                "{name}: {position}"
            );
            assert_eq!(
                past(&host, "/orders", BEARER),
                Met::Status(404),
                "{name}: {position}"
            );
            scene.delete("orders").await;
            scene.until_gone("orders").await;
            scene
                .until("nothing is left", async || scene.resources().is_empty())
                .await;
        }
        settings(&json!({name: usual}));
    }
}
