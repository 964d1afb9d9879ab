//! What mutual TLS needs of others, and what the distribution and the probes need of it.

use super::desired::Desired;
use super::observed::Observed;
use crate::domain::access::probing::past_it;
use crate::domain::edge::distribution_next::ShownOrigin;
use crate::domain::kernel::observing::{Fingerprint as _, Seen};
use crate::domain::kernel::planning::Kind;
use crate::domain::mutual_tls::inputs::{Asked, Distribution};
use crate::domain::mutual_tls::{self, Inputs, client_certificate};
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
            declared_stages: &self.declared_stages,
            remembered: self.outputs.mutual_tls.as_ref(),
        }
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

    /// Where the distribution is to lead in place of what is declared, with the certificate that it shows there.
    pub(super) fn shown_origin(&self, desired: &Desired) -> Result<Option<ShownOrigin>, Vec<Kind>> {
        let Some(declared) = &desired.mutual_tls else {
            return Ok(None);
        };
        let shown = client_certificate::shown_next(&self.mutual_tls_inputs(Some(desired)));
        let origin = shown.map(|certificate_arn| ShownOrigin {
            domain_name: declared.origin_domain.clone(),
            path: declared.origin_path.clone(),
            certificate_arn,
        });
        origin.map(Some).ok_or_else(|| vec![Kind::ClientCertificate])
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
        let is_none = match seen {
            Seen::Absent => true,
            Seen::Listed(None) => !self.knows(Kind::Distribution),
            Seen::Listed(Some(_)) | Seen::Present(_) => false,
        };
        Distribution {
            arn: self.distribution_arn().map(ToOwned::to_owned),
            origin: origin.or_else(|| seen.origin_name()),
            shows: seen
                .client_certificate()
                .or_else(|| self.remembered_certificate()),
            is_deployed: self.is_deployed(),
            is_absent: is_none,
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
