//! `docs/iam.md`, from the table.

use super::all_statements;
use super::table::{Condition, Need, Statement, When};
use crate::domain::kernel::identity::TAG_CLUSTER;
use std::fmt::Write as _;

const HEAD: &str = "\
# The controller's IAM permissions

<!-- Made from src/aws/policy/table.rs: PALISADE_REGENERATE=1 cargo test --lib aws::policy -->

`palisade iam-policy` prints the policy below and the permissions boundary for the roles that the controller makes. Roles stand only
under the path `/palisade/` with names `palisade-…`, and are passed to Lambda alone. Functions, web ACLs and IP sets are limited by
their names, and where AWS supports it by the tag `palisade.dev/cluster`; distributions, API keys and usage plans have no names in
their ARNs, so their tag alone limits them. Reading API keys is not limited: AWS knows no condition for their list.

Where objects, or an `AwsAccount`, use `spec.shield`, `palisade iam-policy --shield` prints a second policy for the same role: one has no room
for both. By it a role that trusts the Shield Response Team may be passed to that team. None allows a subscription to Shield Advanced. Where
objects have DNS records made, certificates requested or aliases taken over, `palisade iam-policy --names` prints a third. Where objects
have the access mode `MutualTls`, `palisade iam-policy --mutual-tls` prints a fourth; `--truststore-bucket NAME` limits it to buckets of these
names. Custom domain names may be given no truststore but those below `palisade/`, and are changed only where they carry the tag; mappings bear none.
The switch of a REST API's default endpoint cannot be told apart from other `PATCH`es of the API for want of a recording of what API Gateway tells IAM
(`apigateway:Request/DisableExecuteApiEndpoint`): `SetAuthorization` allows it in the first policy. Where a KMS key of yours encrypts such a bucket, allow `kms:Decrypt` and `kms:GenerateDataKey` on that key besides.
Where distributions may be in CloudFront's flat-rate pricing plans, `palisade iam-policy --pricing-plans` prints a fifth: it lets the controller
read them. None allows to begin, change or end a plan. Where objects adopt distributions that stand already
(`spec.distribution.adopt`), `palisade iam-policy --adoption` prints a sixth: it reads the web ACLs of others, and has CloudFront put the function
and the web ACL back that a distribution had before. Where rules of web ACLs count first (`promote`), or where requests that AWS WAF blocks are
to halt a [rollout](rollout.md) (`BlockedShare`), `palisade iam-policy --traffic` prints a seventh: it reads samples of the requests that rules
matched, and how many requests a web ACL allows and blocks. It changes nothing.

Where `AwsAccount`s name roles, `palisade iam-policy --accounts` prints a further one for the controller's own role: it may assume roles called
`palisade-…`, or those of `--assume-role ARN`. The role in each account has the policies above, with that account's id filled in.

*Called* actions are those of the operations that the controller itself makes. *Dependent* ones AWS checks besides: they show in no
journal of calls, and CloudTrail names them only when they are refused.
";

/// The documentation of the policy.
#[must_use]
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for statement in all_statements() {
        section(statement, &mut text);
    }
    text
}

fn section(statement: &Statement, text: &mut String) {
    let resources: Vec<_> = statement
        .resources
        .iter()
        .map(|resource| format!("`{resource}`"))
        .collect();
    let _ = write!(text, "\n## {}\nOn {}", statement.sid, resources.join(", "));
    if let Some(condition) = statement.condition {
        let _ = write!(text, ", {}", limited_by(condition));
    }
    match statement.when {
        When::Always => {}
        When::WithoutBoundary => text.push_str("; left out with a permissions boundary"),
        When::WithLogBuckets => text.push_str("; only with names of buckets"),
        When::ForShield => text.push_str("; in the policy for Shield (`--shield`)"),
        When::ForNames => text.push_str("; in the policy for names (`--names`)"),
        When::ForMutualTls => text.push_str("; in the policy for mutual TLS (`--mutual-tls`)"),
        When::ForPricingPlans => text.push_str("; in the policy for pricing plans (`--pricing-plans`)"),
        When::ForAdoption => text.push_str("; in the policy for adoption (`--adoption`)"),
        When::ForTraffic => text.push_str("; in the policy for traffic (`--traffic`)"),
        When::ForAccounts => text.push_str("; in the policy for other accounts (`--accounts`)"),
    }
    text.push_str(".\n\n| action | needed by | for |\n|---|---|---|\n");
    for row in statement.rows {
        let (kind, operations) = match row.need {
            Need::Called(operations) => ("called", operations),
            Need::Dependent(operations) => ("dependent", operations),
        };
        let operations = operations.join(", ");
        let _ = writeln!(
            text,
            "| [`{}`]({}) | {kind}: {operations} | {} |",
            row.action, row.page, row.why
        );
    }
}

fn limited_by(condition: Condition) -> String {
    match condition {
        Condition::RequestTag => format!("when the request carries the tag `{TAG_CLUSTER}`"),
        Condition::ResourceTag => format!("when the resource carries the tag `{TAG_CLUSTER}`"),
        Condition::PassedTo(service) => format!("when passed to `{service}`"),
        Condition::InvokedByApiGateway => "when `apigateway.amazonaws.com` is let in".to_owned(),
        Condition::LinkedTo(services) => format!("for {}", services.join(", ")),
        Condition::RecordTypes => "for records of the types A, AAAA, CNAME and TXT".to_owned(),
        Condition::OriginDomain => format!(
            "when the request carries the tag `{TAG_CLUSTER}` and names a truststore below `palisade/`"
        ),
        Condition::ChangedOriginDomain => format!(
            "when the resource carries the tag `{TAG_CLUSTER}` and the request names no truststore but one below `palisade/`"
        ),
        Condition::Truststore => "when the request names no truststore but one below `palisade/`".to_owned(),
        Condition::Endpoint => {
            "when the request says whether the default endpoint is switched off".to_owned()
        }
        Condition::Prefix => "for keys that begin with `palisade/`".to_owned(),
        Condition::Boundary => "when the role has the permissions boundary, if one is demanded".to_owned(),
    }
}
