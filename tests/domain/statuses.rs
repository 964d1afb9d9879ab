//! What a person reads in the main situations.

use super::specs::{RICH, owner, wanted};
use super::world::World;
use jiff::Timestamp;
use palisade::api::ProtectedApiStatus;
use palisade::domain::access::table::marks::Marks;
use palisade::domain::kernel::failure::{ErrorKind, Failure};
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::{Id, Kind, Problem};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::kernel::rejection::Rejection;
use palisade::domain::perimeter::observed::{Due, Observed};
use palisade::domain::perimeter::plan::{Plan, plan};
use palisade::domain::status::conditions::{Mode, Pass};
use palisade::domain::status::object::status;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + 60 * minute).unwrap()
}

/// A pass; what is not said is as in a pass over an object that stands.
struct Situation {
    observed: Observed,
    plan: Plan,
    rejection: Option<Rejection>,
    failures: Vec<Failure>,
    mode: Mode,
    previous: ProtectedApiStatus,
    minute: i64,
}

impl Situation {
    fn of(observed: Observed) -> Self {
        let plan = plan(&wanted(RICH), &observed);
        let previous = ProtectedApiStatus::default();
        Self {
            observed,
            plan,
            rejection: None,
            failures: vec![],
            mode: Mode::Apply,
            previous,
            minute: 0,
        }
    }

    fn status(&self) -> ProtectedApiStatus {
        let owner = owner();
        let desired = wanted(RICH);
        status(&Pass {
            generation: Some(3),
            owner: &owner,
            mode: self.mode,
            enforces: true,
            rejection: self.rejection.as_ref(),
            plan: &self.plan,
            observed: self.rejection.is_none().then_some(&self.observed),
            desired: self.rejection.is_none().then_some(&desired),
            stood: None,
            failures: &self.failures,
            previous: &self.previous,
            now: at(self.minute),
        })
    }
}

fn standing() -> Observed {
    let mut world = World::new(Observed::of(owner()));
    world.build(&wanted(RICH));
    world.observed
}

fn deploying() -> Observed {
    let mut observed = standing();
    if let Seen::Present(found) = &mut observed.distribution {
        found.content.status = "InProgress".into();
    }
    observed
}

#[test]
fn all_stands() {
    insta::assert_yaml_snapshot!("status_ready", Situation::of(standing()).status());
}

#[test]
fn cloudfront_deploys() {
    insta::assert_yaml_snapshot!("status_deploying", Situation::of(deploying()).status());
}

/// Status, type, reason and message of a condition.
fn condition(situation: &Situation, is: &str) -> (String, String, String) {
    let conditions = situation.status().conditions.into_iter();
    let mut found = conditions.filter(|condition| condition.type_ == is);
    let found = found.next().unwrap();
    (found.status, found.reason, found.message)
}

#[test]
fn a_lock_stands_whether_or_not_the_tag_that_remembers_it_can_be_written() {
    let mut observed = standing();
    if let Seen::Present(found) = &mut observed.access {
        found.marks = Marks::default();
    }
    let mut situation = Situation::of(observed);
    let due = situation
        .plan
        .ready
        .iter()
        .filter(|step| step.id.kind == Kind::Access);
    assert_eq!(due.count(), 1, "{}", situation.plan.to_yaml());

    situation.mode = Mode::Suspended;
    let (status, _, message) = condition(&situation, "AccessRestricted");
    assert_eq!(status, "True", "{message}");
    assert!(
        message.contains("is written once spec.suspend is false"),
        "{message}"
    );
    assert_eq!(condition(&situation, "Ready").1, "Suspended");

    situation.mode = Mode::Apply;
    let denied = |part: &str| Failure {
        id: Some(Id {
            kind: Kind::Access,
            part: part.to_owned(),
        }),
        kind: ErrorKind::Denied,
        reason: Reason::AccessDenied,
        message: "not authorized to perform: cloudfront:TagResource".into(),
    };
    situation.failures = vec![denied("")];
    let (status, reason, message) = condition(&situation, "AccessRestricted");
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("True", "Locked"),
        "{message}"
    );
    assert!(message.contains("cloudfront:TagResource"), "{message}");
    let (status, reason, _) = condition(&situation, "Ready");
    assert_eq!((status.as_str(), reason.as_str()), ("False", "AccessDenied"));
    assert_eq!(condition(&situation, "Stalled").1, "AccessDenied");

    // What fails of a method is no mark.
    situation.failures = vec![denied("GET /pets")];
    assert_eq!(condition(&situation, "AccessRestricted").0, "False");
}

#[test]
fn nothing_is_built_yet() {
    insta::assert_yaml_snapshot!("status_at_first", Situation::of(Observed::of(owner())).status());
}

#[test]
fn the_spec_is_refused() {
    let rejection = Some(Rejection::new(
        Reason::ApiNotFound,
        "spec.origin: there is no such API",
    ));
    let situation = Situation {
        rejection,
        plan: Plan::default(),
        ..Situation::of(standing())
    };
    insta::assert_yaml_snapshot!("status_refused", situation.status());
}

#[test]
fn a_person_is_needed() {
    let failures = vec![Failure {
        id: Some(Id::of(Kind::WebAcl)),
        kind: ErrorKind::Denied,
        reason: Reason::AccessDenied,
        message: "not authorized to perform: wafv2:UpdateWebACL".into(),
    }];
    insta::assert_yaml_snapshot!(
        "status_stalled",
        Situation {
            failures,
            ..Situation::of(standing())
        }
        .status()
    );
}

