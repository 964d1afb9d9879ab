"""What rules cost, in web ACL capacity units (WCU).

https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html says what each statement costs.
"""

from __future__ import annotations

from typing import Any

from .catalogue import GROUPS

Json = dict[str, Any]


def of_rules(rules: list[Json]) -> int:
    return sum(of_statement(rule.get("Statement") or {}) for rule in rules)


def of_statement(statement: Json) -> int:
    return sum(_COSTS.get(kind, lambda _: 1)(body or {}) for kind, body in statement.items())


def _transformed(base: int) -> Any:
    def cost(body: Json) -> int:
        units = base
        field = body.get("FieldToMatch") or {}
        if "AllQueryArguments" in field:
            units += 10
        if "JsonBody" in field:
            units *= 2
        return units + 10 * sum(1 for t in body.get("TextTransformations") or [] if t.get("Type") != "NONE")

    return cost


def _byte_match(body: Json) -> int:
    base = 10 if str(body.get("PositionalConstraint", "")).startswith("CONTAINS") else 2
    return int(_transformed(base)(body))


def _rate(body: Json) -> int:
    units = 2 + 30 * len(body.get("CustomKeys") or [])
    return units + of_statement(body.get("ScopeDownStatement") or {})


def _managed(body: Json) -> int:
    group = GROUPS.get(str(body.get("Name")))
    return (group.capacity if group else 0) + of_statement(body.get("ScopeDownStatement") or {})


def _ip_set(body: Json) -> int:
    return 5 if (body.get("IPSetForwardedIPConfig") or {}).get("Position") == "ANY" else 1


def _rule_group(body: Json) -> int:
    # Shield's own group is the one that turns up in a web ACL without anybody's doing.
    return 150 if "ShieldMitigationRuleGroup" in str(body.get("ARN")) else 0


def _all(body: Json) -> int:
    return sum(of_statement(inner) for inner in body.get("Statements") or [])


_COSTS: dict[str, Any] = {
    "ByteMatchStatement": _byte_match,
    "SqliMatchStatement": lambda b: _transformed(30 if b.get("SensitivityLevel") == "HIGH" else 20)(b),
    "XssMatchStatement": _transformed(40),
    "SizeConstraintStatement": _transformed(1),
    "RegexMatchStatement": _transformed(3),
    "RegexPatternSetReferenceStatement": _transformed(25),
    "RateBasedStatement": _rate,
    "ManagedRuleGroupStatement": _managed,
    "RuleGroupReferenceStatement": _rule_group,
    "IPSetReferenceStatement": _ip_set,
    "AndStatement": _all,
    "OrStatement": _all,
    "NotStatement": lambda body: of_statement(body.get("Statement") or {}),
}
