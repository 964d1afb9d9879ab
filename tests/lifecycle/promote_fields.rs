//! The AntiDDoS group, countries and refused addresses count first where their fields say so.

use super::hourly::pass_by;
use super::scenes::{NAME, own_calls, ready, rule};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::waf::samples::Matching;
use palisade::api::PromotionState;

const ANTI_DDOS: &str = "palisade-anti-ddos";
const BLOCK: &str = "palisade-block";
const COUNTRIES: &str = "palisade-countries";
const ALL: [&str; 3] = [ANTI_DDOS, BLOCK, COUNTRIES];
const SPEC: &str = "webAcl: {antiDdos: {promote: {from: Count, after: 3h, maxMatches: 0}}, countries: {block: [KP], promote: {from: Count, \
                    after: 3h, maxMatches: 0}}, blockCidrs: [192.0.2.0/24], blockCidrsPromote: {from: Count, after: 3h, maxMatches: 0}}";

/// What a match of each rule meets in AWS.
fn actions(cluster: &Cluster) -> [String; 3] {
    ALL.map(|name| {
        let rule = rule(cluster, name);
        let action = ["Action", "OverrideAction"]
            .into_iter()
            .find_map(|field| rule[field].as_object());
        let action = action.and_then(|action| action.keys().next().cloned());
        action.unwrap_or_default()
    })
}

fn state(cluster: &Cluster, name: &str) -> Option<PromotionState> {
    let status = cluster.objects[NAME].status.as_ref()?;
    let mut known = status.promotions.iter();
    known.find(|known| known.rule == name).map(|known| known.state)
}

async fn promoted() -> Cluster {
    let mut cluster = ready(SPEC).await;
    pass_by(&mut cluster, 4).await;
    cluster.ready(NAME).await;
    assert_eq!(actions(&cluster), ["None", "Block", "Block"]);
    cluster
}

#[tokio::test(start_paused = true)]
async fn the_anti_ddos_group_countries_and_refused_addresses_count_and_refuse_by_themselves_where_nothing_matched()
 {
    let mut cluster = ready(SPEC).await;
    assert_eq!(actions(&cluster), ["Count", "Count", "Count"]);
    assert!(
        ALL.iter()
            .all(|name| state(&cluster, name) == Some(PromotionState::Counting))
    );
    let partner = Matching::of(BLOCK, "/partner", 1);
    cluster
        .cloud
        .configure(|settings| settings.sampled_requests = vec![partner]);
    let told = pass_by(&mut cluster, 4).await;
    cluster.ready(NAME).await;
    assert_eq!(
        actions(&cluster),
        ["None", "Count", "Block"],
        "a partner is among the addresses"
    );
    assert_eq!(state(&cluster, BLOCK), Some(PromotionState::Held));
    for (reason, name) in [
        ("RulePromoted", ANTI_DDOS),
        ("RulePromoted", COUNTRIES),
        ("RuleHeld", BLOCK),
    ] {
        let is_told = |told: &String| told.starts_with(reason) && told.contains(name);
        assert!(told.iter().any(is_told), "{reason} {name}: {told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_added_to_a_list_that_refuses_is_refused_at_once() {
    let mut cluster = promoted().await;
    cluster.apply(
        NAME,
        &SPEC.replace("192.0.2.0/24", "192.0.2.0/24, 198.51.100.7/32"),
    );
    cluster.ready(NAME).await;
    assert_eq!(actions(&cluster), ["None", "Block", "Block"]);
    assert_eq!(state(&cluster, BLOCK), Some(PromotionState::Promoted));
    // What was found out of the countries is not known of others.
    cluster.apply(NAME, &SPEC.replace("[KP]", "[KP, SY]"));
    cluster.ready(NAME).await;
    assert_eq!(actions(&cluster), ["None", "Block", "Count"]);
}

#[tokio::test(start_paused = true)]
async fn addresses_count_where_the_team_says_so_alone_and_none_that_are_refused_already() {
    let list = "webAcl: {blockCidrs: [192.0.2.0/24]";
    let mut cluster = ready(&format!("{list}}}")).await;
    assert_eq!(actions(&cluster)[1], "Block");
    cluster.cloud.clear_journal();
    let promote = "blockCidrsPromote: {from: Count, after: 3h, maxMatches: 0}";
    cluster.apply(NAME, &format!("{list}, {promote}}}"));
    cluster.ready(NAME).await;
    assert_eq!(actions(&cluster)[1], "Block");
    assert!(!own_calls(&cluster).contains(&"wafv2:UpdateWebACL".to_owned()));
    // Nor does a status that is lost let them through.
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.ready(NAME).await;
    assert_eq!(actions(&cluster)[1], "Block");
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_write_has_them_promoted_all_the_same() {
    for n in 1.. {
        let mut cluster = ready(SPEC).await;
        pass_by(&mut cluster, 2).await;
        cluster.cloud.clear_journal();
        cluster
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
        pass_by(&mut cluster, 1).await;
        let is_over = !super::scenes::struck(&cluster, Fault::CrashAfter);
        cluster.cloud.clear_faults();
        pass_by(&mut cluster, 1).await;
        cluster.ready(NAME).await;
        assert_eq!(actions(&cluster), ["None", "Block", "Block"], "at write {n}");
        if is_over {
            assert!(n > 1, "no write was made");
            break;
        }
    }
}
