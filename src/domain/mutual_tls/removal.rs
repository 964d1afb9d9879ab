//! How all of it goes: after the distribution, and never the switch of the default endpoint.
//!
//! ```text
//! distribution ─▶ mappings, domain name ─▶ records of the origin's name ─┐
//!              │                        └▶ truststore ──────────────────┴▶ certificate of the origin's name
//!              └▶ client certificates, once ACM sees them unused; last, where there is no certificate of the origin's name
//! ```
//!
//! A certificate that objects share is no object's: it stays, and the sweeper deletes it once no object declares it.
//!
//! The domain name goes before what it is made of. Its records go last: nobody asks for them but CloudFront, which is gone by then.

use super::desired::key;
use super::origin_domain::arn_of_domain;
use super::place::{Place, place};
use super::{
    Inputs, SERVES_CLIENT, TAG_SERVES, client_certificate, origin_certificate, origin_domain, origin_records,
    shared_certificate, truststore,
};
use crate::domain::edge::certificate;
use crate::domain::edge::certificates::{self, Read, Removal};
use crate::domain::kernel::identity::{Ownership, Tags, ownership_proven};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{self, Id, Kind, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{TagCall, marked, tags_back};
use std::time::Duration;

/// The call of one of the rooms.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    OriginCertificate(origin_certificate::Action),
    OriginRecords(origin_records::Action),
    Truststore(truststore::Action),
    OriginDomain(origin_domain::Action),
    ClientCertificate(client_certificate::Action),
}

type Next = planning::Next<Action>;

/// What uses client certificates.
const DISTRIBUTION: &str = "the distribution";
/// What uses the certificate of the origin's name.
const DOMAIN: &str = "the custom domain name";
/// How soon tags that could not be read are asked for again.
const UNREAD_RETRY: Duration = Duration::from_secs(15);

/// What has to happen next so that nothing of this mode is left but the switch of the default endpoint.
#[must_use]
pub fn next_all(inputs: &Inputs<'_>, is_distribution_gone: bool) -> Vec<(Id, Next)> {
    if !is_distribution_gone {
        let wait = || Next::Blocked(vec![Kind::Distribution]);
        return known(inputs).into_iter().map(|id| (id, wait())).collect();
    }
    if inputs.seen.is_unread {
        return vec![(Id::of(Kind::OriginDomain), unread())];
    }
    let place = place(inputs);
    let mut all = Vec::new();
    let domain = domain_goes(inputs, &place);
    let after_domain = |next: &dyn Fn() -> Next| {
        if domain == Next::Done {
            next()
        } else {
            Next::Blocked(vec![Kind::OriginDomain])
        }
    };
    let records = after_domain(&|| origin_records::removal(inputs).map(Action::OriginRecords));
    let store = after_domain(&|| store_goes(inputs, &place));
    let is_rest_gone = [&domain, &records, &store]
        .into_iter()
        .all(|next| *next == Next::Done);
    all.extend(clients_go(inputs, is_rest_gone));
    let certificates = origin_certificate::certificates(inputs);
    for (arn, seen) in own_certificates(inputs) {
        // Its tags tell where the rest is.
        let next = if is_rest_gone {
            let next = certificates.removal(arn, seen, DOMAIN);
            next.map(Action::OriginCertificate)
        } else {
            Next::Blocked(vec![Kind::OriginDomain, Kind::OriginRecords, Kind::Truststore])
        };
        all.push((origin_certificate::id_of(arn), next));
    }
    all.push((Id::of(Kind::OriginDomain), domain));
    all.push((Id::of(Kind::OriginRecords), records));
    all.push((Id::of(Kind::Truststore), store));
    all
}

/// What is there, as far as it is seen.
fn known(inputs: &Inputs<'_>) -> Vec<Id> {
    let seen = inputs.seen;
    let is_domain_there = matches!(seen.domain, Seen::Present(_) | Seen::Listed(Some(_)));
    let origin = own_certificates(inputs).filter(|(_, seen)| **seen != Seen::Absent);
    let client = seen.client_certificates.iter();
    let client = client.filter(|(_, seen)| **seen != Seen::Absent);
    let domain = is_domain_there.then(|| Id::of(Kind::OriginDomain));
    domain
        .into_iter()
        .chain(origin.map(|(arn, _)| origin_certificate::id_of(arn)))
        .chain(client.map(|(arn, _)| client_id(arn)))
        .collect()
}

