//! Every AWS operation that Palisade may call, as data: one row an operation.
//!
//! The rows make [`Call`], [`Answer`], [`OPERATIONS`] and a typed method on `dyn Cloud` each. Budget, fencing, metrics,
//! simulation, the IAM policy and its test read the same rows, so none of them can miss an operation. The rows stand by service
//! in `operation_rows`; one macro sees all of them, since it makes one enum of them.

use super::cloud::{Cloud, CloudError, Page};
pub use super::service::{Operation, OperationClass, Service};
use crate::api::OriginType;
use crate::domain::access::asked::api;
use crate::domain::access::authorization;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::access::obstacles::other_doors;
use crate::domain::edge::xml::Element;
use crate::domain::edge::{certificate, conflict, distribution, host, hosted_zone};
use crate::domain::firewall::{ip_set, samples, web_acl};
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::identity::Tags;
use crate::domain::mutual_tls::{origin_domain, pair};
use crate::domain::pricing_plans::subscription;
use crate::domain::rollout::traffic;
use crate::domain::shield::account::contact::Contact;
use crate::domain::shield::account::{SrtSeen, Subscription};
use crate::domain::shield::automatic_response::Response;
use crate::domain::shield::{alarm, health_check, protection};
use crate::domain::signer::{function, role};
use crate::domain::tenancy::account::{Assumption, Session};
use jiff::Timestamp;
use serde_json::Value;

/// The Region, where the field is one.
macro_rules! region_of {
    (region, $value:expr) => {
        Some($value.as_str())
    };
    ($other:ident, $value:expr) => {
        None
    };
}

macro_rules! operations {
    ({ $( $(#[$doc:meta])* $service:ident $class:ident $aws:literal
        $variant:ident / $method:ident { $( $field:ident : $type:ty ),* } -> $output:ty; )* }) => {
        /// One call to AWS with its input.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs)]
        pub enum Call { $( $(#[$doc])* $variant { $( $field: $type ),* }, )* }

        /// What AWS answers to the [`Call`] of the same name.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs)]
        pub enum Answer { $( $variant($output), )* }

        /// All operations, in the order of this table.
        pub const OPERATIONS: &[Operation] = &[
            $( Operation { service: Service::$service, name: $aws, class: OperationClass::$class }, )*
        ];

        impl Call {
            /// What is fixed about this call's operation.
            #[must_use]
            pub fn operation(&self) -> Operation {
                match self {
                    $( Self::$variant { .. } => Operation { service: Service::$service, name: $aws, class: OperationClass::$class }, )*
                }
            }
        }

        impl Call {
            /// The Region that the call names.
            #[allow(unused_variables, reason = "most fields are not the Region")]
            fn named_region(&self) -> Option<&str> {
                match self {
                    $( Self::$variant { $( $field ),* } => {
                        let found: [Option<&str>; _] = [None, $( region_of!($field, $field) ),*];
                        found.into_iter().flatten().next()
                    } )*
                }
            }
        }

        impl dyn Cloud + '_ {
            $( $(#[$doc])*
            ///
            /// # Errors
            /// What AWS answered, classified.
            pub async fn $method(&self, $( $field: $type ),*) -> Result<$output, CloudError> {
                let call = Call::$variant { $( $field ),* };
                let operation = call.operation();
                match self.call(call).await? {
                    Answer::$variant(output) => Ok(output),
                    _ => Err(CloudError::mismatched(operation)),
                }
            } )*
        }
    };
}

impl Call {
    /// The Region whose quota is spent; empty for services that are in one Region alone.
    #[must_use]
    pub fn region(&self) -> &str {
        let named = match self {
            Self::TagKeyOrPlan { arn, .. }
            | Self::UntagKeyOrPlan { arn, .. }
            | Self::TagDomainName { arn, .. }
            | Self::UntagDomainName { arn, .. }
            | Self::TagFunction { arn, .. }
            | Self::UntagFunction { arn, .. }
            | Self::DescribeCertificate { arn }
            | Self::GetCertificate { arn }
            | Self::ListCertificateTags { arn }
            | Self::TagCertificate { arn, .. }
            | Self::UntagCertificate { arn, .. }
            | Self::DeleteCertificate { arn } => Arn::of(arn).map(|arn| arn.region),
            Self::RequestCertificate { request } => Some(request.region.as_str()),
            _ => self.named_region(),
        };
        match self.operation().service {
            // What CloudFront uses is there.
            Service::Acm | Service::Lambda | Service::Tagging => named.unwrap_or(function::EDGE_REGION),
            service if service.is_regional() => named.unwrap_or_default(),
            _ => "",
        }
    }
}

caller_rows! { {}
    api_gateway_rows functions_rows edge_rows shield_rows names_rows account_rows operations
}

/// The account and principal of our credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CallerIdentity {
    pub account: String,
    pub arn: String,
}

/// A resource and its tags, from the tagging service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tagged {
    pub arn: String,
    pub tags: Tags,
}
