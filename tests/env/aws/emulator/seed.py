"""What the accounts have before the controller comes: APIs, users, roles, policies, certificates, and what others have built before an API."""

from __future__ import annotations

import datetime
import json
import re
import time
from typing import TYPE_CHECKING, Any

from . import moto_side, standing
from .apis import seeding
from .core.answers import AwsError
from .route53.store import dns_name

if TYPE_CHECKING:
    from .world import World

Json = dict[str, Any]
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


# In this order: what stands before names what the later ones need.
PARTS = (
    "apis", "policies", "users", "roles", "certificates", "hostedZones", "topics", "buckets", "functions", "webAcls", "distributions", "metrics", "accounts",
)  # fmt: skip


def plant(world: World, seed: Json) -> Json:
    """Adds what the seed says, and gives what was made."""
    unknown = set(seed) - {*PARTS, "description", "id"}
    if unknown:
        raise AwsError("BadSeed", f"no such part: {', '.join(sorted(unknown))}; known: {', '.join(sorted(PARTS))}")
    planting = {
        "apis": seeding.plant, "policies": _policy, "users": _user, "roles": _role, "certificates": _certificate, "hostedZones": _zone, "topics": _topic,
        "buckets": _bucket, "functions": standing.function, "webAcls": standing.web_acl, "distributions": standing.distribution, "metrics": _metric, "accounts": _account,
    }  # fmt: skip
    return {part: [planting[part](world, given) for given in seed.get(part, [])] for part in PARTS}


def _account(world: World, given: Json) -> Json:
    """Another account, with a seed of its own. It exists from then on, whatever is in it."""
    if not re.fullmatch(r"\d{12}", str(given.get("id"))):
        raise AwsError("BadSeed", f"an account needs an id of twelve digits, not {given.get('id')}")
    return {"id": given["id"], **plant(world.of(given["id"]), given)}


def _policy(world: World, given: Json) -> Json:
    found = moto_side.iam(world.account).create_policy("", given.get("path", "/"), json.dumps(given["policyDocument"]), given["name"], [])
    return {"name": given["name"], "arn": found.arn}


def _role(world: World, given: Json) -> Json:
    """A role that others may assume; without a policy document it may do everything. One given again is made anew."""
    iam, name = moto_side.iam(world.account), given["name"]
    known = world.roles.by_name(name)
    if known:
        del iam.roles[known.id]
    tags = [{"Key": key, "Value": value} for key, value in given.get("tags", {}).items()]
    role = iam.create_role(name, json.dumps(given["trustPolicy"]), given.get("path", "/"), None, "", tags, str(given.get("maxSessionDuration", 3600)))
    # As one that was made long ago.
    role.create_date = datetime.datetime(2020, 1, 1)
    iam.put_role_policy(name, "seed", json.dumps(given.get("policyDocument", ADMINISTRATOR)))
    for arn in given.get("managedPolicies", []):
        moto_side.know_policy(world.account, arn)
        iam.attach_role_policy(arn, name)
    world.roles.note(name)
    return {"name": name, "arn": role.arn}


def _zone(world: World, given: Json) -> Json:
    """A hosted zone; its id may be given, so that a manifest can name it."""
    zone = world.route53.create_zone(given["name"], zone_id=given.get("id", ""), private=bool(given.get("private")))
    for record in given.get("records", []):
        zone.put({**record, "Name": dns_name(record["Name"])})
    return {"name": zone.name, "id": zone.id}


def _topic(world: World, given: Json) -> Json:
    topic = moto_side.topic(world.account, given.get("region", "us-east-1"), given["name"])
    return {"name": given["name"], "arn": topic.arn}


def _metric(world: World, given: Json) -> Json:
    """What was counted at a time, in seconds since 1970."""
    dimensions = frozenset((str(name), str(value)) for name, value in given.get("dimensions", {}).items())
    world.metrics.put((given.get("region", "us-east-1"), given["namespace"], given["name"], dimensions), float(given["at"]), float(given["value"]))
    return {"name": given["name"]}


def _bucket(world: World, given: Json) -> Json:
    """It keeps versions, unless the seed says otherwise."""
    versioning = given.get("versioning", True)
    state = str(versioning) if isinstance(versioning, str) else "Enabled" if versioning else ""
    bucket = world.buckets.create(given["name"], given.get("region", "us-east-1"), state)
    for key, content in given.get("objects", {}).items():
        bucket.put(key, content.encode())
    return {"name": bucket.name, "arn": f"arn:aws:s3:::{bucket.name}"}


def _certificate(world: World, given: Json) -> Json:
    status = given.get("status", "ISSUED")
    # An ARN may be given, so that a manifest can name the certificate.
    more = {"arn": given.get("arn"), "status": status, "issued_at": time.time() if status == "ISSUED" else None}
    found = world.certificates.request(given.get("region", "us-east-1"), given["domain"], given.get("alternativeNames", []), **more)
    return {"domain": given["domain"], "arn": found.arn}


def _user(world: World, given: Json) -> Json:
    """A user with the key as given; without a policy document it may do everything."""
    iam = moto_side.iam(world.account)
    name = given["name"]
    user = iam.users.get(name) or iam.create_user("us-east-1", name, given.get("path", "/"), [])
    document = json.dumps(given.get("policyDocument", ADMINISTRATOR))
    iam.put_user_policy(name, "seed", document)
    if "permissionsBoundaryDocument" in given:
        world.access.boundaries[name] = json.dumps(given["permissionsBoundaryDocument"])
    else:
        world.access.boundaries.pop(name, None)
    wanted = given.get("accessKeyId")
    key = next((k for k in user.access_keys if not wanted or k.access_key_id == wanted), None)
    if not key:
        key = user.create_access_key("AKIA")
        key.access_key_id = wanted or key.access_key_id
        key.secret_access_key = given.get("secretAccessKey", key.secret_access_key)
        iam.access_keys[key.access_key_id] = key
    return {"name": name, "arn": user.arn, "accessKeyId": key.access_key_id, "secretAccessKey": key.secret_access_key}
