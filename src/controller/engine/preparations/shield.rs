//! What a pass has to know of Shield Advanced.

use crate::aws::cloud::CloudError;
use crate::controller::engine::Engine;
use crate::controller::engine::subject::Subject;
use crate::domain::perimeter::observed::Observed;

impl Engine {
    /// What lists say of Shield, for an object that asks for it, or did.
    pub(super) async fn observe_shield(
        &self,
        subject: &Subject<'_>,
        observed: &mut Observed,
    ) -> Result<(), CloudError> {
        let wanted = subject.object.spec.shield.as_ref();
        if wanted.is_none() && !observed.had_shield() {
            return Ok(());
        }
        let named = wanted.and_then(|shield| shield.health_check.as_ref()?.id.as_deref());
        let max_age = self.max_age(false).others;
        self.shield.observe(observed, named, max_age).await
    }
}
