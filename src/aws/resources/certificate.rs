//! ACM's certificates.

use super::update::{Update, found, listed_tags};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::edge::certificate::{Action, Content, Listed, Observed, PENDING, Request, id_of};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Id;
use crate::domain::perimeter::observed::Observed as Everything;

type SeenCertificate = Seen<Listed, Observed>;

/// Reads one of the object's certificates.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    id: &Id,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let mut known = everything.names.certificates.iter();
    let Some((arn, seen)) = known.find(|(arn, _)| id_of(arn) == *id) else {
        return Ok(Update::Nothing);
    };
    let tags = match seen {
        Seen::Listed(Some(row)) => row.tags.as_ref(),
        Seen::Present(found) => Some(&found.tags),
        Seen::Listed(None) | Seen::Absent => None,
    };
    Ok(Update::Certificate(arn.clone(), read(cloud, arn, tags).await?))
}

async fn read(cloud: &dyn Cloud, arn: &str, tags: Option<&Tags>) -> Result<SeenCertificate, CloudError> {
    let Some(content) = found(cloud.describe_certificate(arn.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    let tags = match listed_tags(tags) {
        Some(tags) => Some(tags),
        None => found(cloud.list_certificate_tags(arn.to_owned()).await)?,
    };
    Ok(tags.map_or(Seen::Absent, |tags| Seen::Present(Observed { content, tags })))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    match action.clone() {
        Action::Request(wanted) => request(cloud, wanted, everything).await,
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => Ok(Update::Nothing),
        Action::Delete { arn } => match found(cloud.delete_certificate(arn.clone()).await) {
            Ok(_) => Ok(Update::Certificate(arn, Seen::Absent)),
            Err(error) if error.kind == ErrorKind::NotYet => Ok(Update::CertificateStays(arn)),
            Err(error) => Err(error),
        },
    }
}

async fn request(cloud: &dyn Cloud, wanted: Request, everything: &Everything) -> Result<Update, CloudError> {
    let (tags, names) = (wanted.tags.clone(), wanted.names.clone());
    let arn = cloud.request_certificate(wanted).await?;
    // A repeated request may be answered with what it made at first, and somebody has deleted.
    if everything.names.certificates.get(&arn) == Some(&Seen::Absent) {
        return Ok(Update::NextCertificateRequest);
    }
    let content = Content {
        arn: arn.clone(),
        status: PENDING.to_owned(),
        failure: None,
        proofs: vec![],
        is_in_use: false,
        requested_at: Some(everything.pass.at),
        not_after: None,
        names,
    };
    Ok(Update::Certificate(
        arn,
        Seen::Present(Observed { content, tags }),
    ))
}
