"""What AWS WAF refuses about rules."""

from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING, Any

from ..core.answers import AwsError
from . import capacity, rate_keys, refusals
from .catalogue import GROUPS
from .store import Json, statements

if TYPE_CHECKING:
    from ..world import World

WINDOWS = (60, 120, 300, 600)
NAME = re.compile(r"[\w-]{1,128}")


def check(world: World, rules: Any) -> int:
    """Refuses bad rules; gives the capacity of good ones."""
    if not isinstance(rules, list):
        raise refusals.constraint("rules", rules, "be a list")
    for number, rule in enumerate(rules, 1):
        _form(rule, f"rules.{number}.member")
    priorities = [rule["Priority"] for rule in rules]
    names = [rule["Name"] for rule in rules]
    for field, values, reason in (
        ("RULE", names, "You have used the same rule name more than once in the web ACL."),
        ("RULE", priorities, "You have used the same priority for more than one rule."),
    ):
        repeated = next((v for v in values if values.count(v) > 1), None)
        if repeated is not None:
            raise refusals.invalid(field, str(repeated), reason)
    for rule in rules:
        _action(rule)
        for statement in statements(rule["Statement"]):
            for kind, check_one in _CHECKS.items():
                if isinstance(statement.get(kind), dict):
                    check_one(world, statement[kind])
    rated = sum(1 for rule in rules if "RateBasedStatement" in rule["Statement"])
    if rated > world.settings.limit("rateRules"):
        raise refusals.too_many("RATE_BASED_STATEMENT")
    return capacity.of_rules(rules)


def check_bodies(document: Json) -> None:
    """A rule can name a body of the web ACL only."""
    bodies = document.get("CustomResponseBodies")
    if bodies == {}:
        raise refusals.invalid("CUSTOM_RESPONSE_BODY", "CustomResponseBodies", "The set of custom response bodies is empty.")
    for statement in statements(document.get("Rules")):
        key = statement.get("CustomResponseBodyKey")
        if key is not None and key not in (bodies or {}):
            raise refusals.invalid("CUSTOM_RESPONSE", str(key), "The custom response body that the rule refers to does not exist.")


def fill_in(rules: list[Json]) -> None:
    """What AWS WAF writes into rules, and what it leaves out of them."""
    for statement in statements(rules):
        rate = statement.get("RateBasedStatement")
        if isinstance(rate, dict):
            rate.setdefault("EvaluationWindowSec", 300)
            rate_keys.fill_in(rate)
        bots = statement.get("AWSManagedRulesBotControlRuleSet")
        # hashicorp/terraform-provider-aws#48446 and #39825: false is dropped from what is targeted, and added to what is not.
        if isinstance(bots, dict) and not bots.get("EnableMachineLearning"):
            bots.pop("EnableMachineLearning", None)
            if bots.get("InspectionLevel") == "COMMON":
                bots["EnableMachineLearning"] = False


def _form(rule: Any, where: str) -> None:
    if not isinstance(rule, dict):
        raise refusals.constraint(where, rule, "be a structure")
    for member in ("Name", "Priority", "Statement", "VisibilityConfig"):
        if rule.get(member) is None:
            raise refusals.constraint(f"{where}.{member[0].lower()}{member[1:]}", None, "not be null")
    if not NAME.fullmatch(str(rule["Name"])):
        raise refusals.constraint(f"{where}.name", rule["Name"], r"satisfy regular expression pattern: ^[\w\-]+$")
    if not isinstance(rule["Priority"], int) or rule["Priority"] < 0:
        raise refusals.constraint(f"{where}.priority", rule["Priority"], "have value greater than or equal to 0")
    visibility(rule["VisibilityConfig"], f"{where}.visibilityConfig")
    if not isinstance(rule["Statement"], dict) or len(rule["Statement"]) != 1:
        raise refusals.invalid("STATEMENT", "Statement", "Your statement has multiple values set for a field that requires exactly one value.")


def visibility(given: Any, where: str = "visibilityConfig") -> None:
    for member in ("SampledRequestsEnabled", "CloudWatchMetricsEnabled", "MetricName"):
        if not isinstance(given, dict) or given.get(member) is None:
            raise refusals.constraint(f"{where}.{member[0].lower()}{member[1:]}", None, "not be null")
    if not re.fullmatch(r"[\w#:./-]{1,255}", str(given["MetricName"])):
        raise refusals.invalid("METRIC_NAME", str(given["MetricName"]), "The metric name is not valid.")


def _action(rule: Json) -> None:
    """Groups take an override action, everything else an action; never both, never neither."""
    action, override, kind = rule.get("Action"), rule.get("OverrideAction"), next(iter(rule["Statement"]))
    if (action is None) == (override is None):
        raise refusals.invalid("RULE", rule["Name"], "You have used none or multiple values for a field that requires exactly one value.")
    group = kind in ("ManagedRuleGroupStatement", "RuleGroupReferenceStatement")
    known = kind.endswith("Statement") and kind in {*_CHECKS, *capacity._COSTS}
    if known and group and override is None:
        raise refusals.invalid("OVERRIDE_ACTION", rule["Name"], "A rule that references a rule group requires an override action.")
    if known and not group and action is None:
        raise refusals.invalid("RULE_ACTION", rule["Name"], "A rule that does not reference a rule group requires an action.")
    chosen = action if action is not None else override
    if not isinstance(chosen, dict) or len(chosen) != 1:
        raise refusals.invalid("RULE_ACTION" if action is not None else "OVERRIDE_ACTION", rule["Name"], "The action is not valid.")


