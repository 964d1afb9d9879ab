"""API Gateway: custom domain names that are made, changed and deleted, their truststores, and the default endpoint's switch."""

from __future__ import annotations

from typing import Any

import pytest
from apis import replace
from conftest import Emulator, refused, until
from origins import BUCKET, KEY, NAME, URI, creation, led, prepared, put
from pairs import SERVER, authority, client, imported, of_rsa
from shields import account
from viewers import HTTP, REGION, REST, WEBSOCKET, ask, endpoint, plant


@pytest.fixture
def v2(emulator: Emulator) -> Any:
    return emulator.client("apigatewayv2", REGION)


def test_a_name_is_made_with_a_truststore_and_says_so(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    made = v2.create_domain_name(**creation(certificate, version, Tags={"a": "1"}))
    assert made["MutualTlsAuthentication"] == {"TruststoreUri": URI, "TruststoreVersion": version}
    found = v2.get_domain_name(DomainName=NAME)
    (configuration,) = found["DomainNameConfigurations"]
    assert (configuration["DomainNameStatus"], configuration["SecurityPolicy"], configuration["EndpointType"]) == ("AVAILABLE", "TLS_1_2", "REGIONAL")
    assert configuration["ApiGatewayDomainName"].startswith("d-") and configuration["HostedZoneId"]
    assert (found["Tags"], found["RoutingMode"], found["DomainNameArn"]) == (
        {"a": "1"},
        "API_MAPPING_ONLY",
        f"arn:aws:apigateway:{REGION}::/domainnames/{NAME}",
    )
    (listed,) = emulator.client("apigateway", REGION).get_domain_names()["items"]
    assert (listed["mutualTlsAuthentication"]["truststoreVersion"], listed["domainNameStatus"]) == (version, "AVAILABLE")
    acm = emulator.client("acm", REGION)
    assert "elasticloadbalancing" in acm.describe_certificate(CertificateArn=certificate)["Certificate"]["InUseBy"][0]
    refused("ResourceInUseException", acm.delete_certificate, 400, CertificateArn=certificate)
    v2.delete_domain_name(DomainName=NAME)
    refused("NotFoundException", v2.get_domain_name, 404, DomainName=NAME)
    acm.delete_certificate(CertificateArn=certificate)


def test_a_name_is_unique_over_all_accounts_of_a_region(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    v2.create_domain_name(**creation(certificate, version))
    refused("ConflictException", v2.create_domain_name, 409, **creation(certificate, version))
    v2.delete_domain_name(DomainName=NAME)
    api = {"id": "theirs0000", "region": REGION, "protocol": "HTTP", "stages": ["$default"], "domainNames": [{"domainName": NAME, "stage": "$default"}]}
    account(emulator, apis=[api])
    refused("ConflictException", v2.create_domain_name, 409, **creation(certificate, version))


def test_a_name_needs_an_issued_certificate_of_its_region_that_covers_it(emulator: Emulator, v2: Any) -> None:
    _, version = prepared(emulator, authority())
    acm, here = emulator.client("acm", REGION), emulator.client("acm")
    pending = acm.request_certificate(DomainName=NAME, ValidationMethod="DNS")["CertificateArn"]
    elsewhere = here.request_certificate(DomainName=NAME, ValidationMethod="DNS")["CertificateArn"]
    emulator.control("PATCH", f"acm/certificates/{elsewhere.rpartition('/')[2]}", {"status": "ISSUED"})
    for arn in (pending, elsewhere, "arn:aws:acm:eu-north-1:123456789012:certificate/none"):
        assert "Region" in refused("BadRequestException", v2.create_domain_name, 400, **creation(arn, version))["Message"]
    emulator.control("PATCH", f"acm/certificates/{pending.rpartition('/')[2]}", {"status": "ISSUED"})
    assert "covered" in refused("BadRequestException", v2.create_domain_name, 400, **creation(pending, version, "b.example.com"))["Message"]
    ca = authority()
    brought = imported(emulator, client(ca, extended=[SERVER], names=(NAME,)), ca, region=REGION)
    assert "ownership" in refused("BadRequestException", v2.create_domain_name, 400, **creation(brought, version))["Message"]
    given = creation(brought, version)
    given["DomainNameConfigurations"][0]["OwnershipVerificationCertificateArn"] = pending
    v2.create_domain_name(**given)


def test_a_configuration_is_one_and_whole(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    given = creation(certificate, version)
    for configurations in ([], [given["DomainNameConfigurations"][0]] * 2):
        error = refused("BadRequestException", v2.create_domain_name, 400, **{**given, "DomainNameConfigurations": configurations})
        assert error["Message"] == "Expected one domain name configuration"
    for member, value in (("EndpointType", "EDGE"), ("SecurityPolicy", "SecurityPolicy_TLS13_1_3_2025_09")):
        wrong = {**given, "DomainNameConfigurations": [{**given["DomainNameConfigurations"][0], member: value}]}
        refused("BadRequestException", v2.create_domain_name, 400, **wrong)
    refused("BadRequestException", v2.create_domain_name, 400, **{**given, "RoutingMode": "ANY"})


def test_a_truststore_is_read_from_s3_and_must_be_there(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    for uri, number in ((URI, "none"), (f"s3://{BUCKET}/other.pem", version), ("s3://nowhere/a.pem", version), ("https://a/b", version)):
        given = {**creation(certificate, version), "MutualTlsAuthentication": {"TruststoreUri": uri, "TruststoreVersion": number}}
        refused("BadRequestException", v2.create_domain_name, 400, **given)
    refused("BadRequestException", v2.create_domain_name, 400, **creation(certificate, put(emulator, "no certificate at all")))


def test_the_truststores_bucket_is_of_the_same_region_or_of_any(emulator: Emulator, v2: Any) -> None:
    certificate, _ = prepared(emulator, authority())
    emulator.control("POST", "seed", {"buckets": [{"name": "far-away", "region": "us-east-1", "objects": {"a.pem": authority().pem}}]})
    given = {**creation(certificate, ""), "MutualTlsAuthentication": {"TruststoreUri": "s3://far-away/a.pem"}}
    assert "Region" in refused("BadRequestException", v2.create_domain_name, 400, **given)["Message"]
    emulator.set(truststoreOfAnyRegion=True)
    v2.create_domain_name(**given)


def test_certificates_of_a_truststore_that_prove_nothing_are_minded(emulator: Emulator, v2: Any) -> None:
    broken = authority().pem.replace("MII", "AAA", 1)
    certificate, version = prepared(emulator, authority(), authority("Old", days=(-9, -1)), authority("Weak", key=of_rsa(1024)), broken)
    warnings = v2.create_domain_name(**creation(certificate, version))["MutualTlsAuthentication"]["TruststoreWarnings"]
    assert [words in warning for words, warning in zip(("Old", "Weak", "format"), warnings, strict=True)] == [True] * 3, warnings


def test_a_truststore_is_read_with_the_rights_of_the_caller(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    emulator.set(enforceIam=True)
    allowed = [{"Effect": "Allow", "Action": ["apigateway:*", "iam:CreateServiceLinkedRole"], "Resource": "*"}]

    def may(*actions: str) -> Any:
        reads = [{"Effect": "Allow", "Action": list(actions), "Resource": f"arn:aws:s3:::{BUCKET}/palisade/*"}] if actions else []
        document = {"Version": "2012-10-17", "Statement": [*allowed, *reads]}
        emulator.control("POST", "seed", {"users": [{"name": "u", "accessKeyId": "AKIAU", "policyDocument": document}]})
        return emulator.client("apigatewayv2", REGION, "AKIAU")

    for actions in ((), ("s3:GetObject",), ("s3:GetObjectVersion",)):
        assert "s3:GetObject" in refused("BadRequestException", may(*actions).create_domain_name, 400, **creation(certificate, version))["Message"]
    may("s3:GetObject", "s3:GetObjectVersion").create_domain_name(**creation(certificate, version))


def test_a_name_needs_the_rights_of_its_path_its_certificate_and_its_tags(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    emulator.set(enforceIam=True)
    base = f"arn:aws:apigateway:{REGION}::/domainnames"
    reads = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": "*"}
    role = {"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "arn:aws:iam::*:role/aws-service-role/ops.apigateway.amazonaws.com/*"}

    def may(*statements: tuple[str, str], also: Any = ()) -> Any:
        given = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in statements]
        document = {"Version": "2012-10-17", "Statement": [reads, role, *given, *also]}
        emulator.control("POST", "seed", {"users": [{"name": "u", "accessKeyId": "AKIAU", "policyDocument": document}]})
        return emulator.client("apigatewayv2", REGION, "AKIAU")

    add, remove = ("apigateway:AddCertificateToDomain", f"{base}*"), ("apigateway:RemoveCertificateFromDomain", f"{base}/*")
    post, put_tags = ("apigateway:POST", base), ("apigateway:PUT", f"arn:aws:apigateway:{REGION}::/tags/*")
    given = creation(certificate, version, Tags={"a": "1"})
    for rights in ((post, add), (post, put_tags), (add, put_tags)):
        refused("AccessDeniedException", may(*rights).create_domain_name, 403, **given)
    emulator.set(certificateActionsNeedStar=True)
    refused("AccessDeniedException", may(post, add, put_tags).create_domain_name, 403, **given)
    may(post, ("apigateway:AddCertificateToDomain", "*"), put_tags).create_domain_name(**given)
    emulator.set(certificateActionsNeedStar=False)
    patch, one = ("apigateway:PATCH", f"{base}/*"), {"DomainName": NAME, "RoutingMode": "API_MAPPING_ONLY"}
    refused("AccessDeniedException", may(patch, add).update_domain_name, 403, **one)
    may(patch, add, remove).update_domain_name(**one)
    # The truststore that is asked for, and the tags that the name bears, are conditions.
    given = {"TruststoreUri": URI, "TruststoreVersion": version}
    for condition in ({"StringEquals": {"aws:ResourceTag/a": "1"}}, {"StringLike": {"apigateway:Request/MtlsTrustStoreUri": f"s3://{BUCKET}/*"}}):
        deny = {"Effect": "Deny", "Action": "apigateway:PATCH", "Resource": "*", "Condition": condition}
        client = may(patch, add, remove, also=[deny])
        refused("AccessDeniedException", client.update_domain_name, 403, **one, MutualTlsAuthentication=given)
    refused("AccessDeniedException", may(("apigateway:DELETE", f"{base}/*")).delete_domain_name, 403, DomainName=NAME)
    may(("apigateway:DELETE", f"{base}/*"), remove).delete_domain_name(DomainName=NAME)


def test_a_name_is_changed_after_a_while_and_not_again_meanwhile(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    emulator.set(domainNameDelay=0.3)
    v2.create_domain_name(**creation(certificate, version))

    def status() -> str:
        return str(v2.get_domain_name(DomainName=NAME)["DomainNameConfigurations"][0]["DomainNameStatus"])

    assert status() == "UPDATING"
    until(lambda: status() == "AVAILABLE")
    emulator.set(domainNameDelay=60)
    second = put(emulator, authority())
    trust = {"TruststoreUri": URI, "TruststoreVersion": second}
    changed = v2.update_domain_name(
        DomainName=NAME, DomainNameConfigurations=creation(certificate, "")["DomainNameConfigurations"], MutualTlsAuthentication=trust
    )
    assert (changed["MutualTlsAuthentication"]["TruststoreVersion"], status()) == (second, "UPDATING")
    refused("ConflictException", v2.update_domain_name, 409, DomainName=NAME, MutualTlsAuthentication=trust)


def test_mutual_tls_is_switched_off_by_an_empty_uri(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    v2.create_domain_name(**creation(certificate, version))
    changed = v2.update_domain_name(DomainName=NAME, MutualTlsAuthentication={"TruststoreUri": ""})
    assert "MutualTlsAuthentication" not in changed


def test_a_path_of_a_name_leads_to_a_stage(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    plant(emulator), plant(emulator, "HTTP"), plant(emulator, "WEBSOCKET")
    v2.create_domain_name(**creation(certificate, version))
    made = v2.create_api_mapping(DomainName=NAME, ApiId=REST, Stage="prod", ApiMappingKey="")
    v2.create_api_mapping(DomainName=NAME, ApiId=HTTP, Stage="$default", ApiMappingKey="orders")
    refused("ConflictException", v2.create_api_mapping, 409, DomainName=NAME, ApiId=REST, Stage="prod", ApiMappingKey="")
    refused("BadRequestException", v2.create_api_mapping, 400, DomainName=NAME, ApiId="none", Stage="prod", ApiMappingKey="a")
    refused("BadRequestException", v2.create_api_mapping, 400, DomainName=NAME, ApiId=REST, Stage="none", ApiMappingKey="a")
    refused("BadRequestException", v2.create_api_mapping, 400, DomainName=NAME, ApiId=WEBSOCKET, Stage="prod", ApiMappingKey="a")
    refused("NotFoundException", v2.create_api_mapping, 404, DomainName="none.example.com", ApiId=REST, Stage="prod", ApiMappingKey="a")
    assert v2.get_api_mapping(DomainName=NAME, ApiMappingId=made["ApiMappingId"])["ApiId"] == REST
    assert [m["ApiMappingKey"] for m in v2.get_api_mappings(DomainName=NAME)["Items"]] == ["", "orders"]
    v2.delete_api_mapping(DomainName=NAME, ApiMappingId=made["ApiMappingId"])
    refused("NotFoundException", v2.delete_api_mapping, 404, DomainName=NAME, ApiMappingId=made["ApiMappingId"])


def test_a_name_bears_tags_that_are_found_in_its_region(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    arn = v2.create_domain_name(**creation(certificate, version, Tags={"a": "1"}))["DomainNameArn"]
    v2.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    v2.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert v2.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}
    acm = emulator.client("acm", REGION)
    requested = acm.request_certificate(DomainName=NAME, ValidationMethod="DNS", Tags=[{"Key": "b", "Value": "2"}])["CertificateArn"]

    def tagged(region: str, *kinds: str) -> set[str]:
        client = emulator.client("resourcegroupstaggingapi", region)
        found = client.get_resources(TagFilters=[{"Key": "b", "Values": ["2"]}], ResourceTypeFilters=list(kinds))
        return {entry["ResourceARN"] for entry in found["ResourceTagMappingList"]}

    assert tagged(REGION) == tagged(REGION, "acm:certificate", "apigateway:domainnames") == {arn, requested}
    assert tagged(REGION, "apigateway") == {arn}
    assert tagged("us-east-1") == set()


def test_names_are_made_changed_and_deleted_seldom(emulator: Emulator, v2: Any) -> None:
    certificate, version = prepared(emulator, authority())
    emulator.set(enforceQuotas=True, domainNameWriteInterval=0.4)
    v2.create_domain_name(**creation(certificate, version))
    refused("TooManyRequestsException", v2.create_domain_name, 429, **creation(certificate, version, "other.shop.example.com"))
    # Each of the three by itself.
    v2.update_domain_name(DomainName=NAME, RoutingMode="API_MAPPING_ONLY")
    v2.delete_domain_name(DomainName=NAME)

    def made() -> bool:
        try:
            v2.create_domain_name(**creation(certificate, version))
        except v2.exceptions.TooManyRequestsException:
            return False
        return True

    until(made)


def test_others_change_a_name_and_its_truststore(emulator: Emulator) -> None:
    plant(emulator)
    origin = led(emulator)
    where = f"apigateway/{REGION}/domainnames/{NAME}"
    assert emulator.control("PATCH", where, {"status": "FAILED", "statusMessage": "why"})["status"] == "FAILED"
    assert origin.document()["DomainNameConfigurations"][0]["DomainNameStatusMessage"] == "why"
    emulator.control("PATCH", where, {"status": None, "truststoreVersion": "theirs", "routingMode": "ROUTING_RULE_ONLY", "removeMappings": [""]})
    found = origin.document()
    assert (found["MutualTlsAuthentication"]["TruststoreVersion"], found["RoutingMode"], origin.status) == ("theirs", "ROUTING_RULE_ONLY", "AVAILABLE")
    emulator.control("PATCH", where, {"mutualTls": False, "mappings": [{"apiId": REST, "stage": "prod", "key": "x"}]})
    assert "MutualTlsAuthentication" not in origin.document()
    assert emulator.control("PATCH", f"s3/{BUCKET}", {"put": {KEY: "theirs"}, "versioning": "Suspended"})["versioning"] == "Suspended"
    assert emulator.client("s3", REGION).get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"theirs"
    assert emulator.control("PATCH", where, {"delete": True})["deleted"] is True
    assert emulator.control("PATCH", where, {"delete": True})["error"] == "NotFound"
    assert "error" in emulator.control("PATCH", f"s3/{BUCKET}", {"nonsense": 1})


def test_what_stands_is_told_among_the_resources(emulator: Emulator) -> None:
    plant(emulator)
    led(emulator, Tags={"a": "1"})
    found = {one["type"]: one for one in emulator.control("GET", "resources") if one["type"] in ("domainname", "object")}
    assert (found["domainname"]["id"], found["domainname"]["tags"], found["domainname"]["state"]) == (NAME, {"a": "1"}, "AVAILABLE")
    assert (found["object"]["name"], len(found["object"]["versions"])) == (KEY, 1)


def switch(emulator: Emulator, off: bool) -> None:
    emulator.client("apigateway", REGION).update_rest_api(restApiId=REST, patchOperations=replace(disableExecuteApiEndpoint=str(off).lower()))


def test_a_rest_apis_endpoint_is_off_with_the_next_change_of_any_stage(emulator: Emulator) -> None:
    rest, host = emulator.client("apigateway", REGION), plant(emulator, methods=["GET /pets"], stages=["prod", "dev"])
    switch(emulator, True)
    assert rest.get_rest_api(restApiId=REST)["disableExecuteApiEndpoint"] is True
    assert ask(emulator, host, "/prod/pets").status == 200
    rest.update_stage(restApiId=REST, stageName="dev", patchOperations=replace(description="x"))
    seen = ask(emulator, host, "/prod/pets")
    assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (403, {"message": "Forbidden"}, "ForbiddenException")
    switch(emulator, False)
    assert ask(emulator, host, "/prod/pets").status == 403
    rest.create_deployment(restApiId=REST, stageName="prod")
    assert ask(emulator, host, "/prod/pets").status == 200


def test_a_stage_that_is_given_what_it_has_makes_the_switch_count_or_not(emulator: Emulator) -> None:
    rest, host = emulator.client("apigateway", REGION), plant(emulator, methods=["GET /pets"])
    same = replace(deploymentId=rest.get_stage(restApiId=REST, stageName="prod")["deploymentId"])
    emulator.set(unchangedStagePublishes=False)
    switch(emulator, True)
    rest.update_stage(restApiId=REST, stageName="prod", patchOperations=same)
    assert ask(emulator, host, "/prod/pets").status == 200
    emulator.set(unchangedStagePublishes=True)
    rest.update_stage(restApiId=REST, stageName="prod", patchOperations=same)
    assert ask(emulator, host, "/prod/pets").status == 403


def test_the_switch_takes_its_time(emulator: Emulator) -> None:
    rest, host = emulator.client("apigateway", REGION), plant(emulator, methods=["GET /pets"])
    emulator.set(endpointSwitchDelay=0.3)
    switch(emulator, True)
    rest.update_stage(restApiId=REST, stageName="prod", patchOperations=replace(description="x"))
    assert ask(emulator, host, "/prod/pets").status == 200
    until(lambda: ask(emulator, host, "/prod/pets").status == 403)


def test_an_http_apis_endpoint_is_off_at_once_where_a_stage_deploys_by_itself(emulator: Emulator, v2: Any) -> None:
    host = plant(emulator, "HTTP", methods=["GET /orders"])
    v2.update_api(ApiId=HTTP, DisableExecuteApiEndpoint=True)
    seen = ask(emulator, host, "/orders")
    assert (seen.status, seen.json, bool(seen.header("apigw-requestid"))) == (404, {"message": "Not Found"}, True)
    emulator.set(disabledHttpStatus=403)
    seen = ask(emulator, host, "/orders")
    assert (seen.status, seen.json) == (403, {"message": "Forbidden"})
    v2.update_api(ApiId=HTTP, DisableExecuteApiEndpoint=False)
    assert ask(emulator, host, "/orders").status == 200


def test_an_http_apis_endpoint_is_off_with_a_stage_or_a_deployment_where_none_deploys_by_itself(emulator: Emulator, v2: Any) -> None:
    host = plant(emulator, "HTTP", methods=["GET /orders"], stages=[{"name": "prod", "autoDeploy": False}])
    for publish in (
        lambda: v2.update_stage(ApiId=HTTP, StageName="prod", DeploymentId=v2.get_stage(ApiId=HTTP, StageName="prod")["DeploymentId"]),
        lambda: v2.create_deployment(ApiId=HTTP, StageName="prod"),
    ):
        v2.update_api(ApiId=HTTP, DisableExecuteApiEndpoint=True)
        assert ask(emulator, host, "/prod/orders").status == 200
        publish()
        assert ask(emulator, host, "/prod/orders").status == 404
        emulator.control("PATCH", f"apigateway/{REGION}/{HTTP}", {"disableExecuteApiEndpoint": False})
        assert ask(emulator, endpoint(HTTP), "/prod/orders").status == 200


def test_switching_an_endpoint_on_can_be_forbidden_by_a_condition(emulator: Emulator, v2: Any) -> None:
    plant(emulator, "HTTP")
    plant(emulator, "REST")
    emulator.set(enforceIam=True)
    allow = {"Effect": "Allow", "Action": "apigateway:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "apigateway:PATCH", "Resource": "*", "Condition": {"Bool": {"apigateway:Request/DisableExecuteApiEndpoint": "false"}}}
    document = {"Version": "2012-10-17", "Statement": [allow, deny]}
    emulator.control("POST", "seed", {"users": [{"name": "u", "accessKeyId": "AKIAU", "policyDocument": document}]})
    client = emulator.client("apigatewayv2", REGION, "AKIAU")
    client.update_api(ApiId=HTTP, DisableExecuteApiEndpoint=True)
    refused("AccessDeniedException", client.update_api, 403, ApiId=HTTP, DisableExecuteApiEndpoint=False)
    rest = emulator.client("apigateway", REGION, "AKIAU")
    on = {"restApiId": REST, "patchOperations": [{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "false"}]}
    refused("AccessDeniedException", rest.update_rest_api, 403, **on)
