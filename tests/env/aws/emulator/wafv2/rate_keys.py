"""What AWS WAF refuses about what a rate-based statement counts by.

https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
"""

from __future__ import annotations

import re
from typing import Any

from . import refusals
from .store import Json

# What a custom key may be, and what it needs.
_NEEDS: dict[str, tuple[str, ...]] = {
    "Header": ("Name", "TextTransformations"),
    "Cookie": ("Name", "TextTransformations"),
    "QueryArgument": ("Name", "TextTransformations"),
    "QueryString": ("TextTransformations",),
    "UriPath": ("TextTransformations",),
    "LabelNamespace": ("Namespace",),
    "JA3Fingerprint": ("FallbackBehavior",),
    "JA4Fingerprint": ("FallbackBehavior",),
    "HTTPMethod": (),
    "ForwardedIP": (),
    "IP": (),
    "ASN": (),
}
_NAMESPACE = re.compile(r"[0-9A-Za-z_\-:]+:")


def check(body: Json) -> None:
    kind, keys = str(body.get("AggregateKeyType")), body.get("CustomKeys") or []
    if (kind == "CUSTOM_KEYS") == (not keys):
        raise refusals.invalid("CUSTOM_KEYS", kind, "The custom keys go with the aggregate key type CUSTOM_KEYS, which needs some.")
    if len(keys) > 5:
        raise refusals.constraint("customKeys", None, "have length less than or equal to 5")
    kinds = [_key(key) for key in keys]
    if kinds in (["IP"], ["ForwardedIP"]):
        raise refusals.invalid("CUSTOM_KEYS", kind, "An IP address as a custom key requires at least one other key.")
    config = body.get("ForwardedIPConfig")
    if config is None:
        if kind == "FORWARDED_IP" or "ForwardedIP" in kinds:
            raise refusals.invalid("FORWARDED_IP_CONFIG", kind, "A forwarded IP address requires a forwarded IP configuration.")
        return
    if not config.get("HeaderName"):
        raise refusals.constraint("forwardedIPConfig.headerName", None, "not be null")
    _fallback(config)


def fill_in(body: Json) -> None:
    """AWS WAF answers names of headers and query arguments in small letters (go-to-k/cdk-real-drift#876 saw it of statements)."""
    for key in body.get("CustomKeys") or []:
        for kind in ("Header", "QueryArgument"):
            if kind in key:
                key[kind]["Name"] = str(key[kind]["Name"]).lower()


def _key(key: Any) -> str:
    if not isinstance(key, dict) or len(key) != 1:
        raise refusals.invalid("CUSTOM_KEYS", str(key), "You have used none or multiple values for a field that requires exactly one value.")
    kind, body = next(iter(key.items()))
    # Of a key that is newer nothing is said.
    for member in _NEEDS.get(kind, ()):
        if body.get(member) is None:
            raise refusals.constraint(f"customKeys.{kind}.{member}", None, "not be null")
    if kind == "LabelNamespace" and not _NAMESPACE.fullmatch(str(body["Namespace"])):
        pattern = r"satisfy regular expression pattern: ^[0-9A-Za-z_\-:]+:$"
        raise refusals.constraint("customKeys.labelNamespace.namespace", body["Namespace"], pattern)
    if "FallbackBehavior" in _NEEDS.get(kind, ()):
        _fallback(body)
    return str(kind)


def _fallback(body: Json) -> None:
    fallback = body.get("FallbackBehavior")
    if fallback not in ("MATCH", "NO_MATCH"):
        raise refusals.constraint("fallbackBehavior", fallback, "satisfy enum value set: [MATCH, NO_MATCH]")
