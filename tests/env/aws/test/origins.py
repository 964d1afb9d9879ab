"""A custom domain name with mutual TLS before an API, as somebody makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conftest import Emulator
from pairs import Pair, authority
from viewers import HTTP, REGION, REST

BUCKET, KEY, NAME, ZONE = "shop-truststores", "palisade/one.pem", "origin.shop.example.com", "Z0ORIGIN"
URI = f"s3://{BUCKET}/{KEY}"


@dataclass
class Origin:
    emulator: Emulator
    ca: Pair
    certificate: str
    version: str
    name: str = NAME

    @property
    def v2(self) -> Any:
        return self.emulator.client("apigatewayv2", REGION)

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = self.v2.get_domain_name(DomainName=self.name)
        return found

    @property
    def status(self) -> str:
        return str(self.document()["DomainNameConfigurations"][0]["DomainNameStatus"])

    def trust(self, *authorities: Pair) -> str:
        """Another version of the truststore, which the name does not use yet."""
        self.version = put(self.emulator, *authorities)
        return self.version

    def update(self, *authorities: Pair) -> dict[str, Any]:
        version = self.trust(*authorities)
        found: dict[str, Any] = self.v2.update_domain_name(DomainName=self.name, MutualTlsAuthentication={"TruststoreUri": URI, "TruststoreVersion": version})
        return found


def put(emulator: Emulator, *authorities: Pair | str) -> str:
    content = "".join(one if isinstance(one, str) else one.pem for one in authorities)
    return str(emulator.client("s3", REGION).put_object(Bucket=BUCKET, Key=KEY, Body=content.encode())["VersionId"])


def prepared(emulator: Emulator, *authorities: Pair | str) -> tuple[str, str]:
    """What a domain name needs: the ARN of a certificate, and the truststore's version."""
    seed = {"buckets": [{"name": BUCKET, "region": REGION}], "certificates": [{"domain": "*.shop.example.com", "region": REGION}]}
    made = emulator.control("POST", "seed", {**seed, "hostedZones": [{"id": ZONE, "name": "shop.example.com"}]})
    return str(made["certificates"][0]["arn"]), put(emulator, *authorities)


def creation(certificate: str, version: str, name: str = NAME, **more: Any) -> dict[str, Any]:
    configuration = {"CertificateArn": certificate, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
    trust = {"MutualTlsAuthentication": {"TruststoreUri": URI, "TruststoreVersion": version}} if version else {}
    return {"DomainName": name, "DomainNameConfigurations": [configuration], **trust, **more}


def led(emulator: Emulator, protocol: str = "REST", stage: str = "prod", record: bool = True, **more: Any) -> Origin:
    """A name that leads to a stage of an API that was planted, found by a record."""
    ca = authority()
    certificate, version = prepared(emulator, ca)
    origin = Origin(emulator, ca, certificate, version)
    made = origin.v2.create_domain_name(**creation(certificate, version, **more))
    api = REST if protocol == "REST" else HTTP
    origin.v2.create_api_mapping(DomainName=NAME, ApiId=api, Stage=stage, ApiMappingKey="")
    if record:
        lead(emulator, made["DomainNameConfigurations"][0])
    return origin


def lead(emulator: Emulator, configuration: dict[str, Any], name: str = NAME) -> None:
    target = {"HostedZoneId": configuration["HostedZoneId"], "DNSName": configuration["ApiGatewayDomainName"], "EvaluateTargetHealth": False}
    change = {"Action": "UPSERT", "ResourceRecordSet": {"Name": name, "Type": "A", "AliasTarget": target}}
    emulator.client("route53").change_resource_record_sets(HostedZoneId=ZONE, ChangeBatch={"Changes": [change]})
