//! `kubectl palisade open` against a real API server.

use super::{refused, run, shown};
use crate::kubernetes;
use crate::petstore::{create, petstore};
use std::process::Command;

#[tokio::test]
async fn the_commands_that_open_an_api_are_printed_with_its_ids_and_are_a_script() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let here = kubernetes::kubeconfig();
    for (name, mode) in [
        ("signed", "SigV4"),
        ("keyed", "ApiKey"),
        ("headed", "SecretHeader"),
    ] {
        let mut object = petstore();
        object["metadata"]["name"] = name.into();
        object["spec"]["access"]["mode"] = mode.into();
        create(&client, &namespace, &object).await;
        let script = shown(&run(here, &["open", name, "-n", &namespace]));
        assert!(
            script.contains("REGION='eu-north-1' ID='a1b2c3d4e5' STAGE='prod'"),
            "{script}"
        );
        assert!(
            script.contains(&format!("kubectl patch protectedapi '{name}' -n '{namespace}'")),
            "{script}"
        );
        let parsed = Command::new("bash")
            .args(["-n", "-c", &script])
            .output()
            .expect("bash runs");
        assert!(
            parsed.status.success(),
            "{}",
            String::from_utf8_lossy(&parsed.stderr)
        );
    }
    let data = run(here, &["open", "keyed", "-n", &namespace, "-o", "json"]);
    let data: serde_json::Value = serde_json::from_str(&shown(&data)).expect("JSON");
    let steps = data["steps"].as_array().expect("steps");
    let mut commands = steps.iter().filter_map(|step| step["commands"][0].as_str());
    assert!(
        commands.any(|command| command.starts_with("kubectl patch protectedapi 'keyed'")),
        "{data}"
    );
    let error = refused(&run(here, &["open", "petshop", "-n", &namespace]));
    assert!(error.contains("no ProtectedApi petshop in namespace"), "{error}");
}
