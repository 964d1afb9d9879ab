//! The calls for mutual TLS, by what they are made with.

use super::failure::Failure;
use super::{Sdk, acm, apigateway, apigatewayv2, domain_names, off_stack, s3, tagging};
use crate::aws::operations::{Answer, Call};
use crate::domain::signer::function::EDGE_REGION;

impl Sdk {
    /// The calls for mutual TLS, apart: one function for all would need more stack than threads have.
    #[rustfmt::skip]
    pub(super) async fn answer_of_mutual_tls(&self, call: Call) -> Result<Answer, Failure> {
        Ok(match call {
            Call::SwitchRestEndpoint { region, id, off } => Answer::SwitchRestEndpoint(off_stack(|| apigateway::switch_endpoint(&self.regional, region, id, off)).await?),
            Call::SwitchEndpoint { region, id, off } => Answer::SwitchEndpoint(off_stack(|| apigatewayv2::switch_endpoint(&self.regional, region, id, off)).await?),

            Call::GetDomainName { region, name } => Answer::GetDomainName(off_stack(|| domain_names::get_domain_name(&self.regional, region, name)).await?),
            Call::CreateDomainName { region, creation } => Answer::CreateDomainName(off_stack(|| domain_names::create_domain_name(&self.regional, region, creation)).await?),
            Call::UpdateDomainName { region, change } => Answer::UpdateDomainName(off_stack(|| domain_names::update_domain_name(&self.regional, region, change)).await?),
            Call::DeleteDomainName { region, name } => Answer::DeleteDomainName(off_stack(|| domain_names::delete_domain_name(&self.regional, region, name)).await?),
            Call::ListMappingsOf { region, domain, marker } => Answer::ListMappingsOf(off_stack(|| domain_names::list_mappings_of(&self.regional, region, domain, marker)).await?),
            Call::CreateApiMapping { region, domain, key, api_id, stage } => Answer::CreateApiMapping(off_stack(|| domain_names::create_api_mapping(&self.regional, region, domain, key, api_id, stage)).await?),
            Call::DeleteApiMapping { region, domain, id } => Answer::DeleteApiMapping(off_stack(|| domain_names::delete_api_mapping(&self.regional, region, domain, id)).await?),
            Call::TagDomainName { arn, tags } => Answer::TagDomainName(off_stack(|| domain_names::tag(&self.regional, arn, tags)).await?),
            Call::UntagDomainName { arn, keys } => Answer::UntagDomainName(off_stack(|| domain_names::untag(&self.regional, arn, keys)).await?),

            Call::ImportCertificate { pair, tags } => Answer::ImportCertificate(acm::import_certificate(&self.regional.of(EDGE_REGION).acm, *pair, &tags).await?),
            Call::GetCertificate { arn } => Answer::GetCertificate(acm::get_certificate(&self.acm_of(&arn), arn).await?),

            Call::GetBucketVersioning { region, bucket } => Answer::GetBucketVersioning(off_stack(|| s3::get_bucket_versioning(self.regional.of(region).s3, self.bucket(bucket))).await?),
            Call::GetObject { region, bucket, key } => Answer::GetObject(off_stack(|| s3::get_object(self.regional.of(region).s3, self.bucket(bucket), key)).await?),
            Call::PutObject { region, bucket, key, content } => Answer::PutObject(off_stack(|| s3::put_object(self.regional.of(region).s3, self.bucket(bucket), key, content)).await?),
            Call::ListObjectVersions { region, bucket, key, marker } => Answer::ListObjectVersions(off_stack(|| s3::list_object_versions(self.regional.of(region).s3, self.bucket(bucket), key, marker)).await?),
            Call::DeleteObjectVersion { region, bucket, key, version } => Answer::DeleteObjectVersion(off_stack(|| s3::delete_object_version(self.regional.of(region).s3, self.bucket(bucket), key, version)).await?),

            Call::ListTaggedOfRegion { region, cluster, marker } => Answer::ListTaggedOfRegion(tagging::list_tagged_of_region(&self.regional.of(region).tagging, cluster, marker).await?),

            call => return Err(Failure::unsendable(format!("{} is not implemented", call.operation().name))),
        })
    }
}
