//! Which values an authorizer should accept, and which its code accepts: code is known again by its hash.

use super::rotation::{is_due, is_reached};
use crate::authorizer::{Options, package};
use crate::domain::access::credentials::authorizer::{Desired, Observed};
use crate::domain::access::inputs::{Inputs, Wanted};
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::proof::{Proof, Sent};
use crate::domain::kernel::secret::Secret;
use crate::domain::signer::function;
use crate::package::Package;
use std::collections::BTreeSet;

/// The secret values that are sent in headers, whichever.
fn sent_values(sent: &Sent) -> BTreeSet<Secret> {
    let names = sent_headers(sent).into_iter();
    names
        .filter_map(|name| sent.headers.get(&name).cloned())
        .collect()
}

/// The secret headers that are sent, whichever.
fn sent_headers(sent: &Sent) -> BTreeSet<String> {
    let is_secret = |name: &&String| Some(name.as_str()) != Proof::Key.header();
    sent.headers.keys().filter(is_secret).cloned().collect()
}

/// What code accepts: these values in any of these headers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Accepted {
    headers: BTreeSet<String>,
    values: BTreeSet<Secret>,
}

impl Accepted {
    fn package(&self, desired: &Desired) -> Option<Package> {
        let options = Options {
            headers: self.headers.iter().cloned().collect(),
            digests: self.values.iter().map(Secret::digest).collect(),
            protocol: desired.protocol,
        };
        package(&options).ok()
    }

    fn is_within(&self, other: &Self) -> bool {
        self.headers.is_subset(&other.headers) && self.values.is_subset(&other.values)
    }
}

fn with(values: &BTreeSet<Secret>, more: Option<&Secret>) -> BTreeSet<Secret> {
    values.iter().chain(more).cloned().collect()
}

/// What code of this hash accepts, where it is code that we would write, or would have written, with what we know.
fn accepted(desired: &Desired, inputs: &Inputs<'_>, code_sha256: &str) -> Option<Accepted> {
    let content = inputs.distribution_content()?;
    let sent = content.map(|found| found.sent.clone()).unwrap_or_default();
    let (values, headers) = (sent_values(&sent), sent_headers(&sent));
    let fresh = inputs.generated_value;
    let all_headers: BTreeSet<String> = headers.iter().cloned().chain([desired.header.clone()]).collect();
    let values = [with(&values, fresh), values, with(&BTreeSet::new(), fresh)];
    let mut candidates = BTreeSet::from([all_headers, headers])
        .into_iter()
        .flat_map(|headers| {
            values.clone().map(|values| Accepted {
                headers: headers.clone(),
                values,
            })
        });
    candidates.find(|accepted| {
        let package = accepted.package(desired);
        package.is_some_and(|package| package.code_sha256 == code_sha256)
    })
}

/// Whether code of this hash lets in who shows `value` in the wanted header.
fn accepts(desired: &Desired, inputs: &Inputs<'_>, code_sha256: &str, value: &Secret) -> bool {
    let accepted = accepted(desired, inputs, code_sha256);
    accepted.is_some_and(|found| found.headers.contains(&desired.header) && found.values.contains(value))
}

/// Whether code of this hash accepts just what CloudFront sends.
fn is_exact(desired: &Desired, inputs: &Inputs<'_>, code_sha256: &str) -> bool {
    let content = inputs.distribution.present();
    content.is_some_and(|found| {
        let exact = Accepted {
            headers: sent_headers(&found.sent),
            values: sent_values(&found.sent),
        };
        let package = exact.package(desired);
        package.is_some_and(|package| package.code_sha256 == code_sha256)
    })
}

impl Observed {
    /// Whether the function, as it is, lets in who shows `value`.
    #[must_use]
    pub fn accepts(&self, desired: &Desired, inputs: &Inputs<'_>, value: &Secret) -> bool {
        let Some(function) = &self.function else {
            return false;
        };
        let latest = &function.latest;
        let works =
            !latest.updating && matches!(latest.state, function::State::Active | function::State::Inactive);
        works && self.is_permitted(desired) && accepts(desired, inputs, &latest.code_sha256, value)
    }

    /// Whether the function accepts just what CloudFront sends.
    #[must_use]
    pub fn is_exact(&self, desired: &Desired, inputs: &Inputs<'_>) -> bool {
        let code = self
            .function
            .as_ref()
            .map(|function| &function.latest.code_sha256);
        code.is_some_and(|code| is_exact(desired, inputs, code))
    }
}

/// The code that the function should have; `None` to leave it as it is for now.
pub(in crate::domain::access) fn wanted_code(
    wanted: &Wanted<'_>,
    desired: &Desired,
    inputs: &Inputs<'_>,
    found: &Observed,
    sent: &Sent,
) -> Option<Package> {
    let values = sent_values(sent);
    let fresh = inputs.generated_value;
    let current = sent.value(&wanted.access.proof);
    let present = found
        .function
        .as_ref()
        .map(|function| &function.latest.code_sha256);
    let known = present.and_then(|sha| accepted(desired, inputs, sha));
    let is_next_known = known
        .as_ref()
        .zip(fresh)
        .is_some_and(|(known, fresh)| known.values.contains(fresh));
    let wants_next = current.is_none() || is_due(wanted, inputs) || is_next_known;
    let accepted = Accepted {
        headers: sent_headers(sent)
            .into_iter()
            .chain([desired.header.clone()])
            .collect(),
        values: if wants_next { with(&values, fresh) } else { values },
    };
    let is_wider = known.is_some_and(|known| known.is_within(&accepted));
    // Code that we cannot tell may be what lets the viewers in until the new value is sent everywhere.
    let may_narrow = match inputs.distribution.present() {
        // Nobody shows it anything.
        Some(_) if sent_headers(sent).is_empty() => true,
        // Where viewers are refused, it lets nobody in.
        Some(distribution) => {
            let viewer = inputs.probes.get(&Way::Viewer);
            let is_refused = matches!(viewer, Some(Verdict::Refused { .. }));
            distribution.is_deployed && (is_refused || is_reached(wanted, inputs))
        }
        None => true,
    };
    let may_write = present.is_none() || is_wider || may_narrow;
    may_write.then(|| accepted.package(desired)).flatten()
}

/// The code that lets in what CloudFront sends in the header of `desired`; `None` where it sends nothing there, or where the function
/// has code that does.
pub(in crate::domain::access) fn missing_code(
    desired: &Desired,
    inputs: &Inputs<'_>,
    found: &Observed,
) -> Option<Package> {
    let sent = inputs.sent()?;
    let value = sent.value(&Proof::Header(desired.header.clone()))?;
    let function = found.function.as_ref();
    if function.is_some_and(|function| accepts(desired, inputs, &function.latest.code_sha256, value)) {
        return None;
    }
    let exact = Accepted {
        headers: sent_headers(sent),
        values: sent_values(sent),
    };
    exact.package(desired)
}
