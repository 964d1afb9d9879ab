//! What counts, by what status records.

use super::*;
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::mutual_tls::object_fixtures::{ARN, CA, Fixture, NEXT_ARN, PAIR_CA, at};

fn planned(fixture: &Fixture) -> Plan<Action, Probe> {
    let mut plan = Plan::default();
    next_all(&fixture.inputs(), &mut plan);
    plan
}

fn actions(fixture: &Fixture) -> Vec<Action> {
    let ready = planned(fixture).ready.into_iter();
    ready.map(|step| step.action).collect()
}

/// Another certificate with this object's tags, which nobody recorded.
fn strange(shown: &str) -> Fixture {
    let mut fixture = Fixture::ready()
        .with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120))
        .with_truststore("v2", &[CA, PAIR_CA])
        .with_domain("v2")
        .with_distribution(shown);
    fixture.forget(NEXT_ARN);
    fixture
}

#[test]
fn what_only_its_tags_call_ours_is_never_shown_and_goes_once_nothing_uses_it() {
    let arn = NEXT_ARN.to_owned();
    let mut fixture = strange(ARN);
    assert_eq!(
        newest(&fixture.inputs()).map(|newest| newest.arn.as_str()),
        Some(ARN)
    );
    assert_eq!(shown_next(&fixture.inputs()).as_deref(), Some(ARN));
    assert_eq!(actions(&fixture), [Action::Delete { arn }]);
    let users = vec!["arn:aws:cloudfront::111122223333:distribution/E2".to_owned()];
    fixture.certificate_mut(NEXT_ARN).content.in_use_by = users;
    assert!(actions(&fixture).is_empty(), "somebody uses it");
}

#[test]
fn what_somebody_had_cloudfront_show_gives_way_to_what_was_imported() {
    let fixture = strange(NEXT_ARN);
    assert!(!is_ours_shown(&fixture.inputs()));
    assert!(
        is_shown_kept_by(&fixture.inputs(), "v1"),
        "it is not this object's"
    );
    assert_eq!(shown_next(&fixture.inputs()).as_deref(), Some(ARN));
    assert!(actions(&fixture).is_empty(), "it is shown");
}

#[test]
fn what_was_imported_in_this_pass_is_shown_once_status_records_it() {
    let mut fixture = strange(ARN);
    let found = fixture.certificate_mut(NEXT_ARN).clone();
    fixture.seen.imported = vec![imported(&found, false, at(0))];
    assert_eq!(
        newest(&fixture.inputs()).map(|newest| newest.arn.as_str()),
        Some(NEXT_ARN)
    );
    assert_eq!(shown_next(&fixture.inputs()).as_deref(), Some(ARN));
    let plan = planned(&fixture);
    assert!(plan.ready.is_empty());
    assert_eq!(plan.waits.len(), 1);
    fixture.seen.imported.clear();
    fixture.record(&found);
    assert_eq!(shown_next(&fixture.inputs()).as_deref(), Some(NEXT_ARN));
}

#[test]
fn the_newest_is_what_was_imported_last_whatever_times_the_certificates_have() {
    let mut fixture = Fixture::ready();
    fixture.certificate_mut(ARN).content.not_before = Some(at(2));
    fixture.desired.rotate = Some("0a1b".into());
    assert!(rotation::needs_pair(&fixture.inputs()));
    let mut fixture = fixture.with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120));
    fixture.record_mut(NEXT_ARN).rotate = Some("0a1b".into());
    assert_eq!(
        newest(&fixture.inputs()).map(|newest| newest.arn.as_str()),
        Some(NEXT_ARN)
    );
    assert!(!rotation::needs_pair(&fixture.inputs()), "the next one was made");
    assert!(actions(&fixture).is_empty(), "none of both goes");
}

/// Status has lost its records; the truststore has the CA of the first.
fn lost() -> Fixture {
    let mut fixture = Fixture::ready();
    fixture.remembered = None;
    fixture
}

#[test]
fn where_status_has_lost_its_records_what_viewers_stand_on_counts() {
    let fixture = lost();
    assert!(is_ours_shown(&fixture.inputs()));
    assert_eq!(shown_next(&fixture.inputs()).as_deref(), Some(ARN));
    let kept = kept(&fixture.inputs());
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].arn.as_str(), kept[0].shut_out), (ARN, false));

    let strange = lost().with_truststore("v1", &[PAIR_CA]);
    assert!(
        !is_ours_shown(&strange.inputs()),
        "the truststore does not have its CA"
    );
    let mut untagged = lost();
    untagged.certificate_mut(ARN).tags.clear();
    assert!(!is_ours_shown(&untagged.inputs()));
    for fixture in [strange, untagged] {
        assert!(super::kept(&fixture.inputs()).is_empty());
    }
}

