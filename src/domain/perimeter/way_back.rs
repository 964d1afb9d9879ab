//! The way back from mutual TLS: where it stands, and what the rest of the perimeter does by that.

use super::desired::Desired;
use super::observed::Observed;
use super::plan::{Action, Plan};
use crate::api::{Enforcement, MutualTlsSpec, ProtectedApiSpec};
use crate::domain::access::lock::Routes;
use crate::domain::access::probe::Way;
use crate::domain::access::probing::{Passage, passage};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Next};
use crate::domain::mutual_tls::leaving::{Leave, Stage, is_declared};
use crate::domain::mutual_tls::place::place;
use crate::domain::mutual_tls::{endpoint, probes, removal};

/// Whether mutual TLS stands beside the mode that takes its place.
fn is_left(desired: &Desired) -> bool {
    let declared = desired.mutual_tls.as_ref();
    declared.is_some_and(|declared| declared.leaves)
}

impl Observed {
    /// What stands of mutual TLS beside another mode, where status does not tell: as the distribution leads, and tags say. What CloudFront
    /// is led back from already, tags alone tell, and they are believed only where they were asked: lists show what is gone for a while.
    #[must_use]
    pub fn found_mutual_tls(&self, spec: &ProtectedApiSpec) -> Option<MutualTlsSpec> {
        if is_declared(spec) {
            return None;
        }
        let led = self.distribution.origin_name();
        let led = led.filter(|origin| *origin != spec.origin.endpoint);
        if led.is_none() && !self.mutual_tls.is_sought {
            return None;
        }
        let place = place(&self.mutual_tls_inputs(None));
        Some(MutualTlsSpec {
            hosted_zone_id: place.zone?,
            origin_domain: led.or(place.origin)?,
            truststore_bucket: place.bucket?,
            certificate_arn: None,
            shared_certificate: None,
            disable_for_all_stages: None,
        })
    }

    /// Whether something may stand of mutual TLS beside another mode where status was lost: there is a perimeter, or a client certificate.
    #[must_use]
    pub fn may_have_lost_mutual_tls(&self, spec: &ProtectedApiSpec) -> bool {
        let is_distributed = matches!(self.distribution, Seen::Listed(Some(_)) | Seen::Present(_));
        !is_declared(spec) && (is_distributed || !self.mutual_tls.client_certificates.is_empty())
    }

