"""APIs for tests of API Gateway."""

from __future__ import annotations

from typing import Any

from conftest import Emulator, archive, function_spec, role

REGION = "eu-north-1"
PETS = ["GET /pets", "POST /pets", "GET /pets/{petId}"]


def petstore(emulator: Emulator, **more: Any) -> str:
    return _planted(emulator, {"id": "petstore00", "protocol": "REST", "stages": ["prod"], "methods": PETS, **more})


def orders(emulator: Emulator, **more: Any) -> str:
    return _planted(emulator, {"id": "orders0000", "protocol": "HTTP", "stages": ["prod"], "methods": ["GET /orders", "POST /orders"], **more})


def chat(emulator: Emulator, **more: Any) -> str:
    return _planted(emulator, {"id": "chat000000", "protocol": "WEBSOCKET", "stages": ["prod"], **more})


def _planted(emulator: Emulator, api: dict[str, Any]) -> str:
    answer = emulator.control("POST", "seed", {"apis": [{"region": REGION, **api}]})
    return str(answer["apis"][0]["id"])


def foreign_hand(emulator: Emulator, api: str, **change: Any) -> dict[str, Any]:
    found: dict[str, Any] = emulator.control("PATCH", f"apigateway/{REGION}/{api}", change)
    return found


def resource_id(rest: Any, api: str, path: str) -> str:
    return next(str(r["id"]) for r in rest.get_resources(restApiId=api, limit=500)["items"] if r["path"] == path)


def method(rest: Any, api: str, key: str) -> dict[str, str]:
    """How a method is named in calls."""
    name, path = key.split(" ")
    return {"restApiId": api, "resourceId": resource_id(rest, api, path), "httpMethod": name}


def replace(**values: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": f"/{path}", "value": value} for path, value in values.items()]


def lock(rest: Any, api: str, key: str, kind: str = "AWS_IAM") -> dict[str, Any]:
    found: dict[str, Any] = rest.update_method(**method(rest, api, key), patchOperations=replace(authorizationType=kind))
    return found


def summary(rest: Any, api: str, deployment: str) -> dict[str, str]:
    """Authorization by method, as deployed."""
    found = rest.get_deployment(restApiId=api, deploymentId=deployment, embed=["apisummary"])["apiSummary"]
    return {f"{name} {path}": m["authorizationType"] for path, methods in found.items() for name, m in methods.items()}


def route(http: Any, api: str, key: str) -> dict[str, str]:
    """How a route is named in calls."""
    return {"ApiId": api, "RouteId": next(r["RouteId"] for r in http.get_routes(ApiId=api)["Items"] if r["RouteKey"] == key)}


def invocation(function: str = "arn:aws:lambda:eu-north-1:123456789012:function:authorizer") -> str:
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"


def authorizing_function(emulator: Emulator) -> str:
    functions = emulator.client("lambda", REGION)
    spec = function_spec(role(emulator.client("iam"), "authorizer"), "authorizer", Code={"ZipFile": archive("authorizer")})
    return str(functions.create_function(**spec)["FunctionArn"])
