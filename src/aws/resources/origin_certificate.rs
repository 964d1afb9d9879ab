//! The public certificate of the origin's name, in the API's Region.

use super::certificate;
use super::update::Update;
use crate::aws::cloud::{Cloud, CloudError};
use crate::domain::kernel::planning::Id;
use crate::domain::mutual_tls::origin_certificate::{Action, id_of};
use crate::domain::perimeter::observed::Observed as Everything;

/// Reads one of those that were requested.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    id: &Id,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let mut known = everything.mutual_tls.origin_certificates.iter();
    let Some((arn, seen)) = known.find(|(arn, _)| id_of(arn) == *id) else {
        return Ok(Update::Nothing);
    };
    let read = certificate::read(cloud, arn, seen).await?;
    Ok(Update::OriginCertificate(arn.clone(), read))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let known = &everything.mutual_tls.origin_certificates;
    let (at, again) = (everything.pass.at, Update::NextOriginCertificateRequest);
    certificate::call(cloud, action, known, at, Update::OriginCertificate, again).await
}
