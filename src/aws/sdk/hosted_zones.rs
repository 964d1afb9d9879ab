//! Hosted zones of Route 53 and their records.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::Page;
use crate::domain::edge::hosted_zone::{Deed, Head, Record, RecordChange, Target, plain_name};
use aws_sdk_route53::Client;
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};

/// The service's maximum.
const PAGE: i32 = 300;
/// Stands before a zone's id in answers.
const PREFIX: &str = "/hostedzone/";

pub async fn get_hosted_zone(client: &Client, id: String) -> Result<Head, Failure> {
    let output = client.get_hosted_zone().id(id).send().await?;
    let zone = output.hosted_zone.ok_or_else(|| Failure::missing("HostedZone"))?;
    Ok(Head {
        id: zone.id.trim_start_matches(PREFIX).to_owned(),
        name: plain_name(&zone.name),
        is_private: zone.config.is_some_and(|config| config.private_zone),
    })
}

pub async fn list_records(
    client: &Client,
    zone: String,
    marker: Option<String>,
) -> Result<Page<Record>, Failure> {
    let request = client
        .list_resource_record_sets()
        .hosted_zone_id(zone)
        .max_items(PAGE);
    let request = match marker.as_deref().map(start) {
        Some((name, kind, identifier)) => request
            .start_record_name(name)
            .start_record_type(RrType::from(kind))
            .set_start_record_identifier(identifier.map(ToOwned::to_owned)),
        None => request,
    };
    let output = request.send().await?;
    let next = match (output.next_record_name, output.next_record_type) {
        (Some(name), Some(kind)) if output.is_truncated => {
            let identifier = output.next_record_identifier.unwrap_or_default();
            Some(format!("{name} {} {identifier}", kind.as_str()))
        }
        _ => None,
    };
    let next = marker::next("NextRecordName", next, marker.as_ref())?;
    Ok(Page {
        items: output.resource_record_sets.into_iter().map(record).collect(),
        next,
    })
}

/// Name, type and identifier of the first record of a page.
fn start(marker: &str) -> (&str, &str, Option<&str>) {
    let mut parts = marker.splitn(3, ' ');
    let name = parts.next().unwrap_or_default();
    let kind = parts.next().unwrap_or_default();
    (
        name,
        kind,
        parts.next().filter(|identifier| !identifier.is_empty()),
    )
}

pub async fn change_records(
    client: &Client,
    zone: String,
    changes: Vec<RecordChange>,
) -> Result<(), Failure> {
    let changes = changes.into_iter().map(change).collect::<Result<Vec<_>, _>>()?;
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build()?;
    client
        .change_resource_record_sets()
        .hosted_zone_id(zone)
        .change_batch(batch)
        .send()
        .await?;
    Ok(())
}

fn change(change: RecordChange) -> Result<Change, Failure> {
    let action = match change.deed {
        Deed::Create => ChangeAction::Create,
        Deed::Upsert => ChangeAction::Upsert,
        Deed::Delete => ChangeAction::Delete,
    };
    let record = change.record;
    let values = record
        .values
        .into_iter()
        .map(|value| ResourceRecord::builder().value(value).build())
        .collect::<Result<Vec<_>, _>>()?;
    let target = record.target.map(|target| {
        AliasTarget::builder()
            .hosted_zone_id(target.zone)
            .dns_name(target.name)
            .evaluate_target_health(target.evaluates_health)
            .build()
    });
    let set = ResourceRecordSet::builder()
        .name(record.name)
        .r#type(RrType::from(record.r#type.as_str()))
        .set_set_identifier(record.set_identifier)
        .set_ttl(record.ttl)
        .set_resource_records(Some(values).filter(|values| !values.is_empty()))
        .set_alias_target(target.transpose()?)
        .build()?;
    Ok(Change::builder()
        .action(action)
        .resource_record_set(set)
        .build()?)
}

fn record(set: ResourceRecordSet) -> Record {
    let values = set.resource_records.unwrap_or_default().into_iter();
    Record {
        name: plain_name(&set.name),
        r#type: set.r#type.as_str().to_owned(),
        set_identifier: set.set_identifier,
        ttl: set.ttl,
        values: values.map(|record| record.value).collect(),
        target: set.alias_target.map(|target| Target {
            zone: target.hosted_zone_id,
            name: plain_name(&target.dns_name),
            evaluates_health: target.evaluate_target_health,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_where_the_last_one_said() {
        assert_eq!(start("\\052.example.com. A "), ("\\052.example.com.", "A", None));
        assert_eq!(start("a. TXT one two"), ("a.", "TXT", Some("one two")));
    }
}
