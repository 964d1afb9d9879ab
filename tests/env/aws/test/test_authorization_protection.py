"""What a caller may do with Shield, Route 53, CloudWatch, ACM and SNS."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, distribution, named, refused, role, web_acl
from shields import check_arn, health_check, protected, zone
from test_alarms import ALARM, DDOS, TOPIC
from test_authorization import KEY, denied, grant, statement
from test_shield_account import RESPONSE_TEAM

OURS = {"Key": "palisade.dev/cluster", "Value": "c1"}
ASKED = {"StringEquals": {"aws:RequestTag/palisade.dev/cluster": "c1"}}
HELD = {"StringEquals": {"aws:ResourceTag/palisade.dev/cluster": "c1"}}
HOME = "123456789012"


@pytest.fixture
def shield(emulator: Emulator) -> Any:
    emulator.set(shieldSubscription=True)
    return emulator.client("shield", key=KEY)


@pytest.mark.parametrize(
    ("service", "operation", "params", "code", "status", "action", "resource"),
    [
        ("shield", "list_protections", {}, "AccessDeniedException", 400, "shield:ListProtections", "*"),
        ("shield", "get_subscription_state", {}, "AccessDeniedException", 400, "shield:GetSubscriptionState", "*"),
        ("route53", "list_health_checks", {}, "AccessDenied", 403, "route53:ListHealthChecks", "*"),
        ("route53", "get_hosted_zone", {"Id": "Z1"}, "AccessDenied", 403, "route53:GetHostedZone", "arn:aws:route53:::hostedzone/Z1"),
        ("route53", "get_change", {"Id": "/change/C1"}, "AccessDenied", 403, "route53:GetChange", "arn:aws:route53:::change/C1"),
        ("cloudwatch", "describe_alarms", {}, "AccessDenied", 403, "cloudwatch:DescribeAlarms", f"{ALARM}*"),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["a"]}, "AccessDenied", 403, "cloudwatch:DeleteAlarms", f"{ALARM}a"),
        ("acm", "list_certificates", {}, "AccessDeniedException", 400, "acm:ListCertificates", "*"),
        ("sns", "get_topic_attributes", {"TopicArn": TOPIC}, "AuthorizationError", 403, "sns:GetTopicAttributes", TOPIC),
    ],
)
def test_what_no_policy_allows_is_denied_in_each_services_own_words(
    emulator: Emulator, service: str, operation: str, params: Any, code: str, status: int, action: str, resource: str
) -> None:
    grant(emulator, statement("s3:*"))
    call = getattr(emulator.client(service, key=KEY), operation)
    refused(code, call, status, **params)
    denied(code, action, call, resource, **params)


def test_protections_are_made_with_the_tags_that_a_policy_asks_for(emulator: Emulator, cloudfront: Any, shield: Any) -> None:
    arns = [distribution(cloudfront)["ARN"] for _ in range(2)]
    foreign = emulator.client("shield").create_protection(Name="foreign", ResourceArn=arns[1])["ProtectionId"]
    grant(emulator, statement(["shield:CreateProtection", "shield:TagResource"], Condition=ASKED), statement("shield:DeleteProtection", Condition=HELD))
    base = f"arn:aws:shield::{HOME}:protection"
    denied("AccessDeniedException", "shield:CreateProtection", shield.create_protection, f"{base}/*", Name="p", ResourceArn=arns[0])
    ours = shield.create_protection(Name="p", ResourceArn=arns[0], Tags=[OURS])["ProtectionId"]
    denied("AccessDeniedException", "shield:DeleteProtection", shield.delete_protection, f"{base}/{foreign}", ProtectionId=foreign)
    shield.delete_protection(ProtectionId=ours)


def test_tags_at_the_creation_of_a_protection_need_an_action_of_their_own(emulator: Emulator, cloudfront: Any, shield: Any) -> None:
    arn = distribution(cloudfront)["ARN"]
    grant(emulator, statement("shield:CreateProtection"))
    denied("AccessDeniedException", "shield:TagResource", shield.create_protection, Name="p", ResourceArn=arn, Tags=[OURS])
    shield.create_protection(Name="p", ResourceArn=arn)


def test_a_health_check_must_be_readable_to_be_associated(emulator: Emulator, cloudfront: Any, shield: Any) -> None:
    check = check_arn(health_check(emulator))
    number = emulator.client("shield").create_protection(Name="p", ResourceArn=distribution(cloudfront)["ARN"])["ProtectionId"]
    grant(emulator, statement("shield:*"))
    denied("AccessDeniedException", "route53:GetHealthCheck", shield.associate_health_check, check, ProtectionId=number, HealthCheckArn=check)


def test_the_automatic_response_needs_the_web_acl_and_shields_own_role(emulator: Emulator, cloudfront: Any, waf: Any, shield: Any) -> None:
    acl = web_acl(waf)["ARN"]
    arn = distribution(cloudfront, WebACLId=acl)["ARN"]
    emulator.client("shield").create_protection(Name="p", ResourceArn=arn)
    linked = f"arn:aws:iam::{HOME}:role/aws-service-role/shield.amazonaws.com/AWSServiceRoleForAWSShield"
    given = [statement("shield:*")]
    for action, resource, condition in (
        ("cloudfront:GetDistribution", arn, {}),
        ("wafv2:GetWebACL", acl, {}),
        ("iam:GetRole", linked, {}),
        ("iam:CreateServiceLinkedRole", linked, {"Condition": {"StringEquals": {"iam:AWSServiceName": "shield.amazonaws.com"}}}),
    ):
        grant(emulator, *given)
        enable = shield.enable_application_layer_automatic_response
        denied("AccessDeniedException", action, enable, resource, ResourceArn=arn, Action={"Count": {}})
        given.append(statement(action, resource, **condition))
    grant(emulator, *given)
    shield.enable_application_layer_automatic_response(ResourceArn=arn, Action={"Count": {}})


def test_a_web_acl_is_updated_by_whoever_may_do_so_with_shields_rule_group(emulator: Emulator, waf: Any) -> None:
    own, made, _ = protected(emulator)
    own.enable_application_layer_automatic_response(ResourceArn=made["ARN"], Action={"Count": {}})
    summary = waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"][0]
    read = waf.get_web_acl(**named(summary))
    rules = read["WebACL"]["Rules"]
    spec = {**{k: read["WebACL"][k] for k in ("Name", "Id", "DefaultAction", "VisibilityConfig")}, "Scope": "CLOUDFRONT", "Rules": rules}
    grant(emulator, statement("wafv2:UpdateWebACL", summary["ARN"]))
    update = emulator.client("wafv2", key=KEY).update_web_acl
    group = rules[0]["Statement"]["RuleGroupReferenceStatement"]["ARN"]
    denied("AccessDeniedException", "wafv2:UpdateWebACL", update, group, **spec, LockToken=read["LockToken"])
    grant(emulator, statement("wafv2:UpdateWebACL", [summary["ARN"], "arn:aws:wafv2:us-east-1:*:global/rulegroup/ShieldMitigationRuleGroup_*"]))
    update(**spec, LockToken=read["LockToken"])


def test_the_response_teams_role_must_be_passed(emulator: Emulator, iam: Any, shield: Any) -> None:
    arn = role(iam, "srt", RESPONSE_TEAM)
    grant(emulator, statement(["shield:*", "iam:GetRole", "iam:ListAttachedRolePolicies"]))
    message = refused("AccessDeniedForDependencyException", shield.associate_drt_role, 400, RoleArn=arn)["Message"]
    assert "must have the iam:PassRole permission" in message
    condition = {"StringEquals": {"iam:PassedToService": "drt.shield.amazonaws.com"}}
    grant(emulator, statement(["shield:*", "iam:GetRole", "iam:ListAttachedRolePolicies"]), statement("iam:PassRole", arn, Condition=condition))
    shield.associate_drt_role(RoleArn=arn)
    denied("AccessDeniedException", "s3:GetBucketPolicy", shield.associate_drt_log_bucket, "arn:aws:s3:::logs", LogBucket="logs")


def test_records_may_be_limited_by_name_type_and_action(emulator: Emulator) -> None:
    hosted = zone(emulator)
    condition = {
        "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["*.example.com"]},
        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"], "route53:ChangeResourceRecordSetsActions": ["UPSERT"]},
    }
    grant(emulator, statement("route53:ChangeResourceRecordSets", f"arn:aws:route53:::hostedzone/{hosted}", Condition=condition))
    route53 = emulator.client("route53", key=KEY)

    def batch(action: str, name: str, kind: str, value: str) -> dict[str, Any]:
        record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        return {"HostedZoneId": hosted, "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": record}]}}

    route53.change_resource_record_sets(**batch("UPSERT", "A.example.com.", "TXT", '"x"'))
    for given in (
        batch("UPSERT", "example.com", "TXT", '"x"'),
        batch("UPSERT", "a.example.com", "A", "192.0.2.1"),
        batch("DELETE", "a.example.com", "TXT", '"x"'),
    ):
        denied("AccessDenied", "route53:ChangeResourceRecordSets", route53.change_resource_record_sets, **given)


def test_alarms_and_certificates_are_made_with_the_tags_that_a_policy_asks_for(emulator: Emulator) -> None:
    grant(
        emulator,
        statement(["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "acm:RequestCertificate", "acm:AddTagsToCertificate"], Condition=ASKED),
        statement("acm:DeleteCertificate", Condition=HELD),
    )
    alarms, acm = emulator.client("cloudwatch", key=KEY), emulator.client("acm", key=KEY)
    denied("AccessDenied", "cloudwatch:PutMetricAlarm", alarms.put_metric_alarm, f"{ALARM}a", AlarmName="a", **DDOS)
    alarms.put_metric_alarm(AlarmName="a", **DDOS, Tags=[OURS])
    denied("AccessDeniedException", "acm:RequestCertificate", acm.request_certificate, DomainName="a.example.com")
    arn = acm.request_certificate(DomainName="a.example.com", Tags=[OURS])["CertificateArn"]
    foreign = emulator.client("acm", key="nobody")
    emulator.set(enforceIam=False)
    theirs = foreign.request_certificate(DomainName="b.example.com")["CertificateArn"]
    emulator.set(enforceIam=True)
    denied("AccessDeniedException", "acm:DeleteCertificate", acm.delete_certificate, theirs, CertificateArn=theirs)
    acm.delete_certificate(CertificateArn=arn)


def test_an_alias_is_moved_by_whoever_may_change_the_target(emulator: Emulator, cloudfront: Any) -> None:
    target = distribution(cloudfront)
    grant(emulator, statement("s3:*"))
    call = emulator.client("cloudfront", key=KEY).associate_alias
    denied("AccessDenied", "cloudfront:AssociateAlias", call, target["ARN"], TargetDistributionId=target["Id"], Alias="a.example.com")
