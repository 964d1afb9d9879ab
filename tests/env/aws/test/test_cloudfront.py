"""CloudFront: documents, ETags, deployments, and each refusal."""

from __future__ import annotations

import re
import urllib.request
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import (
    Emulator,
    distribution,
    distribution_config,
    named,
    refused,
    unique,
    until,
    update,
    web_acl,
)

NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"


def raw(emulator: Emulator, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, dict[str, str]]:
    """A signed request without botocore's models in between."""
    request = AWSRequest(method, f"{emulator.endpoint}/2020-05-31/{path}", data=body.encode(), headers=headers)
    SigV4Auth(Credentials("test", "secret"), "cloudfront", "us-east-1").add_auth(request)
    sent = urllib.request.Request(request.url, body.encode() or None, dict(request.headers), method=method)
    try:
        with urllib.request.urlopen(sent) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def set_aliases(config: dict[str, Any], *aliases: str) -> None:
    config["Aliases"] = {"Quantity": len(aliases), "Items": list(aliases)}


def _countries(kind: str, *codes: str) -> dict[str, Any]:
    return {"GeoRestriction": {"RestrictionType": kind, "Quantity": len(codes), "Items": list(codes)}}


def certificate(emulator: Emulator, domain: str = "*.example.com", **more: str) -> str:
    made = emulator.control("POST", "seed", {"certificates": [{"domain": domain, **more}]})
    return str(made["certificates"][0]["arn"])


def viewer(arn: str) -> dict[str, Any]:
    return {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}


def test_a_minimal_configuration_comes_back_with_every_default_explicit(cloudfront: Any) -> None:
    made = distribution(cloudfront)
    config = cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"]
    assert config["Aliases"] == {"Quantity": 0}
    assert config["Logging"] == {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}
    assert config["Restrictions"] == {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}}
    assert config["ViewerCertificate"] == {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    }
    assert (config["HttpVersion"], config["PriceClass"], config["IsIPV6Enabled"], config["Staging"]) == ("http2", "PriceClass_All", False, False)
    assert (config["WebACLId"], config["DefaultRootObject"], config["CacheBehaviors"]) == ("", "", {"Quantity": 0})
    origin = config["Origins"]["Items"][0]
    assert (origin["ConnectionAttempts"], origin["ConnectionTimeout"], origin["OriginShield"], origin["OriginPath"]) == (3, 10, {"Enabled": False}, "")
    assert (origin["CustomOriginConfig"]["OriginReadTimeout"], origin["CustomOriginConfig"]["OriginKeepaliveTimeout"]) == (30, 5)
    behaviour = config["DefaultCacheBehavior"]
    assert behaviour["AllowedMethods"] == {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}}
    assert behaviour["LambdaFunctionAssociations"] == {"Quantity": 0}
    assert "ForwardedValues" not in behaviour and "MinTTL" not in behaviour


def test_elements_that_nobody_knows_are_kept_in_place_and_known_ones_are_in_the_order_of_the_model(emulator: Emulator, cloudfront: Any) -> None:
    body = f"""<DistributionConfig xmlns="{NAMESPACE}"><Enabled>true</Enabled><Comment>x &amp; y</Comment><NewerThanAll><A b="c">1</A></NewerThanAll>
      <DefaultCacheBehavior><CachePolicyId>4135ea2d-6df8-44a3-9df3-4b5a84be39ad</CachePolicyId><TargetOriginId>o</TargetOriginId>
        <FutureFlag>on</FutureFlag><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy></DefaultCacheBehavior>
      <Origins><Items><Origin><DomainName>a.example.com</DomainName><Id>o</Id><CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>
        <OriginProtocolPolicy>https-only</OriginProtocolPolicy><Strange/></CustomOriginConfig></Origin></Items><Quantity>1</Quantity></Origins>
      <CallerReference>unknown-elements</CallerReference></DistributionConfig>"""
    status, text, headers = raw(emulator, "POST", "distribution", body)
    assert status == 201, text
    made = re.search("<Id>(E[A-Z0-9]+)</Id>", text)
    assert made
    assert headers["Location"].endswith(made[1])
    _, config, first = raw(emulator, "GET", f"distribution/{made[1]}/config")
    root = ElementTree.fromstring(config)
    tags = [child.tag.partition("}")[2] for child in root]
    assert tags[:3] == ["CallerReference", "Aliases", "DefaultRootObject"]
    assert tags.index("Comment") < tags.index("NewerThanAll") < tags.index("ViewerCertificate")
    assert '<NewerThanAll><A b="c">1</A></NewerThanAll>' in config
    assert "<Comment>x &amp; y</Comment>" in config
    assert "<FutureFlag>on</FutureFlag>" in config
    assert "<Strange></Strange>" in config
    # What was read can be written as it is, and reads the same again.
    status, _, second = raw(emulator, "PUT", f"distribution/{made[1]}/config", config.partition("\n")[2], **{"If-Match": first["ETag"]})
    assert status == 200
    assert second["ETag"] != first["ETag"]
    assert raw(emulator, "GET", f"distribution/{made[1]}/config")[1] == config


