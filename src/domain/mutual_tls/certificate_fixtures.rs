//! Client certificates of an object, as far as each test has them.

use super::declared_fixtures::content;
use super::object_fixtures::{CA, Fixture, at};
use super::{SERVES_CLIENT, TAG_SERVES, client_certificate};
use crate::api::ImportedCertificateStatus;
use crate::domain::edge::certificate;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::{Seen as SeenOne, record};
use jiff::Timestamp;

impl Fixture {
    /// With a client certificate as it was read, whose import is recorded: after those that were before.
    pub fn with_certificate(
        mut self,
        arn: &str,
        ca: &str,
        not_before: Timestamp,
        not_after: Timestamp,
    ) -> Self {
        let mut found = self.client(arn, ca);
        found.content.not_before = Some(not_before);
        found.content.not_after = Some(not_after);
        self.record(&found);
        let seen = SeenOne::Present(found);
        self.seen.client_certificates.insert(arn.to_owned(), seen);
        self
    }

    /// Status records the import of this certificate, a day ago.
    pub fn record(&mut self, found: &client_certificate::Observed) {
        let record = client_certificate::imported(found, false, at(-1));
        self.forget(&record.arn);
        self.records().push(record);
    }

    /// Status does not record the import of this certificate.
    pub fn forget(&mut self, arn: &str) {
        self.records().retain(|known| known.arn != arn);
    }

    /// What status records, to be changed.
    pub fn records(&mut self) -> &mut Vec<ImportedCertificateStatus> {
        &mut self.remembered.get_or_insert_default().client_certificates
    }

    /// What status records of a certificate, to be changed.
    pub fn record_mut(&mut self, arn: &str) -> &mut ImportedCertificateStatus {
        let mut records = self.records().iter_mut();
        records.find(|known| known.arn == arn).expect("it is recorded")
    }

    /// A client certificate of a day's age whose CA has this body.
    pub fn client(&self, arn: &str, ca: &str) -> client_certificate::Observed {
        let leaf = Self::pem(&format!("bGVhZg{ca}"));
        let mut tags = self.certificate_tags();
        tags.insert(
            client_certificate::TAG_LEAF.into(),
            client_certificate::seen::leaf_hash(&leaf),
        );
        client_certificate::Observed {
            content: certificate::Content {
                is_for_clients: true,
                ..content(arn)
            },
            leaf,
            ca: Self::pem(ca),
            tags,
        }
    }

    /// With a row of a client certificate that was verified before.
    pub fn with_row(mut self, arn: &str, not_before: Timestamp, not_after: Timestamp) -> Self {
        let row = client_certificate::Listed {
            arn: arn.to_owned(),
            tags: Some(self.certificate_tags()),
        };
        let line = record(&client_certificate::known::hash(&self.owner), &row);
        let key = client_certificate::id_of(arn).key();
        self.pass.recorded.insert(key, line);
        self.seen
            .client_certificates
            .insert(arn.to_owned(), SeenOne::Listed(Some(row)));
        let found = self.client(arn, CA);
        self.record(&found);
        let remembered = self.remembered.get_or_insert_default();
        remembered.client_certificate_arn = Some(arn.to_owned());
        remembered.client_certificate_not_before = Some(not_before.to_string());
        remembered.client_certificate_not_after = Some(not_after.to_string());
        self
    }

    fn certificate_tags(&self) -> Tags {
        let mut tags = self.desired.tags.clone();
        tags.insert(TAG_SERVES.to_owned(), SERVES_CLIENT.to_owned());
        tags
    }

    /// A client certificate that was read, to be changed.
    pub fn certificate_mut(&mut self, arn: &str) -> &mut client_certificate::Observed {
        match self.seen.client_certificates.get_mut(arn) {
            Some(SeenOne::Present(found)) => found,
            _ => panic!("{arn} was not read"),
        }
    }
}
