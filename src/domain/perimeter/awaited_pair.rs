//! For whom a client certificate has to be made.

use super::desired::Desired;
use super::observed::Observed;
use crate::domain::mutual_tls::pair::Subject;
use crate::domain::mutual_tls::rotation;

impl Observed {
    /// For whom a client certificate has to be made next; `None` where none is needed, or that is not known yet.
    #[must_use]
    pub fn awaited_pair(&self, desired: &Desired) -> Option<Subject> {
        let declared = desired.mutual_tls.as_ref()?;
        let is_needed = rotation::needs_pair(&self.mutual_tls_inputs(Some(desired)));
        is_needed.then(|| Subject {
            uid: self.owner.uid.clone(),
            name: declared.origin_domain.clone(),
        })
    }
}
