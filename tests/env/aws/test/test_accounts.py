"""Several accounts: roles that are assumed, and stores that are apart."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from conftest import Emulator, distribution, ip_set, refused, role, until, web_acl
from shields import OTHER, account, assumable
from viewers import ask

HOME = "123456789012"


def assume(emulator: Emulator, arn: str, key: str = "test", **more: Any) -> str:
    """The access key of a session."""
    return str(emulator.client("sts", key=key).assume_role(RoleArn=arn, RoleSessionName="palisade", **more)["Credentials"]["AccessKeyId"])


def denied(emulator: Emulator, action: str, arn: str, **more: Any) -> None:
    error = refused("AccessDenied", emulator.client("sts").assume_role, 403, RoleArn=arn, RoleSessionName="palisade", **more)
    assert error["Message"] == f"User: arn:aws:iam::{HOME}:root is not authorized to perform: {action} on resource: {arn}"


def arn_of(emulator: Emulator, **wanted: Any) -> str:
    return str(account(emulator, assumable(OTHER, **wanted))["roles"][0]["arn"])


def test_credentials_of_a_role_act_in_the_roles_account(emulator: Emulator) -> None:
    arn = arn_of(emulator)
    assert arn == f"arn:aws:iam::{OTHER}:role/palisade"
    made = emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="palisade", DurationSeconds=900)
    assert made["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{OTHER}:assumed-role/palisade/palisade"
    key = made["Credentials"]["AccessKeyId"]
    identity = emulator.client("sts", key=key).get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (OTHER, f"arn:aws:sts::{OTHER}:assumed-role/palisade/palisade")
    entry = emulator.journal()[-1]
    assert (entry["account"], entry["principal"], entry["operation"]) == (OTHER, identity["Arn"], "GetCallerIdentity")


def test_accounts_have_nothing_in_common(emulator: Emulator) -> None:
    emulator.set(shieldSubscription=True)
    key = assume(emulator, arn_of(emulator))
    for service, make, read in (
        ("cloudfront", distribution, lambda c: c.list_distributions()["DistributionList"].get("Items", [])),
        ("wafv2", web_acl, lambda c: c.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]),
        ("wafv2", ip_set, lambda c: c.list_ip_sets(Scope="CLOUDFRONT")["IPSets"]),
        ("iam", role, lambda c: [r for r in c.list_roles()["Roles"] if r["RoleName"] == "signer"]),
        ("sns", lambda c: c.create_topic(Name="t"), lambda c: c.list_topics()["Topics"]),
        ("acm", lambda c: c.request_certificate(DomainName="a.example.com"), lambda c: c.list_certificates()["CertificateSummaryList"]),
        ("route53", lambda c: c.create_hosted_zone(Name="a.example", CallerReference="r"), lambda c: c.list_hosted_zones()["HostedZones"]),
        (
            "shield",
            lambda c: c.create_protection(Name="p", ResourceArn=f"arn:aws:ec2:us-east-1:{OTHER}:eip-allocation/e-1"),
            lambda c: c.list_protections()["Protections"],
        ),
    ):
        there = emulator.client(service, key=key)
        make(there)
        assert len(read(there)) == 1
        assert read(emulator.client(service)) == []
    for resource in emulator.control("GET", "resources"):
        assert resource["account"] == OTHER
        assert resource["arn"].split(":")[4] in (OTHER, "")


def test_one_reference_and_one_name_may_be_used_in_each_account(emulator: Emulator, cloudfront: Any) -> None:
    theirs = emulator.client("cloudfront", key=assume(emulator, arn_of(emulator)))
    here, there = distribution(cloudfront, reference="r"), distribution(theirs, reference="r")
    assert f":{HOME}:" in here["ARN"]
    assert f":{OTHER}:" in there["ARN"]
    refused("NoSuchDistribution", cloudfront.get_distribution, 404, Id=there["Id"])
    refused("InvalidResourceException", _subscribed(emulator).create_protection, 400, Name="x", ResourceArn=there["ARN"])


def _subscribed(emulator: Emulator) -> Any:
    emulator.control("PATCH", f"shield/{HOME}", {"subscribed": True})
    return emulator.client("shield")


def test_each_account_has_its_own_subscription(emulator: Emulator) -> None:
    key = assume(emulator, arn_of(emulator))
    emulator.control("PATCH", f"shield/{OTHER}", {"subscribed": True})
    assert emulator.client("shield", key=key).get_subscription_state()["SubscriptionState"] == "ACTIVE"
    assert emulator.client("shield").get_subscription_state()["SubscriptionState"] == "INACTIVE"


def test_a_role_that_is_not_there_or_trusts_somebody_else_is_not_assumed(emulator: Emulator) -> None:
    denied(emulator, "sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/palisade")
    denied(emulator, "sts:AssumeRole", arn_of(emulator, name="foreign", principal="333333333333"))
    denied(emulator, "sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/none")
    denied(emulator, "sts:AssumeRole", f"arn:aws:iam::{HOME}:role/none")


def test_an_external_id_is_asked_for(emulator: Emulator) -> None:
    arn = arn_of(emulator, condition={"StringEquals": {"sts:ExternalId": "tenant-7"}})
    denied(emulator, "sts:AssumeRole", arn)
    denied(emulator, "sts:AssumeRole", arn, ExternalId="tenant-8")
    assume(emulator, arn, ExternalId="tenant-7")


def test_session_tags_need_the_trust_of_the_role(emulator: Emulator) -> None:
    tags = [{"Key": "cluster", "Value": "c1"}]
    denied(emulator, "sts:TagSession", arn_of(emulator), Tags=tags)
    condition = {"StringEquals": {"aws:RequestTag/cluster": "c1"}}
    arn = arn_of(emulator, name="tagged", actions=["sts:AssumeRole", "sts:TagSession"], condition=condition)
    denied(emulator, "sts:AssumeRole", arn, Tags=[{"Key": "cluster", "Value": "c2"}])
    assume(emulator, arn, Tags=tags)
    error = refused(
        "InvalidParameterValue",
        emulator.client("sts").assume_role,
        400,
        RoleArn=arn,
        RoleSessionName="palisade",
        Tags=[*tags, {"Key": "CLUSTER", "Value": "c1"}],
    )
    assert "case insensitive" in error["Message"]


def test_session_tags_are_conditions_of_what_the_session_may_do(emulator: Emulator) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/cluster": "c1"}}
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "wafv2:*", "Resource": "*", "Condition": condition}]}
    arn = arn_of(emulator, actions=["sts:AssumeRole", "sts:TagSession"], policyDocument=document)
    plain, tagged = assume(emulator, arn), assume(emulator, arn, Tags=[{"Key": "cluster", "Value": "c1"}])
    emulator.set(enforceIam=True)
    emulator.client("wafv2", key=tagged).list_web_acls(Scope="CLOUDFRONT")
    refused("AccessDeniedException", emulator.client("wafv2", key=plain).list_web_acls, 400, Scope="CLOUDFRONT")


def test_the_caller_needs_a_policy_of_its_own_as_well(emulator: Emulator) -> None:
    arn = arn_of(emulator, principal=f"arn:aws:iam::{HOME}:root")
    for name, actions in (("may", "sts:AssumeRole"), ("maynot", "s3:*")):
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        emulator.control("POST", "seed", {"users": [{"name": name, "accessKeyId": name, "policyDocument": document}]})
    emulator.set(enforceIam=True)
    assume(emulator, arn, key="may")
    error = refused("AccessDenied", emulator.client("sts", key="maynot").assume_role, 403, RoleArn=arn, RoleSessionName="palisade")
    assert error["Message"].startswith(f"User: arn:aws:iam::{HOME}:user/maynot is not authorized to perform: sts:AssumeRole on resource: {arn}")


def test_a_role_may_trust_one_principal_only(emulator: Emulator) -> None:
    emulator.control("POST", "seed", {"users": [{"name": "controller", "accessKeyId": "controller"}, {"name": "person", "accessKeyId": "person"}]})
    arn = arn_of(emulator, principal=f"arn:aws:iam::{HOME}:user/controller")
    assume(emulator, arn, key="controller")
    refused("AccessDenied", emulator.client("sts", key="person").assume_role, 403, RoleArn=arn, RoleSessionName="palisade")


def test_a_session_may_assume_a_further_role_for_an_hour(emulator: Emulator) -> None:
    first = account(emulator, assumable(OTHER, maxSessionDuration=7200))["roles"][0]["arn"]
    onward = assumable("333333333333", principal=first, maxSessionDuration=7200)
    second = account(emulator, onward, number="333333333333")["roles"][0]["arn"]
    key = assume(emulator, first, DurationSeconds=7200)
    assume(emulator, second, key=key)
    error = refused("ValidationError", emulator.client("sts", key=key).assume_role, 400, RoleArn=second, RoleSessionName="palisade", DurationSeconds=7200)
    assert "role chaining" in error["Message"]
    denied(emulator, "sts:AssumeRole", second)


def test_a_session_is_as_long_as_the_role_allows(emulator: Emulator) -> None:
    arn = arn_of(emulator)
    error = refused("ValidationError", emulator.client("sts").assume_role, 400, RoleArn=arn, RoleSessionName="palisade", DurationSeconds=7200)
    assert error["Message"] == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    refused("ValidationError", emulator.client("sts").assume_role, 400, RoleArn=arn, RoleSessionName="palisade", DurationSeconds=60)


def test_credentials_expire(emulator: Emulator) -> None:
    emulator.set(sessionLifetime=3)
    key = assume(emulator, arn_of(emulator))
    emulator.client("iam", key=key).list_roles()

    def ended() -> bool:
        try:
            emulator.client("iam", key=key).list_roles()
        except ClientError as error:
            return bool(error.response["Error"]["Code"] == "ExpiredToken")
        return False

    until(ended)
    refused("ExpiredTokenException", emulator.client("shield", key=key).get_subscription_state, 400)


def test_a_new_role_is_assumed_after_a_while_only(emulator: Emulator, iam: Any) -> None:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sts:AssumeRole"}]}
    emulator.set(rolePropagation=30)
    denied(emulator, "sts:AssumeRole", role(iam, "new", trust))
    emulator.set(rolePropagation=0)
    assume(emulator, f"arn:aws:iam::{HOME}:role/palisade/new")


def test_a_changed_trust_counts(emulator: Emulator) -> None:
    arn = arn_of(emulator)
    key = assume(emulator, arn)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": HOME}, "Action": "sts:AssumeRole"}]}
    emulator.client("iam", key=key).update_assume_role_policy(RoleName="palisade", PolicyDocument=json.dumps(trust))
    denied(emulator, "sts:AssumeRole", arn)


def test_a_fault_may_strike_one_account_only(emulator: Emulator, cloudfront: Any) -> None:
    theirs = emulator.client("cloudfront", key=assume(emulator, arn_of(emulator)))
    emulator.fault(service="cloudfront", kind="throttle", account=OTHER, count=-1)
    cloudfront.list_distributions()
    refused("Throttling", theirs.list_distributions, 400)


def test_a_distribution_of_any_account_answers_at_the_edge(emulator: Emulator) -> None:
    made = account(emulator, assumable(OTHER), certificates=[{"domain": "api.example.com"}], apis=[
        {"id": "a1b2c3d4e5", "region": "eu-north-1", "protocol": "HTTP", "stages": ["$default"], "methods": ["GET /pets"]}
    ])  # fmt: skip
    theirs = emulator.client("cloudfront", key=assume(emulator, made["roles"][0]["arn"]))
    names = {"ViewerCertificate": {"ACMCertificateArn": made["certificates"][0]["arn"], "SSLSupportMethod": "sni-only"}}
    found = distribution(theirs, **names, Aliases={"Quantity": 1, "Items": ["api.example.com"]})
    for host in (found["DomainName"], "api.example.com"):
        assert ask(emulator, host, "/pets").status == 200


def test_an_account_has_a_number(emulator: Emulator) -> None:
    assert emulator.control("POST", "seed", {"accounts": [{"id": "12"}]})["error"] == "BadSeed"
    account(emulator)
    assert emulator.control("GET", "")["accounts"] == [HOME, OTHER]
    emulator.control("POST", "reset", {})
    assert emulator.control("GET", "")["accounts"] == [HOME]
