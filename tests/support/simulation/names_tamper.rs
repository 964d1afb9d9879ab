//! What others do to DNS and to certificates.

use super::SimulatedCloud;
use jiff::Timestamp;
use palisade::domain::edge::hosted_zone::{Deed, Record, RecordChange};
use palisade::domain::mutual_tls::pair::Pair;

impl SimulatedCloud {
    pub fn preload_zone(&self, id: &str, name: &str) {
        self.lock().account.plant_zone(id, name, false);
    }

    pub fn preload_private_zone(&self, id: &str, name: &str) {
        self.lock().account.plant_zone(id, name, true);
    }

    pub fn delete_zone(&self, id: &str) {
        self.lock().account.route53.zones.remove(id);
    }

    /// Makes, replaces or deletes a record by hand.
    pub fn edit_records(&self, zone: &str, deed: Deed, record: Record) {
        let changes = [RecordChange { deed, record }];
        let account = &mut self.lock().account;
        account
            .change_records(zone, &changes)
            .expect("a change that is taken");
    }

    /// All records of a zone.
    pub fn records_of(&self, zone: &str) -> Vec<Record> {
        let state = self.lock();
        let zone = &state.account.route53.zones[zone];
        zone.records.values().map(|(record, _)| record.clone()).collect()
    }

    /// The records of a name, as type and target or values.
    pub fn records_at(&self, zone: &str, name: &str) -> Vec<String> {
        let records = self.records_of(zone).into_iter();
        records
            .filter(|record| record.name == name)
            .map(|record| {
                let to = record
                    .target
                    .map_or(record.values.join(","), |target| target.name);
                format!("{} {to}", record.r#type)
            })
            .collect()
    }

    /// A certificate that somebody has requested or imported is valid until then: it was imported again, or time is short.
    pub fn set_not_after(&self, arn: &str, not_after: Timestamp) {
        let account = &mut self.lock().account;
        account.acm.not_after.insert(arn.to_owned(), not_after);
    }

    /// ACM's word for a certificate from now on.
    pub fn set_certificate_status(&self, arn: &str, status: &str) {
        let account = &mut self.lock().account;
        let found = account.acm.all.get_mut(arn).expect("the certificate exists");
        status.clone_into(&mut found.status);
    }

    /// ARN of the certificate that a custom domain name has.
    pub fn certificate_of_domain(&self, name: &str) -> Option<String> {
        let account = &self.lock().account;
        let mut made = account.made_domains();
        let (_, made, _) = made.find(|((_, known), ..)| known == name)?;
        Some(made.certificate_arn.clone())
    }

    pub fn certificate_names(&self, arn: &str) -> Vec<String> {
        self.lock().account.acm.all[arn].names.clone()
    }

    /// Somebody imports another certificate in the place of a client certificate.
    pub fn reimport(&self, arn: &str, pair: &Pair) {
        let account = &mut self.lock().account;
        account.replace_client_certificate(arn, pair);
    }

    /// Whether a client certificate was ever imported.
    pub fn has_keys(&self) -> bool {
        !self.lock().account.acm.keys.is_empty()
    }

    /// Whether a text tells a private key that was imported.
    pub fn tells_a_key(&self, text: &str) -> bool {
        self.lock().account.tells_a_key(text)
    }

    /// A client certificate is gone, though CloudFront shows it.
    pub fn lose_certificate(&self, arn: &str) {
        let account = &mut self.lock().account;
        account.acm.all.remove(arn);
        account.tags.put(arn, None);
    }

    /// Deletes a certificate by hand.
    pub fn delete_certificate_by_hand(&self, arn: &str) {
        let deleted = self.lock().account.delete_certificate(arn);
        deleted.expect("nothing uses it");
    }
}
