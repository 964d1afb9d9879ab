//! Looking for other doors of an API, once its own stand as wanted: with each read of its methods, which is seldom.

use super::Engine;
use super::execute::Execution;
use super::failures::failure;
use crate::api::{OtherDoor, OtherDoorState, OtherDoorType};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::readings::inventory::{List, MaxAge};
use crate::aws::readings::mappings::Known;
use crate::aws::resources::other_stages::OtherStages;
use crate::aws::resources::{Update, stages};
use crate::domain::access::asked::ways_in::{Unread, WaysIn};
use crate::domain::access::authorization::{Desired, Gate, Observed};
use crate::domain::access::obstacles::other_doors::{
    ANY_STAGE, DomainName, NamedStage, Others, edge_optimised, leading_to, unknown_stages,
};
use crate::domain::access::words::listed;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::planning::Kind;
use crate::domain::mutual_tls;
use crate::domain::mutual_tls::comers::Comer;
use crate::domain::mutual_tls::doors::{self, Door, Guard};
use crate::domain::perimeter::comers;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::perimeter::strangers::{has_no_keeper, in_front};
use crate::domain::status::doors::{is_of_certificates, unread};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How old what is known of custom domain names, distributions and hosted zones may be before a first lock: objects that come
/// together share one reading.
const RECENT: Duration = Duration::from_secs(5);
/// The same before a default endpoint is switched on.
const HANGING: Duration = Duration::from_mins(1);
/// The same where somebody's lock was found to hang on its being off.
const STILL_HANGING: Duration = Duration::from_mins(10);

impl Engine {
    /// Reads the other doors, where the API's own were read in this pass and nothing is left to do about them.
    pub(super) async fn find_other_doors(
        &self,
        desired: &Desired,
        protected: &BTreeSet<String>,
        execution: &mut Execution,
    ) {
        let Some(found) = execution.observed.access.present() else {
            return;
        };
        if execution.plan.concerns(Kind::Access) {
            return;
        }
        let own = execution.observed.distribution_id().map(ToOwned::to_owned);
        let comers = comers::Known {
            owner: &execution.observed.owner,
            own: own.as_deref(),
            objects: &execution.observed.seen_others,
        };
        let read = self.read_other_doors(desired, found, protected, comers);
        match read.await {
            Ok(read) => {
                let observed = &mut execution.observed;
                // They are told by the certificates, which need not be read in the same pass.
                let known = std::mem::replace(&mut observed.outputs.other_doors, read.doors);
                let is_shown = observed.mutual_tls.declared.is_some();
                let is_off = is_shown
                    && observed
                        .access
                        .present()
                        .is_some_and(|found| found.is_endpoint_off);
                let shut_out = shut_out(&read.comers, &observed.outputs.other_doors);
                observed
                    .outputs
                    .other_doors
                    .extend(shut_out.into_iter().filter(|_| is_off));
                let users = known.into_iter();
                let users = users.filter(|door| is_shown && is_of_certificates(door));
                observed.outputs.other_doors.extend(users);
                observed.outputs.other_doors_unread = read.why.as_deref().map(unread);
                // No lock of the stage's own closes them there.
                let declared = observed.mutual_tls.declared.as_ref();
                observed.mutual_tls.doors = declared.map(|declared| past_the_origin(declared, &read.known));
            }
            // The lock is what it is, and what was known of other doors is better than nothing.
            Err(error) => {
                let why = failure(None, &error).message;
                execution.observed.outputs.other_doors_unread = Some(unread(&why));
            }
        }
    }

    /// Reads anew which custom domain names and which distributions of others lead to the declared stage, and where the object's
    /// names lead, before it is locked for the first time. Where only a person can have names read, that is found in their place.
    pub(super) async fn read_ways_in(&self, observed: &Everything) -> Result<Update, CloudError> {
        let Some(gate) = observed
            .gate
            .as_ref()
            .filter(|_| observed.access.present().is_some())
        else {
            return Ok(Update::Nothing);
        };
        let own = observed.distribution_id();
        let max_age = MaxAge {
            distributions: RECENT,
            ..self.max_age(true)
        };
        let siblings = observed.siblings.as_ref();
        let is_left = |uid: &str, tags: &Tags| has_no_keeper(uid, tags, &observed.owner, siblings);
        let (known, unread) = match self.inventory.mappings(&gate.region, RECENT).await {
            Ok(known) => {
                let unread = known.unread.iter();
                let unread = unread.map(|(name, error)| names_unread(Some(name.as_str()), error));
                let unread = unread.collect();
                (known, unread)
            }
            Err(error) if error.kind.needs_person() => (Arc::default(), vec![names_unread(None, &error)]),
            Err(error) => return Err(error),
        };
        let ways_in = WaysIn {
            domain_names: leading_to(gate, &known.mappings),
            edge_optimised: edge_optimised(&known.targets),
            unread,
            distributions: self
                .look_in_front(max_age, |listing| {
                    in_front(gate, &known.mappings, &known.targets, own, listing, is_left)
                })
                .await?,
        };
        let mut zones = Vec::new();
        for zone in observed.names.zones.keys() {
            zones.push((zone.clone(), self.names.zone(zone, RECENT).await.ok()));
        }
        Ok(Update::WaysIn(ways_in, zones))
    }

