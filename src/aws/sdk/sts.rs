//! Whose credentials we have, and those of roles that are assumed.

use super::failure::Failure;
use crate::aws::cloud::Cloud;
use crate::aws::operations::CallerIdentity;
use crate::domain::kernel::secret::Secret;
use crate::domain::tenancy::account::{Assumption, Session};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Tag;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

pub async fn get_caller_identity(client: &Client) -> Result<CallerIdentity, Failure> {
    let output = client.get_caller_identity().send().await?;
    Ok(CallerIdentity {
        account: output.account.ok_or_else(|| Failure::missing("Account"))?,
        arn: output.arn.unwrap_or_default(),
    })
}

pub async fn assume_role(client: &Client, role: Assumption) -> Result<Session, Failure> {
    let tags = role.session_tags.into_iter();
    let tags: Vec<Tag> = tags
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()?;
    let output = client
        .assume_role()
        .role_arn(role.role_arn)
        .role_session_name(role.session_name)
        .set_external_id(role.external_id.map(|id| id.expose().to_owned()))
        .set_tags((!tags.is_empty()).then_some(tags))
        .send()
        .await?;
    let credentials = output
        .credentials
        .ok_or_else(|| Failure::missing("Credentials"))?;
    Ok(Session {
        access_key_id: credentials.access_key_id,
        secret_access_key: Secret::new(credentials.secret_access_key),
        session_token: Secret::new(credentials.session_token),
        expires: u64::try_from(credentials.expiration.secs()).unwrap_or_default(),
    })
}

/// The credentials of an assumed role. The SDK asks for them again before they end.
pub struct Assumed {
    /// The account whose credentials assume it.
    pub own: Arc<dyn Cloud>,
    pub role: Assumption,
}

impl std::fmt::Debug for Assumed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Assumed")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let session = self.own.assume_role(self.role.clone()).await;
            let session = session.map_err(CredentialsError::provider_error)?;
            Ok(Credentials::new(
                session.access_key_id,
                session.secret_access_key.expose(),
                Some(session.session_token.expose().to_owned()),
                Some(UNIX_EPOCH + Duration::from_secs(session.expires)),
                "AssumeRole",
            ))
        })
    }
}