def test_each_change_makes_a_new_etag_that_the_list_shows_too(cloudfront: Any) -> None:
    made = distribution(cloudfront)
    second = update(cloudfront, made["Id"], lambda c: c.update(Comment="new"))["ETag"]
    summary = cloudfront.list_distributions()["DistributionList"]["Items"][0]
    assert made["ETag"] != second == summary["ETag"] == cloudfront.get_distribution(Id=made["Id"])["ETag"]
    assert (summary["Comment"], summary["WebACLId"], summary["Aliases"]["Quantity"], summary["Status"]) == ("new", "", 0, "Deployed")


def test_an_update_with_an_older_etag_fails_its_precondition(cloudfront: Any) -> None:
    made = distribution(cloudfront)
    update(cloudfront, made["Id"], lambda c: c.update(Comment="somebody else"))
    config = cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"]
    refused("PreconditionFailed", cloudfront.update_distribution, 412, Id=made["Id"], IfMatch=made["ETag"], DistributionConfig=config)


def test_an_update_with_no_etag_or_one_that_never_was_is_an_invalid_version(cloudfront: Any) -> None:
    made = distribution(cloudfront)
    config = cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"]
    refused("InvalidIfMatchVersion", cloudfront.update_distribution, 400, Id=made["Id"], DistributionConfig=config)
    refused("InvalidIfMatchVersion", cloudfront.delete_distribution, 400, Id=made["Id"], IfMatch="ENEVER")


def test_an_update_that_does_not_start_from_what_was_read_lacks_fields(cloudfront: Any) -> None:
    made = distribution(cloudfront, reference="r")
    error = refused("IllegalUpdate", cloudfront.update_distribution, Id=made["Id"], IfMatch=made["ETag"], DistributionConfig=distribution_config(reference="r"))
    assert error["Message"] == "Aliases is required for updates."


def test_an_update_may_not_change_the_caller_reference(cloudfront: Any) -> None:
    made = distribution(cloudfront)
    with pytest.raises(Exception, match="IllegalUpdate"):
        update(cloudfront, made["Id"], lambda c: c.update(CallerReference="other"))


def test_a_creation_and_each_update_are_in_progress_for_the_deployment_delay(emulator: Emulator, cloudfront: Any) -> None:
    emulator.set(deploymentDelay=0.3)
    made = distribution(cloudfront)
    assert made["Status"] == "InProgress"

    def status() -> bool:
        listed = cloudfront.list_distributions()["DistributionList"]["Items"][0]["Status"]
        return bool(cloudfront.get_distribution(Id=made["Id"])["Distribution"]["Status"] == listed == "Deployed")

    assert not status()
    until(status)
    again = update(cloudfront, made["Id"], lambda c: c.update(Comment="again"))
    assert again["Distribution"]["Status"] == "InProgress"
    assert again["Distribution"]["LastModifiedTime"] > made["LastModifiedTime"]
    until(status)


def test_an_enabled_distribution_cannot_be_deleted(cloudfront: Any) -> None:
    made = distribution(cloudfront)
    refused("DistributionNotDisabled", cloudfront.delete_distribution, 409, Id=made["Id"], IfMatch=made["ETag"])


def test_a_disabled_distribution_can_be_deleted_only_when_that_is_deployed_and_with_the_new_etag(emulator: Emulator, cloudfront: Any) -> None:
    made = distribution(cloudfront)
    emulator.set(deploymentDelay=0.2)
    disabled = update(cloudfront, made["Id"], lambda c: c.update(Enabled=False))
    error = refused("DistributionNotDisabled", cloudfront.delete_distribution, 409, Id=made["Id"], IfMatch=disabled["ETag"])
    assert error["Message"] == "The distribution you are trying to delete has not been disabled."
    until(lambda: cloudfront.get_distribution(Id=made["Id"])["Distribution"]["Status"] == "Deployed")
    refused("PreconditionFailed", cloudfront.delete_distribution, 412, Id=made["Id"], IfMatch=made["ETag"])
    cloudfront.delete_distribution(Id=made["Id"], IfMatch=disabled["ETag"])
    refused("NoSuchDistribution", cloudfront.get_distribution, 404, Id=made["Id"])


