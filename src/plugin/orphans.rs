//! What no object owns any more, as the status of `AwsAccount`s tells, and what a person can do about it. Nothing is deleted here: the
//! controller is asked to, and of what viewers may come by nobody is told how to delete it.

mod acting;
mod deleting;

pub use acting::{Refused, TakeOver, deletion};
pub use deleting::{Answer, Deletion, InAccount, is_wished, patch, told};

use super::lines::{Colour, Lines, Mark};
use super::look::Look;
use super::read::part;
use super::words::{in_context, quoted};
use crate::api::{AwsAccountStatus, OrphanStatus};
use serde::Serialize;
use serde_json::Value;

/// The kind by which a perimeter is known, and taken over.
const DISTRIBUTION: &str = "distribution";

/// Said wherever something is listed.
const ONE_SNAPSHOT: &str = "If another cluster was made from the same etcd snapshot, both have one identity: what has no object here may be \
                            that cluster's, and serve its viewers. Look there before you do anything";

/// What is known of one account.
#[derive(Serialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Name of the `AwsAccount`.
    pub name: String,
    /// Id of the AWS account, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Whether it stands for the account of the controller's own credentials.
    #[serde(skip)]
    pub is_own: bool,
    /// Whether it is Ready, so that the controller counts there.
    #[serde(skip)]
    pub is_ready: bool,
    /// The context of the kubeconfig by which it was read, where one was named.
    #[serde(skip)]
    pub context: Option<String>,
    /// What no object owns there.
    pub orphans: Vec<OrphanStatus>,
    /// How many there are besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<i64>,
}

impl Account {
    /// What an `AwsAccount` says, as the API server has it, of the cluster of `context` where one was named. Of one of another version
    /// nothing is known.
    #[must_use]
    pub fn of(account: &Value, context: Option<&str>) -> Self {
        let status: AwsAccountStatus = part(&account["status"]).unwrap_or_default();
        Self {
            name: part(&account["metadata"]["name"]).unwrap_or_default(),
            is_ready: is_ready(&status),
            context: context.map(ToOwned::to_owned),
            account_id: status.account_id,
            is_own: account["spec"]["roleArn"].is_null(),
            orphans: status.orphans,
            left_out: status.orphans_left_out,
        }
    }
}

impl Account {
    /// A command for its cluster.
    fn here(&self, command: &str) -> String {
        in_context(command, self.context.as_deref())
    }

    /// The command that has all of its conditions.
    fn described(&self) -> String {
        self.here(&format!("kubectl describe awsaccount {}", self.name))
    }
}

fn is_ready(status: &AwsAccountStatus) -> bool {
    let mut conditions = status.conditions.iter();
    conditions.any(|found| found.type_ == "Ready" && found.status == "True")
}

/// All of it, by account and by the object that it was of.
#[must_use]
pub fn text(accounts: &[Account], look: Look) -> String {
    let mut lines = Lines::new(look);
    for account in accounts {
        if !account.orphans.is_empty() {
            of_account(&mut lines, account);
        }
    }
    if accounts.iter().all(|account| account.orphans.is_empty()) {
        lines.paragraph(
            0,
            None,
            "no AwsAccount tells of anything that no ProtectedApi owns",
        );
    }
    if accounts.iter().any(|account| !account.orphans.is_empty()) {
        lines.gap();
        lines.paragraph(0, None, ONE_SNAPSHOT);
    }
    for account in accounts.iter().filter(|account| !account.is_ready) {
        lines.gap();
        lines.paragraph(
            0,
            None,
            &format!(
                "AwsAccount {name} is not Ready: what is told of it may be old, or not be counted at all. {} says why",
                account.described(),
                name = account.name
            ),
        );
    }
    if !accounts.iter().any(|account| account.is_own) {
        lines.gap();
        lines.paragraph(
            0,
            None,
            "The account of the controller's own credentials is not looked at here: no AwsAccount stands for it. One without \
             spec.roleArn does, as deploy/examples/own-account.yaml has it",
        );
    }
    lines.into_text()
}

