//! All state of the simulated account; each service's file adds its operations.

use super::refusal::{Outcome, Refusal};
use super::settings::Settings;
use super::{
    acm, apigateway, cloudfront, cloudwatch, history::History, iam, lambda, route53, s3, shield, waf,
};
use palisade::aws::operations::{Operation, OperationClass, Service};
use palisade::domain::kernel::identity::Tags;
use std::collections::BTreeMap;
use std::time::Duration;

/// The account's number, where a test names none.
pub const ACCOUNT: &str = "123456789012";

/// The account.
#[derive(Clone)]
pub struct Account {
    /// The account's number.
    pub id: String,
    pub settings: Settings,
    pub cloudfront: cloudfront::Store,
    pub waf: waf::Store,
    pub lambda: lambda::Store,
    pub iam: iam::Store,
    pub apis: apigateway::Store,
    pub shield: shield::Store,
    pub route53: route53::Store,
    pub acm: acm::Store,
    pub s3: s3::Store,
    pub cloudwatch: cloudwatch::Store,
    /// The API and the stage that each object declares, by its UID.
    pub declared: BTreeMap<String, (String, String)>,
    /// Tags by ARN, as the tagging service comes to know them.
    pub tags: History<Tags>,
    random: fastrand::Rng,
}

impl Account {
    pub fn new(id: &str, settings: Settings) -> Self {
        Self {
            id: id.to_owned(),
            settings,
            cloudfront: cloudfront::Store::default(),
            waf: waf::Store::default(),
            lambda: lambda::Store::default(),
            iam: iam::Store::default(),
            apis: apigateway::Store::default(),
            shield: shield::Store::default(),
            route53: route53::Store::default(),
            acm: acm::Store::default(),
            s3: s3::Store::default(),
            cloudwatch: cloudwatch::Store::default(),
            declared: BTreeMap::new(),
            tags: History::default(),
            // No two accounts have resources with one id.
            random: fastrand::Rng::with_seed(id.parse().expect("an account's number")),
        }
    }

    /// Whom our credentials belong to.
    pub fn principal(&self) -> String {
        format!(
            "arn:aws:sts::{}:assumed-role/palisade-controller/simulation",
            self.id
        )
    }

    /// Refuses what the credentials may not do.
    pub fn authorize(&self, operation: Operation, resource: &str) -> Outcome<()> {
        let denied = &self.settings.denied;
        if denied.is_empty() {
            return Ok(());
        }
        let service = operation.service.name();
        let action = match operation.service {
            Service::ApiGateway | Service::ApiGatewayV2 => {
                format!("apigateway:{}", http_method(operation))
            }
            Service::S3 => format!("s3:{}", s3_action(operation)),
            // The permission for tags at creation has no operation of its own.
            _ => format!("{service}:{}", operation.name.trim_end_matches("WithTags")),
        };
        let all = format!("{service}:*");
        if !denied.contains(&action) && !denied.contains(&all) {
            return Ok(());
        }
        let code = match service {
            "cloudfront" | "iam" | "sts" | "route53" | "cloudwatch" | "s3" => "AccessDenied",
            _ => "AccessDeniedException",
        };
        let principal = self.principal();
        Refusal::refuse(
            code,
            format!(
                "User: {principal} is not authorized to perform: {action} on resource: {resource} because no \
                 identity-based policy allows the {action} action"
            ),
        )
    }

    /// `first`, then thirteen letters and digits, as CloudFront's identifiers have them.
    pub fn token(&mut self, first: char) -> String {
        let rest = std::iter::repeat_with(|| self.random.alphanumeric().to_ascii_uppercase()).take(13);
        std::iter::once(first).chain(rest).collect()
    }

    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.random.u64(..), self.random.u64(..));
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            (b >> 48) & 0xfff,
            b & 0xffff_ffff_ffff
        )
    }

    /// How many items a list of this service answers at once.
    pub fn page_size(&self, largest: usize) -> usize {
        largest.min(self.settings.page_size)
    }

    pub fn list_lag(&self) -> Duration {
        self.settings.list_lag
    }
}

/// API Gateway's actions are HTTP's methods.
fn http_method(operation: Operation) -> &'static str {
    match operation.class {
        OperationClass::Tag if operation.name == "UntagResource" => "DELETE",
        OperationClass::Get | OperationClass::List => "GET",
        OperationClass::Create => "POST",
        OperationClass::Update => "PATCH",
        OperationClass::Put | OperationClass::Tag => "PUT",
        OperationClass::Delete => "DELETE",
    }
}

/// Some of S3's permissions have other names than the operations.
fn s3_action(operation: Operation) -> &'static str {
    match operation.name {
        "ListObjectVersions" => "ListBucketVersions",
        "DeleteObject" => "DeleteObjectVersion",
        name => name,
    }
}
