"""Between documents by the names of a botocore model and the protocol in which a call came: JSON, CBOR, a form or XML."""

from __future__ import annotations

import datetime
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, Shape, StructureShape

from . import cbor, models
from .answers import Answer, AwsError, as_json, as_xml
from .call import Call

Json = dict[str, Any]
CBOR = "smithy-rpc-v2-cbor"


def read(call: Call) -> Json:
    """All input members by their names in the model."""
    shape = _operation(call).input_shape
    if not isinstance(shape, StructureShape):
        return {}
    if call.protocol == "query":
        found: Json = _from_form(shape, "", call.params) or {}
        return found
    if call.protocol == "rest-xml":
        return {**_body(call, shape), **{k: _scalar(shape.members[k], str(v)) for k, v in call.params.items() if k in shape.members}}
    return dict(call.params)


def answer(call: Call, document: Json | None = None, resource: str | None = None, headers: dict[str, str] | None = None) -> Answer:
    """The document as the operation's output: members that the model does not know stay inside."""
    operation = _operation(call)
    shape, given = operation.output_shape, document or {}
    if call.protocol == "json":
        made = as_json(_as_values(shape, given, float) if shape else {}, protocol="json")
    elif call.protocol == CBOR:
        made = Answer(200, cbor.encode(_as_values(shape, given, cbor.Timestamp) if shape else {}), {"Content-Type": "application/cbor"})
        made.headers["smithy-protocol"] = "rpc-v2-cbor"
    elif call.protocol == "query":
        made = as_xml(_as_result(call, shape, given))
    else:
        made = as_xml(_as_element(call, shape, given, operation), int(operation.http.get("responseCode", 200)))
    made.headers.update(headers or {})
    made.resource = resource
    return made


def _operation(call: Call) -> Any:
    return models.model(call.service).operation_model(call.operation)  # type: ignore[union-attr]


def _as_values(shape: Shape, value: Any, moment: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {name: _as_values(member, value[name], moment) for name, member in shape.members.items() if value.get(name) is not None}
    if isinstance(shape, ListShape):
        return [_as_values(shape.member, item, moment) for item in value]
    if isinstance(shape, MapShape):
        return {key: _as_values(shape.value, item, moment) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return moment(value)
    return float(value) if shape.type_name in ("double", "float") else value


def _as_result(call: Call, shape: Shape | None, document: Json) -> str:
    namespace, name = models.xml_namespace(call.service), call.operation
    result = f"<{name}Result>{_children(shape, document)}</{name}Result>" if shape else ""
    return (
        f'<{name}Response xmlns="{namespace}">{result}<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata>'
        f"</{name}Response>"
    )


def _as_element(call: Call, shape: Shape | None, document: Json, operation: Any) -> str:
    name = shape.name if shape else f"{operation.name}Response"
    return f'<{name} xmlns="{models.xml_namespace(call.service)}">{_children(shape, document)}</{name}>'


def _children(shape: Shape | None, document: Json) -> str:
    members = shape.members.items() if isinstance(shape, StructureShape) else ()
    inner = [(m.serialization.get("name", k), m, document[k]) for k, m in members if document.get(k) is not None and not m.serialization.get("location")]
    return "".join(_xml(name, member, value) for name, member, value in inner)


def _xml(name: str, shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return f"<{name}>{_children(shape, value)}</{name}>"
    if isinstance(shape, ListShape):
        item = shape.member.serialization.get("name", "member")
        if shape.serialization.get("flattened"):
            return "".join(_xml(name, shape.member, one) for one in value)
        return f"<{name}>{''.join(_xml(item, shape.member, one) for one in value)}</{name}>"
    if shape.type_name == "timestamp":
        value = datetime.datetime.fromtimestamp(value, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    text = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{text}</{name}>"


def _body(call: Call, shape: StructureShape) -> Json:
    if not call.body:
        return {}
    try:
        root = ElementTree.fromstring(call.body)
    except ElementTree.ParseError as error:
        raise AwsError("InvalidInput", f"The XML document is malformed: {error}.") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    payload = shape.serialization.get("payload")
    if payload:
        return {payload: _from_xml(shape.members[payload], root)}
    found: Json = _from_xml(shape, root)
    return found


def _from_xml(shape: Shape, element: Element) -> Any:
    if isinstance(shape, StructureShape):
        found = {}
        for name, member in shape.members.items():
            child = element.find(member.serialization.get("name", name))
            if child is not None and not member.serialization.get("location"):
                found[name] = _from_xml(member, child)
        return found
    if isinstance(shape, ListShape):
        return [_from_xml(shape.member, child) for child in element]
    return _scalar(shape, element.text or "")


def _from_form(shape: Shape, prefix: str, form: Json) -> Any:
    if isinstance(shape, StructureShape):
        members = {name: _from_form(member, f"{prefix}.{name}".lstrip("."), form) for name, member in shape.members.items()}
        return {name: value for name, value in members.items() if value is not None} or None
    if isinstance(shape, ListShape):
        items, number = [], 1
        while (item := _from_form(shape.member, f"{prefix}.member.{number}", form)) is not None:
            items.append(item)
            number += 1
        return items or ([] if prefix in form else None)
    return _scalar(shape, form[prefix]) if prefix in form else None


def _scalar(shape: Shape, given: str) -> Any:
    try:
        if shape.type_name == "boolean":
            return given.lower() == "true"
        if shape.type_name in ("integer", "long"):
            return int(given)
        if shape.type_name in ("double", "float"):
            return float(given)
    except ValueError:
        raise AwsError("InvalidInput", f"'{given}' is not a number.") from None
    return given
