//! The account inventory: a few list calls serve all objects.
//!
//! A refresh reads whole lists; one that fails on any page counts for nothing. What we wrote since is laid over it for
//! a while, since lists lag behind writes.

mod mappings;
mod notes;

use super::cloud::{Cloud, CloudError, pages};
use crate::domain::identity::IAM_PATH;
use crate::domain::listing::Listing;
use crate::domain::observed::{Observed, Seen};
use crate::domain::packed::Packed;
use crate::domain::plan::Kind;
use crate::domain::resources::other_doors::Mapping;
use crate::domain::resources::{distribution, function, logging, role, web_acl};
use crate::domain::rivals;
use notes::Notes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// Whoever holds it reads lists; the others wait and share them.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    mappings: mappings::Mappings,
}

#[derive(Default)]
struct State {
    listing: Listing,
    distributions_since: Option<Instant>,
    others_since: Option<Instant>,
    /// How many refreshes came to an end, and how the last one failed.
    refreshes: u64,
    failure: Option<(Due, CloudError)>,
    notes: Notes,
    /// Web ACLs that are not verified yet, and since when they are known to be so, by the owner's UID.
    web_acls: BTreeMap<String, (Instant, Packed<web_acl::Observed>)>,
    tidied: Option<Instant>,
}

/// Which lists have to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Nothing,
    Distributions,
    All,
}

