//! What is told by comparison with status is told before status is written: a process that dies in between tells it again.

use super::controllers::World;
use palisade::api::ROTATE;
use serde_json::{Value, json};

const PETSTORE: &str = "shop/petstore";

#[tokio::test(start_paused = true)]
async fn the_end_of_a_rotation_is_told_while_status_still_says_that_it_goes_on() {
    for mode in ["ApiKey", "SecretHeader"] {
        let mut world = World::new(&["shop"]);
        world.apply(PETSTORE, "ownownowno", &json!({"access": {"mode": mode}}));
        world.until_ready(&[PETSTORE]).await;
        let rotate = json!({ROTATE: "now"});
        world.api.annotate("protectedapis", "shop", "petstore", &rotate);
        world
            .until("the rotation is told", |world| {
                !world.api.told("Rotated").is_empty()
            })
            .await;
        let told = world.api.told("Rotated");
        assert_eq!(restricted(&told[0]), "Rotating", "{mode}");
        world.until_ready(&[PETSTORE]).await;
        assert_eq!(restricted(&world.object(PETSTORE)), "Locked", "{mode}");
        assert_eq!(world.api.told("Rotated").len(), 1, "{mode}");
    }
}

/// The reason of `AccessRestricted`.
fn restricted(object: &Value) -> String {
    let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    let found = conditions.find(|condition| condition["type"] == "AccessRestricted");
    let reason = found.and_then(|found| found["reason"].as_str());
    reason.unwrap_or_default().to_owned()
}
