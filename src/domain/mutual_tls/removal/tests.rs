use super::*;
use crate::domain::edge::hosted_zone::{alias_of, origin_mark_of};
use crate::domain::kernel::identity::TAG_RETAINED;
use crate::domain::mutual_tls::object_fixtures::{
    ARN, Fixture, PUBLIC_ARN, TARGET, TARGET_ZONE, declared, owner, public_certificate, store, with,
};
use crate::domain::mutual_tls::pair;
use crate::domain::mutual_tls::place::region_of;

/// All of it is there, and nothing of the spec can be read.
fn whole() -> Fixture {
    let mut world = Fixture::empty();
    world.is_leaving = true;
    world.put_zone(vec![
        alias_of("origin.example.com", "A", TARGET_ZONE, TARGET),
        origin_mark_of("origin.example.com", &owner(), TARGET),
    ]);
    world.seen.domain = Seen::Present(world.domain("v1"));
    world.seen.truststore = Seen::Present(store("v1", &["one"]));
    let client = Seen::Present(world.client(ARN, "one"));
    world.seen.client_certificates.insert(ARN.into(), client);
    let origins = &mut world.seen.origin_certificates;
    origins.insert(PUBLIC_ARN.into(), Seen::Present(public_certificate()));
    world
}

fn next_of(world: &Fixture, kind: Kind) -> Next {
    let all = next_all(&world.inputs(), true);
    let found = all.into_iter().find(|(id, _)| id.kind == kind);
    found.unwrap().1
}

fn action_of(world: &Fixture, kind: Kind) -> Action {
    match next_of(world, kind) {
        Next::Act(step) => step.action,
        next => panic!("{next:?}"),
    }
}

#[test]
fn nothing_goes_before_the_distribution() {
    let all = next_all(&whole().inputs(), false);
    assert_eq!(all.len(), 3);
    for (_, next) in all {
        assert_eq!(next, Next::Blocked(vec![Kind::Distribution]));
    }
}

#[test]
fn an_object_of_another_mode_has_nothing_to_go() {
    let mut world = Fixture::empty();
    (world.is_leaving, world.zone) = (true, None);
    let all = next_all(&world.inputs(), true);
    assert!(all.iter().all(|(_, next)| *next == Next::Done), "{all:?}");
    assert!(next_all(&world.inputs(), false).is_empty());
}

#[test]
fn a_domain_name_that_is_there_counts_as_gone_by_no_want_of_its_region() {
    let mut world = whole();
    world.seen.origin_certificates.clear();
    let content = &mut world.domain_mut().content;
    content.certificate_arn = None;
    assert_eq!(
        region_of(world.domain_mut()),
        Some("eu-north-1"),
        "its target tells"
    );
    world.domain_mut().content.target = None;
    assert_eq!(region_of(world.domain_mut()), None);
    assert!(matches!(next_of(&world, Kind::OriginDomain), Next::Wait(_)));
    let mark = Tags::from([(TAG_RETAINED.to_owned(), "now".to_owned())]);
    let marks = mark_of_domain(&world, &mark);
    assert!(matches!(marks, Next::Wait(_)), "{marks:?}");
}

fn mark_of_domain(world: &Fixture, wanted: &Tags) -> Next {
    let all = mark(&world.inputs(), wanted).into_iter();
    let mut found = all.filter(|(id, _)| id.kind == Kind::OriginDomain);
    found.next().expect("the domain name").1
}

#[test]
fn mappings_go_first_then_the_domain_name_then_what_it_was_made_of_and_its_certificate_last() {
    let mut world = whole();
    let unmap = action_of(&world, Kind::OriginDomain);
    assert!(
        matches!(unmap, Action::OriginDomain(origin_domain::Action::Unmap { .. })),
        "{unmap:?}"
    );
    let blocked = Next::Blocked(vec![Kind::OriginDomain]);
    assert_eq!(next_of(&world, Kind::OriginRecords), blocked);
    assert_eq!(next_of(&world, Kind::Truststore), blocked);

    world.domain_mut().mappings.clear();
    let delete = origin_domain::Action::Delete {
        region: "eu-north-1".into(),
        name: "origin.example.com".into(),
    };
    assert_eq!(
        action_of(&world, Kind::OriginDomain),
        Action::OriginDomain(delete)
    );

    world.seen.domain = Seen::Absent;
    let Action::OriginRecords(batch) = action_of(&world, Kind::OriginRecords) else {
        panic!("records")
    };
    assert_eq!(batch.changes.len(), 2);
    let gone = truststore::Action::Delete {
        region: "eu-north-1".into(),
        bucket: "truststores".into(),
        key: declared().key,
    };
    assert_eq!(action_of(&world, Kind::Truststore), Action::Truststore(gone));
    assert!(matches!(
        next_of(&world, Kind::OriginCertificate),
        Next::Blocked(_)
    ));

    world.put_zone(vec![]);
    world.seen.truststore = Seen::Absent;
    let last = certificate::Action::Delete {
        arn: PUBLIC_ARN.into(),
    };
    assert_eq!(
        action_of(&world, Kind::OriginCertificate),
        Action::OriginCertificate(last)
    );
}

