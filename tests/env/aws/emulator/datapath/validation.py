"""Request validators: what API Gateway looks for before it calls the backend."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from ..apis.deployed import Required
from .messages import Request


def problem(required: Required, request: Request, path: dict[str, str]) -> str | None:
    """API Gateway's words for a request that lacks something."""
    query = parse_qs(request.query, keep_blank_values=True)
    missing = []
    for parameter in required.parameters:
        kind, _, name = parameter.removeprefix("method.request.").partition(".")
        given = {"querystring": name in query, "header": request.header(name.lower()) is not None, "path": name in path}
        if not given.get(kind, True):
            missing.append(name)
    if missing:
        return f"Missing required request parameters: [{', '.join(missing)}]"
    if required.members is None:
        return None
    try:
        body = json.loads(request.body)
    except ValueError:
        return "Invalid request body"
    complete = isinstance(body, dict) and all(member in body for member in required.members)
    return None if complete else "Invalid request body"