impl Inventory {
    /// An inventory that has read nothing yet. `cluster` is the UID of the kube-system namespace.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>, cluster: String) -> Self {
        Self {
            cloud,
            cluster,
            turn: tokio::sync::Mutex::default(),
            state: Mutex::default(),
            mappings: mappings::Mappings::default(),
        }
    }

    /// What `see` sees in the lists, none of which is older than `max_age`.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn look<T>(&self, max_age: MaxAge, see: impl FnOnce(&Listing) -> T) -> Result<T, CloudError> {
        self.refresh(max_age).await?;
        Ok(see(&self.state().listing))
    }

    /// What the custom domain names of `region` lead to, at most `max_age` old.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn mappings(&self, region: &str, max_age: Duration) -> Result<Arc<Vec<Mapping>>, CloudError> {
        self.mappings.of(self.cloud.as_ref(), region, max_age).await
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
        if observed.recorded.contains_key(Kind::WebAcl.name()) {
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
    async fn refresh(&self, max_age: MaxAge) -> Result<(), CloudError> {
        let before = {
            let state = self.state();
            if state.due(max_age) == Due::Nothing {
                return Ok(());
            }
            state.refreshes
        };
        let _turn = self.turn.lock().await;
        let due = {
            let state = self.state();
            let due = state.due(max_age);
            match &state.failure {
                Some((failed, error)) if *failed <= due && state.refreshes != before => {
                    return Err(error.clone());
                }
                _ if due == Due::Nothing => return Ok(()),
                _ => due,
            }
        };
        let began = Instant::now();
        let read = self.read(due).await;
        let mut state = self.state();
        state.refreshes += 1;
        state.failure = read.as_ref().err().map(|error| (due, error.clone()));
        state.take(read?, began);
        state.listing.strangers = rivals::strangers(&state.listing, &self.cluster);
        Ok(())
    }

    /// The distributions and, where they are due, all other lists.
    async fn read(&self, due: Due) -> Result<(Distributions, Option<Listing>), CloudError> {
        if due == Due::All {
            let (distributions, others) = tokio::try_join!(self.list_distributions(), self.list_others())?;
            Ok((distributions, Some(others)))
        } else {
            Ok((self.list_distributions().await?, None))
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the web ACLs anew and finds one by name.
    pub(super) async fn find_web_acl(&self, name: &str) -> Result<Option<Entity>, CloudError> {
        Ok(self.list_web_acls().await?.0.remove(name))
    }

    /// Reads the IP sets anew and finds one by name.
    pub(super) async fn find_ip_set(&self, name: &str) -> Result<Option<Entity>, CloudError> {
        Ok(self.list_ip_sets().await?.remove(name))
    }

    async fn list_others(&self) -> Result<Listing, CloudError> {
        let ((web_acls, foreign_web_acls), ip_sets, roles, functions, logging, tags) = tokio::try_join!(
            self.list_web_acls(),
            self.list_ip_sets(),
            pages(|marker| self.cloud.list_roles(marker), |role| role_row(&role)),
            pages(
                |marker| self.cloud.list_functions(marker),
                |function| function_row(&function)
            ),
            pages(
                |marker| self.cloud.list_logging_configurations(marker),
                logging_row
            ),
            pages(
                |marker| self.cloud.list_tagged(self.cluster.clone(), marker),
                |tagged| Some((tagged.arn, Packed::new(&tagged.tags)))
            ),
        )?;
        Ok(Listing {
            roles,
            functions,
            ip_sets,
            web_acls,
            foreign_web_acls,
            logging,
            tags,
            ..Listing::default()
        })
    }

    async fn list_distributions(&self) -> Result<Distributions, CloudError> {
        let row = |row: distribution::Listed| Some((row.id.clone(), row));
        pages(|marker| self.cloud.list_distributions(marker), row).await
    }

    /// Those that are named as ours are, and how many others there are.
    async fn list_web_acls(&self) -> Result<(BTreeMap<String, Entity>, usize), CloudError> {
        let foreign = AtomicUsize::new(0);
        let row = |entity: Entity| {
            let row = entity_row(entity);
            foreign.fetch_add(usize::from(row.is_none()), Ordering::Relaxed);
            row
        };
        let named = pages(|marker| self.cloud.list_web_acls(marker), row).await?;
        Ok((named, foreign.into_inner()))
    }

    async fn list_ip_sets(&self) -> Result<BTreeMap<String, Entity>, CloudError> {
        pages(|marker| self.cloud.list_ip_sets(marker), entity_row).await
    }
}

/// By id.
type Distributions = BTreeMap<String, distribution::Listed>;

/// Start of every name that we give: what others call otherwise is many, and none of it can be ours.
const NAME_START: &str = "palisade-";

fn entity_row(entity: Entity) -> Option<(String, Entity)> {
    let is_named_so = entity.name.starts_with(NAME_START);
    is_named_so.then(|| (entity.name.clone(), entity))
}

fn role_row(role: &role::Observed) -> Option<(String, Packed<role::Observed>)> {
    (role.path == IAM_PATH).then(|| (role.name.clone(), Packed::new(role)))
}

fn function_row(function: &function::Configuration) -> Option<(String, Packed<function::Configuration>)> {
    let is_named_so = function.name.starts_with(NAME_START);
    is_named_so.then(|| (function.name.clone(), Packed::new(function)))
}

fn logging_row(document: Value) -> Option<(String, Packed<logging::Observed>)> {
    // Security Lake has a configuration of its own beside that of the account.
    if document["LogScope"]
        .as_str()
        .is_some_and(|scope| scope != "CUSTOMER")
    {
        return None;
    }
    let arn = document["ResourceArn"].as_str()?.to_owned();
    let (_, name) = arn.rsplit_once("/webacl/")?;
    let is_named_so = name.starts_with(NAME_START);
    is_named_so.then(|| (arn, Packed::new(&logging::Observed { document })))
}

impl State {
    fn due(&self, max_age: MaxAge) -> Due {
        let now = Instant::now();
        let is_old = |since: Option<Instant>, max: Duration| since.is_none_or(|since| now - since > max);
        if is_old(self.others_since, max_age.others) {
            Due::All
        } else if is_old(self.distributions_since, max_age.distributions) {
            Due::Distributions
        } else {
            Due::Nothing
        }
    }

    /// Takes lists over whose reading began then.
    fn take(&mut self, (distributions, others): (Distributions, Option<Listing>), began: Instant) {
        if let Some(others) = others {
            self.listing = others;
            self.others_since = Some(began);
        }
        self.listing.distributions = distributions;
        self.distributions_since = Some(began);
        // A list may lag behind what was written before it was read.
        self.forget(began);
        self.notes.catch_up(&self.listing);
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
