//! Hosted zones with their records, apart from the inventory: read only for objects whose names have records there, or had.
//!
//! One reading of a zone serves all objects whose names are in it. Route 53's list shows what was written before it.

use super::cloud::{Cloud, CloudError, pages};
use super::errors::ErrorKind;
use super::layers::patient::Patient;
use super::rest::Rest;
use crate::domain::edge::hosted_zone::{Head, Record, Zone};
use crate::domain::edge::names::ZoneSeen;
use crate::domain::perimeter::observed::Observed;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The hosted zones of one account.
pub struct NameLists {
    cloud: Arc<dyn Cloud>,
    state: Mutex<BTreeMap<String, Arc<Slot>>>,
}

/// One hosted zone.
#[derive(Default)]
struct Slot {
    /// Whoever holds it reads the zone; the others wait and share it.
    turn: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// What the zone is never changes.
    head: Option<Head>,
    seen: Option<(Instant, ZoneSeen)>,
    rest: Rest,
}

impl NameLists {
    /// Nothing was read yet.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>) -> Self {
        Self {
            cloud,
            state: Mutex::default(),
        }
    }

    /// The hosted zone `id`, as it was at most `max_age` ago.
    ///
    /// # Errors
    /// When its records could not be read whole.
    pub async fn zone(&self, id: &str, max_age: Duration) -> Result<ZoneSeen, CloudError> {
        let slot = self.slot(id);
        if let Some(seen) = slot.known().younger(max_age) {
            return Ok(seen);
        }
        let _turn = slot.turn.lock().await;
        let head = {
            let known = slot.known();
            if let Some(seen) = known.younger(max_age) {
                return Ok(seen);
            }
            known.rest.check()?;
            known.head.clone()
        };
        let began = Instant::now();
        let read = read_zone(&Patient(self.cloud.as_ref()), id, head).await;
        let mut known = slot.known();
        known.rest.note(read.as_ref().err());
        let seen = read?;
        known.head = match &seen {
            ZoneSeen::Found(zone) => Some(zone.head.clone()),
            ZoneSeen::Missing => None,
        };
        known.seen = Some((began, seen.clone()));
        Ok(seen)
    }

    /// Notes what a pass wrote, or read because a write was refused.
    pub fn note(&self, observed: &Observed) {
        let names = &observed.names;
        for id in &names.reread {
            if let Some(seen) = names.zones.get(id) {
                self.slot(id).known().seen = Some((Instant::now(), seen.clone()));
            }
        }
        let others = names.written.iter().filter(|(id, _)| !names.reread.contains(id));
        for (id, changes) in others {
            if let Some((_, ZoneSeen::Found(zone))) = &mut self.slot(id).known().seen {
                Arc::make_mut(zone).apply(changes);
            }
        }
    }

    fn slot(&self, id: &str) -> Arc<Slot> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(state.entry(id.to_owned()).or_default())
    }
}

impl Slot {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn younger(&self, max_age: Duration) -> Option<ZoneSeen> {
        let (since, seen) = self.seen.as_ref()?;
        (since.elapsed() <= max_age).then(|| seen.clone())
    }
}

/// Reads a hosted zone with its records; what the zone is only where that is not known.
///
/// # Errors
/// What AWS answered, but for "not found", which is an answer.
pub(super) async fn read_zone(
    cloud: &dyn Cloud,
    id: &str,
    head: Option<Head>,
) -> Result<ZoneSeen, CloudError> {
    let read = async {
        let head = match head {
            Some(head) => head,
            None => cloud.get_hosted_zone(id.to_owned()).await?,
        };
        let records: Vec<Record> = pages(
            |marker| cloud.list_records(id.to_owned(), marker),
            |record: Record| record.matters().then_some(record),
        )
        .await?;
        Ok::<_, CloudError>(ZoneSeen::Found(Arc::new(Zone::new(head, records))))
    };
    match read.await {
        Err(CloudError {
            kind: ErrorKind::NotFound,
            ..
        }) => Ok(ZoneSeen::Missing),
        read => read,
    }
}
