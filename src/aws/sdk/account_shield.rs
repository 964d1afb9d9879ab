//! What Shield Advanced has once an account.

use super::failure::Failure;
use crate::domain::shield::account::contact::{Contact, Personal};
use crate::domain::shield::account::{Engagement, SrtSeen, Subscription};
use aws_sdk_shield::Client;
use aws_sdk_shield::types::{AutoRenew, EmergencyContact, Limit, ProactiveEngagementStatus};
use jiff::Timestamp;

/// How limits call protections of distributions; AWS's own examples call them otherwise than its list of types.
const DISTRIBUTION_TYPES: [&str; 2] = ["CLOUDFRONT_DISTRIBUTION", "CF_DISTRIBUTION"];

pub async fn describe_subscription(client: &Client) -> Result<Subscription, Failure> {
    let output = client.describe_subscription().send().await?;
    let found = output
        .subscription
        .ok_or_else(|| Failure::missing("Subscription"))?;
    let limits = found
        .subscription_limits
        .and_then(|limits| limits.protection_limits)
        .map(|limits| limits.protected_resource_type_limits);
    let limits = limits.or(found.limits).unwrap_or_default();
    let end = found.end_time.map(|end| end.secs());
    Ok(Subscription {
        ends: end.and_then(|end| Timestamp::from_second(end).ok()),
        // Where AWS does not say, nobody is told that it ends.
        renews: found.auto_renew != Some(AutoRenew::Disabled),
        engagement: engagement(found.proactive_engagement_status.as_ref()),
        protections: limits
            .iter()
            .find(|limit| is_of_distributions(limit))
            .map(|limit| limit.max),
    })
}

fn engagement(status: Option<&ProactiveEngagementStatus>) -> Engagement {
    match status {
        Some(ProactiveEngagementStatus::Enabled) => Engagement::Enabled,
        Some(ProactiveEngagementStatus::Pending) => Engagement::Pending,
        Some(_) => Engagement::Disabled,
        None => Engagement::Never,
    }
}

fn is_of_distributions(limit: &Limit) -> bool {
    let name = limit.r#type.as_deref();
    name.is_some_and(|name| DISTRIBUTION_TYPES.contains(&name))
}

pub async fn describe_contacts(client: &Client) -> Result<Vec<Contact>, Failure> {
    let output = client.describe_emergency_contact_settings().send().await?;
    let contacts = output.emergency_contact_list.unwrap_or_default();
    let text = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Personal::new);
    Ok(contacts
        .into_iter()
        .map(|contact| Contact {
            email: Personal::new(contact.email_address),
            phone: text(contact.phone_number),
            notes: text(contact.contact_notes),
        })
        .collect())
}

pub async fn update_contacts(client: &Client, contacts: &[Contact]) -> Result<(), Failure> {
    let request = client.update_emergency_contact_settings();
    let request = request.set_emergency_contact_list(Some(contact_list(contacts)?));
    let answer = request.send().await;
    answer.map_err(|error| Failure::about_people(&error, &facts(contacts)))?;
    Ok(())
}

pub async fn begin_engagement(client: &Client, contacts: &[Contact]) -> Result<(), Failure> {
    let request = client.associate_proactive_engagement_details();
    let request = request.set_emergency_contact_list(Some(contact_list(contacts)?));
    let answer = request.send().await;
    answer.map_err(|error| Failure::about_people(&error, &facts(contacts)))?;
    Ok(())
}

pub async fn enable_engagement(client: &Client) -> Result<(), Failure> {
    client.enable_proactive_engagement().send().await?;
    Ok(())
}

pub async fn disable_engagement(client: &Client) -> Result<(), Failure> {
    client.disable_proactive_engagement().send().await?;
    Ok(())
}

pub async fn describe_srt_access(client: &Client) -> Result<SrtSeen, Failure> {
    let output = client.describe_drt_access().send().await?;
    Ok(SrtSeen {
        role: output.role_arn.filter(|arn| !arn.is_empty()),
        buckets: output.log_bucket_list.unwrap_or_default().into_iter().collect(),
    })
}

pub async fn associate_role(client: &Client, role_arn: String) -> Result<(), Failure> {
    client.associate_drt_role().role_arn(role_arn).send().await?;
    Ok(())
}

pub async fn associate_bucket(client: &Client, bucket: String) -> Result<(), Failure> {
    client
        .associate_drt_log_bucket()
        .log_bucket(bucket)
        .send()
        .await?;
    Ok(())
}

pub async fn disassociate_bucket(client: &Client, bucket: String) -> Result<(), Failure> {
    client
        .disassociate_drt_log_bucket()
        .log_bucket(bucket)
        .send()
        .await?;
    Ok(())
}

fn contact_list(contacts: &[Contact]) -> Result<Vec<EmergencyContact>, Failure> {
    let text = |text: Option<&Personal>| text.map(|text| text.expose().to_owned());
    contacts
        .iter()
        .map(|contact| {
            let built = EmergencyContact::builder()
                .email_address(contact.email.expose())
                .set_phone_number(text(contact.phone.as_ref()))
                .set_contact_notes(text(contact.notes.as_ref()))
                .build()?;
            Ok(built)
        })
        .collect()
}

/// Everything about these people.
fn facts(contacts: &[Contact]) -> Vec<&str> {
    let facts = contacts.iter().flat_map(Contact::facts);
    facts.filter_map(|(_, fact)| fact).collect()
}
