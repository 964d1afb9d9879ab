"""The actions of the services around a perimeter: Shield, Route 53, CloudWatch, ACM, SNS and STS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.call import Call
from .needs import Need, request_tags, resource_tags

if TYPE_CHECKING:
    from ..world import World


def shield(world: World, call: Call) -> list[Need]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsshield.html"""
    name, params, base = call.operation, call.params, f"arn:aws:shield::{world.account}:protection"
    action, tags = f"shield:{name}", _listed(params.get("Tags"))
    if name == "CreateProtection":
        needs = [Need(action, f"{base}/*", request_tags(tags))]
        return [*needs, Need("shield:TagResource", f"{base}/*", request_tags(tags))] if tags else needs
    number = params.get("ProtectionId") or str(params.get("ResourceARN") or "").rpartition("/")[2]
    found = world.shield.protections.get(number) if number else None
    if not found and params.get("ResourceArn"):
        found = next((p for p in world.shield.protections.values() if p.resource_arn == params["ResourceArn"]), None)
    if name == "DescribeProtection" or number:
        context = resource_tags(found.tags) if found else {}
        if name == "TagResource":
            context |= request_tags(tags)
        if name == "UntagResource":
            context["aws:TagKeys"] = list(params.get("TagKeys") or [])
        return [Need(action, found.arn if found else f"{base}/{number or '*'}", context)]
    # The automatic response, too, has no resource that a policy could name.
    return [Need(action, "*")]


def route53(world: World, call: Call) -> list[Need]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html"""
    name, params, action = call.operation, call.params, f"route53:{call.operation}"
    if name in ("ChangeTagsForResource", "ListTagsForResource"):
        return [Need(action, f"arn:aws:route53:::{params['ResourceType']}/{params['ResourceId']}")]
    if name == "ListTagsForResources":
        return [Need(action, f"arn:aws:route53:::{params['ResourceType']}/{number}") for number in params.get("ResourceIds") or []]
    if name == "GetChange":
        return [Need(action, f"arn:aws:route53:::change/{params['Id'].removeprefix('/change/')}")]
    if params.get("HealthCheckId"):
        return [Need(action, f"arn:aws:route53:::healthcheck/{params['HealthCheckId']}")]
    zone = params.get("HostedZoneId") or (params.get("Id") if name.endswith("HostedZone") else None)
    if not zone:
        return [Need(action, "*")]
    context: dict[str, list[str]] = {}
    if name == "ChangeResourceRecordSets":
        changes = (params.get("ChangeBatch") or {}).get("Changes") or []
        records = [change.get("ResourceRecordSet") or {} for change in changes]
        # Without its dot, and in small letters.
        context["route53:ChangeResourceRecordSetsNormalizedRecordNames"] = [str(r.get("Name", "")).lower().rstrip(".") for r in records]
        context["route53:ChangeResourceRecordSetsRecordTypes"] = [str(r.get("Type")) for r in records]
        context["route53:ChangeResourceRecordSetsActions"] = [str(change.get("Action")) for change in changes]
    return [Need(action, f"arn:aws:route53:::hostedzone/{zone.removeprefix('/hostedzone/')}", context)]


def cloudwatch(world: World, call: Call) -> list[Need]:
    name, params, action = call.operation, call.params, f"cloudwatch:{call.operation}"
    tags = _listed(params.get("Tags"))
    if name == "PutMetricAlarm":
        arn = world.alarms.arn(call.region, str(params.get("AlarmName")))
        existing = world.alarms.by_arn(arn)
        context = request_tags(tags) | (resource_tags(existing.tags) if existing else {})
        needs = [Need(action, arn, context)]
        return [*needs, Need("cloudwatch:TagResource", arn, context)] if tags else needs
    if name == "DescribeAlarms":
        return [Need(action, world.alarms.arn(call.region, "*"))]
    arns = [world.alarms.arn(call.region, alarm) for alarm in params.get("AlarmNames") or []] or [str(params.get("ResourceARN") or "*")]
    needs = []
    for arn in arns:
        found = world.alarms.by_arn(arn)
        context = (resource_tags(found.tags) if found else {}) | (request_tags(tags) if name == "TagResource" else {})
        if name == "UntagResource":
            context["aws:TagKeys"] = list(params.get("TagKeys") or [])
        needs.append(Need(action, arn, context))
    return needs


def acm(world: World, call: Call) -> list[Need]:
    name, params, action = call.operation, call.params, f"acm:{call.operation}"
    tags = _listed(params.get("Tags"))
    if name == "RequestCertificate":
        domains = [str(params.get("DomainName")), *(params.get("SubjectAlternativeNames") or [])]
        context = request_tags(tags) | {"acm:DomainNames": domains, "acm:ValidationMethod": [str(params.get("ValidationMethod"))]}
        needs = [Need(action, f"arn:aws:acm:{call.region}:{world.account}:certificate/*", context)]
        return [*needs, Need("acm:AddTagsToCertificate", needs[0].resource, context)] if tags else needs
    arn = params.get("CertificateArn")
    if name == "ImportCertificate" and not arn:
        needs = [Need(action, f"arn:aws:acm:{call.region}:{world.account}:certificate/*", request_tags(tags))]
        return [*needs, Need("acm:AddTagsToCertificate", needs[0].resource, request_tags(tags))] if tags else needs
    if not arn:
        return [Need(action, "*")]
    found = world.certificates.all.get(arn)
    context = resource_tags(found.tags) if found else {}
    if name == "AddTagsToCertificate":
        context |= request_tags(tags)
    if name == "RemoveTagsFromCertificate":
        context["aws:TagKeys"] = list(tags)
    return [Need(action, arn, context)]


def s3(_world: World, call: Call) -> list[Need]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""
    name, bucket = call.operation, f"arn:aws:s3:::{call.params.get('Bucket', '*')}"
    if "Key" in call.params:
        verb = {"HeadObject": "GetObject"}.get(name, name)
        return [Need(f"s3:{verb}{'Version' if call.params.get('VersionId') else ''}", f"{bucket}/{call.params['Key']}")]
    action = {"ListObjectVersions": "ListBucketVersions", "ListObjectsV2": "ListBucket", "ListObjects": "ListBucket"}.get(name, name)
    return [Need(f"s3:{action}", bucket, {"s3:prefix": [str(call.params.get("Prefix") or "")]} if action.startswith("List") else {})]


def sns(world: World, call: Call) -> list[Need]:
    arn = call.params.get("TopicArn")
    if call.operation == "CreateTopic":
        arn = f"arn:aws:sns:{call.region}:{world.account}:{call.params.get('Name')}"
    return [Need(f"sns:{call.operation}", arn or "*")]


def sts(_world: World, call: Call) -> list[Need]:
    role, params = str(call.params.get("RoleArn", "*")), call.params
    if call.operation != "AssumeRole":
        return [Need(f"sts:{call.operation}", role)]
    tags = _listed(params.get("Tags"))
    context = request_tags(tags) | {"sts:RoleSessionName": [str(params.get("RoleSessionName"))]}
    if params.get("ExternalId"):
        context["sts:ExternalId"] = [str(params["ExternalId"])]
    return [Need("sts:AssumeRole", role, context), *([Need("sts:TagSession", role, context)] if tags else [])]


def _listed(tags: Any) -> dict[str, str]:
    return {str(t.get("Key", "")): str(t.get("Value") or "") for t in tags or []}
