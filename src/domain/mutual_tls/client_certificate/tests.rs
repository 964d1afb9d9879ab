use super::known::hash;
use super::seen::leaf_hash;
use super::*;
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::kernel::hash as hashes;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::object_fixtures::{ARN, CA, Fixture, NEXT_ARN, PAIR_CA, at};
use crate::domain::mutual_tls::{SERVES_CLIENT, TAG_SERVES};

fn planned(fixture: &Fixture) -> Plan<Action, Probe> {
    let mut plan = Plan::default();
    next_all(&fixture.inputs(), &mut plan);
    plan
}

/// The first certificate is to be imported: all that comes before it stands.
fn first() -> Fixture {
    let mut fixture = Fixture::new().with_truststore("v1", &[PAIR_CA]).with_domain("v1");
    fixture.seen.pair = Some(Fixture::pair(PAIR_CA));
    fixture
}

fn proven(fixture: &mut Fixture) {
    fixture
        .probes
        .insert(Way::Certificate, Verdict::Reached { status: 200 });
    fixture.probes.insert(Way::Origin, Verdict::CertificateAsked);
}

#[test]
fn a_pair_that_is_not_made_yet_is_waited_for() {
    let plan = planned(&Fixture::new());
    assert_eq!(plan.waits.len(), 1);
    assert!(plan.ready.is_empty());
}

#[test]
fn nothing_is_imported_before_the_domain_name_has_its_ca() {
    let mut fixture = first().with_truststore("v2", &[CA, PAIR_CA]);
    proven(&mut fixture);
    assert!(planned(&fixture).ready.is_empty());
}

#[test]
fn both_ways_are_probed_before_the_import() {
    let plan = planned(&first());
    let ways: Vec<Way> = plan.probes.iter().map(|probe| probe.way).collect();
    assert_eq!(ways, [Way::Certificate, Way::Origin]);
    assert!(plan.ready.is_empty());
}

#[test]
fn what_is_proven_is_imported_with_tags_that_tell_it_again() {
    let mut fixture = first();
    fixture.desired.rotate = Some("0a1b".into());
    proven(&mut fixture);
    let plan = planned(&fixture);
    let [step] = &plan.ready[..] else {
        panic!("{plan:?}");
    };
    let Action::Import {
        pair,
        tags,
        shuts_out_former,
    } = &step.action
    else {
        panic!("{step:?}");
    };
    assert!(!shuts_out_former, "it is the first");
    assert_eq!(Some(pair.as_ref()), fixture.seen.pair.as_ref());
    assert_eq!(tags.get(TAG_SERVES).map(String::as_str), Some(SERVES_CLIENT));
    assert_eq!(tags.get(TAG_ROTATE).map(String::as_str), Some("0a1b"));
    assert_eq!(tags.get(TAG_LEAF), Some(&leaf_hash(&pair.leaf)));
    assert!(!format!("{plan:?}").contains("a key"));
}

#[test]
fn an_origin_that_lets_in_without_a_certificate_or_refuses_with_it_is_no_proof() {
    for (with, without) in [
        (Verdict::Reached { status: 200 }, Verdict::Reached { status: 200 }),
        (Verdict::CertificateAsked, Verdict::CertificateAsked),
    ] {
        let mut fixture = first();
        fixture.probes.insert(Way::Certificate, with);
        fixture.probes.insert(Way::Origin, without);
        let plan = planned(&fixture);
        assert!(plan.ready.is_empty());
        assert_eq!(plan.waits.len(), 1);
        fixture.pass.at = at(1);
        let plan = planned(&fixture);
        assert!(plan.ready.is_empty());
        assert_eq!(plan.problems.len(), 1);
    }
}

#[test]
fn a_certificate_that_is_as_verified_needs_no_call() {
    let fixture = Fixture::new()
        .with_row(ARN, at(-10), at(110))
        .with_verified_domain("v1")
        .with_distribution(ARN);
    assert!(planned(&fixture).is_empty());
    assert_eq!(shown_next(&fixture.inputs()), Some(ARN.to_owned()));
    let wanted = hash_of(&id_of(ARN), &fixture.inputs());
    assert_eq!(wanted, Some(hash(&fixture.owner)));
}

#[test]
fn it_is_read_when_that_is_due_or_another_takes_its_place() {
    let row = || {
        Fixture::new()
            .with_row(ARN, at(-10), at(110))
            .with_distribution(ARN)
    };
    let mut due = row();
    due.is_read_due = true;
    let mut rotated = row();
    rotated.desired.rotate = Some("0a1b".into());
    for fixture in [due, rotated] {
        assert_eq!(planned(&fixture).reads, [id_of(ARN)]);
    }
}

#[test]
fn the_certificate_that_is_shown_stays_until_a_newer_one_is_accepted() {
    let mut fixture = Fixture::ready();
    assert_eq!(shown_next(&fixture.inputs()), Some(ARN.to_owned()));
    fixture = fixture.with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120));
    assert_eq!(
        shown_next(&fixture.inputs()),
        Some(ARN.to_owned()),
        "the domain name does not have its CA"
    );
    let fixture = fixture.with_truststore("v2", &[CA, PAIR_CA]).with_domain("v2");
    assert_eq!(shown_next(&fixture.inputs()), Some(NEXT_ARN.to_owned()));
}

