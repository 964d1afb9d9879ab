mod mutual_tls;
mod policies_of_their_own;

use super::*;
use crate::aws::operations::{OPERATIONS, Operation, OperationClass, Service};

/// IAM's limit on a managed policy; white space does not count.
const LIMIT: usize = 6144;

fn narrowed() -> Options {
    Options {
        account: Some("111122223333".to_owned()),
        cluster: Some("01234567-89ab-cdef-0123-456789abcdef".to_owned()),
        permissions_boundary: Some("arn:aws:iam::111122223333:policy/palisade-boundary".to_owned()),
        log_buckets: vec!["edge-logs-of-the-platform-team".to_owned()],
        ..Options::default()
    }
}

/// IAM's name of what an operation needs.
fn action_of(operation: &Operation) -> String {
    match (operation.service, operation.name) {
        (Service::ApiGateway | Service::ApiGatewayV2, _) => {
            // Newer operations have an action of their own.
            let action = match operation.name {
                "ListRoutingRules" => operation.name,
                _ => http_method_of(operation),
            };
            format!("apigateway:{action}")
        }
        (Service::CloudFront, "CreateDistributionWithTags") => "cloudfront:CreateDistribution".to_owned(),
        // A version of it: without one a marker would be put.
        (Service::S3, "DeleteObject") => "s3:DeleteObjectVersion".to_owned(),
        (Service::S3, "ListObjectVersions") => "s3:ListBucketVersions".to_owned(),
        (Service::Tagging, name) => format!("tag:{name}"),
        (service, name) => format!("{}:{name}", service.name()),
    }
}

/// API Gateway's actions are HTTP's methods.
fn http_method_of(operation: &Operation) -> &'static str {
    match operation.class {
        OperationClass::Tag if operation.name == "UntagResource" => "DELETE",
        OperationClass::Tag if operation.service == Service::ApiGatewayV2 => "POST",
        OperationClass::Get | OperationClass::List => "GET",
        OperationClass::Create => "POST",
        OperationClass::Update => "PATCH",
        OperationClass::Put | OperationClass::Tag => "PUT",
        OperationClass::Delete => "DELETE",
    }
}

fn operation_name(operation: &Operation) -> String {
    format!("{}:{}", operation.service.name(), operation.name)
}

fn rows() -> impl Iterator<Item = &'static table::Row> {
    all_statements().flat_map(|statement| statement.rows)
}

/// A value that stands alone or in a list.
fn all_of(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().map(|value| value.as_str().unwrap()).collect(),
        value => vec![value.as_str().unwrap()],
    }
}

fn actions_of(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .flat_map(|statement| all_of(&statement["Action"]))
        .map(str::to_owned)
        .collect()
}

fn statement<'a>(policy: &'a Value, sid: &str) -> Option<&'a Value> {
    policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .find(|statement| statement["Sid"] == sid)
}

#[test]
fn every_called_action_is_allowed_and_every_allowed_action_is_called_or_depended_on() {
    let called: BTreeSet<_> = OPERATIONS.iter().map(action_of).collect();
    let in_table: BTreeSet<_> = rows()
        .filter(|row| matches!(row.need, Need::Called(_)))
        .map(|row| row.action.to_owned())
        .collect();
    assert_eq!(in_table, called);

    let all: BTreeSet<_> = rows().map(|row| row.action.to_owned()).collect();
    let with_everything = Options {
        permissions_boundary: None,
        ..narrowed()
    };
    let mut allowed = actions_of(&controller_policy(&with_everything));
    allowed.extend(actions_of(&shield_policy(&with_everything)));
    allowed.extend(actions_of(&names_policy(&with_everything)));
    allowed.extend(actions_of(&mutual_tls_policy(&with_everything)));
    allowed.extend(actions_of(&pricing_plans_policy(&with_everything)));
    allowed.extend(actions_of(&adoption_policy(&with_everything)));
    allowed.extend(actions_of(&traffic_policy(&with_everything)));
    allowed.extend(actions_of(&accounts_policy(&with_everything)));
    assert_eq!(allowed, all);
}

#[test]
fn every_row_names_operations_that_exist() {
    let known: BTreeSet<_> = OPERATIONS.iter().map(operation_name).collect();
    for row in rows() {
        let (Need::Called(operations) | Need::Dependent(operations)) = row.need;
        for operation in operations {
            assert!(known.contains(*operation), "{}: {operation}", row.action);
        }
    }
    let called = |row: &'static table::Row| match row.need {
        Need::Called(operations) => operations.to_vec(),
        Need::Dependent(_) => vec![],
    };
    let served: BTreeSet<_> = rows().flat_map(called).map(str::to_owned).collect();
    assert_eq!(served, known);
}

#[test]
fn each_policy_fits_into_one_managed_policy() {
    for options in [
        Options::default(),
        narrowed(),
        Options {
            permissions_boundary: None,
            ..narrowed()
        },
    ] {
        let policies = [
            controller_policy(&options),
            shield_policy(&options),
            names_policy(&options),
            mutual_tls_policy(&options),
            pricing_plans_policy(&options),
            adoption_policy(&options),
            traffic_policy(&options),
            accounts_policy(&options),
        ];
        for policy in policies {
            let length = policy.to_string().len();
            assert!(length <= LIMIT, "{length}");
        }
    }
}

#[test]
fn statements_have_names_of_their_own() {
    let sids: BTreeSet<_> = all_statements().map(|statement| statement.sid).collect();
    assert_eq!(sids.len(), all_statements().count());
    assert!(
        sids.iter()
            .all(|sid| sid.chars().all(|it| it.is_ascii_alphanumeric())),
        "IAM takes letters and digits"
    );
}