    /// Reads what of other clusters, or of objects that are gone or not seen, hangs on the default endpoint being off: as custom domain
    /// names tell. What cannot be read may be such. What an older reading shows to hang on it is believed for a while, and nothing else:
    /// it may be months until that is gone, and names and mappings of the whole Region are read for it.
    pub(super) async fn read_endpoint_others(&self, observed: &Everything) -> Update {
        let Some(declared) = &observed.mutual_tls.declared else {
            return Update::Nothing;
        };
        let mut others = doors::Others::default();
        for max_age in [STILL_HANGING, HANGING] {
            others = self.guarding_others(declared, observed, max_age).await;
            if !others.hanging.is_empty() {
                break;
            }
        }
        Update::EndpointOthers(others)
    }

    async fn guarding_others(
        &self,
        declared: &mutual_tls::Desired,
        observed: &Everything,
        max_age: Duration,
    ) -> doors::Others {
        let region = &declared.gate.region;
        let known = match self.inventory.mappings(region, max_age).await {
            Ok(known) => known,
            Err(error) => {
                let why = failure(None, &error).message;
                let unread = format!(
                    "which custom domain names of {region} lead to other stages cannot be read: {why}"
                );
                return doors::Others {
                    hanging: vec![unread],
                    ..doors::Others::default()
                };
            }
        };
        let unread = known.unread.iter().map(|(name, _)| name.as_str());
        let is_told = |uid: &str| uid == declared.owner.uid || observed.seen_others.contains(uid);
        let gate = &declared.gate;
        let guards = doors::guarding_others(gate, &known.mappings, &known.truststores, unread, is_told);
        let mut others = doors::Others {
            are_there: !guards.is_empty(),
            ..doors::Others::default()
        };
        for guard in &guards {
            if let Err(why) = self.frees(gate, observed, guard).await {
                others.hanging.push(guard.told(why.as_deref()));
            }
        }
        others
    }

    /// Whether the keeper of another stage says that this hangs on the default endpoint no more, and what the stage serves bears that out;
    /// else why not. What hangs on it is asked again some minutes later, and what is free each time.
    async fn frees(&self, gate: &Gate, observed: &Everything, guard: &Guard) -> Result<(), Option<String>> {
        let (Some(stage), Some(own)) = (&guard.stage, observed.access.present()) else {
            return Err(None);
        };
        let key = format!("{}/{}/{stage}", gate.region, guard.name);
        if let Some(why) = self.endpoint_marks.hanging.of(&key) {
            return Err(Some(why));
        }
        let cloud = self.patient();
        let why = match freed(&cloud, gate, own, &guard.name, stage).await {
            Ok(None) => return Ok(()),
            Ok(Some(why)) => why,
            Err(error) => failure(None, &error).message,
        };
        self.endpoint_marks.hanging.note(key, why.clone());
        Err(Some(why))
    }

    /// What `see` sees in the list of distributions, which is not older than `max_age`.
    pub(super) async fn look_in_front<T>(
        &self,
        max_age: MaxAge,
        see: impl FnOnce(&Listing) -> T,
    ) -> Result<T, CloudError> {
        let (found, unread) = self.inventory.observe_what_is_read(max_age, see).await?;
        let mut unread = unread.into_iter();
        match unread.find(|unread| unread.list == List::Distributions) {
            Some(unread) => Err(unread.error),
            None => Ok(found),
        }
    }

