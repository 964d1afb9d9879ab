//! The IAM policies of the controller and of the roles it makes, with the least that suffices.
//!
//! Allowed is what [`OPERATIONS`](super::operations::OPERATIONS) call, and what AWS checks besides: the rows of
//! [`table`], from which the policy and `docs/iam.md` are made.

mod accounts;
mod adoption;
mod markdown;
mod mutual_tls;
mod names;
mod pricing_plans;
mod shield;
mod table;
mod traffic;

pub use markdown::markdown;

use crate::domain::kernel::identity::TAG_CLUSTER;
use crate::domain::kernel::wildcards::fits_stars;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use table::{Condition, Need, STATEMENTS, Statement, When};

/// Condition keys of API Gateway: of the truststore that a request names, and of the default endpoint that it switches.
const TRUSTSTORE: &str = "apigateway:Request/MtlsTrustStoreUri";
const ENDPOINT: &str = "apigateway:Request/DisableExecuteApiEndpoint";

/// What narrows the policies further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// AWS's partition; CloudFront with Lambda@Edge is in `aws` alone.
    pub partition: String,
    /// The account's id; any account without one.
    pub account: Option<String>,
    /// The cluster's id (UID of the kube-system namespace), so that clusters cannot change each other's resources; any
    /// cluster of Palisade's without one.
    pub cluster: Option<String>,
    /// ARN of the permissions boundary that every role must have.
    pub permissions_boundary: Option<String>,
    /// Names of the buckets that `spec.distribution.logging`, and `spec.shield.srtAccess` of an `AwsAccount`, may name.
    pub log_buckets: Vec<String>,
    /// Names of the buckets that `spec.access.mutualTls` may name; any, below the key `palisade/`, where empty.
    pub truststore_buckets: Vec<String>,
    /// ARNs of the roles that `AwsAccount`s name; those called `palisade-…` of any account where empty.
    pub assumed_roles: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            partition: "aws".to_owned(),
            account: None,
            cluster: None,
            permissions_boundary: None,
            log_buckets: Vec::new(),
            truststore_buckets: Vec::new(),
            assumed_roles: Vec::new(),
        }
    }
}

impl Options {
    fn account(&self) -> &str {
        self.account.as_deref().unwrap_or("*")
    }

    fn holds(&self, when: When) -> bool {
        match when {
            When::Always => true,
            When::WithoutBoundary => self.permissions_boundary.is_none(),
            When::WithLogBuckets => !self.log_buckets.is_empty(),
            When::ForShield
            | When::ForNames
            | When::ForMutualTls
            | When::ForPricingPlans
            | When::ForAdoption
            | When::ForTraffic
            | When::ForAccounts => false,
        }
    }

    /// The keys of truststores: of the cluster's, or of any.
    fn keys(&self) -> String {
        let cluster = self.cluster.as_ref();
        cluster.map_or_else(
            || "palisade/*".to_owned(),
            |cluster| format!("palisade/{cluster}/*"),
        )
    }

    /// The URIs of truststores, as conditions name them.
    fn uris(&self) -> Value {
        let keys = self.keys();
        let buckets = self.truststores().into_iter();
        one_or_all(buckets.map(|bucket| format!("s3://{bucket}/{keys}")).collect())
    }

    /// The buckets of truststores.
    fn truststores(&self) -> Vec<String> {
        if self.truststore_buckets.is_empty() {
            vec!["*".to_owned()]
        } else {
            self.truststore_buckets.clone()
        }
    }
}

/// The controller's policy.
#[must_use]
pub fn controller_policy(options: &Options) -> Value {
    let statements = STATEMENTS.iter();
    policy_of(
        statements.filter(|statement| options.holds(statement.when)),
        options,
    )
}

/// What the controller needs besides, where `spec.shield` is used: a policy of its own.
#[must_use]
pub fn shield_policy(options: &Options) -> Value {
    let holds = |statement: &&Statement| statement.when == When::ForShield || options.holds(statement.when);
    policy_of(shield::STATEMENTS.iter().filter(holds), options)
}