    /// What is needed to leave mutual TLS; `None` where the spec names it.
    pub(super) fn leave(&self, desired: &Desired) -> Option<Leave<'_>> {
        if !is_left(desired) {
            return None;
        }
        let is_open = desired.access.enforcement == Enforcement::Observe;
        Some(Leave {
            is_ready: is_open || self.is_next_lock_made(desired),
            is_open,
            others: &self.by_endpoint_off,
            is_asked: self.endpoint_shared.is_some() || self.is_led_back(desired),
            is_distribution_read: self.distribution.present().is_some(),
            is_shared: self.endpoint_shared.unwrap_or_default() || !self.declared_stages.is_empty(),
            deployment: self
                .access
                .present()
                .and_then(|found| found.stage.deployment.as_deref()),
            is_undone: !is_open && self.is_next_lock_undone(desired),
        })
    }

    /// Whether the mode that takes the place locks the API, as its routes were read in this pass.
    fn is_next_lock_made(&self, desired: &Desired) -> bool {
        let (declared, inputs) = (desired.of_access(), self.access_inputs(desired));
        Routes::of(&declared, &inputs).is_some_and(|routes| routes.stands_whole()) && self.is_deployed()
    }

    /// Whether routes, as they were read in this pass, do not ask for what the mode that takes the place has them ask for.
    fn is_next_lock_undone(&self, desired: &Desired) -> bool {
        let (declared, inputs) = (desired.of_access(), self.access_inputs(desired));
        Routes::of(&declared, &inputs).is_some_and(|routes| !routes.has_locked_routes())
    }

    /// Whether mutual TLS is left, and CloudFront, as it is configured, reaches the API by the default endpoint already; or there is no
    /// distribution.
    pub(in crate::domain) fn is_led_back(&self, desired: &Desired) -> bool {
        is_left(desired) && (self.leads_to_the_default_endpoint(desired) || self.is_undistributed())
    }

    pub(super) fn is_undistributed(&self) -> bool {
        match self.distribution {
            Seen::Absent => true,
            Seen::Listed(None) => !self.knows(Kind::Distribution),
            Seen::Listed(Some(_)) | Seen::Present(_) => false,
        }
    }

    /// Whether CloudFront may be led back to the default endpoint: that is on, was seen to answer, and lets in nobody else.
    pub(super) fn may_be_led_back(&self, desired: &Desired) -> bool {
        let declared = desired.mutual_tls.as_ref();
        declared.is_some_and(|declared| {
            let inputs = self.mutual_tls_inputs(Some(desired));
            let may_leave = inputs.leave.is_some_and(|leave| leave.may_switch_on());
            may_leave && endpoint::is_seen_on(declared, &inputs)
        })
    }

    /// Where the way back stands, until CloudFront is led back.
    pub(in crate::domain) fn way_back<'a>(&'a self, desired: &'a Desired) -> Option<Stage<'a>> {
        let leave = self.leave(desired)?;
        Some(if self.is_led_back(desired) {
            self.stage_of_release()
        } else if !leave.is_ready {
            Stage::Locking
        } else if !leave.others.is_empty() {
            Stage::Others(leave.others)
        } else {
            let inputs = self.mutual_tls_inputs(Some(desired));
            let mark = endpoint::mark(&inputs);
            let is_held = mark.is_some_and(|mark| mark.contested_for(self.pass.at).is_some());
            match endpoint::answered_on(&inputs) {
                _ if is_held => Stage::Held,
                None if !probes::is_probed(&inputs) => Stage::Unprobed,
                answer => Stage::SwitchingOn(answer),
            }
        })
    }

    fn stage_of_release(&self) -> Stage<'static> {
        let is_read = self.distribution.present().is_some();
        if self.is_undistributed() || (is_read && self.is_deployed()) {
            Stage::Releasing
        } else {
            Stage::LeadingBack
        }
    }

    /// Whether a list alone says that CloudFront is led back, and that everywhere: lists lag behind, and what serves viewers by now is not
    /// released by one.
    pub(super) fn is_release_unseen(&self, desired: &Desired) -> bool {
        let is_row = matches!(self.distribution, Seen::Listed(Some(_)));
        is_row
            && self.is_deployed()
            && self.is_led_back(desired)
            && !self.failed.contains(&Kind::Distribution)
    }

    /// Adds what is next once CloudFront is led back: a viewer gets in, and all is released.
    pub(super) fn release(&self, desired: &Desired, plan: &mut Plan) {
        let Some(declared) = &desired.mutual_tls else {
            return;
        };
        // Others may wait for that word as long as the name is there that bears it.
        let told = endpoint::told_anew(&self.mutual_tls_inputs(Some(desired)));
        if let Some(told) = told.filter(|_| !self.undone.contains(&Kind::Endpoint)) {
            plan.add(Id::of(Kind::Endpoint), told.map(Action::Endpoint));
            return;
        }
        let mut stage = self.stage_of_release();
        if stage == Stage::Releasing && !self.is_undistributed() {
            let passage = passage(&desired.of_access(), &self.access_inputs(desired), plan);
            stage = match passage {
                Passage::Open => stage,
                Passage::Asked => Stage::Proving(None),
                // Without a lock of ours, whoever refuses a viewer behind the endpoint did so before.
                Passage::Closed(_) if self.is_let_in_unlocked(desired) => stage,
                Passage::Closed(why) => Stage::Proving(Some(why)),
            };
        }
        if stage == Stage::Releasing {
            if self.is_released(desired) {
                return;
            }
            if !self.names.is_unread {
                for (id, next) in removal::next_all(&self.mutual_tls_inputs(None), true) {
                    plan.add(id, next);
                }
            }
        }
        plan.waits.push(stage.awaited(declared));
    }

    fn is_let_in_unlocked(&self, desired: &Desired) -> bool {
        let viewer = self.probes.get(&Way::Viewer);
        desired.access.enforcement == Enforcement::Observe && viewer.is_some_and(probes::lets_in)
    }

    /// Whether nothing is left of a mutual TLS that was left, as was read.
    pub(in crate::domain) fn is_released(&self, desired: &Desired) -> bool {
        let is_read = !self.mutual_tls.is_unread && !self.names.is_unread;
        is_read
            && self.is_led_back(desired)
            && self.stage_of_release() == Stage::Releasing
            && removal::next_all(&self.mutual_tls_inputs(None), true)
                .into_iter()
                .all(|(_, next)| next == Next::Done)
    }
}
