//! Who may take a perimeter over by consent, as the tags of its distribution tell.

use super::specs::{owner, row};
use palisade::api::{ProtectedApiSpec, TakeOverSpec};
use palisade::domain::access::table::marks::{Marks, TAG_ACCESS};
use palisade::domain::edge::distribution::{Listed, comment};
use palisade::domain::kernel::identity::{Owner, TAG_ADOPTED, TAG_CONDEMNED, TAG_RETAINED, Tags};
use palisade::domain::kernel::keeping::{Keeper, TAG_CLAIMED_BY, TAG_OFFERED_TO, TAG_RELEASED_TO};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::consent::{consented, kept_by_another};
use palisade::domain::perimeter::handover::{check, claim, unclaimed};

const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
const UID: &str = "87654321-0000-4000-8000-000000000000";

/// Whoever keeps it, in another cluster.
fn former() -> Owner {
    Owner {
        cluster: "d2d2d2d2-0000-4000-8000-000000000000".into(),
        name: "theirs".into(),
        uid: UID.into(),
        ..owner()
    }
}

fn marked(mut tags: Tags, key: &str, value: &str) -> Tags {
    tags.insert(key.to_owned(), value.to_owned());
    tags
}

/// By which owner it goes on with what bears `tags`, or why not.
fn asked(tags: &Tags, is_gone: bool) -> Result<Owner, Reason> {
    asked_for("prod", "", tags, is_gone)
}

/// The same for a spec of this stage, where the distribution asks the API by this path.
fn asked_for(stage: &str, path: &str, tags: &Tags, is_gone: bool) -> Result<Owner, Reason> {
    let origin = format!("origin: {{endpoint: {ENDPOINT}, type: REST, stage: {stage}}}");
    let spec: ProtectedApiSpec = serde_yaml::from_str(&origin).unwrap();
    let wanted = TakeOverSpec {
        uid: UID.to_owned(),
        keeper_is_gone: is_gone.then_some(true),
    };
    let row = Listed {
        comment: comment(&former()),
        origins: vec![(ENDPOINT.to_owned(), path.to_owned())],
        ..row("E1")
    };
    let found = consented(&spec, &wanted, &owner(), (&row, tags), |_| true);
    found.map_err(|refused| refused.reason)
}

#[test]
fn what_a_living_cluster_may_keep_is_taken_only_by_its_word_or_a_persons() {
    let (tags, ours) = (former().tags(), owner().taking_over(&former()));
    assert_eq!(asked(&tags, false), Err(Reason::TakeOverRefused));
    assert_eq!(asked(&tags, true).as_ref(), Ok(&ours));
    let retained = marked(tags.clone(), TAG_RETAINED, "now");
    assert_eq!(asked(&retained, false).as_ref(), Ok(&ours));
    let keeper = owner().keeper().to_string();
    let released = marked(tags.clone(), TAG_RELEASED_TO, &keeper);
    assert_eq!(asked(&released, false).as_ref(), Ok(&ours));
    let offered = marked(tags, TAG_OFFERED_TO, &keeper);
    assert_eq!(asked(&offered, false), Err(Reason::HandoverPending));
    assert_eq!(asked(&offered, true).as_ref(), Ok(&ours), "lost while it offered");
    assert_eq!(asked(&ours.tags(), false), Ok(ours));
}

#[test]
fn what_is_deleted_adopted_or_taken_from_the_object_itself_is_not_taken_over() {
    let condemned = marked(former().tags(), TAG_CONDEMNED, "now");
    assert_eq!(asked(&condemned, true), Err(Reason::TakeOverRefused));
    let adopted = marked(former().tags(), TAG_ADOPTED, "now");
    assert_eq!(asked(&adopted, true), Err(Reason::AdoptionRefused));
    let kept = Owner {
        uid: UID.into(),
        ..owner()
    };
    let taken = former().taking_over(&kept).tags();
    assert_eq!(asked(&taken, true), Err(Reason::TakeOverRefused));
    let here = Owner {
        cluster: owner().cluster,
        ..former()
    };
    assert_eq!(
        asked(&here.tags(), true),
        Err(Reason::TakeOverRefused),
        "it is alive"
    );
}

