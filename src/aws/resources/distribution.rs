//! The CloudFront distribution.

use super::update::{Update, found, listed_tags};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::domain::edge::distribution::{Action, Listed, Observed, Row, caller_reference, reference_of};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed as Everything;
use jiff::SignedDuration;

type SeenDistribution = Seen<Row, Observed>;

/// For so long after its import CloudFront may not know a client certificate.
const IMPORT_LAG: SignedDuration = SignedDuration::from_mins(1);
/// How CloudFront refuses a certificate that it does not know, as far as its own list of errors tells.
const REFUSALS_OF_CERTIFICATES: [&str; 4] = [
    "EntityNotFound",
    "IllegalUpdate",
    "InvalidArgument",
    "InvalidViewerCertificate",
];

/// Reads the distribution, by its row or by the id in status.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    everything: &Everything,
) -> Result<SeenDistribution, CloudError> {
    match (&everything.distribution, &everything.outputs.distribution_id) {
        (Seen::Listed(Some(row)), _) => read(cloud, &row.listed.id, row.tags.as_ref()).await,
        (Seen::Present(found), _) => read(cloud, &found.content.id, Some(&found.tags)).await,
        (_, Some(id)) => read(cloud, id, None).await,
        (_, None) => Ok(Seen::Absent),
    }
}

