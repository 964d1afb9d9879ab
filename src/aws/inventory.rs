//! The account inventory: a few list calls serve all objects.
//!
//! A refresh reads whole lists; one that fails on any page counts for nothing. What we wrote since is laid over it for
//! a while, since lists lag behind writes.

use super::cloud::{Cloud, CloudError, Page};
use crate::domain::identity::{IAM_PATH, Owner, Tags};
use crate::domain::observed::{Listing, Observed, Outputs, Seen};
use crate::domain::resources::web_acl::Entity;
use crate::domain::resources::{distribution, function, ip_set, logging, role, web_acl};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

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
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    listing: Arc<Listing>,
    distributions_since: Option<Instant>,
    others_since: Option<Instant>,
    notes: BTreeMap<String, (Instant, Observed)>,
}

impl Inventory {
    /// An inventory that has read nothing yet. `cluster` is the UID of the kube-system namespace.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>, cluster: String) -> Self {
        Self {
            cloud,
            cluster,
            state: Mutex::default(),
        }
    }

    /// The lists, none older than `max_age`; whoever comes while a refresh runs waits for it and shares it.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn listing(&self, max_age: MaxAge) -> Result<Arc<Listing>, CloudError> {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let is_old = |since: Option<Instant>, max: Duration| since.is_none_or(|since| now - since > max);
        if is_old(state.others_since, max_age.others) {
            let (distributions, others) = tokio::try_join!(self.list_distributions(), self.list_others())?;
            state.listing = Arc::new(Listing {
                distributions,
                ..others
            });
            (state.distributions_since, state.others_since) = (Some(now), Some(now));
            state.lay_notes_over(now);
        } else if is_old(state.distributions_since, max_age.distributions) {
            let distributions = self.list_distributions().await?;
            Arc::make_mut(&mut state.listing).distributions = distributions;
            state.distributions_since = Some(now);
            state.lay_notes_over(now);
        }
        Ok(Arc::clone(&state.listing))
    }

    /// What the lists say of one owner's resources, and since when the list of distributions stands.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn observe(
        &self,
        owner: &Owner,
        recorded: BTreeMap<String, String>,
        outputs: Outputs,
        max_age: MaxAge,
    ) -> Result<Observed, CloudError> {
        Ok(self.listing(max_age).await?.of(owner, recorded, outputs))
    }

    /// Notes what a pass wrote or read in full, so that the next one need not read it again.
    pub async fn note(&self, observed: &Observed) {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        overlay(Arc::make_mut(&mut state.listing), observed);
        state
            .notes
            .insert(observed.owner.uid.clone(), (now, observed.clone()));
    }

    /// Reads the web ACLs anew and finds one by name.
    pub(super) async fn find_web_acl(&self, name: &str) -> Result<Option<Entity>, CloudError> {
        Ok(self.list_web_acls().await?.remove(name))
    }

    /// Reads the IP sets anew and finds one by name.
    pub(super) async fn find_ip_set(&self, name: &str) -> Result<Option<Entity>, CloudError> {
        Ok(self.list_ip_sets().await?.remove(name))
    }

    async fn list_others(&self) -> Result<Listing, CloudError> {
        let (web_acls, ip_sets, roles, functions, logging, tags) = tokio::try_join!(
            self.list_web_acls(),
            self.list_ip_sets(),
            pages(|marker| self.cloud.list_roles(marker)),
            pages(|marker| self.cloud.list_functions(marker)),
            pages(|marker| self.cloud.list_logging_configurations(marker)),
            self.list_tags(),
        )?;
        let logging = logging.into_iter().map(|document| {
            let arn = document["ResourceArn"].as_str().unwrap_or_default().to_owned();
            (arn, logging::Observed { document })
        });
        Ok(Listing {
            roles: roles
                .into_iter()
                .filter(|role| role.path == IAM_PATH)
                .map(|role| (role.name.clone(), role))
                .collect(),
            // Functions of others are many, and none of them can be ours under another name.
            functions: functions
                .into_iter()
                .filter(|function| function.name.starts_with(NAME_START))
                .map(|function| (function.name.clone(), function))
                .collect(),
            logging: logging.collect(),
            ip_sets,
            web_acls,
            tags,
            distributions: BTreeMap::new(),
        })
    }

    async fn list_distributions(&self) -> Result<BTreeMap<String, distribution::Listed>, CloudError> {
        let rows = pages(|marker| self.cloud.list_distributions(marker)).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
    }

    async fn list_web_acls(&self) -> Result<BTreeMap<String, Entity>, CloudError> {
        Ok(by_name(pages(|marker| self.cloud.list_web_acls(marker)).await?))
    }

    async fn list_ip_sets(&self) -> Result<BTreeMap<String, Entity>, CloudError> {
        Ok(by_name(pages(|marker| self.cloud.list_ip_sets(marker)).await?))
    }

    async fn list_tags(&self) -> Result<BTreeMap<String, Tags>, CloudError> {
        let tagged = pages(|marker| self.cloud.list_tagged(self.cluster.clone(), marker)).await?;
        Ok(tagged
            .into_iter()
            .map(|tagged| (tagged.arn, tagged.tags))
            .collect())
    }
}

