//! Rules that count first: they get their own action by themselves, once their matches have stayed below what is allowed.

use super::hourly::pass_by;
use super::scenes::{NAME, deny, own_calls, quiet, ready, rule, struck};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::waf::samples::Matching;
use palisade::api::{PromotionState, PromotionStatus};
use serde_json::json;

const LIMIT: &str = "palisade-rate-per-ip";
const GROUP: &str = "palisade-AWSManagedRulesCommonRuleSet";
const SPEC: &str =
    "webAcl: {rateLimits: [{name: per-ip, limit: 2000, promote: {from: Count, after: 3h, maxMatches: 10}}]}";
const OF_GROUP: &str = "webAcl: {managedRuleGroups: [{name: AWSManagedRulesCommonRuleSet, overrides: [{rule: SizeRestrictions_BODY, \
                        action: Count}], promote: {from: Count, after: 3h, maxMatches: 0}}]}";

/// What a match of the limit meets.
fn action(cluster: &Cluster) -> String {
    let action = rule(cluster, LIMIT)["Action"].clone();
    let action = action
        .as_object()
        .and_then(|action| action.keys().next().cloned());
    action.unwrap_or_default()
}

fn promotion(cluster: &Cluster) -> PromotionStatus {
    let status = cluster.objects[NAME].status.as_ref().unwrap();
    status.promotions[0].clone()
}

fn state(cluster: &Cluster) -> PromotionState {
    promotion(cluster).state
}

/// So many requests match the limit in each hour.
fn matching(cluster: &Cluster, count: i64) {
    let matching = Matching::of(LIMIT, "/login", count);
    cluster
        .cloud
        .configure(|settings| settings.sampled_requests = vec![matching]);
}

/// The rule was promoted, and that was acted upon.
async fn promoted() -> Cluster {
    let mut cluster = ready(SPEC).await;
    pass_by(&mut cluster, 4).await;
    cluster.ready(NAME).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Promoted, "Block".to_owned())
    );
    cluster
}

fn lose_status(cluster: &mut Cluster) {
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
}

#[tokio::test(start_paused = true)]
async fn a_rule_counts_and_blocks_by_itself_once_few_requests_have_matched() {
    let mut cluster = ready(SPEC).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Counting, "Count".to_owned())
    );
    matching(&cluster, 2);
    let told = pass_by(&mut cluster, 2).await;
    assert_eq!((told, action(&cluster)), (vec![], "Count".to_owned()));
    let counting = promotion(&cluster);
    assert_eq!(counting.matches, 4);
    let (path, country) = (&counting.top_paths[0], &counting.countries[0]);
    assert_eq!((path.value.as_str(), country.value.as_str()), ("/login", "SE"));
    let told = pass_by(&mut cluster, 2).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("RulePromoted: rule palisade-rate-per-ip"),
        "{told:?}"
    );
    assert!(told[0].ends_with("most of them at /login"), "{told:?}");
    cluster.ready(NAME).await;
    assert_eq!(action(&cluster), "Block");
    quiet(&mut cluster, NAME).await;
    // Nobody asks for samples of what is promoted.
    pass_by(&mut cluster, 2).await;
    let calls = own_calls(&cluster);
    assert!(
        !calls.contains(&"wafv2:GetSampledRequests".to_owned()),
        "{calls:?}"
    );
}

