"""CloudFront and what it is associated with: functions, web ACLs, policies, and the quotas of each."""

from __future__ import annotations

from typing import Any

from conftest import TRUST, Emulator, distribution, distribution_config, function_spec, refused, role, signer, until, web_acl
from emulator.cloudfront.policies import KINDS


def set_aliases(config: dict[str, Any], *aliases: str) -> None:
    config["Aliases"] = {"Quantity": len(aliases), "Items": list(aliases)}


def test_a_web_acl_must_exist_and_have_propagated(emulator: Emulator, cloudfront: Any, waf: Any) -> None:
    made = web_acl(waf)
    refused("InvalidWebACLId", cloudfront.create_distribution, 400, DistributionConfig=distribution_config(WebACLId=made["ARN"] + "0"))
    emulator.set(wafPropagation=60)
    config = distribution_config(WebACLId=web_acl(waf, "young")["ARN"])
    refused("InvalidWebACLId", cloudfront.create_distribution, 400, DistributionConfig=config)
    emulator.set(wafPropagation=0)
    cloudfront.create_distribution(DistributionConfig=config)


def test_only_an_active_numbered_version_in_us_east_1_may_be_associated(emulator: Emulator, cloudfront: Any) -> None:
    arn = signer(emulator)
    base = arn.rpartition(":")[0]
    for wrong, why in (
        (f"{base}:$LATEST", "must reference a specific function version"),
        (base, "must reference a specific function version"),
        (f"{base}:live", "must reference a specific function version"),
        (f"{base}:2", "does not exist"),
        (arn.replace("us-east-1", "eu-north-1"), "must be in us-east-1"),
    ):
        config = distribution_config(function=wrong)
        assert why in refused("InvalidLambdaFunctionAssociation", cloudfront.create_distribution, 400, DistributionConfig=config)["Message"]
    emulator.set(functionPending=0.3)
    young = emulator.client("lambda").create_function(**function_spec(role(emulator.client("iam"), "r2"), "young", Publish=True))["FunctionArn"]
    error = refused("InvalidLambdaFunctionAssociation", cloudfront.create_distribution, DistributionConfig=distribution_config(function=young))
    assert error["Message"] == f"The function must be in an Active state. The current state for function {young} is Pending"
    until(lambda: emulator.client("lambda").get_function_configuration(FunctionName=young)["State"] == "Active")
    assert distribution(cloudfront, function=young)["DistributionConfig"]["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"][0]["IncludeBody"]


def test_a_function_at_the_edge_must_trust_edgelambda(emulator: Emulator, cloudfront: Any, iam: Any, functions: Any) -> None:
    only_lambda = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]}  # type: ignore[dict-item, list-item]
    arn = functions.create_function(**function_spec(role(iam, trust=only_lambda), Publish=True))["FunctionArn"]
    error = refused("InvalidLambdaFunctionAssociation", cloudfront.create_distribution, DistributionConfig=distribution_config(function=arn))
    assert "must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com" in error["Message"]


def test_a_function_at_the_edge_has_no_environment_variables_no_layers_and_at_most_30_seconds(cloudfront: Any, iam: Any, functions: Any) -> None:
    arn = role(iam)
    for name, more, why in (
        ("variables", {"Environment": {"Variables": {"STAGE": "prod"}}}, "The function cannot have environment variables."),
        ("layers", {"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:x:1"]}, "The function cannot have layers."),
        ("slow", {"Timeout": 31}, "The function timeout is larger than the maximum allowed"),
    ):
        made = functions.create_function(**function_spec(arn, name, Publish=True, **more))["FunctionArn"]
        error = refused("InvalidLambdaFunctionAssociation", cloudfront.create_distribution, DistributionConfig=distribution_config(function=made))
        assert error["Message"].startswith(why)


def test_a_policy_that_is_neither_awss_nor_the_accounts_own_is_refused(emulator: Emulator, cloudfront: Any) -> None:
    for member, code in (
        ("CachePolicyId", "NoSuchCachePolicy"),
        ("OriginRequestPolicyId", "NoSuchOriginRequestPolicy"),
        ("ResponseHeadersPolicyId", "NoSuchResponseHeadersPolicy"),
    ):
        config = distribution_config()
        config["DefaultCacheBehavior"][member] = "00000000-0000-0000-0000-000000000000"
        refused(code, cloudfront.create_distribution, 404, DistributionConfig=config)
    own = "11111111-2222-4333-8444-555555555555"
    emulator.set(ownPolicies=[{"id": own}])
    for member, (managed, _, _) in KINDS.items():
        for policy in [*managed, own]:
            config = distribution_config()
            config["DefaultCacheBehavior"][member] = policy
            cloudfront.create_distribution(DistributionConfig=config)


