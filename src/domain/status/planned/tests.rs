//! What people are told of plans.

use super::*;
use crate::api::PlanEffect;
use crate::api::{ProtectedApiSpec, SigV4Spec};
use crate::domain::edge::host::Known;
use crate::domain::edge::hosted_zone::{Head, Zone};
use crate::domain::edge::names::ZoneSeen;
use crate::domain::firewall::promotion::Standing;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::pair::Pair;
use crate::domain::mutual_tls::{endpoint, truststore};
use crate::domain::perimeter::desired::{Facts, desired};
use crate::domain::perimeter::plan::plan;
use std::sync::Arc;
use std::time::Duration;

fn wanted(more: &str) -> Desired {
    let origin =
        "origin: {endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
    let spec: ProtectedApiSpec = serde_yaml::from_str(&format!("{origin}\n{more}")).unwrap();
    let facts = Facts {
        owner: Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: NO_UID.into(),
            taken: None,
        },
        account: "123456789012".into(),
        default_tags: Tags::new(),
        permissions_boundary: None,
        zip: Arc::from([]),
        code_sha256: "sha".into(),
        signer: SigV4Spec::default(),
        rotate: None,
        checkers: Some(vec![]),
        held_mode: None,
        promotions: Standing::default(),
        leaving: None,
        policies: Known::default(),
    };
    desired(&spec, &facts).unwrap()
}

fn reported(desired: &Desired, plan: &Plan) -> PlanReport {
    report(&Planned {
        desired,
        observed: &Observed::of(desired.owner.clone()),
        plan,
        failures: &[],
        cost: CostStatus::default(),
        adoption: None,
    })
}

fn of_new(more: &str) -> PlanReport {
    let desired = wanted(more);
    let observed = Observed::of(desired.owner.clone());
    reported(&desired, &plan(&desired, &observed))
}

#[test]
fn a_new_object_begins_with_its_role_and_all_else_comes_after() {
    let report = of_new("webAcl: {blockCidrs: [192.0.2.0/24]}");
    let first = &report.steps[0];
    assert_eq!(
        (first.kind.as_str(), first.verb, first.known),
        ("role", PlanVerb::Create, true)
    );
    assert_eq!(first.name, "palisade-shop-petstore-<uid>");
    for kind in ["function", "ipSet", "webAcl", "distribution"] {
        let step = report.steps.iter().find(|step| step.kind == kind);
        let step = step.unwrap_or_else(|| panic!("{kind}: {:#?}", report.steps));
        assert_eq!((step.verb, step.known), (PlanVerb::Create, false), "{kind}");
        assert!(!step.after.is_empty() && !step.changes.is_empty(), "{step:#?}");
        assert_eq!(step.viewers, PlanEffect::None, "{kind}");
    }
    let lock = report.steps.iter().find(|step| step.kind == "access").unwrap();
    assert_eq!((lock.verb, lock.viewers), (PlanVerb::Change, PlanEffect::Visible));
    assert_eq!(report.summary.changes, i64::try_from(report.steps.len()).unwrap());
    assert!(report.calls > 10, "{}", report.calls);
    assert!(report.waits.iter().any(|wait| wait.reason == "Deploying"));
}

