"""Requests of viewers, and what a perimeter is made of."""

from __future__ import annotations

import http.client
import io
import json
import socket
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import Emulator, distribution_config, function_spec, role

SIGNER = Path(__file__).parents[4] / "src/signer/signer.mjs"
REGION, REST, HTTP, WEBSOCKET = "eu-north-1", "a1b2c3d4e5", "b2c3d4e5f6", "c3d4e5f6a7"
HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
NOTHING = {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}
# Of RFC 6455's example.
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@dataclass
class Seen:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower())


def endpoint(api: str, region: str = REGION) -> str:
    return f"{api}.execute-api.{region}.amazonaws.com"


def ask(emulator: Emulator, host: str, path: str = "/", method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> Seen:
    """Bytes on a socket: no client library may make the path nicer."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    address, _, port = emulator.endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((address, int(port)), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        content = b"" if answer.status == 101 else answer.read()
        return Seen(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)


def signed(
    key: str, secret: str, host: str, path: str = "/", method: str = "GET", region: str = REGION, body: bytes = b"", token: str | None = None
) -> dict[str, str]:
    request = AWSRequest(method=method, url=f"https://{host}{path}", data=body, headers={"Host": host})
    SigV4Auth(Credentials(key, secret, token), "execute-api", region).add_auth(request)
    return {name: value for name, value in request.headers.items() if name.lower() != "host"}


def package(files: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(zipfile.ZipInfo(name), text)
    return data.getvalue()


def signer_package(host: str, region: str = REGION) -> bytes:
    """As the controller packs it."""
    options = json.dumps({"endpoint": host, "region": region, "viewerAuthorization": "Forward", "logs": False})
    index = f"import {{createHandler}} from './signer.mjs';\nexport const handler = createHandler({options});\n"
    return package({"index.mjs": index, "signer.mjs": SIGNER.read_text()})


def function(emulator: Emulator, code: bytes | str, name: str = "signer", region: str = "us-east-1", **more: Any) -> str:
    """A published version of this code; its ARN. The role has the function's name."""
    files = code if isinstance(code, bytes) else package({"index.mjs": code})
    arn = role(emulator.client("iam"), name)
    spec = function_spec(arn, name, Publish=True, Code={"ZipFile": files}, **more)
    return str(emulator.client("lambda", region).create_function(**spec)["FunctionArn"])


def allow_invoke(emulator: Emulator, name: str, *resources: str) -> None:
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": list(resources)}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulator.client("iam").put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=document)


def front(emulator: Emulator, host: str, origin_path: str = "", arn: str | None = None, headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A distribution before an endpoint, for all methods; with its ETag."""
    config = distribution_config(function=arn, **more)
    origin = config["Origins"]["Items"][0]
    origin |= {"DomainName": host, "OriginPath": origin_path}
    if headers:
        items = [{"HeaderName": name, "HeaderValue": value} for name, value in headers.items()]
        origin["CustomHeaders"] = {"Quantity": len(items), "Items": items}
    methods = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    config["DefaultCacheBehavior"]["AllowedMethods"] = {"Quantity": 7, "Items": methods}
    made = emulator.client("cloudfront").create_distribution(DistributionConfig=config)
    return {**made["Distribution"], "ETag": made["ETag"]}


def plant(emulator: Emulator, protocol: str = "REST", methods: list[Any] | None = None, **more: Any) -> str:
    """An API; the host of its endpoint."""
    number, stage = {"REST": (REST, "prod"), "HTTP": (HTTP, "$default"), "WEBSOCKET": (WEBSOCKET, "prod")}[protocol]
    api: dict[str, Any] = {"id": number, "region": REGION, "protocol": protocol, "stages": [stage], **more}
    if methods:
        api["methods"] = methods
    answer = emulator.control("POST", "seed", {"apis": [api]})
    assert "error" not in answer, answer
    return endpoint(number)


def locked(method: str, authorization: str = "AWS_IAM", **more: Any) -> dict[str, Any]:
    return {"method": method, "authorizationType": authorization, **more}


def user(emulator: Emulator, *statements: dict[str, Any], key: str = "AKIAVIEWER", secret: str = "viewer-secret") -> tuple[str, str]:
    document = {"Version": "2012-10-17", "Statement": list(statements) or [NOTHING]}
    emulator.control("POST", "seed", {"users": [{"name": "viewer", "accessKeyId": key, "secretAccessKey": secret, "policyDocument": document}]})
    return key, secret


def requests(emulator: Emulator, since: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = emulator.control("GET", f"requests?since={since}")
    return found
