//! What a lost cluster's objects shared goes on under the tags of the cluster that took a perimeter over from there.

use super::fixtures::{ALIKE, ELSEWHERE, NAME, SHARED, found, having, pending, shared, world};
use super::*;
use crate::api::MutualTlsStatus;
use crate::domain::kernel::identity::TAG_CLUSTER;
use crate::domain::kernel::keeping::{Keeper, TakenOver};
use crate::domain::mutual_tls::object_fixtures::Fixture;
use crate::domain::mutual_tls::origin_certificate;

/// That of the lost cluster.
fn theirs(arn: &str) -> Observed {
    Observed {
        tags: shared().tags(ELSEWHERE),
        ..found(arn)
    }
}

/// An object that took its perimeter over from a lost cluster, whose custom domain name has that certificate.
fn taken_over(arn: &str) -> Fixture {
    let mut world = world();
    let keeper = Keeper {
        cluster: ELSEWHERE.into(),
        namespace: "shop".into(),
        name: "petstore".into(),
    };
    world.owner.taken = Some(Box::new(TakenOver {
        made_for: keeper.clone(),
        taken_from: keeper,
        takeovers: 1,
    }));
    world.desired.owner = world.owner.clone();
    world.desired.lost_cluster = Some(ELSEWHERE.into());
    let mut domain = world.domain("v1");
    domain.tags = world.owner.tags();
    domain.content.name = NAME.into();
    domain.content.certificate_arn = Some(arn.into());
    world.seen.domain = Seen::Present(domain);
    world
}

fn next_of(world: &Fixture, arn: &str) -> Next<Action> {
    let all = origin_certificate::next_all(&world.inputs());
    let mut of = all.into_iter().filter(|(id, _)| *id == id_of(arn));
    of.next().expect("it is looked after").1
}

/// Whether it gets the tags of this cluster.
fn is_retagged(next: &Next<Action>) -> bool {
    let Next::Act(step) = next else { return false };
    let Action::Tag(call) = &step.action else {
        return false;
    };
    call.set()
        .is_some_and(|set| set.get(TAG_CLUSTER) == Some(&world().owner.cluster))
}

fn is_requested(world: &Fixture) -> bool {
    let all = origin_certificate::next_all(&world.inputs());
    let mut steps = all.into_iter().map(|(_, next)| next);
    steps.any(|next| matches!(next, Next::Act(step) if matches!(step.action, Action::Request(_))))
}

#[test]
fn what_the_name_has_gets_the_tags_of_the_cluster_that_took_it_over_and_goes_on_serving() {
    let world = having(taken_over(SHARED), &[theirs(SHARED)]);
    assert!(is_retagged(&next_of(&world, SHARED)));
    assert!(!is_requested(&world));
    assert_eq!(
        origin_certificate::issued(&world.inputs()).as_deref(),
        Some(SHARED)
    );
}

#[test]
fn it_is_taken_first_where_the_cluster_has_one_alike_and_only_then_do_all_settle_on_one() {
    for own in [SHARED, ALIKE] {
        let lost = if own == SHARED { ALIKE } else { SHARED };
        let mut world = having(taken_over(lost), &[found(own), theirs(lost)]);
        assert!(is_retagged(&next_of(&world, lost)));
        assert_eq!(
            origin_certificate::issued(&world.inputs()).as_deref(),
            Some(lost),
            "the name keeps it until it has the tags"
        );
        world = having(world, &[found(lost)]);
        assert_eq!(
            origin_certificate::issued(&world.inputs()).as_deref(),
            Some(SHARED)
        );
    }
}

#[test]
fn nothing_is_requested_before_it_is_known_which_one_the_name_has() {
    let mut world = taken_over(SHARED);
    world.seen.domain = Seen::Listed(None);
    let row = certificate::Listed {
        arn: SHARED.into(),
        tags: Some(shared().tags(ELSEWHERE)),
    };
    let row = Seen::Listed(Some(row));
    world.seen.origin_certificates.insert(SHARED.into(), row);
    assert_eq!(next_of(&world, SHARED), Next::Blocked(vec![Kind::OriginDomain]));
    assert!(!is_requested(&world));
    world.remembered = Some(MutualTlsStatus {
        origin_certificate_arn: Some(SHARED.into()),
        ..MutualTlsStatus::default()
    });
    assert_eq!(next_of(&world, SHARED), Next::Read);
}

#[test]
fn what_the_name_does_not_have_and_what_a_living_cluster_shares_stays_theirs() {
    let unused = having(taken_over(ALIKE), &[theirs(SHARED)]);
    let mut living = having(taken_over(SHARED), &[theirs(SHARED)]);
    living.desired.lost_cluster = None;
    let mut anothers = theirs(SHARED);
    anothers.content.names = vec!["www.example.com".into()];
    let unlike = having(taken_over(SHARED), &[anothers]);
    for world in [unused, living, unlike] {
        assert!(!is_retagged(&next_of(&world, SHARED)));
        assert_ne!(
            origin_certificate::issued(&world.inputs()).as_deref(),
            Some(SHARED)
        );
    }
}

#[test]
fn one_that_acm_proves_still_gets_them_too() {
    let mut unproven = pending(SHARED);
    unproven.tags = shared().tags(ELSEWHERE);
    assert!(is_retagged(&next_of(
        &having(taken_over(SHARED), &[unproven]),
        SHARED
    )));
}

#[test]
fn an_object_that_shares_none_itself_leaves_it_to_the_sweeper_of_its_cluster() {
    let mut world = having(taken_over(SHARED), &[theirs(SHARED)]);
    world.desired.shares_certificate = false;
    assert!(is_retagged(&next_of(&world, SHARED)));
    let row = (SHARED, shared().tags(ELSEWHERE));
    assert!(concerns(&world.inputs(), row.0, &row.1));
    world.desired.lost_cluster = None;
    assert!(!concerns(&world.inputs(), row.0, &row.1));
}