fn of_account(lines: &mut Lines, account: &Account) {
    let id = account.account_id.as_deref().unwrap_or("not known yet");
    lines.paragraph(
        0,
        None,
        &format!("AWS account {id} (AwsAccount {})", account.name),
    );
    // Those of one object follow each other.
    let mut groups = account.orphans.chunk_by(|a, b| whose(a) == whose(b)).peekable();
    while let Some(group) = groups.next() {
        lines.gap();
        // What is left out may be of the last one.
        let is_whole = account.left_out.is_none() || groups.peek().is_some();
        of_object(lines, account, group, is_whole);
    }
    if let Some(count) = account.left_out {
        lines.gap();
        lines.paragraph(
            2,
            None,
            &format!("… and {count} more, for which a status has no room"),
        );
    }
    lines.gap();
}

fn whose(orphan: &OrphanStatus) -> [Option<&str>; 3] {
    [&orphan.namespace, &orphan.name, &orphan.uid].map(|known| known.as_deref())
}

/// What one object left, and what to do; `is_whole`: whether all of it is listed.
fn of_object(lines: &mut Lines, account: &Account, group: &[OrphanStatus], is_whole: bool) {
    let Some(first) = group.first() else { return };
    let serves = group.iter().any(|orphan| orphan.may_serve);
    let (sign, colour, how) = if serves {
        ("!", Colour::Red, "viewers may come by it")
    } else {
        ("-", Colour::Yellow, "no viewer comes by it")
    };
    let since = group.iter().map(|orphan| orphan.since.as_str()).min();
    let since = since.unwrap_or_default();
    let why = if first.retained {
        "retained"
    } else {
        "without its object"
    };
    let title = format!("{}, {why} since {since}: {how}", named(first));
    lines.paragraph(2, Some(Mark { sign, colour }), &title);
    for orphan in group {
        lines.verbatim(6, &format!("{} {}", orphan.kind, orphan.arn));
    }
    let distribution = group.iter().find(|orphan| orphan.kind == DISTRIBUTION);
    if !serves && distribution.is_none() && !is_whole {
        lines.paragraph(
            4,
            None,
            "Not all of it may be listed here: look at the rest of it in AWS before you do anything by hand",
        );
        let asking = first.uid.as_deref().filter(|_| !first.retained);
        if let Some(asking) = asking.map(|uid| by_asking(account, uid)) {
            lines.paragraph(4, None, &asking);
        }
        return;
    }
    for advice in advice(account, first, serves, distribution) {
        lines.paragraph(4, None, &advice);
    }
    if !serves && distribution.is_none() {
        let commands = group
            .iter()
            .filter_map(|orphan| command(&orphan.kind, &orphan.arn));
        for command in commands {
            // A part of it that is copied would be another command.
            lines.unbroken(6, &command);
        }
    }
}

/// The object that it was of, as far as the tags tell.
fn named(orphan: &OrphanStatus) -> String {
    match whose(orphan) {
        [Some(namespace), Some(name), Some(uid)] => format!("of {namespace}/{name} (UID {uid})"),
        [Some(namespace), Some(name), None] => format!("of {namespace}/{name}"),
        _ => "of an object that its tags do not name".to_owned(),
    }
}

