"""Cache, origin request and response headers policies: AWS's managed ones, and those that a test says the account has of its own.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.answers import Answer, AwsError, as_xml
from ..core.call import Call
from ..core.operations import operation
from .document import NAMESPACE

if TYPE_CHECKING:
    from ..world import World


@dataclass(frozen=True)
class Sent:
    """What of a viewer's request a policy sends on."""

    # By name in lower case; None is all but Host.
    headers: frozenset[str] | None = frozenset()
    host: bool = False
    query: bool = False

    def also(self, other: Sent) -> Sent:
        known = self.headers is not None and other.headers is not None
        headers = (self.headers or frozenset()) | (other.headers or frozenset()) if known else None
        return Sent(headers, self.host or other.host, self.query or other.query)


NOTHING = Sent()
EVERYTHING = Sent(headers=None, query=True)
WITH_HOST = Sent(headers=None, host=True, query=True)
PREFLIGHT = frozenset({"origin", "access-control-request-headers", "access-control-request-method"})

CACHE = {
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": NOTHING,  # CachingDisabled
    "658327ea-f89d-4fab-a63d-7e88639e58f6": NOTHING,  # CachingOptimized
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": NOTHING,  # CachingOptimizedForUncompressedObjects
    "08627262-05a9-4f76-9ded-b50ca2e3a84f": Sent(frozenset({"origin"})),  # Elemental-MediaPackage
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": Sent(frozenset({"origin"}), host=True),  # UseOriginCacheControlHeaders
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe": Sent(frozenset({"origin"}), host=True, query=True),  # …-QueryStrings
    "2e54312d-136d-493c-8eb9-b001f22f67d2": Sent(frozenset({"authorization"}), host=True, query=True),  # Amplify
}
ORIGIN_REQUEST = {
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": EVERYTHING,  # AllViewerExceptHostHeader
    "216adef6-5c7f-47e4-b989-5492eafa07d3": WITH_HOST,  # AllViewer
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": WITH_HOST,  # AllViewerAndCloudFrontHeaders-2022-06
    "bf0718e1-ba1e-49d1-88b1-f726733018ae": Sent(host=True),  # HostHeaderOnly
    "59781a5b-3903-41f3-afcb-af62929ccde1": Sent(frozenset({"origin"})),  # CORS-CustomOrigin
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": Sent(PREFLIGHT),  # CORS-S3Origin
    "775133bc-15f2-49f9-abea-afb2e0bf67d2": Sent(PREFLIGHT | {"user-agent"}, query=True),  # Elemental-MediaTailor-PersonalizedManifests
    "acba4595-bd28-49b8-b9fe-13317c0390fa": Sent(frozenset({"referer", "user-agent"})),  # UserAgentRefererHeaders
}
RESPONSE_HEADERS = {
    "67f7725c-6f97-4210-82d7-5512b31e9d03",  # SecurityHeadersPolicy
    "60669652-455b-4ae9-85a4-c4c02393f86c",  # SimpleCORS
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd",  # CORS-With-Preflight
    "e61eb60c-9c35-4d20-a928-2b84e02af89c",  # CORS-and-SecurityHeadersPolicy
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63",  # CORS-with-preflight-and-SecurityHeadersPolicy
}
# By element: those of AWS, and how CloudFront refuses one that is not there.
KINDS = {
    "CachePolicyId": (CACHE, "NoSuchCachePolicy", "cache policy"),
    "OriginRequestPolicyId": (ORIGIN_REQUEST, "NoSuchOriginRequestPolicy", "origin request policy"),
    "ResponseHeadersPolicyId": (RESPONSE_HEADERS, "NoSuchResponseHeadersPolicy", "response headers policy"),
}


def check(element: str, policy: str, own: list[dict[str, Any]]) -> None:
    """`own` are the account's: id, and whether the viewer's Host is among what is sent on."""
    managed, code, kind = KINDS[element]
    if policy and policy not in managed and not any(one["id"] == policy for one in own):
        raise AwsError(code, f"The specified {kind} does not exist.", 404)


@operation("cloudfront", "GetCachePolicy")
def get_cache_policy(world: World, call: Call) -> Answer:
    sends = _headers(world, "CachePolicyId", call.params["Id"])
    behavior = "whitelist" if sends.headers or sends.host else "none"
    key = (
        "<EnableAcceptEncodingGzip>false</EnableAcceptEncodingGzip>"
        + _config(behavior, sorted(sends.headers or ()) + ["host"] * sends.host)
        + "<CookiesConfig><CookieBehavior>none</CookieBehavior></CookiesConfig>"
        + "<QueryStringsConfig><QueryStringBehavior>none</QueryStringBehavior></QueryStringsConfig>"
    )
    inner = f"<ParametersInCacheKeyAndForwardedToOrigin>{key}</ParametersInCacheKeyAndForwardedToOrigin>"
    return _policy("CachePolicy", call.params["Id"], f"<MinTTL>0</MinTTL>{inner}")


@operation("cloudfront", "GetOriginRequestPolicy")
def get_origin_request_policy(world: World, call: Call) -> Answer:
    sends = _headers(world, "OriginRequestPolicyId", call.params["Id"])
    if sends.headers is None:
        headers = _config("allViewer") if sends.host else _config("allExcept", ["host"])
    else:
        names = sorted(sends.headers) + ["host"] * sends.host
        headers = _config("whitelist" if names else "none", names)
    inner = (
        headers
        + "<CookiesConfig><CookieBehavior>none</CookieBehavior></CookiesConfig>"
        + "<QueryStringsConfig><QueryStringBehavior>none</QueryStringBehavior></QueryStringsConfig>"
    )
    return _policy("OriginRequestPolicy", call.params["Id"], inner)


def _headers(world: World, element: str, policy: str) -> Sent:
    own = world.settings["ownPolicies"]
    check(element, policy, own)
    if policy in KINDS[element][0]:
        return KINDS[element][0][policy]
    is_sent = next(one for one in own if one["id"] == policy).get("sendsHost", False)
    if element == "CachePolicyId":
        return Sent(host=is_sent)
    return WITH_HOST if is_sent else EVERYTHING


def _config(behavior: str, names: list[str] | None = None) -> str:
    items = "".join(f"<Name>{name}</Name>" for name in names or [])
    headers = f"<Headers><Quantity>{len(names)}</Quantity><Items>{items}</Items></Headers>" if names else ""
    return f"<HeadersConfig><HeaderBehavior>{behavior}</HeaderBehavior>{headers}</HeadersConfig>"


def _policy(kind: str, policy: str, inner: str) -> Answer:
    config = f"<{kind}Config><Name>{policy}</Name>{inner}</{kind}Config>"
    text = f'<{kind} xmlns="{NAMESPACE}"><Id>{policy}</Id><LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime>{config}</{kind}>'
    return as_xml(text, headers={"ETag": "E2POLICY"})


def sent(cache: str, origin_request: str, own: list[dict[str, Any]]) -> Sent:
    """What of a viewer's request goes on by both policies of a behaviour."""
    of_own = {one["id"]: WITH_HOST if one.get("sendsHost") else EVERYTHING for one in own}
    of_cache = CACHE.get(cache) or of_own.get(cache, NOTHING)
    return of_cache.also(ORIGIN_REQUEST.get(origin_request) or of_own.get(origin_request, NOTHING))
