"""What is account-wide: the subscription, emergency contacts, proactive engagement, the response team's access."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..core import protocols
from ..core.answers import Answer, AwsError
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .protections import TYPES
from .store import YEAR, Json

if TYPE_CHECKING:
    from ..world import World

RESPONSE_TEAM = "drt.shield.amazonaws.com"
MOST_CONTACTS = 10


@operation("shield", "GetSubscriptionState")
def state(world: World, call: Call) -> Answer:
    return protocols.answer(call, {"SubscriptionState": "ACTIVE" if world.shield.active else "INACTIVE"})


@operation("shield", "CreateSubscription")
def subscribe(world: World, call: Call) -> Answer:
    """In AWS, 3,000 dollars a month for a year: a test looks into the journal for this call."""
    if world.shield.active:
        raise AwsError("ResourceAlreadyExistsException", "The subscription already exists.", resourceType="Subscription")
    world.shield.subscribed, world.shield.started_at, world.shield.ends_at = True, time.time(), None
    return protocols.answer(call)


@operation("shield", "DescribeSubscription")
def describe_subscription(world: World, call: Call) -> Answer:
    shield = world.shield
    shield.subscription()
    limit = world.settings.limit("protections")
    types = [{"Type": kind, "Max": limit} for kind in TYPES]
    return protocols.answer(
        call,
        {
            "Subscription": {
                "StartTime": int(shield.started_at),
                "EndTime": int(shield.ends_at or shield.started_at + YEAR),
                "TimeCommitmentInSeconds": YEAR,
                "AutoRenew": shield.auto_renew,
                "Limits": types,
                "ProactiveEngagementStatus": shield.engagement,
                "SubscriptionLimits": {
                    "ProtectionLimits": {"ProtectedResourceTypeLimits": types},
                    "ProtectionGroupLimits": {"MaxProtectionGroups": 100, "PatternTypeLimits": {"ArbitraryPatternLimits": {"MaxMembers": 10000}}},
                },
                "SubscriptionArn": f"arn:aws:shield::{world.account}:subscription",
            }
        },
    )


@operation("shield", "DescribeEmergencyContactSettings")
def describe_contacts(world: World, call: Call) -> Answer:
    world.shield.subscription()
    return protocols.answer(call, {"EmergencyContactList": world.shield.contacts})


@operation("shield", "UpdateEmergencyContactSettings")
def update_contacts(world: World, call: Call) -> Answer:
    """Replaces the list."""
    world.shield.subscription()
    contacts = _contacts(call)
    if world.shield.engaged_at is not None and not _callable(contacts):
        raise refusals.invalid("EmergencyContactList", "While proactive engagement is enabled, at least one emergency contact must have a phone number.")
    world.shield.contacts = contacts
    return protocols.answer(call)


@operation("shield", "AssociateProactiveEngagementDetails")
def associate_engagement(world: World, call: Call) -> Answer:
    """The first step: contacts, and engagement with them."""
    world.shield.subscription()
    if world.shield.engagement_known:
        raise refusals.not_now("Proactive engagement details are already associated. Use UpdateEmergencyContactSettings to change the contacts.")
    contacts = _contacts(call)
    if not _callable(contacts):
        raise refusals.invalid("EmergencyContactList", "To enable proactive engagement, at least one emergency contact must have a phone number.")
    world.shield.contacts, world.shield.engagement_known = contacts, True
    world.shield.engaged_at = time.time()
    return protocols.answer(call)


@operation("shield", "EnableProactiveEngagement")
def enable_engagement(world: World, call: Call) -> Answer:
    shield = world.shield
    shield.subscription()
    if not shield.engagement_known:
        raise refusals.not_now("You must associate proactive engagement details before you enable proactive engagement.")
    if shield.engaged_at is not None:
        raise refusals.not_now("Proactive engagement is already enabled.")
    if not _callable(shield.contacts):
        raise refusals.invalid("EmergencyContactList", "To enable proactive engagement, at least one emergency contact must have a phone number.")
    shield.engaged_at = time.time()
    return protocols.answer(call)


@operation("shield", "DisableProactiveEngagement")
def disable_engagement(world: World, call: Call) -> Answer:
    world.shield.subscription()
    if world.shield.engaged_at is None:
        raise refusals.not_now("Proactive engagement is not enabled.")
    world.shield.engaged_at = None
    return protocols.answer(call)


def _contacts(call: Call) -> list[Json]:
    found = list(call.params.get("EmergencyContactList") or [])
    if len(found) > MOST_CONTACTS:
        raise refusals.invalid("EmergencyContactList", f"You can specify at most {MOST_CONTACTS} emergency contacts.")
    return found


def _callable(contacts: list[Json]) -> bool:
    return any(contact.get("PhoneNumber") for contact in contacts)


@operation("shield", "DescribeDRTAccess")
def describe_access(world: World, call: Call) -> Answer:
    world.shield.subscription()
    return protocols.answer(call, {"RoleArn": world.shield.drt_role or None, "LogBucketList": world.shield.drt_buckets})


@operation("shield", "AssociateDRTRole")
def associate_role(world: World, call: Call) -> Answer:
    """One role for the account: a new one takes the place of the old."""
    world.shield.subscription()
    arn = str(call.params["RoleArn"])
    try:
        for action in ("iam:GetRole", "iam:ListAttachedRolePolicies", "iam:PassRole"):
            world.access.depend(call, action, arn, {"iam:PassedToService": [RESPONSE_TEAM]} if action == "iam:PassRole" else None)
    except AwsError as refused:
        raise AwsError(
            "AccessDeniedForDependencyException",
            f"In order to grant the necessary access to the Shield Response Team (SRT) the user submitting the request must have the iam:PassRole permission. "
            f"{refused.message}",
        ) from None
    role = world.roles.by_arn(arn)
    if not role:
        raise refusals.missing("role")
    if RESPONSE_TEAM not in world.roles.trusted_services(role):
        raise refusals.invalid("RoleArn", f"The role must trust the service principal {RESPONSE_TEAM}.")
    world.shield.drt_role = arn
    return protocols.answer(call)


@operation("shield", "DisassociateDRTRole")
def disassociate_role(world: World, call: Call) -> Answer:
    world.shield.subscription()
    world.shield.drt_role, world.shield.drt_buckets = "", []
    return protocols.answer(call)


@operation("shield", "AssociateDRTLogBucket", "DisassociateDRTLogBucket")
def log_bucket(world: World, call: Call) -> Answer:
    shield, bucket = world.shield, str(call.params["LogBucket"])
    shield.subscription()
    joins = call.operation.startswith("Associate")
    for action in ("s3:GetBucketPolicy", "s3:PutBucketPolicy", *([] if joins else ["s3:DeleteBucketPolicy"])):
        world.access.depend(call, action, f"arn:aws:s3:::{bucket}")
    if not shield.drt_role:
        raise AwsError("NoAssociatedRoleException", "The ARN of the role that you specified does not exist.")
    if not joins and bucket not in shield.drt_buckets:
        raise refusals.missing("log bucket")
    if joins and bucket not in shield.drt_buckets:
        if len(shield.drt_buckets) >= world.settings.limit("drtLogBuckets"):
            raise refusals.too_many("DRT_LOG_BUCKETS", world.settings.limit("drtLogBuckets"))
        shield.drt_buckets.append(bucket)
    elif not joins:
        shield.drt_buckets.remove(bucket)
    return protocols.answer(call)
