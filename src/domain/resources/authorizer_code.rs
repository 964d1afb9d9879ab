//! Which values an authorizer should accept, and which its code accepts: code is known again by its hash.

use super::access_proof::{Proof, Sent};
use super::access_rotation::{is_due, is_proven};
use super::authorizer::{Desired, Observed};
use crate::authorizer::{Options, package};
use crate::domain::desired::Desired as DesiredAll;
use crate::domain::observed::Observed as Everything;
use crate::domain::probe::{Verdict, Way};
use crate::domain::secret::Secret;
use crate::package::Package;
use std::collections::BTreeSet;

/// The secret values that are sent in headers, whichever.
fn sent_values(sent: &Sent) -> BTreeSet<Secret> {
    let is_header = |name: &&String| Some(name.as_str()) != Proof::Key.header();
    let names = sent.headers.keys().filter(is_header);
    names.filter_map(|name| sent.headers.get(name)).cloned().collect()
}

/// The code that accepts `values` in the wanted header, and in those that CloudFront still sends.
fn code(desired: &Desired, sent: &Sent, values: &BTreeSet<Secret>) -> Option<Package> {
    let key = Proof::Key.header();
    let others = sent.headers.keys().filter(|name| Some(name.as_str()) != key);
    let headers: BTreeSet<String> = others.cloned().chain([desired.header.clone()]).collect();
    let options = Options {
        headers: headers.into_iter().collect(),
        digests: values.iter().map(Secret::digest).collect(),
        protocol: desired.protocol,
    };
    package(&options).ok()
}

fn with(values: &BTreeSet<Secret>, more: Option<&Secret>) -> BTreeSet<Secret> {
    values.iter().chain(more).cloned().collect()
}

/// The values that code of this hash accepts, where it is code that we would write now.
#[must_use]
pub fn accepted(desired: &Desired, everything: &Everything, code_sha256: &str) -> Option<BTreeSet<Secret>> {
    let content = everything.distribution_content()?;
    let sent = content
        .map(super::distribution::Observed::sent)
        .unwrap_or_default();
    let values = sent_values(&sent);
    let fresh = everything.fresh.as_ref();
    let candidates = [with(&values, fresh), values, with(&BTreeSet::new(), fresh)];
    candidates
        .into_iter()
        .find(|values| code(desired, &sent, values).is_some_and(|code| code.code_sha256 == code_sha256))
}

/// Whether code of this hash accepts just what CloudFront sends.
#[must_use]
pub fn is_exact(desired: &Desired, everything: &Everything, code_sha256: &str) -> bool {
    let content = everything.distribution.present();
    content.is_some_and(|found| {
        let sent = found.sent();
        let code = code(desired, &sent, &sent_values(&sent));
        code.is_some_and(|code| code.code_sha256 == code_sha256)
    })
}

/// The code that the function should have; `None` to leave it as it is for now.
pub(super) fn wanted_code(
    all: &DesiredAll,
    desired: &Desired,
    everything: &Everything,
    found: &Observed,
    sent: &Sent,
) -> Option<Package> {
    let values = sent_values(sent);
    let fresh = everything.fresh.as_ref();
    let current = sent.value(&all.access.proof);
    let present = found
        .function
        .as_ref()
        .map(|function| &function.latest.code_sha256);
    let known = present.and_then(|sha| accepted(desired, everything, sha));
    let is_next_known = known
        .as_ref()
        .zip(fresh)
        .is_some_and(|(known, fresh)| known.contains(fresh));
    let wants_next = current.is_none() || is_due(all, everything) || is_next_known;
    let wanted = if wants_next { with(&values, fresh) } else { values };
    let is_wider = known.as_ref().is_some_and(|known| known.is_subset(&wanted));
    // Code that we cannot tell may be what lets the viewers in until the new value is sent everywhere.
    let may_narrow = match everything.distribution.present() {
        // Where viewers are refused, it lets nobody in.
        Some(distribution) => {
            let viewer = everything.probes.get(&Way::Viewer);
            let is_refused = matches!(viewer, Some(Verdict::Refused { .. }));
            distribution.is_deployed() && (is_refused || is_proven(all, everything))
        }
        None => true,
    };
    let may_write = present.is_none() || is_wider || may_narrow;
    may_write.then(|| code(desired, sent, &wanted)).flatten()
}
