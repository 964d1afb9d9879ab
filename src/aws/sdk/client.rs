//! How the clients of all services are made.

/// A service's client from the shared configuration, with our view on each attempt.
macro_rules! client {
    ($sdk:ident, $config:expr, $service:expr, $retries:expr) => {{
        let attempts = $crate::aws::sdk::attempts::Attempts::new($service, std::sync::Arc::clone($retries));
        $sdk::Client::from_conf($sdk::config::Builder::from($config).interceptor(attempts).build())
    }};
}
pub(super) use client;