async fn read(cloud: &dyn Cloud, id: &str, tags: Option<&Tags>) -> Result<SeenDistribution, CloudError> {
    let Some(content) = found(cloud.get_distribution(id.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    let tags = match listed_tags(tags) {
        Some(tags) => tags,
        None => cloud.list_distribution_tags(content.arn.clone()).await?,
    };
    Ok(Seen::Present(Observed { content, tags }))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let mut present = everything.distribution.present().cloned();
    match action {
        Action::Create { config, tags } => {
            return match cloud.create_distribution(config.clone(), tags.clone()).await {
                Ok(content) => Ok(Update::Distribution(Seen::Present(Observed {
                    content,
                    tags: tags.clone(),
                }))),
                Err(error) if error.kind == ErrorKind::Exists => find_made(cloud, everything, &error).await,
                Err(error) => Err(unless_imported_just_now(error, everything)),
            };
        }
        Action::Update { id, etag, config } => {
            let updated = cloud.update_distribution(id.clone(), etag.clone(), config.clone());
            let content = updated
                .await
                .map_err(|error| unless_imported_just_now(error, everything))?;
            let tags = present.map(|found| found.tags).unwrap_or_default();
            present = Some(Observed { content, tags });
        }
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => {}
        Action::MoveAlias { id, alias, .. } => {
            cloud.associate_alias(id.clone(), alias.clone()).await?;
            // What the distribution has become only a read tells.
            let seen = read(cloud, id, everything.distribution_tags()).await?;
            return Ok(Update::AliasMoved(alias.clone(), seen));
        }
        Action::Delete { id, etag } => {
            found(cloud.delete_distribution(id.clone(), etag.clone()).await)?;
            present = None;
        }
    }
    Ok(Update::Distribution(present.map_or(Seen::Absent, Seen::Present)))
}

/// A refusal that speaks of a certificate passes, where one was imported just now: CloudFront learns of it later. Which code it has
/// then AWS does not write down; it only makes us wait, and after a minute the refusal is what it is.
fn unless_imported_just_now(error: CloudError, everything: &Everything) -> CloudError {
    let now = everything.pass.at;
    let certificates = everything.mutual_tls.client_certificates.values();
    let mut imported = certificates.filter_map(|seen| seen.present()?.content.requested_at);
    let is_new = imported.any(|at| now.duration_since(at) < IMPORT_LAG);
    let is_of_certificate = REFUSALS_OF_CERTIFICATES.contains(&error.code.as_str())
        && error.message.to_lowercase().contains("certificate");
    if is_new && is_of_certificate {
        error.not_yet("the client certificate was imported a moment ago")
    } else {
        error
    }
}

/// The caller reference was used before: by a distribution of ours whose answer was lost, or by one that is deleted. The list and
/// the distribution's own document tell which.
async fn find_made(
    cloud: &dyn Cloud,
    everything: &Everything,
    refusal: &CloudError,
) -> Result<Update, CloudError> {
    let owner = &everything.owner;
    let ids: Vec<String> = pages(
        |marker| cloud.list_distributions(marker),
        |row: Listed| row.comment.contains(&owner.uid).then_some(row.id),
    )
    .await?;
    let reference = caller_reference(owner, everything.reference);
    for id in ids {
        if let Seen::Present(found) = read(cloud, &id, None).await?
            && reference_of(&found.content) == reference
        {
            return Ok(Update::Distribution(Seen::Present(found)));
        }
    }
    if may_be_unlisted(cloud, refusal).await? {
        return Err(refusal.clone().not_yet("the list does not show it yet"));
    }
    Ok(Update::NextReference)
}

/// Whether CloudFront has the distribution that it refuses for: lists lag, and there must be no second one. Its message alone names
/// the id, and where it does not, nobody knows.
async fn may_be_unlisted(cloud: &dyn Cloud, refusal: &CloudError) -> Result<bool, CloudError> {
    match existing_id(&refusal.message) {
        Some(id) => Ok(found(cloud.get_distribution(id.to_owned()).await)?.is_some()),
        None => Ok(true),
    }
}

/// CloudFront names the id at the end of its message, "… Already exists: E1ABCDEF", and nowhere else in its answer
/// (aws/aws-sdk-js-v3#2618). It only makes us wait: what is ours, the list shows.
fn existing_id(message: &str) -> Option<&str> {
    let (_, tail) = message.rsplit_once("lready exists: ")?;
    let end = tail
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(tail.len());
    tail.get(..end).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::cloud::Page;
    use crate::aws::operations::{Answer, Call, Service};
    use crate::aws::refused_fixtures::error;
    use crate::domain::edge::distribution::Content;
    use crate::domain::edge::xml;
    use crate::domain::kernel::identity::Owner;
    use async_trait::async_trait;

    /// No list shows a distribution; whether one is there only a direct read says.
    struct Unlisted {
        is_there: bool,
    }

    #[async_trait]
    impl Cloud for Unlisted {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            match call {
                Call::ListDistributions { .. } => Ok(Answer::ListDistributions(Page {
                    items: vec![],
                    next: None,
                })),
                Call::GetDistribution { id } if self.is_there => Ok(Answer::GetDistribution(Content {
                    arn: format!("arn:aws:cloudfront::111122223333:distribution/{id}"),
                    id,
                    domain_name: "d1.cloudfront.net".into(),
                    etag: "E".into(),
                    status: "InProgress".into(),
                    config: xml::text("DistributionConfig", ""),
                })),
                call => Err(CloudError::new(call.operation(), "NoSuchDistribution", "no")),
            }
        }
    }

    async fn found_made(is_there: bool, message: &str) -> Result<Update, CloudError> {
        let owner = Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "u".into(),
            taken: None,
        };
        let refusal = error(
            Service::CloudFront,
            "CreateDistributionWithTags",
            "DistributionAlreadyExists",
            message,
        );
        find_made(&Unlisted { is_there }, &Everything::of(owner), &refusal).await
    }

    const NAMED: &str = "The caller reference that you are using to create a distribution is associated with another \
                         distribution. Already exists: E2ABCDEFGHIJK";

    #[tokio::test]
    async fn no_distribution_is_adopted_or_made_twice_for_what_a_message_says() {
        let refused = found_made(true, NAMED).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::NotYet);
        let refused = found_made(false, "something else").await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::NotYet);
    }

    #[tokio::test]
    async fn after_a_deleted_distribution_the_next_reference_is_taken() {
        assert_eq!(found_made(false, NAMED).await, Ok(Update::NextReference));
    }

    #[test]
    fn a_client_certificate_that_was_imported_just_now_may_be_unknown_for_a_moment() {
        use crate::domain::edge::certificate::Content as Certificate;
        use crate::domain::mutual_tls::client_certificate::Observed as Client;
        use jiff::Timestamp;

        let refused = |code: &str, message: &str, age: i64| {
            let mut everything = Everything::of(Owner {
                cluster: "c".into(),
                namespace: "shop".into(),
                name: "petstore".into(),
                uid: "u".into(),
                taken: None,
            });
            let imported = Timestamp::UNIX_EPOCH;
            everything.pass.at = imported.checked_add(SignedDuration::from_secs(age)).unwrap();
            let content = Certificate {
                arn: "c".into(),
                status: "ISSUED".into(),
                failure: None,
                proofs: vec![],
                in_use_by: vec![],
                not_before: None,
                is_for_clients: true,
                requested_at: Some(imported),
                not_after: None,
                names: vec![],
            };
            let client = Client {
                content,
                leaf: "leaf".into(),
                ca: "ca".into(),
                tags: Tags::new(),
            };
            let certificates = &mut everything.mutual_tls.client_certificates;
            certificates.insert("c".into(), Seen::Present(client));
            let refusal = error(Service::CloudFront, "UpdateDistribution", code, message);
            unless_imported_just_now(refusal, &everything).kind
        };
        let unknown = "The client certificate does not exist.";
        assert_eq!(refused("InvalidArgument", unknown, 30), ErrorKind::NotYet);
        assert_eq!(refused("InvalidArgument", unknown, 90), ErrorKind::Terminal);
        assert_eq!(
            refused("InvalidArgument", "The parameter TTL is wrong.", 30),
            ErrorKind::Terminal
        );
        assert_eq!(refused("AccessDenied", unknown, 30), ErrorKind::Denied);
    }

    #[test]
    fn the_id_of_the_existing_distribution_is_read_from_the_refusal() {
        assert_eq!(existing_id(NAMED), Some("E2ABCDEFGHIJK"));
        assert_eq!(existing_id("something else"), None);
    }
}
