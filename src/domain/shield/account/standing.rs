//! Whether a difference is an edit of the spec, or somebody else's work; and what is remembered to tell that.

use super::contact;
use crate::api::AccountShieldStatus;
use crate::domain::shield::account::{Desired, Observed, Setting, SrtSeen};
use std::collections::BTreeSet;

/// How a setting that is declared stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As declared.
    Right,
    /// It is to be written.
    Due,
    /// Somebody else set it otherwise: it is reported and left alone.
    Elsewhere,
}

/// How `setting` stands; `None` where it is not declared, or was not read.
///
/// It is written when the spec declares something else than it did when AWS was last seen to have it, and when AWS has nothing.
/// Whatever else differs is somebody else's work: a spec that has not changed does not undo it. Without a status nobody knows whose
/// work it is, so nothing that stands in AWS is overwritten until the spec, or the annotation, changes.
#[must_use]
pub fn standing(
    desired: &Desired,
    observed: &Observed,
    before: &AccountShieldStatus,
    setting: Setting,
) -> Option<Standing> {
    let wish = desired.fingerprint(setting)?;
    let (is_right, is_unset) = comparison(desired, observed, before, setting)?;
    Some(match before.settled.get(setting.key()) {
        _ if is_right => Standing::Right,
        Some(settled) if *settled == wish => Standing::Elsewhere,
        Some(_) => Standing::Due,
        None if is_unset => Standing::Due,
        None => Standing::Elsewhere,
    })
}

/// Whether AWS has what is declared, and whether writing that would overwrite nothing.
fn comparison(
    desired: &Desired,
    observed: &Observed,
    before: &AccountShieldStatus,
    setting: Setting,
) -> Option<(bool, bool)> {
    Some(match setting {
        Setting::EmergencyContacts => {
            let found = observed.contacts.as_ref()?;
            (contact::same(found, desired.contacts.as_ref()?), found.is_empty())
        }
        Setting::ProactiveEngagement => {
            let is_on = observed.subscription.as_ref()?.engagement.is_on();
            (desired.engagement? == is_on, !is_on)
        }
        Setting::SrtRole => {
            let found = observed.srt.as_ref()?.role.as_ref();
            (found == desired.srt_role.as_ref(), found.is_none())
        }
        Setting::SrtLogBuckets => {
            let found = observed.srt.as_ref()?;
            let wanted = desired.buckets.as_ref()?;
            let is_right = wanted.is_subset(&found.buckets) && surplus(wanted, found, before).is_none();
            (is_right, true)
        }
    })
}

/// A bucket that was declared, and is not any more.
pub(super) fn surplus<'a>(
    wanted: &BTreeSet<String>,
    found: &SrtSeen,
    before: &'a AccountShieldStatus,
) -> Option<&'a String> {
    let mut known = before.log_buckets.iter();
    known.find(|bucket| found.buckets.contains(*bucket) && !wanted.contains(*bucket))
}

/// The status after a look: what AWS has, and which wishes are settled. A difference that is reported is settled too: it stays until the
/// wish changes.
#[must_use]
pub fn settled(desired: &Desired, observed: &Observed, before: &AccountShieldStatus) -> AccountShieldStatus {
    let mut status = before.clone();
    for setting in Setting::ALL {
        let standing = standing(desired, observed, before, setting);
        if let (Some(Standing::Right | Standing::Elsewhere), Some(wish)) =
            (standing, desired.fingerprint(setting))
        {
            status.settled.insert(setting.key().to_owned(), wish);
        }
    }
    if let (Some(wanted), Some(found)) = (&desired.buckets, &observed.srt) {
        let known: BTreeSet<&String> = before.log_buckets.iter().chain(wanted).collect();
        let stand = known.into_iter().filter(|bucket| found.buckets.contains(*bucket));
        status.log_buckets = stand.cloned().collect();
    }
    match (observed.subscribed, &observed.subscription) {
        (Some(true), Some(subscription)) => {
            status.subscription_ends = subscription.ends.map(|ends| ends.to_string());
            status.proactive_engagement = Some(subscription.engagement.word().to_owned());
        }
        (Some(false), _) => {
            status.subscription_ends = None;
            status.proactive_engagement = None;
        }
        _ => {}
    }
    if let Some(found) = &observed.srt {
        status.srt_role_arn.clone_from(&found.role);
    }
    status
}
