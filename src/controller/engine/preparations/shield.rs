//! What a pass has to know of Shield Advanced.

use crate::aws::cloud::CloudError;
use crate::controller::engine::Engine;
use crate::controller::engine::subject::Subject;
use crate::domain::edge::distribution::TAG_SHIELD;
use crate::domain::perimeter::observed::Observed;

impl Engine {
    /// What lists say of Shield, for an object that asks for it, or did.
    pub(super) async fn observe_shield(
        &self,
        subject: &Subject<'_>,
        observed: &mut Observed,
    ) -> Result<(), CloudError> {
        let uid = observed.owner.uid.clone();
        let max_age = self.max_age(false).others;
        if let Some(wanted) = &subject.object.spec.shield {
            self.partings.end(&uid, TAG_SHIELD);
            let named = wanted.health_check.as_ref().and_then(|check| check.id.as_deref());
            return self.shield.observe(observed, named, max_age).await;
        }
        if !observed.had_shield() {
            return Ok(());
        }
        let look = self.partings.look(&uid, TAG_SHIELD, max_age);
        self.shield.observe(observed, None, look.max_age).await?;
        self.partings.begin(&uid, TAG_SHIELD);
        observed.shield.settled = look.settled;
        Ok(())
    }
}