fn advice(
    account: &Account,
    orphan: &OrphanStatus,
    serves: bool,
    distribution: Option<&OrphanStatus>,
) -> Vec<String> {
    let known = match whose(orphan) {
        [Some(namespace), Some(name), Some(uid)] if distribution.is_some() => Some((namespace, name, uid)),
        _ => None,
    };
    let adopted = distribution.filter(|found| found.adopted);
    let id = adopted.and_then(|found| found.arn.rsplit('/').next());
    let adopt = id.map(|id| format!(" and spec.distribution.adopt: {{id: {id}}}"));
    let adopt = adopt.unwrap_or_default();
    match (known, serves) {
        (Some((namespace, name, uid)), true) => vec![
            "Delete nothing of it.".to_owned(),
            format!(
                "To have it looked after again, declare a ProtectedApi {name} in namespace {namespace} with the spec that it had (from Git \
                 or the backup){adopt}: it goes on with all of this. What the spec does not say is taken away, names first. Apply it with \
                 spec.suspend: true first, and go on only when status.plan has no changes. No other ProtectedApi may have the API's \
                 stage"
            ),
            by_consent(orphan, uid),
            format!(
                "{} writes such a manifest from the file that has the spec",
                account.here(&format!("kubectl palisade orphans adopt {uid} -f FILE"))
            ),
        ],
        (None, true) => vec![
            "Delete nothing of it: something that serves viewers uses it, an API may ask for it, or its tags do not tell whose it was"
                .to_owned(),
        ],
        (Some(_), false) if id.is_some() => vec![
            "Its distribution stood before the object, which adopted it: look in AWS whose it is before you do anything".to_owned(),
        ],
        (Some((namespace, name, uid)), false) => vec![by_asking(account, uid), format!(
            "An object takes it down, too: declare a ProtectedApi {name} in namespace {namespace} for the same API, with spec.suspend: true; \
             no other ProtectedApi may have the API's stage. Once its status.perimeterUid is {uid}, delete it, and then set spec.suspend to false: the controller deletes all of this \
             in its order"
        )],
        (None, false) => {
            let asking = orphan.uid.as_deref().filter(|_| !orphan.retained);
            let asking = asking.map(|uid| by_asking(account, uid));
            let by_hand = "No object can go on with it. Look at it in AWS; to delete it by hand after that:";
            asking.into_iter().chain([by_hand.to_owned()]).collect()
        }
    }
}

/// Begin of what is told of that.
const BY_ASKING: &str = "To have it taken down: ";

/// How the controller deletes it.
fn by_asking(account: &Account, uid: &str) -> String {
    let delete = account.here(&format!("kubectl palisade orphans delete {uid}"));
    format!("{BY_ASKING}{delete} shows what goes, and then asks the controller")
}

/// How an object of another name goes on with it.
fn by_consent(orphan: &OrphanStatus, uid: &str) -> String {
    let elsewhere = if orphan.retained {
        ""
    } else {
        ". In another cluster it takes keeperIsGone: true besides: write that only where no object of this cluster is to have it again"
    };
    format!(
        "An object of another name, namespace or cluster, before the same API, takes all of this over as it stands by spec.takeOver: {{uid: \
         {uid}}}; its Namespace permits that by the annotation palisade.dev/allowed-perimeters: {uid}{elsewhere}"
    )
}

/// The command that deletes what nothing serves viewers by.
fn command(kind: &str, arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, resource) = (parts.next()?, parts.nth(1)?);
    let last = quoted(resource.rsplit(['/', ':']).next()?);
    let mut path = resource.split('/').skip(2);
    let entity = path.next().zip(path.next());
    let of_waf = |what: &str| {
        let (name, id) = entity.map(|(name, id)| (quoted(name), quoted(id)))?;
        let which = format!("--region us-east-1 --scope CLOUDFRONT --name {name} --id {id}");
        Some(format!(
            "aws wafv2 delete-{what} {which} --lock-token \"$(aws wafv2 get-{what} {which} --query LockToken --output text)\""
        ))
    };
    let (arn, region) = (quoted(arn), quoted(region));
    match kind {
        "function" => Some(format!(
            "aws lambda delete-function --region {region} --function-name {last}"
        )),
        "role" => Some(format!(
            "for policy in $(aws iam list-role-policies --role-name {last} --query 'PolicyNames[]' --output text); do aws iam \
             delete-role-policy --role-name {last} --policy-name \"$policy\"; done; aws iam delete-role --role-name {last}"
        )),
        "webAcl" => of_waf("web-acl"),
        "ipSet" => of_waf("ip-set"),
        "healthCheck" => Some(format!(
            "aws route53 delete-health-check --health-check-id {last}"
        )),
        "alarm" => Some(format!(
            "aws cloudwatch delete-alarms --region {region} --alarm-names {last}"
        )),
        "certificate" | "originCertificate" | "clientCertificate" => Some(format!(
            "aws acm delete-certificate --region {region} --certificate-arn {arn}"
        )),
        "protection" => Some(format!(
            "aws shield delete-protection --region us-east-1 --protection-id {last}"
        )),
        "originDomain" => Some(format!(
            "aws apigateway delete-domain-name --region {region} --domain-name {last}"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
