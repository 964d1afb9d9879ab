//! ACM's certificates.

use super::update::{Update, found, listed_tags};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::edge::certificate::{Action, Content, Listed, Observed, PENDING, Request, id_of, tags_of};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Id;
use crate::domain::perimeter::observed::Observed as Everything;
use jiff::Timestamp;
use std::collections::BTreeMap;

pub(super) type SeenCertificate = Seen<Listed, Observed>;

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
    Ok(Update::Certificate(arn.clone(), read(cloud, arn, seen).await?))
}

/// Reads the certificate of that ARN, of which so much is known.
pub(super) async fn read(
    cloud: &dyn Cloud,
    arn: &str,
    known: &SeenCertificate,
) -> Result<SeenCertificate, CloudError> {
    let Some(content) = found(cloud.describe_certificate(arn.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    let tags = tags(cloud, arn, tags_of(known)).await?;
    Ok(tags.map_or(Seen::Absent, |tags| Seen::Present(Observed { content, tags })))
}

/// A certificate's tags, where the lists do not show them already; `None` where there is none of that ARN.
pub(super) async fn tags(
    cloud: &dyn Cloud,
    arn: &str,
    known: Option<&Tags>,
) -> Result<Option<Tags>, CloudError> {
    match listed_tags(known) {
        Some(tags) => Ok(Some(tags)),
        None => found(cloud.list_certificate_tags(arn.to_owned()).await),
    }
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let known = &everything.names.certificates;
    let again = Update::NextCertificateRequest;
    call(
        cloud,
        action,
        known,
        everything.pass.at,
        Update::Certificate,
        again,
    )
    .await
}

/// Makes the call of `action` about one of the certificates of which so much is `known`. `seen` makes of what is seen of one by now what
/// it changes; `again` stands for a request that has to be repeated.
pub(super) async fn call(
    cloud: &dyn Cloud,
    action: &Action,
    known: &BTreeMap<String, SeenCertificate>,
    at: Timestamp,
    seen: fn(String, SeenCertificate) -> Update,
    again: Update,
) -> Result<Update, CloudError> {
    match action.clone() {
        Action::Request(wanted) => {
            let made = request(cloud, wanted, known, at).await?;
            Ok(made.map_or(again, |(arn, found)| seen(arn, found)))
        }
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => Ok(Update::Nothing),
        Action::Delete { arn } => Ok(if delete(cloud, &arn).await? {
            seen(arn, Seen::Absent)
        } else {
            Update::CertificateStays(arn)
        }),
    }
}

/// Deletes a certificate; whether ACM did so, which it does not while it sees that something uses it.
pub(super) async fn delete(cloud: &dyn Cloud, arn: &str) -> Result<bool, CloudError> {
    match found(cloud.delete_certificate(arn.to_owned()).await) {
        Ok(_) => Ok(true),
        Err(error) if error.kind == ErrorKind::NotYet => Ok(false),
        Err(error) => Err(error),
    }
}

/// Requests a certificate; `None` where that is answered with one that is `known` to be deleted.
async fn request(
    cloud: &dyn Cloud,
    wanted: Request,
    known: &BTreeMap<String, SeenCertificate>,
    at: Timestamp,
) -> Result<Option<(String, SeenCertificate)>, CloudError> {
    let (tags, names) = (wanted.tags.clone(), wanted.names.clone());
    let arn = cloud.request_certificate(wanted).await?;
    // A repeated request may be answered with what it made at first, and somebody has deleted.
    if known.get(&arn) == Some(&Seen::Absent) {
        return Ok(None);
    }
    let content = Content {
        arn: arn.clone(),
        status: PENDING.to_owned(),
        failure: None,
        proofs: vec![],
        in_use_by: vec![],
        not_before: None,
        is_for_clients: false,
        requested_at: Some(at),
        not_after: None,
        names,
    };
    Ok(Some((arn, Seen::Present(Observed { content, tags }))))
}