/// An API that nothing of mutual TLS stands before.
fn before_mutual_tls(desired: &Desired) -> Observed {
    let mut observed = Observed::of(desired.owner.clone());
    let head = Head {
        id: "Z1".into(),
        name: "example.com".into(),
        is_private: false,
    };
    let zone = ZoneSeen::Found(Arc::new(Zone::new(head, vec![])));
    observed.names.zones.insert("Z1".into(), zone);
    observed.mutual_tls.domain = Seen::Absent;
    observed.mutual_tls.truststore = Seen::Present(truststore::Observed {
        version: None,
        content: None,
        bucket: truststore::Bucket::Fit,
        region: "eu-north-1".into(),
    });
    observed.mutual_tls.endpoint = Seen::Present(endpoint::Observed {
        is_off: false,
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
    observed.mutual_tls.pair = Some(Pair::stand_in(observed.pass.at));
    observed
}

#[test]
fn mutual_tls_is_told_from_the_truststore_to_the_switch_of_the_default_endpoint() {
    let desired = wanted(
        "access: {mode: MutualTls, mutualTls: {hostedZoneId: Z1, originDomain: origin.example.com, truststoreBucket: trust}}",
    );
    let observed = before_mutual_tls(&desired);
    let report = report(&Planned {
        desired: &desired,
        observed: &observed,
        plan: &plan(&desired, &observed),
        failures: &[],
        cost: CostStatus::default(),
        adoption: None,
    });
    for (kind, is_known) in [
        ("truststore", true),
        ("originCertificate", true),
        ("originDomain", false),
        ("originRecords", false),
        ("clientCertificate", false),
    ] {
        let step = report.steps.iter().find(|step| step.kind == kind);
        let step = step.unwrap_or_else(|| panic!("{kind}: {:#?}", report.steps));
        assert_eq!((step.verb, step.known), (PlanVerb::Create, is_known), "{kind}");
        assert_eq!(step.viewers, PlanEffect::None, "{kind}");
        assert!(!step.changes.is_empty() && !step.name.is_empty(), "{step:#?}");
    }
    let switch = report.steps.iter().find(|step| step.kind == "endpoint").unwrap();
    assert_eq!(
        (switch.verb, switch.viewers),
        (PlanVerb::Change, PlanEffect::Visible)
    );
    assert_eq!(switch.name, "a1b2c3d4e5");
    assert!(report.steps.iter().all(|step| step.kind != "access"));
    assert!(report.waits.iter().any(|wait| wait.reason == "DomainPending"));
}

#[test]
fn an_api_that_is_only_looked_at_is_not_changed() {
    let report = of_new("access: {enforcement: Observe}");
    assert!(
        report.steps.iter().all(|step| step.kind != "access"),
        "{:#?}",
        report.steps
    );
}

#[test]
fn what_stands_as_wanted_has_no_steps() {
    let report = reported(&wanted(""), &Plan::default());
    assert_eq!(report.summary, PlanSummary::default());
    assert_eq!((report.steps.len(), report.calls), (0, 0));
}

#[test]
fn another_spec_has_another_hash_and_the_same_one_the_same() {
    assert_eq!(of_new("").hash, of_new("").hash);
    assert_ne!(
        of_new("").hash,
        of_new("distribution: {priceClass: PriceClass_100}").hash
    );
}

#[test]
fn a_problem_names_the_field_that_it_is_about() {
    let mut plan = Plan::default();
    plan.problems.push(Problem {
        id: Id::of(Kind::Distribution),
        reason: Reason::AliasInUse,
        field: Some("spec.distribution.aliases".to_owned()),
        message: "spec.distribution.aliases: another distribution has it".into(),
        remedy: None,
        stands: false,
        retry_after: None,
    });
    let report = reported(&wanted(""), &plan);
    assert_eq!(
        report.problems[0].field.as_deref(),
        Some("spec.distribution.aliases")
    );
    assert_eq!(report.summary.problems, 1);
}

#[test]
fn a_wait_is_told_once() {
    let mut plan = Plan::default();
    let id = Id::of(Kind::Distribution);
    plan.waits.push(Wait {
        id: id.clone(),
        reason: Reason::Deploying,
        message: "under way".into(),
        retry_after: Duration::from_secs(20),
    });
    plan.blocked.push(Blocked {
        id,
        on: vec![Kind::Function],
    });
    let report = reported(&wanted(""), &plan);
    assert_eq!(report.waits.len(), 1, "{:?}", report.waits);
    assert_eq!(report.waits[0].message, "under way");
}

#[test]
fn a_report_fits_into_a_status_and_says_what_it_leaves_out() {
    let change = |number: usize| Change {
        path: format!("field{number}"),
        from: Value::Null,
        to: Value::String("ä".repeat(2000)),
    };
    let desired = wanted("");
    let step = told(
        &Id::of(Kind::WebAcl),
        "acl".into(),
        PlanVerb::Change,
        &(0..100).map(change).collect::<Vec<_>>(),
        &[],
    );
    let whole = PlanReport {
        steps: vec![step; 250],
        ..reported(&desired, &Plan::default())
    };
    for (room, left_out, most) in [(&IN_PLAN, 50, 500_000), (&IN_OBJECT, 202, 64_000)] {
        let mut report = whole.clone();
        bound(&mut report, room);
        assert_eq!(
            (report.steps.len(), report.steps_left_out),
            (room.steps, Some(left_out))
        );
        let last = report.steps.last().unwrap();
        assert_eq!(last.changes_left_out, Some(100), "there is no room for them");
        let size = serde_json::to_string(&report).unwrap().len();
        assert!(size < most, "{size}");
    }
    let mut report = whole;
    bound(&mut report, &IN_PLAN);
    assert_eq!(report.steps[0].changes.len(), CHANGES);
    assert_eq!(report.steps[0].changes_left_out, Some(36));
}
