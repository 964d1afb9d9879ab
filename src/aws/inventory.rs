//! The account inventory: a few list calls serve all objects.
//!
//! A refresh reads whole lists; one that fails on any page counts for nothing, the others are kept, and it is left alone for
//! a while. What we wrote since is laid over them for some time, since lists lag behind writes.

mod lists;
mod mappings;
mod notes;

use super::cloud::{Cloud, CloudError};
use super::layers::patient::Patient;
use super::rest::Rest;
use crate::domain::firewall::web_acl;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::packed::Packed;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::strangers::strangers;
use futures::future::join_all;
pub use lists::List;
use lists::{Part, list_ip_sets, list_web_acls};
use notes::Notes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use web_acl::Entity;

/// How long our own writes outrank the lists: longer than lists are known to lag.
const NOTE_LIFETIME: Duration = Duration::from_mins(1);

/// What one refresh may be old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxAge {
    /// Of the list of distributions, by which deployments are awaited.
    pub distributions: Duration,
    /// Of everything else.
    pub others: Duration,
}

/// The lists of one account.
pub struct Inventory {
    cloud: Arc<dyn Cloud>,
    cluster: String,
    began: Instant,
    /// Whoever holds it reads lists; the others wait and share them.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    mappings: mappings::Mappings,
}

/// One list.
#[derive(Default)]
struct Cell {
    /// When its last reading that came to an end began.
    since: Option<Instant>,
    rest: Rest,
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
    /// What is known of each list.
    cells: BTreeMap<List, Cell>,
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
            began: Instant::now(),
            turn: tokio::sync::Mutex::default(),
            state: Mutex::default(),
            mappings: mappings::Mappings::default(),
        }
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
    pub async fn look<T>(&self, max_age: MaxAge, see: impl FnOnce(&Listing) -> T) -> Result<T, CloudError> {
        self.refresh(max_age).await;
        let state = self.state();
        match state.unread(max_age).into_iter().next() {
            Some(unread) => Err(unread.error),
            None => Ok(see(&state.listing)),
        }
    }

    /// What `see` sees in the lists, and which of them could not be read: of these it sees what they said before, or nothing.
    ///
    /// # Errors
    /// The distributions were never read: without them nobody knows who protects an API already.
    pub async fn look_at_what_is_read<T>(
        &self,
        max_age: MaxAge,
        see: impl FnOnce(&Listing) -> T,
    ) -> Result<(T, Vec<Unread>), CloudError> {
        self.refresh(max_age).await;
        let state = self.state();
        let unread = state.unread(max_age);
        let is_vital = |unread: &&Unread| unread.list == List::Distributions && !unread.is_known;
        match unread.iter().find(is_vital) {
            Some(unread) => Err(unread.error.clone()),
            None => Ok((see(&state.listing), unread)),
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

    /// Notes what a pass wrote or read in full, so that the next one need not read it again.
    pub fn note(&self, observed: &Observed) {
        let mut state = self.state();
        let state = &mut *state;
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

    /// Puts the web ACL that was read or written a moment ago in place of its row, if they are the same: what is only
    /// waiting for WAF need not be read again for every attempt. The lock token guards what comes of it.
    pub fn recall(&self, observed: &mut Observed) {
        let Seen::Listed(Some(row)) = &observed.web_acl else {
            return;
        };
        let state = self.state();
        let Some((since, known)) = state.web_acls.get(&observed.owner.uid) else {
            return;
        };
        let Some(known) = known.unpack().filter(|_| since.elapsed() <= NOTE_LIFETIME) else {
            return;
        };
        if row.entity == known.content.entity && row.tags.as_ref() == Some(&known.tags) {
            observed.web_acl = Seen::Present(known);
        }
    }

    /// Reads what is older than `max_age`; whoever comes meanwhile waits for it and shares it, also when it fails.
    async fn refresh(&self, max_age: MaxAge) {
        if self.state().due(max_age).is_empty() {
            return;
        }
        let _turn = self.turn.lock().await;
        let due = self.state().due(max_age);
        if due.is_empty() {
            return;
        }
        let began = Instant::now();
        let read = due.into_iter().map(async |list| (list, self.read(list).await));
        let parts = join_all(read).await;
        let mut state = self.state();
        state.take(parts, began);
        state.listing.strangers = strangers(&state.listing, &self.cluster);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the web ACLs anew and finds one by name.
    pub(super) async fn find_web_acl(&self, name: &str) -> Result<Option<Entity>, CloudError> {
        let cloud = Patient(self.cloud.as_ref());
        Ok(list_web_acls(&cloud).await?.0.remove(name))
    }

    /// Reads the IP sets anew and finds one by name.
    pub(super) async fn find_ip_set(&self, name: &str) -> Result<Option<Entity>, CloudError> {
        let cloud = Patient(self.cloud.as_ref());
        Ok(list_ip_sets(&cloud).await?.remove(name))
    }
}

impl State {
    /// Whether `list` is older than `max_age`.
    fn is_old(&self, list: List, max_age: MaxAge) -> bool {
        let max_age = match list {
            List::Distributions => max_age.distributions,
            _ => max_age.others,
        };
        let since = self.cell(list).and_then(|cell| cell.since);
        since.is_none_or(|since| since.elapsed() > max_age)
    }

    fn cell(&self, list: List) -> Option<&Cell> {
        self.cells.get(&list)
    }

    /// The lists that have to be read now: those that failed a moment ago are left alone for a while.
    fn due(&self, max_age: MaxAge) -> Vec<List> {
        let is_due = |list: &List| {
            self.is_old(*list, max_age) && self.cell(*list).is_none_or(|cell| cell.rest.is_over())
        };
        List::ALL.into_iter().filter(is_due).collect()
    }

    /// The lists that are too old, and why they could not be read.
    fn unread(&self, max_age: MaxAge) -> Vec<Unread> {
        let unread = |list: List| {
            let cell = self.cell(list)?;
            let error = cell.rest.error().filter(|_| self.is_old(list, max_age))?;
            Some(Unread {
                list,
                error: error.clone(),
                is_known: cell.since.is_some(),
            })
        };
        List::ALL.into_iter().filter_map(unread).collect()
    }

    /// Takes over what lists have answered whose reading began then; each that came whole counts.
    fn take(&mut self, parts: Vec<(List, Result<Part, CloudError>)>, began: Instant) {
        let mut has_distributions = false;
        for (list, part) in parts {
            let cell = self.cells.entry(list).or_default();
            cell.rest.note(part.as_ref().err());
            let Ok(part) = part else { continue };
            cell.since = Some(began);
            has_distributions |= list == List::Distributions;
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
        self.notes.forget(now, NOTE_LIFETIME);
        self.web_acls
            .retain(|_, (since, _)| now - *since <= NOTE_LIFETIME);
    }
}
