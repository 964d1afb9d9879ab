use super::*;
use serde_json::{Value, json};

fn object(kind: &str, access: &Value, status: &Value) -> Value {
    json!({
        "metadata": {"namespace": "shop", "name": "petstore", "uid": "12345678-0000-4000-8000-000000000000"},
        "spec": {
            "origin": {"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": kind, "stage": "prod"},
            "access": access,
        },
        "status": {"accountId": "111122223333", "access": status},
    })
}

fn locked(mode: &str) -> Value {
    json!({"lockedStage": "prod", "lockedMode": mode, "verifiedAt": "2026-01-01T00:00:00Z"})
}

fn script(object: &Value) -> String {
    Opening::of(object, None).expect("commands").script()
}

fn told(kind: &str, access: &Value, status: &Value) -> String {
    script(&object(kind, access, status))
}

#[test]
fn the_ids_of_the_object_stand_in_each_command_and_the_lock_is_held_back_first() {
    let text = told("REST", &json!({}), &locked("SigV4"));
    assert!(
        text.contains("REGION='eu-north-1' ID='a1b2c3d4e5' STAGE='prod'"),
        "{text}"
    );
    assert!(text.contains("account 111122223333"), "{text}");
    let observe = text
        .find("kubectl patch protectedapi 'petstore' -n 'shop'")
        .expect("a patch");
    let opened = text.find("update-method").expect("methods");
    assert!(observe < opened, "{text}");
    // Whoever runs it takes methods out of the list before.
    let listed = text.find(r#"> "$LIST""#).expect("a list");
    let read = text.find(r#"done < "$LIST""#).expect("what reads it");
    assert!(listed < opened && opened < read, "{text}");
    assert!(
        text.contains(r#"select(.authorizationType == "AWS_IAM")"#),
        "{text}"
    );
    assert!(!text.contains("does not say"), "{text}");
    let observing = told("REST", &json!({"enforcement": "Observe"}), &locked("SigV4"));
    assert!(!observing.contains("kubectl patch"), "{observing}");
}

#[test]
fn the_mode_in_which_the_stage_is_locked_selects_the_methods_whatever_the_spec_says_by_now() {
    let key = told("REST", &json!({"mode": "SigV4"}), &locked("ApiKey"));
    assert!(
        key.contains("select(.apiKeyRequired)") && key.contains("customers' keys"),
        "{key}"
    );
    for kind in ["REST", "HTTP", "WEBSOCKET"] {
        let header = told(kind, &json!({"mode": "SecretHeader"}), &Value::Null);
        assert!(header.contains(r#"contains("-12345678-auth-")"#), "{header}");
        assert!(header.contains("--argjson ours"), "{header}");
        assert!(
            header.contains("does not say that it has locked this stage"),
            "{header}"
        );
    }
}

#[test]
fn routes_are_opened_by_the_other_api() {
    for kind in ["HTTP", "WEBSOCKET"] {
        let text = told(kind, &json!({}), &locked("SigV4"));
        assert!(
            text.contains("apigatewayv2 update-route") && !text.contains("rest-api-id"),
            "{text}"
        );
        assert!(text.contains("unless the stage deploys by itself"), "{text}");
    }
}

#[test]
fn what_an_exclusive_signer_or_an_earlier_stage_need_besides_is_told_and_not_run() {
    let mut status = locked("SigV4");
    status["earlierStages"] = json!([{"stage": "beta", "mode": "ApiKey"}]);
    let text = told("REST", &json!({"sigV4": {"exclusive": true}}), &status);
    assert!(
        text.contains("PalisadeOnly12345678000040008000000000000000"),
        "{text}"
    );
    let earlier = text
        .lines()
        .find(|line| line.contains("'beta'"))
        .expect("a stage");
    assert!(earlier.starts_with('#'), "{earlier}");
    let written = text.lines().filter(|line| line.contains("update-rest-api"));
    assert!(
        written.clone().count() == 1 && written.clone().all(|line| line.starts_with('#')),
        "{text}"
    );
}

/// As where the spec names another mode by now, and the change to it waits.
#[test]
fn statements_that_let_in_the_signer_alone_are_told_whatever_the_spec_says_by_now() {
    for access in [json!({"mode": "ApiKey"}), json!({}), Value::Null] {
        let text = told("REST", &access, &locked("SigV4"));
        assert!(
            text.contains("PalisadeOnly12345678000040008000000000000000"),
            "{text}"
        );
        assert!(text.contains("Where it has none of them"), "{text}");
    }
    for (kind, mode) in [("REST", "ApiKey"), ("HTTP", "SigV4")] {
        let text = told(kind, &json!({"sigV4": {"exclusive": true}}), &locked(mode));
        assert!(!text.contains("PalisadeOnly"), "{text}");
    }
}

#[test]
fn nothing_that_others_wrote_ends_a_word_or_a_comment() {
    let mut hostile = object("REST", &json!({}), &locked("SigV4"));
    hostile["spec"]["origin"]["stage"] = json!("p'; rm -rf /;'\n rm x");
    let text = script(&hostile);
    assert!(text.contains(r"STAGE='p'\''; rm -rf /;'\''  rm x'"), "{text}");
    assert!(
        !text.lines().any(|line| line.trim_start().starts_with("rm")),
        "{text}"
    );
    hostile["spec"]["origin"]["endpoint"] = json!("example.com");
    let error = Opening::of(&hostile, None).expect_err("no API").to_string();
    assert!(error.contains("spec.origin.endpoint example.com"), "{error}");
}

#[test]
fn what_is_locked_twice_is_opened_twice() {
    let mutual_tls =
        json!({"hostedZoneId": "Z1", "originDomain": "origin.example.com", "truststoreBucket": "store"});
    let access = json!({"mode": "MutualTls", "mutualTls": mutual_tls});
    let both = |mode: &str| {
        let mut status = locked(mode);
        status["heldMode"] = json!({"mode": "SecretHeader", "header": "x-shop"});
        status["mutualTls"] = json!({"defaultEndpointOff": true});
        told("REST", &access, &status)
    };
    for mode in ["SecretHeader", "MutualTls"] {
        let text = both(mode);
        for part in [
            "(SecretHeader and MutualTls)",
            "path=/disableExecuteApiEndpoint,value=false",
            "--argjson ours",
            "create-deployment",
        ] {
            assert!(text.contains(part), "{mode}: {part} is not in:\n{text}");
        }
    }
    let mut status = locked("MutualTls");
    status["mutualTls"] = json!({"defaultEndpointOff": true});
    let once = told("REST", &access, &status);
    assert!(
        once.contains("disableExecuteApiEndpoint") && !once.contains("update-method"),
        "{once}"
    );
}

#[test]
fn as_data_each_step_says_what_it_is_for_and_what_a_person_has_to_fill_in_first() {
    let data = Opening::of(&object("REST", &json!({}), &locked("SigV4")), None).expect("commands");
    let data = serde_json::to_value(data).expect("JSON");
    let steps = data["steps"].as_array().expect("steps");
    assert!(
        steps
            .iter()
            .all(|step| step["what"].as_str().is_some_and(|what| !what.is_empty()))
    );
    let by_hand: Vec<&Value> = steps.iter().filter(|step| step["byHand"] == true).collect();
    assert_eq!(by_hand.len(), 1, "{data}");
    let command = by_hand[0]["commands"][0].as_str().expect("a command");
    assert!(command.starts_with("aws apigateway update-rest-api"), "{command}");
    assert!(
        steps
            .iter()
            .any(|step| step["commands"][0] == "REGION='eu-north-1' ID='a1b2c3d4e5' STAGE='prod'"),
        "{data}"
    );
    assert!(
        data["notes"][0]
            .as_str()
            .is_some_and(|note| note.starts_with("Opens stage prod of a1b2c3d4e5")),
        "{data}"
    );
}

#[test]
fn the_lock_is_held_back_in_the_cluster_that_was_named() {
    let object = object("REST", &json!({}), &locked("SigV4"));
    let script = Opening::of(&object, Some("prod")).expect("commands").script();
    assert!(
        script.contains("\nkubectl --context prod patch protectedapi 'petstore' -n 'shop'"),
        "{script}"
    );
}
