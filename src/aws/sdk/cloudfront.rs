//! Distributions, with their configurations as raw elements.

use super::failure::Failure;
use super::marker;
use super::raw_body::{Captured, RawBody};
use crate::aws::cloud::Page;
use crate::domain::edge::conflict::Conflict;
use crate::domain::edge::detours::{Behaviour, Behaviours};
use crate::domain::edge::distribution::{Content, Listed};
use crate::domain::edge::host::Headers;
use crate::domain::edge::xml::{self, Element};
use crate::domain::kernel::identity;
use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::types::{
    CacheBehavior, CacheBehaviors, CustomErrorResponse, CustomErrorResponses, DistributionResourceId,
    DistributionResourceType, DistributionSummary, DomainConflict, LambdaFunctionAssociation,
    LambdaFunctionAssociations, OriginGroup, OriginGroupMembers, OriginGroups, Origins, Tag, TagKeys, Tags,
};
use xmltree::XMLNode;

/// The service's maximum.
const PAGE: i32 = 100;
const NAMESPACE: &str = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

pub async fn list_distributions(client: &Client, marker: Option<String>) -> Result<Page<Listed>, Failure> {
    let output = client
        .list_distributions()
        .max_items(PAGE)
        .set_marker(marker.clone())
        .send()
        .await?;
    let list = output
        .distribution_list
        .ok_or_else(|| Failure::missing("DistributionList"))?;
    Ok(Page {
        items: list.items.unwrap_or_default().into_iter().map(listed).collect(),
        next: marker::next(
            "DistributionList.NextMarker",
            list.next_marker.filter(|_| list.is_truncated),
            marker.as_ref(),
        )?,
    })
}

pub async fn get_distribution(client: &Client, id: String) -> Result<Content, Failure> {
    let raw = RawBody::reading();
    let outcome = client
        .get_distribution()
        .id(id)
        .customize()
        .interceptor(raw.clone())
        .send()
        .await;
    content(&raw.finish(outcome)?)
}

pub async fn get_cache_policy(client: &Client, id: String) -> Result<Headers, Failure> {
    let output = client.get_cache_policy().id(id).send().await?;
    let config = output.cache_policy.and_then(|found| found.cache_policy_config);
    let config = config.ok_or_else(|| Failure::missing("CachePolicy.CachePolicyConfig"))?;
    let key = config.parameters_in_cache_key_and_forwarded_to_origin;
    let headers = key.and_then(|key| key.headers_config);
    let headers = headers.ok_or_else(|| Failure::missing("CachePolicyConfig.HeadersConfig"))?;
    Ok(Headers {
        behavior: headers.header_behavior.as_str().to_owned(),
        names: headers.headers.and_then(|names| names.items).unwrap_or_default(),
    })
}

pub async fn get_origin_request_policy(client: &Client, id: String) -> Result<Headers, Failure> {
    let output = client.get_origin_request_policy().id(id).send().await?;
    let found = output.origin_request_policy;
    let config = found.and_then(|found| found.origin_request_policy_config);
    let headers = config.and_then(|config| config.headers_config);
    let headers = headers.ok_or_else(|| Failure::missing("OriginRequestPolicyConfig.HeadersConfig"))?;
    Ok(Headers {
        behavior: headers.header_behavior.as_str().to_owned(),
        names: headers.headers.and_then(|names| names.items).unwrap_or_default(),
    })
}

pub async fn create_distribution(
    client: &Client,
    config: Element,
    tags: &identity::Tags,
) -> Result<Content, Failure> {
    let tags = tags
        .iter()
        .map(|(key, value)| xml::parent("Tag", vec![xml::text("Key", key), xml::text("Value", value)]));
    let tags = xml::parent("Tags", vec![xml::parent("Items", tags.collect())]);
    let raw = RawBody::xml(&root(xml::parent(
        "DistributionConfigWithTags",
        vec![config, tags],
    )))?;
    let outcome = client
        .create_distribution_with_tags()
        .customize()
        .interceptor(raw.clone())
        .send()
        .await;
    content(&raw.finish(outcome)?)
}

pub async fn update_distribution(
    client: &Client,
    id: String,
    etag: String,
    config: Element,
) -> Result<Content, Failure> {
    let raw = RawBody::xml(&root(config))?;
    let request = client.update_distribution().id(id).if_match(etag);
    let outcome = request.customize().interceptor(raw.clone()).send().await;
    content(&raw.finish(outcome)?)
}

