//! Policies that send the viewer's Host on: a signer alone puts it right, so a change from `SigV4` waits, or goes no further than a signer
//! that stays (`docs/decisions/0048-host.md`).

use crate::api::HeldModeStatus;
use crate::domain::access::held::{change_of_mode, signed_on};
use crate::domain::access::inputs::Next;
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::{EFFECT_RETRY, problem, waiting};
use crate::domain::access::words::words_of_held;
use crate::domain::kernel::planning::{Problem, Wait};
use crate::domain::kernel::reason::Reason;

impl Routes<'_> {
    /// Whether signatures go on in the place of the declared mode. Nothing else has them go on.
    pub(in crate::domain::access) fn is_held_with_host(&self) -> bool {
        self.desired.is_held_with_host()
    }

    /// The mode that goes on then, as long as it has to.
    pub(super) fn held_on_with_host(&self) -> Option<HeldModeStatus> {
        let awaited = self.desired.awaited.as_ref()?;
        let exclude = || self.desired.exclude.iter().cloned().collect();
        self.inputs
            .host
            .is_some()
            .then(|| signed_on(awaited.access_mode(), exclude))
    }

    /// What is told of a change to `awaited` that waits for the policies, or waits no more.
    pub(super) fn host_awaited(&self, awaited: &Proof) -> Next {
        match self.host_in_the_way(awaited) {
            Some(found) => Next::Problem(found),
            None => Next::Wait(Wait {
                id: change_of_mode(),
                ..waiting(
                    Reason::InProgress,
                    words_of_held::host_goes_on(awaited),
                    EFFECT_RETRY,
                )
            }),
        }
    }

    /// Policies that keep the signer on the distribution, where another mode is to take its place.
    pub(super) fn host_in_the_way(&self, awaited: &Proof) -> Option<Problem> {
        let host = self.inputs.host.as_ref()?;
        let so = words_of_held::host_sent(host.so);
        let remedy = words_of_held::remedy_of_host(host.remedy, awaited);
        Some(Problem {
            id: change_of_mode(),
            stands: true,
            ..problem(Reason::HostHeaderInTheWay, so, None).with_remedy(Some(remedy))
        })
    }
}
