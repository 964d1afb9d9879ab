//! Which AWS account an object is built in: what leads there, who may use it, and what keeps it.

use crate::api::{
    AwsAccountSpec, FINALIZER, LabelOperator, LabelRequirement, NamespaceSelector, ProtectedApiStatus,
};
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::secret::Secret;
use std::collections::BTreeMap;

/// A role, and how it is assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The role.
    pub role_arn: String,
    /// What its trust policy may ask for. No secret to AWS, and nobody else's business.
    pub external_id: Option<Secret>,
    /// The session's tags.
    pub session_tags: BTreeMap<String, String>,
    /// What the session is called in the account's records.
    pub session_name: String,
}

/// The temporary credentials of an assumed role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The access key's id.
    pub access_key_id: String,
    /// The access key.
    pub secret_access_key: Secret,
    /// The session's token.
    pub session_token: Secret,
    /// When they end, in seconds since 1970.
    pub expires: u64,
}

/// How the role of `spec` is assumed; `None` where the controller's own credentials are meant. `cluster` is the UID of the
/// kube-system namespace.
#[must_use]
pub fn assumption(spec: &AwsAccountSpec, cluster: &str) -> Option<Assumption> {
    let tags = spec.session_tags.iter().flatten();
    Some(Assumption {
        role_arn: spec.role_arn.clone()?,
        external_id: spec.external_id.clone().map(Secret::new),
        session_tags: tags.map(|(key, value)| (key.clone(), value.0.clone())).collect(),
        session_name: format!("palisade-{}", cluster.get(..8).unwrap_or(cluster)),
    })
}

/// Whether objects of a namespace may use the account.
#[must_use]
pub fn permits(spec: &AwsAccountSpec, namespace: &str, labels: &BTreeMap<String, String>) -> bool {
    let Some(allowed) = &spec.allowed_namespaces else {
        return false;
    };
    let mut names = allowed.names.iter().flatten();
    names.any(|name| name == namespace)
        || allowed
            .selector
            .as_ref()
            .is_some_and(|selector| selects(selector, labels))
}

fn selects(selector: &NamespaceSelector, labels: &BTreeMap<String, String>) -> bool {
    let mut equal = selector.match_labels.iter().flatten();
    let mut like = selector.match_expressions.iter().flatten();
    equal.all(|(key, value)| labels.get(key) == Some(&value.0)) && like.all(|wanted| meets(wanted, labels))
}

fn meets(wanted: &LabelRequirement, labels: &BTreeMap<String, String>) -> bool {
    let found = labels.get(&wanted.key);
    let is_listed = || {
        found.is_some_and(|found| {
            let mut values = wanted.values.iter().flatten();
            values.any(|value| value == found)
        })
    };
    match wanted.operator {
        LabelOperator::In => is_listed(),
        LabelOperator::NotIn => !is_listed(),
        LabelOperator::Exists => found.is_some(),
        LabelOperator::DoesNotExist => found.is_none(),
    }
}

/// The account that an object's resources are in, as far as its status knows.
#[must_use]
pub fn account_of(status: &ProtectedApiStatus) -> Option<String> {
    let distribution = status.distribution.as_ref().map(|found| &found.arn);
    let web_acl = status.web_acl.as_ref().map(|found| &found.arn);
    let signer = status.signer.as_ref().map(|found| &found.function_arn);
    let arn = distribution.or(web_acl).or(signer);
    let of_arn = || Some(Arn::of(arn?)?.account.to_owned());
    status.account_id.clone().or_else(of_arn)
}

/// The refusal of an object that names an `AwsAccount` which is not there.
#[must_use]
pub fn not_found(name: &str) -> Rejection {
    Rejection::new(
        Reason::AccountNotFound,
        format!(
            "spec.accountName: there is no AwsAccount {name}; name one that `kubectl get awsaccounts` lists, or leave it out to \
             use the account of the controller's own credentials"
        ),
    )
}

/// The refusal of an object whose namespace may not use the account that it names.
#[must_use]
pub fn not_permitted(name: &str, namespace: &str) -> Rejection {
    Rejection::new(
        Reason::NotPermitted,
        format!(
            "spec.accountName: AwsAccount {name} does not allow the namespace {namespace}; the platform team allows it with \
             `kubectl edit awsaccount {name}`: add {namespace} to spec.allowedNamespaces.names, or have its selector fit \
             the Namespace's labels"
        ),
    )
}

/// The refusal of an object that names no account, where the controller's own is not for its namespace.
#[must_use]
pub fn own_not_permitted(name: &str, namespace: &str) -> Rejection {
    Rejection::new(
        Reason::NotPermitted,
        format!(
            "spec.accountName: without it the controller's own account is used, and AwsAccount {name}, which stands for that, \
             does not allow the namespace {namespace}; name another AwsAccount, or the platform team adds {namespace} to \
             its spec.allowedNamespaces.names"
        ),
    )
}

