//! How the SDK's clients are configured: connections, timeouts and attempts.

use crate::aws::cloud::CALL_TIMEOUT;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region};
use aws_sdk_sts::config::{Credentials, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_ATTEMPTS: u32 = 3;
/// Connections to one endpoint that are kept open when nobody uses them.
const IDLE_CONNECTIONS: usize = 8;

/// CloudFront, its web ACLs and its functions live there; so do the endpoints of IAM and the tagging service that know
/// of them.
const HOME_REGION: &str = "us-east-1";

/// What differs from the environment's AWS configuration (profile, IRSA, Pod Identity, `AWS_ENDPOINT_URL`, …).
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Endpoint of every service, in place of `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
    /// Fixed credentials (access key id, secret access key), for emulators.
    pub credentials: Option<(String, String)>,
    /// Connections that are shared with others; of its own where absent.
    pub connections: Option<Connections>,
}

/// Connections to AWS, through the proxy of `HTTPS_PROXY` where `NO_PROXY` does not name the host. Clones share them.
#[derive(Debug, Clone)]
pub struct Connections(SharedHttpClient);

impl Default for Connections {
    /// The SDK's own, but one for all services and accounts: each client's own would hold the system's certificates once more,
    /// and as many idle connections as there were calls at a time.
    fn default() -> Self {
        Self(Builder::new().build_with_connector_fn(|settings, components| {
            let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
            connector
                .set_connector_settings(settings.cloned())
                .set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl))
                .set_proxy_config(Some(ProxyConfig::from_env()))
                .set_pool_max_idle_per_host(Some(IDLE_CONNECTIONS));
            connector.build()
        }))
    }
}

/// The configuration that all clients of an account have.
pub(super) fn loader(options: &Options) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(options.connections.clone().unwrap_or_default().0)
        .region(Region::from_static(HOME_REGION))
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .timeout_config(timeouts);
    if let Ok(name) = AppName::new(concat!("palisade-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some((id, secret)) = &options.credentials {
        loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "Options"));
    }
    loader
}
