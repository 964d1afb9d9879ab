//! Certificates: of viewers' names and of clients in us-east-1, of origins' names in the Regions of their APIs.

use super::failure::Failure;
use crate::domain::edge::certificate::{Content, ProofRecord, Request};
use crate::domain::edge::hosted_zone::plain_name;
use crate::domain::kernel::identity::Tags;
use crate::domain::mutual_tls::pair::Pair;
use aws_sdk_acm::Client;
use aws_sdk_acm::primitives::{Blob, DateTime};
use aws_sdk_acm::types::{
    CertificateDetail, DomainValidation, ExtendedKeyUsage, ExtendedKeyUsageName, Tag, ValidationMethod,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use zeroize::Zeroizing;

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

/// Imports the certificate of `pair`, with the CA as its chain. The key leaves memory with `pair`; the SDK's copies of it, which live
/// as long as the call, are not ours to wipe.
pub async fn import_certificate(client: &Client, pair: Pair, tags: &Tags) -> Result<String, Failure> {
    let request = client
        .import_certificate()
        .certificate(Blob::new(pair.leaf.as_bytes()))
        .certificate_chain(Blob::new(pair.ca.as_bytes()))
        .private_key(Blob::new(pair.key.expose()))
        .set_tags(Some(sdk_tags(tags)?));
    let output = request.send().await.map_err(|error| {
        // AWS may quote what it was sent, as we wrote it or as it travelled.
        let travelled = Zeroizing::new(BASE64.encode(pair.key.expose()));
        Failure::quoting_none_of(&error, &[pair.key.expose(), travelled.as_str()])
    })?;
    output
        .certificate_arn
        .ok_or_else(|| Failure::missing("CertificateArn"))
}

/// An imported certificate and its chain, PEM: of one of ours, the CA.
pub async fn get_certificate(client: &Client, arn: String) -> Result<(String, String), Failure> {
    let output = client.get_certificate().certificate_arn(arn).send().await?;
    let leaf = output
        .certificate
        .ok_or_else(|| Failure::missing("Certificate"))?;
    Ok((leaf, output.certificate_chain.unwrap_or_default()))
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
    let requested_at = detail.created_at.or(detail.imported_at).and_then(moment);
    let not_before = detail.not_before.and_then(moment);
    let not_after = detail.not_after.and_then(moment);
    Content {
        arn,
        status: status.unwrap_or_default(),
        failure,
        proofs: proofs.into_iter().filter_map(proof).collect(),
        in_use_by: detail.in_use_by.unwrap_or_default(),
        not_before,
        is_for_clients: detail
            .extended_key_usages
            .unwrap_or_default()
            .iter()
            .any(is_for_clients),
        requested_at,
        not_after,
        names: detail.subject_alternative_names.unwrap_or_default(),
    }
}

fn is_for_clients(usage: &ExtendedKeyUsage) -> bool {
    usage.name == Some(ExtendedKeyUsageName::TlsWebClientAuthentication)
}

fn proof(validation: DomainValidation) -> Option<ProofRecord> {
    let record = validation.resource_record?;
    Some(ProofRecord {
        name: plain_name(&record.name),
        value: record.value,
    })
}
