use super::*;
use crate::domain::mutual_tls::object_fixtures::{ARN, Fixture, NEXT_ARN, declared, store};

fn pem(body: &str) -> String {
    Fixture::pem(body)
}

fn put_client(world: &mut Fixture, arn: &str, ca: &str, since: &str) {
    let mut found = world.client(arn, ca);
    found.content.not_before = Some(since.parse().unwrap());
    world.record(&found);
    let seen = &mut world.seen.client_certificates;
    seen.insert(arn.into(), Seen::Present(found));
}

/// CloudFront shows this one, everywhere.
fn show(world: &mut Fixture, arn: &str) {
    world.distribution.shows = Some(Some(arn.into()));
}

fn world(found: Observed) -> Fixture {
    let mut world = Fixture::empty();
    world.seen.truststore = Seen::Present(found);
    world
}

fn empty() -> Observed {
    Observed {
        content: None,
        version: None,
        ..store("v0", &[])
    }
}

fn put_of(world: &Fixture) -> String {
    match next(&world.inputs()) {
        Next::Act(step) => match step.action {
            Action::Put { content, .. } => content,
            action @ Action::Delete { .. } => panic!("{action:?}"),
        },
        next => panic!("{next:?}"),
    }
}

fn unfit_as(found: Observed) -> String {
    match next(&world(found).inputs()) {
        Next::Problem(problem) if problem.reason == Reason::BucketUnfit => problem.message,
        next => panic!("{next:?}"),
    }
}

#[test]
fn it_is_read_first_and_then_written_with_the_next_ca() {
    let mut world = Fixture::empty();
    assert_eq!(next(&world.inputs()), Next::Read);
    world.seen.truststore = Seen::Present(empty());
    assert_eq!(
        next(&world.inputs()),
        Next::Blocked(vec![Kind::ClientCertificate]),
        "there is no certificate yet"
    );
    world.seen.pair = Some(Fixture::pair("next"));
    assert_eq!(put_of(&world), format!("{}\n", pem("next")));
    world.seen.truststore = Seen::Present(store("v1", &["next"]));
    assert_eq!(next(&world.inputs()), Next::Done);
}

#[test]
fn a_bucket_that_does_not_fit_is_told_with_field_and_remedy() {
    let plain = unfit_as(Observed {
        bucket: Bucket::Unversioned,
        ..empty()
    });
    let far = unfit_as(Observed {
        bucket: Bucket::Elsewhere,
        ..empty()
    });
    for (message, remedy) in [(&plain, "put-bucket-versioning"), (&far, "eu-north-1")] {
        assert!(
            message.starts_with("spec.access.mutualTls.truststoreBucket: "),
            "{message}"
        );
        assert!(message.contains(remedy), "{message}");
    }
    let mut world = Fixture::empty();
    world.seen.truststore = Seen::Absent;
    assert!(
        matches!(next(&world.inputs()), Next::Problem(problem) if problem.message.contains("make it in"))
    );
}

#[test]
fn the_one_that_cloudfront_shows_and_the_next_one_are_accepted_side_by_side() {
    let mut world = world(store("v1", &["one"]));
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    show(&mut world, ARN);
    assert_eq!(next(&world.inputs()), Next::Done);
    world.seen.pair = Some(Fixture::pair("two"));
    assert_eq!(put_of(&world), format!("{}\n{}\n", pem("one"), pem("two")));
}

#[test]
fn while_it_is_not_known_what_cloudfront_shows_all_are_accepted() {
    for shows in [None, Some(Some(NEXT_ARN.to_owned()))] {
        let mut world = world(store("v1", &["one", "two"]));
        put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
        put_client(&mut world, NEXT_ARN, "two", "2026-02-01T00:00:00Z");
        world.distribution.shows = shows;
        world.distribution.is_deployed = false;
        assert_eq!(wanted(&world.inputs()), [pem("one"), pem("two")]);
    }
}

#[test]
fn a_ca_of_before_stays_until_the_next_one_comes() {
    let mut world = world(store("v2", &["one", "two"]));
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    put_client(&mut world, NEXT_ARN, "two", "2026-02-01T00:00:00Z");
    show(&mut world, NEXT_ARN);
    assert_eq!(wanted(&world.inputs()), [pem("two")]);
    assert_eq!(next(&world.inputs()), Next::Done, "one change a rotation");
    world.seen.pair = Some(Fixture::pair("three"));
    assert_eq!(put_of(&world), format!("{}\n{}\n", pem("three"), pem("two")));
}

