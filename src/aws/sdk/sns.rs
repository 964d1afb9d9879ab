//! Topics that alarms tell.

use super::failure::Failure;
use aws_sdk_sns::Client;

pub async fn get_topic(client: &Client, arn: String) -> Result<(), Failure> {
    client.get_topic_attributes().topic_arn(arn).send().await?;
    Ok(())
}
