//! DNS records of the origin's name, in the declared hosted zone: what ACM looks for, where the name leads, and whose it is.
//!
//! The name leads by an A record alone: the domain name is made for IPv4, and CloudFront asks for nothing else.

use super::place::place;
use super::{Desired, Inputs, origin_certificate, refusals};
use crate::domain::edge::certificate_proof::missing_proofs;
use crate::domain::edge::dns_records::{self, act_as, taken_as};
use crate::domain::edge::hosted_zone::{
    Deed, NameOwner, Record, RecordChange, Zone, alias_of, mark_name, origin_mark_of,
};
use crate::domain::edge::names::ZoneSeen;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::planning::{Id, Kind, Next};

/// A batch of changes to the zone.
pub type Action = dns_records::Action;

/// What the records need next; `target` is API Gateway's own name for the domain name, and the hosted zone of that.
#[must_use]
pub fn next(inputs: &Inputs<'_>, target: Option<(&str, &str)>) -> Next<Action> {
    let Some(desired) = inputs.desired else {
        return Next::Done;
    };
    if inputs.zone.is_none() {
        return Next::Read;
    }
    // Why it does not fit, a problem tells; what waits for the records goes on waiting.
    let Some(zone) = refusals::fit_zone(inputs) else {
        return Next::Blocked(vec![id().kind]);
    };
    let (mut changes, mut taken) = missing_proofs(&origin_certificate::proofs(inputs), zone);
    if let Some((name, target_zone)) = target {
        match missing(desired, zone, name, target_zone) {
            Ok(missing) => changes.extend(missing),
            Err(foreign) => taken.extend(foreign),
        }
    }
    if !changes.is_empty() {
        return act_as(id(), zone, changes);
    }
    if taken.is_empty() {
        return Next::Done;
    }
    let remedy = "the name of spec.access.mutualTls.originDomain is for CloudFront alone. Have whoever made them lead their users to \
                  another name, or declare this object anew with another originDomain where nothing of it serves viewers yet. Records that \
                  prove a certificate are not needed with spec.access.mutualTls.certificateArn";
    taken_as(id(), &zone.head.id, &taken, remedy)
}

fn id() -> Id {
    Id::of(Kind::OriginRecords)
}

/// The records that are missing so that the name leads there.
///
/// # Errors
/// Records of others that stand in the way.
fn missing(
    desired: &Desired,
    zone: &Zone,
    target: &str,
    target_zone: &str,
) -> Result<Vec<RecordChange>, Vec<String>> {
    let name = &desired.origin_domain;
    let is_foreign = |record: &&Record| record.is_foreign();
    let (deed, foreign): (Deed, Vec<&Record>) = match zone.whose(name, &desired.owner) {
        NameOwner::Ours(_) => (Deed::Upsert, zone.leading(name).filter(is_foreign).collect()),
        NameOwner::Nobodys => (Deed::Create, zone.leading(name).collect()),
        NameOwner::Anothers(mark) => (Deed::Create, vec![mark]),
    };
    if !foreign.is_empty() {
        // What leads there without a mark of ours is for those to look after who made it.
        let leads = |record: &&Record| leads_to(record, target);
        if deed == Deed::Create && foreign.iter().all(leads) {
            return Ok(vec![]);
        }
        return Err(foreign.into_iter().map(Record::words).collect());
    }
    let records = [
        alias_of(name, "A", target_zone, target),
        origin_mark_of(name, &desired.owner, target),
    ];
    let missing = records
        .into_iter()
        .filter(|record| !zone.at(&record.name).contains(record));
    Ok(missing.map(|record| RecordChange { deed, record }).collect())
}

fn leads_to(record: &Record, target: &str) -> bool {
    record.leads_to(|name| name.eq_ignore_ascii_case(target))
}

