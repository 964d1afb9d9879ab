"""What an account has before the controller comes: APIs, users, managed policies, certificates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.acm.models import acm_backends

from . import moto_side
from .apis import seeding
from .core.answers import AwsError

if TYPE_CHECKING:
    from .world import World

Json = dict[str, Any]
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def plant(world: World, seed: Json) -> Json:
    """Adds what the seed says, and gives what was made."""
    known = {"apis", "users", "policies", "certificates", "description"}
    if set(seed) - known:
        raise AwsError("BadSeed", f"no such part: {', '.join(sorted(set(seed) - known))}; known: {', '.join(sorted(known))}")
    made: Json = {"apis": [], "users": [], "policies": [], "certificates": []}
    for api in seed.get("apis", []):
        made["apis"].append(seeding.plant(world, api))
    for policy in seed.get("policies", []):
        found = moto_side.iam().create_policy("", policy.get("path", "/"), json.dumps(policy["policyDocument"]), policy["name"], [])
        made["policies"].append({"name": policy["name"], "arn": found.arn})
    for user in seed.get("users", []):
        made["users"].append(_user(world, user))
    for certificate in seed.get("certificates", []):
        made["certificates"].append(_certificate(world, certificate))
    return made


def _certificate(world: World, given: Json) -> Json:
    backend = acm_backends[world.account][given.get("region", "us-east-1")]
    arn = backend.request_certificate(given["domain"], None, given.get("alternativeNames", []), [])  # type: ignore[arg-type]
    found = backend._certificates.pop(arn)
    # An ARN may be given, so that a manifest can name the certificate.
    found.arn, found.status = given.get("arn", arn), given.get("status", "ISSUED")
    backend._certificates[found.arn] = found
    return {"domain": given["domain"], "arn": found.arn}


def _user(world: World, given: Json) -> Json:
    """A user with the key as given; without a policy document it may do everything."""
    iam = moto_side.iam()
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