def _rate(_world: World, body: Json) -> None:
    limit, window = body.get("Limit"), body.get("EvaluationWindowSec", 300)
    if not isinstance(limit, int) or not 10 <= limit <= 2_000_000_000:
        raise refusals.invalid("RATE_BASED_STATEMENT", str(limit), "The rate limit must be between 10 and 2,000,000,000.")
    if window not in WINDOWS:
        raise refusals.invalid("RATE_BASED_STATEMENT", str(window), "The evaluation window must be 60, 120, 300 or 600 seconds.")
    kind = body.get("AggregateKeyType")
    if kind not in ("IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT"):
        raise refusals.constraint("aggregateKeyType", kind, "satisfy enum value set: [IP, FORWARDED_IP, CUSTOM_KEYS, CONSTANT]")
    if kind == "CONSTANT" and not body.get("ScopeDownStatement"):
        raise refusals.invalid("RATE_BASED_STATEMENT", kind, "A rate-based rule that counts all requests requires a scope-down statement.")
    rate_keys.check(body)
    for inner in statements(body.get("ScopeDownStatement")):
        if "RateBasedStatement" in inner or "ManagedRuleGroupStatement" in inner:
            raise refusals.invalid("SCOPE_DOWN", "ScopeDownStatement", "The scope-down statement is not valid.")


def _ip_set(world: World, body: Json) -> None:
    arn = str(body.get("ARN"))
    if not arn.startswith("arn:aws:wafv2:"):
        raise refusals.invalid("IP_SET_REFERENCE_STATEMENT", arn, "The ARN isn't valid. A valid ARN begins with arn: and includes other information.")
    found = world.waf.ip_sets.by_arn(arn)
    if not found:
        raise refusals.missing()
    if time.time() < found.created_at + float(world.settings["wafPropagation"]):
        raise refusals.unavailable()


def _managed(world: World, body: Json) -> None:
    name, vendor, version = body.get("Name"), body.get("VendorName"), body.get("Version")
    group = GROUPS.get(str(name)) if vendor == "AWS" else None
    if not group:
        raise refusals.invalid("MANAGED_RULE_SET_STATEMENT", f"{vendor}/{name}", "The referenced managed rule group does not exist.")
    if version is not None:
        if version not in group.versions:
            raise refusals.invalid("MANAGED_RULE_SET_STATEMENT", str(version), "The version of the managed rule group is not valid.")
        if f"{name}/{version}" in world.settings["expiredManagedVersions"]:
            raise AwsError(
                "WAFExpiredManagedRuleGroupVersionException",
                "The operation failed because the specified version for the managed rule group has expired. You can retrieve the available versions for the "
                "managed rule group by calling ListAvailableManagedRuleGroupVersions.",
            )
    overridden = [str(o.get("Name")) for o in body.get("RuleActionOverrides") or []] + [str(e.get("Name")) for e in body.get("ExcludedRules") or []]
    unknown = next((rule for rule in overridden if rule not in group.rules), None)
    if unknown:
        raise refusals.invalid("EXCLUDED_RULE", unknown, "The rule does not exist in the managed rule group.")


def _geo(_world: World, body: Json) -> None:
    codes = body.get("CountryCodes") or []
    bad = next((code for code in codes if not re.fullmatch(r"[A-Z]{2}", str(code))), None)
    if bad or not codes:
        raise refusals.invalid("GEO_MATCH_STATEMENT", str(bad or codes), "The country code is not valid.")


def _byte_match(_world: World, body: Json) -> None:
    for member in ("SearchString", "FieldToMatch", "TextTransformations", "PositionalConstraint"):
        if body.get(member) is None:
            raise refusals.constraint(f"byteMatchStatement.{member[0].lower()}{member[1:]}", None, "not be null")
    try:
        base64.b64decode(str(body["SearchString"]), validate=True)
    except ValueError:
        raise AwsError("SerializationException", "SearchString: a blob is base64 in JSON.") from None
    if len(body["FieldToMatch"]) != 1:
        raise refusals.invalid("FIELD_TO_MATCH", "FieldToMatch", "The field to match requires exactly one value.")


def _several(_world: World, body: Json) -> None:
    if len(body.get("Statements") or []) < 2:
        raise refusals.invalid("STATEMENT", "Statements", "A logical statement requires at least two statements.")


_CHECKS: dict[str, Any] = {
    "RateBasedStatement": _rate,
    "IPSetReferenceStatement": _ip_set,
    "ManagedRuleGroupStatement": _managed,
    "GeoMatchStatement": _geo,
    "ByteMatchStatement": _byte_match,
    "AndStatement": _several,
    "OrStatement": _several,
}
