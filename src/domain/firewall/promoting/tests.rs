use super::super::promotion::{Standing, counting, declared, declared_fixture, is_unknown, misdeclared};
use super::super::rules::rules;
use super::super::samples::Request;
use super::*;
use crate::api::{ProtectedApiStatus, RequiredRules, WebAclSpec};
use serde_json::{Value, json};

const RULES: &str = "{rateLimits: [{name: per-ip, limit: 100, promote: {from: Count, after: 2h, maxMatches: 10}}], \
                     managedRuleGroups: [{name: AWSManagedRulesSQLiRuleSet, promote: {from: Count, after: 2h, maxMatches: 10}}], \
                     rules: [{Name: mine, Statement: {}, Action: {Captcha: {}}, promote: {from: Count, after: 2h, maxMatches: 10}}]}";
const LIMIT: &str = "palisade-rate-per-ip";

fn spec() -> WebAclSpec {
    serde_yaml::from_str(RULES).unwrap()
}

fn at(minutes: i64) -> Timestamp {
    let midnight: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    midnight + SignedDuration::from_mins(minutes)
}

/// A rule, as passes see it.
struct Story {
    rule: Declared,
    known: Vec<PromotionStatus>,
}

impl Story {
    fn new() -> Self {
        Self {
            rule: declared_fixture(),
            known: vec![],
        }
    }

    /// A pass so many minutes after midnight: who asks for samples is told of so many matches, or nothing.
    fn pass(&mut self, minutes: i64, matches: Option<i64>) -> PromotionStatus {
        let now = at(minutes);
        let window = self.rule.due(&self.known, now);
        let evidence = window.map(|asked| match matches {
            Some(number) => Evidence::Read {
                asked,
                read: vec![(asked, sampled(number))],
            },
            None => Evidence::Denied,
        });
        self.look(now, evidence, true, true)
    }

    fn look(
        &mut self,
        now: Timestamp,
        evidence: Option<Evidence>,
        stands: bool,
        may_promote: bool,
    ) -> PromotionStatus {
        let evidence = evidence.map(|evidence| (self.rule.rule.clone(), evidence));
        self.known = next(&Looked {
            declared: std::slice::from_ref(&self.rule),
            known: &self.known,
            evidence: &evidence.into_iter().collect(),
            stands,
            may_promote,
            now,
        });
        self.known[0].clone()
    }
}

fn sampled(number: i64) -> Sampled {
    let request = Request {
        path: "/login".into(),
        country: "SE".into(),
        weight: 1,
        rule: None,
    };
    Sampled {
        requests: if number == 0 { vec![] } else { vec![request] },
        population: number,
        window: None,
    }
}

#[test]
fn a_rule_is_promoted_once_its_time_has_passed_with_no_more_matches_than_are_allowed() {
    let mut story = Story::new();
    let begun = story.pass(0, Some(0));
    assert_eq!(begun.state, PromotionState::Counting);
    assert_eq!(begun.due.as_deref(), Some("2026-01-01T02:00:00Z"));
    assert_eq!(story.rule.due(&story.known, at(59)), None, "once an hour");
    let counting = story.pass(60, Some(4));
    assert_eq!((counting.state, counting.matches), (PromotionState::Counting, 4));
    assert_eq!(counting.top_paths[0].value, "/login");
    let promoted = story.pass(120, Some(6));
    assert_eq!((promoted.state, promoted.matches), (PromotionState::Promoted, 10));
    assert_eq!(promoted.promoted_at.as_deref(), Some("2026-01-01T02:00:00Z"));
    assert_eq!(
        (promoted.due.as_deref(), promoted.reason.as_deref()),
        (None, None)
    );
    assert_eq!(look_again(&[story.rule.clone()], &story.known), Some(SOON));
    assert_eq!(story.pass(600, Some(1000)), promoted, "for good");
}

