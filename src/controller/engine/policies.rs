//! Which policies of the distribution send the viewer's Host on, as far as the account's own are to be read for it.

use super::Engine;
use super::subject::Subject;
use crate::api::{AccessMode, AccessSpec, HeldModeStatus, ProtectedApiSpec, ProtectedApiStatus, SigV4Spec};
use crate::domain::access::held::{held_mode, held_with_host};
use crate::domain::access::proof::Proof;
use crate::domain::edge::host::{Known, named, sent_by};
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed;
use std::borrow::Cow;
use std::time::Duration;

/// While a signer may be taken off, what a policy sends is read again in each pass; of one pass all parts share it.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Else somebody's edit of a policy is told within this.
const SELDOM: Duration = Duration::from_hours(1);

impl Engine {
    /// What is known of the policies that the spec names, and the mode that goes on because of them, or because of something else.
    pub(super) async fn policies_of(
        &self,
        subject: &Subject<'_>,
        observed: Option<&Observed>,
    ) -> (Known, Option<HeldModeStatus>) {
        let (spec, status) = (&subject.object.spec, subject.object.status.as_ref());
        let signs = observed.map(has_signer);
        let mut known = Known {
            signs,
            ..Known::default()
        };
        // With a signer policies may send what they like.
        if Proof::of(spec) != Proof::Signature || status.and_then(held_mode).is_some() {
            let may_sign = signs.unwrap_or_default() || status.is_some_and(was_signed);
            let max_age = if may_sign { AT_ONCE } else { SELDOM };
            known.read = self.policies.of(&named(spec), max_age).await;
        }
        let is_sent = sent_by(spec, &known).is_some();
        let held = held_with_host(spec, status, signs.unwrap_or_default(), is_sent);
        (known, held)
    }
}

/// `spec` with the options of a signer that goes on in the place of its mode.
pub(super) fn as_it_signs<'a>(
    spec: &'a ProtectedApiSpec,
    held: Option<&HeldModeStatus>,
    options: SigV4Spec,
) -> Cow<'a, ProtectedApiSpec> {
    if held.is_none_or(|held| held.mode != AccessMode::SigV4) {
        return Cow::Borrowed(spec);
    }
    let access = AccessSpec {
        sig_v4: Some(options),
        ..spec.access.clone().unwrap_or_default()
    };
    Cow::Owned(ProtectedApiSpec {
        access: Some(access),
        ..spec.clone()
    })
}

/// Whether the distribution has a function that signs, as it was read or as a list has it.
fn has_signer(observed: &Observed) -> bool {
    match &observed.distribution {
        Seen::Present(found) => found.sent().signs,
        Seen::Listed(row) => row.as_ref().is_some_and(|row| !row.listed.functions.is_empty()),
        Seen::Absent => false,
    }
}

fn was_signed(status: &ProtectedApiStatus) -> bool {
    let locked = status.access.as_ref().and_then(|access| access.locked_mode);
    let held = held_mode(status).map(|held| held.mode);
    [locked, held].contains(&Some(AccessMode::SigV4))
}