/// The refusal of an object whose account cannot be used now.
#[must_use]
pub fn not_ready(name: &str, why: &str) -> Rejection {
    Rejection::new(
        Reason::AccountNotReady,
        format!("spec.accountName: AwsAccount {name} cannot be used: {why}"),
    )
}

/// Why nothing can be done in an account that resources are in: nothing leads there any more.
#[must_use]
pub fn unreached(account: &str) -> Rejection {
    Rejection::new(
        Reason::AccountNotReady,
        format!(
            "the object's resources are in AWS account {account}, and neither the controller's own credentials nor any \
             AwsAccount leads there: make one with a role of that account"
        ),
    )
}

/// Why the deletion of an object waits whose status does not say where its resources are: an account cannot be looked at.
#[must_use]
pub fn unseen(account: &str, why: &str) -> String {
    format!(
        "the deletion waits for AWS account {account}, since its lists cannot be read and resources of the object may be there: {}. It \
         goes on by itself once they can be read. If you know that nothing is, remove the finalizer {FINALIZER}",
        why.trim_end_matches('.')
    )
}

/// Why an account cannot be looked at to which an `AwsAccount` led before.
#[must_use]
pub fn see_conditions(name: &str) -> String {
    format!(
        "AwsAccount {name} does not lead there now, and its conditions say why: kubectl describe awsaccount {name}"
    )
}

/// The refusal of an object that would move from one account to another.
#[must_use]
pub fn changed(was: &str, now: &str) -> Rejection {
    Rejection::new(
        Reason::AccountChanged,
        format!(
            "spec.accountName: leads to AWS account {now}, but the object's resources are in {was}, and an object never moves: \
             nothing is written in either. Let it lead to {was} again, and it is looked after as before. To move, do that first; \
             then make another ProtectedApi for the API's copy in {now}, wait until it is Ready, and let viewers go there. This \
             object goes last, once nobody comes through it any more: docs/accounts.md, Moving an API's perimeter"
        ),
    )
}

/// The refusal of an `AwsAccount` of an account that another one, which was there first, stands for, and of what names it.
#[must_use]
pub fn taken(name: &str, older: &str, account: &str) -> Rejection {
    Rejection::new(
        Reason::AccountTaken,
        format!(
            "AwsAccount {name} leads to AWS account {account}, for which AwsAccount {older} was there first: name that one in \
             spec.accountName. This one goes on by itself should that be gone"
        ),
    )
}

/// The right to give a session its tags.
const TAG_SESSION: &str = "sts:TagSession";

/// What AWS said when it refused to have a role assumed, with what its trust policy must say. `action` is what was refused, where
/// that is known.
#[must_use]
pub fn untrusted(caller: &str, assumption: &Assumption, action: Option<&str>, said: &str) -> String {
    let role = &assumption.role_arn;
    let actions = if assumption.session_tags.is_empty() {
        r#""sts:AssumeRole""#
    } else {
        r#"["sts:AssumeRole","sts:TagSession"]"#
    };
    let condition = if assumption.external_id.is_some() {
        r#","Condition":{"StringEquals":{"sts:ExternalId":"<spec.externalId>"}}"#
    } else {
        ""
    };
    let missing = if action == Some(TAG_SESSION) {
        "sts:TagSession, for spec.sessionTags, is not allowed"
    } else {
        "the trust does not fit, or the role is not there"
    };
    format!(
        "{caller} could not assume {role}: {missing} ({}). The role's trust policy needs the statement \
         {{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"{}\"}},\"Action\":{actions}{condition}}}, and the controller's own role \
         what `palisade iam-policy --accounts --assume-role {role}` prints",
        said.trim_end_matches('.'),
        principal(caller)
    )
}

