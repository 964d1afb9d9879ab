//! Imports of client certificates that status does not record yet: this process remembers them, so that neither a status that could not
//! be written, nor one that is seen late, makes a stranger of what was imported a moment ago.

use crate::api::ImportedCertificateStatus;
use crate::domain::perimeter::observed::Observed;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The imports of each object that status does not record yet, by UID; forgotten with this process.
#[derive(Debug, Default)]
pub(super) struct Imports(Mutex<HashMap<String, Vec<ImportedCertificateStatus>>>);

impl Imports {
    /// Remembers what was imported in this pass.
    pub(super) fn note(&self, observed: &Observed) {
        let imported = observed.mutual_tls.imported.clone();
        self.lock().insert(observed.owner.uid.clone(), imported);
    }

    /// Adds what status does not record, and has it looked for, whatever lists say.
    pub(super) fn recall(&self, observed: &mut Observed) {
        let mut all = self.lock();
        let Some(known) = all.get_mut(&observed.owner.uid) else {
            return;
        };
        let recorded = observed.outputs.mutual_tls.as_ref();
        let recorded = recorded.map(|known| known.client_certificates.as_slice());
        let recorded = recorded.unwrap_or_default();
        known.retain(|import| !recorded.iter().any(|record| record.arn == import.arn));
        if known.is_empty() {
            all.remove(&observed.owner.uid);
            return;
        }
        let seen = &mut observed.mutual_tls;
        for import in &*known {
            seen.client_certificates.entry(import.arn.clone()).or_default();
        }
        seen.imported.clone_from(known);
    }

    /// Forgets an object that is gone.
    pub(super) fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<ImportedCertificateStatus>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::identity::Owner;
    use crate::domain::kernel::observing::Seen;

    fn observed() -> Observed {
        Observed::of(Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "u".into(),
            taken: None,
        })
    }

    fn import() -> ImportedCertificateStatus {
        ImportedCertificateStatus {
            arn: "arn".into(),
            ..ImportedCertificateStatus::default()
        }
    }

    #[test]
    fn an_import_is_remembered_until_status_records_it() {
        let imports = Imports::default();
        let mut first = observed();
        first.mutual_tls.imported.push(import());
        imports.note(&first);

        let mut unrecorded = observed();
        imports.recall(&mut unrecorded);
        assert_eq!(unrecorded.mutual_tls.imported, [import()]);
        assert_eq!(
            unrecorded.mutual_tls.client_certificates["arn"],
            Seen::Listed(None)
        );

        let mut recorded = observed();
        let status = recorded.outputs.mutual_tls.get_or_insert_default();
        status.client_certificates.push(import());
        imports.recall(&mut recorded);
        assert!(recorded.mutual_tls.imported.is_empty());
        let mut later = observed();
        imports.recall(&mut later);
        assert!(later.mutual_tls.imported.is_empty(), "status had it");
    }
}
