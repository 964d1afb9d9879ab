"""Between a service's JSON and the names and types of its botocore model."""

from __future__ import annotations

import datetime
import json
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from . import models
from .answers import Answer, as_json
from .call import Call

Json = dict[str, Any]


def read(call: Call) -> Json:
    """All input members by their names in the model, numbers and truth values of the query as such."""
    found: Json = {}
    shape = _operation(call).input_shape
    # Not from call.params: a member of the body may bear the name of one in the path.
    body = json.loads(call.body) if call.body else {}
    for name, member in (shape.members if shape else {}).items():
        located = member.serialization.get("location")
        given = call.params.get(name) if located else body.get(member.serialization.get("name", name))
        if given is not None:
            found[name] = _scalar(member, given) if located else parse(member, given)
    return found


def parse_as(service: str, shape: str, value: Json) -> Json:
    """A document in the service's JSON, by the model's names; members that the model does not know are left out."""
    found: Json = parse(models.model(service).shape_for(shape), value)  # type: ignore[union-attr]
    return found


def parse(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        names = {name: member.serialization.get("name", name) for name, member in shape.members.items()}
        return {name: parse(shape.members[name], value[wire]) for name, wire in names.items() if value.get(wire) is not None}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [parse(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: parse(shape.value, item) for key, item in value.items()}
    return value


def answer(call: Call, document: Json | None = None, resource: str | None = None) -> Answer:
    """The document as the operation's output: members that the model does not know stay inside."""
    operation = _operation(call)
    status = int(operation.http.get("responseCode", 200))
    if document is None or not operation.output_shape:
        return Answer(status, resource=resource)
    found = as_json(_rendered(operation.output_shape, document), status)
    found.resource = resource
    return found


def _rendered(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        members = {name: (member.serialization.get("name", name), member) for name, member in shape.members.items()}
        return {wire: _rendered(member, value[name]) for name, (wire, member) in members.items() if value.get(name) is not None}
    if isinstance(shape, ListShape):
        return [_rendered(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _rendered(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        if shape.serialization.get("timestampFormat") == "iso8601":
            return datetime.datetime.fromtimestamp(int(value), datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return int(value)
    return value


def _scalar(shape: Shape, given: Any) -> Any:
    if shape.type_name == "boolean":
        return str(given).lower() == "true"
    if shape.type_name in ("integer", "long") and str(given).lstrip("-").isdigit():
        return int(given)
    return given


def _operation(call: Call) -> Any:
    return models.model(call.service).operation_model(call.operation)  # type: ignore[union-attr]