def test_a_caller_reference_is_remembered_whatever_the_configuration_and_after_the_deletion(cloudfront: Any) -> None:
    made = distribution(cloudfront, reference="uid-0", Enabled=False)
    create = cloudfront.create_distribution
    message = "The caller reference that you are using to create a distribution is associated with another distribution. Already exists: " + made["Id"]
    assert refused("DistributionAlreadyExists", create, 409, DistributionConfig=distribution_config(reference="uid-0", Comment="x"))["Message"] == message
    cloudfront.delete_distribution(Id=made["Id"], IfMatch=made["ETag"])
    assert refused("DistributionAlreadyExists", create, 409, DistributionConfig=distribution_config(reference="uid-0"))["Message"] == message


def test_an_alias_needs_a_certificate_that_covers_it(emulator: Emulator, cloudfront: Any) -> None:
    config = distribution_config()
    set_aliases(config, "api.example.com")
    error = refused("InvalidViewerCertificate", cloudfront.create_distribution, DistributionConfig=config)
    assert "you must attach a trusted certificate" in error["Message"]
    config["ViewerCertificate"] = viewer(certificate(emulator, "other.example.org"))
    error = refused("InvalidViewerCertificate", cloudfront.create_distribution, DistributionConfig=config)
    assert "doesn't cover" in error["Message"]
    arn = certificate(emulator)
    config["ViewerCertificate"] = viewer(arn)
    made = cloudfront.create_distribution(DistributionConfig=config)
    found = made["Distribution"]["DistributionConfig"]["ViewerCertificate"]
    assert made["Distribution"]["AliasICPRecordals"] == [{"CNAME": "api.example.com", "ICPRecordalStatus": "APPROVED"}]
    assert (found["Certificate"], found["CertificateSource"], found["CloudFrontDefaultCertificate"]) == (arn, "acm", False)


def test_a_certificate_must_exist_be_issued_and_be_in_us_east_1(emulator: Emulator, cloudfront: Any) -> None:
    absent = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
    pending, elsewhere = certificate(emulator, status="PENDING_VALIDATION"), certificate(emulator, region="eu-west-1")
    for arn in (absent, pending, elsewhere):
        config = distribution_config(ViewerCertificate=viewer(arn))
        set_aliases(config, "api.example.com")
        error = refused("InvalidViewerCertificate", cloudfront.create_distribution, DistributionConfig=config)
        assert "isn't in us-east-1 region" in error["Message"]


def test_an_alias_belongs_to_one_distribution_until_it_is_moved(emulator: Emulator, cloudfront: Any) -> None:
    config = distribution_config(ViewerCertificate=viewer(certificate(emulator)))
    set_aliases(config, "api.example.com")
    first = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    config["CallerReference"] = unique()
    refused("CNAMEAlreadyExists", cloudfront.create_distribution, 409, DistributionConfig=config)
    set_aliases(config)
    second = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    cloudfront.associate_alias(TargetDistributionId=second, Alias="api.example.com")
    aliases = {d["Id"]: d["Aliases"].get("Items", []) for d in cloudfront.list_distributions()["DistributionList"]["Items"]}
    assert aliases == {first: [], second: ["api.example.com"]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: c.pop("Comment"), "MissingArgument"),
        (lambda c: c["Origins"]["Items"][0].pop("DomainName"), "MissingArgument"),
        (lambda c: c["DefaultCacheBehavior"].pop("ViewerProtocolPolicy"), "MissingArgument"),
        (lambda c: c.update(Comment="x" * 129), "InvalidArgument"),
        (lambda c: c["DefaultCacheBehavior"].update(AllowedMethods={"Quantity": 1, "Items": ["GET"]}), "InvalidArgument"),
        (lambda c: c.update(Logging={"Enabled": True, "IncludeCookies": False, "Bucket": "logs", "Prefix": ""}), "InvalidArgument"),
        (lambda c: c.update(Restrictions=_countries("blacklist")), "InvalidGeoRestrictionParameter"),
        (lambda c: c.update(Restrictions=_countries("none", "SE")), "InvalidGeoRestrictionParameter"),
        (lambda c: c.update(Restrictions=_countries("whitelist", "se")), "InvalidLocationCode"),
        (lambda c: c["Origins"].update(Quantity=2), "InconsistentQuantities"),
        (lambda c: c.update(PriceClass="PriceClass_9"), "InvalidArgument"),
        (lambda c: c["DefaultCacheBehavior"].pop("CachePolicyId"), "InvalidArgument"),
        (lambda c: c["DefaultCacheBehavior"].update(TargetOriginId="none"), "NoSuchOrigin"),
        (lambda c: c["Origins"]["Items"][0].update(OriginPath="prod"), "InvalidArgument"),
        (lambda c: c["Origins"]["Items"][0]["CustomOriginConfig"].update(OriginReadTimeout=121), "InvalidOriginReadTimeout"),
        (lambda c: c["Origins"]["Items"][0].pop("CustomOriginConfig"), "InvalidOrigin"),
    ],
)
def test_a_configuration_that_is_incomplete_or_contradicts_itself_is_refused(cloudfront: Any, change: Any, code: str) -> None:
    config = distribution_config()
    change(config)
    refused(code, cloudfront.create_distribution, DistributionConfig=config)