#[test]
fn a_rule_with_more_matches_is_held_and_counts_anew() {
    let mut story = Story::new();
    story.pass(0, Some(0));
    let held = story.pass(60, Some(11));
    assert_eq!((held.state, held.held_matches), (PromotionState::Held, Some(11)));
    assert_eq!((held.matches, held.since.as_str()), (0, "2026-01-01T01:00:00Z"));
    assert!(held.reason.is_some_and(|why| why.contains("allows 10")));
    assert_eq!(story.pass(120, Some(1)).state, PromotionState::Held);
    let told = super::held(&story.known).unwrap();
    assert!(told.contains("palisade-AWSManagedRulesSQLiRuleSet"), "{told}");
    assert_eq!(story.pass(180, Some(1)).state, PromotionState::Promoted);
    assert_eq!(super::held(&story.known), None);
}

#[test]
fn nothing_is_promoted_without_the_right_to_read_samples_and_what_no_request_matched_says_so() {
    let mut story = Story::new();
    story.pass(0, None);
    for hour in 1..10 {
        let held = story.pass(60 * hour, None);
        assert_eq!((held.state, held.due), (PromotionState::Held, None));
    }
    let told = super::held(&story.known).unwrap();
    assert!(told.contains("wafv2:GetSampledRequests"), "{told}");
    assert!(told.contains("iam-policy --traffic"), "{told}");
    assert_eq!(story.pass(600, Some(0)).state, PromotionState::Counting);
    assert!(matches!(story.pass(660, Some(0)).reason, Some(why) if why.contains("nobody called")));
}

#[test]
fn aws_that_tells_nothing_for_longer_than_it_keeps_samples_has_a_rule_held_and_that_is_told() {
    let mut story = Story::new();
    story.rule.hours = 3;
    story.pass(0, Some(0));
    let failed = || Some(Evidence::Failed("WAFInternalErrorException".into()));
    let counting = story.look(at(120), failed(), true, true);
    assert_eq!(counting.state, PromotionState::Counting);
    let held = story.look(at(180), failed(), true, true);
    assert_eq!((held.state, held.due.clone()), (PromotionState::Held, None));
    assert!(
        held.reason
            .as_ref()
            .is_some_and(|why| why.contains("WAFInternalErrorException"))
    );
    assert_eq!(
        story.look(at(181), failed(), true, true),
        held,
        "nothing to write"
    );
    let told = super::held(&story.known).unwrap();
    assert!(
        told.contains("does not tell") && !told.contains("permit"),
        "{told}"
    );
    let counting = story.pass(190, Some(0));
    assert_eq!(
        (counting.state, counting.reason),
        (PromotionState::Counting, None)
    );
    assert_eq!(counting.since, "2026-01-01T00:20:00Z", "what AWS still keeps");
    assert_eq!(story.pass(260, Some(0)).state, PromotionState::Promoted);
}

#[test]
fn the_last_minutes_are_asked_for_once_more_but_none_before_the_rule_counted() {
    let mut story = Story::new();
    story.pass(0, Some(0));
    assert_eq!(
        story.rule.due(&story.known, at(60)).map(|asked| asked.from),
        Some(at(0))
    );
    story.pass(60, Some(0));
    assert_eq!(
        story.rule.due(&story.known, at(120)).map(|asked| asked.from),
        Some(at(55))
    );
}

#[test]
fn what_nobody_has_looked_at_proves_nothing() {
    let mut story = Story::new();
    story.pass(0, Some(0));
    let late = story.pass(600, Some(0));
    assert_eq!(late.state, PromotionState::Promoted, "the last hours are seen");
    let mut story = Story::new();
    story.rule.hours = 3;
    story.pass(0, Some(0));
    let late = story.pass(600, Some(0));
    assert_eq!(
        (late.state, late.since.as_str()),
        (PromotionState::Counting, "2026-01-01T07:10:00Z")
    );
}

