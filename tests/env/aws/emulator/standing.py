"""What others have built before the controller comes: functions, web ACLs and distributions, as they stand after years. AWS's own rules
judge them, but for what was allowed when they were made: ended runtimes, and tags of AWS's services."""

from __future__ import annotations

import copy
import io
import re
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cloudfront import checks, document
from .core.answers import AwsError
from .functions import operations as functions
from .wafv2 import rules

if TYPE_CHECKING:
    from .world import World

Json = dict[str, Any]
REGION = "us-east-1"
FILES = Path(__file__).parents[1] / "seeds"
_NAMED = re.compile(r"{webAcl:([\w-]+)}")


def function(world: World, given: Json) -> Json:
    """One published version, active, with the code of a file beside the seeds. `role` is a role's name."""
    role = world.roles.by_name(given["role"])
    if not role:
        raise AwsError("BadSeed", f"there is no role {given['role']}")
    name = given["name"]
    params = {"Runtime": "nodejs18.x", "Handler": "index.handler", **given.get("settings", {}), "Role": role.arn, "Publish": True}
    found, version = functions.make(world, REGION, name, params, _packed(given["codeFile"]))
    found.tags = dict(given.get("tags", {}))
    for made in (found.latest, version):
        made.active_at = 0.0
    world.functions.note(found)
    world.tags.note(found.arn, found.tags)
    return {"name": name, "arn": f"{found.arn}:{version.document['Version']}"}


def _packed(name: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("index.mjs"), (FILES / Path(name).name).read_text())
    return data.getvalue()


def web_acl(world: World, given: Json) -> Json:
    """Of CLOUDFRONT scope, with AWS's document but for what is the same in most."""
    name = given["name"]
    content: Json = {
        "Name": name,
        "Description": "",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name},
        "OnSourceDDoSProtectionConfig": {"ALBLowReputationMode": "ACTIVE_UNDER_DDOS"},
        "ManagedByFirewallManager": False,
        "RetrofittedByFirewallManager": False,
        "LabelNamespace": f"awswaf:{world.account}:webacl:{name}:",
        "Rules": [],
        **copy.deepcopy(given.get("document", {})),
    }
    content["Capacity"] = rules.check(world, content["Rules"])
    rules.fill_in(content["Rules"])
    known = next((item for item in world.waf.web_acls.all.values() if item.name == name), None)
    if known:
        world.waf.web_acls.delete(known)
    item = world.waf.web_acls.add(REGION, "CLOUDFRONT", content, dict(given.get("tags", {})))
    item.created_at = 0.0
    return {"name": name, "arn": item.arn}


def distribution(world: World, given: Json) -> Json:
    """Deployed everywhere. The configuration is CloudFront's XML, in lines; `{webAcl:NAME}` in it stands for an ARN."""
    text = _NAMED.sub(lambda found: _arn(world, found[1]), "\n".join(given["config"]))
    root = document.parse(text.encode())
    checks.check_form(root)
    config = document.fill_in(root)
    known = world.distributions.all.get(given["id"])
    if known:
        world.distributions.delete(known)
    checks.check(world, config, None)
    found = world.distributions.create(config, dict(given.get("tags", {})), given["id"])
    found.modified_at = found.deployed_at = time.time()
    world.distributions.settle(found)
    world.distributions.note(found)
    return {"id": found.id, "arn": found.arn, "domainName": found.domain}


def _arn(world: World, name: str) -> str:
    item = next((item for item in world.waf.web_acls.all.values() if item.name == name), None)
    if not item:
        raise AwsError("BadSeed", f"there is no web ACL {name}")
    return item.arn
