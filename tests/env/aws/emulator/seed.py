"""What an account has before the controller comes: APIs, users, managed policies, certificates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.acm.models import acm_backends
from moto.apigateway.models import apigateway_backends
from moto.apigatewayv2.models import apigatewayv2_backends

from . import moto_side
from .core.answers import AwsError

if TYPE_CHECKING:
    from .world import World

Json = dict[str, Any]
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def plant(world: World, seed: Json) -> Json:
    """Adds what the seed says, and gives what was made."""
    known = {"apis", "users", "policies", "certificates", "description"}
    if set(seed) - known:
        raise AwsError("BadSeed", f"no such part: {', '.join(sorted(set(seed) - known))}; known: {', '.join(sorted(known))}")
    made: Json = {"apis": [], "users": [], "policies": [], "certificates": []}
    for api in seed.get("apis", []):
        made["apis"].append(_rest_api(world, api) if api.get("protocol", "REST") == "REST" else _http_api(world, api))
    for policy in seed.get("policies", []):
        found = moto_side.iam().create_policy("", policy.get("path", "/"), json.dumps(policy["policyDocument"]), policy["name"], [])
        made["policies"].append({"name": policy["name"], "arn": found.arn})
    for user in seed.get("users", []):
        made["users"].append(_user(world, user))
    for certificate in seed.get("certificates", []):
        made["certificates"].append(_certificate(world, certificate))
    return made


def _certificate(world: World, given: Json) -> Json:
    backend = acm_backends[world.account][given.get("region", "us-east-1")]
    arn = backend.request_certificate(given["domain"], None, given.get("alternativeNames", []), [])  # type: ignore[arg-type]
    found = backend._certificates.pop(arn)
    # An ARN may be given, so that a manifest can name the certificate.
    found.arn, found.status = given.get("arn", arn), given.get("status", "ISSUED")
    backend._certificates[found.arn] = found
    return {"domain": given["domain"], "arn": found.arn}


def _rest_api(world: World, given: Json) -> Json:
    backend = apigateway_backends[world.account][given["region"]]
    api = backend.create_rest_api(
        name=given.get("name", given["id"]),
        description=given.get("description", ""),
        endpoint_configuration={"types": [given.get("endpointType", "REGIONAL")]},  # type: ignore[arg-type]
        disable_execute_api_endpoint=given.get("disableExecuteApiEndpoint", False),
        tags=given.get("tags", {}),
    )
    # moto makes ids up; an endpoint in a manifest names the API by its id.
    del backend.apis[api.id]
    api.id = given["id"]
    backend.apis[api.id] = api
    for resource in api.resources.values():
        resource.api_id = api.id
    for route in given.get("methods") or ["GET /"]:
        method, path = route.split(" ", 1)
        parent = api.default
        for part in filter(None, path.split("/")):
            child = next((r for r in api.resources.values() if r.parent_id == parent.id and r.path_part == part), None)
            parent = child or backend.create_resource(api.id, parent.id, part)
        added = parent.add_method(method, "NONE", False)
        added.create_response("200", {}, {})
        parent.add_integration(method, "MOCK", "", request_templates={"application/json": '{"statusCode": 200}'})
    for stage in given.get("stages", []):
        backend.create_deployment(api.id, stage, "")
    return {"id": api.id, "region": given["region"]}


def _http_api(world: World, given: Json) -> Json:
    backend = apigatewayv2_backends[world.account][given["region"]]
    api = backend.create_api(
        api_key_selection_expression="",
        cors_configuration=None,  # type: ignore[arg-type]
        description=given.get("description", ""),
        disable_schema_validation=False,  # type: ignore[arg-type]
        disable_execute_api_endpoint=given.get("disableExecuteApiEndpoint", False),
        name=given.get("name", given["id"]),
        protocol_type=given["protocol"],
        route_selection_expression="$request.body.action" if given["protocol"] == "WEBSOCKET" else "",
        tags=given.get("tags", {}),
        version=None,  # type: ignore[arg-type]
    )
    del backend.apis[api.api_id]
    api.api_id = given["id"]
    scheme = "wss" if given["protocol"] == "WEBSOCKET" else "https"
    api.api_endpoint = f"{scheme}://{api.api_id}.execute-api.{given['region']}.amazonaws.com"
    api.arn = f"arn:aws:apigateway:{given['region']}::/apis/{api.api_id}"
    backend.apis[api.api_id] = api
    for route in given.get("methods") or (["$connect", "$default"] if given["protocol"] == "WEBSOCKET" else ["$default"]):
        api.create_route(False, [], route, "", authorization_type="NONE")
    for stage in given.get("stages", []):
        api.create_stage({"stageName": stage, "autoDeploy": stage == "$default"})
    return {"id": api.api_id, "region": given["region"]}


def _user(world: World, given: Json) -> Json:
    """A user with the key as given; without a policy document it may do everything."""
    iam = moto_side.iam()
    name = given["name"]
    user = iam.users.get(name) or iam.create_user("us-east-1", name, given.get("path", "/"), [])
    document = json.dumps(given.get("policyDocument", ADMINISTRATOR))
    iam.put_user_policy(name, "seed", document)
    if "permissionsBoundaryDocument" in given:
        world.access.boundaries[name] = json.dumps(given["permissionsBoundaryDocument"])
    else:
        world.access.boundaries.pop(name, None)
    wanted = given.get("accessKeyId")
    key = next((k for k in user.access_keys if not wanted or k.access_key_id == wanted), None)
    if not key:
        key = user.create_access_key("AKIA")
        key.access_key_id = wanted or key.access_key_id
        key.secret_access_key = given.get("secretAccessKey", key.secret_access_key)
        iam.access_keys[key.access_key_id] = key
    return {"name": name, "arn": user.arn, "accessKeyId": key.access_key_id, "secretAccessKey": key.secret_access_key}