/// The certificates of the origin's name that are the object's own.
fn own_certificates<'a>(
    inputs: &Inputs<'a>,
) -> impl Iterator<Item = (&'a String, &'a Seen<certificate::Listed, certificate::Observed>)> {
    let all = inputs.seen.origin_certificates.iter();
    all.filter(|(arn, seen)| !shared_certificate::is_one(inputs, arn, seen))
}

fn client_id(arn: &str) -> Id {
    certificate::id(Kind::ClientCertificate, arn)
}

fn unread() -> Next {
    wait("tags of the API's Region could not be read, so it is not known what is left there".to_owned())
}

/// Without it nothing is called, and nothing counts as gone.
fn regionless(found: &origin_domain::Observed) -> Next {
    wait(format!(
        "custom domain name {} is there, and neither its certificate nor API Gateway's own name for it tells in which Region",
        found.content.name
    ))
}

fn wait(message: String) -> Next {
    Next::Wait(Wait {
        id: Id::of(Kind::OriginDomain),
        reason: Reason::AwsUnavailable,
        message,
        retry_after: UNREAD_RETRY,
    })
}

/// Beside the rest. Where the certificate of the origin's name is the team's own, theirs are the last tags that tell where the rest is.
fn clients_go(inputs: &Inputs<'_>, is_rest_gone: bool) -> Vec<(Id, Next)> {
    let is_told_else = own_certificates(inputs).any(|(_, seen)| *seen != Seen::Absent);
    if !is_rest_gone && !is_told_else {
        let wait = || Next::Blocked(vec![Kind::OriginDomain, Kind::OriginRecords, Kind::Truststore]);
        let there = inputs.seen.client_certificates.iter();
        let there = there.filter(|(_, seen)| **seen != Seen::Absent);
        return there.map(|(arn, _)| (client_id(arn), wait())).collect();
    }
    let mut tags = inputs.owner.tags();
    tags.insert(TAG_SERVES.to_owned(), SERVES_CLIENT.to_owned());
    let next = |id: Id, seen: &Seen<client_certificate::Listed, client_certificate::Observed>| match seen {
        Seen::Absent => Next::Done,
        Seen::Listed(_) => Next::Read,
        Seen::Present(found) => {
            let read = Read {
                content: &found.content,
                tags: &found.tags,
                whose: client_certificate::owns(inputs, found),
            };
            certificates::removal(id, read, &tags, DISTRIBUTION).map(of_client)
        }
    };
    let all = inputs.seen.client_certificates.iter();
    all.map(|(arn, seen)| (client_id(arn), next(client_id(arn), seen)))
        .collect()
}

fn of_client(removal: Removal) -> Action {
    Action::ClientCertificate(match removal {
        Removal::Tag(call) => client_certificate::Action::Tag(call),
        Removal::Delete(arn) => client_certificate::Action::Delete { arn },
    })
}

/// Whose it is. Nothing is wanted of it any more, so status alone proves it, with no record of what was wanted: what is not ours is left.
fn owns_domain(inputs: &Inputs<'_>, found: &origin_domain::Observed) -> Ownership {
    ownership_proven(&found.tags, inputs.owner, || {
        let remembered = inputs.remembered.and_then(|known| known.target.as_ref());
        remembered.is_some() && remembered == found.content.target.as_ref()
    })
}

/// Whether there may be a domain name that no list shows: where its name is known, a direct read always tells.
fn is_domain_expected(inputs: &Inputs<'_>) -> bool {
    inputs.desired.is_some() || inputs.pass.has_record(Kind::OriginDomain)
}

/// The domain name with its mappings.
fn domain_goes(inputs: &Inputs<'_>, place: &Place) -> Next {
    let id = Id::of(Kind::OriginDomain);
    let found = match &inputs.seen.domain {
        Seen::Absent => return Next::Done,
        Seen::Listed(None) if !is_domain_expected(inputs) => return Next::Done,
        Seen::Listed(_) => return Next::Read,
        Seen::Present(found) => found,
    };
    let Some(region) = place.region.clone() else {
        return regionless(found);
    };
    let name = &found.content.name;
    let act = |verb: Verb, action: origin_domain::Action| {
        Next::act(id.clone(), name, verb, vec![], Action::OriginDomain(action))
    };
    match owns_domain(inputs, found) {
        Ownership::Ours | Ownership::Retained => {}
        Ownership::Stripped => {
            let (_, missing) = tags_back(&found.tags, &inputs.owner.tags());
            let call = TagCall::setting(&arn_of_domain(&region, name), missing);
            return act(Verb::Update, origin_domain::Action::Tag(call));
        }
        Ownership::Condemned | Ownership::Foreign => return Next::Done,
    }
    match found.mappings.first() {
        Some(mapping) => act(
            Verb::Update,
            origin_domain::Action::Unmap {
                region,
                domain: name.clone(),
                id: mapping.id.clone(),
            },
        ),
        None => act(
            Verb::Delete,
            origin_domain::Action::Delete {
                region,
                name: name.clone(),
            },
        ),
    }
}

