//! A secret value is replaced, over crashes; and what somebody does to keys and authorizers by hand is mended.

use super::scenes::{HEADER, KEY, NAME, quiet, ready, values};
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
    let mut cluster = super::scenes::ready_on(settings, "access: {mode: ApiKey}").await;
    for _ in 0..8 {
        cluster.resync(NAME).await;
    }
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
    for _ in 0..7 {
        cluster.resync(NAME).await;
    }
    mended(&mut cluster).await;
    assert_eq!(values(&cluster), before);
}
