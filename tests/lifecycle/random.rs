//! Many things go wrong at once, by chance: the seed is in the message, and `PALISADE_SEED` plays it again.

use super::scenes::{NAME, RICH, SHIELD, cluster, history, nothing_left, quiet, shape};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

const SEEDS: u64 = 40;
const FAULTS: &[Fault] = &[
    Fault::Throttle,
    Fault::ServerError,
    Fault::LostAnswer,
    Fault::LostRequest,
    Fault::ForeignWrite,
    Fault::TruncatedPage,
    Fault::CrashBefore,
    Fault::CrashAfter,
];

/// AWS, whose changes are seen sooner or later.
pub fn lagging(random: &mut fastrand::Rng) -> Settings {
    let mut up_to = |seconds: u64| Duration::from_secs(random.u64(..=seconds));
    Settings {
        list_lag: up_to(20),
        tag_lag: up_to(40),
        function_pending: up_to(10),
        role_propagation: up_to(15),
        waf_propagation: up_to(15),
        deployment_delay: up_to(120),
        ..Settings::default()
    }
}

/// A life: creation, changes in the middle of things, deletion.
async fn life(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut settings = lagging(&mut random);
    settings.replica_retention = Duration::from_secs(random.u64(..=1800));
    let chance = 0.02 + 0.13 * random.f64();
    let mut cluster = cluster(settings);
    cluster.cloud.seed_faults(seed);
    cluster.cloud.inject(Rule::random(Scope::Every, chance, FAULTS));
    let specs = [
        "",
        RICH,
        SHIELD,
        "access: {sigV4: {viewerAuthorization: Forward}}",
        "tags: {team: pets}",
    ];
    for _ in 0..3 {
        cluster.apply(NAME, specs[random.usize(..specs.len())]);
        for _ in 0..random.usize(..12) {
            let outcome = cluster.pass_surviving(NAME).await;
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(30))).await;
        }
    }
    let last = specs[random.usize(..specs.len())];
    cluster.apply(NAME, last);
    let ends_undisturbed = random.bool();
    if ends_undisturbed {
        cluster.settle_patiently(NAME).await;
        cluster.cloud.clear_faults();
        cluster.settle_patiently(NAME).await;
        let told = history(&cluster);
        quiet(&mut cluster, NAME).await;
        let kinds = shape(&cluster, NAME).len();
        assert_eq!(
            kinds,
            match last {
                RICH => 8,
                SHIELD => 7,
                _ => 4,
            },
            "{:#?}\n{}\n{}",
            shape(&cluster, NAME),
            cluster.story(NAME),
            told
        );
        cluster.cloud.inject(Rule::random(Scope::Every, chance, FAULTS));
    }
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[test]
fn a_life_in_which_anything_may_fail_ends_well() {
    let seeds = if let Ok(seed) = std::env::var("PALISADE_SEED") {
        vec![seed.parse().expect("PALISADE_SEED is a number")]
    } else {
        let seeds = std::env::var("PALISADE_SEEDS");
        let seeds = seeds.map_or(SEEDS, |seeds| seeds.parse().expect("PALISADE_SEEDS is a number"));
        (0..seeds).collect::<Vec<u64>>()
    };
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(life(seed))));
        if let Err(panic) = result {
            println!("PALISADE_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
}
