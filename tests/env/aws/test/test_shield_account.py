"""Shield Advanced: what is account-wide."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import TRUST, Emulator, refused, role
from shields import CONTACT, subscribed

RESPONSE_TEAM = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "drt.shield.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
NO_PHONE = {"EmailAddress": "soc@example.com"}


def test_a_subscription_is_described_with_its_end_and_limits(emulator: Emulator) -> None:
    shield = subscribed(emulator)
    assert shield.get_subscription_state()["SubscriptionState"] == "ACTIVE"
    found = shield.describe_subscription()["Subscription"]
    assert (found["AutoRenew"], found["ProactiveEngagementStatus"], found["TimeCommitmentInSeconds"]) == ("ENABLED", "DISABLED", 31_536_000)
    assert (found["EndTime"] - found["StartTime"]).days == 365
    limits = {limit["Type"]: limit["Max"] for limit in found["SubscriptionLimits"]["ProtectionLimits"]["ProtectedResourceTypeLimits"]}
    assert limits["CLOUDFRONT_DISTRIBUTION"] == 1000
    refused("ResourceAlreadyExistsException", shield.create_subscription, 400)


def test_a_subscription_ends(emulator: Emulator) -> None:
    shield = subscribed(emulator)
    emulator.control("PATCH", "shield/123456789012", {"endsIn": 0, "autoRenew": False})
    assert shield.get_subscription_state()["SubscriptionState"] == "INACTIVE"
    refused("ResourceNotFoundException", shield.list_protections, 400)
    emulator.control("PATCH", "shield/123456789012", {"endsIn": 86400})
    assert shield.describe_subscription()["Subscription"]["AutoRenew"] == "DISABLED"


def test_an_account_may_be_told_that_it_is_subscribed_or_not(emulator: Emulator) -> None:
    shield = emulator.client("shield")
    assert emulator.control("PATCH", "shield/123456789012", {"subscribed": True})["state"] == "ACTIVE"
    shield.list_protections()
    emulator.control("PATCH", "shield/123456789012", {"subscribed": False})
    refused("ResourceNotFoundException", shield.list_protections, 400)
    assert emulator.control("PATCH", "shield/999999999999", {"subscribed": True})["error"] == "NotFound"
    assert emulator.control("PATCH", "shield/123456789012", {"rich": True})["error"] == "BadRequest"


def test_whoever_buys_a_subscription_is_found_in_the_journal(emulator: Emulator) -> None:
    shield = emulator.client("shield")
    shield.create_subscription()
    assert shield.get_subscription_state()["SubscriptionState"] == "ACTIVE"
    assert "CreateSubscription" in {entry["operation"] for entry in emulator.journal()}


def test_emergency_contacts_are_replaced_as_a_whole(emulator: Emulator) -> None:
    shield = subscribed(emulator)
    assert shield.describe_emergency_contact_settings()["EmergencyContactList"] == []
    shield.update_emergency_contact_settings(EmergencyContactList=[CONTACT, NO_PHONE])
    shield.update_emergency_contact_settings(EmergencyContactList=[{**CONTACT, "ContactNotes": "by night"}])
    assert shield.describe_emergency_contact_settings()["EmergencyContactList"] == [{**CONTACT, "ContactNotes": "by night"}]
    refused("InvalidParameterException", shield.update_emergency_contact_settings, 400, EmergencyContactList=[CONTACT] * 11)


@pytest.mark.parametrize(
    "contact", [{"EmailAddress": "nobody"}, {**CONTACT, "PhoneNumber": "0701234567"}, {"PhoneNumber": "+4612345678"}, {**CONTACT, "ContactNotes": "<b>"}]
)
def test_an_emergency_contact_can_be_reached(emulator: Emulator, contact: dict[str, Any]) -> None:
    refused("ValidationException", subscribed(emulator).update_emergency_contact_settings, 400, EmergencyContactList=[contact])


def test_proactive_engagement_begins_with_its_details(emulator: Emulator) -> None:
    shield = subscribed(emulator)
    refused("InvalidOperationException", shield.enable_proactive_engagement, 400)
    refused("InvalidOperationException", shield.disable_proactive_engagement, 400)
    refused("InvalidParameterException", shield.associate_proactive_engagement_details, 400, EmergencyContactList=[NO_PHONE])
    emulator.set(engagementDelay=60)
    shield.associate_proactive_engagement_details(EmergencyContactList=[CONTACT])

    def status() -> str:
        return str(shield.describe_subscription()["Subscription"]["ProactiveEngagementStatus"])

    assert status() == "PENDING"
    emulator.set(engagementDelay=0)
    assert status() == "ENABLED"
    refused("InvalidOperationException", shield.associate_proactive_engagement_details, 400, EmergencyContactList=[CONTACT])
    refused("InvalidOperationException", shield.enable_proactive_engagement, 400)
    shield.disable_proactive_engagement()
    assert status() == "DISABLED"


def test_proactive_engagement_needs_a_phone_number(emulator: Emulator) -> None:
    shield = subscribed(emulator)
    shield.associate_proactive_engagement_details(EmergencyContactList=[CONTACT])
    refused("InvalidParameterException", shield.update_emergency_contact_settings, 400, EmergencyContactList=[NO_PHONE])
    refused("InvalidParameterException", shield.update_emergency_contact_settings, 400, EmergencyContactList=[])
    shield.disable_proactive_engagement()
    shield.update_emergency_contact_settings(EmergencyContactList=[NO_PHONE])
    refused("InvalidParameterException", shield.enable_proactive_engagement, 400)
    shield.update_emergency_contact_settings(EmergencyContactList=[CONTACT])
    shield.enable_proactive_engagement()


def test_a_person_may_change_contacts_and_engagement_behind_our_back(emulator: Emulator) -> None:
    shield = subscribed(emulator)
    emulator.control("PATCH", "shield/123456789012", {"contacts": [CONTACT], "engagement": True, "drtRole": "arn:aws:iam::1:role/x", "drtBuckets": ["logs"]})
    assert shield.describe_emergency_contact_settings()["EmergencyContactList"] == [CONTACT]
    assert shield.describe_subscription()["Subscription"]["ProactiveEngagementStatus"] == "ENABLED"
    assert shield.describe_drt_access()["LogBucketList"] == ["logs"]


def test_the_response_team_gets_one_role_that_trusts_it(emulator: Emulator, iam: Any) -> None:
    shield = subscribed(emulator)
    assert "RoleArn" not in shield.describe_drt_access()
    refused("ResourceNotFoundException", shield.associate_drt_role, 400, RoleArn="arn:aws:iam::123456789012:role/none")
    message = refused("InvalidParameterException", shield.associate_drt_role, 400, RoleArn=role(iam, "lambdas", TRUST))["Message"]
    assert message == "The role must trust the service principal drt.shield.amazonaws.com."
    first, second = role(iam, "first", RESPONSE_TEAM), role(iam, "second", RESPONSE_TEAM)
    shield.associate_drt_role(RoleArn=first)
    shield.associate_drt_role(RoleArn=second)
    assert shield.describe_drt_access()["RoleArn"] == second
    shield.disassociate_drt_role()
    assert "RoleArn" not in shield.describe_drt_access()


def test_the_response_teams_policy_is_one_of_aws_own(iam: Any) -> None:
    role(iam, "srt", RESPONSE_TEAM)
    arn = "arn:aws:iam::aws:policy/service-role/AWSShieldDRTAccessPolicy"
    iam.attach_role_policy(RoleName="srt", PolicyArn=arn)
    assert [p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName="srt")["AttachedPolicies"]] == [arn]


def test_the_response_team_reads_at_most_ten_buckets_with_its_role(emulator: Emulator, iam: Any) -> None:
    shield = subscribed(emulator)
    refused("NoAssociatedRoleException", shield.associate_drt_log_bucket, 400, LogBucket="logs")
    shield.associate_drt_role(RoleArn=role(iam, "srt", RESPONSE_TEAM))
    for number in range(10):
        shield.associate_drt_log_bucket(LogBucket=f"logs-{number}")
    shield.associate_drt_log_bucket(LogBucket="logs-0")
    error = refused("LimitsExceededException", shield.associate_drt_log_bucket, 400, LogBucket="logs-10")
    assert "DRT_LOG_BUCKETS" in error["Message"]
    shield.disassociate_drt_log_bucket(LogBucket="logs-0")
    refused("ResourceNotFoundException", shield.disassociate_drt_log_bucket, 400, LogBucket="logs-0")
    assert len(shield.describe_drt_access()["LogBucketList"]) == 9
    refused("ValidationException", shield.associate_drt_log_bucket, 400, LogBucket="Logs_")
