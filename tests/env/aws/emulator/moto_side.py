"""moto: the services, or parts of services, that it does well enough."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

from moto.acm.models import acm_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.model_instances import reset_model_data
from moto.core.responses import BaseResponse
from moto.iam.models import IAMBackend, iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sts.models import sts_backends

from .core import models
from .core.answers import Answer
from .core.call import Call

ACCOUNT = DEFAULT_ACCOUNT_ID
# moto knows keys of twenty characters only; a test's keys may be named.
BaseResponse.access_key_regex = re.compile(r"Credential=([^/]+)/")
_app = DomainDispatcherApplication(create_backend_app)


def perform(call: Call, environ: dict[str, Any]) -> Answer:
    started: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
        started.update(status=int(status.split(" ", 1)[0]), headers=dict(headers))

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
    for backends in (iam_backends, sts_backends, acm_backends):
        backends.reset()
    reset_model_data()


def iam() -> IAMBackend:
    return iam_backends[ACCOUNT]["aws"]


def certificate(arn: str) -> Any:
    """A certificate of ACM in us-east-1, where CloudFront looks; None when there is none."""
    try:
        return acm_backends[ACCOUNT]["us-east-1"].describe_certificate(arn)
    except Exception:  # moto raises its own not-found error, and others for odd names
        return None


def resources() -> list[dict[str, Any]]:
    """What moto holds of the kinds that our tests look after."""
    result: list[dict[str, Any]] = []
    for backend in (acm_backends[ACCOUNT].get("us-east-1"),):
        for arn, found in getattr(backend, "_certificates", {}).items():
            result.append(
                {
                    "service": "acm",
                    "type": "certificate",
                    "id": arn.rpartition("/")[2],
                    "name": found.common_name,
                    "arn": arn,
                    "state": found.status,
                    "tags": {},
                }
            )
    return result
