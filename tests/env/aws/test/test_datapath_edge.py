"""CloudFront's edge: which distribution answers, what web ACLs and restrictions stop, and what goes to the origin."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, distribution, ip_set, managed, rate, rule, until, update, web_acl
from emulator.datapath.messages import Request
from emulator.datapath.waf import WebAcl
from viewers import ask, front, plant, requests

VIEWER, COUNTRY = "x-emulated-viewer-address", "x-emulated-viewer-country"
ECHO = {"emulatorResponse": {"status": 200, "headers": {"x-backend": "yes"}, "body": {"pets": []}}}


@pytest.fixture
def host(emulator: Emulator) -> str:
    return plant(emulator, methods=[{"method": "ANY /{proxy+}", "integration": ECHO}, "GET /"])


def switched_off(config: dict[str, Any]) -> None:
    config["Enabled"] = False


def test_an_unknown_name_and_a_disabled_distribution_are_answered_by_cloudfronts_own_page(emulator: Emulator, cloudfront: Any, host: str) -> None:
    made = front(emulator, host, "/prod")
    assert ask(emulator, made["DomainName"], "/pets").status == 200
    update(cloudfront, made["Id"], switched_off)
    for name in (made["DomainName"], "d111111abcdef8.cloudfront.net", "nobody.example.com"):
        seen = ask(emulator, name, "/pets")
        assert (seen.status, seen.header("server"), seen.header("x-cache")) == (403, "CloudFront", "Error from cloudfront"), name
        assert b"The request could not be satisfied." in seen.body
    assert [r["by"] for r in requests(emulator)] == ["backend", "edge", "edge", "edge"]


def test_the_edge_runs_the_last_deployed_configuration_until_the_next_one_is_deployed(emulator: Emulator, cloudfront: Any, host: str) -> None:
    emulator.set(deploymentDelay=0.5)
    made = front(emulator, host, "/prod")
    assert ask(emulator, made["DomainName"], "/pets").status == 403
    until(lambda: ask(emulator, made["DomainName"], "/pets").status == 200)
    emulator.set(deploymentDelay=3600)
    update(cloudfront, made["Id"], switched_off)
    assert ask(emulator, made["DomainName"], "/pets").status == 200


def test_aliases_lead_to_their_distribution_the_exact_one_before_the_wildcard(emulator: Emulator, host: str) -> None:
    names = {"domain": "*.shop.example.com", "alternativeNames": ["*.example.com"]}
    arn = emulator.control("POST", "seed", {"certificates": [names]})["certificates"][0]["arn"]
    certificate = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}
    for alias, path in (("*.shop.example.com", "/nowhere"), ("api.shop.example.com", "/prod")):
        front(emulator, host, path, Aliases={"Quantity": 1, "Items": [alias]}, ViewerCertificate=certificate)
    assert ask(emulator, "api.shop.example.com", "/pets").status == 200
    assert ask(emulator, "API.shop.example.com:8443", "/pets").status == 200
    assert ask(emulator, "other.shop.example.com", "/pets").json == {"message": "Forbidden"}
    assert ask(emulator, "a.b.shop.example.com", "/pets").header("server") == "CloudFront"


def test_calls_of_awss_own_apis_are_never_taken_for_viewers(emulator: Emulator) -> None:
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"}
    assert ask(emulator, "emulator.test.internal", "/2015-03-31/functions/", headers=signed).json == {"Functions": []}
    assert ask(emulator, "emulator.test.internal", "/_emulator/settings").json["enforceIam"] is False
    assert not requests(emulator)


def test_a_web_acl_blocks_by_address_with_cloudfronts_page(emulator: Emulator, waf: Any, host: str) -> None:
    bad = ip_set(waf, "bad", ("203.0.113.0/24",))["ARN"]
    acl = web_acl(
        waf, rules=[rule("block", 0, {"IPSetReferenceStatement": {"ARN": bad}}), rule("rate", 1, rate()), rule("m", 2, managed("AWSManagedRulesCommonRuleSet"))]
    )
    domain = front(emulator, host, "/prod", WebACLId=acl["ARN"])["DomainName"]
    assert ask(emulator, domain, "/pets").status == 200
    seen = ask(emulator, domain, "/pets", headers={VIEWER: "203.0.113.9"})
    assert (seen.status, seen.header("x-cache"), seen.header("server")) == (403, "Error from cloudfront", "CloudFront")
    assert b"Request blocked.\nWe can't connect to the server for this app or website at this time." in seen.body
    assert [r["by"] for r in requests(emulator)] == ["backend", "waf"]


def test_a_web_acl_that_blocks_by_default_passes_only_its_allow_list(emulator: Emulator, waf: Any, host: str) -> None:
    office = {"IPSetReferenceStatement": {"ARN": ip_set(waf)["ARN"]}}
    rules = [rule("office", 0, {"NotStatement": {"Statement": {"NotStatement": {"Statement": office}}}}, Action={"Allow": {}})]
    acl = web_acl(waf, rules=rules, DefaultAction={"Block": {}})
    domain = front(emulator, host, "/prod", WebACLId=acl["ARN"])["DomainName"]
    assert ask(emulator, domain, "/pets").status == 403
    assert ask(emulator, domain, "/pets", headers={VIEWER: "192.0.2.7"}).status == 200


def test_a_rule_that_counts_stops_nobody_and_a_geo_rule_its_countries(emulator: Emulator, waf: Any, host: str) -> None:
    geo = {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}
    counting = {"ByteMatchStatement": {"SearchString": b"/pets", "FieldToMatch": {"UriPath": {}}, "PositionalConstraint": "STARTS_WITH",
                                       "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}]}}  # fmt: skip
    custom = {"Block": {"CustomResponse": {"ResponseCode": 451, "ResponseHeaders": [{"Name": "x-why", "Value": "geo"}]}}}
    acl = web_acl(waf, rules=[rule("count", 0, counting, Action={"Count": {}}), rule("geo", 1, geo, Action=custom)])
    domain = front(emulator, host, "/prod", WebACLId=acl["ARN"])["DomainName"]
    assert ask(emulator, domain, "/PETS", headers={COUNTRY: "SE"}).status == 200
    seen = ask(emulator, domain, "/PETS", headers={COUNTRY: "AQ"})
    assert (seen.status, seen.header("x-why")) == (451, "geo")


def test_a_geographic_restriction_has_its_own_wording(emulator: Emulator, host: str) -> None:
    restriction = {"GeoRestriction": {"RestrictionType": "whitelist", "Quantity": 1, "Items": ["SE"]}}
    domain = front(emulator, host, "/prod", Restrictions=restriction)["DomainName"]
    assert ask(emulator, domain, "/pets", headers={COUNTRY: "SE"}).status == 200
    seen = ask(emulator, domain, "/pets", headers={COUNTRY: "NO"})
    assert seen.status == 403
    assert b"The Amazon CloudFront distribution is configured to block access from your country." in seen.body


def test_a_method_that_the_behaviour_does_not_allow_is_refused_at_the_edge(emulator: Emulator, cloudfront: Any) -> None:
    made = distribution(cloudfront)
    seen = ask(emulator, made["DomainName"], "/pets", "POST", body=b"x")
    assert seen.status == 403
    assert b"not configured to allow the HTTP request method" in seen.body


def test_an_origin_that_is_no_endpoint_of_api_gateway_cannot_be_reached(emulator: Emulator) -> None:
    seen = ask(emulator, front(emulator, "origin.example.com")["DomainName"])
    assert seen.status == 502
    assert b"CloudFront wasn't able to resolve the origin domain name." in seen.body


def test_answers_of_the_origin_pass_with_what_cloudfront_adds(emulator: Emulator, cloudfront: Any, host: str) -> None:
    made = front(emulator, host, "/prod")

    def harden(config: dict[str, Any]) -> None:
        config["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] = "67f7725c-6f97-4210-82d7-5512b31e9d03"

    update(cloudfront, made["Id"], harden)
    seen = ask(emulator, made["DomainName"], "/pets")
    assert (seen.json, seen.header("x-backend"), seen.header("x-frame-options")) == ({"pets": []}, "yes", "SAMEORIGIN")
    assert "cloudfront.net (CloudFront)" in str(seen.header("via"))
    missing = ask(emulator, front(emulator, host, "/nowhere")["DomainName"], "/pets")
    assert (missing.status, missing.json, missing.header("x-cache")) == (403, {"message": "Forbidden"}, "Error from cloudfront")


def test_the_journal_of_requests_goes_on_from_a_number(emulator: Emulator, host: str) -> None:
    for n in range(3):
        ask(emulator, host, f"/prod/{n}")
    first = requests(emulator)[0]
    assert [r["path"] for r in requests(emulator, first["n"])] == ["/prod/1", "/prod/2"]
    assert (first["host"], first["method"], first["by"], first["code"]) == (host, "GET", "backend", None)


def error(code: int, ttl: int, page: str = "", response: str = "") -> dict[str, Any]:
    item = {"ErrorCode": code, "ErrorCachingMinTTL": ttl, "ResponsePagePath": page, "ResponseCode": response}
    return {"Quantity": 1, "Items": [item]}


def test_an_error_answers_everybody_at_its_path_unless_it_is_not_kept(emulator: Emulator, cloudfront: Any, host: str) -> None:
    emulator.set(errorCaching=10)
    made = front(emulator, host, "/nowhere")

    def seen(path: str) -> set[tuple[int, str | None]]:
        answers = [ask(emulator, made["DomainName"], f"{path}?id={number}") for number in (1, 2)]
        return {(answer.status, answer.header("x-amz-cf-id")) for answer in answers}

    assert len(seen("/pets")) == 1

    def no_errors_kept(config: dict[str, Any]) -> None:
        config["CustomErrorResponses"] = error(403, 0)

    update(cloudfront, made["Id"], no_errors_kept)
    assert len(seen("/cats")) == 2


@pytest.mark.parametrize("status", [400, 404, 500, 503, 504])
def test_an_error_of_the_backends_answers_one_viewer_where_it_is_not_kept(emulator: Emulator, status: int) -> None:
    emulator.set(errorCaching=10)
    said = {"emulatorResponse": {"status": status, "headers": {}, "body": {"said": "no"}}}
    host = plant(emulator, methods=[{"method": "ANY /{proxy+}", "integration": said}])
    for kept, answers in ((10, 1), (0, 2)):
        made = front(emulator, host, "/prod", CustomErrorResponses=error(status, kept))
        seen = [ask(emulator, made["DomainName"], f"/pets?id={number}") for number in (1, 2)]
        assert {answer.status for answer in seen} == {status}
        assert len({answer.header("x-amz-cf-id") for answer in seen}) == answers, kept
    # Whoever provokes one at a path closes no other.
    assert ask(emulator, made["DomainName"], "/cats").status == status


def test_an_error_page_stands_in_for_a_refusal(emulator: Emulator, host: str) -> None:
    front_ = front(emulator, host, "", CustomErrorResponses=error(403, 0, "/prod/pets", "200"))
    seen = ask(emulator, front_["DomainName"], "/nowhere/pets")
    assert (seen.status, seen.header("x-cache"), seen.header("x-backend")) == (200, "Error from cloudfront", "yes")
    assert "cloudfront.net (CloudFront)" in str(seen.header("via"))
    assert ask(emulator, front_["DomainName"], "/prod/pets").header("x-cache") == "Miss from cloudfront"


def test_an_error_page_that_cannot_be_had_answers_with_its_own_error(emulator: Emulator) -> None:
    gone = plant(emulator, methods=[{"method": "GET /page", "integration": {"emulatorResponse": {"status": 410, "body": {}}}}])
    front_ = front(emulator, gone, "", CustomErrorResponses=error(403, 0, "/prod/page", "200"))
    assert ask(emulator, front_["DomainName"], "/nowhere/pets").status == 410


def test_paths_are_decoded_and_normalised_where_a_rule_asks_for_it(emulator: Emulator, waf: Any, host: str) -> None:
    search = {
        "SearchString": b"/orders",
        "FieldToMatch": {"UriPath": {}},
        "TextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "NORMALIZE_PATH"}],
        "PositionalConstraint": "STARTS_WITH",
    }
    acl = web_acl(waf, rules=[rule("orders", 0, {"ByteMatchStatement": search})])
    made = front(emulator, host, "/prod", WebACLId=acl["ARN"])
    for path in ("/orders", "/%6frders/1", "//orders", "/x/../orders", "/./orders"):
        assert ask(emulator, made["DomainName"], path).status == 403, path
    assert ask(emulator, made["DomainName"], "/pets").status == 200


@pytest.mark.parametrize(
    ("policy", "method", "status", "location"),
    [
        ("https-only", "GET", 403, None),
        ("redirect-to-https", "GET", 301, "/pets?a=1"),
        ("redirect-to-https", "HEAD", 301, "/pets?a=1"),
        ("redirect-to-https", "POST", 307, "/pets?a=1"),
        ("allow-all", "GET", 200, None),
    ],
)
def test_a_viewer_without_tls_meets_what_the_behaviours_protocol_policy_says(
    emulator: Emulator, cloudfront: Any, host: str, policy: str, method: str, status: int, location: str | None
) -> None:
    made = front(emulator, host, "/prod")
    update(cloudfront, made["Id"], lambda config: config["DefaultCacheBehavior"].update(ViewerProtocolPolicy=policy))
    seen = ask(emulator, made["DomainName"], "/pets?a=1", method, headers={"X-Emulated-Viewer-Protocol": "http"})
    assert (seen.status, seen.header("location")) == (status, location and f"https://{made['DomainName']}{location}")
    assert ask(emulator, made["DomainName"], "/pets").status == 200


@pytest.mark.parametrize(
    ("key", "scope", "status"),
    [
        ("bad", "LABEL", 403),
        ("seen:bad", "LABEL", 403),
        ("awswaf:123456789012:webacl:acl:seen:bad", "LABEL", 403),
        ("awswaf:123456789012:webacl:acl:seen:", "NAMESPACE", 403),
        ("seen:", "NAMESPACE", 403),
        ("awswaf:123456789012:webacl:another:seen:bad", "LABEL", 200),
        ("awswaf:123456789012:webacl:another:", "NAMESPACE", 200),
        ("bad:", "NAMESPACE", 200),
    ],
)
def test_a_label_bears_the_name_of_the_web_acl_whose_rule_sets_it(emulator: Emulator, waf: Any, host: str, key: str, scope: str, status: int) -> None:
    geo = {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}
    sets = rule("sets", 0, geo, Action={"Count": {}}, RuleLabels=[{"Name": "seen:bad"}])
    looks = rule("looks", 1, {"LabelMatchStatement": {"Scope": scope, "Key": key}})
    domain = front(emulator, host, "/prod", WebACLId=web_acl(waf, rules=[sets, looks])["ARN"])["DomainName"]
    assert ask(emulator, domain, "/pets", headers={COUNTRY: "AQ"}).status == status
    assert ask(emulator, domain, "/pets", headers={COUNTRY: "SE"}).status == 200


def test_a_web_acl_inserts_headers_into_what_it_lets_in() -> None:
    def inserts(*headers: tuple[str, str]) -> dict[str, Any]:
        return {"CustomRequestHandling": {"InsertHeaders": [{"Name": name, "Value": value} for name, value in headers]}}

    counts = {"Count": inserts(("from", "rule"), ("rule", "1"))}
    statement = {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}
    document = {"Rules": [{"Priority": 0, "Statement": statement, "Action": counts}], "DefaultAction": {"Allow": inserts(("from", "default"))}}
    request = Request("api.example.com", "GET", "/pets", "", [("Host", "api.example.com")], b"", country="AQ")
    answer, inserted = WebAcl(document, lambda _: []).decide(request)
    assert answer is None
    assert dict(inserted) == {"x-amzn-waf-from": "default", "x-amzn-waf-rule": "1"}


def test_a_distribution_without_ipv6_has_no_address_for_who_comes_by_it(emulator: Emulator, host: str) -> None:
    by_ipv6 = {VIEWER: "2001:db8::7"}
    for has_ipv6, status in ((True, 200), (False, 403)):
        domain = front(emulator, host, "/prod", IsIPV6Enabled=has_ipv6)["DomainName"]
        assert ask(emulator, domain, "/pets", headers=by_ipv6).status == status
        assert ask(emulator, domain, "/pets").status == 200
