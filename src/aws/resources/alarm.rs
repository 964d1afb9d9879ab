//! The CloudWatch alarm on attacks.

use super::update::found;
use crate::aws::cloud::{Cloud, CloudError};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::tagging::TagStep;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::shield::alarm::{Action, Content, Observed, name};

type SeenAlarm = Seen<Content, Observed>;

/// Reads the alarm by its name.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<SeenAlarm, CloudError> {
    read(cloud, &name(&everything.owner)).await
}

async fn read(cloud: &dyn Cloud, name: &str) -> Result<SeenAlarm, CloudError> {
    let page = cloud.describe_alarms(Some(name.to_owned()), None).await?;
    let Some(content) = page.items.into_iter().find(|alarm| alarm.name == name) else {
        return Ok(Seen::Absent);
    };
    let tags = found(cloud.list_alarm_tags(content.arn.clone()).await)?;
    Ok(tags.map_or(Seen::Absent, |tags| Seen::Present(Observed { content, tags })))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<SeenAlarm, CloudError> {
    let mut present = everything.shield.alarm.present().cloned();
    match action.clone() {
        Action::Put {
            name,
            settings,
            tags,
            topic,
        } => {
            if let Some(topic) = topic {
                cloud.get_topic(topic).await?;
            }
            cloud
                .put_metric_alarm(name.clone(), settings.as_ref().clone(), tags)
                .await?;
            match &mut present {
                Some(found) => found.content.settings = *settings,
                // Its ARN only a read tells, and whether somebody else was first.
                None => return read(cloud, &name).await,
            }
        }
        Action::Tag(call) => {
            let arn = call.arn.clone();
            match call.step.clone() {
                TagStep::Set(tags) => cloud.tag_alarm(arn, tags).await?,
                TagStep::Remove(keys) => cloud.untag_alarm(arn, keys).await?,
            }
            if let Some(found) = &mut present {
                call.change(&mut found.tags);
            }
        }
        Action::Delete { name } => {
            found(cloud.delete_alarm(name).await)?;
            present = None;
        }
    }
    Ok(present.map_or(Seen::Absent, Seen::Present))
}