#[test]
fn a_ca_of_a_certificate_that_is_gone_is_ours_as_long_as_its_import_is_recorded() {
    let found = store("v2", &["one", "two"]);
    let recorded = format!("{}.{}", hash_of(&declared()), found.fingerprint());
    let mut world = world(found);
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    put_client(&mut world, NEXT_ARN, "two", "2026-02-01T00:00:00Z");
    world.seen.client_certificates.remove(ARN);
    show(&mut world, NEXT_ARN);
    assert!(foreign(&world.inputs()).is_empty());
    assert_eq!(next(&world.inputs()), Next::Done);
    world.forget(ARN);
    world.pass.recorded.insert(id().key(), recorded);
    assert_eq!(
        foreign(&world.inputs()),
        [pem("one")],
        "that the version was seen before proves nothing"
    );
    assert_eq!(put_of(&world), format!("{}\n", pem("two")));
}

#[test]
fn a_ca_that_is_shut_out_leaves_it_and_is_no_foreign_one() {
    let mut world = world(store("v2", &["one", "two"]));
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    put_client(&mut world, NEXT_ARN, "two", "2026-02-01T00:00:00Z");
    show(&mut world, NEXT_ARN);
    world.record_mut(ARN).shut_out = true;
    world.seen.domain = Seen::Present(world.domain("v2"));
    assert_eq!(put_of(&world), format!("{}\n", pem("two")));
    assert_eq!(contested(&world.inputs()), None);
    assert!(is_in_use_verified(&world.inputs()));
    world.seen.truststore = Seen::Listed(None);
    assert_eq!(next(&world.inputs()), Next::Read, "whatever was verified before");
}

#[test]
fn a_ca_of_a_pair_that_an_earlier_process_made_is_no_foreign_one() {
    let mut world = world(store("v2", &["lost", "one"]));
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    show(&mut world, ARN);
    assert_eq!(foreign(&world.inputs()), [pem("lost")]);
    let remembered = world.remembered.get_or_insert_default();
    remembered.next_ca_hash = Some(fingerprint(&pem("lost")));
    assert!(foreign(&world.inputs()).is_empty());
    world.seen.pair = Some(Fixture::pair("next"));
    assert_eq!(put_of(&world), format!("{}\n{}\n", pem("next"), pem("one")));
}

#[test]
fn a_version_in_use_is_verified_as_it_is_read_or_was_read_last() {
    let mut world = world(store("v2", &["one"]));
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    show(&mut world, ARN);
    assert!(!is_in_use_verified(&world.inputs()), "there is no domain name");
    world.seen.domain = Seen::Present(world.domain("v2"));
    assert!(is_in_use_verified(&world.inputs()));
    world.seen.domain = Seen::Present(world.domain("v1"));
    assert!(!is_in_use_verified(&world.inputs()), "nobody knows what that has");
    let remembered = world.remembered.get_or_insert_default();
    remembered.verified_truststore_version = Some("v1".into());
    assert!(is_in_use_verified(&world.inputs()));
    world.seen.domain = Seen::Present(world.domain("v9"));
    world.seen.truststore = Seen::Present(store("v9", &["one", "theirs"]));
    let remembered = world.remembered.get_or_insert_default();
    remembered.verified_truststore_version = Some("v9".into());
    assert!(!is_in_use_verified(&world.inputs()), "what is read counts");
}

#[test]
fn a_ca_of_somebody_elses_is_replaced_and_told_where_it_is_in_use() {
    let mut world = world(store("v9", &["one", "theirs"]));
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    show(&mut world, ARN);
    assert_eq!(foreign(&world.inputs()), [pem("theirs")]);
    assert_eq!(put_of(&world), format!("{}\n", pem("one")));
    assert_eq!(
        version_with(&world.inputs(), &pem("one")),
        None,
        "it is not taken into use"
    );
    assert_eq!(contested(&world.inputs()), None);
    world.seen.domain = Seen::Present(world.domain("v9"));
    let told = contested(&world.inputs()).unwrap();
    assert_eq!(told.reason, Reason::ContestedByOtherTool);
    assert!(told.stands && told.message.contains("spec.access.mutualTls.truststoreBucket"));
}

