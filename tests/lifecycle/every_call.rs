//! A request played again and again, with a fault at another call each time.

use super::scenes::{NAME, cluster, nothing_left, quiet, ready_on, shape, struck};
use super::support::cluster::{BACKOFF, Cluster, Saved};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::journal::Entry;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::OperationClass;
use std::collections::BTreeMap;
use std::time::Duration;

/// What somebody asks for, in an account in a known state.
pub struct Scene {
    pub before: Option<&'static str>,
    /// `None`: the object is deleted.
    pub after: Option<&'static str>,
}

impl Scene {
    /// The state before the request.
    async fn set(&self) -> Cluster {
        match self.before {
            Some(spec) => ready_on(settings(), spec).await,
            None => cluster(settings()),
        }
    }

    /// Makes the request, and waits until it is granted.
    async fn play(&self, cluster: &mut Cluster) {
        match self.after {
            Some(spec) => cluster.apply(NAME, spec),
            None => cluster.begin_deletion(NAME),
        }
        self.finish(cluster).await;
    }

    /// Waits until what was asked for is granted.
    async fn finish(&self, cluster: &mut Cluster) {
        if self.after.is_some() {
            return cluster.ready(NAME).await;
        }
        cluster.gone(NAME).await;
        cluster.sweep().await;
    }

    /// Plays the scene once undisturbed; answers the cluster at the end, which has recorded the calls on the way.
    async fn undisturbed(&self) -> Cluster {
        let mut cluster = self.set().await;
        cluster.record();
        self.play(&mut cluster).await;
        cluster
    }

    fn standing(&self, cluster: &Cluster) -> Vec<(Kind, String)> {
        if self.after.is_some() {
            alike(shape(cluster, NAME))
        } else {
            vec![]
        }
    }

    /// Plays the scene once for each call of it and each of `faults`, which strikes at that call.
    pub async fn with_each(&self, scope: Scope, faults: &[Fault]) {
        let wanted = self.standing(&self.undisturbed().await);
        for &fault in faults {
            let mut cases = 0;
            for n in 1.. {
                let mut cluster = self.set().await;
                cluster.cloud.inject(Rule::nth(scope, n, fault));
                self.play(&mut cluster).await;
                if calls_of(&cluster, scope) < n {
                    break;
                }
                if struck(&cluster, fault) {
                    self.check(&mut cluster, &wanted, &format!("{fault:?} at call {n}"))
                        .await;
                    cases += 1;
                }
            }
            assert!(cases > 1, "{fault:?} struck only {cases} times");
        }
    }

    /// From each moment of the scene that may matter, at whose first call the process dies, another one goes on. Before any later call
    /// of a moment AWS and the object are what they were before the first one, or after the last write, and nothing else is remembered.
    pub async fn with_each_crash_before(&self) {
        let undisturbed = self.undisturbed().await;
        let deaths = before_moments(&undisturbed);
        // All of a short scene may happen in one moment.
        assert!(!deaths.is_empty(), "no calls");
        for (n, death) in deaths {
            self.go_on(&undisturbed, &death, &format!("a crash before call {n}"))
                .await;
        }
    }

    /// The process dies after each write, before it learns the answer, and another one goes on.
    pub async fn with_each_crash_after_write(&self) {
        let undisturbed = self.undisturbed().await;
        let deaths = undisturbed.deaths_after_writes();
        assert!(deaths.len() > 1, "{} writes", deaths.len());
        for (write, death) in (1..).zip(&deaths) {
            self.go_on(&undisturbed, death, &format!("a crash after write {write}"))
                .await;
        }
    }

    /// Another process, where one died; at the end all is as if nobody had died.
    async fn go_on(&self, undisturbed: &Cluster, death: &Saved, case: &str) {
        let mut cluster = death.cluster();
        tokio::time::sleep(BACKOFF).await;
        self.finish(&mut cluster).await;
        self.check(&mut cluster, &self.standing(undisturbed), case).await;
    }

    async fn check(&self, cluster: &mut Cluster, wanted: &[(Kind, String)], case: &str) {
        cluster.cloud.clear_faults();
        // What follows fails without naming the case.
        println!("{case}");
        if self.after.is_none() {
            return nothing_left(cluster);
        }
        // An import whose answer was lost left one that nothing shows: it goes once the list of tags, which serves for minutes, has it.
        let mut standing = self.standing(cluster);
        standing.dedup_by(|later, earlier| later == earlier && later.1 == CLIENT);
        assert_eq!(standing, wanted, "{case}");
        quiet(cluster, NAME).await;
        assert_eq!(self.standing(cluster), wanted, "{case}, later");
    }
}

/// What a process finds that starts where another one died before a call of a scene that may matter, with the call's number.
pub fn before_moments(undisturbed: &Cluster) -> Vec<(usize, Saved)> {
    let calls = undisturbed.cloud.journal().entries;
    let moments = moments(&calls[calls.len() - undisturbed.calls_recorded()..]).into_iter();
    moments.map(|n| (n, undisturbed.death_before(n))).collect()
}

/// The first call of each moment, counted from 1: of those between two writes the first two and the last. The polls between them see
/// the same.
fn moments(calls: &[Entry]) -> Vec<usize> {
    let (mut writes, mut moment) = (0, None);
    let mut between: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (n, call) in (1..).zip(calls) {
        if moment.replace(call.at) != Some(call.at) {
            between.entry(writes).or_default().push(n);
        }
        writes += usize::from(call.operation.class.is_write());
    }
    let kept = between.into_values().flat_map(|mut moments| {
        if moments.len() > 3 {
            moments.drain(2..moments.len() - 1);
        }
        moments
    });
    kept.collect()
}

/// A client certificate, whichever.
const CLIENT: &str = "client";

/// What stands, without what is another each time: the serial numbers of client certificates.
fn alike(shape: Vec<(Kind, String)>) -> Vec<(Kind, String)> {
    let named = |name: String| {
        if name.starts_with("client ") {
            CLIENT.to_owned()
        } else {
            name
        }
    };
    let mut shape: Vec<_> = shape
        .into_iter()
        .map(|(kind, name)| (kind, named(name)))
        .collect();
    shape.sort();
    shape
}

/// AWS as it is, but sooner: a poll more makes a case more, and shows nothing new.
fn settings() -> Settings {
    Settings {
        deployment_delay: Duration::from_secs(40),
        replica_retention: Duration::from_mins(15),
        ..Settings::default()
    }
}

fn calls_of(cluster: &Cluster, scope: Scope) -> usize {
    let journal = cluster.cloud.journal();
    match scope {
        Scope::Writes => journal.writes().len(),
        Scope::Lists => journal
            .entries
            .iter()
            .filter(|entry| entry.operation.class == OperationClass::List)
            .count(),
        _ => journal.len(),
    }
}
