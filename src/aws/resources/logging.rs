//! The web ACL's logging configuration.

use super::update::found;
use crate::aws::cloud::{Cloud, CloudError};
use crate::domain::firewall::logging::{Action, Observed};
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed as Everything;

type SeenLogging = Seen<Observed, Observed>;

/// Reads the logging configuration of the object's web ACL.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<SeenLogging, CloudError> {
    let Some(arn) = everything.web_acl_arn() else {
        return Ok(Seen::Absent);
    };
    let document = found(cloud.get_logging_configuration(arn).await)?;
    Ok(document.map_or(Seen::Absent, |document| Seen::Present(Observed { document })))
}

/// Makes the call of `action`.
pub(super) async fn apply(cloud: &dyn Cloud, action: &Action) -> Result<SeenLogging, CloudError> {
    match action {
        Action::Put(document) => {
            let document = cloud.put_logging_configuration(document.clone()).await?;
            Ok(Seen::Present(Observed { document }))
        }
        Action::Delete { web_acl_arn } => {
            found(cloud.delete_logging_configuration(web_acl_arn.clone()).await)?;
            Ok(Seen::Absent)
        }
    }
}
