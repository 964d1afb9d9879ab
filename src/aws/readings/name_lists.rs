//! Hosted zones with their records, apart from the inventory: read only for objects whose names have records there, or had.
//!
//! One reading of a zone serves all objects whose names are in it. Route 53's list shows what was written before it.

use super::shared::Each;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::{ErrorKind, NO_ANSWER};
use crate::aws::layers::patient::Patient;
use crate::aws::operations::Call;
use crate::domain::edge::conflict::Conflict;
use crate::domain::edge::hosted_zone::{Head, Record, Zone};
use crate::domain::edge::names::ZoneSeen;
use crate::domain::perimeter::observed::Observed;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The hosted zones of one account, and who has names of its distributions elsewhere.
pub struct NameLists {
    cloud: Arc<dyn Cloud>,
    zones: Each<Known>,
    conflicts: Each<Vec<Conflict>>,
}

/// What is known of one hosted zone.
#[derive(Default)]
struct Known {
    /// What the zone is never changes.
    head: Option<Head>,
    seen: Option<ZoneSeen>,
}

impl NameLists {
    /// Nothing was read yet.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>) -> Self {
        Self {
            cloud,
            zones: Each::default(),
            conflicts: Each::default(),
        }
    }

    /// Who has `alias`, or a name that overlaps with it, in whatever account, as CloudFront told at most `max_age` ago of the
    /// distribution `id` with that certificate: nobody, where it refuses to tell.
    ///
    /// # Errors
    /// What may soon be otherwise.
    pub async fn conflicts(
        &self,
        id: &str,
        certificate_arn: &str,
        alias: &str,
        max_age: Duration,
    ) -> Result<Vec<Conflict>, CloudError> {
        let asked = self.conflicts.of(&format!("{id} {certificate_arn} {alias}"));
        let wanted = [((), max_age)];
        let cloud = &Patient(self.cloud.as_ref());
        let read = |()| ask(cloud, id, alias);
        let take = |known: &mut Vec<Conflict>, parts: Vec<Vec<Conflict>>, _: Instant| {
            for found in parts {
                *known = found;
            }
        };
        asked.refresh(&wanted, read, take).await;
        let known = asked.known();
        let found = known.whole(&wanted)?.clone();
        Ok(found)
    }

    /// The hosted zone `id`, as it was at most `max_age` ago.
    ///
    /// # Errors
    /// When its records could not be read whole.
    pub async fn zone(&self, id: &str, max_age: Duration) -> Result<ZoneSeen, CloudError> {
        let zone = self.zones.of(id);
        let wanted = [((), max_age)];
        let cloud = &Patient(self.cloud.as_ref());
        let read = |()| {
            let head = zone.known().content.head.clone();
            read_zone(cloud, id, head)
        };
        zone.refresh(&wanted, read, Known::take).await;
        let known = zone.known();
        known.whole(&wanted)?.seen.clone().ok_or_else(|| {
            let operation = Call::GetHostedZone { id: id.to_owned() }.operation();
            CloudError::new(operation, NO_ANSWER, "the hosted zone was not read")
        })
    }

    /// Notes what a pass wrote, or read because a write was refused.
    pub fn note(&self, observed: &Observed) {
        let names = &observed.names;
        for id in &names.reread {
            if let Some(seen) = names.zones.get(id) {
                let zone = self.zones.of(id);
                let mut known = zone.known();
                known.content.seen = Some(seen.clone());
                known.was_read(());
            }
        }
        let others = names.written.iter().filter(|(id, _)| !names.reread.contains(id));
        for (id, changes) in others {
            if let Some(ZoneSeen::Found(zone)) = &mut self.zones.of(id).known().content.seen {
                Arc::make_mut(zone).apply(changes);
            }
        }
    }
}

impl Known {
    fn take(&mut self, parts: Vec<ZoneSeen>, _: Instant) {
        for seen in parts {
            self.head = match &seen {
                ZoneSeen::Found(zone) => Some(zone.head.clone()),
                ZoneSeen::Missing => None,
            };
            self.seen = Some(seen);
        }
    }
}

async fn ask(cloud: &dyn Cloud, id: &str, alias: &str) -> Result<Vec<Conflict>, CloudError> {
    let found = pages(
        |marker| cloud.list_domain_conflicts(id.to_owned(), alias.to_owned(), marker),
        Some,
    );
    match found.await {
        Err(error) if !matches!(error.kind, ErrorKind::Throttled | ErrorKind::Transient) => Ok(vec![]),
        found => found,
    }
}

/// Reads a hosted zone with its records; what the zone is only where that is not known.
///
/// # Errors
/// What AWS answered, but for "not found", which is an answer.
pub(in crate::aws) async fn read_zone(
    cloud: &dyn Cloud,
    id: &str,
    head: Option<Head>,
) -> Result<ZoneSeen, CloudError> {
    let read = async {
        let head = match head {
            Some(head) => head,
            None => cloud.get_hosted_zone(id.to_owned()).await?,
        };
        let records: Vec<Record> = pages(|marker| cloud.list_records(id.to_owned(), marker), Some).await?;
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
