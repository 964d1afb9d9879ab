//! How names go: records before the distribution, so that none leads to a name that is nobody's any more, and certificates
//! after it, which uses them.

use super::after;
use super::marks::needs;
use super::shield::Way;
use super::steps::{Lists, act, settling};
use crate::domain::edge::names::ZoneSeen;
use crate::domain::edge::{certificate, certificate_next, dns_records};
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Kind, Verb};
use crate::domain::kernel::tagging::TagCall;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Next, Plan};
use std::collections::BTreeSet;

/// What has to happen next so that no record of `owner` is left.
pub(super) fn records_go(owner: &Owner, observed: &Observed, plan: &mut Plan) -> Way {
    if let Seen::Listed(Some(row)) = &observed.distribution
        && row.tags.is_none()
        && row.listed.enabled
    {
        return Way::Unknown;
    }
    let mut way = Way::Free;
    for zone in observed.known_zones() {
        let next = match observed.names.zones.get(&zone) {
            // Without the right to read it, no record was made that status does not know.
            None if observed.names.is_denied && !observed.is_zone_known(&zone) => Next::Done,
            None => Next::Read,
            Some(ZoneSeen::Missing) => Next::Done,
            Some(ZoneSeen::Found(found)) => {
                let changes = dns_records::removal(owner, found, &BTreeSet::new());
                if changes.is_empty() {
                    Next::Done
                } else {
                    dns_records::act(found, changes).map(Action::Records)
                }
            }
        };
        if next != Next::Done {
            way = Way::Barred;
        }
        plan.add(dns_records::id_of(&zone), next);
    }
    way
}

/// Why the distribution, whose tags tell that there may be certificates, must not vanish yet.
pub(super) fn holds_distribution(observed: &Observed, lists: Lists) -> Option<Next> {
    let is_last_proof = observed.marked_zones().next().is_some();
    (is_last_proof && !lists.settled).then(|| settling(Kind::Certificate))
}

/// What has to happen next so that no certificate of `owner` is left, after the distribution.
pub(super) fn certificates_go(observed: &Observed, distribution: &Next, plan: &mut Plan) {
    for (arn, seen) in &observed.names.certificates {
        let next = after(distribution, Kind::Distribution, || {
            certificate_next::removal(&observed.names_inputs(None), arn, seen).map(Action::Certificate)
        });
        plan.add(certificate::id_of(arn), next);
    }
}

/// What has to happen next so that certificates stay and are marked. Records stay as they are: their marks tell whose they
/// were.
pub(super) fn mark(owner: &Owner, observed: &Observed, mark: &Tags, plan: &mut Plan) {
    for (arn, seen) in &observed.names.certificates {
        let id = certificate::id_of(arn);
        match seen {
            Seen::Listed(_) => plan.add(id, Next::Read),
            Seen::Present(found) => {
                let ownership = observed.owns_certificate(found);
                if let Some(tags) = needs(ownership, &found.tags, owner, mark) {
                    let call = TagCall::setting(arn, tags);
                    let action = Action::Certificate(certificate::Action::Tag(call));
                    let name = &found.content.arn;
                    plan.add(id.clone(), act(id.kind, &id.part, name, Verb::Update, action));
                }
            }
            Seen::Absent => {}
        }
    }
}
