"""Lambda authorizers and API keys: made through the API, and asked by the data path."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator
from viewers import HANDSHAKE, HTTP, REGION, REST, WEBSOCKET, ask, function, locked, plant

FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:authorizer"
URI = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
# Says what it was asked, in a refusal's place: `identity` is the value that it looks at.
POLICY = """export const handler = async event => {
  const given = IDENTITY;
  if (given === 'throw') throw new Error('hush');
  if (given === 'nobody') throw new Error('Unauthorized');
  if (given === 'nonsense') return {principalId: 'x'};
  const effect = given === 'good' ? 'Allow' : 'Deny';
  const Resource = given === 'elsewhere' ? event.methodArn + 'x' : event.methodArn;
  const policyDocument = {Version: '2012-10-17', Statement: [{Action: 'execute-api:Invoke', Effect: effect, Resource}]};
  return {principalId: 'viewer', policyDocument};
};"""
SIMPLE = "export const handler = async event => ({isAuthorized: event.version === '2.0' && event.identitySource[0] === 'good'});"
TOKEN, REQUEST = "event.authorizationToken", "event.headers['X-Secret'] ?? event.headers['x-secret']"


def permit(emulator: Emulator, api: str, number: str = "auth01") -> None:
    source = f"arn:aws:execute-api:{REGION}:123456789012:{api}/authorizers/{number}"
    emulator.client("lambda", REGION).add_permission(
        FunctionName="authorizer", StatementId=f"s-{api}", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com", SourceArn=source
    )


def rest_api(emulator: Emulator, code: str, kind: str = "TOKEN", source: str = "method.request.header.X-Secret", ttl: int = 0) -> str:
    function(emulator, code, "authorizer", REGION)
    authorizer = {"id": "auth01", "name": "a", "type": kind, "authorizerUri": URI, "identitySource": source, "authorizerResultTtlInSeconds": ttl}
    routes = [locked(f"GET /{path}", "CUSTOM", authorizerId="auth01") for path in ("pets", "cats")]
    return plant(emulator, methods=routes, authorizers=[authorizer])


def http_api(emulator: Emulator, code: str, version: str = "2.0", ttl: int = 0) -> str:
    function(emulator, code, "authorizer", REGION)
    authorizer = {
        "id": "auth01",
        "name": "a",
        "authorizerType": "REQUEST",
        "authorizerUri": URI,
        "identitySource": ["$request.header.X-Secret"],
        "authorizerPayloadFormatVersion": version,
        "enableSimpleResponses": version == "2.0",
        "authorizerResultTtlInSeconds": ttl,
    }
    return plant(emulator, "HTTP", [locked("GET /orders", "CUSTOM", authorizerId="auth01")], authorizers=[authorizer])


def told(emulator: Emulator, host: str, secret: str | None, path: str = "/prod/pets", **headers: str) -> tuple[int, str | None, Any]:
    seen = ask(emulator, host, path, headers={**headers, **({"X-Secret": secret} if secret is not None else {})})
    return seen.status, seen.header("x-amzn-errortype"), seen.json if seen.status != 200 else None


@pytest.mark.parametrize(("kind", "identity"), [("TOKEN", TOKEN), ("REQUEST", REQUEST)])
def test_a_rest_api_asks_its_authorizer_and_words_each_refusal(emulator: Emulator, kind: str, identity: str) -> None:
    host = rest_api(emulator, POLICY.replace("IDENTITY", identity), kind)
    assert told(emulator, host, "good") == (500, "AuthorizerConfigurationException", {"message": None})
    permit(emulator, REST)
    assert told(emulator, host, "good")[0] == 200
    assert told(emulator, host, None) == (401, "UnauthorizedException", {"message": "Unauthorized"})
    explicit = {"Message": "User is not authorized to access this resource with an explicit deny"}
    assert told(emulator, host, "bad") == (403, "AccessDeniedException", explicit)
    assert told(emulator, host, "nobody") == (401, "UnauthorizedException", {"message": "Unauthorized"})
    assert told(emulator, host, "throw") == (500, "AuthorizerFailureException", {"message": None})
    assert told(emulator, host, "nonsense") == (500, "AuthorizerConfigurationException", {"message": None})


def test_what_an_authorizer_does_not_allow_is_refused_without_a_deny(emulator: Emulator) -> None:
    code = POLICY.replace("IDENTITY", TOKEN).replace("'Deny'", "'Allow'")
    host = rest_api(emulator, code)
    permit(emulator, REST)
    assert told(emulator, host, "elsewhere")[2] == {"Message": "User is not authorized to access this resource"}


def test_results_are_kept_for_their_time_by_what_identifies_the_caller(emulator: Emulator) -> None:
    """A policy that allows one method only goes on to be asked about the others."""
    host = rest_api(emulator, POLICY.replace("IDENTITY", TOKEN), ttl=300)
    permit(emulator, REST)
    assert told(emulator, host, "good")[0] == 200
    assert told(emulator, host, "good", "/prod/cats")[2] == {"Message": "User is not authorized to access this resource"}
    emulator.client("lambda", REGION).delete_function(FunctionName="authorizer")
    assert told(emulator, host, "good")[0] == 200
    assert told(emulator, host, "other")[0] == 500
    emulator.set(authorizerCache=False)
    assert told(emulator, host, "good")[0] == 500


def test_an_http_api_takes_simple_answers(emulator: Emulator) -> None:
    host = http_api(emulator, SIMPLE)
    assert told(emulator, host, "good", "/orders") == (500, None, {"message": "Internal Server Error"})
    permit(emulator, HTTP)
    assert told(emulator, host, "good", "/orders")[0] == 200
    assert told(emulator, host, "bad", "/orders") == (403, None, {"message": "Forbidden"})
    assert told(emulator, host, None, "/orders") == (401, None, {"message": "Unauthorized"})


def test_an_http_api_takes_policies_with_the_older_payload(emulator: Emulator) -> None:
    host = http_api(emulator, POLICY.replace("IDENTITY", "event.version === '1.0' ? event.headers['X-Secret'] : ''"), "1.0")
    permit(emulator, HTTP)
    assert told(emulator, host, "good", "/orders")[0] == 200
    assert told(emulator, host, "bad", "/orders") == (403, None, {"message": "Forbidden"})


def test_a_websocket_asks_at_connect(emulator: Emulator) -> None:
    function(emulator, POLICY.replace("IDENTITY", f"event.requestContext.eventType === 'CONNECT' ? {REQUEST} : ''"), "authorizer", REGION)
    authorizer = {"id": "auth01", "name": "a", "authorizerType": "REQUEST", "authorizerUri": URI, "identitySource": ["route.request.header.X-Secret"]}
    host = plant(emulator, "WEBSOCKET", [locked("$connect", "CUSTOM", authorizerId="auth01"), "$default"], authorizers=[authorizer])
    permit(emulator, WEBSOCKET)
    assert ask(emulator, host, "/prod", headers={**HANDSHAKE, "X-Secret": "good"}).status == 101
    assert told(emulator, host, "bad", "/prod", **HANDSHAKE)[:2] == (403, "AccessDeniedException")
    assert told(emulator, host, None, "/prod", **HANDSHAKE)[:2] == (401, "UnauthorizedException")


def test_a_key_counts_for_the_stages_of_its_usage_plans_until_it_is_disabled(emulator: Emulator) -> None:
    host = plant(emulator, methods=[{"method": "GET /pets", "apiKeyRequired": True}], stages=["prod", "beta"])
    gateway = emulator.client("apigateway", REGION)
    key = gateway.create_api_key(name="k", value="v" * 30, enabled=True)["id"]

    def status(stage: str = "prod") -> int:
        return ask(emulator, host, f"/{stage}/pets", headers={"X-API-Key": "v" * 30}).status

    assert status() == 403
    plan = gateway.create_usage_plan(name="p", apiStages=[{"apiId": REST, "stage": "prod"}])["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    assert (status(), status("beta")) == (200, 403)
    gateway.update_api_key(apiKey=key, patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
    assert status() == 403