/// Start of every name that we give.
const NAME_START: &str = "palisade-";

fn by_name(entities: Vec<Entity>) -> BTreeMap<String, Entity> {
    entities
        .into_iter()
        .filter(|entity| entity.name.starts_with(NAME_START))
        .map(|entity| (entity.name.clone(), entity))
        .collect()
}

/// All items of a list, page by page.
async fn pages<T, F, Fut>(page: F) -> Result<Vec<T>, CloudError>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<Page<T>, CloudError>>,
{
    let mut items = Vec::new();
    let mut marker = None;
    loop {
        let answer = page(marker).await?;
        items.extend(answer.items);
        marker = answer.next;
        if marker.is_none() {
            return Ok(items);
        }
    }
}

impl State {
    fn lay_notes_over(&mut self, now: Instant) {
        self.notes.retain(|_, (noted, _)| now - *noted <= NOTE_LIFETIME);
        let listing = Arc::make_mut(&mut self.listing);
        for (_, observed) in self.notes.values() {
            overlay(listing, observed);
        }
    }
}

/// Writes what is known of one owner's resources over the lists.
fn overlay(listing: &mut Listing, observed: &Observed) {
    let owner = &observed.owner;
    match &observed.role {
        Seen::Present(role) => {
            listing.roles.insert(role.name.clone(), role.clone());
        }
        Seen::Absent => {
            listing.roles.remove(&owner.resource_name(role::NAME_LIMIT));
        }
        Seen::Listed(_) => {}
    }
    match &observed.function {
        Seen::Present(function) => {
            listing
                .tags
                .insert(function.latest.arn.clone(), function.tags.clone());
            listing
                .functions
                .insert(function.latest.name.clone(), function.latest.clone());
        }
        Seen::Absent => {
            listing
                .functions
                .remove(&owner.resource_name(function::NAME_LIMIT));
        }
        Seen::Listed(_) => {}
    }
    overlay_waf(listing, observed);
    overlay_distribution(listing, observed);
}

fn overlay_waf(listing: &mut Listing, observed: &Observed) {
    let absent = observed
        .ip_sets
        .iter()
        .filter(|(_, seen)| matches!(seen, Seen::Absent));
    for (part, _) in absent {
        listing
            .ip_sets
            .remove(&observed.owner.suffixed_name(part, ip_set::NAME_LIMIT));
    }
    for set in observed.ip_sets.values().filter_map(Seen::present) {
        let entity = set.content.entity.clone();
        listing.tags.insert(entity.arn.clone(), set.tags.clone());
        listing.ip_sets.insert(entity.name.clone(), entity);
    }
    if let Seen::Present(acl) = &observed.web_acl {
        let entity = acl.content.entity.clone();
        listing.tags.insert(entity.arn.clone(), acl.tags.clone());
        if let Seen::Present(logging) = &observed.logging {
            listing.logging.insert(entity.arn.clone(), logging.clone());
        }
        if observed.logging == Seen::Absent {
            listing.logging.remove(&entity.arn);
        }
        listing.web_acls.insert(entity.name.clone(), entity);
    }
    if observed.web_acl == Seen::Absent {
        listing
            .web_acls
            .remove(&observed.owner.resource_name(web_acl::NAME_LIMIT));
    }
}

fn overlay_distribution(listing: &mut Listing, observed: &Observed) {
    let found = match &observed.distribution {
        Seen::Present(found) => found,
        Seen::Absent => {
            listing
                .distributions
                .retain(|_, row| !row.comment.contains(&observed.owner.uid));
            return;
        }
        Seen::Listed(_) => return,
    };
    listing.tags.insert(found.content.arn.clone(), found.tags.clone());
    let row = distribution::listed(&found.content);
    match listing.distributions.get_mut(&row.id) {
        // The list has caught up with our write: its status is newer.
        Some(known) if known.etag == row.etag => {}
        Some(known) => *known = row,
        None => {
            listing.distributions.insert(row.id.clone(), row);
        }
    }
}