/// What the controller needs besides, where `spec.distribution` has records made, certificates requested or aliases moved.
#[must_use]
pub fn names_policy(options: &Options) -> Value {
    policy_of(names::STATEMENTS.iter(), options)
}

/// What the controller needs besides, where objects have the access mode MutualTls.
#[must_use]
pub fn mutual_tls_policy(options: &Options) -> Value {
    policy_of(mutual_tls::STATEMENTS.iter(), options)
}

/// What the controller needs besides to tell which distributions are in flat-rate pricing plans: it reads them, and nothing more.
#[must_use]
pub fn pricing_plans_policy(options: &Options) -> Value {
    policy_of(pricing_plans::STATEMENTS.iter(), options)
}

/// What the controller needs besides, where `spec.distribution.adopt` is used.
#[must_use]
pub fn adoption_policy(options: &Options) -> Value {
    policy_of(adoption::STATEMENTS.iter(), options)
}

/// What the controller needs besides to read what web ACLs do to the traffic: it changes nothing.
#[must_use]
pub fn traffic_policy(options: &Options) -> Value {
    policy_of(traffic::STATEMENTS.iter(), options)
}

/// What the controller's own role needs besides, where `AwsAccount`s name roles: a policy of its own.
#[must_use]
pub fn accounts_policy(options: &Options) -> Value {
    policy_of(accounts::STATEMENTS.iter(), options)
}

fn policy_of<'a>(statements: impl Iterator<Item = &'a Statement>, options: &Options) -> Value {
    let statements: Vec<_> = statements.map(|statement| document(statement, options)).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The statements of all policies.
fn all_statements() -> impl Iterator<Item = &'static Statement> {
    STATEMENTS
        .iter()
        .chain(shield::STATEMENTS)
        .chain(names::STATEMENTS)
        .chain(mutual_tls::STATEMENTS)
        .chain(pricing_plans::STATEMENTS)
        .chain(adoption::STATEMENTS)
        .chain(traffic::STATEMENTS)
        .chain(accounts::STATEMENTS)
}

/// The permissions boundary of the signers' roles: whatever their policies say, they invoke APIs and write their logs.
#[must_use]
pub fn permissions_boundary(options: &Options) -> Value {
    let (partition, account) = (&options.partition, options.account());
    json!({"Version": "2012-10-17", "Statement": [
        {
            "Sid": "InvokeApis",
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": format!("arn:{partition}:execute-api:*:{account}:*"),
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            // Lambda@Edge logs in the Region of each edge cache, under the function's home Region and name.
            "Resource": format!("arn:{partition}:logs:*:{account}:log-group:/aws/lambda/us-east-1.palisade-*"),
        },
    ]})
}

/// What to do when AWS refuses `action`, such as `lambda:GetFunction`, on `resource`, where that is known: the statement that would
/// allow it. Of several with the action the one that names the resource is meant.
#[must_use]
pub fn remedy(action: &str, resource: Option<&str>) -> Option<&'static str> {
    let allows = |statement: &&Statement| statement.rows.iter().any(|row| fits(row.action, action));
    let names = |statement: &&Statement, resource: &str| {
        let mut patterns = statement.resources.iter();
        patterns.any(|pattern| takes_in(pattern, resource))
    };
    let meant = resource.and_then(|resource| {
        all_statements()
            .filter(allows)
            .find(|statement| names(statement, resource))
    });
    let meant = meant.or_else(|| all_statements().find(allows));
    meant.map(|statement| statement.remedy)
}

/// Whether the ARN pattern of a statement takes in `resource`, whatever is filled in.
fn takes_in(pattern: &str, resource: &str) -> bool {
    let filled = [
        "{partition}",
        "{account}",
        "{cluster}",
        "{bucket}",
        "{truststores}",
        "?",
    ];
    let pattern = filled
        .iter()
        .fold(pattern.to_owned(), |pattern, part| pattern.replace(part, "*"));
    fits_stars(&pattern, resource)
}