#[test]
fn what_a_person_must_do_is_why_it_is_not_ready_and_not_what_waits_for_it() {
    let mut situation = Situation::of(Observed::of(owner()));
    situation.plan.problems.push(Problem {
        id: Id::of(Kind::Access),
        reason: Reason::ApiKeyInTheWay,
        field: None,
        message: "GET /paid asks for an API key".into(),
        remedy: None,
        stands: false,
        retry_after: None,
    });
    let status = situation.status();
    let ready = status.conditions.iter().find(|one| one.type_ == "Ready").unwrap();
    assert_eq!(ready.reason, "ApiKeyInTheWay");
    assert!(ready.message.contains("GET /paid"), "{}", ready.message);
}

#[test]
fn what_to_do_about_a_problem_stands_in_one_condition_and_the_others_say_in_which() {
    let mut situation = Situation::of(Observed::of(owner()));
    situation.plan.problems.push(Problem {
        id: Id::of(Kind::Access),
        reason: Reason::DomainNameInTheWay,
        field: None,
        message: "stage prod is not locked".into(),
        remedy: Some("Move its names".into()),
        stands: true,
        retry_after: None,
    });
    let status = situation.status();
    let said = |is: &str| {
        let found = status.conditions.iter().find(|one| one.type_ == is);
        found.map(|one| one.message.clone()).unwrap_or_default()
    };
    let own = said("AccessRestricted");
    assert!(
        own.starts_with("stage prod is not locked. Move its names"),
        "{own}"
    );
    for is in ["Ready", "Stalled"] {
        let said = said(is);
        assert!(
            said.contains("stage prod is not locked. AccessRestricted says what to do"),
            "{is}: {said}"
        );
        assert!(!said.contains("Move its names"), "{is}: {said}");
    }
}

#[test]
fn it_is_suspended_with_differences() {
    let situation = Situation {
        mode: Mode::Suspended,
        ..Situation::of(Observed::of(owner()))
    };
    insta::assert_yaml_snapshot!("status_suspended", situation.status());
}

#[test]
fn it_is_being_deleted() {
    let situation = Situation {
        mode: Mode::Delete,
        ..Situation::of(deploying())
    };
    insta::assert_yaml_snapshot!("status_deleting", situation.status());
}

#[test]
fn what_is_not_looked_at_for_longer_than_its_interval_is_not_called_locked() {
    let previous = Situation::of(standing()).status();
    let is = |status: &ProtectedApiStatus, kind: &str| {
        let mut conditions = status.conditions.iter();
        let found = conditions.find(|found| found.type_ == kind);
        found.map(|found| found.status.clone()).unwrap_or_default()
    };
    let mut observed = standing();
    observed.access = Seen::default();
    observed.probes.clear();
    for (overdue, wanted) in [(false, "True"), (true, "Unknown")] {
        observed.due = Due {
            overdue,
            ..Due::default()
        };
        let status = Situation {
            plan: Plan::default(),
            previous: previous.clone(),
            minute: 100,
            ..Situation::of(observed.clone())
        }
        .status();
        for kind in ["AccessRestricted", "DirectAccessBlocked"] {
            assert_eq!(is(&status, kind), wanted, "{kind}");
        }
    }
}

#[test]
fn why_a_lock_is_not_known_any_more_is_what_kept_it_from_being_read_and_nothing_else_that_failed() {
    let previous = Situation::of(standing()).status();
    let mut observed = standing();
    observed.access = Seen::default();
    observed.probes.clear();
    observed.due.overdue = true;
    let failed = |of: Kind, kind: ErrorKind, reason: Reason, message: &str| Failure {
        id: Some(Id::of(of)),
        kind,
        reason,
        message: message.into(),
    };
    let mut plan = Plan::default();
    plan.reads.push(Id::of(Kind::Access));
    let situation = Situation {
        plan,
        failures: vec![
            failed(
                Kind::WebAcl,
                ErrorKind::Transient,
                Reason::AwsUnavailable,
                "WAF does not answer",
            ),
            failed(
                Kind::Access,
                ErrorKind::Throttled,
                Reason::Throttled,
                "API Gateway throttles",
            ),
        ],
        previous,
        minute: 100,
        ..Situation::of(observed)
    };
    let status = situation.status();
    let mut conditions = status.conditions.iter();
    let restricted = conditions.find(|one| one.type_ == "AccessRestricted").unwrap();
    assert_eq!(
        (restricted.status.as_str(), restricted.reason.as_str()),
        ("Unknown", "Throttled")
    );
    assert!(
        restricted.message.ends_with("API Gateway throttles"),
        "{}",
        restricted.message
    );
}

#[test]
fn a_second_pass_with_the_same_outcome_changes_nothing() {
    let situations: [fn() -> Observed; 3] = [standing, deploying, || Observed::of(owner())];
    for observe in situations {
        let observed = observe();
        let first = Situation::of(observed.clone()).status();
        let second = Situation {
            previous: first.clone(),
            minute: 7,
            ..Situation::of(observed)
        }
        .status();
        assert_eq!(first, second);
    }
}

#[test]
fn a_wait_says_since_when_and_starts_anew_when_it_ended_in_between() {
    let since = |status: &ProtectedApiStatus| {
        let found = status
            .conditions
            .iter()
            .find(|found| found.type_ == "DistributionDeployed")
            .unwrap();
        found
            .message
            .rsplit_once("(since ")
            .map(|(_, since)| since.to_owned())
    };
    let first = Situation::of(deploying()).status();
    let done = Situation {
        previous: first.clone(),
        minute: 5,
        ..Situation::of(standing())
    }
    .status();
    let again = Situation {
        previous: done.clone(),
        minute: 9,
        ..Situation::of(deploying())
    }
    .status();
    assert_eq!(since(&first).unwrap(), "2026-01-01T00:00:00Z)");
    assert_eq!(since(&done), None);
    assert_eq!(since(&again).unwrap(), "2026-01-01T00:09:00Z)");
}
