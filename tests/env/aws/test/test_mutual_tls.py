"""The data path over TLS: who is asked for a client certificate, who gets in with one, and what CloudFront shows."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

import pytest
from apis import invocation, replace
from conftest import Emulator, until, update
from OpenSSL import SSL
from origins import BUCKET, KEY, NAME, Origin, led, put
from pairs import Ended, authority, client, handshake, imported, parameters
from viewers import HTTP, REGION, REST, ask, front, function, plant, requests

AUTHORIZER = """
export const handler = async (event) => {
  const context = event.requestContext;
  const seen = context.authentication?.clientCert ?? context.identity?.clientCert;
  const fits = context.domainName === 'origin.shop.example.com' && seen?.subjectDN === 'CN=palisade' && seen.clientCertPem.includes('BEGIN');
  return event.version === '2.0' ? {isAuthorized: fits} : {principalId: 'x', policyDocument: {Version: '2012-10-17', Statement: [
    {Effect: fits ? 'Allow' : 'Deny', Action: 'execute-api:Invoke', Resource: '*'}]}};
};
"""


def ended(emulator: Emulator, name: str = NAME, **more: Any) -> str:
    with pytest.raises(Ended) as caught:
        handshake(emulator, name, "/pets", **more)
    return str(caught.value)


@pytest.fixture
def origin(emulator: Emulator) -> Origin:
    plant(emulator, methods=["GET /pets", "POST /pets"])
    return led(emulator)


def perimeter(emulator: Emulator, shown: str | None, host: str = NAME, **more: Any) -> dict[str, Any]:
    """A distribution before the name; with its ETag."""
    made = front(emulator, host, **more)
    if shown:
        show(emulator, made["Id"], shown)
    return made


def show(emulator: Emulator, distribution: str, arn: str | None) -> None:
    def change(config: dict[str, Any]) -> None:
        custom = config["Origins"]["Items"][0]["CustomOriginConfig"]
        custom.pop("OriginMtlsConfig", None)
        if arn:
            custom["OriginMtlsConfig"] = {"ClientCertificateArn": arn}

    update(emulator.client("cloudfront"), distribution, change)


def test_who_shows_a_certificate_of_the_truststore_gets_in_and_without_one_nobody_is_answered(emulator: Emulator, origin: Origin) -> None:
    leaf = client(origin.ca)
    seen = handshake(emulator, NAME, "/pets", shown=leaf)
    assert (seen.status, seen.headers["tls"], bool(seen.header("x-amzn-requestid"))) == (200, "TLSv1.2", True)
    ended(emulator)
    # Who was not answered asked nothing.
    (entry,) = requests(emulator)
    assert entry["clientCertificate"] == leaf.certificate.subject.rfc4514_string()


def test_a_certificate_that_is_not_accepted_is_answered_by_api_gateway(emulator: Emulator, origin: Origin) -> None:
    stranger = authority()
    namesake = authority(origin.ca.certificate.subject.rfc4514_string().removeprefix("CN="))
    for shown in (client(stranger), client(namesake), client(origin.ca, days=(-9, -1)), client(origin.ca, days=(1, 9)), client(None)):
        seen = handshake(emulator, NAME, "/pets", shown=shown)
        assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (403, {"message": "Forbidden"}, "ForbiddenException")
    between = authority(by=origin.ca)
    assert handshake(emulator, NAME, "/pets", shown=client(between)).status == 403
    origin.update(origin.ca, between)
    assert handshake(emulator, NAME, "/pets", shown=client(between)).status == 200


def test_a_self_signed_certificate_is_refused_even_where_the_truststore_has_it(emulator: Emulator, origin: Origin) -> None:
    alone = client(None)
    origin.update(origin.ca, alone)
    assert handshake(emulator, NAME, "/pets", shown=alone).status == 403


def test_an_http_api_marks_its_refusal_in_its_own_way(emulator: Emulator) -> None:
    plant(emulator, "HTTP", methods=["GET /pets"])
    origin = led(emulator, "HTTP", "$default")
    seen = handshake(emulator, NAME, "/pets", shown=client(authority()))
    assert (seen.status, seen.json, bool(seen.header("apigw-requestid")), seen.header("x-amzn-errortype")) == (403, {"message": "Forbidden"}, True, None)
    assert handshake(emulator, NAME, "/pets", shown=client(origin.ca)).status == 200


def test_the_version_that_the_name_was_given_counts_and_no_later_one(emulator: Emulator, origin: Origin) -> None:
    second = authority()
    put(emulator, second)
    assert handshake(emulator, NAME, "/pets", shown=client(second)).status == 403
    origin.update(second)
    assert handshake(emulator, NAME, "/pets", shown=client(second)).status == 200
    assert handshake(emulator, NAME, "/pets", shown=client(origin.ca)).status == 403


@pytest.mark.parametrize(("serves", "old", "new"), [("old", 200, 403), ("new", 403, 200), ("nothing", None, None)])
def test_a_name_that_is_updating_serves_by_the_old_configuration_or_another(
    emulator: Emulator, origin: Origin, serves: str, old: int | None, new: int | None
) -> None:
    second = authority()
    emulator.set(domainNameDelay=60, updatingDomainServes=serves)
    origin.update(second)
    assert origin.status == "UPDATING"
    for ca, status in ((origin.ca, old), (second, new)):
        if status is None:
            ended(emulator, shown=client(ca))
        else:
            assert handshake(emulator, NAME, "/pets", shown=client(ca)).status == status


def test_a_new_name_answers_nobody_before_it_is_available(emulator: Emulator) -> None:
    plant(emulator)
    emulator.set(domainNameDelay=0.4)
    origin = led(emulator)
    ended(emulator, shown=client(origin.ca))
    until(lambda: origin.status == "AVAILABLE")
    assert handshake(emulator, NAME, "/pets", shown=client(origin.ca)).status == 403


@pytest.mark.parametrize(("copied", "status"), [(True, 200), (False, 403)])
def test_a_truststore_that_is_deleted_is_missed_or_not(emulator: Emulator, origin: Origin, copied: bool, status: int) -> None:
    emulator.set(truststoreCopied=copied)
    emulator.client("s3", REGION).delete_object(Bucket=BUCKET, Key=KEY, VersionId=origin.version)
    assert handshake(emulator, NAME, "/pets", shown=client(origin.ca)).status == status


def test_a_name_is_found_by_its_record_or_taken_to_be(emulator: Emulator) -> None:
    plant(emulator, methods=["GET /pets"])
    origin = led(emulator, record=False)
    leaf = client(origin.ca)
    ended(emulator, shown=leaf)
    emulator.set(originNamesNeedRecords=False)
    assert handshake(emulator, NAME, "/pets", shown=leaf).status == 200


def test_a_name_with_mutual_tls_speaks_tls_1_2_or_1_3_as_well(emulator: Emulator, origin: Origin) -> None:
    emulator.set(mutualTlsSpeaksTls13=True)
    leaf = client(origin.ca)
    assert handshake(emulator, NAME, "/pets", shown=leaf).headers["tls"] == "TLSv1.3"
    assert handshake(emulator, NAME, "/pets", shown=leaf, tls13=False).headers["tls"] == "TLSv1.2"
    ended(emulator)


@pytest.mark.parametrize("tls13", [False, True])
@pytest.mark.parametrize("way", ["closed", "unfinished", "alert", "403"])
def test_who_shows_nothing_is_refused_in_any_of_the_ways_that_may_be(emulator: Emulator, origin: Origin, way: str, tls13: bool) -> None:
    emulator.set(withoutCertificate=way, mutualTlsSpeaksTls13=tls13)
    if way == "403":
        assert handshake(emulator, NAME, "/pets").status == 403
        return
    words = ended(emulator)
    assert ("alert" in words.lower()) == (way == "alert"), words
    assert handshake(emulator, NAME, "/pets", shown=client(origin.ca)).status == 200


def test_who_shows_a_foreign_certificate_may_meet_an_alert(emulator: Emulator, origin: Origin) -> None:
    emulator.set(foreignCertificate="alert")
    assert "alert" in ended(emulator, shown=client(authority())).lower()
    assert handshake(emulator, NAME, "/pets", shown=client(origin.ca)).status == 200


def test_the_cas_of_a_truststore_are_named_to_clients_or_not(emulator: Emulator, origin: Origin) -> None:
    assert _named(emulator) == []
    emulator.set(truststoreNamed=True)
    assert _named(emulator) == [origin.ca.certificate.subject.rfc4514_string().removeprefix("CN=")]


def _named(emulator: Emulator) -> list[str]:
    connection = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), socket.create_connection(("127.0.0.1", emulator.tls)))
    connection.set_tlsext_host_name(NAME.encode())
    connection.set_connect_state()
    connection.do_handshake()
    found = [str(name.CN) for name in connection.get_client_ca_list()]
    connection.close()
    return found


def test_the_names_of_handshake_and_request_are_one(emulator: Emulator, origin: Origin) -> None:
    target = origin.document()["DomainNameConfigurations"][0]["ApiGatewayDomainName"]
    default = f"{REST}.execute-api.{REGION}.amazonaws.com"
    for name, host in ((target, NAME), (default, NAME), (NAME, default)):
        assert handshake(emulator, name, "/pets", host=host, shown=client(origin.ca)).status == 403, (name, host)
    emulator.set(otherHostServed=True)
    assert handshake(emulator, target, "/pets", host=NAME).status == 200


def test_plain_http_does_not_get_past_a_name_that_asks_for_certificates(emulator: Emulator, origin: Origin) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        ask(emulator, NAME, "/pets")


def test_endpoints_and_distributions_are_served_over_tls_as_over_plain_http(emulator: Emulator) -> None:
    host = plant(emulator, methods=["GET /pets"])
    made = perimeter(emulator, None, host, origin_path="/prod")
    for name, path in ((host, "/prod/pets"), (made["DomainName"], "/pets")):
        assert handshake(emulator, name, path).status == ask(emulator, name, path).status == 200
    assert handshake(emulator, host, "/prod/pets").headers["tls"] == "TLSv1.3"


def test_authorizers_see_the_certificate_and_the_name(emulator: Emulator) -> None:
    for protocol, stage, version in (("REST", "prod", None), ("HTTP", "$default", "1.0"), ("HTTP", "$default", "2.0")):
        emulator.control("POST", "reset", {})
        emulator.set(functionPending=0, rolePropagation=0, domainNameDelay=0)
        arn = function(emulator, AUTHORIZER, "authorizer", REGION)
        emulator.client("lambda", REGION).add_permission(
            FunctionName="authorizer", StatementId="s", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
        )
        unversioned = arn.rpartition(":")[0]
        given: dict[str, Any] = {"id": "a", "name": "a", "authorizerUri": invocation(unversioned)}
        if protocol == "REST":
            given |= {"type": "REQUEST", "authorizerResultTtlInSeconds": 0}
        else:
            given |= {"authorizerType": "REQUEST", "authorizerPayloadFormatVersion": version, "enableSimpleResponses": version == "2.0"}
        method = {"method": "GET /pets", "authorizationType": "CUSTOM", "authorizerId": "a"}
        host = plant(emulator, protocol, methods=[method], authorizers=[given])
        origin = led(emulator, protocol, stage)
        assert handshake(emulator, NAME, "/pets", shown=client(origin.ca, "palisade")).status == 200, (protocol, version)
        assert handshake(emulator, NAME, "/pets", shown=client(origin.ca, "another")).status == 403
        assert handshake(emulator, host, "/prod/pets" if protocol == "REST" else "/pets").status == 403


def test_the_edge_shows_its_certificate_where_it_is_asked(emulator: Emulator, origin: Origin) -> None:
    leaf = client(origin.ca)
    made = perimeter(emulator, None)
    assert ask(emulator, made["DomainName"], "/pets").status == 502
    show(emulator, made["Id"], imported(emulator, leaf, origin.ca))
    seen = ask(emulator, made["DomainName"], "/pets")
    assert (seen.status, seen.header("x-cache"), bool(seen.header("x-amzn-requestid"))) == (200, "Miss from cloudfront", True)
    posted = ask(emulator, made["DomainName"], "/pets", "POST", body=b'{"a": 1}')
    assert posted.status == 200
    inner = next(one for one in requests(emulator) if one.get("clientCertificate"))
    assert (inner["status"], inner["by"], inner["host"]) == (200, "backend", NAME)


def test_an_origin_that_does_not_ask_is_called_as_ever(emulator: Emulator) -> None:
    host = plant(emulator, methods=["GET /pets"], domainNames=[{"domainName": NAME, "stage": "prod"}])
    ca = authority()
    arn = imported(emulator, client(ca), ca)
    named, plain = perimeter(emulator, arn), perimeter(emulator, arn, host, origin_path="/prod")
    assert ask(emulator, named["DomainName"], "/pets").status == 200
    assert ask(emulator, plain["DomainName"], "/pets").status == 200
    assert not any(one.get("clientCertificate") for one in requests(emulator))


def test_the_edge_shows_what_is_deployed(emulator: Emulator, origin: Origin) -> None:
    stranger = authority()
    made = perimeter(emulator, imported(emulator, client(origin.ca), origin.ca))
    emulator.set(deploymentDelay=0.4)
    show(emulator, made["Id"], imported(emulator, client(stranger), stranger))
    assert ask(emulator, made["DomainName"], "/pets").status == 200
    until(lambda: ask(emulator, made["DomainName"], "/pets").status == 403)


@pytest.mark.parametrize(("follow", "status"), [(False, 200), (True, 403)])
def test_what_is_imported_again_is_shown_with_the_next_deployment_or_at_once(emulator: Emulator, origin: Origin, follow: bool, status: int) -> None:
    stranger = authority()
    arn = imported(emulator, client(origin.ca), origin.ca)
    made = perimeter(emulator, arn)
    assert ask(emulator, made["DomainName"], "/pets").status == 200
    emulator.set(edgesFollowReimports=follow)
    emulator.client("acm").import_certificate(CertificateArn=arn, **parameters(client(stranger), stranger))
    assert ask(emulator, made["DomainName"], "/pets").status == status
    update(emulator.client("cloudfront"), made["Id"], lambda config: config.update(Comment="again"))
    assert ask(emulator, made["DomainName"], "/pets").status == 403


def test_an_expired_certificate_is_shown_and_refused_by_api_gateway(emulator: Emulator, origin: Origin) -> None:
    # Valid for two seconds more.
    seconds = 2 / 86400
    made = perimeter(emulator, imported(emulator, client(origin.ca, days=(-1, seconds)), origin.ca))
    assert ask(emulator, made["DomainName"], "/pets").status == 200
    until(lambda: ask(emulator, made["DomainName"], "/pets").status == 403)


def test_a_viewers_host_that_is_sent_on_breaks_the_way(emulator: Emulator, origin: Origin) -> None:
    made = perimeter(emulator, imported(emulator, client(origin.ca), origin.ca))
    policy = "216adef6-5c7f-47e4-b989-5492eafa07d3"
    update(emulator.client("cloudfront"), made["Id"], lambda config: config["DefaultCacheBehavior"].update(OriginRequestPolicyId=policy))
    assert ask(emulator, made["DomainName"], "/pets").status == 502


def test_an_origin_whose_own_certificate_nobody_trusts_is_not_called(emulator: Emulator, origin: Origin) -> None:
    made = perimeter(emulator, imported(emulator, client(origin.ca), origin.ca))
    own = authority()
    brought = imported(emulator, client(own, names=(NAME,)), own, region=REGION)
    emulator.control("POST", "seed", {"certificates": [{"domain": NAME, "region": REGION}]})
    ownership = emulator.control("POST", "seed", {"certificates": [{"domain": NAME, "region": REGION}]})["certificates"][0]["arn"]
    configuration = {"CertificateArn": brought, "OwnershipVerificationCertificateArn": ownership}
    origin.v2.update_domain_name(DomainName=NAME, DomainNameConfigurations=[configuration])
    assert ask(emulator, made["DomainName"], "/pets").status == 502


def test_the_whole_way_is_locked_with_the_default_endpoint_off(emulator: Emulator) -> None:
    authorizer = {"id": "jwt", "name": "jwt", "authorizerType": "JWT", "identitySource": ["$request.header.Authorization"]}
    authorizer |= {"jwtConfiguration": {"issuer": "https://issuer.example.com", "audience": ["x"]}}
    method = {"method": "GET /orders", "authorizationType": "JWT", "authorizerId": "jwt"}
    host = plant(emulator, "HTTP", methods=[method], authorizers=[authorizer])
    origin = led(emulator, "HTTP", "$default")
    made = perimeter(emulator, imported(emulator, client(origin.ca), origin.ca))
    emulator.client("apigatewayv2", REGION).update_api(ApiId=HTTP, DisableExecuteApiEndpoint=True)
    token = {"Authorization": "Bearer emulated-user-token"}
    assert ask(emulator, made["DomainName"], "/orders", headers=token).status == 200
    assert ask(emulator, made["DomainName"], "/orders").status == 401
    assert handshake(emulator, host, "/orders", headers=token).status == 404
    ended(emulator, headers=token)


def test_a_certificate_takes_the_place_of_another_without_a_refused_viewer(emulator: Emulator, origin: Origin) -> None:
    made = perimeter(emulator, imported(emulator, client(origin.ca), origin.ca))
    second = authority()
    emulator.set(deploymentDelay=0.2, domainNameDelay=0.2)
    origin.update(origin.ca, second)
    served = [ask(emulator, made["DomainName"], "/pets").status for _ in range(5)]
    until(lambda: origin.status == "AVAILABLE")
    arn = imported(emulator, client(second), second)
    show(emulator, made["Id"], arn)
    cloudfront = emulator.client("cloudfront")
    while cloudfront.get_distribution(Id=made["Id"])["Distribution"]["Status"] != "Deployed":
        served.append(ask(emulator, made["DomainName"], "/pets").status)
    origin.update(second)
    until(lambda: origin.status == "AVAILABLE")
    served.append(ask(emulator, made["DomainName"], "/pets").status)
    assert set(served) == {200}


def test_the_emulators_ca_is_told(emulator: Emulator) -> None:
    told = emulator.control("GET", "tls")
    with open(emulator.ca_file) as file:
        assert (told["port"], told["ca"]) == (emulator.tls, file.read())
    assert json.dumps(told).count("PRIVATE") == 0


def test_a_client_that_speaks_no_tls_is_not_answered(emulator: Emulator) -> None:
    with socket.create_connection(("127.0.0.1", emulator.tls), timeout=10) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x.cloudfront.net\r\n\r\n")
        assert raw.recv(100) == b""


def test_a_stage_of_a_rest_api_is_switched_off_behind_the_name(emulator: Emulator, origin: Origin) -> None:
    rest, host = emulator.client("apigateway", REGION), f"{REST}.execute-api.{REGION}.amazonaws.com"
    rest.update_rest_api(restApiId=REST, patchOperations=replace(disableExecuteApiEndpoint="true"))
    rest.update_stage(restApiId=REST, stageName="prod", patchOperations=replace(description="x"))
    assert handshake(emulator, host, "/prod/pets").status == 403
    assert handshake(emulator, NAME, "/pets", shown=client(origin.ca)).status == 200
