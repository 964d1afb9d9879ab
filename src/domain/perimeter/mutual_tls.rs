//! What mutual TLS needs of others, and what the distribution and the probes need of it.

use super::desired::Desired;
use super::observed::Observed;
use crate::api::{AccessMode, Enforcement, OtherDoor, OtherDoorState, OtherDoorType};
use crate::domain::access::probing::past_it;
use crate::domain::access::probing::sending::sending;
use crate::domain::edge::distribution_next::ShownOrigin;
use crate::domain::kernel::observing::{Fingerprint as _, Seen};
use crate::domain::kernel::planning::{Kind, Next};
use crate::domain::mutual_tls::endpoint::{self, State};
use crate::domain::mutual_tls::inputs::{Asked, Distribution};
use crate::domain::mutual_tls::{
    self, Inputs, client_certificate, doors, origin_domain, origin_records, probes, truststore,
};
use jiff::Timestamp;
use std::time::Duration;

impl Observed {
    /// What mutual TLS needs of others; nothing is declared where all of it is to go, and then what its spec said tells where to look.
    pub(in crate::domain) fn mutual_tls_inputs<'a>(&'a self, desired: Option<&'a Desired>) -> Inputs<'a> {
        let declared = desired.and_then(|desired| desired.mutual_tls.as_ref());
        let declared = declared.or(self.mutual_tls.declared.as_ref());
        let zone = declared.and_then(|declared| self.names.zones.get(&declared.hosted_zone_id));
        Inputs {
            owner: &self.owner,
            desired: declared,
            seen: &self.mutual_tls,
            pass: &self.pass,
            is_read_due: self.due.access,
            is_probe_due: self.due.probes,
            is_tried_at_once: self.due.lock,
            zone,
            distribution: self.shown_distribution(declared),
            probes: &self.probes,
            asked: desired.and_then(|desired| self.asked_past_it(desired)),
            asks_for_value: desired.is_some_and(|desired| self.asks_for_value(desired)),
            is_after_another_mode: desired.is_some_and(|desired| self.is_after_another_mode(desired)),
            refused_by_plan: self.why_plan_takes_no_certificate(),
            declared_stages: &self.declared_stages,
            by_default_endpoint: &self.by_default_endpoint,
            shared_by_others: self.shared_by_others,
            leave: desired.and_then(|desired| self.leave(desired)),
            remembered: self.outputs.mutual_tls.as_ref(),
        }
    }

    /// Whether methods ask for a secret value besides. One that takes the place is asked for once CloudFront sends it.
    fn asks_for_value(&self, desired: &Desired) -> bool {
        let proof = &desired.access.proof;
        let is_sent = || {
            self.distribution
                .present()
                .is_some_and(|found| found.sent().has(proof))
        };
        let declared = desired.mutual_tls.as_ref();
        declared.is_some_and(|declared| proof.has_value() && (!declared.leaves || is_sent()))
    }

    /// Has the client certificate looked for that the distribution was read to show, whatever lists say: they lag behind imports.
    pub fn expect_shown_certificate(&mut self) {
        if self.mutual_tls.declared.is_none() {
            return;
        }
        if let Some(arn) = self.distribution.client_certificate().flatten() {
            self.mutual_tls.client_certificates.entry(arn).or_default();
        }
    }

    /// Whether a client certificate was imported within this time, as ACM tells it or as status records it.
    #[must_use]
    pub fn has_new_client_certificate(&self, within: Duration) -> bool {
        let seen = &self.mutual_tls;
        let read = seen.client_certificates.values();
        let read = read.filter_map(|seen| seen.present()?.content.requested_at);
        let remembered = self.outputs.mutual_tls.iter();
        let recorded = remembered.flat_map(|known| &known.client_certificates);
        let recorded = recorded.chain(&seen.imported);
        let recorded = recorded.filter_map(|record| record.imported_at.parse::<Timestamp>().ok());
        let is_new = |at: Timestamp| self.pass.at.duration_since(at).unsigned_abs() < within;
        read.chain(recorded).any(is_new)
    }

    /// Where the distribution is to lead in place of what is declared, with the certificate that it shows there. One that serves viewers by
    /// the default endpoint goes on doing so until there is a certificate, and until it is seen to sign no more everywhere.
    pub(super) fn shown_origin(&self, desired: &Desired) -> Result<Option<ShownOrigin>, Vec<Kind>> {
        let Some(declared) = &desired.mutual_tls else {
            return Ok(None);
        };
        if declared.leaves && (self.is_led_back(desired) || self.may_be_led_back(desired)) {
            return Ok(None);
        }
        let serves_by_default = self.leads_to_the_default_endpoint(desired);
        if serves_by_default && self.may_still_sign(desired) {
            return Ok(None);
        }
        let inputs = self.mutual_tls_inputs(Some(desired));
        // A certificate may be there of an earlier time in which the name led to the API.
        if serves_by_default && !is_way_made(&inputs) {
            return Ok(None);
        }
        match client_certificate::shown_next(&inputs) {
            Some(certificate_arn) => Ok(Some(ShownOrigin {
                domain_name: declared.origin_domain.clone(),
                path: declared.origin_path.clone(),
                certificate_arn,
            })),
            None if serves_by_default => Ok(None),
            None => Err(vec![Kind::ClientCertificate]),
        }
    }

