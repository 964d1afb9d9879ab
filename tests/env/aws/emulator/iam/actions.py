"""Which action on which resource a call is, and what its conditions may look at.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..apis.tags import find as find_tagged
from ..core.answers import AwsError
from ..core.call import Call
from . import domain_names, protection
from .needs import Need, request_tags, resource_tags

if TYPE_CHECKING:
    from ..world import World


def required(world: World, call: Call) -> list[Need]:
    return _SERVICES.get(call.service, _other)(world, call)


def _other(_world: World, call: Call) -> list[Need]:
    return [Need(f"{call.service}:{call.operation}", "*")]


def _cloudfront(world: World, call: Call) -> list[Need]:
    base, name = f"arn:aws:cloudfront::{world.account}:distribution", call.operation
    if name.startswith("CreateDistribution"):
        return [Need("cloudfront:CreateDistribution", f"{base}/*", request_tags(_xml_tags(call.body)))]
    if name in ("TagResource", "UntagResource", "ListTagsForResource"):
        arn = call.query.get("Resource", "")
        found = world.distributions.all.get(arn.rpartition("/")[2])
        context = resource_tags(found.tags) if found else {}
        if name == "TagResource":
            context |= request_tags(_xml_tags(call.body))
        if name == "UntagResource":
            context["aws:TagKeys"] = re.findall(r"<Key>([^<]*)</Key>", call.body.decode())
        return [Need(f"cloudfront:{name}", arn, context)]
    if name in ("GetCachePolicy", "GetOriginRequestPolicy"):
        kind = "cache-policy" if name == "GetCachePolicy" else "origin-request-policy"
        return [Need(f"cloudfront:{name}", f"arn:aws:cloudfront::{world.account}:{kind}/{call.params['Id']}")]
    number = call.params.get("Id") or call.params.get("TargetDistributionId") or call.params.get("DistributionId")
    if number:
        found = world.distributions.all.get(number)
        return [Need(f"cloudfront:{name}", f"{base}/{number}", resource_tags(found.tags) if found else {})]
    return [Need(f"cloudfront:{name}", "*")]


def _xml_tags(body: bytes) -> dict[str, str]:
    return dict(re.findall(r"<Tag><Key>([^<]*)</Key><Value>([^<]*)</Value></Tag>", re.sub(r">\s+<", "><", body.decode())))


def _wafv2(world: World, call: Call) -> list[Need]:
    name, params, action = call.operation, call.params, f"wafv2:{call.operation}"
    where = "regional" if params.get("Scope") == "REGIONAL" else "global"
    kind = "ipset" if "IPSet" in name else "webacl"
    base = f"arn:aws:wafv2:{call.region}:{world.account}:{where}/{kind}"
    tags = {t.get("Key", ""): t.get("Value", "") for t in params.get("Tags") or []}
    if name.startswith("Create"):
        needs = [Need(action, f"{base}/{params.get('Name')}/*", request_tags(tags))]
        return [*needs, Need("wafv2:TagResource", f"{base}/{params.get('Name')}/*", request_tags(tags))] if tags else needs
    named = (params.get(key) for key in ("ResourceARN", "ResourceArn", "WebAclArn", "ARN"))
    arn = next(filter(None, named), None) or (params.get("LoggingConfiguration") or {}).get("ResourceArn")
    if not arn and params.get("Id"):
        arn = f"{base}/{params.get('Name')}/{params['Id']}"
    if not arn:
        return [Need(action, "*")]
    found = world.waf.web_acls.by_arn(str(arn)) or world.waf.ip_sets.by_arn(str(arn))
    context = resource_tags(found.tags) if found else {}
    if name == "TagResource":
        context |= request_tags(tags)
    if name == "UntagResource":
        context["aws:TagKeys"] = list(params.get("TagKeys") or [])
    return [Need(action, str(arn), context)]


def _lambda(world: World, call: Call) -> list[Need]:
    name, params = call.operation, call.params
    action = f"lambda:{name}"
    given = str(params.get("Resource") or params.get("FunctionName") or "")
    if not given:
        return [Need(action, "*")]
    arn = given if given.startswith("arn:") else world.functions.arn(call.region, given)
    short = ":".join(arn.split(":")[6:7])
    if params.get("Qualifier") and not name.startswith("List"):
        arn += f":{params['Qualifier']}"
    function = world.functions.find(call.region, short)
    context = resource_tags(function.tags) if function and name != "CreateFunction" else {}
    if name in ("CreateFunction", "TagResource"):
        context |= request_tags(params.get("Tags") or {})
    if name == "UntagResource":
        context["aws:TagKeys"] = list(params.get("TagKeys") or [])
    if name == "AddPermission" and params.get("Principal"):
        context["lambda:Principal"] = [params["Principal"]]
    if params.get("Layers"):
        context["lambda:Layer"] = list(params["Layers"])
    return [Need(action, arn, context)]


def _iam(world: World, call: Call) -> list[Need]:
    name, params = call.operation, call.params
    action, role_name = f"iam:{name}", params.get("RoleName")
    if not role_name:
        return [Need(action, "*")]
    tags = form_tags(params)
    if name == "CreateRole":
        arn = f"arn:aws:iam::{world.account}:role{params.get('Path', '/')}{role_name}"
        context = request_tags(tags)
        if params.get("PermissionsBoundary"):
            context["iam:PermissionsBoundary"] = [params["PermissionsBoundary"]]
        needs = [Need(action, arn, context)]
        return [*needs, Need("iam:TagRole", arn, context)] if tags else needs
    role = world.roles.by_name(role_name)
    if not role:
        # Whether AWS evaluates a missing role by its bare name, which no ARN pattern fits, is not confirmed; this setting makes it so.
        if world.settings["missingRolesHaveNoArn"]:
            return [Need(action, f"role {role_name}")]
        # A missing role has no path; ours all have this one.
        return [Need(action, f"arn:aws:iam::{world.account}:role/palisade/{role_name}")]
    context = resource_tags({t["Key"]: t["Value"] for t in role.tags or []})
    boundary = params.get("PermissionsBoundary") or role.permissions_boundary_arn
    if boundary:
        context["iam:PermissionsBoundary"] = [boundary]
    if name == "TagRole":
        context |= request_tags(tags)
    if name == "UntagRole":
        context["aws:TagKeys"] = [v for k, v in params.items() if k.startswith("TagKeys.member.")]
    return [Need(action, role.arn, context)]


def form_tags(params: Mapping[str, str]) -> dict[str, str]:
    """Tags of a query-protocol form."""
    tags, n = {}, 1
    while f"Tags.member.{n}.Key" in params:
        tags[params[f"Tags.member.{n}.Key"]] = params.get(f"Tags.member.{n}.Value", "")
        n += 1
    return tags


def _apigateway(world: World, call: Call) -> list[Need]:
    """API Gateway's actions are the HTTP methods, its resources the paths."""
    path, base = call.path.removeprefix("/v2").replace("%24", "$"), f"arn:aws:apigateway:{call.region}::"
    action, tags = f"apigateway:{call.method}", call.params.get("tags") or {}
    context = resource_tags(_api_tags(world, call, path))
    if path.startswith("/tags/"):
        # The service's own PUT and DELETE here, whatever the method of the call; and the tagged resource is patched.
        arn = str(call.params.get("resourceArn") or call.params.get("ResourceArn"))
        asked = request_tags(tags) if tags else {"aws:TagKeys": list(call.params.get("tagKeys") or call.params.get("TagKeys") or [])}
        verb = {"TagResource": "PUT", "UntagResource": "DELETE"}.get(call.operation, "GET")
        needs = [Need(f"apigateway:{verb}", f"{base}/tags/{quote(arn, safe='')}", context | (asked if verb != "GET" else {}))]
        return [*needs, Need("apigateway:PATCH", arn, context)] if verb != "GET" else needs
    if call.operation == "ListRoutingRules":
        # One of the few that have an action of their own; its resources name the account.
        return [Need("apigateway:ListRoutingRules", f"arn:aws:apigateway:{call.region}:{world.account}:{path}")]
    context |= domain_names.asked(world, call)
    needs = [Need(action, base + path, context | (request_tags(tags) if call.operation.startswith("Create") else {}))]
    needs += [Need(f"apigateway:{one}", resource, context) for one, resource in domain_names.certificate_actions(world, call, base + path)]
    if tags and call.operation.startswith("Create"):
        needs.append(Need("apigateway:PUT", f"{base}/tags/{quote(f'{base}{path}/', safe='')}*", request_tags(tags)))
    if call.operation == "UpdateRestApi" and any(p.get("path") == "/policy" for p in call.params.get("patchOperations", [])):
        needs.append(Need("apigateway:UpdateRestApiPolicy", base + path, context))
    return needs


