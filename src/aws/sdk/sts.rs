//! Whose credentials we have.

use super::failure::Failure;
use crate::aws::operations::CallerIdentity;
use aws_sdk_sts::Client;

pub async fn get_caller_identity(client: &Client) -> Result<CallerIdentity, Failure> {
    let output = client.get_caller_identity().send().await?;
    Ok(CallerIdentity {
        account: output.account.ok_or_else(|| Failure::missing("Account"))?,
        arn: output.arn.unwrap_or_default(),
    })
}
