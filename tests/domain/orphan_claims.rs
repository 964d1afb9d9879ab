//! Which objects need what is left of a UID.

use super::specs::{WEB_ACL, owner, row};
use palisade::domain::kernel::planning::Kind;
use palisade::domain::perimeter::orphan_deletion::{Left, Part, Traces, knows};
use serde_json::{Value, json};

const DISTRIBUTION: &str = "arn:aws:cloudfront::123456789012:distribution/E1";

#[test]
fn an_object_knows_what_it_has_takes_over_hands_over_or_left_under_its_name() {
    let uid = owner().uid.as_str().to_owned();
    let mut row = row("E1");
    DISTRIBUTION.clone_into(&mut row.arn);
    let left = Left {
        parts: vec![Part {
            kind: Kind::WebAcl,
            arn: WEB_ACL.to_owned(),
            tags: owner().tags(),
        }],
        distributions: vec![row],
        ..Left::default()
    };
    let traces = Traces::of(&uid, &left, &["arn:of:what-went".to_owned()]);
    let object = |more: &Value| {
        let mut object =
            json!({"metadata": {"uid": "u-2", "namespace": "store", "name": "pets"}, "spec": {}});
        for (field, value) in more.as_object().expect("fields") {
            object[field] = value.clone();
        }
        knows(&object, &traces)
    };
    assert!(!object(&json!({})));
    let namesake = json!({"uid": "u-2", "namespace": "shop", "name": "petstore"});
    for known in [
        json!({"metadata": {"uid": uid}}),
        json!({"status": {"perimeterUid": uid}}),
        json!({"status": {"takeOver": {"uid": uid}}}),
        json!({"spec": {"takeOver": {"uid": uid}}}),
        json!({"spec": {"perimeter": {"takeOver": {"uid": uid}}}}),
        json!({"metadata": namesake}),
        json!({"status": {"distribution": {"id": "E1", "arn": DISTRIBUTION}}}),
        json!({"metadata": namesake, "status": {"distribution": {"id": "E1", "arn": DISTRIBUTION}}}),
        json!({"status": {"distribution": {"id": "E0", "arn": "arn:of:what-went"}}}),
    ] {
        assert!(object(&known), "{known}");
    }
    // One that has a perimeter of its own never goes on with that.
    let built =
        json!({"metadata": namesake, "status": {"distribution": {"id": "E2", "arn": "arn:of:another"}}});
    assert!(!object(&built));
}
