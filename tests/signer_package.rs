//! The signer's package, run by Node as Lambda would run it.

use palisade::api::ViewerAuthorization;
use palisade::domain::desired::SignerOptions;
use palisade::signer::{HANDLER, package};
use serde_json::{Value, json};
use std::io::Cursor;
use std::process::Command;
use zip::ZipArchive;

const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

fn answer_of_the_packaged_function(event: &Value) -> Value {
    let package = package(&SignerOptions {
        endpoint: ENDPOINT.into(),
        region: "eu-north-1".into(),
        viewer_authorization: ViewerAuthorization::Drop,
        logs: false,
    })
    .expect("a package");
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

fn event(origin: &str) -> Value {
    json!({"Records": [{"cf": {"request": {
        "method": "GET", "uri": "/prod/pets", "querystring": "limit=1",
        "headers": {"host": [{"key": "Host", "value": origin}]},
        "origin": {"custom": {"domainName": origin, "path": "", "customHeaders": {}}},
    }}}]})
}

#[test]
fn the_package_signs_a_request_to_its_endpoint() {
    let signed = answer_of_the_packaged_function(&event(ENDPOINT));
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
fn the_package_refuses_another_origin() {
    let refused = answer_of_the_packaged_function(&event("elsewhere.example.com"));
    assert_eq!(refused["status"], "502");
}
