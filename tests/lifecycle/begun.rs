//! What many tests begin with, which is made once.

use super::scenes::{NAME, cluster, quiet};
use super::support::cluster::{Cluster, Saved};
use super::support::simulation::settings::Settings;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Clusters whose object is ready, by AWS's settings and the object's spec.
static READY: Mutex<BTreeMap<String, Saved>> = Mutex::new(BTreeMap::new());

/// A cluster whose object is ready, some time after: lists have caught up, and the journal is empty.
pub async fn ready(spec: &str) -> Cluster {
    ready_on(Settings::default(), spec).await
}

/// Like [`ready`], on such an AWS.
pub async fn ready_on(settings: Settings, spec: &str) -> Cluster {
    let key = format!("{settings:?} {spec}");
    let known = || READY.lock().unwrap().get(&key).map(Saved::cluster);
    if known().is_none() {
        let mut cluster = cluster(settings);
        cluster.apply(NAME, spec);
        cluster.ready(NAME).await;
        READY.lock().unwrap().insert(key.clone(), cluster.saved());
    }
    let mut cluster = known().unwrap();
    quiet(&mut cluster, NAME).await;
    cluster
}
