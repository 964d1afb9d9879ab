//! Tags of a Region's certificates and custom domain names, for objects of the mode MutualTls: read once for all objects of the Region.
//!
//! What we wrote since is laid over them for a while: the list lags behind writes.

use super::kept::{Kept, forget, known, lay};
use super::shared::Each;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::identity::Tags;
use crate::domain::mutual_tls::origin_domain::arn_of;
use crate::domain::perimeter::observed::Observed;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Tags by ARN.
pub type Rows = BTreeMap<String, Tags>;

/// What an ARN of a custom domain name has before the name.
const DOMAIN_NAMES: &str = "::/domainnames/";

/// The tags of each Region that was asked for.
#[derive(Default)]
pub struct RegionTags(Each<Known>);

/// What is known of one Region.
#[derive(Default)]
struct Known {
    rows: Arc<Rows>,
    notes: Kept<Tags>,
}

impl RegionTags {
    /// The tags in `region`, at most `max_age` old. Whoever comes while they are read waits and shares them.
    ///
    /// # Errors
    /// The list could not be read, now or a moment ago.
    pub async fn of(
        &self,
        cloud: &dyn Cloud,
        clusters: &[String],
        region: &str,
        max_age: Duration,
    ) -> Result<Arc<Rows>, CloudError> {
        let shared = self.0.of(region);
        let wanted = [((), max_age)];
        let read = |()| read(cloud, clusters, region);
        shared.refresh(&wanted, read, Known::take).await;
        let known = shared.known();
        Ok(Arc::clone(&known.whole(&wanted)?.rows))
    }

    /// All are to be read anew.
    pub fn forget(&self) {
        for (_, shared) in self.0.all() {
            shared.known().forget(());
        }
    }

    /// Notes what a pass wrote or read in full.
    pub fn note(&self, observed: &Observed) {
        let seen = &observed.mutual_tls;
        for (arn, tags) in &observed.tagged {
            self.note_one(arn, Some(tags.clone()));
        }
        for (arn, certificate) in &seen.origin_certificates {
            if let Some(tags) = known(certificate, |found| found.tags.clone()) {
                self.note_one(arn, tags);
            }
        }
        let tags = known(&seen.domain, |found| found.tags.clone());
        if let (Some(declared), Some(tags)) = (&seen.declared, tags) {
            self.note_one(&arn_of(declared), tags);
        }
    }

    /// Only of what the list shows.
    fn note_one(&self, arn: &str, tags: Option<Tags>) {
        let is_shown = arn.contains(":certificate/") || arn.contains(DOMAIN_NAMES);
        let Some(of) = Arn::of(arn).filter(|_| is_shown) else {
            return;
        };
        let shared = self.0.of(of.region);
        let mut known = shared.known();
        let Known { rows, notes, .. } = &mut known.content;
        let now = Instant::now();
        forget(notes, now);
        notes.insert(arn.to_owned(), (now, tags));
        lay(notes, Arc::make_mut(rows));
    }
}

impl Known {
    /// A list may lag behind what was written before it was read.
    fn take(&mut self, parts: Vec<Rows>, began: Instant) {
        forget(&mut self.notes, began);
        for mut rows in parts {
            lay(&self.notes, &mut rows);
            self.rows = Arc::new(rows);
        }
    }
}

async fn read(cloud: &dyn Cloud, clusters: &[String], region: &str) -> Result<Rows, CloudError> {
    let mut rows = Rows::new();
    for cluster in clusters {
        let found: Rows = pages(
            |marker| cloud.list_tagged_of_region(region.to_owned(), cluster.clone(), marker),
            |tagged| Some((tagged.arn, tagged.tags)),
        )
        .await?;
        rows.extend(found);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::cloud::Page;
    use crate::aws::operations::{Answer, Call, Tagged};
    use crate::domain::kernel::identity::Owner;
    use crate::domain::kernel::observing::Seen;
    use async_trait::async_trait;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const OLD: &str = "arn:aws:acm:eu-north-1:111122223333:certificate/old";
    const NEW: &str = "arn:aws:acm:eu-north-1:111122223333:certificate/new";

    /// Lists one certificate, and counts how often.
    #[derive(Default)]
    struct Listing(AtomicUsize);

    #[async_trait]
    impl Cloud for Listing {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            let operation = call.operation();
            let Call::ListTaggedOfRegion { region, .. } = call else {
                return Err(CloudError::new(operation, "ServiceFailure", "no"));
            };
            assert_eq!(region, "eu-north-1");
            self.0.fetch_add(1, Ordering::Relaxed);
            let items = vec![Tagged {
                arn: OLD.to_owned(),
                tags: Tags::new(),
            }];
            Ok(Answer::ListTaggedOfRegion(Page { items, next: None }))
        }
    }

    /// What is shown when it may be so old.
    async fn shown(tags: &RegionTags, cloud: &Listing, max_age: Duration) -> Vec<String> {
        let rows = tags
            .of(cloud, &["c".to_owned()], "eu-north-1", max_age)
            .await
            .unwrap();
        rows.keys().cloned().collect()
    }

    #[tokio::test(start_paused = true)]
    async fn one_reading_serves_all_and_what_was_written_since_outranks_the_list_for_a_while() {
        let (tags, cloud) = (RegionTags::default(), Listing::default());
        let hour = Duration::from_hours(1);
        assert_eq!(shown(&tags, &cloud, hour).await, [OLD]);
        assert_eq!(shown(&tags, &cloud, hour).await, [OLD]);
        assert_eq!(cloud.0.load(Ordering::Relaxed), 1);

        let mut observed = Observed::of(Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "u".into(),
            taken: None,
        });
        observed.tagged.insert(NEW.to_owned(), Tags::new());
        let certificates = &mut observed.mutual_tls.origin_certificates;
        certificates.insert(OLD.to_owned(), Seen::Absent);
        tags.note(&observed);
        assert_eq!(shown(&tags, &cloud, hour).await, [NEW]);
        assert_eq!(shown(&tags, &cloud, Duration::ZERO).await, [NEW]);
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(shown(&tags, &cloud, Duration::ZERO).await, [OLD]);
    }
}
