//! What the team's own statements of a resource policy mean for the lock, and for the statement that is ours.

use super::access::{PETS, before, problem};
use super::api::Api;
use super::exclusive::{ARN, EXCLUSIVE, built, statement, theirs, wanted};
use palisade::api::ErrorNamed;
use palisade::domain::access::asked::policy::Policies;
use palisade::domain::access::probe::Verdict;
use palisade::domain::kernel::reason::Reason;
use serde_json::{Value, json};

#[test]
fn a_probe_that_a_statement_about_addresses_explains_is_told_so() {
    let by_address = json!({"Version": "2012-10-17", "Statement": [
        statement("Allow", &json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
    ]});
    let refused = Verdict::Refused {
        status: 403,
        error: Some(ErrorNamed::Denied),
        said: "AccessDeniedException".into(),
    };
    let api = Api {
        in_between: Some(refused),
        ..Api::petstore().with_policy(by_address.clone())
    };
    let mut world = before(api);
    let plan = world.build(&wanted(""));
    assert_eq!(
        problem(&plan),
        Some(Reason::SourceIpPolicyInTheWay),
        "{}",
        plan.to_yaml()
    );
    assert!(plan.problems[0].message.contains("Theirs"), "{}", plan.to_yaml());
    // A request that reached the API proves that the statement does not matter.
    built(Api::petstore().with_policy(by_address), "");
}

#[test]
fn without_probes_a_denial_by_address_holds_the_lock_up() {
    let unproven = "access: {cutOver: AfterDeployed}\nprobes: Disabled";
    for (effect, condition, reason) in [
        (
            "Deny",
            json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
            Some(Reason::SourceIpPolicyInTheWay),
        ),
        (
            "Deny",
            json!({"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
            Some(Reason::SourceIpPolicyInTheWay),
        ),
        (
            "Allow",
            json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
            None,
        ),
        ("Deny", json!({"StringLike": {"aws:UserAgent": "bad*"}}), None),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": [statement(effect, &condition)]});
        let mut world = before(Api::petstore().with_policy(policy));
        let plan = world.build(&wanted(unproven));
        assert_eq!(problem(&plan), reason, "{condition}");
    }
}

#[test]
fn what_others_edited_and_nobody_deployed_is_pending_and_ours_is_not() {
    let ours = built(Api::petstore().with_policy(theirs()), EXCLUSIVE).api.policy;
    let of = |edited: &Value, served: &Value| Policies {
        edited: edited.clone(),
        served: served.clone(),
        ..Policies::default()
    };
    assert_eq!(of(&ours, &theirs()).pending(), None);
    assert_eq!(of(&theirs(), &ours).pending(), None);
    assert!(of(&theirs(), &Value::Null).pending().is_some());
    let mut other = ours.clone();
    other["Statement"][0]["Effect"] = json!("Deny");
    assert!(of(&other, &ours).pending().is_some());
    // AWS may spell the same in another way.
    let mut spelled = theirs();
    spelled["Statement"][0]["Principal"] = json!({"AWS": ["*"]});
    spelled["Statement"][0]["Resource"] = json!([format!("{ARN}/*")]);
    spelled["Statement"][1]["Resource"] = json!("execute-api:/*");
    assert_eq!(of(&spelled, &theirs()).pending(), None);
}

#[test]
fn a_policy_that_lets_in_signatures_of_every_account_is_said_unless_only_the_signer_is_let_in() {
    let of = |statements: Value| Policies {
        edited: json!({"Version": "2012-10-17", "Statement": statements}),
        ..Policies::default()
    };
    let allow = |principal: Value, condition: Value| {
        json!({"Sid": "Theirs", "Effect": "Allow", "Principal": principal, "Action": "execute-api:Invoke", "Resource": "*",
            "Condition": condition})
    };
    let everybody = allow(json!("*"), json!({}));
    for open in [
        json!([everybody]),
        json!([allow(
            json!({"AWS": ["*"]}),
            json!({"Bool": {"aws:SecureTransport": "true"}})
        )]),
        json!([
            everybody,
            statement(
                "Deny",
                &json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}})
            )
        ]),
    ] {
        assert_eq!(of(open).open_to_all_accounts("prod", &PETS), ["Theirs"]);
    }
    for closed in [
        json!([allow(json!({"AWS": "arn:aws:iam::123456789012:root"}), json!({}))]),
        json!([allow(
            json!("*"),
            json!({"StringEquals": {"aws:PrincipalAccount": "123456789012"}})
        )]),
        json!([
            everybody,
            statement("Deny", &json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}))
        ]),
    ] {
        assert_eq!(of(closed).open_to_all_accounts("prod", &PETS), [""; 0]);
    }
    let petstore = || Api::petstore().with_policy(json!({"Version": "2012-10-17", "Statement": [everybody]}));
    let mut world = before(petstore());
    let plan = world.build(&wanted(""));
    let told = plan.problems.iter().map(|problem| problem.reason);
    assert_eq!(told.collect::<Vec<_>>(), [Reason::PolicyOpenToAllAccounts]);
    let exclusive = built(petstore(), EXCLUSIVE);
    assert!(exclusive.api.served_policy().to_string().contains("PalisadeOnly"));
}
