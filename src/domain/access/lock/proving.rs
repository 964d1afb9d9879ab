//! What the answers to probes say of a lock that is about to be made, or was just made.

use crate::api::{CutOver, ErrorNamed, OriginType};
use crate::domain::access::asked::NONE;
use crate::domain::access::inputs::{Call, Next, Plan};
use crate::domain::access::probe::who_answered::hides_refusals;
use crate::domain::access::probe::{Class, Verdict, Way};
use crate::domain::access::probing::probed::is_let_in;
use crate::domain::access::probing::verdicts::{hidden, hidden_by_responses, not_proven as told, said};
use crate::domain::access::probing::{add_probe, is_due};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::cause::{Cause, Why};
use crate::domain::access::table::machine::{Disproof, PROOF};
use crate::domain::access::table::marks::Phase;
use crate::domain::access::waiting::{EFFECT_RETRY, PATIENCE, PROBE_RETRY, problem, waiting};
use crate::domain::access::words::words_of_canary;
use crate::domain::access::words::words_of_lock;
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

impl Routes<'_> {
    /// Whether what no probe can ask for is judged by what was read of the deployment: it is never put back for want of a probe.
    pub(super) fn is_proven_by_reading(&self) -> bool {
        let is_read_alone = !self.is_probed() && self.desired.cut_over == CutOver::AfterDeployed;
        !self.desired.probes || is_read_alone
    }

    /// The probes that prove the lock.
    pub(super) fn ask_for_proof(&self, plan: &mut Plan<impl From<Call>>) {
        for way in self.ways_of_proof() {
            add_probe(self.wanted, self.inputs, way, plan);
        }
    }

    /// Whether one of them is still to be sent.
    pub(super) fn is_proof_due(&self) -> bool {
        !self.is_proven_by_reading()
            && self
                .ways_of_proof()
                .any(|way| is_due(self.wanted, self.inputs, way))
    }

    fn ways_of_proof(&self) -> impl Iterator<Item = Way> {
        let has_value = self.desired.proof.has_value();
        let ways = PROOF.iter().copied();
        ways.filter(move |way| *way != Way::Next || has_value)
    }

    /// Whether the lock is so young that API Gateway may not have it everywhere.
    pub(super) fn is_young(&self) -> bool {
        self.age() < PATIENCE
    }

    /// Whether a request past the perimeter gets in.
    pub(super) fn is_open_past_it(&self) -> bool {
        self.verdict(Way::Direct).is_some_and(Verdict::gets_in)
    }

    /// Whether what gets in past the perimeter may be a refusal that gateway responses disguise, while viewers are let in, and are
    /// not answered otherwise than before.
    pub(super) fn is_refusal_hidden(&self) -> bool {
        let Some(Verdict::Reached { status }) = self.verdict(Way::Direct) else {
            return false;
        };
        self.is_locked()
            && self.hiding().statuses.contains(status)
            && self.is_viewer_as_before() != Some(false)
            && self.is_viewer_let_in()
    }

    /// Whether a request through the perimeter gets in.
    pub(super) fn is_viewer_let_in(&self) -> bool {
        self.verdict(Way::Viewer)
            .is_some_and(|viewer| is_let_in(self.wanted, viewer))
    }

    /// Whether the lock is in force through which the perimeter was let in.
    pub(super) fn is_told_in_force(&self, phase: &Phase) -> bool {
        let Some(direct) = self.verdict(Way::Direct) else {
            return false;
        };
        let is_other = phase.from != NONE;
        let is_told = match direct {
            // What refuses and what lets in may still be the earlier lock.
            Verdict::Refused { .. } => !is_other || self.is_in_force(direct),
            // No probe will ever tell more.
            Verdict::AuthorizerFirst { .. } => true,
            _ => is_other && self.is_in_force(direct),
        };
        // Nothing past the perimeter says more of it: what was read of the deployment counts, once it is in force everywhere.
        let is_untold = !is_other || self.desired.proof == Proof::Signature || self.is_answered_privately();
        is_told || (!self.is_young() && is_untold)
    }

    /// What no refusal tells is known by the time that passes.
    pub(super) fn in_force_soon(&self) -> Duration {
        EFFECT_RETRY.max(self.age() / 4)
    }

    /// Whether neither answer tells who gave it, and viewers may be answered as before.
    pub(super) fn is_ambiguous_both_ways(&self) -> bool {
        let is_ambiguous = |way| matches!(self.verdict(way), Some(Verdict::Ambiguous { .. }));
        is_ambiguous(Way::Direct) && is_ambiguous(Way::Viewer) && self.is_viewer_as_before() != Some(false)
    }

    /// Whoever asks for a lock without a first probe takes what cannot be told from what was answered before it.
    pub(super) fn is_answered_as_before(&self) -> bool {
        matches!(self.verdict(Way::Viewer), Some(Verdict::Ambiguous { .. }))
            && self.is_viewer_as_before() == Some(true)
            && self.desired.cut_over == CutOver::AfterDeployed
    }

    /// Whether a first probe through the perimeter decides over the lock. What a vanished object left, or another's function that
    /// the stage asks in our authorizer's place, may refuse whoever comes through the perimeter, until it is replaced.
    pub(super) fn is_way_asked(&self) -> bool {
        let is_shut = !self.found.policies.vanished.is_empty() || self.asks_replaced_authorizer();
        self.is_probed() && self.desired.cut_over == CutOver::AfterProbe && !is_shut
    }

    /// What keeps the first probe through the perimeter out.
    pub(super) fn way_closed(&self) -> Option<Next> {
        let viewer = self.verdict(Way::Viewer);
        let viewer = viewer.filter(|viewer| self.is_way_asked() && !is_let_in(self.wanted, viewer))?;
        Some(match self.refused_by_address(viewer) {
            Some(problem) => Next::Problem(problem),
            None => self.not_proven(viewer),
        })
    }

    /// How a lock was disproved.
    pub(in crate::domain::access) fn disproved(&self, by: Disproof) -> Why {
        let said_of = |way| self.verdict(way).map(said).unwrap_or_default();
        let (cause, said) = match by {
            Disproof::NothingToProbe => (
                Cause::Unanswered,
                "no path of the API can be probed any more".to_owned(),
            ),
            Disproof::OpenToAnybody => {
                let direct = said_of(Way::Direct);
                let said = format!("a request without any proof past the perimeter got in: {direct}");
                (Cause::DirectOpen, said)
            }
            Disproof::Broken => (
                Cause::Broken,
                format!("{}, and did not before", said_of(Way::Viewer)),
            ),
            Disproof::NeverInForce => (
                Cause::NotInForce,
                words_of_lock::never_in_force(self.verdict(Way::Next)),
            ),
            Disproof::Canary => (Cause::Canary, words_of_canary::canary_meanwhile().to_owned()),
            Disproof::Viewer => {
                let viewer = self.verdict(Way::Viewer);
                (viewer.map_or(Cause::Unanswered, Cause::of), said_of(Way::Viewer))
            }
        };
        Why {
            said,
            cause: Some(cause),
        }
    }

    /// What the backend answers, where a refusal could not be told from it.
    pub(in crate::domain::access) fn hidden(&self) -> Option<Next> {
        let class = *self.inputs.classes.get(&Way::Viewer)?;
        let message = if hides_refusals(self.desired.gate.r#type, self.asks_once_locked(), class) {
            hidden(class)
        } else if class.names_no_refusal() && self.hiding().statuses.contains(&class.status) {
            hidden_by_responses(class.status)
        } else {
            return None;
        };
        let problem = problem(Reason::ProbeAmbiguous, message, Some(PROBE_RETRY));
        Some(Next::Problem(problem))
    }

    /// What a probe through the perimeter means that did not get in.
    pub(in crate::domain::access) fn not_proven(&self, verdict: &Verdict) -> Next {
        let (reason, message) = told(self.wanted, self.inputs, verdict);
        let is_passing = verdict.is_passing() || matches!(verdict, Verdict::EdgeFailed { .. });
        if is_passing {
            return Next::Wait(waiting(reason, message, PROBE_RETRY));
        }
        Next::Problem(problem(reason, message, Some(PROBE_RETRY)))
    }

    /// What a viewer was answered before the lock; `None` where nobody remembers.
    fn viewer_before(&self) -> Option<Class> {
        self.found.marks.before.as_ref().and_then(|before| before.viewer)
    }

    /// Whether a viewer is answered as before the lock; `None` where nobody knows.
    fn is_viewer_as_before(&self) -> Option<bool> {
        let now = self.inputs.classes.get(&Way::Viewer);
        Some(self.viewer_before()?.is_like(*now?))
    }

    /// Whether a viewer who was answered before the lock meets a failure behind it.
    pub(super) fn has_broken(&self) -> bool {
        let is_failure = matches!(
            self.verdict(Way::Viewer),
            Some(Verdict::Reached { status: 500.. } | Verdict::Ambiguous { status: 500.., .. })
        );
        is_failure && self.viewer_before().is_some_and(|before| before.status < 500)
    }

    /// Whether a private address answered the probe of the next value, where nothing is learnt of the Internet, or an endpoint that is off.
    fn is_answered_privately(&self) -> bool {
        matches!(
            self.verdict(Way::Next),
            Some(Verdict::PrivateNetwork { .. } | Verdict::EndpointOff { .. })
        )
    }

    /// Whether the new lock answers: the new proof alone gets in, or the refusal is one for a missing signature.
    fn is_in_force(&self, direct: &Verdict) -> bool {
        match (&self.desired.proof, direct) {
            (Proof::Signature, Verdict::Refused { status, error, .. }) => match self.desired.gate.r#type {
                OriginType::Rest => *error == Some(ErrorNamed::Unsigned),
                OriginType::Http | OriginType::WebSocket => *status == 403,
            },
            (Proof::Signature, _) => false,
            _ => self
                .verdict(Way::Next)
                .is_some_and(|next| is_let_in(self.wanted, next)),
        }
    }
}