pub async fn delete_distribution(client: &Client, id: String, etag: String) -> Result<(), Failure> {
    client.delete_distribution().id(id).if_match(etag).send().await?;
    Ok(())
}

pub async fn list_tags(client: &Client, arn: String) -> Result<identity::Tags, Failure> {
    let output = client.list_tags_for_resource().resource(arn).send().await?;
    let tags = output.tags.and_then(|tags| tags.items).unwrap_or_default();
    Ok(tags
        .into_iter()
        .map(|tag| (tag.key, tag.value.unwrap_or_default()))
        .collect())
}

pub async fn tag(client: &Client, arn: String, tags: &identity::Tags) -> Result<(), Failure> {
    let tags: Vec<_> = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()?;
    client
        .tag_resource()
        .resource(arn)
        .tags(Tags::builder().set_items(Some(tags)).build())
        .send()
        .await?;
    Ok(())
}

pub async fn untag(client: &Client, arn: String, keys: Vec<String>) -> Result<(), Failure> {
    let keys = TagKeys::builder().set_items(Some(keys)).build();
    client
        .untag_resource()
        .resource(arn)
        .tag_keys(keys)
        .send()
        .await?;
    Ok(())
}

pub async fn associate_alias(client: &Client, id: String, alias: String) -> Result<(), Failure> {
    let request = client.associate_alias().target_distribution_id(id);
    request.alias(alias).send().await?;
    Ok(())
}

pub async fn list_domain_conflicts(
    client: &Client,
    id: String,
    domain: String,
    marker: Option<String>,
) -> Result<Page<Conflict>, Failure> {
    let own = DistributionResourceId::builder().distribution_id(id).build();
    let output = client
        .list_domain_conflicts()
        .domain(domain)
        .domain_control_validation_resource(own)
        .max_items(PAGE)
        .set_marker(marker.clone())
        .send()
        .await?;
    let found = output.domain_conflicts.unwrap_or_default();
    Ok(Page {
        items: found.into_iter().map(conflict).collect(),
        next: marker::next("NextMarker", output.next_marker, marker.as_ref())?,
    })
}

fn conflict(found: DomainConflict) -> Conflict {
    Conflict {
        domain: found.domain,
        is_tenant: found.resource_type == DistributionResourceType::DistributionTenant,
        id: found.resource_id,
        account: found.account_id,
    }
}

fn listed(summary: DistributionSummary) -> Listed {
    let behaviours = routes(&summary);
    let (detours, leads) = (behaviours.detours(), behaviours.leads());
    let origins = summary.origins.map(|it| it.items).unwrap_or_default();
    let origins = origins
        .into_iter()
        .map(|it| (it.domain_name, it.origin_path.unwrap_or_default()));
    let functions = summary
        .default_cache_behavior
        .and_then(|it| it.lambda_function_associations?.items);
    let functions = functions.into_iter().flatten();
    let others = summary.cache_behaviors.and_then(|it| it.items);
    let has_functions = |behavior: &CacheBehavior| {
        let found = behavior.lambda_function_associations.as_ref();
        found.is_some_and(|found| found.quantity > 0)
    };
    Listed {
        id: summary.id,
        arn: summary.arn,
        domain_name: summary.domain_name,
        etag: summary.e_tag.unwrap_or_default(),
        status: summary.status,
        enabled: summary.enabled,
        is_staging: summary.staging,
        comment: summary.comment,
        web_acl_arn: summary.web_acl_id,
        aliases: summary.aliases.and_then(|it| it.items).unwrap_or_default(),
        certificate_arn: summary.viewer_certificate.and_then(|it| it.acm_certificate_arn),
        origins: fitting(origins),
        functions: fitting(functions.map(|it| it.lambda_function_arn)),
        has_other_functions: others.unwrap_or_default().iter().any(has_functions),
        detours,
        leads: fitting(leads.into_iter()),
    }
}

