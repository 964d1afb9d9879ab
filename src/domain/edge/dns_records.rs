//! The records by which the aliases lead to the distribution, in the declared hosted zone, with a mark beside each.
//!
//! A record without a mark of ours is never written over. One batch has all changes of an object, and happens as a whole.

use super::hosted_zone::{Deed, NameOwner, Record, RecordChange, Zone, leading_to, mark_name, mark_of};
use super::inputs::Inputs;
use super::names::{Desired, ZoneSeen};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Step, Verb};
use crate::domain::kernel::reason::Reason;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A batch of changes to one zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The zone's id.
    pub zone: String,
    /// What changes.
    pub changes: Vec<RecordChange>,
}

/// The records in the hosted zone `zone`.
#[must_use]
pub fn id_of(zone: &str) -> Id {
    Id {
        kind: Kind::Records,
        part: zone.to_owned(),
    }
}

/// What the records need next, in each zone that has some or should have.
/// None is made while the lock of the API is busy.
#[must_use]
pub fn next_all(inputs: &Inputs<'_>, is_busy: bool) -> Vec<(Id, Next<Action>)> {
    let mut all = Vec::new();
    let wanted = inputs.desired;
    let declared = wanted.and_then(|names| names.zone.clone());
    let zones: BTreeSet<String> = inputs.known_zones().into_iter().chain(declared.clone()).collect();
    for zone in zones {
        let names = wanted.filter(|_| declared.as_ref() == Some(&zone));
        match inputs.seen.zones.get(&zone) {
            None => all.push((id_of(&zone), Next::Read)),
            Some(ZoneSeen::Missing) if names.is_some() => all.push((id_of(&zone), missing(&zone))),
            Some(ZoneSeen::Missing) => {}
            Some(ZoneSeen::Found(found)) => {
                let id = id_of(&zone);
                let of_zone = next_of_zone(names, &names_kept(wanted, &zone), found, inputs, is_busy);
                all.extend(of_zone.into_iter().map(|next| (id.clone(), next)));
            }
        }
    }
    all
}

/// The names whose records in `zone` are not taken away: those that are wanted there, and, where no zone is declared any
/// more, all that viewers still use.
fn names_kept(wanted: Option<&Desired>, zone: &str) -> BTreeSet<String> {
    let names = wanted.filter(|names| names.zone.as_deref().is_none_or(|declared| declared == zone));
    names.map(|names| names.aliases.clone()).unwrap_or_default()
}

/// Names with records of ours in zones that nobody declares any more, by zone.
#[must_use]
pub fn kept(inputs: &Inputs<'_>) -> Vec<(String, Vec<String>)> {
    if inputs.desired.is_none_or(|names| names.zone.is_some()) {
        return vec![];
    }
    let zones = inputs.known_zones().into_iter();
    let of_zone = |zone: String| {
        let kept = names_kept(inputs.desired, &zone);
        let mut names = inputs.seen.zone(&zone)?.marked(inputs.owner);
        names.retain(|name| kept.contains(name));
        (!names.is_empty()).then_some((zone, names))
    };
    zones.filter_map(of_zone).collect()
}

/// What one zone needs, in which `names` are wanted.
fn next_of_zone(
    names: Option<&Desired>,
    kept: &BTreeSet<String>,
    zone: &Zone,
    inputs: &Inputs<'_>,
    is_busy: bool,
) -> Vec<Next<Action>> {
    let mut all = Vec::new();
    let mut changes = Vec::new();
    if let Some(names) = names {
        if let Some(problem) = unfit(names, zone) {
            all.push(problem);
        } else {
            let wanted = wanted(names, zone, inputs, is_busy);
            if !wanted.taken.is_empty() {
                let domain = inputs.domain_name.unwrap_or("the distribution");
                let remedy = format!(
                    "as long as they serve viewers, have them lead to {domain} once it is Deployed with their names, and not \
                     sooner, since CloudFront refuses viewers of names that it does not have: as CNAME records or as aliases (A, \
                     AAAA). Then they stay as they are, and are yours to look after"
                );
                all.push(taken(&zone.head.id, &wanted.taken, &remedy));
            }
            if wanted.is_early {
                all.push(Next::Blocked(vec![Kind::Distribution]));
            }
            changes = wanted.changes;
        }
    }
    changes.extend(removal(inputs.owner, zone, kept));
    if !changes.is_empty() {
        all.push(act(zone, changes));
    }
    all
}

/// What the declared names need.
#[derive(Default)]
struct Wanted {
    changes: Vec<RecordChange>,
    /// Records of others at names of ours.
    taken: Vec<String>,
    /// Whether a name may not lead to the distribution yet.
    is_early: bool,
}

