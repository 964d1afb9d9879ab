//! The lists that serve Shield Advanced, apart from the inventory: read only for objects that ask for Shield, or did.
//!
//! As there, one refresh serves all objects, and what we wrote is laid over it for a while, since lists lag behind writes.

use super::kept::{Kept, forget, known, lay};
use super::shared::{Known, Shared};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::layers::patient::Patient;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::packed::Packed;
use crate::domain::perimeter::observed::Observed;
use crate::domain::shield::{alarm, health_check, protection};
use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;
use tokio::time::Instant;

/// AWS adds addresses of its checkers seldom.
const CHECKERS_MAX_AGE: Duration = Duration::from_hours(24);

/// What passes wrote or read in full: what the lists may not show yet.
#[derive(Default)]
struct Notes {
    protections: Kept<Packed<protection::Content>>,
    health_checks: Kept<Packed<health_check::Content>>,
    alarms: Kept<Packed<alarm::Content>>,
}

/// How many protections an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    /// Of distributions: AWS limits each type of resource for itself.
    pub of_distributions: usize,
    /// With a health check.
    pub checked: usize,
}

/// The lists of one account.
pub struct ShieldLists {
    cloud: Arc<dyn Cloud>,
    lists: Shared<List, State>,
}

#[derive(Default)]
struct State {
    lists: Lists,
    /// The addresses of Route 53's checkers.
    checkers: Vec<String>,
    notes: Notes,
}

/// One of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    /// Whether there is a subscription, and the protections: without it there are none.
    Protections,
    HealthChecks,
    Alarms,
    /// The addresses of Route 53's checkers.
    Checkers,
}

impl List {
    /// Those that objects have rows in.
    const OF_OBJECTS: [Self; 3] = [Self::Protections, Self::HealthChecks, Self::Alarms];
}

/// What one list has answered, whole.
enum Part {
    Protections(bool, BTreeMap<String, Packed<protection::Content>>),
    HealthChecks(BTreeMap<String, health_check::Content>),
    Alarms(BTreeMap<String, Packed<alarm::Content>>),
    Checkers(Vec<String>),
}

#[derive(Default)]
struct Lists {
    subscribed: bool,
    /// By the ARN of what is protected.
    protections: BTreeMap<String, Packed<protection::Content>>,
    /// By id.
    health_checks: BTreeMap<String, Packed<health_check::Content>>,
    /// Ids by caller reference.
    references: BTreeMap<String, String>,
    /// By name.
    alarms: BTreeMap<String, Packed<alarm::Content>>,
}

impl ShieldLists {
    /// Lists of which nothing was read yet.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>) -> Self {
        Self {
            cloud,
            lists: Shared::default(),
        }
    }

    /// Writes into `observed` what the lists say of its owner, and of the health check `named`.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn observe(
        &self,
        observed: &mut Observed,
        named: Option<&str>,
        max_age: Duration,
    ) -> Result<(), CloudError> {
        let wanted = List::OF_OBJECTS.map(|list| (list, max_age));
        let known = self.refreshed(&wanted).await;
        let lists = &known.whole(&wanted)?.lists;
        let protection = observed
            .distribution_arn()
            .and_then(|arn| lists.protections.get(arn))
            .cloned()
            .or_else(|| lists.protection_left(observed));
        let own = lists.own_check(&observed.owner);
        let has_more = lists.own_check_ids(&observed.owner).nth(1).is_some();
        let alarm = lists.alarms.get(&alarm::name(&observed.owner));
        let named_row = named.and_then(|id| lists.health_checks.get(id));
        let shield = &mut observed.shield;
        shield.subscribed = Some(lists.subscribed);
        shield.protection = Seen::Listed(protection.as_ref().and_then(Packed::unpack));
        shield.own_check = Seen::Listed(own.and_then(Packed::unpack));
        shield.has_more_checks = has_more;
        shield.named_check = Seen::Listed(named_row.and_then(Packed::unpack));
        shield.named_id = named.map(ToOwned::to_owned);
        shield.alarm = Seen::Listed(alarm.and_then(Packed::unpack));
        Ok(())
    }

    /// How many protections there are, everybody's counted.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn census(&self, max_age: Duration) -> Result<Census, CloudError> {
        let wanted = List::OF_OBJECTS.map(|list| (list, max_age));
        let known = self.refreshed(&wanted).await;
        let rows = known.whole(&wanted)?.lists.protections.values();
        let rows: Vec<protection::Content> = rows.filter_map(Packed::unpack).collect();
        let of_distributions = rows
            .iter()
            .filter(|row| row.resource_arn.contains(":distribution/"));
        Ok(Census {
            of_distributions: of_distributions.count(),
            checked: rows.iter().filter(|row| !row.health_checks.is_empty()).count(),
        })
    }

    /// The addresses of Route 53's checkers.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn checkers(&self) -> Result<Vec<String>, CloudError> {
        let wanted = [(List::Checkers, CHECKERS_MAX_AGE)];
        let known = self.refreshed(&wanted).await;
        Ok(known.whole(&wanted)?.checkers.clone())
    }

    /// Notes what a pass wrote or read in full, so that the next one need not read it again.
    pub fn note(&self, observed: &Observed) {
        let mut known = self.lists.known();
        let state = &mut known.content;
        let notes = Notes::of(observed, &state.lists);
        notes.lay_over(&mut state.lists);
        state.notes.merge(notes);
    }

    /// What is known once what is older than `wanted` was read, if it could be.
    async fn refreshed(&self, wanted: &[(List, Duration)]) -> MutexGuard<'_, Known<List, State>> {
        let read = |list| self.read(list);
        self.lists.refresh(wanted, read, State::take).await;
        self.lists.known()
    }

    async fn read(&self, list: List) -> Result<Part, CloudError> {
        let cloud: &dyn Cloud = &Patient(self.cloud.as_ref());
        Ok(match list {
            List::Protections => {
                let is_subscribed = cloud.get_subscription_state().await?;
                let row = |row: protection::Content| Some((row.resource_arn.clone(), Packed::new(&row)));
                let rows = if is_subscribed {
                    pages(|marker| cloud.list_protections(marker), row).await?
                } else {
                    BTreeMap::new()
                };
                Part::Protections(is_subscribed, rows)
            }
            List::HealthChecks => Part::HealthChecks(
                pages(
                    |marker| cloud.list_health_checks(marker),
                    |row: health_check::Content| Some((row.id.clone(), row)),
                )
                .await?,
            ),
            List::Alarms => Part::Alarms(
                pages(
                    |marker| cloud.describe_alarms(None, marker),
                    |row: alarm::Content| Some((row.name.clone(), Packed::new(&row))),
                )
                .await?,
            ),
            List::Checkers => {
                // Who waits for them has something else to go by.
                let mut addresses = self.cloud.get_checker_ip_ranges().await?;
                addresses.sort();
                Part::Checkers(addresses)
            }
        })
    }
}

