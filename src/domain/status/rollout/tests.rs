use super::*;
use serde_json::{Value, json};

fn class(rate: i64, status: &Value) -> PerimeterClass {
    let spec = json!({"limits": {"rateLimit": {"limit": rate}}, "rollout": {"pause": "0s"}});
    let class = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass", "metadata": {"name": "public", "generation": 1},
        "spec": spec, "status": status,
    });
    serde_json::from_value(class).unwrap()
}

fn object(status: &Value) -> ProtectedApi {
    let object = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
        "metadata": {"name": "petstore", "namespace": "shop", "uid": "u", "generation": 2},
        "spec": {"origin": {"endpoint": "e", "type": "REST", "stage": "prod"}},
        "status": status,
    });
    serde_json::from_value(object).unwrap()
}

fn condition(is: &str, status: &str) -> Value {
    json!({"type": is, "status": status, "reason": "Some", "message": "some", "observedGeneration": 2,
        "lastTransitionTime": "2026-01-01T00:00:00Z"})
}

fn now() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

#[test]
fn viewers_who_are_refused_come_before_all_else_that_is_wrong() {
    let of = |conditions: Value| {
        health(
            object(&json!({"conditions": conditions})).status.as_ref(),
            Some(2),
        )
    };
    let (ready, stalled) = (condition(types::READY, "True"), condition(types::STALLED, "True"));
    let refused = condition(types::VIEWER_ACCESS_VERIFIED, "False");
    assert_eq!(of(json!([ready])), Health::Ready);
    assert!(matches!(of(json!([stalled, ready])), Health::Stalled(_)));
    assert!(matches!(of(json!([stalled, refused, ready])), Health::Refused(_)));
    assert_eq!(of(json!([])), Health::Unsettled);
    let mut older = ready;
    older["observedGeneration"] = 1.into();
    assert_eq!(of(json!([older])), Health::Unsettled);
}

#[test]
fn a_spec_is_kept_for_whoever_goes_by_it_and_no_longer() {
    let first = class(2000, &Value::Null);
    let begun = next_of(&first, &[], &BTreeMap::new(), now());
    let kept = revisions(&first, &begun, &[]);
    assert_eq!(kept.len(), 1);
    let old = kept[0].revision.clone();
    let status = json!({"rollout": begun.rollout, "revisions": kept});
    let second = class(500, &status);
    let own = object(&json!({
        "distribution": {"id": "E1", "arn": "a", "domainName": "d", "state": "Deployed"},
        "class": {"name": "public", "revision": old}, "conditions": [condition(types::READY, "True")],
    }));
    let held = member(&own, "public", ChosenBy::Default, &ClassRollout::default());
    let then = next_of(&second, std::slice::from_ref(&held), &BTreeMap::new(), now());
    let kept = revisions(&second, &then, std::slice::from_ref(&held));
    let names: Vec<&str> = kept.iter().map(|kept| kept.revision.as_str()).collect();
    assert_eq!(names, [revision(&second.spec).as_str(), old.as_str()]);
    let with_status = class(500, &json!({"rollout": then.rollout, "revisions": kept}));
    let said = spec_of_revision(&with_status, &old).expect("it is kept");
    assert_eq!(revision(&said), old);
    assert!(is_moving(&with_status, "u"));
    let moved = Member {
        held: Some(revision(&second.spec)),
        ..held
    };
    let after = next_of(
        &with_status,
        std::slice::from_ref(&moved),
        &BTreeMap::new(),
        now(),
    );
    assert!(!after.kept.contains(&old) || after.rollout.completed.as_ref() == Some(&old));
}

#[test]
fn since_when_an_object_goes_by_a_revision_begins_anew_with_another_one() {
    let first = standing(None, "public", "r0", now());
    assert_eq!(
        (first.since.as_str(), first.verified_at.as_ref()),
        ("2026-01-01T12:00:00Z", None)
    );
    let applied = AppliedClass {
        name: "public".into(),
        revision: Some("r0".into()),
        standing: Some(first.clone()),
        ..AppliedClass::default()
    };
    let later = now() + SignedDuration::from_hours(1);
    assert_eq!(standing(Some(&applied), "public", "r0", later), first);
    assert_eq!(
        standing(Some(&applied), "public", "r1", later).since,
        moment(later)
    );
    assert_eq!(
        standing(Some(&applied), "internal", "r0", later).since,
        moment(later)
    );
    assert_eq!(verified(&applied, false, later), applied);
    let looked_at = verified(&applied, true, later).standing.unwrap();
    assert_eq!(
        (looked_at.since, looked_at.verified_at),
        (first.since, Some(moment(later)))
    );
}

