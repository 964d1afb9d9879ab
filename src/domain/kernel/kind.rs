//! The kinds of AWS resources, and what they are called.

use serde::Serialize;

/// The AWS resource kinds in the order in which they are built; teardown goes backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum Kind {
    Role,
    Function,
    IpSet,
    WebAcl,
    Logging,
    ApiKey,
    Authorizer,
    Certificate,
    OriginCertificate,
    OriginRecords,
    Truststore,
    OriginDomain,
    ClientCertificate,
    Distribution,
    Access,
    Endpoint,
    HealthCheck,
    Protection,
    Alarm,
    Records,
}

impl Kind {
    /// All kinds, in the order of building.
    pub const ALL: [Self; 20] = [
        Self::Role,
        Self::Function,
        Self::IpSet,
        Self::WebAcl,
        Self::Logging,
        Self::ApiKey,
        Self::Authorizer,
        Self::Certificate,
        Self::OriginCertificate,
        Self::OriginRecords,
        Self::Truststore,
        Self::OriginDomain,
        Self::ClientCertificate,
        Self::Distribution,
        Self::Access,
        Self::Endpoint,
        Self::HealthCheck,
        Self::Protection,
        Self::Alarm,
        Self::Records,
    ];

    /// The kind as a person calls it.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Function => "function",
            Self::IpSet => "IP set",
            Self::WebAcl => "web ACL",
            Self::Logging => "logging of web ACL",
            Self::ApiKey => "API key",
            Self::Authorizer => "authorizer",
            Self::Certificate => "certificate",
            Self::OriginCertificate => "certificate of the origin's name",
            Self::OriginRecords => "DNS records of the origin's name",
            Self::Truststore => "truststore",
            Self::OriginDomain => "custom domain name",
            Self::ClientCertificate => "client certificate",
            Self::Distribution => "distribution",
            Self::Access => "authorization of API",
            Self::Endpoint => "default endpoint of API",
            Self::HealthCheck => "health check",
            Self::Protection => "Shield protection",
            Self::Alarm => "alarm",
            Self::Records => "DNS records",
        }
    }

    /// The kind's name in fingerprints and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Function => "function",
            Self::IpSet => "ipSet",
            Self::WebAcl => "webAcl",
            Self::Logging => "logging",
            Self::ApiKey => "apiKey",
            Self::Authorizer => "authorizer",
            Self::Certificate => "certificate",
            Self::OriginCertificate => "originCertificate",
            Self::OriginRecords => "originRecords",
            Self::Truststore => "truststore",
            Self::OriginDomain => "originDomain",
            Self::ClientCertificate => "clientCertificate",
            Self::Distribution => "distribution",
            Self::Access => "access",
            Self::Endpoint => "endpoint",
            Self::HealthCheck => "healthCheck",
            Self::Protection => "protection",
            Self::Alarm => "alarm",
            Self::Records => "records",
        }
    }
}
