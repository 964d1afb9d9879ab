use super::*;
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::kernel::identity::{TAG_NAME, Tags};
use crate::domain::kernel::observing::Fingerprint as _;
use crate::domain::kernel::planning::{Kind, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::object_fixtures::{ARN, CA, Fixture, NEXT_ARN, PAIR_CA, PUBLIC_ARN, at};
use std::time::Duration;

fn action(next: Next<Action>) -> Action {
    match next {
        Next::Act(step) => step.action,
        other => panic!("no call: {other:?}"),
    }
}

fn problem(next: Next<Action>) -> Reason {
    match next {
        Next::Problem(problem) => problem.reason,
        other => panic!("no problem: {other:?}"),
    }
}

#[test]
fn a_name_that_no_list_shows_is_looked_for_directly_before_it_is_made() {
    let mut fixture = Fixture::new();
    fixture.seen.domain = Seen::Listed(None);
    assert_eq!(next(&fixture.inputs()), Next::Read);
}

#[test]
fn it_is_made_once_certificate_and_truststore_are_there() {
    let mut fixture = Fixture::new();
    fixture.seen.pair = Some(Fixture::pair(PAIR_CA));
    assert_eq!(next(&fixture.inputs()), Next::Blocked(vec![Kind::Truststore]));
    let fixture = fixture.with_truststore("v1", &[PAIR_CA]);
    let Action::Create { creation, .. } = action(next(&fixture.inputs())) else {
        panic!("it is not made");
    };
    assert_eq!(creation.truststore_version, "v1");
    assert_eq!(creation.certificate_arn, PUBLIC_ARN);
    assert_eq!(creation.tags, fixture.desired.tags);
}

#[test]
fn it_is_never_made_again_without_the_ca_of_the_certificate_that_is_shown() {
    let mut fixture = Fixture::new()
        .with_certificate(ARN, CA, at(-1), at(119))
        .with_distribution(ARN)
        .with_truststore("v2", &[PAIR_CA]);
    fixture.seen.pair = Some(Fixture::pair(PAIR_CA));
    assert!(matches!(next(&fixture.inputs()), Next::Blocked(_)));
}

#[test]
fn as_wanted_it_is_ready_and_needs_nothing() {
    let fixture = Fixture::ready();
    assert_eq!(next(&fixture.inputs()), Next::Done);
    assert!(is_ready(&fixture.inputs()));
}

#[test]
fn what_was_verified_is_not_read_until_it_is_due_or_a_probe_says_otherwise() {
    let mut fixture = Fixture::new().with_verified_domain("v1");
    assert_eq!(next(&fixture.inputs()), Next::Done);
    assert!(is_ready(&fixture.inputs()));
    fixture
        .probes
        .insert(Way::Origin, Verdict::Reached { status: 200 });
    assert_eq!(next(&fixture.inputs()), Next::Read);
    assert!(!is_ready(&fixture.inputs()));
    fixture.probes.clear();
    fixture.is_read_due = true;
    assert_eq!(next(&fixture.inputs()), Next::Read);
}

#[test]
fn status_tells_where_dns_has_to_lead_the_name() {
    let fixture = Fixture::new().with_verified_domain("v1");
    let target = target(&fixture.inputs()).unwrap();
    assert_eq!(target.0, "d-abc.execute-api.eu-north-1.amazonaws.com");
    assert_eq!(target.1, "Z3UWIKFBOOGXPP");
}

#[test]
fn it_is_waited_for_until_it_is_available_and_a_person_is_asked_where_it_failed() {
    let mut fixture = Fixture::ready();
    for status in ["UPDATING", "PENDING", "SOMETHING_NEW"] {
        fixture.domain_mut().content.status = status.into();
        let Next::Wait(wait) = next(&fixture.inputs()) else {
            panic!("{status} is not waited for");
        };
        assert_eq!(wait.reason, Reason::DomainPending);
        assert!(!is_ready(&fixture.inputs()));
    }
    for status in STUCK {
        fixture.domain_mut().content.status = status.into();
        assert_eq!(problem(next(&fixture.inputs())), Reason::DomainFailed);
    }
}

/// The mark is written that comes before the change.
fn marked(fixture: &mut Fixture) {
    let Action::Tag(call) = action(next(&fixture.inputs())) else {
        panic!("no mark");
    };
    call.change(&mut fixture.domain_mut().tags);
}

#[test]
fn a_truststore_that_was_taken_away_or_replaced_is_put_back() {
    let mut open = Fixture::ready();
    open.domain_mut().content.truststore_uri = None;
    open.domain_mut().content.truststore_version = None;
    let mut replaced = Fixture::ready();
    replaced.domain_mut().content.truststore_uri = Some("s3://theirs/ca.pem".into());
    let mut older = Fixture::ready();
    older.domain_mut().content.truststore_version = Some("v0".into());
    for mut fixture in [open, replaced, older] {
        assert!(!is_ready(&fixture.inputs()));
        marked(&mut fixture);
        let Action::Update { change, .. } = action(next(&fixture.inputs())) else {
            panic!("it is not put right");
        };
        assert_eq!(change.truststore_version, "v1");
        assert_eq!(change.truststore_uri, fixture.desired.truststore_uri());
    }
}

#[test]
fn another_certificate_mends_a_domain_name_whose_own_api_gateway_does_not_take() {
    for status in STUCK {
        let mut fixture = Fixture::ready();
        let content = &mut fixture.domain_mut().content;
        content.status = status.into();
        content.certificate_arn = Some("arn:aws:acm:eu-north-1:111122223333:certificate/imported".into());
        let Action::Update { change, .. } = action(next(&fixture.inputs())) else {
            panic!("{status}: it is not changed");
        };
        assert_eq!(change.certificate_arn, PUBLIC_ARN);
    }
}

#[test]
fn a_change_is_not_repeated_while_it_is_fresh() {
    let mut fixture = Fixture::ready();
    fixture.domain_mut().content.truststore_version = Some("v0".into());
    fixture.domain_mut().changed_at = Some(at(0));
    marked(&mut fixture);
    assert!(matches!(next(&fixture.inputs()), Next::Wait(_)));
    fixture.later(Duration::from_secs(30));
    assert!(matches!(action(next(&fixture.inputs())), Action::Update { .. }));
}

#[test]
fn a_version_without_the_ca_of_the_certificate_that_is_shown_is_never_used() {
    let mut fixture = Fixture::ready()
        .with_truststore("v2", &[PAIR_CA])
        .with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120));
    fixture.remembered = None;
    // What the version in use has nobody knows: that alone is written down.
    for _ in 0..2 {
        let Next::Act(step) = next(&fixture.inputs()) else {
            return;
        };
        let Action::Tag(call) = &step.action else {
            panic!("{:?}", step.action);
        };
        call.change(&mut fixture.domain_mut().tags);
    }
    panic!("it is written down again and again");
}

