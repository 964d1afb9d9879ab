//! Tags of many resources in one call.

use super::failure::Failure;
use crate::aws::cloud::Page;
use crate::aws::operations::Tagged;
use crate::domain::identity::TAG_CLUSTER;
use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};

/// The service's maximum.
const PAGE: i32 = 100;

pub async fn list_tagged(
    client: &Client,
    cluster: String,
    marker: Option<String>,
) -> Result<Page<Tagged>, Failure> {
    let filter = TagFilter::builder().key(TAG_CLUSTER).values(cluster).build();
    let output = client
        .get_resources()
        .tag_filters(filter)
        .resources_per_page(PAGE)
        .set_pagination_token(marker)
        .send()
        .await?;
    Ok(Page {
        items: output
            .resource_tag_mapping_list
            .unwrap_or_default()
            .into_iter()
            .filter_map(tagged)
            .collect(),
        next: output.pagination_token.filter(|token| !token.is_empty()),
    })
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