/// Such as after a backup of the cluster was restored.
#[tokio::test(start_paused = true)]
async fn a_rule_that_blocks_goes_on_where_status_is_from_before_its_promotion() {
    for hours in [3, 9] {
        let mut cluster = ready(SPEC).await;
        pass_by(&mut cluster, 1).await;
        let backup = cluster.objects[NAME].status.clone();
        pass_by(&mut cluster, hours).await;
        cluster.ready(NAME).await;
        assert_eq!(action(&cluster), "Block");
        cluster.objects.get_mut(NAME).unwrap().status = backup;
        cluster.restart();
        assert_eq!(state(&cluster), PromotionState::Counting);
        for _ in 0..3 {
            cluster.resync(NAME).await;
            assert_eq!(action(&cluster), "Block", "{}", cluster.story(NAME));
        }
        assert_eq!(state(&cluster), PromotionState::Promoted);
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn samples_are_read_once_an_hour() {
    let mut cluster = ready(SPEC).await;
    cluster.cloud.clear_journal();
    for _ in 0..12 {
        cluster.resync(NAME).await;
    }
    let calls = own_calls(&cluster);
    let reads = calls.iter().filter(|call| *call == "wafv2:GetSampledRequests");
    assert!((1..=2).contains(&reads.count()), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_many_requests_match_counts_on_and_is_told_until_they_cease() {
    let mut cluster = ready(SPEC).await;
    matching(&cluster, 400);
    let told = pass_by(&mut cluster, 6).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("RuleHeld: palisade-rate-per-ip"), "{told:?}");
    let held = promotion(&cluster);
    assert_eq!((held.state, held.held_matches), (PromotionState::Held, Some(400)));
    assert_eq!(held.top_paths[0].value, "/login");
    assert_eq!(action(&cluster), "Count");
    assert_eq!(cluster.condition(NAME, "Ready"), "True");
    let message = cluster.message(NAME, "WebAclReady");
    assert!(message.contains("maxMatches"), "{message}");
    matching(&cluster, 0);
    pass_by(&mut cluster, 5).await;
    cluster.ready(NAME).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Promoted, "Block".to_owned())
    );
    let message = cluster.message(NAME, "WebAclReady");
    assert!(!message.contains("maxMatches"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_promoted_without_the_right_to_read_samples_and_the_missing_right_is_told() {
    let mut cluster = ready(SPEC).await;
    deny(&cluster, "wafv2:GetSampledRequests");
    let told = pass_by(&mut cluster, 8).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Held, "Count".to_owned())
    );
    assert_eq!(cluster.condition(NAME, "Ready"), "True");
    let message = cluster.message(NAME, "WebAclReady");
    assert!(message.contains("wafv2:GetSampledRequests"), "{message}");
    assert!(message.contains("palisade iam-policy --traffic"), "{message}");
    cluster.cloud.configure(|settings| settings.denied.clear());
    pass_by(&mut cluster, 5).await;
    cluster.ready(NAME).await;
    assert_eq!(action(&cluster), "Block");
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_lost_has_no_rule_block_sooner_and_none_that_blocks_let_anybody_through() {
    let mut cluster = ready(SPEC).await;
    pass_by(&mut cluster, 2).await;
    lose_status(&mut cluster);
    cluster.ready(NAME).await;
    pass_by(&mut cluster, 2).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Counting, "Count".to_owned())
    );

    let mut cluster = promoted().await;
    for _ in 0..2 {
        lose_status(&mut cluster);
        cluster.cloud.clear_journal();
        cluster.ready(NAME).await;
        let updates = own_calls(&cluster);
        assert!(!updates.contains(&"wafv2:UpdateWebACL".to_owned()), "{updates:?}");
        assert_eq!(
            (state(&cluster), action(&cluster)),
            (PromotionState::Promoted, "Block".to_owned())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_that_cannot_be_read_beside_a_lost_status_is_left_as_it_is() {
    let mut cluster = promoted().await;
    lose_status(&mut cluster);
    deny(&cluster, "wafv2:GetWebACL");
    for _ in 0..3 {
        cluster.resync(NAME).await;
        assert_eq!(action(&cluster), "Block");
    }
    cluster.cloud.configure(|settings| settings.denied.clear());
    cluster.settle_patiently(NAME).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Promoted, "Block".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_is_changed_counts_anew_and_one_that_blocks_as_it_is_declared_goes_on() {
    let mut cluster = promoted().await;
    cluster.apply(NAME, &SPEC.replace("2000", "1000"));
    cluster.ready(NAME).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Counting, "Count".to_owned())
    );

    let mut cluster = ready("").await;
    assert_eq!(action(&cluster), "Block");
    cluster.cloud.clear_journal();
    cluster.apply(NAME, SPEC);
    cluster.ready(NAME).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Promoted, "Block".to_owned())
    );
    assert!(!own_calls(&cluster).contains(&"wafv2:UpdateWebACL".to_owned()));
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(action(&cluster), "Block");
    assert!(
        cluster.objects[NAME]
            .status
            .as_ref()
            .unwrap()
            .promotions
            .is_empty()
    );
    cluster.apply(NAME, &SPEC.replace("2000", "1000"));
    cluster.ready(NAME).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Counting, "Count".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_status_of_a_controller_that_knew_no_promotions_has_what_blocks_go_on() {
    let mut cluster = promoted().await;
    let status = cluster.objects.get_mut(NAME).unwrap().status.as_mut();
    status.unwrap().promotions.clear();
    cluster.restart();
    cluster.cloud.clear_journal();
    cluster.ready(NAME).await;
    assert!(!own_calls(&cluster).contains(&"wafv2:UpdateWebACL".to_owned()));
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Promoted, "Block".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn other_terms_have_a_promoted_rule_go_on_as_it_is() {
    let mut cluster = promoted().await;
    cluster.apply(NAME, &SPEC.replace("3h", "720h"));
    cluster.ready(NAME).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Promoted, "Block".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_suspended_object_goes_on_counting_and_promotes_once_it_is_not_suspended() {
    let mut cluster = ready(SPEC).await;
    cluster.apply(NAME, &format!("{SPEC}\nsuspend: true"));
    pass_by(&mut cluster, 5).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Counting, "Count".to_owned())
    );
    cluster.apply(NAME, SPEC);
    pass_by(&mut cluster, 2).await;
    cluster.ready(NAME).await;
    assert_eq!(action(&cluster), "Block");
}

#[tokio::test(start_paused = true)]
async fn a_group_counts_whole_and_what_it_lets_pass_anyhow_is_no_match() {
    let mut cluster = ready(OF_GROUP).await;
    assert_eq!(rule(&cluster, GROUP)["OverrideAction"], json!({"Count": {}}));
    let inner = |rule, count| Matching {
        rule: Some(rule),
        ..Matching::of(GROUP, "/upload", count)
    };
    let harmless = inner("AWS#AWSManagedRulesCommonRuleSet#SizeRestrictions_BODY", 50);
    let blocking = inner("AWS#AWSManagedRulesCommonRuleSet#NoUserAgent_HEADER", 1);
    cluster
        .cloud
        .configure(|settings| settings.sampled_requests = vec![harmless.clone(), blocking]);
    pass_by(&mut cluster, 2).await;
    let held = promotion(&cluster);
    assert_eq!((held.state, held.held_matches), (PromotionState::Held, Some(1)));
    cluster
        .cloud
        .configure(|settings| settings.sampled_requests = vec![harmless]);
    pass_by(&mut cluster, 5).await;
    cluster.ready(NAME).await;
    assert_eq!(rule(&cluster, GROUP)["OverrideAction"], json!({"None": {}}));
    let overrides = &rule(&cluster, GROUP)["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"];
    assert_eq!(overrides[0]["Name"], "SizeRestrictions_BODY");
}

#[tokio::test(start_paused = true)]
async fn a_rule_in_wafs_own_json_counts_first_and_no_field_of_ours_reaches_aws() {
    let spec = "webAcl: {rules: [{Name: no-kp, Statement: {GeoMatchStatement: {CountryCodes: [KP]}}, Action: {Block: {}}, promote: \
                {from: Count, after: 3h, maxMatches: 0}}]}";
    let mut cluster = ready(spec).await;
    let found = rule(&cluster, "palisade-rule-no-kp");
    assert_eq!(
        (&found["Action"], &found["promote"]),
        (&json!({"Count": {}}), &json!(null))
    );
    pass_by(&mut cluster, 4).await;
    cluster.ready(NAME).await;
    assert_eq!(
        rule(&cluster, "palisade-rule-no-kp")["Action"],
        json!({"Block": {}})
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_has_a_rule_promoted_all_the_same() {
    for (scope, fault) in [
        (Scope::Every, Fault::CrashBefore),
        (Scope::Writes, Fault::CrashAfter),
    ] {
        for n in 1.. {
            let mut cluster = ready(SPEC).await;
            matching(&cluster, 1);
            pass_by(&mut cluster, 2).await;
            cluster.cloud.clear_journal();
            cluster.cloud.inject(Rule::nth(scope, n, fault));
            // In this hour it is promoted.
            pass_by(&mut cluster, 1).await;
            let is_over = !struck(&cluster, fault);
            cluster.cloud.clear_faults();
            pass_by(&mut cluster, 1).await;
            cluster.ready(NAME).await;
            assert_eq!(
                (state(&cluster), action(&cluster)),
                (PromotionState::Promoted, "Block".to_owned()),
                "{fault:?} at call {n}"
            );
            if is_over {
                assert!(n > 1, "{fault:?} did not strike");
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_for_some_addresses_that_blocks_goes_on_where_promote_is_added_to_it() {
    let of = |more: &str| {
        format!(
            "webAcl: {{rateLimits: [{{name: per-ip, limit: 2000, scope: {{pathPrefix: /login, cidrs: [192.0.2.0/24, \
             '2001:db8::/32']}}{more}}}]}}"
        )
    };
    let mut cluster = ready(&of("")).await;
    assert_eq!(action(&cluster), "Block");
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &of(", promote: {from: Count, after: 3h, maxMatches: 10}"));
    cluster.ready(NAME).await;
    assert_eq!(
        (state(&cluster), action(&cluster)),
        (PromotionState::Promoted, "Block".to_owned())
    );
    assert!(!own_calls(&cluster).contains(&"wafv2:UpdateWebACL".to_owned()));
}