def test_a_policy_tells_whether_the_viewers_host_goes_on(emulator: Emulator, cloudfront: Any) -> None:
    own, quiet = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
    emulator.set(ownPolicies=[{"id": own, "sendsHost": True}, {"id": quiet}])

    def of_request(policy: str) -> tuple[str, list[str]]:
        config = cloudfront.get_origin_request_policy(Id=policy)["OriginRequestPolicy"]["OriginRequestPolicyConfig"]["HeadersConfig"]
        return config["HeaderBehavior"], config.get("Headers", {}).get("Items", [])

    def of_cache(policy: str) -> tuple[str, list[str]]:
        found = cloudfront.get_cache_policy(Id=policy)["CachePolicy"]["CachePolicyConfig"]
        config = found["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]
        return config["HeaderBehavior"], config.get("Headers", {}).get("Items", [])

    assert of_request(own) == ("allViewer", [])
    assert of_request(quiet) == of_request("b689b0a8-53d0-40ab-baf2-68738e2966ac") == ("allExcept", ["host"])
    assert of_request("acba4595-bd28-49b8-b9fe-13317c0390fa") == ("whitelist", ["referer", "user-agent"])
    assert of_cache(own) == ("whitelist", ["host"])
    assert of_cache(quiet) == of_cache("4135ea2d-6df8-44a3-9df3-4b5a84be39ad") == ("none", [])
    refused("NoSuchCachePolicy", cloudfront.get_cache_policy, 404, Id="00000000-0000-0000-0000-000000000000")
    refused("NoSuchOriginRequestPolicy", cloudfront.get_origin_request_policy, 404, Id="00000000-0000-0000-0000-000000000000")


def test_quotas_of_distributions_associations_aliases_and_headers_are_refused(emulator: Emulator, cloudfront: Any) -> None:
    create = cloudfront.create_distribution
    arn = signer(emulator)
    emulator.set(limits={"lambdaAssociations": 1, "aliases": 1, "distributions": 2})
    distribution(cloudfront, function=arn)
    refused("TooManyDistributionsWithLambdaAssociations", create, 400, DistributionConfig=distribution_config(function=arn))
    config = distribution_config()
    set_aliases(config, "a.example.com", "b.example.com")
    refused("TooManyDistributionCNAMEs", create, 400, DistributionConfig=config)
    config = distribution_config()
    headers = [{"HeaderName": f"x-{n}", "HeaderValue": "v"} for n in range(11)]
    config["Origins"]["Items"][0]["CustomHeaders"] = {"Quantity": 11, "Items": headers}
    refused("TooManyOriginCustomHeaders", create, 400, DistributionConfig=config)
    distribution(cloudfront)
    refused("TooManyDistributions", create, 400, DistributionConfig=distribution_config())


def test_a_web_acl_serves_a_limited_number_of_distributions(emulator: Emulator, cloudfront: Any, waf: Any) -> None:
    emulator.set(limits={"distributionsPerWebAcl": 1})
    arn = web_acl(waf)["ARN"]
    distribution(cloudfront, WebACLId=arn)
    refused("InvalidArgument", cloudfront.create_distribution, DistributionConfig=distribution_config(WebACLId=arn))


def test_a_flat_rate_plan_refuses_functions_and_wants_a_web_acl(emulator: Emulator, cloudfront: Any, waf: Any) -> None:
    arn, acl = signer(emulator), web_acl(waf)["ARN"]
    emulator.set(flatRatePlan=True)
    error = refused("InvalidArgument", cloudfront.create_distribution, DistributionConfig=distribution_config())
    assert "Distributions with a pricing plan subscription must have a web ACL resource." in error["Message"]
    error = refused("InvalidArgument", cloudfront.create_distribution, DistributionConfig=distribution_config(function=arn, WebACLId=acl))
    assert "Lambda@Edge" in error["Message"]
    distribution(cloudfront, WebACLId=acl)
