"""Flat-rate pricing plans: they are listed, and what is in one is not deleted."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, refused

PLAN = {
    "arn": "arn:aws:pricingplanmanager::123456789012:subscription/1",
    "planTier": "PRO",
    "status": "ACTIVE",
    "resourceArns": ["arn:aws:cloudfront::123456789012:distribution/E1"],
    "scheduledChange": {"changeType": "CANCELLATION", "effectiveDate": "2026-12-31T00:00:00Z"},
}


@pytest.fixture
def plans(emulator: Emulator) -> Any:
    return emulator.client("pricing-plan-manager")


def test_plans_are_listed_with_what_they_are_for_and_what_becomes_of_them(emulator: Emulator, plans: Any) -> None:
    assert plans.list_subscriptions()["subscriptionSummaries"] == []
    emulator.set(pricingPlans=[PLAN])
    (found,) = plans.list_subscriptions()["subscriptionSummaries"]
    assert (found["planTier"], found["status"], found["resourceArns"]) == ("PRO", "ACTIVE", PLAN["resourceArns"])
    assert found["scheduledChange"]["effectiveDate"].year == 2026


def test_no_other_call_of_the_service_is_known(plans: Any) -> None:
    refused("NotImplemented", plans.get_subscription, 501, arn=PLAN["arn"])