#[test]
fn a_client_certificate_goes_beside_the_domain_name_once_acm_sees_it_unused() {
    let mut world = whole();
    let gone = client_certificate::Action::Delete { arn: ARN.into() };
    assert_eq!(
        action_of(&world, Kind::ClientCertificate),
        Action::ClientCertificate(gone)
    );
    let users = vec!["arn:aws:cloudfront::111122223333:distribution/E1".to_owned()];
    world.certificate_mut(ARN).content.in_use_by = users;
    let next = next_of(&world, Kind::ClientCertificate);
    assert!(
        matches!(&next, Next::Wait(wait) if wait.reason == Reason::CertificateInUse),
        "{next:?}"
    );
}

#[test]
fn the_last_tags_that_tell_where_the_rest_is_go_last() {
    let mut world = whole();
    // The certificate of the origin's name is the team's own.
    world.seen.origin_certificates.clear();
    let waits = Next::Blocked(vec![Kind::OriginDomain, Kind::OriginRecords, Kind::Truststore]);
    assert_eq!(next_of(&world, Kind::ClientCertificate), waits);
    world.seen.domain = Seen::Absent;
    assert_eq!(next_of(&world, Kind::ClientCertificate), waits);
    let told = place(&world.inputs());
    assert_eq!(told.origin.as_deref(), Some("origin.example.com"), "by its tag");
    world.put_zone(vec![]);
    world.seen.truststore = Seen::Absent;
    let gone = client_certificate::Action::Delete { arn: ARN.into() };
    assert_eq!(
        action_of(&world, Kind::ClientCertificate),
        Action::ClientCertificate(gone)
    );
}

#[test]
fn what_lost_its_tags_gets_them_back_and_what_is_foreign_stays() {
    let mut world = whole();
    world.domain_mut().tags = Tags::new();
    assert_eq!(
        next_of(&world, Kind::OriginDomain),
        Next::Done,
        "nothing proves it ours"
    );
    world.remembered = Some(crate::api::MutualTlsStatus {
        target: Some(TARGET.into()),
        ..Default::default()
    });
    let Action::OriginDomain(origin_domain::Action::Tag(call)) = action_of(&world, Kind::OriginDomain) else {
        panic!("tags")
    };
    assert_eq!(
        call.arn,
        "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com"
    );
}

#[test]
fn what_is_listed_is_read_and_what_no_list_shows_too_where_it_is_known() {
    let mut world = Fixture::empty();
    world.zone = None;
    assert_eq!(next_of(&world, Kind::OriginDomain), Next::Read);
    world.seen.domain = Seen::Absent;
    for kind in [Kind::OriginRecords, Kind::Truststore] {
        assert_eq!(next_of(&world, kind), Next::Read);
    }
}

#[test]
fn a_deletion_does_not_end_while_it_is_not_known_what_is_left() {
    let mut world = whole();
    world.seen.is_unread = true;
    assert!(matches!(next_of(&world, Kind::OriginDomain), Next::Wait(_)));
}

#[test]
fn without_a_spec_tags_tell_where_the_rest_is() {
    let world = whole();
    let wanted = Place {
        origin: Some("origin.example.com".into()),
        region: Some("eu-north-1".into()),
        zone: Some("Z1".into()),
        bucket: Some("truststores".into()),
    };
    assert_eq!(place(&world.inputs()), wanted);
    assert_eq!(place(&Fixture::empty().inputs()), wanted);
}

#[test]
fn what_stays_is_marked_once() {
    let mut world = whole();
    let stamp = Tags::from([(TAG_RETAINED.to_owned(), "now".to_owned())]);
    let all = mark(&world.inputs(), &stamp);
    assert_eq!(all.len(), 3);
    assert!(
        all.iter().all(|(_, next)| matches!(next, Next::Act(_))),
        "{all:?}"
    );
    let retained = (TAG_RETAINED.to_owned(), "now".to_owned());
    world.domain_mut().tags.extend([retained.clone()]);
    world.certificate_mut(ARN).tags.extend([retained]);
    let mut found = public_certificate();
    found.tags = with(found.tags, TAG_RETAINED, "now");
    world
        .seen
        .origin_certificates
        .insert(PUBLIC_ARN.into(), Seen::Present(found));
    let all = mark(&world.inputs(), &stamp);
    assert!(all.iter().all(|(_, next)| *next == Next::Done), "{all:?}");
}

#[test]
fn no_call_of_a_removal_says_a_key() {
    let mut world = whole();
    world.seen.pair = Some(pair::Pair {
        key: crate::domain::kernel::secret::Secret::new("very secret"),
        ..Fixture::pair("next")
    });
    let all = next_all(&world.inputs(), true);
    assert!(!format!("{all:?}").contains("very secret"));
}