#[test]
fn what_was_made_for_another_stage_is_not_taken_over_as_its_lock_or_its_path_tell() {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let locked = Marks {
        locks: vec![now],
        ..Marks::default()
    };
    let of_prod = marked(former().tags(), TAG_ACCESS, &locked.named("prod").value());
    assert!(asked_for("prod", "", &of_prod, true).is_ok());
    assert_eq!(
        asked_for("beta", "", &of_prod, true),
        Err(Reason::TakeOverRefused)
    );
    let never_locked = former().tags();
    assert!(
        asked_for("beta", "", &never_locked, true).is_ok(),
        "all stages are reached"
    );
    for (path, is_taken) in [
        ("/beta", true),
        ("/beta/v1", true),
        ("/prod", false),
        ("/prod/beta", false),
    ] {
        let found = asked_for("beta", path, &never_locked, true);
        assert_eq!(found.is_ok(), is_taken, "{path}");
    }
    assert!(
        asked_for("$default", "/v1", &never_locked, true).is_ok(),
        "the path is the API's own"
    );
    let kept = owner().taking_over(&former()).tags();
    let kept = marked(kept, TAG_ACCESS, &of_prod[TAG_ACCESS]);
    assert!(
        asked_for("beta", "", &kept, true).is_ok(),
        "its keeper may name another stage"
    );
}

#[test]
fn nothing_is_offered_within_a_cluster_nor_to_the_object_itself() {
    let offering = |to: &Keeper| {
        let spec =
            format!("origin: {{endpoint: {ENDPOINT}, type: REST, stage: prod}}\nhandOver: {{to: {to}}}");
        let spec: ProtectedApiSpec = serde_yaml::from_str(&spec).unwrap();
        check(&spec, &owner())
    };
    let own = owner().keeper();
    let other = Keeper {
        name: "another".into(),
        ..own.clone()
    };
    for (to, remedy) in [(&own, "this object itself"), (&other, "docs/handover.md")] {
        let refused = offering(to).unwrap_err();
        assert_eq!(refused.reason, Reason::InvalidSpec);
        let message = refused.message;
        assert!(message.starts_with("spec.handOver.to names "), "{message}");
        assert!(
            message.contains(remedy) && message.contains("take spec.handOver out"),
            "{message}"
        );
    }
    assert_eq!(offering(&former().keeper()), Ok(()));
}

#[test]
fn whoever_has_let_it_go_keeps_it_no_more_and_whoever_offers_it_does() {
    let (kept, next) = (former(), owner().keeper().to_string());
    let offered = marked(kept.tags(), TAG_OFFERED_TO, &next);
    let claimed = marked(offered.clone(), TAG_CLAIMED_BY, &next);
    for tags in [&kept.tags(), &offered, &claimed] {
        assert_eq!(kept_by_another(tags, &kept), None);
    }
    let released = marked(claimed, TAG_RELEASED_TO, &next);
    let reason = |tags: &Tags| kept_by_another(tags, &kept).map(|refused| refused.reason);
    assert_eq!(reason(&released), Some(Reason::HandedOver));
    let taken = owner().taking_over(&kept).tags();
    assert_eq!(reason(&taken), Some(Reason::HandedOver));
    assert_eq!(reason(&Tags::new()), None, "somebody took its tags away");
}

#[test]
fn what_was_let_go_to_another_is_not_taken_and_a_claim_goes_with_its_object() {
    let (tags, next) = (former().tags(), owner().keeper().to_string());
    let to_another = marked(tags.clone(), TAG_RELEASED_TO, "c/shop/another");
    assert_eq!(asked(&to_another, true), Err(Reason::TakeOverRefused));
    assert_eq!(unclaimed(&to_another, &owner()), Vec::<String>::new());
    let claimed = marked(tags, TAG_CLAIMED_BY, &next);
    assert_eq!(unclaimed(&claimed, &owner()), [TAG_CLAIMED_BY]);
    let released = marked(claimed, TAG_RELEASED_TO, &next);
    assert_eq!(unclaimed(&released, &owner()), [TAG_CLAIMED_BY, TAG_RELEASED_TO]);
    let taken = marked(owner().tags(), TAG_RELEASED_TO, &next);
    assert_eq!(
        unclaimed(&taken, &owner()),
        Vec::<String>::new(),
        "it keeps it by now"
    );
}

#[test]
fn an_offer_is_answered_once_and_by_whom_it_is_made_to() {
    let keeper = owner().keeper().to_string();
    let offered = marked(former().tags(), TAG_OFFERED_TO, &keeper);
    let answer = claim(&offered, &owner()).expect("it is offered");
    assert_eq!(answer.get(TAG_CLAIMED_BY), Some(&keeper));
    assert_eq!(claim(&offered, &former()), None);
    assert_eq!(claim(&marked(offered, TAG_CLAIMED_BY, &keeper), &owner()), None);
}
