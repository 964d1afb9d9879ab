//! The commands by which people open an API again, run by a shell with an `aws` of ours: what the stage says of itself is given back.

use palisade::api::Origin;
use palisade::domain::access::asked::gate;
use palisade::domain::mutual_tls::opening::commands;
use serde_json::{Value, json};
use std::process::Command;

/// Prints what it is asked for, an argument a line, and tells what the stage says of itself as `aws` does.
const AWS: &str = r#"aws() {
  case "$2" in
    get-stage) printf '%s\n' "$SAYS" ;;
    *) echo "== $2"; for argument in "$@"; do printf '%s\n' "$argument"; done ;;
  esac
}
"#;

/// The calls that change something, each with its arguments.
fn calls(kind: &str, stage: &str, says: &str) -> Vec<Vec<String>> {
    let endpoint = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
    let origin = json!({"endpoint": endpoint, "type": kind, "stage": stage});
    let origin: Origin = serde_json::from_value(origin).unwrap();
    let script = format!("set -eu\n{AWS}\n{}\n", commands(&gate(&origin)).join("\n"));
    let told = Command::new("bash")
        .args(["-c", &script])
        .env("SAYS", json!(says).to_string())
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8(told.stdout).unwrap();
    let calls = told.split("== ").skip(1);
    calls
        .map(|call| call.lines().map(ToOwned::to_owned).collect())
        .collect()
}

#[test]
fn the_stage_is_changed_and_says_of_itself_afterwards_what_it_said_before() {
    for says in [
        "",
        "Our stage.",
        "it's \"ours\", $HOME `id` \\ and more",
        "none, op=replace",
    ] {
        let [switched, changed, back]: [Vec<String>; 3] = calls("REST", "prod", says).try_into().unwrap();
        assert!(switched.contains(&"op=replace,path=/disableExecuteApiEndpoint,value=false".to_owned()));
        assert!(
            changed.contains(&"op=replace,path=/description,value=opening".to_owned()),
            "{changed:?}"
        );
        let patch: Value = serde_json::from_str(back.last().unwrap()).unwrap();
        assert_eq!(
            patch,
            json!([{"op": "replace", "path": "/description", "value": says}])
        );
        assert!(back.contains(&"prod".to_owned()), "{back:?}");

        let [switched, changed, back]: [Vec<String>; 3] = calls("HTTP", "$default", says).try_into().unwrap();
        assert!(switched.contains(&"--no-disable-execute-api-endpoint".to_owned()));
        assert!(changed.contains(&"opening".to_owned()), "{changed:?}");
        let given: Value = serde_json::from_str(back.last().unwrap()).unwrap();
        assert_eq!(given, json!({"Description": says}));
        assert!(back.contains(&"$default".to_owned()), "{back:?}");
    }
}
