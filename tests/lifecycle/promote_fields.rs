//! The AntiDDoS group, countries and refused addresses count first where their fields say so.

use super::hourly::pass_by;
use super::scenes::{NAME, own_calls, ready, rule};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::waf::samples::Matching;
use palisade::api::PromotionState;
use palisade::domain::status::class_plan::ComesTo;
use std::time::Duration;

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
}

#[tokio::test(start_paused = true)]
async fn what_is_edited_of_countries_and_of_the_group_that_refuse_lets_nobody_through() {
    let mut cluster = promoted().await;
    let edited = SPEC
        .replace("[KP]", "[KP, SY]")
        .replace("antiDdos: {", "antiDdos: {sensitivity: High, ");
    assert_ne!(edited, SPEC);
    cluster.apply(NAME, &edited);
    for _ in 0..20 {
        cluster.pass_surviving(NAME).await;
        assert_eq!(
            actions(&cluster),
            ["None", "Block", "Block"],
            "{}",
            cluster.story(NAME)
        );
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    cluster.ready(NAME).await;
    let countries = rule(&cluster, COUNTRIES)["Statement"].to_string();
    assert!(countries.contains("SY"), "{countries}");
    assert!(
        ALL.iter()
            .all(|name| state(&cluster, name) == Some(PromotionState::Promoted))
    );
}

#[tokio::test(start_paused = true)]
async fn countries_and_the_group_that_refuse_go_on_where_promote_is_added_and_where_status_is_lost_then() {
    const PLAIN: &str = "webAcl: {antiDdos: {}, countries: {block: [KP]}";
    let mut cluster = ready(&format!("{PLAIN}}}")).await;
    let of = |cluster: &Cluster| {
        let [group, _, countries] = actions(cluster);
        [group, countries]
    };
    assert_eq!(of(&cluster), ["None", "Block"]);
    cluster.cloud.clear_journal();
    let promote = "promote: {from: Count, after: 3h, maxMatches: 0}";
    let promoting = PLAIN
        .replace("{}", &format!("{{{promote}}}"))
        .replace("[KP]", &format!("[KP], {promote}"));
    cluster.apply(NAME, &format!("{promoting}}}"));
    cluster.ready(NAME).await;
    assert_eq!(of(&cluster), ["None", "Block"]);
    assert!(!own_calls(&cluster).contains(&"wafv2:UpdateWebACL".to_owned()));
    // Nor where the countries become others in the very edit that adds it.
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.apply(NAME, &format!("{}}}", promoting.replace("[KP]", "[KP, SY]")));
    cluster.ready(NAME).await;
    assert_eq!(of(&cluster), ["None", "Block"]);
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

#[tokio::test(start_paused = true)]
async fn a_plan_of_a_class_shows_no_change_where_promote_is_added_to_what_blocks_and_one_where_a_limit_is_another()
 {
    const PLAIN: &str = "webAcl: {antiDdos: {}, countries: {block: [KP]}, blockCidrs: [192.0.2.0/24], rateLimits: [{name: per-ip, limit: \
                         2000, scope: {cidrs: [192.0.2.0/24]}}]}";
    let promote = "promote: {from: Count, after: 3h, maxMatches: 0}";
    let promoting = PLAIN
        .replace("antiDdos: {}", &format!("antiDdos: {{{promote}}}"))
        .replace("[KP]", &format!("[KP], {promote}"))
        .replace(
            "rateLimits",
            "blockCidrsPromote: {from: Count, after: 3h, maxMatches: 0}, rateLimits",
        )
        .replace("limit: 2000", &format!("limit: 2000, {promote}"));
    let mut cluster = ready(PLAIN).await;
    let object = cluster.objects[NAME].clone();
    cluster.cloud.clear_journal();
    let mut steps = |spec: &str| {
        cluster.apply(NAME, spec);
        match cluster
            .engine
            .change(&object, &cluster.objects[NAME].spec)
            .comes_to
        {
            ComesTo::Steps(steps) => steps,
            ComesTo::Refused(_, why) | ComesTo::Unknown(_, why) => panic!("{why}"),
        }
    };
    let none = steps(&promoting);
    assert!(none.is_empty(), "{none:?}");
    let one = steps(&promoting.replace("limit: 2000", "limit: 100"));
    assert_eq!(one.len(), 1, "{one:?}");
    assert!(
        one[0]
            .changes
            .iter()
            .all(|change| change.path.starts_with("rules.rate-per-ip")),
        "{one:?}"
    );
    assert_eq!(cluster.cloud.journal().len(), 0, "AWS was asked");
}