#[test]
fn an_object_on_the_way_is_looked_at_once_it_has_stood_its_pause() {
    let mut public = class(2000, &Value::Null);
    public.spec.rollout = None;
    let moving = json!({"rollout": {"revision": "r1", "state": "Progressing", "since": "", "moved": 0, "remaining": 0,
        "moving": [{"object": "shop/petstore", "uid": "u", "since": "2026-01-01T12:00:00Z", "wasReady": true}]}});
    let of = |public: &PerimeterClass, revision: &str, since: &str| {
        let standing = json!({"name": "public", "revision": revision, "standing": {"since": since}});
        look(public, &object(&json!({"class": standing})), now())
    };
    let minute = SignedDuration::from_mins(1);
    assert_eq!(of(&public, "r1", "2026-01-01T11:00:00Z"), Look::NotAwaited);
    public.status = Some(serde_json::from_value(moving).unwrap());
    assert_eq!(of(&public, "r0", "2026-01-01T11:00:00Z"), Look::In(minute));
    assert_eq!(of(&public, "r1", "2026-01-01T12:00:00Z"), Look::In(minute));
    assert_eq!(
        of(&public, "r1", "2026-01-01T13:00:00Z"),
        Look::In(minute),
        "a time in the future"
    );
    assert_eq!(of(&public, "r1", "2026-01-01T11:59:00Z"), Look::Due);
}

#[test]
fn whether_an_object_was_ready_is_kept_of_those_that_moved() {
    let status = json!({"rollout": {"revision": "r1", "state": "Progressing", "since": "", "moved": 0, "remaining": 0,
        "moving": [{"object": "shop/petstore", "uid": "u", "since": "2026-01-01T12:00:00Z", "wasReady": true}]}});
    let (under_way, over) = (class(2000, &status), class(2000, &Value::Null));
    let applied = |revision: &str| AppliedClass {
        name: "public".into(),
        revision: Some(revision.into()),
        standing: Some(standing(None, "public", revision, now())),
        ..AppliedClass::default()
    };
    let kept = |class: &PerimeterClass, revision: &str, uid: &str| {
        let mut applied = applied(revision);
        keep_readiness(&mut applied, class, uid);
        applied
    };
    let was_ready = |applied: &AppliedClass| applied.standing.as_ref().unwrap().was_ready;
    assert_eq!(was_ready(&kept(&under_way, "r1", "other")), None);
    assert_eq!(
        was_ready(&kept(&under_way, "r0", "u")),
        None,
        "it has not moved yet"
    );
    let mut moved = kept(&under_way, "r1", "u");
    assert_eq!(was_ready(&moved), Some(true));
    keep_readiness(&mut moved, &over, "u");
    assert_eq!(was_ready(&moved), Some(true), "once it has arrived as well");
    let later = standing(Some(&moved), "public", "r1", now());
    assert_eq!(later.was_ready, Some(true));
    assert_eq!(standing(Some(&moved), "public", "r2", now()).was_ready, None);
    let object = object(&json!({"class": moved}));
    let known = member(&object, "public", ChosenBy::Default, &ClassRollout::default());
    assert_eq!((known.was_ready, known.api.as_str()), (Some(true), "e"));
}

#[test]
fn what_its_own_team_asks_for_and_what_serves_nobody_waits_for_nobody() {
    let built =
        object(&json!({"distribution": {"id": "E1", "arn": "a", "domainName": "d", "state": "Deployed"}}));
    let new = object(&Value::Null);
    for (object, by, at_once) in [
        (&built, ChosenBy::Object, true),
        (&built, ChosenBy::Namespace, false),
        (&built, ChosenBy::Default, false),
        (&new, ChosenBy::Default, true),
    ] {
        assert_eq!(own(object, "public", by).joins_at_once, at_once);
    }
}

#[test]
fn what_objects_may_come_to_is_listed_before_what_only_those_have_that_cannot_move() {
    let held: Vec<String> = (0..9).map(|number| format!("held{number}")).collect();
    let names = held.iter().cloned().chain(["last".into(), "moving".into()]);
    let names: Vec<String> = names.collect();
    let known: Vec<Value> = names
        .iter()
        .map(|name| json!({"revision": name, "spec": {}}))
        .collect();
    let class = class(500, &json!({"revisions": known}));
    let own = object(&Value::Null);
    let of = |held: &str, can_move| Member {
        held: Some(held.to_owned()),
        can_move,
        ..member(&own, "public", ChosenBy::Object, &ClassRollout::default())
    };
    let mut members: Vec<Member> = held.iter().map(|held| of(held, false)).collect();
    members.push(of("moving", true));
    let mut next = next_of(&class, &members, &BTreeMap::new(), now());
    next.rollout.completed = Some("last".into());
    next.kept.extend(names);
    let listed = revisions(&class, &next, &members);
    let listed: Vec<&str> = listed.iter().map(|found| found.revision.as_str()).collect();
    assert_eq!(listed.len(), 8, "{listed:?}");
    assert_eq!(listed[..3], [revision(&class.spec).as_str(), "last", "moving"]);
}