#[test]
fn a_mapping_that_is_missing_is_made_and_one_that_leads_elsewhere_is_replaced() {
    let mut fixture = Fixture::ready();
    fixture.domain_mut().mappings[0].stage = "dev".into();
    let Action::Unmap { id, .. } = action(next(&fixture.inputs())) else {
        panic!("it is not taken away");
    };
    assert_eq!(id, "m1");
    fixture.domain_mut().mappings.clear();
    let Action::Map { key, stage, .. } = action(next(&fixture.inputs())) else {
        panic!("it is not made");
    };
    assert_eq!((key.as_str(), stage.as_str()), ("", "prod"));
    assert!(!is_ready(&fixture.inputs()));
}

#[test]
fn a_mapping_of_others_is_told_and_stays() {
    let mut fixture = Fixture::ready();
    let theirs = Mapping {
        id: "m2".into(),
        key: "theirs".into(),
        api_id: "z9".into(),
        stage: "prod".into(),
    };
    fixture.domain_mut().mappings.push(theirs);
    assert_eq!(problem(next(&fixture.inputs())), Reason::OtherDoorFound);
    assert!(is_ready(&fixture.inputs()));
}

#[test]
fn another_routing_mode_is_told_and_stays() {
    let mut fixture = Fixture::ready();
    fixture.domain_mut().content.routing_mode = "ROUTING_RULE_THEN_API_MAPPING".into();
    assert_eq!(problem(next(&fixture.inputs())), Reason::ContestedByOtherTool);
    assert!(!is_ready(&fixture.inputs()));
}

#[test]
fn a_domain_name_of_others_is_left_alone() {
    let mut fixture = Fixture::ready();
    fixture.domain_mut().tags = Tags::new();
    assert_eq!(problem(next(&fixture.inputs())), Reason::NameTaken);
    assert_eq!(target(&fixture.inputs()), None);
    assert!(!is_ready(&fixture.inputs()));
}

#[test]
fn tags_that_were_taken_away_are_put_back_where_it_was_verified_before() {
    let verified = Fixture::new().with_verified_domain("v1");
    let mut fixture = Fixture::ready();
    fixture.pass.recorded = verified.pass.recorded;
    fixture.domain_mut().tags.remove(TAG_NAME);
    fixture.domain_mut().tags.remove("palisade.dev/uid");
    let Next::Act(step) = next(&fixture.inputs()) else {
        panic!("no call");
    };
    assert_eq!(step.verb, Verb::Update);
    assert!(matches!(step.action, Action::Tag(_)));
}

#[test]
fn a_tag_that_only_tells_where_the_rest_is_comes_after_all_that_lets_viewers_in() {
    let mut fixture = Fixture::ready();
    fixture.domain_mut().tags.remove(TAG_ORIGIN);
    assert!(is_ready(&fixture.inputs()));
    assert!(matches!(action(next(&fixture.inputs())), Action::Tag(_)));
    fixture.domain_mut().mappings.clear();
    assert!(matches!(action(next(&fixture.inputs())), Action::Map { .. }));
    fixture.domain_mut().content.certificate_arn =
        Some("arn:aws:acm:eu-north-1:111122223333:certificate/earlier".into());
    assert!(matches!(action(next(&fixture.inputs())), Action::Update { .. }));
    // A tag that tells whose it is does not wait.
    fixture.domain_mut().tags.remove(TAG_NAME);
    let Action::Tag(call) = action(next(&fixture.inputs())) else {
        panic!("no call");
    };
    assert!(call.set().is_some_and(|tags| tags.contains_key(TAG_NAME)));
}

#[test]
fn the_mark_of_the_lock_is_no_tag_that_would_be_taken_away() {
    let mut fixture = Fixture::ready();
    let mark = ("palisade.dev/endpoint".to_owned(), "locked.0.0.0".to_owned());
    fixture.domain_mut().tags.extend([mark]);
    assert_eq!(next(&fixture.inputs()), Next::Done);
}

#[test]
fn a_row_and_a_read_have_the_same_fingerprint() {
    let fixture = Fixture::ready();
    let row = Listed {
        arn: arn_of(&fixture.desired),
        tags: None,
    };
    assert_eq!(row.fingerprint(), fixture.domain("v1").fingerprint());
}