/// Actions that AWS checks besides those that are called.
#[must_use]
pub fn dependent_actions() -> BTreeSet<&'static str> {
    let rows = all_statements().flat_map(|statement| statement.rows);
    rows.filter(|row| matches!(row.need, Need::Dependent(_)))
        .map(|row| row.action)
        .collect()
}

fn fits(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.trim_end_matches('*'), action.trim_end_matches('*'));
    pattern.eq_ignore_ascii_case(action)
}

fn document(statement: &Statement, options: &Options) -> Value {
    let actions: BTreeSet<_> = statement.rows.iter().map(|row| row.action).collect();
    let mut document = json!({
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": one_or_all(actions.into_iter().map(str::to_owned).collect()),
        "Resource": one_or_all(resources(statement, options)),
    });
    if let Some(condition) = statement
        .condition
        .and_then(|condition| condition_of(condition, options))
    {
        document["Condition"] = condition;
    }
    document
}

/// A single value needs no brackets, and every character counts.
fn one_or_all(mut values: Vec<String>) -> Value {
    if values.len() == 1 {
        json!(values.remove(0))
    } else {
        json!(values)
    }
}

fn resources(statement: &Statement, options: &Options) -> Vec<String> {
    let filled = |pattern: &str| {
        pattern
            .replace("{partition}", &options.partition)
            .replace("{account}", options.account())
            .replace("palisade/{cluster}/*", &options.keys())
    };
    let patterns = statement.resources.iter().map(|pattern| filled(pattern));
    match statement.when {
        When::WithLogBuckets => patterns
            .flat_map(|pattern| {
                options
                    .log_buckets
                    .iter()
                    .map(move |bucket| pattern.replace("{bucket}", bucket))
            })
            .collect(),
        When::ForMutualTls => {
            let buckets = options.truststores();
            let of_each = |pattern: String| -> BTreeSet<String> {
                let filled = buckets.iter();
                filled
                    .map(|bucket| pattern.replace("{truststores}", bucket))
                    .collect()
            };
            patterns.flat_map(of_each).collect()
        }
        When::ForAccounts if !options.assumed_roles.is_empty() => options.assumed_roles.clone(),
        _ => patterns.collect(),
    }
}

fn condition_of(condition: Condition, options: &Options) -> Option<Value> {
    // A key that is missing fits no pattern, so `*` demands that the tag is there.
    let cluster = options.cluster.as_deref().unwrap_or("*");
    let tag =
        |key: &str| json!({"StringLike": Map::from_iter([(format!("{key}/{TAG_CLUSTER}"), json!(cluster))])});
    match condition {
        Condition::RequestTag => Some(tag("aws:RequestTag")),
        Condition::ResourceTag => Some(tag("aws:ResourceTag")),
        Condition::PassedTo(service) => Some(json!({"StringEquals": {"iam:PassedToService": service}})),
        Condition::InvokedByApiGateway => {
            Some(json!({"StringEquals": {"lambda:Principal": "apigateway.amazonaws.com"}}))
        }
        Condition::LinkedTo(services) => Some(json!({"StringEquals": {"iam:AWSServiceName": services}})),
        Condition::RecordTypes => Some(json!({"ForAllValues:StringEquals":
            {"route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA", "CNAME", "TXT"]}})),
        Condition::OriginDomain => Some(json!({"StringLike": {
            format!("aws:RequestTag/{TAG_CLUSTER}"): cluster,
            TRUSTSTORE: options.uris(),
        }})),
        Condition::ChangedOriginDomain => {
            let mut condition = tag("aws:ResourceTag");
            condition["StringLikeIfExists"] = json!({TRUSTSTORE: options.uris()});
            Some(condition)
        }
        Condition::Truststore => Some(json!({"StringLikeIfExists": {TRUSTSTORE: options.uris()}})),
        Condition::Endpoint => Some(json!({"Null": {ENDPOINT: "false"}})),
        Condition::Prefix => Some(json!({"StringLike": {"s3:prefix": options.keys()}})),
        Condition::Boundary => {
            let arn = options.permissions_boundary.as_ref()?;
            Some(json!({"StringEquals": {"iam:PermissionsBoundary": arn}}))
        }
    }
}

#[cfg(test)]
mod tests;
