"""What a caller may do: the called action, and the actions that it depends on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apis import REGION, authorizing_function, method, orders, petstore, replace, route
from conftest import TRUST, Emulator, distribution_config, function_spec, ip_set, managed, named, refused, role, rule, signer, update, web_acl, web_acl_spec

KEY = "AKIACONTROLLER"
USER = "arn:aws:iam::123456789012:user/controller"


def statement(actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def grant(emulator: Emulator, *statements: dict[str, Any], boundary: dict[str, Any] | None = None) -> None:
    user: dict[str, Any] = {
        "name": "controller",
        "accessKeyId": KEY,
        "secretAccessKey": "secret",
        "policyDocument": {"Version": "2012-10-17", "Statement": list(statements)},
    }
    if boundary:
        user["permissionsBoundaryDocument"] = {"Version": "2012-10-17", "Statement": [boundary]}
    answer = emulator.control("POST", "seed", {"users": [user]})
    assert "error" not in answer, answer
    emulator.set(enforceIam=True)


def denied(code: str, action: str, call: Any, resource: str | None = None, **params: Any) -> str:
    message = str(refused(code, call, **params)["Message"])
    assert message.startswith(f"User: {USER} is not authorized to perform: {action} on resource: {resource or ''}"), message
    return message


def test_everybody_may_do_everything_unless_it_is_enforced(emulator: Emulator) -> None:
    assert emulator.control("GET", "settings")["enforceIam"] is False
    emulator.client("iam", key="unknown").create_role(RoleName="x", AssumeRolePolicyDocument=json.dumps(TRUST))


def test_an_unknown_key_is_refused_in_each_protocols_own_words(emulator: Emulator) -> None:
    emulator.set(enforceIam=True)
    refused("InvalidClientTokenId", emulator.client("iam").get_role, 403, RoleName="x")
    refused("InvalidClientTokenId", emulator.client("cloudfront").list_distributions, 403)
    refused("UnrecognizedClientException", emulator.client("wafv2").list_web_acls, 400, Scope="CLOUDFRONT")
    refused("UnrecognizedClientException", emulator.client("lambda").list_functions, 403)


def test_what_no_policy_allows_is_denied_in_each_services_own_words(emulator: Emulator) -> None:
    grant(emulator, statement("s3:*"))
    message = denied("AccessDenied", "cloudfront:ListDistributions", emulator.client("cloudfront", key=KEY).list_distributions)
    assert message.endswith("because no identity-based policy allows the cloudfront:ListDistributions action")
    denied("AccessDeniedException", "wafv2:ListWebACLs", emulator.client("wafv2", key=KEY).list_web_acls, Scope="CLOUDFRONT")
    denied("AccessDeniedException", "lambda:ListFunctions", emulator.client("lambda", key=KEY).list_functions)
    denied("AccessDeniedException", "tag:GetResources", emulator.client("resourcegroupstaggingapi", key=KEY).get_resources)
    api = emulator.client("apigateway", "eu-north-1", key=KEY)
    denied("AccessDeniedException", "apigateway:GET", api.get_stage, "arn:aws:apigateway:eu-north-1::/restapis/a/stages/prod", restApiId="a", stageName="prod")
    assert emulator.client("sts", key=KEY).get_caller_identity()["Arn"] == USER


def test_resources_and_wildcards_limit_what_is_allowed(emulator: Emulator) -> None:
    grant(emulator, statement("iam:*", "arn:aws:iam::123456789012:role/palisade/*"))
    iam = emulator.client("iam", key=KEY)
    role(iam)
    iam.get_role(RoleName="signer")
    trust = json.dumps(TRUST)
    denied("AccessDenied", "iam:CreateRole", iam.create_role, "arn:aws:iam::123456789012:role/x", RoleName="x", AssumeRolePolicyDocument=trust)
    denied("AccessDenied", "iam:GetAccountAuthorizationDetails", iam.get_account_authorization_details, "*")


def test_not_action_and_an_explicit_deny(emulator: Emulator) -> None:
    deny = {"Effect": "Deny", "Action": "wafv2:Delete*", "Resource": "*"}
    grant(emulator, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, deny)
    waf = emulator.client("wafv2", key=KEY)
    made = web_acl(waf)
    message = denied("AccessDeniedException", "wafv2:DeleteWebACL", waf.delete_web_acl, made["ARN"], **named(made), LockToken=made["LockToken"])
    assert message.endswith("with an explicit deny in an identity-based policy")
    denied("AccessDenied", "iam:GetRole", emulator.client("iam", key=KEY).get_role, RoleName="x")


def test_the_callers_own_boundary_limits_it(emulator: Emulator) -> None:
    grant(emulator, statement("*"), boundary=statement("wafv2:*"))
    web_acl(emulator.client("wafv2", key=KEY))
    message = denied("AccessDenied", "cloudfront:ListDistributions", emulator.client("cloudfront", key=KEY).list_distributions)
    assert message.endswith("because no permissions boundary allows the cloudfront:ListDistributions action")


def test_request_tags_and_tag_keys_are_conditions(emulator: Emulator) -> None:
    condition = {"StringEquals": {"aws:RequestTag/palisade.dev/cluster": "c1"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["palisade.dev/cluster", "team"]}}
    grant(emulator, statement(["wafv2:CreateIPSet", "wafv2:TagResource"], Condition=condition))
    waf = emulator.client("wafv2", key=KEY)
    cluster, team, other = ({"Key": k, "Value": v} for k, v in (("palisade.dev/cluster", "c1"), ("team", "t"), ("other", "o")))
    ip_set(waf, Tags=[cluster, team])
    spec = {"Name": "b", "Scope": "CLOUDFRONT", "IPAddressVersion": "IPV4", "Addresses": []}
    for tags in ([], [team], [cluster, other], [{**cluster, "Value": "c2"}]):
        denied("AccessDeniedException", "wafv2:CreateIPSet", waf.create_ip_set, **spec, Tags=tags)


def test_tags_of_the_resource_are_conditions(emulator: Emulator, waf: Any) -> None:
    ours, foreign = ip_set(waf, "ours", Tags=[{"Key": "cluster", "Value": "c1"}]), ip_set(waf, "foreign")
    grant(emulator, statement("wafv2:DeleteIPSet", Condition={"StringLike": {"aws:ResourceTag/cluster": "c*"}}))
    client = emulator.client("wafv2", key=KEY)
    denied("AccessDeniedException", "wafv2:DeleteIPSet", client.delete_ip_set, foreign["ARN"], **named(foreign), LockToken=foreign["LockToken"])
    client.delete_ip_set(**named(ours), LockToken=ours["LockToken"])


def test_a_negative_condition_is_true_of_a_key_that_is_not_there_unless_any_of_its_values_is_asked_for(emulator: Emulator) -> None:
    listed = emulator.client("wafv2", key=KEY).list_web_acls
    grant(emulator, statement("wafv2:ListWebACLs", Condition={"StringNotEquals": {"aws:TagKeys": "team"}}))
    listed(Scope="CLOUDFRONT")
    grant(emulator, statement("wafv2:ListWebACLs", Condition={"ForAnyValue:StringNotEquals": {"aws:TagKeys": "team"}}))
    denied("AccessDeniedException", "wafv2:ListWebACLs", listed, Scope="CLOUDFRONT")


def test_null_asks_whether_a_key_is_there(emulator: Emulator) -> None:
    grant(emulator, statement("iam:CreateRole", Condition={"Null": {"iam:PermissionsBoundary": "true"}}))
    role(emulator.client("iam", key=KEY))


def test_a_role_must_be_made_with_the_boundary_that_the_policy_names(emulator: Emulator) -> None:
    document = {"Version": "2012-10-17", "Statement": [statement("execute-api:Invoke")]}
    arn = emulator.control("POST", "seed", {"policies": [{"name": "edge", "policyDocument": document}]})["policies"][0]["arn"]
    condition = {"ArnLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/edge"}}
    grant(emulator, statement(["iam:CreateRole", "iam:PutRolePolicy"], Condition=condition))
    iam, trust = emulator.client("iam", key=KEY), json.dumps(TRUST)
    denied("AccessDenied", "iam:CreateRole", iam.create_role, RoleName="x", AssumeRolePolicyDocument=trust)
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust, PermissionsBoundary=arn)
    # The boundary of an existing role counts for what is done to it.
    iam.put_role_policy(RoleName="x", PolicyName="p", PolicyDocument=json.dumps(document))


def test_creating_a_function_needs_pass_role_to_lambda(emulator: Emulator, iam: Any) -> None:
    arn = role(iam)
    client = emulator.client("lambda", key=KEY)
    grant(emulator, statement("lambda:*"), statement("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}))
    denied("AccessDeniedException", "iam:PassRole", client.create_function, arn, **function_spec(arn))
    grant(emulator, statement("lambda:*"), statement("iam:PassRole", arn, Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}))
    client.create_function(**function_spec(arn))
    grant(emulator, statement("lambda:*"))
    denied("AccessDeniedException", "iam:PassRole", client.update_function_configuration, arn, FunctionName="signer", Role=arn)


def test_tags_at_creation_need_the_tagging_action(emulator: Emulator, iam: Any) -> None:
    arn = role(iam)
    grant(emulator, statement(["iam:CreateRole", "iam:PassRole", "lambda:CreateFunction", "cloudfront:CreateDistribution", "wafv2:CreateWebACL"]))
    tags = [{"Key": "a", "Value": "1"}]
    mine = {service: emulator.client(service, key=KEY) for service in ("iam", "lambda", "cloudfront", "wafv2")}
    trust = json.dumps(TRUST)
    denied("AccessDenied", "iam:TagRole", mine["iam"].create_role, RoleName="x", AssumeRolePolicyDocument=trust, Tags=tags)
    denied("AccessDeniedException", "lambda:TagResource", mine["lambda"].create_function, **function_spec(arn, Tags={"a": "1"}))
    denied("AccessDeniedException", "wafv2:TagResource", mine["wafv2"].create_web_acl, **web_acl_spec(Tags=tags))
    with_tags = {"DistributionConfig": distribution_config(), "Tags": {"Items": tags}}
    create = mine["cloudfront"].create_distribution_with_tags
    denied("AccessDenied", "cloudfront:TagResource", create, DistributionConfigWithTags=with_tags)


@pytest.mark.parametrize("missing", ["lambda:GetFunction", "lambda:EnableReplication*", "iam:CreateServiceLinkedRole"])
def test_associating_a_function_needs_permissions_of_lambda_and_iam(emulator: Emulator, missing: str) -> None:
    arn = signer(emulator)
    needed = ["lambda:GetFunction", "lambda:EnableReplication*", "iam:CreateServiceLinkedRole"]
    needed.remove(missing)
    grant(emulator, statement(["cloudfront:*", *needed]))
    create = emulator.client("cloudfront", key=KEY).create_distribution
    denied("AccessDenied", missing, create, arn if missing.startswith("lambda") else None, DistributionConfig=distribution_config(function=arn))
    assert emulator.client("cloudfront", key=KEY).list_distributions()["DistributionList"]["Quantity"] == 0


def test_removing_an_association_needs_to_disable_replication(emulator: Emulator) -> None:
    arn = signer(emulator)
    grant(emulator, statement(["cloudfront:*", "lambda:GetFunction", "lambda:EnableReplication*", "iam:CreateServiceLinkedRole"]))
    client = emulator.client("cloudfront", key=KEY)
    made = client.create_distribution(DistributionConfig=distribution_config(function=arn))["Distribution"]["Id"]
    update(client, made, lambda c: c.update(Comment="the association stays"))
    read = client.get_distribution_config(Id=made)
    config = read["DistributionConfig"]
    config["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = {"Quantity": 0}
    call = client.update_distribution
    denied("AccessDenied", "lambda:DisableReplication*", call, arn, Id=made, IfMatch=read["ETag"], DistributionConfig=config)
    disabled = update(client, made, lambda c: c.update(Enabled=False))["ETag"]
    denied("AccessDenied", "lambda:DisableReplication*", client.delete_distribution, arn, Id=made, IfMatch=disabled)


def test_a_distribution_with_a_web_acl_needs_to_read_it(emulator: Emulator, waf: Any) -> None:
    arn = web_acl(waf)["ARN"]
    grant(emulator, statement("cloudfront:*"))
    create = emulator.client("cloudfront", key=KEY).create_distribution
    denied("AccessDenied", "wafv2:GetWebACL", create, arn, DistributionConfig=distribution_config(WebACLId=arn))


def test_a_web_acl_needs_the_action_also_on_what_its_rules_refer_to(emulator: Emulator, waf: Any) -> None:
    office = ip_set(waf)["ARN"]
    grant(emulator, statement("wafv2:CreateWebACL", "arn:aws:wafv2:us-east-1:123456789012:global/webacl/*"))
    create = emulator.client("wafv2", key=KEY).create_web_acl
    reference = {"IPSetReferenceStatement": {"ARN": office}}
    denied("AccessDeniedException", "wafv2:CreateWebACL", create, office, **web_acl_spec(rules=[rule("r", 0, reference)]))
    groups = "arn:aws:wafv2:us-east-1:123456789012:global/managedruleset/"
    denied("AccessDeniedException", "wafv2:CreateWebACL", create, groups, **web_acl_spec(rules=[rule("r", 0, managed("AWSManagedRulesCommonRuleSet"))]))
    create(**web_acl_spec())


@pytest.mark.parametrize(
    ("destination", "action"),
    [
        ("arn:aws:firehose:us-east-1:123456789012:deliverystream/aws-waf-logs-x", "iam:CreateServiceLinkedRole"),
        ("arn:aws:s3:::aws-waf-logs-x", "s3:PutBucketPolicy"),
        ("arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-x", "logs:PutResourcePolicy"),
    ],
)
def test_web_acl_logging_needs_the_permissions_of_its_destination(emulator: Emulator, waf: Any, destination: str, action: str) -> None:
    config = {"ResourceArn": web_acl(waf)["ARN"], "LogDestinationConfigs": [destination]}
    grant(emulator, statement(["wafv2:*", "logs:CreateLogDelivery", "logs:DeleteLogDelivery"]))
    denied("AccessDeniedException", action, emulator.client("wafv2", key=KEY).put_logging_configuration, LoggingConfiguration=config)


def test_legacy_logging_of_a_distribution_needs_the_acl_of_the_bucket(emulator: Emulator) -> None:
    grant(emulator, statement("cloudfront:*"))
    logging = {"Enabled": True, "IncludeCookies": False, "Bucket": "logs.s3.amazonaws.com", "Prefix": ""}
    create = emulator.client("cloudfront", key=KEY).create_distribution
    denied("AccessDenied", "s3:GetBucketAcl", create, "arn:aws:s3:::logs", DistributionConfig=distribution_config(Logging=logging))


def test_an_assumed_role_is_judged_by_the_roles_policies(emulator: Emulator, iam: Any) -> None:
    arn = role(iam, "palisade", {"Version": "2012-10-17", "Statement": [{**TRUST["Statement"][0], "Principal": {"AWS": "123456789012"}}]})
    document = {"Version": "2012-10-17", "Statement": [statement("lambda:List*")]}
    iam.put_role_policy(RoleName="palisade", PolicyName="p", PolicyDocument=json.dumps(document))
    key = emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="work")["Credentials"]["AccessKeyId"]
    emulator.set(enforceIam=True)
    emulator.client("lambda", key=key).list_functions()
    message = refused("AccessDeniedException", emulator.client("lambda", key=key).get_function, FunctionName="x")["Message"]
    assert message.startswith("User: arn:aws:sts::123456789012:assumed-role/palisade/work is not authorized to perform: lambda:GetFunction")


def test_a_statement_is_needed_where_no_other_allows_the_same(emulator: Emulator) -> None:
    waf, both = statement("wafv2:ListWebACLs", Sid="Waf"), statement(["lambda:ListFunctions", "lambda:GetFunction"], Sid="Functions")
    grant(emulator, waf, both, statement("lambda:*", Sid="Wide"), statement("iam:*", Sid="Unused"))
    emulator.client("wafv2", key=KEY).list_web_acls(Scope="CLOUDFRONT")
    emulator.client("lambda", key=KEY).list_functions()
    needed = emulator.control("GET", "needed-statements")
    assert needed == [{"principal": USER, "sid": "Waf", "action": "wafv2:ListWebACLs"}]
    emulator.control("DELETE", "journal")
    assert emulator.control("GET", "needed-statements") == []


def test_dependent_actions_are_listed_but_are_no_calls(emulator: Emulator, iam: Any, functions: Any) -> None:
    functions.create_function(**function_spec(role(iam), Tags={"a": "1"}))
    found = emulator.control("GET", "dependent-actions")
    assert {(d["for"], d["action"]) for d in found} == {("lambda:CreateFunction", "iam:PassRole"), ("lambda:CreateFunction", "lambda:TagResource")}
    assert [e["operation"] for e in emulator.journal()] == ["CreateRole", "CreateFunction"]


def test_the_journal_names_the_principal(emulator: Emulator) -> None:
    grant(emulator, statement("*"))
    emulator.client("lambda", key=KEY).list_functions()
    (entry,) = emulator.journal()
    assert (entry["accessKey"], entry["principal"]) == (KEY, USER)


def test_api_gateways_actions_are_methods_on_paths(emulator: Emulator) -> None:
    api, routes = petstore(emulator), orders(emulator)
    base = f"arn:aws:apigateway:{REGION}::"
    root = emulator.client("apigateway", REGION)
    where, route_id = method(root, api, "GET /pets"), route(emulator.client("apigatewayv2", REGION), routes, "GET /orders")
    grant(emulator, statement("apigateway:GET", f"{base}/restapis/*"))
    rest, http = emulator.client("apigateway", REGION, key=KEY), emulator.client("apigatewayv2", REGION, key=KEY)
    rest.get_method(**where)
    path = f"{base}/restapis/{api}/resources/{where['resourceId']}/methods/GET"
    denied("AccessDeniedException", "apigateway:PATCH", rest.update_method, path, **where, patchOperations=[])
    denied("AccessDeniedException", "apigateway:POST", rest.create_deployment, f"{base}/restapis/{api}/deployments", restApiId=api)
    denied("AccessDeniedException", "apigateway:POST", rest.create_api_key, f"{base}/apikeys", name="one")
    denied("AccessDeniedException", "apigateway:GET", http.get_routes, f"{base}/apis/{routes}/routes", ApiId=routes)
    denied("AccessDeniedException", "apigateway:PATCH", http.update_route, f"{base}/apis/{routes}/routes/{route_id['RouteId']}", **route_id)


def test_tags_at_creation_and_later_need_a_right_to_tag(emulator: Emulator) -> None:
    base = f"arn:aws:apigateway:{REGION}::"
    grant(emulator, statement(["apigateway:POST", "apigateway:PATCH"], f"{base}/*"))
    rest = emulator.client("apigateway", REGION, key=KEY)
    key = rest.create_api_key(name="one")["id"]
    tags = f"{base}/tags/arn%3Aaws%3Aapigateway%3A{REGION}%3A%3A%2Fapikeys%2F"
    denied("AccessDeniedException", "apigateway:PUT", rest.create_api_key, f"{tags}*", name="two", tags={"a": "1"})
    denied("AccessDeniedException", "apigateway:PUT", rest.tag_resource, f"{tags}{key}", resourceArn=f"{base}/apikeys/{key}", tags={"a": "1"})
    denied("AccessDeniedException", "apigateway:DELETE", rest.untag_resource, f"{tags}{key}", resourceArn=f"{base}/apikeys/{key}", tagKeys=["a"])
    denied("AccessDeniedException", "apigateway:GET", rest.get_tags, f"{tags}{key}", resourceArn=f"{base}/apikeys/{key}")
    grant(emulator, statement("apigateway:*", f"{base}/*", Condition={"StringEquals": {"aws:RequestTag/a": "1"}}))
    rest.create_api_key(name="two", tags={"a": "1"})
    denied("AccessDeniedException", "apigateway:POST", rest.create_api_key, f"{base}/apikeys", name="three", tags={"a": "2"})


def test_what_is_within_an_api_bears_its_tags_but_a_stage_its_own(emulator: Emulator) -> None:
    api = petstore(emulator, tags={"a": "1"}, stages=["prod", {"name": "test", "tags": {"a": "1"}}])
    grant(emulator, statement("apigateway:GET", Condition={"StringEquals": {"aws:ResourceTag/a": "1"}}))
    rest = emulator.client("apigateway", REGION, key=KEY)
    rest.get_resources(restApiId=api)
    rest.get_stage(restApiId=api, stageName="test")
    refused("AccessDeniedException", rest.get_stage, 403, restApiId=api, stageName="prod")


def test_a_resource_policy_needs_a_right_of_its_own(emulator: Emulator) -> None:
    api = petstore(emulator)
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api}"
    grant(emulator, statement("apigateway:PATCH", arn))
    rest = emulator.client("apigateway", REGION, key=KEY)
    rest.update_rest_api(restApiId=api, patchOperations=replace(description="d"))
    denied("AccessDeniedException", "apigateway:UpdateRestApiPolicy", rest.update_rest_api, arn, restApiId=api, patchOperations=replace(policy=""))
    grant(emulator, statement(["apigateway:PATCH", "apigateway:UpdateRestApiPolicy"], arn))
    rest.update_rest_api(restApiId=api, patchOperations=replace(policy=""))


def test_a_functions_permissions_are_given_to_principals(emulator: Emulator) -> None:
    arn = authorizing_function(emulator)
    grant(emulator, statement("lambda:AddPermission", arn, Condition={"StringEquals": {"lambda:Principal": "apigateway.amazonaws.com"}}))
    functions = emulator.client("lambda", REGION, key=KEY)
    spec = {"FunctionName": "authorizer", "StatementId": "s", "Action": "lambda:InvokeFunction"}
    functions.add_permission(**spec, Principal="apigateway.amazonaws.com")
    denied("AccessDeniedException", "lambda:AddPermission", functions.add_permission, arn, **spec, Principal="*")
    denied("AccessDeniedException", "lambda:GetPolicy", functions.get_policy, arn, FunctionName="authorizer")
    denied("AccessDeniedException", "lambda:RemovePermission", functions.remove_permission, arn, FunctionName="authorizer", StatementId="s")
