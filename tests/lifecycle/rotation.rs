//! A secret value is replaced, over crashes; and what somebody does to keys and authorizers by hand is mended.

use super::scenes::{HEADER, KEY, NAME, cluster, found, pair, quiet, ready, ready_on, resyncs, values};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::api::ROTATE;
use palisade::aws::operations::Call;

const REGION: &str = "eu-north-1";

/// (id, name) of the object's resources whose names end so.
fn named(cluster: &Cluster, end: &str) -> Vec<(String, String)> {
    let all = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    all.filter(|found| found.name.ends_with(end))
        .map(|found| (found.id, found.name))
        .collect()
}

/// Whether viewers get through is looked at from now on: what was done by hand is mended.
async fn mended(cluster: &mut Cluster) {
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    cluster.watch();
    quiet(cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_write_of_a_rotation_shuts_no_viewer_out_and_leaves_one_value() {
    for mode in [KEY, HEADER] {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let mut cases = 0;
            for n in 1.. {
                let mut cluster = ready(mode).await;
                let before = values(&cluster);
                cluster.cloud.inject(Rule::nth(Scope::Writes, n, fault));
                cluster.annotate(NAME, ROTATE, "now");
                cluster.settle_patiently(NAME).await;
                let case = format!("{mode}: {fault:?} at write {n}");
                if cluster.cloud.journal().writes().len() < n {
                    break;
                }
                cluster.cloud.clear_faults();
                quiet(&mut cluster, NAME).await;
                let after = values(&cluster);
                assert_eq!(after.len(), 1, "{case}");
                assert_ne!(after, before, "{case}");
                let keys =
                    named(&cluster, "-0").len() + named(&cluster, "-1").len() + named(&cluster, "-2").len();
                assert_eq!(keys, usize::from(mode == KEY), "{case}: keys");
                cases += 1;
            }
            assert!(cases > 3, "{mode}, {fault:?}: {cases}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_deleted_by_hand_is_made_again_with_the_value_that_cloudfront_sends() {
    let mut cluster = ready(KEY).await;
    let before = values(&cluster);
    cluster.invariants = None;
    let (id, _) = named(&cluster, "-0").remove(0);
    let region = REGION.to_owned();
    cluster
        .cloud
        .as_somebody(Call::DeleteApiKey { region, id })
        .unwrap();
    mended(&mut cluster).await;
    assert_eq!(values(&cluster), before, "no deployment was needed");
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_tags_no_list_shows_is_ours_all_the_same() {
    let settings = Settings {
        key_lists_lack_tags: true,
        ..Settings::default()
    };
    let mut cluster = ready_on(settings, KEY).await;
    resyncs(&mut cluster, 8).await;
    assert_eq!(
        cluster.condition(NAME, "Ready"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    let journal = cluster.cloud.journal();
    assert_eq!(
        (journal.count("CreateApiKey"), journal.count("CreateUsagePlan")),
        (0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_switched_off_by_hand_gives_way_to_another() {
    let mut cluster = ready(KEY).await;
    let before = values(&cluster);
    cluster.invariants = None;
    let (id, _) = named(&cluster, "-0").remove(0);
    cluster.cloud.enable_api_key(&id, false);
    mended(&mut cluster).await;
    assert_ne!(values(&cluster), before);
    assert_eq!((named(&cluster, "-0").len(), named(&cluster, "-1").len()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn an_authorizers_function_deleted_by_hand_is_made_again_and_knows_the_value() {
    let mut cluster = ready(HEADER).await;
    let before = values(&cluster);
    cluster.invariants = None;
    let (_, name) = named(&cluster, "-auth").remove(0);
    cluster.cloud.remove_function(&name);
    mended(&mut cluster).await;
    assert_eq!(values(&cluster), before, "no deployment was needed");
}

#[tokio::test(start_paused = true)]
async fn an_authorizers_function_edited_by_hand_is_what_it_was_within_the_hour() {
    let mut cluster = ready(HEADER).await;
    let before = values(&cluster);
    cluster.invariants = None;
    let (_, name) = named(&cluster, "-auth").remove(0);
    cluster
        .cloud
        .edit_function(&name, |settings| settings.timeout = 1);
    resyncs(&mut cluster, 7).await;
    mended(&mut cluster).await;
    assert_eq!(values(&cluster), before);
}

/// Looks at the object again and again, for that long: nothing is ready where nothing can be proven.
async fn minutes(cluster: &mut Cluster, count: u32) {
    for _ in 0..4 * count {
        cluster.pass(NAME).await;
        tokio::time::sleep(std::time::Duration::from_secs(15)).await;
    }
}

/// It is locked as read, and nothing is called proven of what answers past the perimeter.
fn is_locked_unproven(cluster: &Cluster, case: &str) {
    let story = cluster.story(NAME);
    assert_eq!(
        found(cluster, "AccessRestricted"),
        pair("True", "Locked"),
        "{case}\n{story}"
    );
    let untold = pair("Unknown", "ProbeOnPrivateNetwork");
    assert_eq!(found(cluster, "DirectAccessBlocked"), untold, "{case}\n{story}");
}

/// A cluster from which the API's name leads to a private address.
async fn on_a_private_network(spec: &str) -> Cluster {
    let mut cluster = cluster(Settings {
        probe_address: Some("10.0.3.17".parse().unwrap()),
        // As a VPC endpoint answers, whoever asks.
        refused_from_here: Some("ForbiddenException"),
        ..Settings::default()
    });
    cluster.apply(NAME, spec);
    minutes(&mut cluster, 20).await;
    is_locked_unproven(&cluster, spec);
    cluster
}

#[tokio::test(start_paused = true)]
async fn a_rotation_on_a_private_network_ends_by_what_is_read_after_a_time_and_nothing_is_called_proven() {
    for mode in [KEY, HEADER] {
        let mut cluster = on_a_private_network(mode).await;
        let before = values(&cluster);
        cluster.annotate(NAME, ROTATE, "now");
        minutes(&mut cluster, 1).await;
        let said = cluster.message(NAME, "Reconciling");
        assert!(
            said.contains("private address 10.0.3.17") && said.contains("no probe from here can prove"),
            "{mode}: {}",
            cluster.story(NAME)
        );
        assert_eq!(
            values(&cluster),
            before,
            "{mode}: too early\n{}",
            cluster.story(NAME)
        );
        minutes(&mut cluster, 20).await;
        assert_ne!(values(&cluster), before, "{mode}\n{}", cluster.story(NAME));
        let keys = named(&cluster, "-0").len() + named(&cluster, "-1").len();
        assert_eq!(
            (values(&cluster).len(), keys),
            (1, usize::from(mode == KEY)),
            "{mode}"
        );
        is_locked_unproven(&cluster, mode);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_mode_on_a_private_network_is_not_put_back_for_what_the_private_address_answers() {
    for (before, after) in [("", KEY), ("", HEADER), (KEY, HEADER), (HEADER, "")] {
        let mut cluster = on_a_private_network(before).await;
        cluster.apply(NAME, after);
        minutes(&mut cluster, 30).await;
        is_locked_unproven(&cluster, &format!("{before} to {after}"));
        let served = cluster.cloud.served("a1b2c3d4e5", "prod", "GET /pets").unwrap();
        let wanted = [("", "AWS_IAM"), (KEY, "NONE"), (HEADER, "CUSTOM")];
        let wanted = wanted.iter().find(|(mode, _)| *mode == after).unwrap().1;
        assert_eq!(
            (served.kind.as_str(), served.api_key_required),
            (wanted, after == KEY)
        );
    }
}
