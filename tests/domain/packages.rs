//! The functions' packages, run by Node as Lambda would run them.

use palisade::api::{OriginType, ViewerAuthorization};
use palisade::authorizer;
use palisade::domain::kernel::secret::Secret;
use palisade::domain::signer::options::SignerOptions;
use palisade::package::{HANDLER, Package};
use palisade::signer;
use serde_json::{Value, json};
use std::io::Cursor;
use std::process::Command;
use zip::ZipArchive;

const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

fn answer(package: Package, event: &Value) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    ZipArchive::new(Cursor::new(package.zip))
        .expect("a zip")
        .extract(folder.path())
        .expect("extracted");
    let (module, function) = HANDLER.split_once('.').expect("module.function");
    let script = format!(
        "const {{{function}}} = await import('{}/{module}.mjs');\n\
         console.log(JSON.stringify(await {function}({event})));",
        folder.path().display()
    );
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", &script])
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_SESSION_TOKEN", "token")
        .output()
        .expect("node runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("the function's answer")
}

fn signer() -> Package {
    signer::package(&SignerOptions {
        endpoint: ENDPOINT.into(),
        region: "eu-north-1".into(),
        viewer_authorization: ViewerAuthorization::Drop,
        logs: false,
    })
    .expect("a package")
}

fn event_at_the_edge(origin: &str) -> Value {
    json!({"Records": [{"cf": {"request": {
        "method": "GET", "uri": "/prod/pets", "querystring": "limit=1",
        "headers": {"host": [{"key": "Host", "value": origin}]},
        "origin": {"custom": {"domainName": origin, "path": "", "customHeaders": {}}},
    }}}]})
}

#[test]
fn the_signer_signs_a_request_to_its_endpoint() {
    let signed = answer(signer(), &event_at_the_edge(ENDPOINT));
    let authorization = signed["headers"]["authorization"][0]["value"]
        .as_str()
        .expect("a signature");
    assert!(
        authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        "{authorization}"
    );
    assert!(
        authorization.contains("/eu-north-1/execute-api/aws4_request"),
        "{authorization}"
    );
}

#[test]
fn the_signer_refuses_another_origin() {
    let refused = answer(signer(), &event_at_the_edge("elsewhere.example.com"));
    assert_eq!(refused["status"], "502");
}

fn authorizer(protocol: OriginType, secrets: &[&Secret]) -> Package {
    authorizer::package(&authorizer::Options {
        headers: vec!["x-origin-verify".into()],
        digests: secrets.iter().map(|secret| secret.digest()).collect(),
        protocol,
    })
    .expect("a package")
}

#[test]
fn the_authorizer_lets_in_who_shows_a_secret_whose_digest_it_knows() {
    let [old, new, other] = [1, 2, 3].map(|byte| Secret::from_random(&[byte; 32]));
    for (secret, let_in) in [(&old, true), (&new, true), (&other, false)] {
        let event = json!({"version": "2.0", "headers": {"x-origin-verify": secret.expose()}});
        let answer = answer(authorizer(OriginType::Http, &[&old, &new]), &event);
        assert_eq!(answer, json!({"isAuthorized": let_in}));
    }
}

#[test]
fn the_authorizer_of_a_rest_or_websocket_api_answers_a_policy_for_the_stage() {
    let secret = Secret::from_random(&[1; 32]);
    for (protocol, route) in [
        (OriginType::Rest, "GET/pets"),
        (OriginType::WebSocket, "$connect"),
    ] {
        let stage = "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5/prod";
        let event = json!({
            "methodArn": format!("{stage}/{route}"),
            "headers": {"X-Origin-Verify": secret.expose()},
            "multiValueHeaders": {"X-Origin-Verify": [secret.expose()]},
        });
        let answer = answer(authorizer(protocol, &[&secret]), &event);
        assert_eq!(
            answer["policyDocument"]["Statement"],
            json!([{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": format!("{stage}/*")}])
        );
    }
}