#[test]
fn roles_are_touched_only_under_our_path_and_passed_only_to_lambda() {
    let policy = controller_policy(&Options::default());
    let harmless = [
        "iam:GetAccountAuthorizationDetails",
        "iam:GetRole",
        "iam:CreateServiceLinkedRole",
    ];
    for statement in policy["Statement"].as_array().unwrap() {
        let actions = all_of(&statement["Action"]);
        if actions
            .iter()
            .any(|action| action.starts_with("iam:") && !harmless.contains(action))
        {
            let roles = all_of(&statement["Resource"])
                .into_iter()
                .filter(|it| it.contains(":iam:") || *it == "*");
            assert_eq!(
                roles.collect::<Vec<_>>(),
                ["arn:aws:iam::*:role/palisade/palisade-*"],
                "{statement}"
            );
        }
    }
    let pass = statement(&policy, "PassRolesToLambda").unwrap();
    assert_eq!(
        pass["Condition"],
        json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})
    );
}

#[test]
fn with_a_boundary_no_role_can_be_without_it() {
    let policy = controller_policy(&narrowed());
    let boundary = json!({"StringEquals": {"iam:PermissionsBoundary": narrowed().permissions_boundary}});
    assert_eq!(
        statement(&policy, "WriteRolePolicies").unwrap()["Condition"],
        boundary
    );
    assert!(!actions_of(&policy).contains("iam:DeleteRolePermissionsBoundary"));
}

#[test]
fn a_bucket_is_opened_to_logs_only_when_it_is_named() {
    assert!(statement(&controller_policy(&Options::default()), "DeliverEdgeLogs").is_none());
    let policy = controller_policy(&narrowed());
    let found = &statement(&policy, "DeliverEdgeLogs").unwrap()["Resource"];
    assert_eq!(found, &json!("arn:aws:s3:::edge-logs-of-the-platform-team"));
}

#[test]
fn the_response_team_is_let_into_no_bucket_that_is_not_named_and_gets_only_a_role_for_itself() {
    assert!(statement(&shield_policy(&Options::default()), "ShareLogBuckets").is_none());
    let policy = shield_policy(&narrowed());
    let found = &statement(&policy, "ShareLogBuckets").unwrap()["Resource"];
    assert_eq!(found, &json!("arn:aws:s3:::edge-logs-of-the-platform-team"));
    assert_eq!(
        statement(&policy, "PassRoleToResponseTeam").unwrap()["Condition"],
        json!({"StringEquals": {"iam:PassedToService": "drt.shield.amazonaws.com"}})
    );
}

#[test]
fn account_and_cluster_narrow_every_statement_that_can_name_them() {
    let text = controller_policy(&narrowed()).to_string();
    assert!(!text.contains("{account}") && !text.contains("::*:"), "{text}");
    assert!(
        text.contains(r#""aws:ResourceTag/palisade.dev/cluster":"01234567-89ab-cdef-0123-456789abcdef""#)
    );
}

#[test]
fn the_boundary_allows_invoking_apis_and_writing_the_signers_logs_and_nothing_else() {
    let policy = permissions_boundary(&narrowed());
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[0]["Action"], "execute-api:Invoke");
    assert_eq!(
        statements[1]["Resource"],
        "arn:aws:logs:*:111122223333:log-group:/aws/lambda/us-east-1.palisade-*"
    );
}

#[test]
fn of_several_statements_with_an_action_the_one_for_the_resource_is_named() {
    let named = |action: &str, resource: &str| {
        let remedy = remedy(action, Some(resource)).unwrap();
        let (_, rest) = remedy.split_once("statement ").unwrap();
        rest.split(' ').next().unwrap()
    };
    let cases = [
        (
            "apigateway:PATCH",
            "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com",
            "ChangeOriginDomains",
        ),
        (
            "apigateway:POST",
            "arn:aws:apigateway:eu-north-1::/domainnames",
            "CreateOriginDomains",
        ),
        (
            "apigateway:PATCH",
            "arn:aws:apigateway:eu-north-1::/restapis/a1b2c3d4e5",
            "SetAuthorization",
        ),
        (
            "apigateway:PATCH",
            "arn:aws:apigateway:eu-north-1::/apis/a1b2c3d4e5",
            "SwitchDefaultEndpoints",
        ),
        (
            "acm:DeleteCertificate",
            "arn:aws:acm:eu-north-1:111122223333:certificate/c",
            "ChangeOriginCertificates",
        ),
        (
            "acm:DeleteCertificate",
            "arn:aws:acm:us-east-1:111122223333:certificate/c",
            "ChangeCertificates",
        ),
    ];
    for (action, resource, expected) in cases {
        assert_eq!(named(action, resource), expected, "{action} on {resource}");
    }
}

#[test]
fn a_refused_action_is_found_in_the_policy() {
    assert!(
        remedy("lambda:UpdateFunctionCode", None)
            .unwrap()
            .contains("statement ChangeTagged of")
    );
    assert!(
        remedy("lambda:EnableReplication", None)
            .unwrap()
            .contains("statement UseFunctions of")
    );
    assert!(
        remedy("s3:PutBucketAcl", None)
            .unwrap()
            .contains("--log-bucket NAME")
    );
    assert_eq!(remedy("ec2:RunInstances", None), None);
}

#[test]
fn the_documentation_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/iam.md");
    if std::env::var_os("PALISADE_REGENERATE").is_some() {
        std::fs::write(path, markdown()).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == markdown(),
        "docs/iam.md is not what src/aws/policy/table.rs says; regenerate it with: PALISADE_REGENERATE=1 cargo test --lib aws::policy"
    );
}