    /// The other doors.
    async fn read_other_doors(
        &self,
        desired: &Desired,
        found: &Observed,
        protected: &BTreeSet<String>,
        of_comers: comers::Known<'_>,
    ) -> Result<Read, CloudError> {
        let gate = &desired.gate;
        let cloud = self.patient();
        let stages = stages(&cloud, gate).await?;
        let mut others = OtherStages::new(&cloud, gate, found);
        let mut served = BTreeMap::new();
        for stage in unknown_stages(desired, found, &stages, protected) {
            served.insert(stage.name.clone(), others.read(stage).await?);
        }
        // A little less than the interval, so that whoever comes next reads anew and the others share it.
        let max_age = self.options.access_resync.mul_f64(0.75);
        let known = self.inventory.mappings(&gate.region, max_age).await?;
        let lists = self.max_age(false);
        let (distributions, comers) = self
            .look_in_front(lists, |listing| {
                let own = of_comers.own;
                // What an earlier object left is told where it matters.
                let before = in_front(gate, &known.mappings, &known.targets, own, listing, |_, _| false);
                (before, comers::leading(gate, of_comers, listing))
            })
            .await?;
        let others = Others {
            desired,
            found,
            protected,
            stages: &stages,
            served: &served,
            mappings: &known.mappings,
            distributions: &distributions,
        };
        let names: Vec<&str> = known.unread.iter().map(|(name, _)| name.as_str()).collect();
        let why = known.unread.first();
        let why = why.map(|(_, error)| format!("{}: {}", listed(&names), failure(None, error).message));
        Ok(Read {
            doors: others.doors(),
            comers,
            why,
            known,
        })
    }
}

/// Why the stage to which this custom domain name leads hangs on the default endpoint being off; `None` where it does not.
async fn freed(
    cloud: &dyn Cloud,
    gate: &Gate,
    own: &Observed,
    name: &str,
    stage: &str,
) -> Result<Option<String>, CloudError> {
    let (_, tags) = cloud
        .get_domain_name(gate.region.clone(), name.to_owned())
        .await?;
    if !doors::says_free(&tags) {
        return Ok(Some("it tells of no other lock there".to_owned()));
    }
    let stages = stages(cloud, gate).await?;
    let is_named = |found: &&NamedStage| {
        let deployment = found.stage.deployment.as_deref();
        found.name == stage && deployment.is_some_and(|deployment| doors::frees(&tags, deployment))
    };
    let Some(served) = stages.iter().find(is_named) else {
        let why = "it tells of another lock there, and not of the deployment that the stage serves";
        return Ok(Some(why.to_owned()));
    };
    let deployed = OtherStages::new(cloud, gate, own).read(served).await?;
    Ok(doors::asks_all(&deployed).err())
}

/// The other doors as they were read.
struct Read {
    doors: Vec<OtherDoor>,
    /// Distributions that lead to the default endpoint, to whatever stage.
    comers: Vec<Comer>,
    /// Why some domain names could not be read, if so.
    why: Option<String>,
    /// What custom domain names lead to.
    known: Arc<Known>,
}

/// Distributions whose viewers are refused since the default endpoint is off, besides those that are known by leading to the stage.
fn shut_out(comers: &[Comer], known: &[OtherDoor]) -> Vec<OtherDoor> {
    let door = |comer: &Comer| OtherDoor {
        r#type: OtherDoorType::Distribution,
        name: format!("{} ({})", comer.domain_name, comer.id),
        stage: comer.stage().unwrap_or(ANY_STAGE).to_owned(),
        state: OtherDoorState::Locked,
    };
    let doors = comers.iter().map(door);
    let is_new = |door: &OtherDoor| !known.iter().any(|known| known.name == door.name);
    doors.filter(is_new).collect()
}

/// Custom domain names that lead to the stage, besides the one that asks for the client certificate.
fn past_the_origin(declared: &mutual_tls::Desired, known: &Known) -> Vec<Door> {
    let asking = known.truststores.iter();
    let asking: Vec<DomainName> = asking
        .map(|(name, truststore)| DomainName {
            truststore: Some(truststore.clone()),
            ..DomainName::of(name.clone(), None)
        })
        .collect();
    doors::found(&declared.gate, &declared.origin_domain, &known.mappings, &asking)
}

/// Why custom domain names could not be read, or one of them.
fn names_unread(name: Option<&str>, error: &CloudError) -> Unread {
    let failure = failure(None, error);
    Unread {
        name: name.map(ToOwned::to_owned),
        reason: failure.reason,
        why: match name {
            Some(name) => format!("{name}: {}", failure.message),
            None => failure.message,
        },
    }
}
