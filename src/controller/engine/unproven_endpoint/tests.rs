//! What becomes of an endpoint that is being switched off while nobody goes on with it.

use super::*;
use crate::api::{ProtectedApiSpec, SigV4Spec};
use crate::domain::access::authorization::gate;
use crate::domain::edge::host::Known;
use crate::domain::firewall::promotion::Standing;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::mutual_tls::endpoint::TAG_LOCK;
use crate::domain::mutual_tls::endpoint::touch::marked;
use crate::domain::mutual_tls::origin_domain::{AVAILABLE, Content};
use crate::domain::perimeter::desired::{Facts, desired};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;

const ORIGIN: &str = "origin.shop.example.com";

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn owner() -> Owner {
    Owner {
        cluster: "c".into(),
        namespace: "shop".into(),
        name: "petstore".into(),
        uid: "u".into(),
        taken: None,
    }
}

fn spec() -> ProtectedApiSpec {
    serde_json::from_value(json!({
        "origin": {
            "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod", "path": "/prod"
        },
        "access": {"mode": "MutualTls", "mutualTls": {
            "hostedZoneId": "Z0123456789ABCDEFGHIJ", "originDomain": ORIGIN, "truststoreBucket": "shop-truststores"
        }},
    }))
    .unwrap()
}

fn wanted() -> Desired {
    let facts = Facts {
        owner: owner(),
        account: "123456789012".into(),
        default_tags: Tags::new(),
        permissions_boundary: None,
        zip: Arc::from([]),
        code_sha256: String::new(),
        signer: SigV4Spec::default(),
        rotate: None,
        checkers: Some(vec![]),
        held_mode: None,
        promotions: Standing::default(),
        leaving: None,
        policies: Known::default(),
    };
    desired(&spec(), &facts).unwrap()
}

/// What is seen so long after noon of an endpoint that was begun to be switched off at noon, and is off.
fn seen(after: Duration) -> Observed {
    let mut observed = Observed::of(owner());
    observed.gate = Some(gate(&spec().origin));
    observed.pass.at = noon() + after;
    observed.outputs.domain_name = Some("d111111abcdef8.cloudfront.net".into());
    observed.outputs.probe_path = Some("/pets".into());
    let lock = format!("trying.{}.0", noon().as_second());
    observed.mutual_tls.domain = Seen::Present(origin_domain::Observed {
        content: Content {
            name: ORIGIN.into(),
            status: AVAILABLE.into(),
            status_message: None,
            endpoint_type: "REGIONAL".into(),
            security_policy: "TLS_1_2".into(),
            certificate_arn: None,
            truststore_uri: None,
            truststore_version: None,
            warnings: vec![],
            target: None,
            target_zone: None,
            routing_mode: "API_MAPPING_ONLY".into(),
        },
        mappings: vec![],
        changed_at: None,
        tags: Tags::from([(TAG_LOCK.to_owned(), lock)]),
    });
    observed.mutual_tls.endpoint = Seen::Present(endpoint::Observed {
        is_off: true,
        deployment: Some("d1".into()),
        auto_deploy: false,
        stages: vec!["prod".into()],
        description: String::new(),
        security_policy: None,
        endpoint_access_mode: None,
        published_at: None,
        switched_off: None,
        rests: false,
    });
    observed
}

fn answered(after: Duration, verdict: Verdict) -> Observed {
    let mut observed = seen(after);
    observed.probes.insert(Way::Viewer, verdict);
    observed
}

fn refused() -> Verdict {
    Verdict::Refused {
        status: 403,
        error: None,
        said: "Forbidden".into(),
    }
}

fn planned(observed: &Observed) -> Plan {
    next(&wanted(), observed, After::Halts)
}

fn action(observed: &Observed) -> Option<endpoint::Action> {
    match planned(observed).ready.first().map(|step| step.action.clone()) {
        Some(Action::Endpoint(action)) => Some(action),
        _ => None,
    }
}

fn endpoint_of(observed: &mut Observed) -> &mut endpoint::Observed {
    match &mut observed.mutual_tls.endpoint {
        Seen::Present(found) => found,
        _ => panic!("not read"),
    }
}

const SOON: Duration = Duration::from_secs(20);
const LATE: Duration = Duration::from_mins(6);