#[test]
fn nothing_is_promoted_while_it_may_not_be_and_nothing_begins_before_the_rule_stands() {
    let mut story = Story::new();
    let none = next(&Looked {
        declared: &[story.rule.clone()],
        known: &[],
        evidence: &BTreeMap::new(),
        stands: false,
        may_promote: true,
        now: at(0),
    });
    assert_eq!(none, vec![]);
    story.pass(0, Some(0));
    let read = |from, to| {
        let asked = Window {
            from: at(from),
            to: at(to),
        };
        Evidence::Read {
            asked,
            read: vec![(asked, sampled(0))],
        }
    };
    let suspended = story.look(at(120), Some(read(0, 120)), true, false);
    assert_eq!(suspended.state, PromotionState::Counting);
    let unfinished = story.look(at(180), Some(read(120, 180)), false, true);
    assert_eq!(unfinished, suspended);
    assert_eq!(story.pass(240, Some(0)).state, PromotionState::Promoted);
}

#[test]
fn a_clock_that_was_ahead_begins_anew() {
    let mut story = Story::new();
    story.pass(600, Some(0));
    let anew = story.pass(0, Some(0));
    assert_eq!(anew.since, "2026-01-01T00:00:00Z");
}

/// The status that knows of these rules.
fn with(promotions: Vec<PromotionStatus>) -> ProtectedApiStatus {
    ProtectedApiStatus {
        web_acl: Some(crate::api::WebAclStatus::default()),
        promotions,
        ..ProtectedApiStatus::default()
    }
}

/// Status is lost, and these rules block.
fn found(names: &[&str]) -> Standing {
    let rules = names
        .iter()
        .map(|name| json!({"Name": name, "Action": {"Block": {}}}));
    let document = json!({"Rules": rules.collect::<Vec<Value>>()});
    Standing::of(&ProtectedApiStatus::default(), Some(&document))
}

#[test]
fn a_changed_rule_counts_anew_and_other_terms_do_not() {
    let promoted = |spec: &WebAclSpec| {
        let known = declared(spec, &found(&[LIMIT]));
        let known = next(&Looked {
            declared: &known[..1],
            known: &[],
            evidence: &BTreeMap::new(),
            stands: true,
            may_promote: true,
            now: at(0),
        });
        Standing::of(&with(known), None)
    };
    let known = promoted(&spec());
    let is_promoted = |yaml: &str| {
        let spec: WebAclSpec = serde_yaml::from_str(yaml).unwrap();
        declared(&spec, &known)[0].is_promoted
    };
    assert!(is_promoted(RULES));
    assert!(is_promoted(&RULES.replace("after: 2h", "after: 720h")));
    assert!(!is_promoted(&RULES.replace("limit: 100", "limit: 50")));
}

fn actions(spec: WebAclSpec, standing: &Standing) -> Vec<Value> {
    let declared = declared(&spec, standing);
    let rules = rules(&counting(spec, &declared), &BTreeMap::new());
    let actions = rules.iter().map(|rule| match &rule["Action"] {
        Value::Null => rule["OverrideAction"].clone(),
        action => action.clone(),
    });
    assert!(rules.iter().all(|rule| rule["promote"].is_null()));
    actions.collect()
}

#[test]
fn rules_count_until_they_are_promoted_and_then_have_their_own_actions() {
    let count = json!({"Count": {}});
    assert_eq!(
        actions(spec(), &Standing::default()),
        [count.clone(), count.clone(), count.clone()]
    );
    let all = [LIMIT, "palisade-AWSManagedRulesSQLiRuleSet", "palisade-rule-mine"];
    assert_eq!(
        actions(spec(), &found(&all)),
        [json!({"Block": {}}), json!({"None": {}}), json!({"Captcha": {}})]
    );
}

#[test]
fn what_a_class_requires_counts_first_as_well() {
    let mut required = spec();
    required.required = Some(RequiredRules {
        groups: required.managed_rule_groups.clone().unwrap(),
        rules: required.rules.clone().unwrap(),
        rate: None,
    });
    let all = declared(&required, &Standing::default());
    let names: Vec<&str> = all.iter().map(|rule| rule.rule.as_str()).collect();
    assert_eq!(
        names,
        [
            LIMIT,
            "palisade-AWSManagedRulesSQLiRuleSet",
            "palisade-required-mine",
            "palisade-rule-mine"
        ]
    );
    let count = json!({"Count": {}});
    assert_eq!(actions(required, &Standing::default()), vec![count; 4]);
}

