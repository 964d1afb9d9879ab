//! Tags of many resources in one call.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::Page;
use crate::aws::operations::Tagged;
use crate::domain::kernel::identity::TAG_CLUSTER;
use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};

/// The service's maximum.
const PAGE: i32 = 100;
/// The services whose tags every pass compares. Others would only make the list longer, which each resync reads.
pub const COMPARED: [&str; 4] = ["cloudfront", "wafv2", "lambda", "acm"];
/// The services of what mutual TLS has in an API's Region. Keys and usage plans of API Gateway are listed with its domain names.
pub const OF_REGION: [&str; 2] = ["acm:certificate", "apigateway"];
/// What of these matters, as parts of ARNs.
const KINDS_OF_REGION: [&str; 2] = [":certificate/", ":/domainnames/"];
/// The services of what serves Shield Advanced.
pub const OF_SHIELD: [&str; 3] = ["shield", "route53", "cloudwatch"];

pub async fn list_tagged(
    client: &Client,
    services: &[&str],
    cluster: String,
    marker: Option<String>,
) -> Result<Page<Tagged>, Failure> {
    let filter = TagFilter::builder().key(TAG_CLUSTER).values(cluster).build();
    let output = client
        .get_resources()
        .tag_filters(filter)
        .set_resource_type_filters(Some(services.iter().map(ToString::to_string).collect()))
        .resources_per_page(PAGE)
        .set_pagination_token(marker.clone())
        .send()
        .await?;
    Ok(Page {
        items: output
            .resource_tag_mapping_list
            .unwrap_or_default()
            .into_iter()
            .filter_map(tagged)
            .collect(),
        next: marker::next("PaginationToken", output.pagination_token, marker.as_ref())?,
    })
}

/// Certificates and custom domain names of the client's Region.
pub async fn list_tagged_of_region(
    client: &Client,
    cluster: String,
    marker: Option<String>,
) -> Result<Page<Tagged>, Failure> {
    let mut page = list_tagged(client, &OF_REGION, cluster, marker).await?;
    let matters = |tagged: &Tagged| KINDS_OF_REGION.iter().any(|kind| tagged.arn.contains(kind));
    page.items.retain(matters);
    Ok(page)
}

fn tagged(mapping: ResourceTagMapping) -> Option<Tagged> {
    let tags = mapping
        .tags
        .unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect();
    Some(Tagged {
        arn: mapping.resource_arn?,
        tags,
    })
}
