"""Usage plans, and the keys in them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import keys, lists, patches, refusals
from .store import REST, ApiKey, UsagePlan, new_id

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_PATHS = (
    "/name", "/description", "/apiStages", "/throttle", "/throttle/burstLimit", "/throttle/rateLimit", "/quota", "/quota/limit", "/quota/offset", "/quota/period",
)  # fmt: skip


@operation("apigateway", "CreateUsagePlan")
def create(world: World, call: Call) -> Answer:
    params = wire.read(call)
    if not params.get("name"):
        raise refusals.bad("Usage Plan name cannot be blank")
    if sum(region == call.region for region, _ in world.apis.plans) >= world.settings.limit("usagePlans"):
        raise refusals.limit("Maximum number of Usage Plans has been reached. Please contact AWS if you need additional Usage Plans.")
    document = {name: params[name] for name in ("name", "description", "throttle", "quota") if name in params}
    plan = UsagePlan(new_id(6), call.region, {**document, "apiStages": []}, params.get("tags", {}))
    for stage in params.get("apiStages", []):
        _add_stage(world, plan, plan.document, stage.get("apiId", ""), stage.get("stage", ""))
    world.apis.plans[call.region, plan.id] = plan
    world.tags.note(plan.arn, plan.tags)
    return wire.answer(call, _document(plan), resource=plan.id)


@operation("apigateway", "GetUsagePlan")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _document(_plan(world, call)))


@operation("apigateway", "GetUsagePlans")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    key = params.get("keyId")
    found = [plan for plan in world.apis.plans.values() if plan.region == call.region and (not key or key in plan.key_ids)]
    chosen, position = lists.page(found, lambda plan: plan.id, params.get("position"), params.get("limit"))
    return wire.answer(call, {"items": [_document(plan) for plan in chosen], "position": position})


@operation("apigateway", "UpdateUsagePlan")
def update(world: World, call: Call) -> Answer:
    plan = _plan(world, call)
    document = copy.deepcopy(plan.document)
    for patch in patches.read(wire.read(call)):
        match patch.op, patch.parts:
            case "replace", ["name" | "description" as name]:
                document[name] = patch.value
            case "add", ["apiStages"]:
                _add_stage(world, plan, document, *_stage(patch.value))
            case "remove", ["apiStages"]:
                api_id, stage = _stage(patch.value)
                kept = [s for s in document["apiStages"] if (s["apiId"], s["stage"]) != (api_id, stage)]
                if len(kept) == len(document["apiStages"]):
                    raise refusals.missing(f"API Stage not found: {patch.value}")
                document["apiStages"] = kept
            case "remove", ["throttle" | "quota" as name]:
                document.pop(name, None)
            case "add" | "replace", ["throttle", "rateLimit"]:
                document.setdefault("throttle", {})["rateLimit"] = patch.decimal()
            case "add" | "replace", ["throttle", "burstLimit"]:
                document.setdefault("throttle", {})["burstLimit"] = patch.number()
            case "add" | "replace", ["quota", "limit" | "offset" as name]:
                document.setdefault("quota", {})[name] = patch.number()
            case "add" | "replace", ["quota", "period"]:
                document.setdefault("quota", {})["period"] = patch.value
            case _:
                raise patch.refused(_PATHS)
    plan.document = document
    return wire.answer(call, _document(plan))


@operation("apigateway", "DeleteUsagePlan")
def delete(world: World, call: Call) -> Answer:
    plan = _plan(world, call)
    if any(world.apis.apis.get((plan.region, s["apiId"])) for s in plan.document["apiStages"]):
        raise refusals.bad(f"Cannot delete Usage Plan {plan.id} because it is associated with API stages")
    del world.apis.plans[call.region, plan.id]
    world.tags.note(plan.arn, None)
    return wire.answer(call)


@operation("apigateway", "CreateUsagePlanKey")
def create_key(world: World, call: Call) -> Answer:
    plan, params = _plan(world, call), wire.read(call)
    if params.get("keyType") != "API_KEY":
        raise refusals.bad("Invalid key type specified. Must be one of: [API_KEY]")
    key = keys.find(world, call.region, params.get("keyId", ""))
    if key.id in plan.key_ids:
        raise refusals.conflict(f"Usage Plan Key for API Key {key.id} already exists in Usage Plan {plan.id}")
    for stage in plan.document["apiStages"]:
        _one_plan(world, plan, key.id, stage)
    plan.key_ids.append(key.id)
    return wire.answer(call, _key_document(key), resource=f"{plan.id}/{key.id}")


@operation("apigateway", "GetUsagePlanKeys")
def listed_keys(world: World, call: Call) -> Answer:
    # A plan that is not there has no keys, either.
    plan, params = world.apis.plans.get((call.region, call.params["usagePlanId"])), wire.read(call)
    found = [world.apis.keys[call.region, number] for number in (plan.key_ids if plan else [])]
    found = [key for key in found if key.document.get("name", "").startswith(params.get("nameQuery", ""))]
    chosen, position = lists.page(found, lambda key: key.id, params.get("position"), params.get("limit"))
    return wire.answer(call, {"items": [_key_document(key) for key in chosen], "position": position})


@operation("apigateway", "DeleteUsagePlanKey")
def delete_key(world: World, call: Call) -> Answer:
    plan, number = _plan(world, call), call.params["keyId"]
    if number not in plan.key_ids:
        raise refusals.unknown("Usage Plan Key")
    plan.key_ids.remove(number)
    return wire.answer(call)


def _plan(world: World, call: Call) -> UsagePlan:
    found = world.apis.plans.get((call.region, call.params["usagePlanId"]))
    if not found:
        raise refusals.missing("Invalid Usage Plan ID specified")
    return found


def _stage(given: str) -> tuple[str, str]:
    api_id, _, stage = given.partition(":")
    if not api_id or not stage:
        raise refusals.bad(f"Invalid API Stage specified: {given}. Must be in the format apiId:stageName")
    return api_id, stage


def _add_stage(world: World, plan: UsagePlan, document: Json, api_id: str, stage: str) -> None:
    api = world.apis.apis.get((plan.region, api_id))
    if not api or api.protocol != REST or stage not in api.stages:
        raise refusals.missing(f"API Stage not found: {api_id}:{stage}")
    added = {"apiId": api_id, "stage": stage}
    if added in [{"apiId": s["apiId"], "stage": s["stage"]} for s in document["apiStages"]]:
        raise refusals.conflict(f"API Stage {api_id}:{stage} already exists in Usage Plan {plan.id}")
    for number in plan.key_ids:
        _one_plan(world, plan, number, added)
    document["apiStages"] = [*document["apiStages"], added]


def _one_plan(world: World, plan: UsagePlan, number: str, stage: Json) -> None:
    """A key cannot be in two plans that have the same stage."""
    api_id, name = stage["apiId"], stage["stage"]
    for other in world.apis.plans.values():
        if other is not plan and other.region == plan.region and number in other.key_ids and other.covers(api_id, name):
            raise refusals.conflict(
                f"UsagePlan {plan.id} cannot be added because API Key {number} cannot reference multiple UsagePlans with the same Api Stage: {api_id}:{name}"
            )


def _document(plan: UsagePlan) -> Json:
    return {**plan.document, "id": plan.id, "tags": plan.tags or None}


def _key_document(key: ApiKey) -> Json:
    return {"id": key.id, "type": "API_KEY", "value": key.document["value"], "name": key.document.get("name", "")}