#[test]
fn of_one_that_somebody_imported_in_the_place_of_ours_the_recorded_ca_is_kept_while_it_is_shown() {
    let mut world = world(store("v1", &["one"]));
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    show(&mut world, ARN);
    world.certificate_mut(ARN).ca = pem("theirs");
    world.certificate_mut(ARN).leaf = pem("their leaf");
    assert_eq!(wanted(&world.inputs()), [pem("one")]);
    assert_eq!(next(&world.inputs()), Next::Done);
    world.seen.pair = Some(Fixture::pair("two"));
    assert_eq!(put_of(&world), format!("{}\n{}\n", pem("one"), pem("two")));
    world.seen.truststore = Seen::Present(store("v2", &["one", "theirs", "two"]));
    assert_eq!(foreign(&world.inputs()), [pem("theirs")]);
    assert_eq!(put_of(&world), format!("{}\n{}\n", pem("one"), pem("two")));
    // Nobody has it any more.
    world.seen.truststore = Seen::Present(store("v3", &["theirs"]));
    assert_eq!(put_of(&world), format!("{}\n", pem("two")));
}

#[test]
fn what_only_its_tags_call_ours_brings_no_ca_into_it() {
    for is_shown in [false, true] {
        let mut world = world(store("v1", &["one"]));
        put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
        put_client(&mut world, NEXT_ARN, "theirs", "2026-02-01T00:00:00Z");
        world.forget(NEXT_ARN);
        show(&mut world, if is_shown { NEXT_ARN } else { ARN });
        assert_eq!(wanted(&world.inputs()), [pem("one")]);
        assert_eq!(next(&world.inputs()), Next::Done);
        world.seen.truststore = Seen::Present(store("v2", &["one", "theirs"]));
        assert_eq!(foreign(&world.inputs()), [pem("theirs")]);
    }
}

#[test]
fn a_version_is_named_where_it_has_the_ca_however_that_is_written() {
    let mut world = world(store("v1", &["one"]));
    put_client(&mut world, ARN, "one", "2026-01-01T00:00:00Z");
    let written = pem("one").replace('\n', " \r\n");
    assert_eq!(version_with(&world.inputs(), &written).as_deref(), Some("v1"));
    assert_eq!(version_with(&world.inputs(), &pem("two")), None);
    assert_eq!(version_with(&world.inputs(), ""), None);
}

#[test]
fn what_was_verified_is_looked_at_when_that_is_due_or_another_ca_comes() {
    let mut world = Fixture::empty();
    let found = store("v1", &["one"]);
    let recorded = format!("{}.{}", hash_of(&declared()), found.fingerprint());
    world.pass.recorded.insert(id().key(), recorded);
    assert_eq!(next(&world.inputs()), Next::Done);
    let due = Inputs {
        is_read_due: true,
        ..world.inputs()
    };
    assert_eq!(next(&due), Next::Read);
    world.seen.pair = Some(Fixture::pair("two"));
    assert_eq!(next(&world.inputs()), Next::Read);
}

#[test]
fn nothing_is_written_while_a_certificate_that_counts_was_not_read() {
    let found = store("v1", &["one"]);
    let recorded = format!("{}.{}", hash_of(&declared()), found.fingerprint());
    let mut world = world(found);
    let seen = &mut world.seen.client_certificates;
    seen.insert(ARN.into(), Seen::Listed(None));
    show(&mut world, ARN);
    world.seen.pair = Some(Fixture::pair("two"));
    let blocked = Next::Blocked(vec![Kind::ClientCertificate]);
    assert_eq!(next(&world.inputs()), blocked);
    world.seen.pair = None;
    assert_eq!(next(&world.inputs()), blocked);
    world.pass.recorded.insert(id().key(), recorded);
    assert_eq!(next(&world.inputs()), Next::Done);
}

#[test]
fn the_key_of_the_next_certificate_is_nowhere_in_it() {
    let mut world = world(empty());
    world.seen.pair = Some(Fixture::pair("next"));
    assert!(!put_of(&world).contains("key"));
}