def _api_tags(world: World, call: Call, path: str) -> Mapping[str, str]:
    """What is within an API bears the API's tags, but a stage its own. Mappings inherit those of their domain name in V1, as AWS documents; of V2 nothing is told."""
    if "/apimappings" in path:
        return {}
    arn = call.params.get("resourceArn") or call.params.get("ResourceArn") or f"arn:aws:apigateway:{call.region}::{path}"
    found = re.match(r"arn:aws:apigateway:[a-z0-9-]+::/(?:restapis|apis|apikeys|usageplans|domainnames)/[^/]+(?:/stages/[^/]+)?", str(arn))
    try:
        return find_tagged(world, found[0]).tags if found else {}
    except AwsError:
        return {}


def _tagging(_world: World, call: Call) -> list[Need]:
    return [Need(f"tag:{call.operation}", "*")]


def _pricing_plans(_world: World, call: Call) -> list[Need]:
    return [Need(f"pricingplanmanager:{call.operation}", "*")]


_SERVICES = {
    "cloudfront": _cloudfront,
    "wafv2": _wafv2,
    "lambda": _lambda,
    "iam": _iam,
    "sts": protection.sts,
    "shield": protection.shield,
    "route53": protection.route53,
    "cloudwatch": protection.cloudwatch,
    "acm": protection.acm,
    "sns": protection.sns,
    "s3": protection.s3,
    "apigateway": _apigateway,
    "apigatewayv2": _apigateway,
    "resourcegroupstaggingapi": _tagging,
    "pricing-plan-manager": _pricing_plans,
}