/// The truststore has no tags: its key says whose it is.
fn store_goes(inputs: &Inputs<'_>, place: &Place) -> Next {
    let Some(bucket) = place.bucket.clone() else {
        return Next::Done;
    };
    let found = match &inputs.seen.truststore {
        Seen::Absent => return Next::Done,
        Seen::Listed(Some(never)) => match *never {},
        Seen::Listed(None) => return Next::Read,
        Seen::Present(found) => found,
    };
    if found.content.is_none() {
        return Next::Done;
    }
    let key = key(inputs.owner);
    let name = format!("s3://{bucket}/{key}");
    let action = truststore::Action::Delete {
        region: found.region.clone(),
        bucket,
        key,
    };
    let id = Id::of(Kind::Truststore);
    Next::act(id, &name, Verb::Delete, vec![], Action::Truststore(action))
}

/// What has to happen next so that all of it stays and bears `mark`. Records stay as they are: their marks tell whose they were. So
/// does the truststore.
#[must_use]
pub fn mark(inputs: &Inputs<'_>, mark: &Tags) -> Vec<(Id, Next)> {
    let mut all = Vec::new();
    for (arn, seen) in own_certificates(inputs) {
        let whose =
            |found: &certificate::Observed| (origin_certificate::owns(inputs, found), found.tags.clone());
        let wrap = |call| Action::OriginCertificate(certificate::Action::Tag(call));
        let id = origin_certificate::id_of(arn);
        let next = mark_one(inputs, mark, id.clone(), arn, seen, whose, wrap);
        all.push((id, next));
    }
    for (arn, seen) in &inputs.seen.client_certificates {
        let whose = |found: &client_certificate::Observed| {
            (client_certificate::owns(inputs, found), found.tags.clone())
        };
        let wrap = |call| Action::ClientCertificate(client_certificate::Action::Tag(call));
        let next = mark_one(inputs, mark, client_id(arn), arn, seen, whose, wrap);
        all.push((client_id(arn), next));
    }
    let (id, seen) = (Id::of(Kind::OriginDomain), &inputs.seen.domain);
    let arn = match seen {
        Seen::Listed(Some(row)) => row.arn.clone(),
        Seen::Present(found) => {
            let Some(region) = place(inputs).region else {
                all.push((id, regionless(found)));
                return all;
            };
            arn_of_domain(&region, &found.content.name)
        }
        Seen::Listed(None) if is_domain_expected(inputs) => String::new(),
        Seen::Listed(None) | Seen::Absent => return all,
    };
    let whose = |found: &origin_domain::Observed| (owns_domain(inputs, found), found.tags.clone());
    let wrap = |call| Action::OriginDomain(origin_domain::Action::Tag(call));
    let next = mark_one(inputs, mark, id.clone(), &arn, seen, whose, wrap);
    all.push((id, next));
    all
}

/// The mark of one resource; `whose` tells whose it is, with its tags.
fn mark_one<L, T>(
    inputs: &Inputs<'_>,
    mark: &Tags,
    id: Id,
    arn: &str,
    seen: &Seen<L, T>,
    whose: impl FnOnce(&T) -> (Ownership, Tags),
    wrap: impl FnOnce(TagCall) -> Action,
) -> Next {
    let found = match seen {
        Seen::Absent => return Next::Done,
        Seen::Listed(_) => return Next::Read,
        Seen::Present(found) => found,
    };
    let (ownership, tags) = whose(found);
    marked(ownership, &tags, inputs.owner, mark).map_or(Next::Done, |set| {
        let action = wrap(TagCall::setting(arn, set));
        Next::act(id, arn, Verb::Update, vec![], action)
    })
}

#[cfg(test)]
mod tests;