#[test]
fn what_was_proven_with_the_version_in_use_is_shown_without_a_read_of_the_truststore() {
    let mut fixture = Fixture::new()
        .with_certificate(ARN, CA, at(-40), at(80))
        .with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120))
        .with_verified_domain("v2")
        .with_distribution(ARN);
    let tag = (TAG_TRUSTSTORE.to_owned(), hashes::short("v2"));
    fixture.certificate_mut(NEXT_ARN).tags.extend([tag]);
    assert_eq!(
        shown_next(&fixture.inputs()),
        Some(ARN.to_owned()),
        "whoever tags it proves nothing"
    );
    fixture.record_mut(NEXT_ARN).proven_with = Some(hashes::short("v2"));
    assert_eq!(shown_next(&fixture.inputs()), Some(NEXT_ARN.to_owned()));
}

#[test]
fn what_somebody_imported_in_its_place_is_not_shown_once_there_is_another() {
    let mut fixture = Fixture::ready()
        .with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120))
        .with_truststore("v2", &[CA, PAIR_CA])
        .with_domain("v2")
        .with_distribution(NEXT_ARN);
    fixture.certificate_mut(NEXT_ARN).leaf = Fixture::pem("dGhlaXJz");
    assert!(!is_ours_shown(&fixture.inputs()));
    assert_eq!(shown_next(&fixture.inputs()), Some(ARN.to_owned()));
}

#[test]
fn line_breaks_do_not_make_another_certificate() {
    let (whole, broken) = (Fixture::pem("YWJjZGVm"), Fixture::pem("YWJj\r\nZGVm"));
    assert_eq!(leaf_hash(&whole), leaf_hash(&broken));
    assert_ne!(leaf_hash(&whole), leaf_hash(&Fixture::pem("YWJj")));
}

#[test]
fn the_earlier_one_goes_once_another_is_shown_everywhere_and_nothing_uses_it() {
    let both = || Fixture::ready().with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120));
    let deletes = |fixture: &Fixture| {
        let plan = planned(fixture);
        let mut ready = plan.ready.iter();
        ready.any(|step| step.action == Action::Delete { arn: ARN.to_owned() })
    };
    assert!(!deletes(&both()), "it is shown");
    let mut deploying = both().with_distribution(NEXT_ARN);
    deploying.distribution.is_deployed = false;
    assert!(!deletes(&deploying), "edges may show it");
    let mut used = both().with_distribution(NEXT_ARN);
    let users = vec!["arn:aws:cloudfront::111122223333:distribution/E2".to_owned()];
    used.certificate_mut(ARN).content.in_use_by = users;
    assert!(!deletes(&used), "something uses it");
    assert!(deletes(&both().with_distribution(NEXT_ARN)));
}

#[test]
fn a_certificate_of_others_is_left_alone() {
    let mut fixture = Fixture::ready()
        .with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120))
        .with_distribution(ARN);
    fixture.certificate_mut(NEXT_ARN).tags = Tags::new();
    fixture.forget(NEXT_ARN);
    assert!(planned(&fixture).ready.is_empty());
    assert_eq!(shown_next(&fixture.inputs()), Some(ARN.to_owned()));
}

#[test]
fn one_that_lost_its_tags_gets_them_back_where_it_was_imported_and_not_where_it_is_only_shown() {
    let mut fixture = Fixture::new()
        .with_row(ARN, at(-10), at(110))
        .with_distribution(ARN);
    fixture = fixture.with_certificate(ARN, CA, at(-10), at(110));
    fixture.certificate_mut(ARN).tags = Tags::new();
    let ready = planned(&fixture).ready;
    assert!(matches!(ready[0].action, Action::Tag(_)), "{ready:?}");
    fixture.pass.recorded.clear();
    assert!(!planned(&fixture).ready.is_empty(), "its import is recorded");
    fixture.forget(ARN);
    assert!(planned(&fixture).ready.is_empty());
}

#[test]
fn one_that_acm_does_not_offer_to_clients_is_told_and_not_followed_by_another() {
    let mut fixture = first().with_certificate(ARN, PAIR_CA, at(0), at(120));
    fixture.certificate_mut(ARN).content.is_for_clients = false;
    proven(&mut fixture);
    let plan = planned(&fixture);
    assert!(plan.ready.is_empty());
    let reasons: Vec<Reason> = plan.problems.iter().map(|problem| problem.reason).collect();
    assert_eq!(reasons, [Reason::ClientCertificateRefused]);
}

#[test]
fn a_certificate_that_is_shown_and_not_listed_yet_is_not_given_up() {
    let mut fixture = Fixture::new().with_distribution(ARN);
    fixture.seen.pair = Some(Fixture::pair(PAIR_CA));
    assert!(!is_shown_kept_by(&fixture.inputs(), "v1"));
    fixture.pass.at = at(1);
    assert!(is_shown_kept_by(&fixture.inputs(), "v1"));
}

fn actions(fixture: &Fixture) -> Vec<Action> {
    let ready = planned(fixture).ready.into_iter();
    ready.map(|step| step.action).collect()
}

#[test]
fn another_is_imported_a_minute_after_the_last_one_at_the_earliest() {
    let mut fixture = Fixture::ready()
        .with_truststore("v2", &[CA, PAIR_CA])
        .with_domain("v2");
    fixture.seen.pair = Some(Fixture::pair(PAIR_CA));
    fixture.desired.rotate = Some("0a1b".into());
    proven(&mut fixture);
    assert!(matches!(
        actions(&fixture)[..],
        [Action::Import {
            shuts_out_former: true,
            ..
        }]
    ));
    fixture.record_mut(ARN).imported_at = at(0).to_string();
    let plan = planned(&fixture);
    assert!(plan.ready.is_empty());
    assert_eq!(plan.waits.len(), 1);
    fixture.record_mut(ARN).imported_at = at(100).to_string();
    assert_eq!(actions(&fixture).len(), 1, "a wrong clock holds nothing up");
}