fn routes(summary: &DistributionSummary) -> Behaviours {
    let functions = |found: Option<&LambdaFunctionAssociations>| {
        let found = found.map(LambdaFunctionAssociations::items).unwrap_or_default();
        let of = |it: &LambdaFunctionAssociation| {
            (it.event_type.as_str().to_owned(), it.lambda_function_arn.clone())
        };
        found.iter().map(of).collect()
    };
    let origins = summary.origins.as_ref().map(Origins::items).unwrap_or_default();
    let groups = summary.origin_groups.as_ref();
    let groups = groups.map(OriginGroups::items).unwrap_or_default();
    let members = |it: &OriginGroup| {
        let members = it.members.as_ref().map(OriginGroupMembers::items);
        let members = members.unwrap_or_default().iter();
        members.map(|it| it.origin_id.clone()).collect()
    };
    let others = summary.cache_behaviors.as_ref().map(CacheBehaviors::items);
    let pages = summary.custom_error_responses.as_ref();
    let pages = pages.map(CustomErrorResponses::items).unwrap_or_default();
    let page = |it: &CustomErrorResponse| {
        let path = it.response_page_path.clone().filter(|path| !path.is_empty())?;
        let status = it.response_code.as_ref().and_then(|code| code.parse().ok());
        Some((status.or_else(|| it.error_code.try_into().ok())?, path))
    };
    Behaviours {
        origins: origins
            .iter()
            .map(|it| (it.id.clone(), it.domain_name.clone()))
            .collect(),
        groups: groups.iter().map(|it| (it.id.clone(), members(it))).collect(),
        default: summary
            .default_cache_behavior
            .as_ref()
            .map(|it| Behaviour {
                pattern: String::new(),
                origin: it.target_origin_id.clone(),
                functions: functions(it.lambda_function_associations.as_ref()),
            })
            .unwrap_or_default(),
        others: others
            .unwrap_or_default()
            .iter()
            .map(|it| Behaviour {
                pattern: it.path_pattern.clone(),
                origin: it.target_origin_id.clone(),
                functions: functions(it.lambda_function_associations.as_ref()),
            })
            .collect(),
        pages: pages.iter().filter_map(page).collect(),
    }
}

/// A list of its own: collecting alone would keep the memory of the SDK's much larger items.
fn fitting<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = items.collect();
    list.shrink_to_fit();
    list
}

/// A `Distribution` document, which reads and writes answer alike.
fn content(answer: &Captured) -> Result<Content, Failure> {
    let mut document = answer.to_xml()?;
    normalize(&mut document);
    let text = |name| xml::text_at(&document, name).ok_or_else(|| Failure::missing(name));
    Ok(Content {
        id: text("Id")?,
        arn: text("ARN")?,
        domain_name: text("DomainName")?,
        etag: answer.etag()?,
        status: text("Status")?,
        config: document
            .get_child("DistributionConfig")
            .cloned()
            .ok_or_else(|| Failure::missing("DistributionConfig"))?,
    })
}

/// `element` as a document's root; everything below inherits its namespace.
fn root(mut element: Element) -> Element {
    element
        .attributes
        .insert("xmlns".to_owned(), NAMESPACE.to_owned());
    element
}

/// Takes away what is spelling and not content, so that equal configurations are equal elements: namespaces, prefixes,
/// comments, and the blanks between elements.
fn normalize(element: &mut Element) {
    element.prefix = None;
    element.namespace = None;
    element.namespaces = None;
    let has_elements = element.children.iter().any(|node| node.as_element().is_some());
    element.children.retain(|node| match node {
        XMLNode::Element(_) => true,
        XMLNode::Text(text) | XMLNode::CData(text) => !has_elements || !text.trim().is_empty(),
        XMLNode::Comment(_) | XMLNode::ProcessingInstruction(..) => false,
    });
    for node in &mut element.children {
        match node {
            XMLNode::Element(child) => normalize(child),
            XMLNode::CData(text) => *node = XMLNode::Text(std::mem::take(text)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_configurations_in_different_spelling_are_equal_elements() {
        let mut spelled = xml::parse(
            "<c:A xmlns:c=\"urn:c\">\n  <c:B><![CDATA[x]]></c:B>\n  <!-- why --><c:C kept=\"yes\"/>\n</c:A>",
        )
        .unwrap();
        let mut plain = xml::parse("<A xmlns=\"urn:c\"><B>x</B><C kept=\"yes\"/></A>").unwrap();
        normalize(&mut spelled);
        normalize(&mut plain);
        assert_eq!(spelled, plain);
        assert_eq!(plain, xml::parse("<A><B>x</B><C kept=\"yes\"/></A>").unwrap());
    }

    #[test]
    fn a_root_names_cloudfronts_namespace_once() {
        let written = xml::write(&root(xml::parent("A", vec![xml::text("B", "1")]))).unwrap();
        assert!(
            written.ends_with(&format!("<A xmlns=\"{NAMESPACE}\"><B>1</B></A>")),
            "{written}"
        );
    }
}
