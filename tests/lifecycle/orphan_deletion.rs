//! What a vanished object left goes because a person asked for that, and stays as soon as anything speaks against it. What there is in
//! AWS tells, never what is said of it.

use super::scenes::{NAME, NAMES, SHIELD, history, hours, nothing_left, ready};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::{Kind, Resource};
use jiff::{SignedDuration, Timestamp};
use palisade::api::OrphanStatus;
use palisade::controller::engine::orphan_deletion::{Asked, Progress};
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::{TAG_CLUSTER, TAG_CONDEMNED};
use palisade::domain::perimeter::orphan_deletion::Kept;
use palisade::domain::perimeter::unowned::Alive;
use palisade::domain::status::orphans::orphans;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// So long it must have been listed.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);

/// A web ACL with all that hangs on it.
const PARTS: &str = r"
webAcl:
  allowCidrs: [192.0.2.0/24]
  blockCidrs: [203.0.113.9/32]
  logging: {destinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-petstore'}
";

/// What status knows of a wish.
#[derive(Default)]
struct Wish {
    uid: String,
    known: Vec<OrphanStatus>,
    begun: Option<(Timestamp, Vec<String>)>,
}

impl Wish {
    /// One pass: what came of it is remembered as status does.
    async fn pass(
        &mut self,
        cluster: &mut Cluster,
        claimants: impl Fn() -> Vec<String> + Send + Sync,
    ) -> Progress {
        let now = cluster.now();
        let begun = self
            .begun
            .as_ref()
            .map(|(since, parts)| (*since, parts.as_slice()));
        let asked = Asked {
            uid: &self.uid,
            sees_all: true,
            known: &self.known,
            begun,
            settled_after: SETTLED,
            now,
        };
        let progress = Box::pin(cluster.engine.delete_orphan(&asked, claimants)).await;
        if cluster.cloud.crashed() {
            // Nothing is written by a process that died.
            cluster.restart();
            return Progress::Awaits("another process".to_owned(), Duration::from_secs(1));
        }
        if let Progress::Agreed(parts) = &progress {
            self.begun = Some((now, parts.clone()));
        }
        progress
    }

    /// Passes until it is over: why it stays, where it does.
    async fn over(&mut self, cluster: &mut Cluster) -> Result<(), Kept> {
        let mut last = String::new();
        for _ in 0..60 {
            let progress = self.pass(cluster, Vec::new).await;
            last = format!("{progress:?}");
            match progress {
                Progress::Gone => return Ok(()),
                Progress::Kept(kept) => return Err(kept),
                Progress::Agreed(_) => {}
                Progress::Awaits(_, again) => tokio::time::sleep(again).await,
                Progress::Failed(_) => tokio::time::sleep(Duration::from_mins(1)).await,
            }
        }
        panic!("it is never over: {last}\n{}", history(cluster));
    }
}

/// The perimeter of an object that is gone from Kubernetes alone, seen so for an hour, and switched off by somebody or not.
async fn orphaned(spec: &str, is_enabled: bool) -> (Cluster, Wish) {
    let mut cluster = ready(spec).await;
    let uid = cluster.uid(NAME);
    cluster.objects.remove(NAME);
    cluster.restart();
    if !is_enabled {
        cluster.cloud.disable_distribution(&distribution(&cluster).id);
    }
    hours(1).await;
    cluster.engine.leftovers(Alive::default).await.expect("a count");
    let unowned = cluster.engine.unowned().expect("a count");
    let (known, _) = orphans(&unowned, &[], cluster.now());
    hours(1).await;
    cluster.cloud.clear_journal();
    let wish = Wish {
        uid,
        known,
        begun: None,
    };
    (cluster, wish)
}

/// The one that stands, which no object owns.
fn distribution(cluster: &Cluster) -> Resource {
    let mut all = cluster.cloud.resources().into_iter();
    let found = all.find(|found| found.kind == Kind::Distribution);
    found.unwrap_or_else(|| panic!("none\n{}", history(cluster)))
}

/// All that stands but for what the sweeper deletes.
fn standing(cluster: &Cluster) -> BTreeSet<String> {
    let all = cluster.cloud.resources().into_iter();
    let all = all.filter(|found| !found.tags.contains_key(TAG_CONDEMNED));
    all.map(|found| found.arn).collect()
}

fn wrote_nothing(cluster: &Cluster) {
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{}", history(cluster));
}

#[tokio::test(start_paused = true)]
async fn what_serves_nobody_goes_whole_and_the_sweeper_finishes_it() {
    for spec in ["", PARTS, SHIELD] {
        let (mut cluster, mut wish) = orphaned(spec, false).await;
        assert_eq!(
            wish.over(&mut cluster).await,
            Ok(()),
            "{spec}\n{}",
            history(&cluster)
        );
        assert_eq!(
            standing(&cluster),
            BTreeSet::new(),
            "{spec}\n{}",
            history(&cluster)
        );
        cluster.sweep().await;
        nothing_left(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_before_it_is_known_to_have_begun() {
    let (mut cluster, mut wish) = orphaned("", false).await;
    let progress = wish.pass(&mut cluster, Vec::new).await;
    assert!(matches!(progress, Progress::Agreed(_)), "{progress:?}");
    wrote_nothing(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_is_gone_on_from_and_nothing_is_left() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter] {
        for n in 1.. {
            let (mut cluster, mut wish) = orphaned("", false).await;
            cluster.cloud.inject(Rule::nth(Scope::Every, n, fault));
            let before = cluster.cloud.journal().entries.len();
            assert_eq!(
                wish.over(&mut cluster).await,
                Ok(()),
                "{fault:?} {n}\n{}",
                history(&cluster)
            );
            assert_eq!(
                standing(&cluster),
                BTreeSet::new(),
                "{fault:?} {n}\n{}",
                history(&cluster)
            );
            if cluster.cloud.journal().entries.len() - before < n {
                assert!(n > 10, "only {n} calls");
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_serves_viewers_or_is_named_by_dns_stays_and_nothing_is_written() {
    let (mut cluster, mut wish) = orphaned("", true).await;
    let id = distribution(&cluster).id;
    assert_eq!(wish.over(&mut cluster).await, Err(Kept::Serves(id)));
    wrote_nothing(&cluster);
    let (mut cluster, mut wish) = orphaned(NAMES, false).await;
    let kept = wish.over(&mut cluster).await.expect_err("it stays");
    assert!(matches!(kept, Kept::Named(..)), "{kept:?}");
    wrote_nothing(&cluster);
}

#[tokio::test(start_paused = true)]
async fn what_bears_the_tags_of_another_cluster_stays() {
    let (mut cluster, mut wish) = orphaned("", false).await;
    let found = distribution(&cluster);
    let mut tags = found.tags.clone();
    tags.insert(TAG_CLUSTER.to_owned(), "another".to_owned());
    cluster.cloud.set_tags(&found.arn, &tags);
    let before = standing(&cluster);
    assert!(wish.over(&mut cluster).await.is_err());
    assert_eq!(standing(&cluster), before);
    wrote_nothing(&cluster);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_comes_back_stops_it_before_the_next_call_whenever_that_is() {
    let mut stopped = 0;
    for n in 1..40 {
        let (mut cluster, mut wish) = orphaned(PARTS, false).await;
        let asked = AtomicUsize::new(0);
        let came_back = || asked.load(Ordering::Relaxed) >= n;
        let mut after = None;
        for _ in 0..60 {
            let cloud = std::sync::Arc::clone(&cluster.cloud);
            let seen = std::sync::Mutex::new(None);
            let claimants = || {
                if asked.fetch_add(1, Ordering::Relaxed) + 1 < n {
                    return vec![];
                }
                seen.lock()
                    .expect("no panic")
                    .get_or_insert_with(|| cloud.journal().writes().len());
                vec!["ProtectedApi shop/petstore".to_owned()]
            };
            let progress = wish.pass(&mut cluster, claimants).await;
            if came_back() {
                assert!(
                    matches!(progress, Progress::Kept(Kept::Claimed(_))),
                    "{n}: {progress:?}"
                );
                after = seen.into_inner().expect("no panic");
                break;
            }
            match progress {
                Progress::Gone => break,
                Progress::Awaits(_, again) => tokio::time::sleep(again).await,
                _ => {}
            }
        }
        let Some(writes) = after else { break };
        stopped += 1;
        // Nothing was written once it was known.
        assert_eq!(
            cluster.cloud.journal().writes().len(),
            writes,
            "{n}\n{}",
            history(&cluster)
        );
    }
    assert!(stopped > 5, "{stopped}");
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_is_enabled_in_the_meantime_is_not_switched_off() {
    for n in 2..5 {
        let (mut cluster, mut wish) = orphaned("", false).await;
        wish.pass(&mut cluster, Vec::new).await;
        let found = distribution(&cluster);
        let (cloud, asked) = (std::sync::Arc::clone(&cluster.cloud), AtomicUsize::new(0));
        let claimants = || {
            let is_there = || cloud.resources().iter().any(|other| other.arn == found.arn);
            if asked.fetch_add(1, Ordering::Relaxed) + 1 == n && is_there() {
                let enabled = xml::text("Enabled", "true");
                cloud.edit_distribution(&found.id, |config| xml::put(config, enabled, &[]));
            }
            vec![]
        };
        let progress = wish.pass(&mut cluster, claimants).await;
        if asked.load(Ordering::Relaxed) < n {
            continue;
        }
        let still = cluster
            .cloud
            .resources()
            .into_iter()
            .any(|other| other.arn == found.arn);
        if still {
            let config = cluster.cloud.config_of(&found.id);
            assert_eq!(
                xml::text_at(&config, "Enabled").as_deref(),
                Some("true"),
                "{n}: {progress:?}"
            );
        } else {
            // It was gone before.
            assert!(n > 2, "{}", history(&cluster));
        }
    }
}
