//! Hours pass, with a look at the object in each.

use super::scenes::{NAME, hours};
use super::support::cluster::Cluster;
use palisade::controller::events::{EventNote, of_pass};

/// An hour, and a pass that a crash may end; what is told of it for reasons that begin so.
pub async fn an_hour(cluster: &mut Cluster, reasons: &str) -> Vec<EventNote> {
    hours(1).await;
    let before = cluster.objects[NAME].clone();
    let outcome = cluster.pass_surviving(NAME).await;
    let notes = of_pass::notes(&before, &outcome).into_iter();
    notes
        .filter(|note| note.reason.as_str().starts_with(reasons))
        .collect()
}

/// So many hours, each with what follows from its look; what is told of rules that count first.
pub async fn pass_by(cluster: &mut Cluster, times: u64) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..times {
        let notes = an_hour(cluster, "Rule").await.into_iter();
        told.extend(notes.map(|note| format!("{}: {}", note.reason, note.note)));
        cluster.settle(NAME).await;
    }
    told
}
