//! Certificates of us-east-1.

use super::failure::Failure;
use crate::domain::edge::certificate::{Content, ProofRecord, Request};
use crate::domain::edge::hosted_zone::plain_name;
use crate::domain::kernel::identity::Tags;
use aws_sdk_acm::Client;
use aws_sdk_acm::primitives::DateTime;
use aws_sdk_acm::types::{CertificateDetail, DomainValidation, Tag, ValidationMethod};
use jiff::Timestamp;

pub async fn request_certificate(client: &Client, request: Request) -> Result<String, Failure> {
    let (first, others) = request
        .names
        .split_first()
        .ok_or_else(|| Failure::unsendable("a certificate needs a name"))?;
    let output = client
        .request_certificate()
        .domain_name(first)
        .set_subject_alternative_names(Some(others.to_vec()).filter(|others| !others.is_empty()))
        .validation_method(ValidationMethod::Dns)
        .idempotency_token(request.token)
        .set_tags(Some(sdk_tags(&request.tags)?))
        .send()
        .await?;
    output
        .certificate_arn
        .ok_or_else(|| Failure::missing("CertificateArn"))
}

pub async fn describe_certificate(client: &Client, arn: String) -> Result<Content, Failure> {
    let output = client
        .describe_certificate()
        .certificate_arn(arn.clone())
        .send()
        .await?;
    let detail = output
        .certificate
        .ok_or_else(|| Failure::missing("Certificate"))?;
    Ok(content(arn, detail))
}

pub async fn delete_certificate(client: &Client, arn: String) -> Result<(), Failure> {
    client.delete_certificate().certificate_arn(arn).send().await?;
    Ok(())
}

pub async fn list_tags(client: &Client, arn: String) -> Result<Tags, Failure> {
    let output = client
        .list_tags_for_certificate()
        .certificate_arn(arn)
        .send()
        .await?;
    let tags = output.tags.unwrap_or_default().into_iter();
    Ok(tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}

pub async fn tag(client: &Client, arn: String, tags: &Tags) -> Result<(), Failure> {
    let request = client.add_tags_to_certificate().certificate_arn(arn);
    request.set_tags(Some(sdk_tags(tags)?)).send().await?;
    Ok(())
}

pub async fn untag(client: &Client, arn: String, keys: Vec<String>) -> Result<(), Failure> {
    // Without a value a tag goes whatever its value is.
    let keys = keys
        .into_iter()
        .map(|key| Tag::builder().key(key).build())
        .collect::<Result<Vec<_>, _>>()?;
    let request = client.remove_tags_from_certificate().certificate_arn(arn);
    request.set_tags(Some(keys)).send().await?;
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Result<Vec<Tag>, Failure> {
    let tags = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build());
    Ok(tags.collect::<Result<_, _>>()?)
}

fn content(arn: String, detail: CertificateDetail) -> Content {
    let proofs = detail.domain_validation_options.unwrap_or_default();
    let status = detail.status.as_ref().map(|status| status.as_str().to_owned());
    let failure = detail
        .failure_reason
        .as_ref()
        .map(|reason| reason.as_str().to_owned());
    let moment = |at: DateTime| Timestamp::from_second(at.secs()).ok();
    let requested_at = detail.created_at.and_then(moment);
    let not_after = detail.not_after.and_then(moment);
    Content {
        arn,
        status: status.unwrap_or_default(),
        failure,
        proofs: proofs.into_iter().filter_map(proof).collect(),
        is_in_use: detail.in_use_by.is_some_and(|users| !users.is_empty()),
        requested_at,
        not_after,
        names: detail.subject_alternative_names.unwrap_or_default(),
    }
}

fn proof(validation: DomainValidation) -> Option<ProofRecord> {
    let record = validation.resource_record?;
    Some(ProofRecord {
        name: plain_name(&record.name),
        value: record.value,
    })
}
