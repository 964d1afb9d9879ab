"""What the data path is told of an API: the stage as deployed, and which keys it accepts."""

from __future__ import annotations

from typing import Any

import pytest
from apis import PETS, invocation
from emulator import everything
from emulator.core.settings import Settings
from emulator.seed import plant
from emulator.world import World

FUNCTION = "arn:aws:lambda:eu-north-1:123456789012:function:authorizer"
WHERE = ("eu-north-1", "api0000000", "prod")


@pytest.fixture(scope="module")
def world() -> World:
    everything.load()
    return World(Settings())


def planted(world: World, protocol: str = "REST", **more: Any) -> None:
    plant(world, {"apis": [{"id": "api0000000", "region": "eu-north-1", "protocol": protocol, "stages": ["prod"], **more}]})


def test_a_rest_apis_methods_have_their_backends_answers(world: World) -> None:
    special = {"method": "GET /x", "apiKeyRequired": True, "integration": {"emulatorResponse": {"status": 418, "body": "teapot"}}}
    planted(world, methods=[*PETS, special], policy={"Statement": []}, apiKeySource="AUTHORIZER", disableExecuteApiEndpoint=True)
    found = world.apis.deployed(*WHERE)
    assert found
    assert (found.protocol, found.disabled, found.api_key_source, found.policy) == ("REST", True, "AUTHORIZER", {"Statement": []})
    routes = {f"{r.method} {r.path}": r for r in found.routes}
    assert routes["GET /pets"].integration["emulatorResponse"]["body"][0] == {"id": 1, "type": "dog", "price": 249.99}
    assert (routes["GET /x"].api_key_required, routes["GET /x"].authorization_type) == (True, "NONE")
    assert routes["GET /x"].integration["emulatorResponse"] == {"status": 418, "headers": {"Content-Type": "application/json"}, "body": "teapot"}


def test_authorizers_name_their_function_and_where_they_look(world: World) -> None:
    authorizer = {"id": "auth01", "name": "a", "type": "REQUEST", "authorizerUri": invocation(FUNCTION)}
    sources = {"identitySource": "method.request.header.A, method.request.querystring.b"}
    planted(world, authorizers=[{**authorizer, **sources}], methods=[{"method": "GET /", "authorizationType": "CUSTOM", "authorizerId": "auth01"}])
    found = world.apis.deployed(*WHERE)
    assert found
    one = found.authorizers["auth01"]
    assert (one.type, one.function_arn, one.ttl) == ("REQUEST", FUNCTION, 300)
    assert one.identity_source == ["method.request.header.A", "method.request.querystring.b"]
    assert (found.routes[0].authorization_type, found.routes[0].authorizer_id) == ("CUSTOM", "auth01")


def test_routes_of_other_apis_have_methods_and_paths_or_one_name_in_both(world: World) -> None:
    planted(world, "HTTP", methods=["GET /a", "ANY /{proxy+}", "$default"])
    found = world.apis.deployed(*WHERE)
    assert found
    assert [(r.method, r.path) for r in found.routes] == [("GET", "/a"), ("ANY", "/{proxy+}"), ("$default", "$default")]
    assert all(r.integration["IntegrationType"] == "HTTP_PROXY" for r in found.routes)
    planted(
        world, "WEBSOCKET", authorizers=[{"id": "auth01", "name": "a", "authorizerUri": invocation(FUNCTION), "identitySource": ["route.request.header.A"]}]
    )
    found = world.apis.deployed(*WHERE)
    assert found
    assert [(r.method, r.path) for r in found.routes] == [("$connect", "$connect"), ("$default", "$default")]
    assert (found.authorizers["auth01"].type, found.authorizers["auth01"].identity_source, found.authorizers["auth01"].ttl) == (
        "REQUEST",
        ["route.request.header.A"],
        0,
    )


def test_what_does_not_exist_is_not_deployed(world: World) -> None:
    planted(world)
    assert world.apis.deployed("eu-north-1", "nosuch", "prod") is None
    assert world.apis.deployed("us-east-1", "api0000000", "prod") is None
    assert world.apis.deployed("eu-north-1", "api0000000", "test") is None