fn wanted(names: &Desired, zone: &Zone, inputs: &Inputs<'_>, is_busy: bool) -> Wanted {
    let mut wanted = Wanted::default();
    let domain = inputs.domain_name;
    let served = inputs.distribution.names().map(|names| names.aliases);
    let is_marked = inputs.marked_zones().any(|marked| marked == zone.head.id);
    for alias in &names.aliases {
        let foreign = |record: &&Record| record.is_foreign();
        let (deed, foreign): (Deed, Vec<&Record>) = match zone.whose(alias, &names.owner) {
            NameOwner::Ours(_) => (Deed::Upsert, zone.leading(alias).filter(foreign).collect()),
            NameOwner::Nobodys => (Deed::Create, zone.leading(alias).collect()),
            NameOwner::Anothers(mark) => (Deed::Create, vec![mark]),
        };
        if !foreign.is_empty() {
            // What leads here without a mark of ours is for those to look after who made it.
            let is_led_here =
                |record: &&Record| domain.is_some_and(|domain| record.leads_to(|name| name == domain));
            if deed != Deed::Create || !foreign.iter().all(is_led_here) {
                wanted.taken.extend(foreign.into_iter().map(Record::words));
            }
            continue;
        }
        let is_served = served.as_ref().is_some_and(|served| served.contains(alias));
        let (Some(domain), true, true) = (domain, is_served, is_marked) else {
            wanted.is_early = true;
            continue;
        };
        if deed == Deed::Create && (is_busy || !inputs.distribution.is_deployed()) {
            wanted.is_early = true;
            continue;
        }
        let [a, aaaa] = leading_to(alias, domain);
        let records = [a, aaaa, mark_of(alias, &names.owner, domain)];
        let missing = records
            .into_iter()
            .filter(|record| !zone.at(&record.name).contains(record));
        wanted
            .changes
            .extend(missing.map(|record| RecordChange { deed, record }));
    }
    wanted
}

/// What takes `owner`'s records away, but for those of `kept`. Where somebody has had a name lead elsewhere since, only the
/// mark goes.
#[must_use]
pub fn removal(owner: &Owner, zone: &Zone, kept: &BTreeSet<String>) -> Vec<RecordChange> {
    let mut gone = Vec::new();
    for name in zone.marked(owner).into_iter().filter(|name| !kept.contains(name)) {
        let NameOwner::Ours(target) = zone.whose(&name, owner) else {
            continue;
        };
        let ours = leading_to(&name, target);
        gone.extend(
            zone.leading(&name)
                .filter(|record| ours.contains(record))
                .cloned(),
        );
        let marks = zone.at(&mark_name(&name)).iter();
        gone.extend(marks.filter(|record| record.r#type == "TXT").cloned());
    }
    let delete = |record| RecordChange {
        deed: Deed::Delete,
        record,
    };
    gone.into_iter().map(delete).collect()
}

/// The call for a batch of changes.
#[must_use]
pub fn act(zone: &Zone, changes: Vec<RecordChange>) -> Next<Action> {
    act_as(id_of(&zone.head.id), zone, changes)
}

/// The same, as a step of the resource `id`.
#[must_use]
pub fn act_as(id: Id, zone: &Zone, changes: Vec<RecordChange>) -> Next<Action> {
    let is_all = |deed: Deed| changes.iter().all(|change| change.deed == deed);
    let verb = if is_all(Deed::Create) {
        Verb::Create
    } else if is_all(Deed::Delete) {
        Verb::Delete
    } else {
        Verb::Update
    };
    let names: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.record.r#type != "TXT")
        .map(|change| change.record.name.as_str())
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    let name = if names.is_empty() {
        format!("in {}", zone.head.name)
    } else {
        format!("{} in {}", names.join(", "), zone.head.name)
    };
    Next::Act(Box::new(Step {
        id,
        name,
        verb,
        changes: if verb == Verb::Update {
            changes.iter().map(told).collect()
        } else {
            vec![]
        },
        action: Action {
            zone: zone.head.id.clone(),
            changes,
        },
    }))
}

fn told(change: &RecordChange) -> Change {
    let record = json!(change.record.words());
    let (from, to) = match change.deed {
        Deed::Delete => (record, Value::Null),
        Deed::Create | Deed::Upsert => (Value::Null, record),
    };
    Change {
        path: format!("{} {}", change.record.name, change.record.r#type),
        from,
        to,
    }
}

/// Why no name can have its records in this zone, if so.
#[must_use]
pub fn unfit(names: &Desired, zone: &Zone) -> Option<Next<Action>> {
    let head = &zone.head;
    if head.is_private {
        let message = format!(
            "spec.distribution.hostedZoneId: {} is a private zone of {}, which viewers do not see: name the public one",
            head.id, head.name
        );
        return Some(problem(&head.id, Reason::HostedZonePrivate, message));
    }
    let misses: Vec<String> = names
        .aliases
        .iter()
        .filter_map(|alias| zone.misses(alias))
        .collect();
    (!misses.is_empty()).then(|| {
        let message = format!(
            "spec.distribution.hostedZoneId: the zone {} of {} does not cover every alias: {}; name the zone that does, or \
             make a ProtectedApi for each zone",
            head.id,
            head.name,
            misses.join("; ")
        );
        problem(&head.id, Reason::HostedZoneDoesNotCoverAlias, message)
    })
}

fn missing(zone: &str) -> Next<Action> {
    let message = format!(
        "spec.distribution.hostedZoneId: this account has no hosted zone {zone}: name one that it has, or leave the field out \
         and make the records yourself"
    );
    problem(zone, Reason::HostedZoneNotFound, message)
}

/// The problem of records of somebody else's at names that are wanted.
#[must_use]
pub fn taken(zone: &str, records: &[String], remedy: &str) -> Next<Action> {
    taken_as(id_of(zone), zone, records, remedy)
}

/// The same, told of the resource `id`.
#[must_use]
pub fn taken_as(id: Id, zone: &str, records: &[String], remedy: &str) -> Next<Action> {
    let message = format!(
        "the hosted zone {zone} has records that this object did not make, and they are left alone: {}; {remedy}",
        records.join("; ")
    );
    problem_of(id, Reason::RecordTaken, message)
}

fn problem(zone: &str, reason: Reason, message: String) -> Next<Action> {
    Next::Problem(Problem::new(id_of(zone), reason, message).about("spec.distribution.hostedZoneId"))
}

fn problem_of(id: Id, reason: Reason, message: String) -> Next<Action> {
    Next::Problem(Problem::new(id, reason, message))
}