    /// Whether CloudFront reaches the API by the custom domain name, as the distribution is configured.
    pub(super) fn is_by_certificate(&self, desired: &Desired) -> bool {
        let declared = desired.mutual_tls.as_ref();
        declared.is_some_and(|declared| self.distribution.origin_path(&declared.origin_domain).is_some())
    }

    /// Whether the lock by client certificate stands and was proven, and nothing else leads to the stage, as far as is known.
    pub(super) fn is_certificate_proven(&self) -> bool {
        let inputs = self.mutual_tls_inputs(None);
        let mut declared = inputs.desired.into_iter();
        declared.any(|declared| declared.enforcement == Enforcement::Enforce)
            && !self.outputs.told.doubtful
            && endpoint::is_locked(&inputs)
            && truststore::is_in_use_verified(&inputs)
            // Whoever was let in by the name before may still be, and that is no door of another name.
            && !origin_domain::is_unsettled(&inputs)
            && !probes::is_origin_open(&inputs)
            && doors::open_doors(&inputs).is_empty()
            && !self.is_door_known(&inputs)
    }

    /// Whether another custom domain name was found to lead to the stage when that was last looked for.
    fn is_door_known(&self, inputs: &Inputs<'_>) -> bool {
        let mut known = self.outputs.other_doors.iter();
        let is_open = |door: &OtherDoor| {
            let is_name = door.r#type == OtherDoorType::DomainName && door.state == OtherDoorState::Open;
            let declared = inputs
                .desired
                .filter(|declared| declared.gate.stage == door.stage);
            let host = door.name.split(['/', ' ']).next();
            is_name && declared.is_some_and(|declared| host != Some(declared.origin_domain.as_str()))
        };
        known.any(is_open)
    }

    /// Whether the last pass has told so.
    pub(super) fn is_certificate_told(&self) -> bool {
        let remembered = self.outputs.mutual_tls.as_ref();
        let was_off = remembered.is_some_and(|known| known.default_endpoint_off);
        was_off && self.outputs.is_locked
    }

    /// Whether the distribution may not show a client certificate yet, since CloudFront signs: both cannot be had at one origin.
    pub(in crate::domain) fn is_bridged(&self, desired: &Desired) -> bool {
        let is_declared = desired.mutual_tls.is_some();
        is_declared && self.leads_to_the_default_endpoint(desired) && self.signs(desired)
    }

    /// Whether what past the perimeter has to be asked with is the secret value that CloudFront sends, of which only a full read of the
    /// distribution tells.
    pub(super) fn is_value_awaited(&self, desired: &Desired) -> bool {
        let was_by_value = matches!(
            self.outputs.locked_mode,
            Some(AccessMode::ApiKey | AccessMode::SecretHeader)
        );
        let has_value = desired.mutual_tls.is_some() && (desired.access.proof.has_value() || was_by_value);
        let is_unread = matches!(self.distribution, Seen::Listed(Some(_)));
        if !has_value || !is_unread || self.failed.contains(&Kind::Distribution) {
            return false;
        }
        let inputs = || self.mutual_tls_inputs(Some(desired));
        if self.is_led_back(desired) {
            return false;
        }
        let is_in_question = |state: State| match state {
            State::Trying | State::Off => true,
            State::Open | State::Free => inputs().leave.is_some_and(|leave| leave.is_ready),
            _ => false,
        };
        self.mutual_tls.pair.is_some() || is_in_question(endpoint::state(&inputs()))
    }

    pub(super) fn leads_to_the_default_endpoint(&self, desired: &Desired) -> bool {
        let leads_there = self.distribution.origin_path(&desired.access.gate.host).is_some();
        // What no list shows yet is read before anything is decided of it.
        let remembered = self.outputs.mutual_tls.as_ref();
        let shows_none = remembered.is_none_or(|known| known.client_certificate_arn.is_none());
        let is_unlisted = matches!(self.distribution, Seen::Listed(None));
        (leads_there && !self.is_by_certificate(desired))
            || (is_unlisted && self.knows(Kind::Distribution) && shows_none)
    }

