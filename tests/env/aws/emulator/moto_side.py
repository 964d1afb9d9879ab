"""moto: the services, or parts of services, that it does well enough."""

from __future__ import annotations

import functools
import io
import json
import re
import sys
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.model_instances import reset_model_data
from moto.core.responses import BaseResponse
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sns.models import sns_backends
from moto.sts.models import sts_backends

from .core import models
from .core.answers import Answer
from .core.call import Call

ACCOUNT = DEFAULT_ACCOUNT_ID
# moto knows keys of twenty characters only; a test's keys may be named.
BaseResponse.access_key_regex = re.compile(r"Credential=([^/]+)/")
_app = DomainDispatcherApplication(create_backend_app)


def perform(call: Call, environ: dict[str, Any], account: str) -> Answer:
    started: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
        started.update(status=int(status.split(" ", 1)[0]), headers=dict(headers))

    # Of moto's ways to learn the account, this one comes before the caller's key.
    environ = {**environ, "HTTP_X_MOTO_ACCOUNT_ID": account}
    environ = {**environ, "wsgi.input": io.BytesIO(call.body), "CONTENT_LENGTH": str(len(call.body)), "wsgi.errors": sys.stderr}
    parts = _app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()
    dropped = ("content-length", "server", "date", "connection", "x-amzn-requestid", "content-type")
    headers = {k: v for k, v in started["headers"].items() if k.lower() not in dropped}
    # moto says text/html of whatever it answers.
    headers["Content-Type"] = {"rest-json": "application/json", "json": "application/x-amz-json-1.1"}.get(models.protocol(call.service), "text/xml")
    return Answer(started["status"], body, headers)


def reset() -> None:
    for backends in (iam_backends, sts_backends, sns_backends):
        backends.reset()
    reset_model_data()


def iam(account: str) -> IAMBackend:
    return iam_backends[account]["aws"]


def know_policy(account: str, arn: str) -> None:
    """One of AWS's own policies, so that it can be attached: moto would load all thousand of them, or none."""
    found, name = iam(account), arn.rpartition("/")[2]
    if not arn.startswith("arn:aws:iam::aws:policy/") or arn in found.managed_policies:
        return
    data = _aws_policies().get(name)
    if data:
        policy = AWSManagedPolicy.from_data(name, found.account_id, found.region_name, data)
        found.managed_policies[policy.arn] = policy


@functools.cache
def _aws_policies() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def topic(account: str, region: str, name: str) -> Any:
    return sns_backends[account][region].create_topic(name)


def resources(account: str) -> list[dict[str, Any]]:
    """What moto holds of the kinds that our tests look after."""
    regions = sns_backends.get(account, {})
    found = [topic for backend in regions.values() for topic in backend.topics.values()]
    return [{"service": "sns", "type": "topic", "id": t.name, "name": t.name, "arn": t.arn, "state": None, "tags": dict(t._tags)} for t in found]


def document(policy: Any) -> str:
    """What a managed policy says: its default version."""
    return str(next(version.document for version in policy.versions if version.is_default_version))
