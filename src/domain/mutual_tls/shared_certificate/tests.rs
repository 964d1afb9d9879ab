use super::fixtures::{
    ALIKE, ELSEWHERE, NAME, SHARED, found, having, listed, pending, remembering, shared, tags, world,
};
use super::*;
use crate::domain::edge::hosted_zone::cname;
use crate::domain::edge::names::ZoneSeen;
use crate::domain::kernel::identity::{Owner, TAG_NAMESPACE, TAG_UID};
use crate::domain::kernel::observing::record;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::object_fixtures::{Fixture, PUBLIC_ARN, public_certificate};
use crate::domain::mutual_tls::{beforehand, origin_certificate, origin_records};

fn all(world: &Fixture) -> Vec<(Id, Next<Action>)> {
    origin_certificate::next_all(&world.inputs())
}

fn next(world: &Fixture) -> Next<Action> {
    let mut all = all(world);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0).1
}

fn request_of(next: Next<Action>) -> Request {
    match next {
        Next::Act(step) => match step.action {
            Action::Request(request) => request,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_certificate_of_all_names_beside_the_origins_is_requested_with_tags_that_name_no_object() {
    let request = request_of(next(&world()));
    assert_eq!(request.names, ["*.origin.example.com"]);
    assert_eq!(request.region, "eu-north-1");
    assert_eq!(request.tags, tags());
    for key in [TAG_UID, TAG_NAMESPACE] {
        assert!(!request.tags.contains_key(key), "{key}");
    }
    let is_taken = |value: &String| {
        value
            .chars()
            .all(|c| c.is_alphanumeric() || "_.:/=+-@ ".contains(c))
    };
    assert!(request.tags.values().all(is_taken), "AWS takes no other in a tag");
}

#[test]
fn two_objects_that_begin_at_once_ask_with_one_token_and_another_cluster_with_another() {
    let mut other = world();
    other.owner = Owner {
        namespace: "pets".into(),
        name: "ledger".into(),
        uid: "99999999-aaaa".into(),
        ..other.owner
    };
    other.desired.owner = other.owner.clone();
    other.desired.origin_domain = "b.origin.example.com".into();
    let (one, two) = (request_of(next(&world())), request_of(next(&other)));
    assert_eq!(one, two);
    assert!(one.token.len() <= 32 && one.token.chars().all(char::is_alphanumeric));
    let mut again = world();
    again.seen.attempt = 1;
    let mut elsewhere = world();
    elsewhere.owner.cluster = ELSEWHERE.into();
    let mut below_another = world();
    below_another.desired.origin_domain = "a.b.example.com".into();
    for different in [again, elsewhere, below_another] {
        assert_ne!(request_of(next(&different)).token, one.token);
    }
}

#[test]
fn none_is_requested_before_the_zone_was_read_and_can_prove_it() {
    let mut unread = world();
    unread.zone = None;
    assert_eq!(next(&unread), Next::Blocked(vec![Kind::OriginRecords]));
    let mut missing = world();
    missing.zone = Some(ZoneSeen::Missing);
    assert_eq!(next(&missing), Next::Blocked(vec![Kind::OriginRecords]));
}

#[test]
fn a_wildcard_above_the_zone_is_refused_with_field_and_remedy_and_one_of_the_zone_itself_is_not() {
    let mut above = world();
    above.desired.origin_domain = "example.com".into();
    assert_eq!(next(&above), Next::Blocked(vec![Kind::OriginCertificate]));
    let told = refusals::problems(&above.inputs());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].reason, Reason::HostedZoneDoesNotCoverAlias);
    for part in ["spec.access.mutualTls.sharedCertificate: ", "*.com", "to false"] {
        assert!(told[0].message.contains(part), "{}", told[0].message);
    }
    assert!(beforehand::awaited(&above.inputs()).contains(&Kind::OriginCertificate));
    let mut of_zone = world();
    of_zone.desired.origin_domain = "origin.example.com".into();
    assert_eq!(request_of(next(&of_zone)).names, ["*.example.com"]);
    assert!(refusals::problems(&of_zone.inputs()).is_empty());
    // The name itself may have a zone of its own only if the declared one is that.
    let mut delegated = world();
    let mut delegation = cname("origin.example.com", "ns-1.example.org");
    delegation.r#type = "NS".into();
    delegated.put_zone(vec![delegation]);
    assert!(!refusals::problems(&delegated.inputs()).is_empty());
}

#[test]
fn one_that_others_requested_is_used_once_it_is_issued_and_proved_by_whoever_comes() {
    let waiting = having(world(), &[pending(SHARED)]);
    assert!(matches!(next(&waiting), Next::Wait(wait) if wait.reason == Reason::CertificatePending));
    assert_eq!(origin_certificate::issued(&waiting.inputs()), None);
    let Next::Act(step) = origin_records::next(&waiting.inputs(), None) else {
        panic!("its record is made")
    };
    assert_eq!(step.action.changes[0].record.name, "_a.origin.example.com");
    let issued = having(world(), &[found(SHARED)]);
    assert_eq!(next(&issued), Next::Done);
    assert_eq!(
        origin_certificate::issued(&issued.inputs()).as_deref(),
        Some(SHARED)
    );
}

#[test]
fn one_that_was_verified_costs_no_call_at_a_resync() {
    let mut world = listed(world(), &[SHARED]);
    assert_eq!(next(&world), Next::Read, "it was never read");
    let id = origin_certificate::id_of(SHARED);
    let hash = hash_of(&id, &world.inputs()).unwrap();
    world
        .pass
        .recorded
        .insert(id.key(), record(&hash, &found(SHARED)));
    assert_eq!(next(&world), Next::Done);
    assert_eq!(
        origin_certificate::issued(&world.inputs()).as_deref(),
        Some(SHARED)
    );
}

#[test]
fn one_of_several_alike_is_settled_on_by_all_and_the_others_are_left_to_the_sweeper() {
    let both = having(world(), &[found(ALIKE), found(SHARED)]);
    assert_eq!(current_arn(&both.inputs()).as_deref(), Some(SHARED), "the first");
    let used = having(world(), &[found(ALIKE), pending(SHARED)]);
    assert_eq!(
        current_arn(&used.inputs()).as_deref(),
        Some(ALIKE),
        "what can be used"
    );
    for world in [&both, &used] {
        assert!(all(world).iter().all(|(_, next)| !matches!(next, Next::Act(_))));
    }
    // Which of them is issued has to be known for that.
    let unread = listed(world(), &[SHARED, ALIKE]);
    assert!(all(&unread).iter().all(|(_, next)| *next == Next::Read));
}

#[test]
fn that_of_another_cluster_or_of_other_names_is_neither_used_nor_touched() {
    let of = |cluster: &str, below: &str| {
        let mut found = found(SHARED);
        let shared = Shared {
            below: below.into(),
            ..shared()
        };
        found.tags = shared.tags(cluster);
        having(remembering(world(), SHARED), &[found])
    };
    let ours = world().owner.cluster;
    for foreign in [of(ELSEWHERE, "origin.example.com"), of(&ours, "b.example.com")] {
        let nexts = all(&foreign);
        let acts = nexts.iter().filter(|(_, next)| matches!(next, Next::Act(_)));
        assert_eq!(acts.count(), 1, "another is requested: {nexts:?}");
        assert_eq!(origin_certificate::issued(&foreign.inputs()), None);
        assert!(!concerns(&foreign.inputs(), SHARED, &shared().tags(ELSEWHERE)));
    }
    let elsewhere = SHARED.replace("eu-north-1", "eu-west-1");
    assert!(
        !concerns(&world().inputs(), &elsewhere, &tags()),
        "another Region's"
    );
    assert!(concerns(&world().inputs(), SHARED, &tags()));
}

#[test]
fn tags_that_somebody_took_away_come_back_and_they_are_those_of_no_object() {
    let mut bare = found(SHARED);
    bare.tags.clear();
    let world = having(remembering(world(), SHARED), &[bare.clone()]);
    let Next::Act(step) = next(&world) else {
        panic!("tags")
    };
    assert_eq!(step.action, Action::Tag(TagCall::setting(SHARED, tags())));
    bare.content.names = vec!["origin.example.com".into()];
    let unlike = having(remembering(self::world(), SHARED), &[bare]);
    assert!(
        all(&unlike)
            .iter()
            .all(|(_, next)| !matches!(next, Next::Act(step) if matches!(step.action, Action::Tag(_)))),
        "what status says is no proof of another's"
    );
}

#[test]
fn one_that_is_gone_is_requested_anew() {
    let mut world = remembering(world(), SHARED);
    world
        .seen
        .origin_certificates
        .insert(SHARED.into(), Seen::default());
    assert_eq!(next(&world), Next::Read);
    world.seen.origin_certificates.insert(SHARED.into(), Seen::Absent);
    let requests = all(&world)
        .into_iter()
        .filter(|(_, next)| matches!(next, Next::Act(_)));
    assert_eq!(requests.count(), 1);
}

#[test]
fn one_that_acm_gave_up_is_told_with_the_field_of_this_mode() {
    let mut failed = found(SHARED);
    failed.content.status = "FAILED".into();
    let world = having(world(), &[failed]);
    let Next::Problem(problem) = next(&world) else {
        panic!("a problem")
    };
    assert_eq!(problem.reason, Reason::CertificateFailed);
}

#[test]
fn an_object_that_shares_one_later_keeps_its_own_until_the_domain_name_has_the_other() {
    let mut own = public_certificate();
    own.content.names = vec![NAME.into()];
    let mut world = having(world(), &[own, pending(SHARED)]);
    world.seen.domain = Seen::Present(world.domain("v1"));
    let nexts = all(&world);
    assert!(
        nexts.iter().all(|(_, next)| !matches!(next, Next::Act(_))),
        "{nexts:?}"
    );
    world = having(world, &[found(SHARED)]);
    assert_eq!(
        origin_certificate::issued(&world.inputs()).as_deref(),
        Some(SHARED)
    );
    world.domain_mut().content.certificate_arn = Some(SHARED.into());
    let gone = all(&world).into_iter().find_map(|(_, next)| match next {
        Next::Act(step) => Some(step.action),
        _ => None,
    });
    assert_eq!(
        gone,
        Some(Action::Delete {
            arn: PUBLIC_ARN.into()
        })
    );
}

#[test]
fn an_object_that_shares_one_no_more_requests_its_own_and_leaves_the_shared_one_alone() {
    let mut world = having(remembering(world(), SHARED), &[found(SHARED)]);
    world.desired.shares_certificate = false;
    world.seen.domain = Seen::Present(world.domain("v1"));
    world.domain_mut().content.certificate_arn = Some(SHARED.into());
    world.remembered.get_or_insert_default().origin_certificate_arn = Some(SHARED.into());
    assert_eq!(request_of(next(&world)).names, [NAME]);
    assert_eq!(origin_certificate::issued(&world.inputs()), None);
    let mut bare = found(SHARED);
    bare.tags.clear();
    let bare = having(world, &[bare]);
    assert_eq!(
        request_of(next(&bare)).names,
        [NAME],
        "it is not taken for the object's own"
    );
}
