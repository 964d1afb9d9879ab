//! The account inventory: a few list calls serve all objects.
//!
//! A refresh reads whole lists; one that fails on any page counts for nothing, and the others are kept. What we wrote since is
//! laid over them for some time, since lists lag behind writes.

mod lists;
mod notes;

use super::kept::NOTE_LIFETIME;
use super::mappings::{self, Mappings};
use super::region_tags::{self, RegionTags};
use super::shared::Shared;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::layers::patient::Patient;
use crate::domain::firewall::web_acl;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::packed::Packed;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::strangers::strangers;
pub use lists::List;
use lists::{Part, list_ip_sets, list_web_acls};
use notes::Notes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use web_acl::Entity;

/// What one refresh may be old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxAge {
    /// Of the list of distributions, by which deployments are awaited.
    pub distributions: Duration,
    /// Of everything else.
    pub others: Duration,
}

impl MaxAge {
    /// What each list may be old.
    fn of_each(self) -> [(List, Duration); List::ALL.len()] {
        List::ALL.map(|list| match list {
            List::Distributions => (list, self.distributions),
            _ => (list, self.others),
        })
    }
}

/// The lists of one account.
pub struct Inventory {
    cloud: Arc<dyn Cloud>,
    cluster: String,
    /// Clusters from which something was taken over: parts of it may bear their tags still.
    taken_from: Mutex<BTreeSet<String>>,
    began: Instant,
    lists: Shared<List, State>,
    mappings: Mappings,
    region_tags: RegionTags,
}

/// A list that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which.
    pub list: List,
    /// Why.
    pub error: CloudError,
    /// Whether it was read before, so that what it said then is known.
    pub is_known: bool,
}

#[derive(Default)]
struct State {
    listing: Listing,
    notes: Notes,
    /// Web ACLs that are not verified yet, and since when they are known to be so, by the owner's UID.
    web_acls: BTreeMap<String, (Instant, Packed<web_acl::Observed>)>,
    tidied: Option<Instant>,
}

