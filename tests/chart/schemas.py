"""The schemas that kubeconform judges by, made from what the API server says of itself: nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
REFERENCE = "#/components/schemas/"


def write(get: Callable[[str], Json], versions: set[str], folder: Path) -> None:
    """A file for each kind of these versions, by the names that kubeconform looks for: deployment-apps-v1.json."""
    for version in versions:
        path = f"apis/{version}" if "/" in version else f"api/{version}"
        schemas = get(f"/openapi/v3/{path}")["components"]["schemas"]
        strict = {name: closed(schema) for name, schema in schemas.items()}
        for name, schema in schemas.items():
            for kind in schema.get("x-kubernetes-group-version-kind", []):
                parts = [kind["kind"], *([kind["group"].split(".")[0]] if kind["group"] else []), kind["version"]]
                whole = {"$ref": f"#/definitions/{name}", "definitions": strict}
                (folder / f"{'-'.join(parts).lower()}.json").write_text(json.dumps(whole))


def closed(schema: Any) -> Any:
    """As JSON schema, without room for fields that are not there."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: {name: closed(field) for name, field in value.items()} if key == "properties" else closed(value) for key, value in schema.items()}
    # Go's, such as int-or-string.
    found.pop("format", None)
    if "$ref" in found:
        found["$ref"] = found["$ref"].replace(REFERENCE, "#/definitions/")
    if "properties" in found:
        found.setdefault("additionalProperties", bool(found.get("x-kubernetes-preserve-unknown-fields")))
    if found.get("x-kubernetes-int-or-string"):
        found["type"] = ["integer", "string"]
    return found