impl Part {
    /// Puts it in the place of what was listed before.
    fn put_into(self, state: &mut State) {
        let lists = &mut state.lists;
        match self {
            Self::Protections(is_subscribed, rows) => {
                (lists.subscribed, lists.protections) = (is_subscribed, rows);
            }
            Self::HealthChecks(rows) => {
                let references = rows.values().map(|row| (row.reference.clone(), row.id.clone()));
                lists.references = references.collect();
                let rows = rows.into_iter().map(|(id, row)| (id, Packed::new(&row)));
                lists.health_checks = rows.collect();
            }
            Self::Alarms(rows) => lists.alarms = rows,
            Self::Checkers(addresses) => state.checkers = addresses,
        }
    }
}

impl Lists {
    /// A protection that has outlived its distribution, by the id in status.
    fn protection_left(&self, observed: &Observed) -> Option<Packed<protection::Content>> {
        let known = observed.outputs.shield.as_ref()?.protection_id.as_ref()?;
        if observed.distribution_arn().is_some() {
            return None;
        }
        let mut rows = self.protections.values();
        let row = rows.find(|row| row.unpack().is_some_and(|row| row.id == *known));
        row.cloned()
    }

    fn own_check(&self, owner: &Owner) -> Option<&Packed<health_check::Content>> {
        self.health_checks.get(&self.own_check_id(owner)?)
    }

    fn own_check_id(&self, owner: &Owner) -> Option<String> {
        self.own_check_ids(owner).next().cloned()
    }

    fn own_check_ids<'a>(&'a self, owner: &'a Owner) -> impl Iterator<Item = &'a String> {
        let from = self.references.range(owner.uid.clone()..);
        let of_owner = from.take_while(|(reference, _)| reference.starts_with(&owner.uid));
        let listed = of_owner.filter(|(reference, id)| {
            health_check::is_of(owner, reference) && self.health_checks.contains_key(*id)
        });
        listed.map(|(_, id)| id)
    }
}

impl State {
    /// Takes over what lists have answered, whose reading began then.
    fn take(&mut self, parts: Vec<Part>, began: Instant) {
        for part in parts {
            part.put_into(self);
        }
        self.notes.forget(began);
        self.notes.lay_over(&mut self.lists);
    }
}

impl Notes {
    /// What `observed` knows beyond the lists that it was made from.
    fn of(observed: &Observed, lists: &Lists) -> Self {
        let shield = &observed.shield;
        let now = Instant::now();
        let mut notes = Self::default();
        let protection = known(&shield.protection, |it| Packed::new(&it.content));
        if let (Some(arn), Some(row)) = (observed.distribution_arn(), protection) {
            notes.protections.insert(arn.to_owned(), (now, row));
        }
        for check in [&shield.own_check, &shield.named_check] {
            if let Seen::Present(found) = check {
                let row = Some(Packed::new(&found.content));
                notes.health_checks.insert(found.content.id.clone(), (now, row));
            }
        }
        if shield.own_check == Seen::Absent
            && let Some(id) = lists.own_check_id(&observed.owner)
        {
            notes.health_checks.insert(id, (now, None));
        }
        if let Some(row) = known(&shield.alarm, |it| Packed::new(&it.content)) {
            notes.alarms.insert(alarm::name(&observed.owner), (now, row));
        }
        notes
    }

    fn merge(&mut self, newer: Self) {
        self.protections.extend(newer.protections);
        self.health_checks.extend(newer.health_checks);
        self.alarms.extend(newer.alarms);
    }

    fn forget(&mut self, now: Instant) {
        forget(&mut self.protections, now);
        forget(&mut self.health_checks, now);
        forget(&mut self.alarms, now);
    }

    fn lay_over(&self, lists: &mut Lists) {
        lay(&self.protections, &mut lists.protections);
        lay(&self.health_checks, &mut lists.health_checks);
        lay(&self.alarms, &mut lists.alarms);
        let rows = self.health_checks.values();
        let rows = rows.filter_map(|(_, row)| row.as_ref()?.unpack());
        lists.references.extend(rows.map(|row| (row.reference, row.id)));
    }
}
