"""APIs, keys, usage plans and domain names. Documents have the members of botocore's models."""

from __future__ import annotations

import copy
import random
import string
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import deployed, refusals
from .names import DomainName

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
REST = "REST"


def new_id(length: int) -> str:
    return random.choice(string.ascii_lowercase) + "".join(random.choices(string.ascii_lowercase + string.digits, k=length - 1))


@dataclass
class Working:
    """What the API's team edits. A deployment is a copy of it."""

    # REST: a resource's document has its methods under resourceMethods, each with its methodIntegration.
    resources: dict[str, Json] = field(default_factory=dict)
    # HTTP and WebSocket.
    routes: dict[str, Json] = field(default_factory=dict)
    integrations: dict[str, Json] = field(default_factory=dict)
    authorizers: dict[str, Json] = field(default_factory=dict)
    policy: str | None = None
    # REST: by their types, names and names; what they say in AWS's documents.
    gateway_responses: dict[str, Json] = field(default_factory=dict)
    validators: dict[str, Json] = field(default_factory=dict)
    models: dict[str, Json] = field(default_factory=dict)
    api_key_source: str = "HEADER"


@dataclass
class Deployment:
    id: str
    description: str | None
    created: float
    snapshot: Working
    auto_deployed: bool = False
    # Of the snapshot, once a request has asked for it.
    contents: deployed.Contents | None = None


@dataclass
class Stage:
    name: str
    deployment_id: str | None
    # Everything else that the stage's document says.
    document: Json
    tags: dict[str, str] = field(default_factory=dict)
    auto_deploy: bool = False


@dataclass
class Api:
    id: str
    region: str
    protocol: str
    # Name, description, endpoint configuration and so on.
    document: Json
    tags: dict[str, str] = field(default_factory=dict)
    working: Working = field(default_factory=Working)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    # The default endpoint's switch: as edited, and what requests meet before and after a moment.
    disabled: bool = False
    endpoint: tuple[bool, float, bool] = (False, 0.0, False)

    @property
    def arn(self) -> str:
        return f"arn:aws:apigateway:{self.region}::/{'restapis' if self.protocol == REST else 'apis'}/{self.id}"

    def stage_arn(self, stage: str) -> str:
        return f"{self.arn}/stages/{stage}"

    @property
    def is_endpoint_off(self) -> bool:
        before, since, after = self.endpoint
        return after if time.time() >= since else before

    def publish_endpoint(self, delay: float = 0.0) -> None:
        """The switch takes effect, for all stages."""
        if self.disabled != self.endpoint[2]:
            self.endpoint = (self.is_endpoint_off, time.time() + delay, self.disabled)

    def deploy(self, description: str | None = None, auto: bool = False) -> Deployment:
        """A copy of the working copy, not yet on any stage."""
        deployment = Deployment(new_id(6), description, time.time(), copy.deepcopy(self.working), auto)
        self.deployments[deployment.id] = deployment
        return deployment

    def deploy_automatically(self) -> None:
        """After each change: the stages that deploy by themselves."""
        for stage in self.stages.values():
            if stage.auto_deploy:
                deployment = self.deploy("Automatic deployment triggered by changes to the Api configuration", auto=True)
                stage.deployment_id = deployment.id
                stage.document["LastDeploymentStatusMessage"] = f"Successfully deployed stage with deployment ID '{deployment.id}'"


@dataclass
class UsagePlan:
    id: str
    region: str
    document: Json
    tags: dict[str, str]
    key_ids: list[str] = field(default_factory=list)

    @property
    def arn(self) -> str:
        return f"arn:aws:apigateway:{self.region}::/usageplans/{self.id}"

    def covers(self, api_id: str, stage: str) -> bool:
        return any((s["apiId"], s["stage"]) == (api_id, stage) for s in self.document["apiStages"])


@dataclass
class ApiKey:
    id: str
    region: str
    document: Json
    tags: dict[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:apigateway:{self.region}::/apikeys/{self.id}"


class Apis:
    def __init__(self, world: World) -> None:
        self.world = world
        self.apis: dict[tuple[str, str], Api] = {}
        self.keys: dict[tuple[str, str], ApiKey] = {}
        self.plans: dict[tuple[str, str], UsagePlan] = {}
        self.domains: dict[tuple[str, str], DomainName] = {}
        # Whether API Gateway has its role in the account.
        self.has_service_role = False

    def find(self, region: str, api_id: str, rest: bool) -> Api:
        api = self.apis.get((region, api_id))
        if not api or not self.is_there(region, api_id, rest):
            raise refusals.missing(f"Invalid API identifier specified {self.world.account}:{api_id}")
        return api

    def is_there(self, region: str, api_id: str, rest: bool) -> bool:
        api = self.apis.get((region, api_id))
        return api is not None and (api.protocol == REST) == rest

    def deployed(self, region: str, api_id: str, stage: str, canary: bool = False) -> deployed.Deployed | None:
        """The API as this stage, or its canary release, has it deployed; None where API, stage or deployment do not exist."""
        api = self.apis.get((region, api_id))
        return deployed.of(api, stage, canary) if api else None

    def accepts_key(self, region: str, api_id: str, stage: str, value: str) -> bool:
        """Whether an enabled key with this value is in a usage plan that has this stage."""
        plans = (plan for plan in self.plans.values() if plan.region == region and plan.covers(api_id, stage))
        keys = (self.keys[region, key_id] for plan in plans for key_id in plan.key_ids)
        return any(key.document["value"] == value and key.document["enabled"] for key in keys)

    def resources(self) -> list[Json]:
        found: list[Json] = []
        for api in self.apis.values():
            service, kind = ("apigateway", "restapi") if api.protocol == REST else ("apigatewayv2", "api")
            found.append(_resource(service, kind, api.id, api.document["name"], api.arn, api.tags, region=api.region))
            for authorizer in api.working.authorizers.values():
                number, name = authorizer.get("id") or authorizer.get("AuthorizerId"), authorizer.get("name") or authorizer.get("Name")
                found.append(_resource(service, "authorizer", str(number), str(name), f"{api.arn}/authorizers/{number}", {}, region=api.region, api=api.id))
        for key in self.keys.values():
            state = "enabled" if key.document["enabled"] else "disabled"
            found.append(_resource("apigateway", "apikey", key.id, key.document.get("name"), key.arn, key.tags, state, region=key.region))
        for plan in self.plans.values():
            stages = [f"{s['apiId']}:{s['stage']}" for s in plan.document["apiStages"]]
            more = {"region": plan.region, "stages": stages, "keys": list(plan.key_ids)}
            found.append(_resource("apigateway", "usageplan", plan.id, plan.document["name"], plan.arn, plan.tags, **more))
        for domain in self.domains.values():
            if domain.is_made:
                more = {"region": domain.region, "truststoreVersion": domain.terms.truststore_version, "mappings": len(domain.mappings)}
                found.append(_resource("apigatewayv2", "domainname", domain.name, domain.name, domain.arn, domain.tags, domain.status, **more))
        return found


def _resource(service: str, kind: str, number: str, name: Any, arn: str, tags: dict[str, str], state: str | None = None, **more: Any) -> Json:
    return {"service": service, "type": kind, "id": number, "name": name, "arn": arn, "state": state, "tags": dict(tags), **more}