#[test]
fn where_status_has_lost_its_records_nothing_is_decided_before_what_tells_is_read() {
    let mut unread = lost();
    unread.distribution.shows = None;
    let plan = planned(&unread);
    assert_eq!(plan.reads, [Id::of(Kind::Distribution)]);
    assert!(plan.ready.is_empty() && !rotation::needs_pair(&unread.inputs()));
    let mut unread = lost();
    unread.seen.truststore = Seen::Listed(None);
    assert!(is_any_unread(&unread.inputs()));
    assert_eq!(shown_next(&unread.inputs()).as_deref(), Some(ARN));
}

#[test]
fn while_cloudfront_deploys_each_counts_that_edges_may_show_where_status_has_lost_its_records() {
    let mut fixture = lost()
        .with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120))
        .with_truststore("v2", &[CA, PAIR_CA])
        .with_domain("v2")
        .with_distribution(NEXT_ARN);
    fixture.records().clear();
    fixture.distribution.is_deployed = false;
    for arn in [ARN, NEXT_ARN] {
        let found = fixture.certificate_mut(arn).clone();
        assert_eq!(standing(&fixture.inputs(), &found), Standing::Counts);
    }
    assert!(kept(&fixture.inputs()).is_empty());
    assert_eq!(shown_next(&fixture.inputs()).as_deref(), Some(NEXT_ARN));
    fixture.distribution.is_deployed = true;
    let kept = kept(&fixture.inputs());
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].arn, NEXT_ARN);
}

/// The second certificate shuts the first one out.
fn shutting_out() -> Fixture {
    let mut fixture = Fixture::ready()
        .with_certificate(NEXT_ARN, PAIR_CA, at(0), at(120))
        .with_truststore("v2", &[CA, PAIR_CA])
        .with_domain("v2")
        .with_distribution(NEXT_ARN);
    fixture.record_mut(NEXT_ARN).shuts_out_former = true;
    fixture
}

#[test]
fn the_former_is_shut_out_once_viewers_come_by_the_next_one() {
    let is_out = |fixture: &Fixture| {
        let kept = kept(&fixture.inputs());
        kept.iter().any(|record| record.arn == ARN && record.shut_out)
    };
    let mut fixture = shutting_out();
    assert!(records::awaits_viewer(&fixture.inputs()));
    assert!(!is_out(&fixture), "nobody has come by it yet");
    fixture.probes.insert(Way::Viewer, Verdict::CertificateAsked);
    assert!(!is_out(&fixture));
    fixture
        .probes
        .insert(Way::Viewer, Verdict::Reached { status: 200 });
    assert!(is_out(&fixture));
    assert_eq!(planned(&fixture).waits.len(), 1, "the next pass goes on with it");
    fixture.distribution.is_deployed = false;
    assert!(!is_out(&fixture), "edges may show the former");

    let mut scheduled = shutting_out();
    scheduled.record_mut(NEXT_ARN).shuts_out_former = false;
    scheduled
        .probes
        .insert(Way::Viewer, Verdict::Reached { status: 200 });
    assert!(!is_out(&scheduled) && !records::awaits_viewer(&scheduled.inputs()));
    let mut unprobed = shutting_out();
    unprobed.desired.probes = false;
    assert!(is_out(&unprobed), "what is deployed counts");
}

#[test]
fn what_is_shut_out_is_forgotten_once_api_gateway_uses_a_truststore_without_it() {
    let mut fixture = shutting_out();
    fixture.record_mut(ARN).shut_out = true;
    let is_known = |fixture: &Fixture| !kept(&fixture.inputs())[0].ca_hash.is_empty();
    assert!(is_clearing(&fixture.inputs()));
    assert!(is_known(&fixture));
    let mut fixture = fixture.with_truststore("v3", &[PAIR_CA]);
    assert!(is_known(&fixture), "another version is in use");
    fixture.domain_mut().content.truststore_version = Some("v3".into());
    fixture.domain_mut().content.status = "UPDATING".into();
    assert!(is_known(&fixture), "it is not in force");
    fixture.domain_mut().content.status = "AVAILABLE".into();
    assert!(!is_known(&fixture));
    fixture.record_mut(ARN).ca_hash.clear();
    assert!(!is_clearing(&fixture.inputs()));
    let found = fixture.certificate_mut(ARN).clone();
    assert_eq!(
        standing(&fixture.inputs(), &found),
        Standing::Counts,
        "it goes as ours"
    );
    fixture.seen.client_certificates.remove(ARN);
    assert_eq!(kept(&fixture.inputs()).len(), 1);
}

#[test]
fn status_keeps_the_last_ones_and_the_one_that_is_shown() {
    let mut fixture = Fixture::ready();
    for number in 0..7 {
        let arn = format!("{NEXT_ARN}-{number}");
        fixture = fixture.with_certificate(&arn, PAIR_CA, at(0), at(120));
    }
    let kept = kept(&fixture.inputs());
    assert_eq!(kept.len(), 5);
    assert_eq!(kept[0].arn, ARN);
    assert!(kept[4].arn.ends_with("-6"));
}
