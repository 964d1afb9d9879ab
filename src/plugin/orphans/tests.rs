use super::*;
use serde_json::json;

const LOOK: Look = Look {
    width: 120,
    unicode: true,
    colour: false,
};
const WEB_ACL: &str = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/palisade-shop-petstore-u/11111111";
const DISTRIBUTION_ARN: &str = "arn:aws:cloudfront::123456789012:distribution/E1";

fn orphan(kind: &str, arn: &str, may_serve: bool) -> Value {
    json!({
        "kind": kind, "arn": arn, "namespace": "shop", "name": "petstore", "uid": "u-1",
        "since": "2026-01-01T00:00:00Z", "retained": false, "mayServe": may_serve,
    })
}

fn shown(orphans: &[Value]) -> String {
    let account = Account::of(
        &json!({
            "metadata": {"name": "own"}, "spec": {"allowedNamespaces": {"names": []}},
            "status": {"accountId": "123456789012", "orphans": orphans},
        }),
        None,
    );
    let shown = text(&[account], LOOK);
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nobody_is_told_to_delete_what_viewers_may_come_by() {
    let all = [
        orphan("distribution", DISTRIBUTION_ARN, true),
        orphan("webAcl", WEB_ACL, false),
    ];
    for orphans in [&all[..], &all[..1]] {
        let text = shown(orphans);
        assert!(text.contains("of shop/petstore (UID u-1)"), "{text}");
        assert!(text.contains("Delete nothing of it."), "{text}");
        assert!(
            text.contains("declare a ProtectedApi petstore in namespace shop"),
            "{text}"
        );
        assert!(!text.contains("aws ") && !text.contains("delete it"), "{text}");
    }
    let used = shown(&[orphan("webAcl", WEB_ACL, true)]);
    assert!(
        used.contains("Delete nothing of it") && !used.contains("aws "),
        "{used}"
    );
    let mut nameless = orphan("distribution", DISTRIBUTION_ARN, true);
    nameless["uid"] = Value::Null;
    let nameless = shown(&[nameless]);
    assert!(
        nameless.contains("Delete nothing of it") && !nameless.contains("declare"),
        "{nameless}"
    );
}

#[test]
fn what_is_declared_again_has_its_former_spec_and_is_looked_at_before_anything_is_written() {
    let mut distribution = orphan("distribution", DISTRIBUTION_ARN, true);
    let plain = shown(std::slice::from_ref(&distribution));
    for told in [
        "with the spec that it had",
        "names first",
        "spec.suspend: true first",
        "No other ProtectedApi",
        "same etcd snapshot",
    ] {
        assert!(plain.contains(told), "{told}: {plain}");
    }
    assert!(!plain.contains("distribution.adopt"), "{plain}");
    assert!(plain.contains("orphans adopt u-1 -f FILE"), "{plain}");
    distribution["adopted"] = json!(true);
    let adopted = shown(std::slice::from_ref(&distribution));
    assert!(adopted.contains("spec.distribution.adopt: {id: E1}"), "{adopted}");
    distribution["mayServe"] = json!(false);
    let switched_off = shown(&[distribution]);
    assert!(
        !switched_off.contains("delete it") && switched_off.contains("look in AWS"),
        "{switched_off}"
    );
}

#[test]
fn an_object_of_another_name_is_shown_how_it_consents() {
    let mut distribution = orphan("distribution", DISTRIBUTION_ARN, true);
    let vanished = shown(std::slice::from_ref(&distribution));
    for told in [
        "spec.takeOver: {uid: u-1}",
        "palisade.dev/allowed-perimeters: u-1",
        "keeperIsGone: true besides",
    ] {
        assert!(vanished.contains(told), "{told}: {vanished}");
    }
    distribution["retained"] = json!(true);
    let retained = shown(&[distribution]);
    assert!(
        retained.contains("spec.takeOver: {uid: u-1}") && !retained.contains("keeperIsGone"),
        "{retained}"
    );
}

#[test]
fn of_what_is_not_listed_whole_nobody_is_told_a_command() {
    let mut other = orphan("webAcl", WEB_ACL, false);
    other["uid"] = json!("u-0");
    let account = Account::of(
        &json!({
            "metadata": {"name": "own"}, "spec": {"allowedNamespaces": {"names": []}},
            "status": {"accountId": "123456789012", "orphans": [other, orphan("webAcl", WEB_ACL, false)],
                "orphansLeftOut": 1},
        }),
        None,
    );
    let text = text(&[account], LOOK);
    assert_eq!(text.matches("aws wafv2 delete-web-acl").count(), 1, "{text}");
    assert!(text.contains("Not all of it may be listed"), "{text}");
}

#[test]
fn what_serves_nobody_is_taken_down_by_the_controller_or_by_hand_after_a_look() {
    let whole = shown(&[orphan("distribution", DISTRIBUTION_ARN, false)]);
    assert!(
        whole.contains("status.perimeterUid is u-1") && !whole.contains("aws "),
        "{whole}"
    );
    let part = shown(&[orphan("webAcl", WEB_ACL, false)]);
    assert!(part.contains("after that:"), "{part}");
    assert!(
        part.contains("--name 'palisade-shop-petstore-u' --id '11111111'"),
        "{part}"
    );
}

#[test]
fn what_is_not_looked_at_is_told() {
    let spoke = Account::of(
        &json!({"metadata": {"name": "a"}, "spec": {"roleArn": "arn"}, "status": {}}),
        None,
    );
    let text = text(&[spoke], LOOK);
    assert!(text.contains("no AwsAccount stands for it"), "{text}");
    assert!(shown(&[]).contains("no AwsAccount tells"), "{}", shown(&[]));
}

#[test]
fn of_an_account_that_is_not_ready_nobody_takes_silence_for_an_answer() {
    let told = |status: &str| {
        let condition = json!({"type": "Ready", "status": status, "reason": "RoleNotAssumable", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z"});
        let account =
            json!({"metadata": {"name": "spoke"}, "spec": {}, "status": {"conditions": [condition]}});
        text(&[Account::of(&account, None)], LOOK)
    };
    assert!(told("False").contains("AwsAccount spoke is not Ready"));
    assert!(!told("True").contains("not Ready"));
}

#[test]
fn a_name_of_somebodys_is_one_word_of_a_command() {
    let told = command("alarm", "arn:aws:cloudwatch:us-east-1:1:alarm:a'; rm -rf ~; '");
    let told = told.unwrap_or_default();
    assert!(told.ends_with(r"--alarm-names 'a'\''; rm -rf ~; '\'''"), "{told}");
    assert_eq!(command("distribution", DISTRIBUTION_ARN), None);
    assert_eq!(command("role", "nonsense"), None);
    let role = command("role", "arn:aws:iam::1:role/palisade/r").expect("a command");
    let (policies, itself) = (
        role.find("delete-role-policy"),
        role.find("delete-role --role-name"),
    );
    assert!(policies.is_some() && policies < itself, "{role}");
}

#[test]
fn a_command_stands_on_one_line_however_narrow_the_terminal_is() {
    let account = Account::of(
        &json!({
            "metadata": {"name": "own"}, "spec": {}, "status": {"orphans": [orphan("webAcl", WEB_ACL, false)]},
        }),
        None,
    );
    let narrow = Look { width: 60, ..LOOK };
    let whole = command("webAcl", WEB_ACL).unwrap_or_default();
    let text = text(&[account], narrow);
    assert!(text.lines().any(|line| line.trim_start() == whole), "{text}");
}

#[test]
fn commands_are_for_the_cluster_that_was_asked() {
    let orphan = |kind: &str, uid: &str, may_serve: bool| {
        json!({
            "kind": kind, "arn": format!("arn:aws:cloudfront::123456789012:distribution/{uid}"), "uid": uid, "namespace": "shop", "name": uid,
            "mayServe": may_serve, "since": "2026-01-01T00:00:00Z", "retained": false, "adopted": false,
        })
    };
    let account = json!({
        "metadata": {"name": "own"}, "spec": {},
        "status": {"orphans": [orphan("distribution", "a", true), orphan("distribution", "b", false)]},
    });
    let text = text(&[Account::of(&account, Some("prod"))], LOOK);
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "kubectl palisade orphans adopt a -f FILE --context prod writes",
        "kubectl palisade orphans delete b --context prod shows",
        "kubectl --context prod describe awsaccount own says why",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