#[test]
fn what_blocks_in_aws_goes_on_where_status_is_lost_and_that_is_said_at_once() {
    let blocks = json!({"Rules": [{"Name": LIMIT, "Action": {"Block": {}}}, {"Name": "theirs", "Action": {"Block": {}}},
        {"Name": "palisade-rule-mine", "Action": {"Count": {}}}]});
    let lost = ProtectedApiStatus::default();
    let found = declared(&spec(), &Standing::of(&lost, Some(&blocks)));
    let promoted: Vec<bool> = found.iter().map(|rule| rule.is_promoted).collect();
    assert_eq!(promoted, [true, false, false]);
    let known = next(&Looked {
        declared: &found[..1],
        known: &[],
        evidence: &BTreeMap::new(),
        stands: false,
        may_promote: false,
        now: at(0),
    });
    assert_eq!(known[0].state, PromotionState::Promoted);
}

#[test]
fn what_status_does_not_tell_of_goes_on_where_it_blocks_as_it_is_declared_and_counts_where_it_was_changed() {
    let document = json!({"Rules": rules(&spec(), &BTreeMap::new())});
    let promoted = |yaml: &str, known: Vec<PromotionStatus>| -> Vec<bool> {
        let spec: WebAclSpec = serde_yaml::from_str(yaml).unwrap();
        let declared = declared(&spec, &Standing::of(&with(known), Some(&document)));
        declared.iter().map(|rule| rule.is_promoted).collect()
    };
    assert_eq!(promoted(RULES, vec![]), [true, true, true]);
    assert_eq!(
        promoted(&RULES.replace("limit: 100", "limit: 50"), vec![]),
        [false, true, true]
    );
    let limit = declared(&spec(), &Standing::default()).remove(0);
    let counting = next(&Looked {
        declared: &[limit],
        known: &[],
        evidence: &BTreeMap::new(),
        stands: true,
        may_promote: true,
        now: at(0),
    });
    assert!(is_unknown(&spec(), &with(counting.clone())));
    assert_eq!(
        promoted(RULES, counting),
        [false, true, true],
        "status goes first"
    );
}

#[test]
fn a_rule_whose_own_action_is_count_is_never_promoted() {
    // Such as by a class that says `promote` of a group that the object has on Count.
    let counts = "{rateLimits: [{name: per-ip, limit: 100, action: Count, promote: {from: Count, after: 2h, maxMatches: 10}}], \
                  managedRuleGroups: [{name: AWSManagedRulesSQLiRuleSet, action: Count, promote: {from: Count, after: 2h, maxMatches: \
                  10}}]}";
    let counts: WebAclSpec = serde_yaml::from_str(counts).unwrap();
    assert_eq!(declared(&counts, &Standing::default()), vec![]);
    assert_eq!(actions(counts, &found(&[LIMIT])), vec![json!({"Count": {}}); 2]);
}

#[test]
fn a_rule_that_has_no_samples_or_no_terms_cannot_count_first() {
    let rule = |more: Value| {
        let mut rule = json!({"Name": "a", "promote": {"from": "Count", "after": "2h", "maxMatches": 1}});
        rule["VisibilityConfig"] = more;
        rule
    };
    assert_eq!(misdeclared(&rule(Value::Null)), None);
    let unsampled = misdeclared(&rule(json!({"SampledRequestsEnabled": false}))).unwrap();
    assert!(unsampled.contains("SampledRequestsEnabled: true"), "{unsampled}");
    assert!(misdeclared(&json!({"Name": "a", "promote": {"after": "2h"}})).is_some());
    assert_eq!(misdeclared(&json!({"Name": "a"})), None);
}