    fn may_still_sign(&self, desired: &Desired) -> bool {
        let is_in_force = self.is_deployed() || self.is_endpoint_off();
        let sent = sending(&desired.of_access(), &self.access_inputs(desired));
        !is_in_force || self.signs(desired) || sent.is_some_and(|sent| sent.signs)
    }

    /// Whether the distribution is configured to sign; of a row, by a function of ours.
    fn signs(&self, desired: &Desired) -> bool {
        let own = format!(":function:{}:", desired.function.name);
        let is_read = self.distribution.present().is_some();
        let mut functions = self.associated_versions().into_iter();
        functions.any(|arn| is_read || arn.contains(&own))
    }

    /// Whether the API's default endpoint is switched off, as far as it is known: as it was read or written last.
    pub(super) fn is_endpoint_off(&self) -> bool {
        let read = self.mutual_tls.endpoint.present().map(|found| found.is_off);
        let with_the_routes = || self.access.present().map(|found| found.is_endpoint_off);
        let remembered = self.outputs.mutual_tls.as_ref();
        read.or_else(with_the_routes)
            .unwrap_or_else(|| remembered.is_some_and(|known| known.default_endpoint_off))
    }

    /// Whether there may be anything that serves mutual TLS, as far as specs, lists and status tell.
    pub(in crate::domain) fn may_have_mutual_tls(&self) -> bool {
        let seen = &self.mutual_tls;
        let is_listed = !seen.origin_certificates.is_empty()
            || !seen.client_certificates.is_empty()
            || matches!(seen.domain, Seen::Listed(Some(_)) | Seen::Present(_));
        let has_record = mutual_tls::KINDS.into_iter().any(|kind| {
            let mut keys = self.pass.recorded.keys();
            keys.any(|key| key.split('/').next() == Some(kind.name()))
        });
        seen.declared.is_some() || is_listed || has_record || self.outputs.mutual_tls.is_some()
    }

    /// The distribution, as far as mutual TLS asks.
    fn shown_distribution(&self, declared: Option<&mutual_tls::Desired>) -> Distribution {
        let seen = &self.distribution;
        let is_led_there =
            |declared: &&mutual_tls::Desired| seen.origin_path(&declared.origin_domain).is_some();
        let origin = declared
            .filter(is_led_there)
            .map(|declared| declared.origin_domain.clone());
        Distribution {
            arn: self.distribution_arn().map(ToOwned::to_owned),
            origin: origin.or_else(|| seen.origin_name()),
            shows: seen
                .client_certificate()
                .or_else(|| self.remembered_certificate()),
            is_deployed: self.is_deployed(),
            is_absent: self.is_undistributed(),
        }
    }

    /// What the distribution shows as status has it: where its row is that of what was verified.
    #[allow(clippy::option_option, reason = "nothing known, known to show none, known")]
    fn remembered_certificate(&self) -> Option<Option<String>> {
        let Seen::Listed(Some(row)) = &self.distribution else {
            return None;
        };
        let recorded = self.pass.recorded.get(Kind::Distribution.name())?;
        let (_, verified) = recorded.split_once('.')?;
        let known = self.outputs.mutual_tls.as_ref()?;
        (verified == row.fingerprint()).then(|| known.client_certificate_arn.clone())
    }

    /// Whether the mode before goes on, as the spec was built by status, or as the stage was last read to be locked.
    fn is_after_another_mode(&self, desired: &Desired) -> bool {
        let mut locked = self.outputs.locked_mode.into_iter();
        desired.access.awaited.is_some() || locked.any(|mode| mode != AccessMode::MutualTls)
    }

    /// What past the perimeter is asked for; `None` where no method may be asked.
    fn asked_past_it(&self, desired: &Desired) -> Option<Asked> {
        desired.mutual_tls.as_ref()?;
        let (probed, headers, known) = past_it(&desired.of_access(), &self.access_inputs(desired))?;
        Some(Asked {
            method: probed.method,
            path: probed.path,
            headers,
            known,
        })
    }
}

/// What is next of the records of the origin's name, by what API Gateway calls the custom domain name.
pub(super) fn next_of_origin_records(inputs: &Inputs<'_>) -> Next<origin_records::Action> {
    let target = origin_domain::target(inputs);
    let target = target.as_ref().map(|(name, zone)| (name.as_str(), zone.as_str()));
    origin_records::next(inputs, target)
}

/// Whether the custom domain name leads to the stage, and DNS to the custom domain name.
fn is_way_made(inputs: &Inputs<'_>) -> bool {
    origin_domain::target(inputs).is_some()
        && origin_domain::next(inputs) == Next::Done
        && next_of_origin_records(inputs) == Next::Done
}