#[test]
fn viewers_who_are_refused_get_the_endpoint_back_before_anything_is_written_down() {
    let mut observed = answered(SOON, refused());
    assert_eq!(action(&observed), Some(endpoint::Action::Switch { off: false }));
    endpoint_of(&mut observed).is_off = false;
    // What a probe proved before the switch, it proves no more.
    observed.probes.clear();
    // A change is sure to take effect.
    let published = endpoint::Action::Touch {
        description: String::new(),
        is_begun: false,
    };
    assert_eq!(action(&observed), Some(published));
    endpoint_of(&mut observed).published_at = Some(observed.pass.at);
    let Some(endpoint::Action::Mark { mark: Some(mark), .. }) = action(&observed) else {
        panic!("not marked")
    };
    assert_eq!((mark.step, mark.count), (Step::Back, 1));
    // A mark that says so has counted it.
    if let Seen::Present(domain) = &mut observed.mutual_tls.domain {
        let refused = format!("refused.{}.1.0", noon().as_second());
        domain.tags.insert(TAG_LOCK.to_owned(), refused);
    }
    let Some(endpoint::Action::Mark { mark: Some(mark), .. }) = action(&observed) else {
        panic!("not marked")
    };
    assert_eq!((mark.step, mark.count), (Step::Back, 1));
}

#[test]
fn viewers_who_get_in_are_watched_for_a_while() {
    let plan = planned(&answered(SOON, Verdict::Reached { status: 200 }));
    assert!(plan.ready.is_empty());
    assert_eq!(plan.waits.first().map(|wait| wait.retry_after), Some(RETRY));
    let later = planned(&answered(LATE, Verdict::Reached { status: 200 }));
    assert!(later.is_empty());
}

#[test]
fn what_a_crash_left_in_the_stages_description_goes_with_the_object_once_viewers_get_in() {
    let left = |mut observed: Observed| {
        endpoint_of(&mut observed).description = marked("Our stage.");
        observed
    };
    let changed_back = endpoint::Action::Touch {
        description: "Our stage.".into(),
        is_begun: true,
    };
    for after in [SOON, LATE] {
        let open = left(answered(after, Verdict::Reached { status: 200 }));
        assert_eq!(action(&open), Some(changed_back.clone()));
        assert!(is_of_words(&planned(&open), &open));
        assert!(next(&wanted(), &open, After::GoesOn).ready.is_empty());
    }
    // Viewers come first.
    let closed = left(answered(SOON, refused()));
    assert_eq!(action(&closed), Some(endpoint::Action::Switch { off: false }));
    assert!(!is_of_words(&planned(&closed), &closed));
}

#[test]
fn what_no_probe_tells_is_waited_for_and_then_counts_as_a_refusal() {
    let why = "no answer within 10 s".to_owned();
    let unknown = || Verdict::Unanswered { why: why.clone() };
    assert!(planned(&answered(SOON, unknown())).ready.is_empty());
    let late = action(&answered(LATE, unknown()));
    assert_eq!(late, Some(endpoint::Action::Switch { off: false }));
}

#[test]
fn only_the_domain_name_is_read_where_nothing_is_begun() {
    let mut observed = seen(SOON);
    observed.mutual_tls.domain = Seen::Listed(None);
    observed.mutual_tls.endpoint = Seen::Listed(None);
    assert_eq!(planned(&observed).reads, [Id::of(Kind::OriginDomain)]);
    observed = seen(SOON);
    observed.mutual_tls.endpoint = Seen::Listed(None);
    if let Seen::Present(domain) = &mut observed.mutual_tls.domain {
        domain.tags.clear();
    }
    assert!(planned(&observed).is_empty());
}

#[test]
fn a_pass_that_goes_on_with_an_endpoint_that_is_not_off_yet_does_so_itself() {
    let mut observed = seen(SOON);
    endpoint_of(&mut observed).is_off = false;
    assert!(next(&wanted(), &observed, After::GoesOn).is_empty());
    assert!(!planned(&observed).is_empty());
}

#[test]
fn a_mark_that_says_refused_switches_nothing_on_where_no_probe_does() {
    let forged = |verdict: Verdict| {
        let mut observed = answered(LATE, verdict);
        if let Seen::Present(domain) = &mut observed.mutual_tls.domain {
            domain
                .tags
                .insert(TAG_LOCK.to_owned(), "refused.1.40.0".to_owned());
        }
        observed
    };
    let why = "no answer within 10 s".to_owned();
    assert_eq!(action(&forged(Verdict::Reached { status: 200 })), None);
    assert_eq!(action(&forged(Verdict::Unanswered { why })), None);
    assert_eq!(
        action(&forged(refused())),
        Some(endpoint::Action::Switch { off: false })
    );
}
