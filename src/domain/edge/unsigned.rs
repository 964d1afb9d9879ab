//! Policies that send the viewer's Host on where no signer puts it right: they are not set, and it is told of those that stand
//! (`docs/decisions/0048-host.md`).

use super::config::{Settings, settings_of};
use super::distribution::Desired;
use super::host::{REFUSED, as_it_stands, with_baseline};
use super::known::SeenDistribution;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Problem};
use crate::domain::kernel::reason::Reason;

/// What people are told of the policies, beside the distribution as such.
#[must_use]
pub fn policies() -> Id {
    Id {
        kind: Kind::Distribution,
        part: "policies".to_owned(),
    }
}

/// `settings` with the policies that can be set by now: those that send Host on wait for the signer, if it `signs` at all.
pub(super) fn policies_meanwhile(
    settings: Settings,
    desired: &Desired,
    seen: &SeenDistribution,
    signs: bool,
) -> Settings {
    let mut host = desired.host.iter();
    if !host.any(|host| host.waits_for_signer(signs)) {
        return settings;
    }
    match seen {
        // A function of the team's own puts nothing right: ours takes its place first.
        Seen::Present(found) if signs && seen.has_our_signer() && found.is_deployed() => settings,
        Seen::Present(found) => as_it_stands(settings, &found.content.config),
        // One that is made anew has viewers at once.
        Seen::Listed(None) | Seen::Absent if !signs => with_baseline(settings),
        Seen::Listed(_) | Seen::Absent => settings,
    }
}

/// What is told where nobody signs, of an object that stands. A name that viewers ask for may be a custom domain name of API Gateway's, too,
/// which takes its own Host: as long as a probe gets in by the policies that stand, a note says enough.
#[must_use]
pub fn in_the_way(desired: &Desired, is_signature_wanted: bool, seen: &SeenDistribution) -> Option<Problem> {
    let (host, known) = (desired.host.as_ref()?, &desired.policies);
    let is_unsigned = known.signs == Some(false) && !is_signature_wanted && !host.is_signer_declared;
    let is_kept = seen.present().is_some_and(|found| {
        let (standing, wanted) = (settings_of(&found.content.config), &desired.settings);
        let is_same = |of: fn(&Settings) -> &String| of(&standing) == of(wanted);
        !is_same(|settings| &settings.cache_policy_id)
            || !is_same(|settings| &settings.origin_request_policy_id)
    });
    if !host.is_known || !is_unsigned || (known.lets_in && !is_kept) {
        return None;
    }
    let then = if is_kept {
        "It is not set: the distribution keeps the policies that it has, and all else is seen to"
    } else {
        "The distribution has it: viewers are refused, but for those who ask for a custom domain name of API Gateway that leads to the API"
    };
    Some(Problem {
        stands: true,
        ..Problem::new(
            policies(),
            Reason::HostHeaderInTheWay,
            format!("{}, and {REFUSED}. {then}", host.so),
        )
        .with_remedy(Some(host.remedy.clone()))
    })
}