/// What a trust policy names for a caller: the role, where AWS names its session. The session does not tell the role's path.
fn principal(caller: &str) -> String {
    let session = || {
        let (account, rest) = caller
            .strip_prefix("arn:aws:sts::")?
            .split_once(":assumed-role/")?;
        let (role, _) = rest.split_once('/')?;
        Some(format!("arn:aws:iam::{account}:role/{role}"))
    };
    session().unwrap_or_else(|| caller.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(yaml: &str) -> AwsAccountSpec {
        serde_yaml::from_str(yaml).unwrap()
    }

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        pairs.collect()
    }

    #[test]
    fn an_account_that_allows_nobody_is_for_nobody() {
        assert!(!permits(&spec("{}"), "shop", &labels(&[])));
        let none = spec("allowedNamespaces: {names: []}");
        assert!(!permits(&none, "shop", &labels(&[])));
    }

    #[test]
    fn a_namespace_is_allowed_by_name_or_by_label() {
        let spec = spec("allowedNamespaces: {names: [shop], selector: {matchLabels: {stage: prod}}}");
        assert!(permits(&spec, "shop", &labels(&[])));
        assert!(permits(&spec, "bank", &labels(&[("stage", "prod")])));
        assert!(!permits(&spec, "bank", &labels(&[("stage", "test")])));
        assert!(!permits(&spec, "bank", &labels(&[])));
    }

    #[test]
    fn an_empty_selector_allows_all_namespaces() {
        assert!(permits(
            &spec("allowedNamespaces: {selector: {}}"),
            "any",
            &labels(&[])
        ));
    }

    #[test]
    fn expressions_are_judged_as_kubernetes_does() {
        let selects = |expression: &str, found: &[(&str, &str)]| {
            let yaml = format!("allowedNamespaces: {{selector: {{matchExpressions: [{expression}]}}}}");
            permits(&spec(&yaml), "shop", &labels(found))
        };
        let (shop, bank) = (&[("team", "shop")][..], &[("team", "bank")][..]);
        let is_in = "{key: team, operator: In, values: [shop]}";
        assert!(selects(is_in, shop) && !selects(is_in, bank) && !selects(is_in, &[]));
        let is_not = "{key: team, operator: NotIn, values: [shop]}";
        assert!(!selects(is_not, shop) && selects(is_not, bank) && selects(is_not, &[]));
        let exists = "{key: team, operator: Exists}";
        assert!(selects(exists, bank) && !selects(exists, &[]));
        let lacks = "{key: team, operator: DoesNotExist}";
        assert!(!selects(lacks, bank) && selects(lacks, &[]));
        assert!(!selects(&format!("{is_in}, {lacks}"), shop), "all must hold");
    }

    #[test]
    fn the_account_of_an_object_is_in_its_status_or_in_its_arns() {
        let none = ProtectedApiStatus::default();
        assert_eq!(account_of(&none), None);
        let arn = "arn:aws:cloudfront::111122223333:distribution/E1";
        let status: ProtectedApiStatus = serde_yaml::from_str(&format!(
            "distribution: {{id: E1, arn: '{arn}', domainName: d, state: Deployed}}"
        ))
        .unwrap();
        assert_eq!(account_of(&status).as_deref(), Some("111122223333"));
        let remembered = ProtectedApiStatus {
            account_id: Some("444455556666".to_owned()),
            ..status
        };
        assert_eq!(account_of(&remembered).as_deref(), Some("444455556666"));
    }

    const CALLER: &str = "arn:aws:sts::111122223333:assumed-role/palisade/eks-palisade-0";

    #[test]
    fn a_role_that_cannot_be_assumed_names_caller_role_and_the_missing_trust() {
        let role = "roleArn: 'arn:aws:iam::444455556666:role/palisade-spoke'";
        let plain = assumption(&spec(role), "01234567-89ab").unwrap();
        assert_eq!(plain.session_name, "palisade-01234567");
        let said = untrusted(CALLER, &plain, Some("sts:AssumeRole"), "not authorized");
        for part in [
            CALLER,
            "arn:aws:iam::444455556666:role/palisade-spoke",
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/palisade"}"#,
            r#""Action":"sts:AssumeRole"}"#,
            "palisade iam-policy --accounts --assume-role arn:aws:iam::444455556666:role/palisade-spoke",
        ] {
            assert!(said.contains(part), "{part} is missing in: {said}");
        }
        assert!(!said.contains("ExternalId"), "{said}");
    }

    #[test]
    fn the_external_id_is_asked_for_and_never_shown() {
        let role =
            "{roleArn: 'arn:aws:iam::444455556666:role/x', externalId: tenant-7, sessionTags: {team: shop}}";
        let assumption = assumption(&spec(role), "c").unwrap();
        let said = untrusted(CALLER, &assumption, Some(TAG_SESSION), "not authorized");
        for part in [
            r#"["sts:AssumeRole","sts:TagSession"]"#,
            r#""sts:ExternalId":"<spec.externalId>""#,
            "for spec.sessionTags, is not allowed",
        ] {
            assert!(said.contains(part), "{part} is missing in: {said}");
        }
        assert!(!format!("{said}{assumption:?}").contains("tenant-7"));
    }

    #[test]
    fn which_right_is_missing_is_told_by_the_refused_action_and_not_by_aws_s_sentence() {
        let role = "{roleArn: 'arn:aws:iam::444455556666:role/x', sessionTags: {team: shop}}";
        let tagging = assumption(&spec(role), "c").unwrap();
        let said = untrusted(CALLER, &tagging, Some("sts:AssumeRole"), "beside sts:TagSession");
        assert!(said.contains("the trust does not fit"), "{said}");
    }

    #[test]
    fn a_move_to_another_account_begins_with_what_serves_viewers_and_ends_with_the_old_object() {
        let said = changed("111122223333", "444455556666").message;
        let steps = [
            "lead to 111122223333 again",
            "make another ProtectedApi",
            "wait until it is Ready",
            "let viewers go there",
            "This object goes last",
            "docs/accounts.md",
        ];
        let at = steps.map(|step| said.find(step).unwrap_or_else(|| panic!("{step}: {said}")));
        assert!(at.is_sorted(), "{said}");
    }

    #[test]
    fn an_account_without_a_role_is_reached_with_the_controllers_own_credentials() {
        assert_eq!(assumption(&spec("{}"), "c"), None);
    }
}