impl Inventory {
    /// An inventory that has read nothing yet. `cluster` is the UID of the kube-system namespace.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>, cluster: String) -> Self {
        Self {
            cloud,
            cluster,
            taken_from: Mutex::default(),
            began: Instant::now(),
            lists: Shared::default(),
            mappings: Mappings::default(),
            region_tags: RegionTags::default(),
        }
    }

    /// From now on lists show what bears the tags of this cluster, too: something was taken over from there.
    pub fn include(&self, cluster: &str) {
        let mut known = self.taken_from.lock().unwrap_or_else(PoisonError::into_inner);
        if cluster != self.cluster && known.insert(cluster.to_owned()) {
            self.lists.known().forget(List::Tags);
            self.region_tags.forget();
        }
    }

    /// The clusters whose tags lists show.
    fn clusters(&self) -> Vec<String> {
        let known = self.taken_from.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(&self.cluster)
            .chain(known.iter())
            .cloned()
            .collect()
    }

    /// How old a list may be that shows all that whoever wrote before us has written: it was read when it must have caught up.
    ///
    /// # Errors
    /// There is none yet; so long it takes until there is.
    pub fn caught_up(&self) -> Result<Duration, Duration> {
        let age = self.began.elapsed();
        age.checked_sub(NOTE_LIFETIME)
            .ok_or_else(|| NOTE_LIFETIME.saturating_sub(age))
    }

    /// What `see` sees in the lists, none of which is older than `max_age`.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn observe<T>(
        &self,
        max_age: MaxAge,
        see: impl FnOnce(&Listing) -> T,
    ) -> Result<T, CloudError> {
        self.refresh(max_age).await;
        let known = self.lists.known();
        known.whole(&max_age.of_each()).map(|state| see(&state.listing))
    }

    /// What `see` sees in the lists, and which of them could not be read: of these it sees what they said before, or nothing.
    ///
    /// # Errors
    /// The distributions were never read: without them nobody knows who protects an API already.
    pub async fn observe_what_is_read<T>(
        &self,
        max_age: MaxAge,
        see: impl FnOnce(&Listing) -> T,
    ) -> Result<(T, Vec<Unread>), CloudError> {
        self.refresh(max_age).await;
        let known = self.lists.known();
        let unread = known.unread(&max_age.of_each()).into_iter();
        let unread: Vec<Unread> = unread.map(Unread::from).collect();
        let is_vital = |unread: &&Unread| unread.list == List::Distributions && !unread.is_known;
        match unread.iter().find(is_vital) {
            Some(unread) => Err(unread.error.clone()),
            None => Ok((see(&known.content.listing), unread)),
        }
    }

    /// What the custom domain names of `region` lead to, at most `max_age` old.
    ///
    /// # Errors
    /// A list that could not be read; of single names that is told beside what could be.
    pub async fn mappings(
        &self,
        region: &str,
        max_age: Duration,
    ) -> Result<Arc<mappings::Known>, CloudError> {
        let cloud = Patient(self.cloud.as_ref());
        self.mappings.of(&cloud, region, max_age).await
    }

    /// How many custom domain names each Region had when what they lead to was read last; nothing is read for that.
    #[must_use]
    pub fn domain_names(&self) -> BTreeMap<String, usize> {
        self.mappings.counts()
    }

    /// Tags of the certificates and custom domain names of `region`, by ARN, at most `max_age` old.
    ///
    /// # Errors
    /// The list could not be read.
    pub async fn region_tags(
        &self,
        region: &str,
        max_age: Duration,
    ) -> Result<Arc<region_tags::Rows>, CloudError> {
        let cloud = Patient(self.cloud.as_ref());
        self.region_tags
            .of(&cloud, &self.clusters(), region, max_age)
            .await
    }

    /// Notes what a pass wrote or read in full, so that the next one need not read it again.
    pub fn note(&self, observed: &Observed) {
        self.region_tags.note(observed);
        let mut known = self.lists.known();
        let state = &mut known.content;
        let now = Instant::now();
        state.tidy(now);
        let uid = &observed.owner.uid;
        let mut notes = Notes::of(observed, now);
        if let Seen::Present(acl) = &observed.web_acl {
            let acl = Packed::new(acl);
            let is_recalled = state.web_acls.get(uid).is_some_and(|(_, known)| *known == acl);
            if is_recalled {
                // It must not outrank the lists for longer than it did.
                notes.leave_web_acl();
            } else {
                state.web_acls.insert(uid.clone(), (now, acl));
            }
        }
        if observed.pass.recorded.contains_key(Kind::WebAcl.name()) {
            state.web_acls.remove(uid);
        }
        notes.lay_over(&mut state.listing);
        state.notes.merge(notes);
    }

    /// The same of what the tags of a Region show alone, where nothing else was read.
    pub fn note_of_region(&self, observed: &Observed) {
        self.region_tags.note(observed);
    }

    /// Puts the web ACL that was read or written a moment ago in place of its row, if they are the same: what is only
    /// waiting for WAF need not be read again for every attempt. The lock token guards what comes of it.
    pub fn recall(&self, observed: &mut Observed) {
        let Seen::Listed(Some(row)) = &observed.web_acl else {
            return;
        };
        let lists = self.lists.known();
        let Some((since, known)) = lists.content.web_acls.get(&observed.owner.uid) else {
            return;
        };
        let Some(known) = known.unpack().filter(|_| since.elapsed() <= NOTE_LIFETIME) else {
            return;
        };
        if row.entity == known.content.entity && row.tags.as_ref() == Some(&known.tags) {
            observed.web_acl = Seen::Present(known);
        }
    }

    async fn refresh(&self, max_age: MaxAge) {
        let take = |state: &mut State, parts, began| {
            state.take(parts, began);
            state.listing.strangers = strangers(&state.listing, &self.cluster);
        };
        let read = |list| self.read(list);
        self.lists.refresh(&max_age.of_each(), read, take).await;
    }

    /// Reads the web ACLs anew and finds one by name.
    pub(in crate::aws) async fn find_web_acl(&self, name: &str) -> Result<Option<Entity>, CloudError> {
        let cloud = Patient(self.cloud.as_ref());
        Ok(list_web_acls(&cloud).await?.0.remove(name))
    }

    /// Reads the IP sets anew and finds one by name.
    pub(in crate::aws) async fn find_ip_set(&self, name: &str) -> Result<Option<Entity>, CloudError> {
        let cloud = Patient(self.cloud.as_ref());
        Ok(list_ip_sets(&cloud).await?.remove(name))
    }
}

impl From<super::shared::Unread<List>> for Unread {
    fn from(unread: super::shared::Unread<List>) -> Self {
        Self {
            list: unread.list,
            error: unread.error,
            is_known: unread.is_known,
        }
    }
}

impl State {
    /// Takes over what lists have answered, whose reading began then.
    fn take(&mut self, parts: Vec<Part>, began: Instant) {
        let has_distributions = parts.iter().any(|part| matches!(part, Part::Distributions(_)));
        for part in parts {
            part.put_into(&mut self.listing);
        }
        // A list may lag behind what was written before it was read.
        self.forget(began);
        if has_distributions {
            self.notes.catch_up(&self.listing);
        }
        self.notes.lay_over(&mut self.listing);
    }

    /// Forgets what the lists must have caught up with, now and then.
    fn tidy(&mut self, now: Instant) {
        if self.tidied.is_none_or(|tidied| now - tidied > NOTE_LIFETIME) {
            self.forget(now);
        }
    }

    fn forget(&mut self, now: Instant) {
        self.tidied = Some(now);
        self.notes.forget(now);
        self.web_acls
            .retain(|_, (since, _)| now - *since <= NOTE_LIFETIME);
    }
}
