//! The process dies before and after every call to AWS, and the next one finishes what it began.

use super::scenes::{NAME, RICH, quiet, ready, shape, struck};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;

/// What somebody asks for, in an account in a known state.
struct Scene {
    before: Option<&'static str>,
    /// `None`: the object is deleted.
    after: Option<&'static str>,
}

impl Scene {
    /// The state before the request.
    async fn set(&self) -> Cluster {
        match self.before {
            Some(spec) => ready(spec).await,
            None => super::scenes::cluster(),
        }
    }

    /// Makes the request, and waits until it is granted.
    async fn play(&self, cluster: &mut Cluster) {
        match self.after {
            Some(spec) => {
                cluster.apply(NAME, spec);
                cluster.ready(NAME).await;
            }
            None => cluster.delete(NAME).await,
        }
    }

    /// Plays the scene once undisturbed; answers what stands at the end and how many calls of `scope` it takes.
    async fn undisturbed(&self) -> (Vec<(Kind, String)>, usize) {
        let mut cluster = self.set().await;
        self.play(&mut cluster).await;
        let calls = cluster.cloud.journal().len();
        (self.standing(&cluster), calls)
    }

    fn standing(&self, cluster: &Cluster) -> Vec<(Kind, String)> {
        if self.after.is_some() {
            shape(cluster, NAME)
        } else {
            vec![]
        }
    }

    /// Plays the scene once for each call of it and each of `faults`, which strikes at that call.
    async fn with_each(&self, scope: Scope, faults: &[Fault]) {
        let (wanted, calls) = self.undisturbed().await;
        assert!(calls > 5, "the scene makes {calls} calls");
        for &fault in faults {
            let mut n = 1;
            loop {
                let mut cluster = self.set().await;
                cluster.cloud.inject(Rule::nth(scope, n, fault));
                self.play(&mut cluster).await;
                if !struck(&cluster, fault) {
                    break;
                }
                self.check(&mut cluster, &wanted, &format!("{fault:?} at call {n}"))
                    .await;
                n += 1;
            }
            assert!(n > 5, "{fault:?} struck only {} times", n - 1);
        }
    }

    async fn check(&self, cluster: &mut Cluster, wanted: &[(Kind, String)], case: &str) {
        cluster.cloud.clear_faults();
        if self.after.is_none() {
            assert!(
                cluster.cloud.resources().is_empty(),
                "{case}: left over: {:#?}",
                cluster.cloud.resources()
            );
            return;
        }
        assert_eq!(self.standing(cluster), wanted, "{case}");
        println!("{case}");
        quiet(cluster, NAME).await;
    }
}

const CRASHES: &[Fault] = &[Fault::CrashBefore, Fault::CrashAfter];

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_creation() {
    Scene {
        before: None,
        after: Some(""),
    }
    .with_each(Scope::Every, CRASHES)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_rich_creation() {
    Scene {
        before: None,
        after: Some(RICH),
    }
    .with_each(Scope::Every, CRASHES)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_an_upgrade_of_the_signer() {
    let after = Some("access: {sigV4: {viewerAuthorization: Forward}}");
    Scene {
        before: Some(""),
        after,
    }
    .with_each(Scope::Every, CRASHES)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_change_of_everything() {
    Scene {
        before: Some(""),
        after: Some(RICH),
    }
    .with_each(Scope::Every, CRASHES)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_change_back_to_the_baseline() {
    Scene {
        before: Some(RICH),
        after: Some(""),
    }
    .with_each(Scope::Every, CRASHES)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_deletion() {
    Scene {
        before: Some(""),
        after: None,
    }
    .with_each(Scope::Every, CRASHES)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_rich_deletion() {
    Scene {
        before: Some(RICH),
        after: None,
    }
    .with_each(Scope::Every, CRASHES)
    .await;
}
