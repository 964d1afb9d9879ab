use super::super::promoting::{Looked, next};
use super::*;
use crate::api::ProtectedApiStatus;

const PROMOTE: &str = "{from: Count, after: 2h, maxMatches: 0}";
const BLOCKED: &str = "palisade-block";

fn spec(yaml: &str) -> WebAclSpec {
    serde_yaml::from_str(&yaml.replace("PROMOTE", PROMOTE)).unwrap()
}

fn names(yaml: &str) -> Vec<String> {
    let declared = declared(&spec(yaml), &Standing::default());
    declared.into_iter().map(|rule| rule.rule).collect()
}

/// Addresses that are refused, as status has them after so much.
fn known(yaml: &str, state: PromotionState) -> ProtectedApiStatus {
    let declared = declared(&spec(yaml), &Standing::default());
    let looked = Looked {
        declared: &declared,
        known: &[],
        evidence: &BTreeMap::new(),
        stands: true,
        may_promote: true,
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let mut promotions = next(&looked);
    promotions[0].state = state;
    ProtectedApiStatus {
        promotions,
        ..ProtectedApiStatus::default()
    }
}

#[test]
fn each_field_counts_first_where_it_says_so_and_nowhere_else() {
    assert_eq!(names("{antiDdos: {promote: PROMOTE}}"), ["palisade-anti-ddos"]);
    assert_eq!(
        names("{countries: {allow: [SE], promote: PROMOTE}}"),
        ["palisade-countries"]
    );
    assert_eq!(
        names("{blockCidrs: [192.0.2.0/24], blockCidrsPromote: PROMOTE}"),
        [BLOCKED]
    );
    assert!(names("{antiDdos: {}, countries: {block: [KP]}, blockCidrs: [192.0.2.0/24]}").is_empty());
    assert!(names("{blockCidrs: [], blockCidrsPromote: PROMOTE}").is_empty());
}

#[test]
fn what_counts_first_is_written_with_count_and_then_with_its_own_action() {
    let spec = spec(
        "{antiDdos: {promote: PROMOTE}, countries: {block: [KP], promote: PROMOTE}, rateLimits: [], managedRuleGroups: []}",
    );
    let declared = declared(&spec, &Standing::default());
    let action = |spec: WebAclSpec| {
        let rules = rules(&spec, &BTreeMap::new());
        (rules[0]["OverrideAction"].clone(), rules[1]["Action"].clone())
    };
    let count = json!({"Count": {}});
    assert_eq!(action(counting(spec.clone(), &declared)), (count.clone(), count));
    assert_eq!(action(spec), (json!({"None": {}}), json!({"Block": {}})));
}

#[test]
fn addresses_that_are_added_to_a_list_that_refuses_are_refused_and_to_one_that_counts_they_count() {
    let (list, longer) = (
        "{blockCidrs: [192.0.2.0/24], blockCidrsPromote: PROMOTE}",
        "{blockCidrs: [192.0.2.0/24, 198.51.100.0/24], blockCidrsPromote: PROMOTE}",
    );
    for (state, is_promoted) in [
        (PromotionState::Promoted, true),
        (PromotionState::Counting, false),
        (PromotionState::Held, false),
    ] {
        let status = known(list, state);
        let declared = declared(&spec(longer), &Standing::of(&status, None));
        assert_eq!(declared[0].is_promoted, is_promoted, "{state:?}");
        let looked = Looked {
            declared: &declared,
            known: &status.promotions,
            evidence: &BTreeMap::new(),
            stands: true,
            may_promote: true,
            now: "2026-01-01T05:00:00Z".parse().unwrap(),
        };
        let after = next(&looked);
        assert_eq!(after[0].state == PromotionState::Promoted, is_promoted);
        assert_eq!(
            after[0].since == status.promotions[0].since,
            is_promoted,
            "it counts anew"
        );
        assert_eq!(after[0].declared, declared[0].hash);
    }
}

#[test]
fn addresses_that_are_refused_in_aws_go_on_to_be_whatever_status_has() {
    let found = json!({"Rules": [{"Name": BLOCKED, "Action": {"Block": {}}}]});
    let status = ProtectedApiStatus {
        web_acl: Some(crate::api::WebAclStatus::default()),
        ..ProtectedApiStatus::default()
    };
    let spec = spec("{blockCidrs: [198.51.100.0/24], blockCidrsPromote: PROMOTE}");
    let of = |found| declared(&spec, &Standing::of(&status, found))[0].is_promoted;
    assert!(of(Some(&found)));
    let counts = json!({"Rules": [{"Name": BLOCKED, "Action": {"Count": {}}}]});
    assert!(!of(Some(&counts)));
    assert!(!of(None));
}

/// What status has of an object of which it knows no promotion.
fn standing() -> ProtectedApiStatus {
    ProtectedApiStatus {
        web_acl: Some(crate::api::WebAclStatus::default()),
        ..ProtectedApiStatus::default()
    }
}

/// Whether the first rule of `then` is promoted, where AWS has the rules of `now` with IP sets of these ARNs.
fn goes_on(now: &str, arns: &[&str], then: &str) -> bool {
    let arns = arns
        .iter()
        .map(|part| ((*part).to_owned(), format!("arn:aws:wafv2:::{part}")));
    let document = json!({"Rules": rules(&spec(now), &arns.collect())});
    declared(&spec(then), &Standing::of(&standing(), Some(&document)))[0].is_promoted
}

#[test]
fn countries_that_are_refused_in_aws_go_on_to_be_beside_the_checkers_that_are_let_through() {
    let now = "{countries: {block: [KP]}}";
    let checkers = ["health-checkers-v4", "health-checkers-v6"];
    for then in [
        "{countries: {block: [KP], promote: PROMOTE}}",
        "{countries: {block: [KP, SY], promote: PROMOTE}}",
        "{countries: {allow: [SE], promote: PROMOTE}}",
    ] {
        assert!(goes_on(now, &checkers, then), "{then}");
        assert!(goes_on(now, &[], then), "{then}");
    }
    assert!(!goes_on(
        "{}",
        &[],
        "{countries: {block: [KP], promote: PROMOTE}}"
    ));
    assert!(goes_on(
        "{antiDdos: {}}",
        &[],
        "{antiDdos: {sensitivity: High, promote: PROMOTE}}"
    ));
}

#[test]
fn a_limit_for_some_addresses_goes_on_whatever_their_sets_are_called_and_counts_first_where_it_has_another_scope()
 {
    let of = |scope: &str, more: &str| {
        format!("{{rateLimits: [{{name: partners, limit: 100, scope: {{{scope}}}{more}}}]}}")
    };
    let promote = ", promote: PROMOTE";
    let addresses = "cidrs: [192.0.2.0/24]";
    let with_path = "pathPrefix: /login, cidrs: [192.0.2.0/24]";
    for sets in [
        &["rate-partners-v4"][..],
        &["rate-partners-v6"],
        &["rate-partners-v4", "rate-partners-v6"],
    ] {
        for scope in [addresses, with_path] {
            assert!(goes_on(&of(scope, ""), sets, &of(scope, promote)), "{scope}");
        }
        assert!(!goes_on(
            &of(addresses, ""),
            sets,
            &of("pathPrefix: /login", promote)
        ));
        assert!(!goes_on(&of(addresses, ""), sets, &of(with_path, promote)));
    }
    assert!(!goes_on(
        &of("pathPrefix: /login", ""),
        &[],
        &of(with_path, promote)
    ));
}

#[test]
fn what_blocks_in_aws_goes_on_where_status_is_from_before_its_promotion() {
    let limit = "{rateLimits: [{name: per-ip, limit: 100, promote: PROMOTE}], managedRuleGroups: []}";
    let document = json!({"Rules": rules(&spec(limit), &BTreeMap::new())});
    let begun: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    for (state, minutes, is_promoted) in [
        (PromotionState::Counting, 119, false),
        (PromotionState::Counting, 120, true),
        (PromotionState::Held, 119, false),
        (PromotionState::Held, 120, true),
    ] {
        let mut status = known(limit, state);
        status.promotions[0].held_matches = (state == PromotionState::Held).then_some(20);
        let now = begun + jiff::SignedDuration::from_mins(minutes);
        let of = |yaml: &str| {
            let standing = Standing::of(&status, Some(&document)).at(now);
            declared(&spec(yaml), &standing)
        };
        let declared = of(limit);
        assert_eq!(declared[0].is_promoted, is_promoted, "{state:?} {minutes}");
        let after = next(&Looked {
            declared: &declared,
            known: &status.promotions,
            evidence: &BTreeMap::new(),
            stands: true,
            may_promote: true,
            now,
        });
        assert_eq!(after[0].state == PromotionState::Promoted, is_promoted);
        let changed = of(&limit.replace("limit: 100", "limit: 50"));
        assert!(!changed[0].is_promoted, "it is new to its viewers");
        // What AWS does not tell of is asked for in each pass.
        status.promotions[0].held_matches = None;
        assert_eq!(
            is_old(&status.promotions[0], now),
            is_promoted && state == PromotionState::Counting
        );
    }
}