def test_malformed_xml_and_an_absent_body_are_refused(emulator: Emulator) -> None:
    status, text, _ = raw(emulator, "POST", "distribution", "<DistributionConfig>")
    assert (status, "<Code>MalformedXML</Code>" in text) == (400, True)
    status, text, _ = raw(emulator, "POST", "distribution")
    assert (status, "<Code>MissingBody</Code>" in text) == (400, True)


def test_lists_come_in_pages_of_at_most_a_hundred(cloudfront: Any) -> None:
    made = [distribution(cloudfront)["Id"] for _ in range(103)]
    first = cloudfront.list_distributions(MaxItems="1000")["DistributionList"]
    assert (first["MaxItems"], first["Quantity"], first["IsTruncated"], len(first["Items"])) == (100, 100, True, 100)
    rest = cloudfront.list_distributions(Marker=first["NextMarker"])["DistributionList"]
    assert (rest["Quantity"], rest["IsTruncated"], rest["Marker"]) == (3, False, first["NextMarker"])
    assert [d["Id"] for d in first["Items"] + rest["Items"]] == made
    pages = cloudfront.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 40})
    assert [len(page["DistributionList"]["Items"]) for page in pages] == [40, 40, 23]


def test_a_list_lags_behind_creations_updates_and_deletions(emulator: Emulator, cloudfront: Any) -> None:
    made = distribution(cloudfront, Enabled=False)
    emulator.set(listLag=0.4)
    second = update(cloudfront, made["Id"], lambda c: c.update(Comment="new"))
    new = distribution(cloudfront)["Id"]

    def listed() -> dict[str, str]:
        return {d["Id"]: d["ETag"] for d in cloudfront.list_distributions()["DistributionList"].get("Items", [])}

    assert new not in listed()
    assert listed().get(made["Id"]) != second["ETag"]
    until(lambda: listed().get(made["Id"]) == second["ETag"] and new in listed())
    cloudfront.delete_distribution(Id=made["Id"], IfMatch=second["ETag"])
    assert made["Id"] in listed()
    until(lambda: made["Id"] not in listed())


def test_tags_are_in_no_list_and_change_no_etag(cloudfront: Any) -> None:
    made = distribution(cloudfront, tags={"palisade.dev/uid": "u", "team": "a b"})
    cloudfront.tag_resource(Resource=made["ARN"], Tags={"Items": [{"Key": "team", "Value": "c"}, {"Key": "new", "Value": ""}]})
    cloudfront.untag_resource(Resource=made["ARN"], TagKeys={"Items": ["palisade.dev/uid"]})
    tags = {t["Key"]: t["Value"] for t in cloudfront.list_tags_for_resource(Resource=made["ARN"])["Tags"]["Items"]}
    assert tags == {"team": "c", "new": ""}
    assert cloudfront.get_distribution(Id=made["Id"])["ETag"] == made["ETag"]
    refused("NoSuchResource", cloudfront.list_tags_for_resource, 404, Resource=made["ARN"] + "X")
    for key, value in (("aws:x", ""), ("a", "b & c"), ("a", "x" * 257), ("x" * 129, "")):
        refused("InvalidTagging", cloudfront.tag_resource, 400, Resource=made["ARN"], Tags={"Items": [{"Key": key, "Value": value}]})


def test_a_foreign_hand_can_change_a_distribution_behind_our_back(emulator: Emulator, cloudfront: Any) -> None:
    made = distribution(cloudfront)
    change = {"enabled": False, "setXml": {"Origins/Items/Origin/OriginPath": "/x", "NewerThanController": "<Deep>1</Deep>"}}
    answer = emulator.control("PATCH", f"cloudfront/distributions/{made['Id']}", change)
    read = cloudfront.get_distribution_config(Id=made["Id"])
    assert answer["etag"] == read["ETag"] != made["ETag"]
    assert (read["DistributionConfig"]["Enabled"], read["DistributionConfig"]["Origins"]["Items"][0]["OriginPath"]) == (False, "/x")
    assert "<NewerThanController><Deep>1</Deep></NewerThanController>" in raw(emulator, "GET", f"distribution/{made['Id']}/config")[1]


def test_a_web_acl_in_use_is_named_by_the_summary(cloudfront: Any, waf: Any) -> None:
    made = web_acl(waf)
    distribution(cloudfront, WebACLId=made["ARN"])
    assert cloudfront.list_distributions()["DistributionList"]["Items"][0]["WebACLId"] == made["ARN"]
    refused("WAFAssociatedItemException", waf.delete_web_acl, **named(made), LockToken=made["LockToken"])