#[test]
fn a_halted_rollout_is_for_a_person_until_it_goes_on() {
    let public = class(500, &Value::Null);
    let of = |state| RolloutStatus {
        revision: revision(&public.spec),
        state,
        ..RolloutStatus::default()
    };
    let told = |state| {
        let rollout = of(state);
        let found = [rolled_out(&public, &rollout, now())];
        stalled(&public, &rollout, &found).map(|found| (found.type_, found.status, found.reason))
    };
    let said = ["Stalled", "True", "RolloutHalted"].map(ToOwned::to_owned);
    assert_eq!(told(RolloutState::Halted), Some(said.into()));
    assert_eq!(told(RolloutState::Progressing), None);
    let contradicts: Condition = serde_json::from_value(condition("Stalled", "True")).unwrap();
    let halted = of(RolloutState::Halted);
    let found = [contradicts, rolled_out(&public, &halted, now())];
    assert_eq!(stalled(&public, &halted, &found), None, "it says so already");
}

#[test]
fn a_revision_that_is_taken_back_is_not_told_to_be_rolled_out() {
    let mut public = class(500, &Value::Null);
    let newest = revision(&public.spec);
    let told = |public: &PerimeterClass, goes_by: &str| {
        let rollout = RolloutStatus {
            revision: goes_by.to_owned(),
            state: RolloutState::Complete,
            ..RolloutStatus::default()
        };
        rolled_out(public, &rollout, now())
    };
    assert_eq!(told(&public, &newest).status, "True");
    let contradictory = told(&public, "r0");
    assert_eq!(contradictory.status, "False");
    assert!(contradictory.message.contains("Accepted"), "{contradictory:?}");
    let undo = [(UNDO_ROLLOUT.to_owned(), newest.clone())];
    public.metadata.annotations = Some(undo.into());
    let undone = told(&public, "r0");
    assert_eq!(
        (undone.status.as_str(), undone.reason.as_str()),
        ("False", "RolloutWaiting")
    );
    assert!(undone.message.contains(UNDO_ROLLOUT), "{undone:?}");
}

#[test]
fn revisions_are_kept_as_far_as_a_status_has_room_for_what_they_say() {
    let long = "x".repeat(250_000);
    let known = |name: &str| json!({"revision": name, "spec": {"append": [], "limits": {"padding": long}}});
    let names = ["last", "moving", "other"];
    let class = class(500, &json!({"revisions": names.map(known)}));
    let own = object(&Value::Null);
    let moving = Member {
        held: Some("moving".into()),
        ..member(&own, "public", ChosenBy::Object, &ClassRollout::default())
    };
    let members = [moving];
    let mut next = next_of(&class, &members, &BTreeMap::new(), now());
    next.rollout.completed = Some("last".into());
    next.kept.extend(names.map(ToOwned::to_owned));
    let listed = revisions(&class, &next, &members);
    let listed: Vec<&str> = listed.iter().map(|found| found.revision.as_str()).collect();
    assert_eq!(listed, [revision(&class.spec).as_str(), "last", "moving"]);
}

#[test]
fn since_when_aws_has_the_web_acl_is_told_by_its_condition() {
    let since = |status: &str| {
        let own = object(&json!({"conditions": [condition(types::WEB_ACL_READY, status)]}));
        member(&own, "public", ChosenBy::Default, &ClassRollout::default()).web_acl_since
    };
    assert_eq!(since("True").map(moment).as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(since("False"), None);
}

#[test]
fn requests_are_counted_of_objects_on_the_way_once_aws_has_what_they_ask_for() {
    let moving =
        json!({"object": "shop/petstore", "uid": "u", "since": "2026-01-01T11:50:00Z", "wasReady": true});
    let rollout = json!({"revision": "r1", "state": "Progressing", "since": "2026-01-01T11:50:00Z", "moved": 0,
        "remaining": 0, "moving": [moving]});
    let mut public = class(500, &json!({"rollout": rollout}));
    public.spec.rollout = serde_json::from_value(json!({"haltOn": ["BlockedShare"]})).unwrap();
    let asked = |public: &PerimeterClass, revision: &str, deployed: &str| {
        let own = object(&json!({
            "accountId": "111122223333", "class": {"name": "public", "revision": revision},
            "webAcl": {"id": "i", "arn": "arn:aws:wafv2:us-east-1:111122223333:global/webacl/palisade-shop-petstore/i"},
            "conditions": [condition(types::WEB_ACL_READY, "True"), condition(types::DISTRIBUTION_DEPLOYED, deployed)],
        }));
        counters::asked(public, &[&own], now())
    };
    let found = asked(&public, "r1", "True").expect("it is asked for");
    assert_eq!(moment(found.from), "2026-01-01T10:50:00Z");
    let web_acl = BTreeMap::from([("u".to_owned(), "palisade-shop-petstore".to_owned())]);
    assert_eq!(
        found.web_acls,
        BTreeMap::from([("111122223333".to_owned(), web_acl)])
    );
    assert_eq!(asked(&public, "r0", "True"), None);
    assert_eq!(asked(&public, "r1", "False"), None);
    public.spec.rollout = None;
    assert_eq!(asked(&public, "r1", "True"), Some(found));
    public.spec.rollout = serde_json::from_value(json!({"haltOn": ["Stalled"]})).unwrap();
    assert_eq!(asked(&public, "r1", "True"), None);
}
