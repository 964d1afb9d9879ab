//! APIs of API Gateway, as their own teams make and edit them by other tools.

use crate::scene::{Scene, aws};
use serde_json::{Value, json};

/// Where API Gateway answers for the API `id`.
pub fn endpoint(id: &str) -> String {
    format!("{id}.execute-api.eu-north-1.amazonaws.com")
}

/// A REST API with the stage `prod`, as a seed of the emulated AWS.
pub fn rest(id: &str) -> Value {
    json!({
        "id": id, "region": "eu-north-1", "protocol": "REST", "endpointType": "REGIONAL", "stages": ["prod"],
        "methods": ["GET /pets"],
    })
}

/// Makes [`rest`] in the controller's own account.
pub fn seed_rest(id: &str) {
    aws().control("POST", "seed", &json!({"apis": [rest(id)]}));
}

/// Makes another API for this scene, the only one of this protocol; answers its id.
pub fn seed(scene: &Scene, protocol: &str, stages: &Value, methods: &Value) -> String {
    let letter = protocol.to_lowercase().chars().next().expect("a protocol");
    seed_as(scene, letter, protocol, stages, methods)
}

/// The same with an id of `letter`'s, for several of one protocol.
pub fn seed_as(scene: &Scene, letter: char, protocol: &str, stages: &Value, methods: &Value) -> String {
    let id = scene.another_api(letter);
    let api =
        json!({"id": id, "region": "eu-north-1", "protocol": protocol, "stages": stages, "methods": methods});
    aws().control("POST", "seed", &json!({"apis": [api]}));
    id
}

/// Changes the scene's API.
pub fn edit(scene: &Scene, change: &Value) {
    aws().control("PATCH", &format!("apigateway/eu-north-1/{}", scene.api), change);
}

/// A resource policy that denies what the signer's role signs, which only a locked method notices.
pub fn policy_against_the_signer() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*",
         "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/palisade/*"}}},
    ]})
}
