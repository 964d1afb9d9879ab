"""ACM: certificates that were imported, and CloudFront's use of them towards origins."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, distribution, distribution_config, refused, signer, update, web_acl
from cryptography.hazmat.primitives.asymmetric import ec
from pairs import CLIENT, SERVER, Pair, authority, client, elliptic, imported, of_rsa, parameters

CLIENT_USAGE = "TLS_WEB_CLIENT_AUTHENTICATION"


@pytest.fixture
def acm(emulator: Emulator) -> Any:
    return emulator.client("acm")


def described(acm: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    return found


def showing(arn: str | None, **more: Any) -> dict[str, Any]:
    """A distribution whose origin is shown a client certificate."""
    config = distribution_config(**more)
    if arn:
        config["Origins"]["Items"][0]["CustomOriginConfig"]["OriginMtlsConfig"] = {"ClientCertificateArn": arn}
    return config


def test_an_imported_certificate_says_what_is_in_it(acm: Any) -> None:
    ca = authority("Emulated CA")
    leaf = client(ca, "palisade 1", names=("origin.example.com",))
    arn = acm.import_certificate(**parameters(leaf, ca), Tags=[{"Key": "a", "Value": "1"}])["CertificateArn"]
    found = described(acm, arn)
    assert (found["Type"], found["Status"], found["KeyAlgorithm"], found["InUseBy"]) == ("IMPORTED", "ISSUED", "EC_prime256v1", [])
    assert int(found["Serial"].replace(":", ""), 16) == leaf.certificate.serial_number
    assert (found["Subject"], found["Issuer"], found["DomainName"]) == ("CN=palisade 1", "Emulated CA", "origin.example.com")
    assert found["ExtendedKeyUsages"] == [{"Name": CLIENT_USAGE, "OID": "1.3.6.1.5.5.7.3.2"}]
    assert (found["NotBefore"], found["NotAfter"]) == (leaf.certificate.not_valid_before_utc, leaf.certificate.not_valid_after_utc)
    assert "ImportedAt" in found and "IssuedAt" not in found
    read = acm.get_certificate(CertificateArn=arn)
    assert (read["Certificate"], read["CertificateChain"]) == (leaf.pem, ca.pem)
    assert acm.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_certificate_that_does_not_fit_its_key_its_chain_or_the_day_is_refused(acm: Any) -> None:
    ca, other = authority(), authority()
    leaf = client(ca)
    for given, words in (
        (parameters(Pair(leaf.certificate, elliptic()), ca), "does not match"),
        (parameters(leaf, other), "certificate chain"),
        (parameters(leaf), "certificate chain"),
        (parameters(client(ca, days=(-9, -1)), ca), "not valid at this time"),
        (parameters(client(ca, days=(1, 9)), ca), "not valid at this time"),
        (parameters(client(authority(key=of_rsa())), authority()), "certificate chain"),
        ({**parameters(leaf, ca), "PrivateKey": b"none"}, "PEM"),
        ({**parameters(leaf, ca), "Certificate": b"none"}, "PEM"),
        ({**parameters(leaf, ca), "Certificate": (leaf.pem + ca.pem).encode()}, "more than one"),
    ):
        assert words in refused("ValidationException", acm.import_certificate, 400, **given)["Message"]
    rsa_ca = authority(key=of_rsa())
    assert "algorithm" in refused("ValidationException", acm.import_certificate, 400, **parameters(client(rsa_ca), rsa_ca))["Message"]


def test_a_chain_goes_from_the_issuer_upwards(acm: Any) -> None:
    root = authority()
    between = authority(by=root)
    leaf = client(between)
    refused("ValidationException", acm.import_certificate, 400, **parameters(leaf, root, between))
    acm.import_certificate(**parameters(leaf, between, root))
    acm.import_certificate(**parameters(leaf, between))
    acm.import_certificate(**parameters(client(None)))


def test_another_certificate_takes_the_place_of_one_of_the_same_key_type_without_tags(acm: Any) -> None:
    ca = authority()
    arn = acm.import_certificate(**parameters(client(ca, names=("a.example.com",)), ca))["CertificateArn"]
    again = client(ca, names=("b.example.com",))
    assert acm.import_certificate(CertificateArn=arn, **parameters(again, ca))["CertificateArn"] == arn
    assert acm.get_certificate(CertificateArn=arn)["Certificate"] == again.pem
    refused("ValidationException", acm.import_certificate, 400, CertificateArn=arn, **parameters(again, ca), Tags=[{"Key": "a", "Value": "1"}])
    rsa_ca = authority(key=of_rsa())
    larger = client(rsa_ca, key=of_rsa(), names=("b.example.com",))
    refused("ValidationException", acm.import_certificate, 400, CertificateArn=arn, **parameters(larger, rsa_ca))
    refused("ValidationException", acm.import_certificate, 400, CertificateArn=arn, **parameters(client(ca), ca))
    refused("ResourceNotFoundException", acm.import_certificate, 400, CertificateArn=f"{arn[:-1]}x", **parameters(again, ca))
    requested = acm.request_certificate(DomainName="a.example.com", ValidationMethod="DNS")["CertificateArn"]
    refused("ValidationException", acm.import_certificate, 400, CertificateArn=requested, **parameters(again, ca))


def test_of_what_a_certificate_is_for_only_the_use_by_clients_may_vanish(acm: Any) -> None:
    ca = authority()
    arn = acm.import_certificate(**parameters(client(ca, extended=None), ca))["CertificateArn"]
    acm.import_certificate(CertificateArn=arn, **parameters(client(ca, extended=[SERVER, CLIENT]), ca))
    refused("ValidationException", acm.import_certificate, 400, CertificateArn=arn, **parameters(client(ca), ca))
    refused("ValidationException", acm.import_certificate, 400, CertificateArn=arn, **parameters(client(ca, extended=[SERVER, CLIENT], usages={}), ca))
    acm.import_certificate(CertificateArn=arn, **parameters(client(ca, extended=[SERVER]), ca))
    assert [one["Name"] for one in described(acm, arn)["ExtendedKeyUsages"]] == ["TLS_WEB_SERVER_AUTHENTICATION"]


def test_certificates_are_listed_by_key_type_and_use_in_their_own_region(emulator: Emulator, acm: Any) -> None:
    ca, rsa_ca = authority(), authority(key=of_rsa())
    curve = imported(emulator, client(ca), ca)
    plain = imported(emulator, client(rsa_ca, key=of_rsa(), extended=[SERVER]), rsa_ca)
    elsewhere = imported(emulator, client(ca), ca, region="eu-north-1")

    def listed(client: Any = acm, **includes: Any) -> list[str]:
        return [c["CertificateArn"] for c in client.list_certificates(Includes=includes)["CertificateSummaryList"]]

    assert listed() == [plain]
    assert listed(keyTypes=["EC_prime256v1", "RSA_2048"]) == [curve, plain]
    assert listed(keyTypes=["EC_prime256v1", "RSA_2048"], extendedKeyUsage=[CLIENT_USAGE]) == [curve]
    assert listed(emulator.client("acm", "eu-north-1"), keyTypes=["EC_prime256v1"]) == [elsewhere]
    refused("ResourceNotFoundException", acm.get_certificate, 400, CertificateArn=elsewhere)


def test_a_requested_certificate_is_given_out_once_it_is_issued(emulator: Emulator) -> None:
    acm = emulator.client("acm", "eu-north-1")
    arn = acm.request_certificate(DomainName="origin.example.com", ValidationMethod="DNS")["CertificateArn"]
    refused("RequestInProgressException", acm.get_certificate, 400, CertificateArn=arn)
    emulator.control("PATCH", f"acm/certificates/{arn.rpartition('/')[2]}", {"status": "ISSUED"})
    assert acm.get_certificate(CertificateArn=arn)["Certificate"].startswith("-----BEGIN CERTIFICATE-----")


def test_a_distribution_shows_an_imported_client_certificate_of_us_east_1(emulator: Emulator, acm: Any, cloudfront: Any) -> None:
    ca = authority()
    arn = imported(emulator, client(ca), ca)
    made = cloudfront.create_distribution(DistributionConfig=showing(arn))["Distribution"]
    origin = made["DistributionConfig"]["Origins"]["Items"][0]["CustomOriginConfig"]
    assert origin["OriginMtlsConfig"] == {"ClientCertificateArn": arn}
    assert described(acm, arn)["InUseBy"] == [made["ARN"]]
    refused("ResourceInUseException", acm.delete_certificate, 400, CertificateArn=arn)


def test_a_client_certificate_that_cloudfront_cannot_show_is_refused(emulator: Emulator, acm: Any, cloudfront: Any) -> None:
    ca, wide = authority(), authority(key=elliptic(ec.SECP384R1()))
    deep = [authority()]
    for _ in range(3):
        deep.insert(0, authority(by=deep[0]))
    wrong = [
        imported(emulator, client(ca), ca, region="eu-north-1"),
        imported(emulator, client(ca, extended=[SERVER]), ca),
        imported(emulator, client(wide, key=elliptic(ec.SECP384R1())), wide),
        imported(emulator, client(deep[0]), *deep[:3]),
        acm.request_certificate(DomainName="a.example.com", ValidationMethod="DNS")["CertificateArn"],
        "arn:aws:acm:us-east-1:123456789012:certificate/none",
    ]
    for arn in wrong:
        refused("InvalidArgument", cloudfront.create_distribution, 400, DistributionConfig=showing(arn))
    for code, status in (("IllegalUpdate", 400), ("EntityNotFound", 404), ("AccessDenied", 403)):
        emulator.set(originMtlsRefusal=code)
        refused(code, cloudfront.create_distribution, status, DistributionConfig=showing(wrong[0]))


def test_a_certificate_is_known_to_cloudfront_after_a_while_only(emulator: Emulator, cloudfront: Any) -> None:
    emulator.set(certificatePropagation=60)
    ca = authority()
    arn = imported(emulator, client(ca), ca)
    refused("InvalidArgument", cloudfront.create_distribution, 400, DistributionConfig=showing(arn))
    emulator.set(certificatePropagation=0)
    cloudfront.create_distribution(DistributionConfig=showing(arn))


def test_a_function_between_cache_and_origin_does_not_go_with_a_client_certificate(emulator: Emulator, cloudfront: Any) -> None:
    ca = authority()
    arn, function = imported(emulator, client(ca), ca), signer(emulator)
    refused("InvalidArgument", cloudfront.create_distribution, 400, DistributionConfig=showing(arn, function=function))
    # On a behaviour that leads elsewhere the two go together, or not: that is not known.
    other = {"Id": "other", "DomainName": "other.example.com", "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}

    def beside() -> dict[str, Any]:
        config = showing(arn, function=function)
        config["Origins"] = {"Quantity": 2, "Items": [*config["Origins"]["Items"], other]}
        config["DefaultCacheBehavior"]["TargetOriginId"] = "other"
        return config

    cloudfront.create_distribution(DistributionConfig=beside())
    emulator.set(originMtlsExcludesAllFunctions=True)
    refused("InvalidArgument", cloudfront.create_distribution, 400, DistributionConfig=beside())


def test_one_call_changes_five_client_certificates_at_most(emulator: Emulator, cloudfront: Any) -> None:
    ca = authority()

    def origins(count: int) -> dict[str, Any]:
        config = distribution_config()
        config["Origins"] = {"Quantity": count, "Items": [showing(imported(emulator, client(ca), ca))["Origins"]["Items"][0] for _ in range(count)]}
        for number, origin in enumerate(config["Origins"]["Items"]):
            origin["Id"] = f"origin-{number}" if number else "api"
        return config

    refused("InvalidArgument", cloudfront.create_distribution, 400, DistributionConfig=origins(6))
    cloudfront.create_distribution(DistributionConfig=origins(5))


def test_a_certificate_is_in_use_until_its_successor_is_deployed_and_for_a_while_after(emulator: Emulator, acm: Any, cloudfront: Any) -> None:
    ca = authority()
    old, new = imported(emulator, client(ca), ca), imported(emulator, client(ca), ca)
    made = cloudfront.create_distribution(DistributionConfig=showing(old))["Distribution"]
    emulator.set(deploymentDelay=60, certificateRelease=60)

    def show(config: dict[str, Any]) -> None:
        config["Origins"]["Items"][0]["CustomOriginConfig"]["OriginMtlsConfig"] = {"ClientCertificateArn": new}

    update(cloudfront, made["Id"], show)
    assert described(acm, old)["InUseBy"] == described(acm, new)["InUseBy"] == [made["ARN"]]
    refused("ResourceInUseException", acm.delete_certificate, 400, CertificateArn=old)
    # Another update, at once deployed.
    emulator.set(deploymentDelay=0)
    update(cloudfront, made["Id"], lambda config: config.update(Comment="again"))
    assert described(acm, old)["InUseBy"] == []
    refused("ResourceInUseException", acm.delete_certificate, 400, CertificateArn=old)
    emulator.set(certificateRelease=0)
    acm.delete_certificate(CertificateArn=old)


def test_a_flat_rate_plan_has_no_client_certificates(emulator: Emulator, cloudfront: Any) -> None:
    ca = authority()
    arn = imported(emulator, client(ca), ca)
    made = distribution(cloudfront, WebACLId=web_acl(emulator.client("wafv2"))["ARN"])
    emulator.set(flatRatePlan=True)
    read = cloudfront.get_distribution_config(Id=made["Id"])
    read["DistributionConfig"]["Origins"]["Items"][0]["CustomOriginConfig"]["OriginMtlsConfig"] = {"ClientCertificateArn": arn}
    error = refused("InvalidArgument", cloudfront.update_distribution, 400, Id=made["Id"], IfMatch=read["ETag"], DistributionConfig=read["DistributionConfig"])
    assert "tier" in error["Message"]


def test_importing_needs_its_action_and_that_of_its_tags(emulator: Emulator) -> None:
    ca = authority()
    emulator.set(enforceIam=True)

    def may(*actions: str) -> Any:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "arn:aws:acm:us-east-1:*:certificate/*"}]}
        emulator.control("POST", "seed", {"users": [{"name": "u", "accessKeyId": "AKIAU", "policyDocument": document}]})
        return emulator.client("acm", key="AKIAU")

    given = {**parameters(client(ca), ca), "Tags": [{"Key": "a", "Value": "1"}]}
    refused("AccessDeniedException", may("acm:ImportCertificate").import_certificate, 400, **given)
    refused("AccessDeniedException", may("acm:AddTagsToCertificate").import_certificate, 400, **given)
    arn = may("acm:ImportCertificate", "acm:AddTagsToCertificate").import_certificate(**given)["CertificateArn"]
    refused("AccessDeniedException", may("acm:DescribeCertificate").get_certificate, 400, CertificateArn=arn)
    may("acm:GetCertificate").get_certificate(CertificateArn=arn)


def test_a_private_key_is_told_to_who_asks_for_keys_alone_and_also_once_its_certificate_is_gone(emulator: Emulator, acm: Any) -> None:
    ca = authority()
    leaf = client(ca)
    arn = imported(emulator, leaf, ca)
    told = f"{emulator.journal()}{emulator.control('GET', 'resources')}{emulator.control('GET', 'dependent-actions')}"
    assert leaf.key_pem.splitlines()[1] not in told
    acm.delete_certificate(CertificateArn=arn)
    assert emulator.control("GET", "acm/keys") == [{"arn": arn, "tags": {}, "privateKey": leaf.key_pem}]