/// Whether the origin's name leads there, as far as the zone says: for IPv4, by records of ours or of others.
#[must_use]
pub fn is_leading(inputs: &Inputs<'_>, target: Option<(&str, &str)>) -> bool {
    let (Some(desired), Some(zone), Some((name, _))) = (inputs.desired, refusals::fit_zone(inputs), target)
    else {
        return false;
    };
    let records = zone.leading(&desired.origin_domain);
    let mut records = records.filter(|record| record.r#type != "AAAA").peekable();
    records.peek().is_some() && records.all(|record| leads_to(record, name))
}

/// What takes the records of the origin's name away. Those that prove it to ACM stay: they are the same for all certificates of an
/// account.
#[must_use]
pub fn removal(inputs: &Inputs<'_>) -> Next<Action> {
    match (inputs.zone, place(inputs).zone) {
        (Some(ZoneSeen::Found(zone)), _) => {
            let changes = gone(inputs.owner, zone);
            if changes.is_empty() {
                Next::Done
            } else {
                act_as(id(), zone, changes)
            }
        }
        (None, Some(_)) => Next::Read,
        (Some(ZoneSeen::Missing), _) | (None, None) => Next::Done,
    }
}

/// Where somebody has had the name lead elsewhere since, only the mark goes.
fn gone(owner: &Owner, zone: &Zone) -> Vec<RecordChange> {
    let mut gone: Vec<Record> = Vec::new();
    for name in zone.marked_origins(owner) {
        let NameOwner::Ours(target) = zone.whose(&name, owner) else {
            continue;
        };
        let leading = zone.leading(&name);
        let ours = leading
            .filter(|record| !record.is_foreign() && record.target.is_some() && leads_to(record, target));
        gone.extend(ours.cloned());
        let marks = zone.at(&mark_name(&name)).iter();
        gone.extend(marks.filter(|record| record.r#type == "TXT").cloned());
    }
    let deed = Deed::Delete;
    gone.into_iter()
        .map(|record| RecordChange { deed, record })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edge::certificate::{PENDING, ProofRecord};
    use crate::domain::edge::dns_records;
    use crate::domain::edge::hosted_zone::{cname, leading_to, mark_of};
    use crate::domain::kernel::observing::Seen;
    use crate::domain::kernel::reason::Reason;
    use crate::domain::mutual_tls::object_fixtures::{
        Fixture, PUBLIC_ARN, TARGET, TARGET_ZONE, owner, public_certificate, zone,
    };
    use std::collections::BTreeSet;

    const NAME: &str = "origin.example.com";
    const THERE: Option<(&str, &str)> = Some((TARGET, TARGET_ZONE));

    fn batch(next: Next<Action>) -> Vec<RecordChange> {
        match next {
            Next::Act(step) => step.action.changes,
            next => panic!("{next:?}"),
        }
    }

    fn standing() -> Vec<Record> {
        vec![
            alias_of(NAME, "A", TARGET_ZONE, TARGET),
            origin_mark_of(NAME, &owner(), TARGET),
        ]
    }

    #[test]
    fn the_zone_is_read_first_and_nothing_leads_anywhere_before_there_is_a_target() {
        let mut world = Fixture::empty();
        assert_eq!(next(&world.inputs(), None), Next::Done);
        assert!(!is_leading(&world.inputs(), None));
        world.zone = None;
        assert_eq!(next(&world.inputs(), None), Next::Read);
        world.zone = Some(ZoneSeen::Missing);
        assert_eq!(
            next(&world.inputs(), THERE),
            Next::Blocked(vec![Kind::OriginRecords]),
            "what is wrong with it is told by refusals"
        );
    }

    #[test]
    fn name_and_mark_come_in_one_batch_with_what_acm_looks_for() {
        let mut world = Fixture::empty();
        let mut found = public_certificate();
        found.content.status = PENDING.into();
        found.content.proofs = vec![ProofRecord {
            name: "_a.origin.example.com".into(),
            value: "_b.acm-validations.aws".into(),
        }];
        world
            .seen
            .origin_certificates
            .insert(PUBLIC_ARN.into(), Seen::Present(found));
        let changes = batch(next(&world.inputs(), THERE));
        let names: Vec<_> = changes
            .iter()
            .map(|change| {
                (
                    change.deed,
                    change.record.name.as_str(),
                    change.record.r#type.as_str(),
                )
            })
            .collect();
        assert_eq!(
            names,
            [
                (Deed::Create, "_a.origin.example.com", "CNAME"),
                (Deed::Create, NAME, "A"),
                (Deed::Create, "palisade-owner.origin.example.com", "TXT"),
            ]
        );
    }

    #[test]
    fn what_stands_is_left_alone_and_what_was_changed_is_put_right() {
        let mut world = Fixture::empty();
        world.put_zone(standing());
        assert_eq!(next(&world.inputs(), THERE), Next::Done);
        assert!(is_leading(&world.inputs(), THERE));
        let elsewhere = Some(("d-new.execute-api.eu-north-1.amazonaws.com", TARGET_ZONE));
        assert!(!is_leading(&world.inputs(), elsewhere));
        let changes = batch(next(&world.inputs(), elsewhere));
        assert!(changes.iter().all(|change| change.deed == Deed::Upsert));
        assert_eq!(changes.len(), 2);
    }

    #[test]
    fn a_record_of_others_is_told_and_never_written_over() {
        let theirs = [
            vec![cname(NAME, "elsewhere.example.org")],
            vec![leading_to(NAME, "d1.cloudfront.net")[0].clone()],
            vec![mark_of(
                NAME,
                &Owner {
                    uid: "another".into(),
                    ..owner()
                },
                "x",
            )],
        ];
        for records in theirs {
            let mut world = Fixture::empty();
            world.put_zone(records);
            let told = next(&world.inputs(), THERE);
            assert!(
                matches!(&told, Next::Problem(problem) if problem.reason == Reason::RecordTaken
                    && problem.id == Id::of(Kind::OriginRecords)
                    && problem.message.contains("spec.access.mutualTls.originDomain")),
                "{told:?}"
            );
            assert!(!is_leading(&world.inputs(), THERE));
        }
    }

    #[test]
    fn a_record_of_the_teams_own_that_leads_there_does() {
        let mut world = Fixture::empty();
        world.put_zone(vec![cname(NAME, TARGET)]);
        assert_eq!(next(&world.inputs(), THERE), Next::Done);
        assert!(is_leading(&world.inputs(), THERE));
    }

    #[test]
    fn name_and_mark_go_and_what_others_made_stays() {
        let mut world = Fixture::empty();
        let proof = cname("_a.origin.example.com", "_b.acm-validations.aws");
        world.put_zone([standing(), vec![proof]].concat());
        let changes = batch(removal(&world.inputs()));
        assert_eq!(changes.len(), 2);
        assert!(changes.iter().all(|change| change.deed == Deed::Delete));
        let elsewhere = alias_of(
            NAME,
            "A",
            TARGET_ZONE,
            "d-other.execute-api.eu-north-1.amazonaws.com",
        );
        world.put_zone(vec![elsewhere, origin_mark_of(NAME, &owner(), TARGET)]);
        let changes = batch(removal(&world.inputs()));
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].record.r#type, "TXT");
    }

    #[test]
    fn a_zone_that_is_known_is_read_before_records_are_said_to_be_gone() {
        let mut world = Fixture::empty();
        assert_eq!(removal(&world.inputs()), Next::Done);
        world.zone = None;
        assert_eq!(removal(&world.inputs()), Next::Read);
        world.is_leaving = true;
        assert_eq!(removal(&world.inputs()), Next::Done);
    }

    #[test]
    fn the_distributions_names_neither_take_the_origins_away_nor_wait_for_it() {
        let zone = zone(standing());
        assert!(dns_records::removal(&owner(), &zone, &BTreeSet::new()).is_empty());
        assert!(zone.marked(&owner()).is_empty());
    }
}
