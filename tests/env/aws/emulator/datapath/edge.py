"""CloudFront's edge: from a viewer's request to the origin's answer."""

from __future__ import annotations

import copy
import dataclasses
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..cloudfront.checks import ERRORS
from . import configuration, event, pages
from .configuration import Behaviour, Configuration, Origin
from .messages import Answer, Headers, Request
from .node import FunctionFailed, FunctionTimedOut, Package, Runtime
from .origin import Unreachable
from .waf import WebAcl

if TYPE_CHECKING:
    from ..acm.imports import Imported
    from ..cloudfront.store import Distribution
    from ..world import World

# Where replicas run: never where an API is, so that no function may mistake AWS_REGION for the API's.
REPLICAS = ("us-east-2", "sa-east-1")
# The address from which the edge calls origins.
EDGE_ADDRESS = "130.176.96.7"
SECURITY_HEADERS = [
    ("X-XSS-Protection", "1; mode=block"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Strict-Transport-Security", "max-age=31536000"),
]
# What goes between two neighbours only.
_HOP_BY_HOP = ("keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer")


class Edge:
    def __init__(self, world: World, runtime: Runtime, origins: Callable[[Request, Imported | None], Answer | None]) -> None:
        self.world, self.runtime, self.origins = world, runtime, origins
        # By distribution: what is deployed, and how it is read.
        self._read: dict[str, tuple[Any, Configuration]] = {}
        # Error answers by distribution and path, until when.
        self._errors: dict[tuple[str, str], tuple[float, Answer]] = {}

    def find(self, host: str) -> Configuration | None:
        """The distribution that answers for a host, as it is deployed; the world's lock is held."""
        own = self.world.distributions.by_domain.get(host)
        if own or host.endswith(".cloudfront.net"):
            # No alias is such a name.
            return self._deployed(own) if own else None
        best: tuple[int, Configuration] | None = None
        for distribution in self.world.distributions.all.values():
            found = self._deployed(distribution) if distribution.has_had_aliases else None
            if not found:
                continue
            if not found.wildcard(host):
                return found
            for alias in found.aliases:
                # A wildcard stands for one label, and the longest name wins.
                if alias.startswith("*.") and host.partition(".")[2] == alias[2:] and (not best or len(alias) > best[0]):
                    best = (len(alias), found)
        return best[1] if best else None

    def _deployed(self, distribution: Distribution) -> Configuration | None:
        """What the edge runs of it; nothing of one that was never deployed."""
        self.world.distributions.settle(distribution)
        if distribution.deployed is None:
            return None
        deployed, found = self._read.get(distribution.id) or (None, None)
        if not found or deployed is not distribution.deployed:
            own = self.world.settings["ownPolicies"]
            found = configuration.read(distribution.id, distribution.domain, distribution.deployed, own, distribution.in_force_at)
            self._read[distribution.id] = distribution.deployed, found
        return found

    def answer(self, request: Request) -> Answer:
        with self.world.lock:
            found = self.find(request.host)
            web_acl = self._web_acl(found) if found else None
        if not found or not found.enabled or (":" in request.source and not found.has_ipv6):
            # To a viewer who comes by IPv6 alone, its name has no address.
            return pages.page(403, pages.BAD_REQUEST)
        blocked, inserted = web_acl.decide(request) if web_acl else (None, [])
        if blocked:
            return self._paged(found, request, blocked)
        names = {name.lower() for name, _ in inserted}
        own = [(name, value) for name, value in request.headers if name.lower() not in names]
        request = dataclasses.replace(request, headers=[*own, *{name.lower(): (name, value) for name, value in inserted}.values()])
        if found.refuses(request.country):
            return pages.page(403, pages.COUNTRY)
        if request.path == "/" and found.root_object:
            request = dataclasses.replace(request, path=f"/{found.root_object}")
        behaviour = found.behaviour(request.path)
        turned_away = _without_tls(behaviour, request)
        if turned_away:
            return turned_away
        if request.method not in behaviour.methods:
            return pages.page(403, pages.METHOD)
        kept = self._kept(found, request)
        if kept:
            return kept
        answer = self._paged(found, request, self._decorated(self._from_origin(found, behaviour, request), found, behaviour))
        self._keep(found, request, answer)
        return answer

    def _kept(self, found: Configuration, request: Request) -> Answer | None:
        """An error answer of a moment ago: the path alone tells which, whatever the cache policy is."""
        until, answer = self._errors.get((found.id, request.path), (0.0, None))
        return copy.deepcopy(answer) if answer and request.method in ("GET", "HEAD") and time.monotonic() < until else None

    def _keep(self, found: Configuration, request: Request, answer: Answer) -> None:
        said = found.errors.get(answer.status)
        seconds = said.kept if said else float(self.world.settings["errorCaching"])
        if str(answer.status) in ERRORS and seconds and request.method in ("GET", "HEAD"):
            self._errors[found.id, request.path] = (time.monotonic() + seconds, copy.deepcopy(answer))

    def _paged(self, found: Configuration, request: Request, answer: Answer) -> Answer:
        """An error's own page, which comes through the distribution like any other, and is still told as an error. A page that cannot
        be had answers with its own error.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-unavailable.html
        """
        said = found.errors.get(answer.status)
        if not said or not said.page:
            return answer
        behaviour = found.behaviour(said.page)
        asked = dataclasses.replace(request, method="GET", path=said.page, query="", body=b"")
        page = self._from_origin(found, behaviour, asked)
        status = int(said.response) if page.status < 400 else page.status
        return self._decorated(dataclasses.replace(page, status=status), found, behaviour, is_error=True)

    def _web_acl(self, found: Configuration) -> WebAcl | None:
        item = self.world.waf.web_acls.by_arn(found.web_acl) if found.web_acl else None

        def ip_set(arn: str) -> list[str]:
            known = self.world.waf.ip_sets.by_arn(arn)
            return list(known.document["Addresses"]) if known else []

        return WebAcl(item.document, ip_set) if item else None

    def _from_origin(self, found: Configuration, behaviour: Behaviour, request: Request) -> Answer:
        request = self._forwarded(found, behaviour, request)
        origin = behaviour.origin
        domain, path, custom = origin.domain, origin.path, list(origin.headers)
        if behaviour.function:
            result = self._invoke(found, behaviour, request)
            if isinstance(result, Answer):
                return result
            request, target = result
            domain, path = target["domainName"], target["path"]
            custom = [(entry.get("key", name), entry["value"]) for name, entries in (target.get("customHeaders") or {}).items() for entry in entries]
        asked = next((value for name, value in request.headers if name.lower() == "host"), domain) if behaviour.forwards.host else domain
        headers = [(name, value) for name, value in request.headers if name.lower() != "host"]
        headers = [("Host", asked), *custom, *headers, ("X-Amz-Cf-Id", uuid.uuid4().hex)]
        sent = dataclasses.replace(request, host=domain.lower(), path=path + request.path, headers=headers, source=EDGE_ADDRESS)
        try:
            return self.origins(sent, self._shown(found, origin)) or pages.page(502, pages.NO_ORIGIN)
        except Unreachable:
            return pages.page(502, pages.NO_CONNECTION)

    def _shown(self, found: Configuration, origin: Origin) -> Imported | None:
        """What is shown to an origin that asks: as it was when the configuration was deployed, whatever was imported since."""
        with self.world.lock:
            certificate = self.world.certificates.all.get(origin.client_certificate)
            if not certificate:
                return None
            return certificate.imported if self.world.settings["edgesFollowReimports"] else certificate.imported_at(found.since)

    def _forwarded(self, found: Configuration, behaviour: Behaviour, request: Request) -> Request:
        """What the policies let through, before the function."""
        custom = {name.lower() for name, _ in behaviour.origin.headers}
        dropped = {"host", "via", "x-forwarded-for", "x-amz-cf-id", *_HOP_BY_HOP, *custom}
        chosen = behaviour.forwards.headers
        kept: Headers = [(name, value) for name, value in request.headers if name.lower() not in dropped and (chosen is None or name.lower() in chosen)]
        if not any(name.lower() == "user-agent" for name, _ in kept):
            kept.append(("User-Agent", "Amazon CloudFront"))
        sender = [*request.values("x-forwarded-for"), request.source]
        kept += [
            ("Host", request.host if behaviour.forwards.host else behaviour.origin.domain),
            ("X-Forwarded-For", ", ".join(sender)),
            ("Via", f"1.1 {uuid.uuid5(uuid.NAMESPACE_DNS, found.domain).hex}.cloudfront.net (CloudFront)"),
        ]
        return dataclasses.replace(request, headers=kept, query=request.query if behaviour.forwards.query else "")

    def _invoke(self, found: Configuration, behaviour: Behaviour, request: Request) -> tuple[Request, dict[str, Any]] | Answer:
        prepared = self._prepared(behaviour)
        if not prepared:
            return pages.page(503, pages.NO_FUNCTION, "function", "LambdaExecutionError")
        package, environment = prepared
        request_id = str(uuid.uuid4())
        given = event.build(found, behaviour, request, request_id)
        try:
            result = self.runtime.invoke(package, given, environment, request_id)
            return event.response(result) if event.is_response(result) else event.request(given, result, request)
        except FunctionFailed:
            return pages.page(503, pages.NO_FUNCTION, "function", "LambdaExecutionError")
        except FunctionTimedOut:
            return pages.page(503, pages.FUNCTION_LIMIT, "function", "LambdaLimitExceeded")
        except event.Invalid as problem:
            return pages.validation(str(problem))

    def _prepared(self, behaviour: Behaviour) -> tuple[Package, dict[str, str]] | None:
        """The function version's code, and its role's credentials."""
        *_, region, _, _, name, number = behaviour.function.split(":")
        with self.world.lock:
            function = self.world.functions.find(region, name)
            version = function.version(number) if function else None
            role = self.world.roles.by_arn(version.document["Role"]) if version else None
            if not version or not role:
                return None
            session = self.world.sessions.issue(role, f"{region}.{name}")
        document = version.document
        package = Package(behaviour.function, name, number, document["CodeSha256"], version.code, document["Handler"], document["Timeout"])
        replica = next(r for r in REPLICAS if f".{r}." not in behaviour.origin.domain)
        return package, session.environment(replica)

    def _decorated(self, answer: Answer, found: Configuration, behaviour: Behaviour, *, is_error: bool = False) -> Answer:
        """What CloudFront adds to an answer that it passes on."""
        names = {name.lower() for name, _ in answer.headers}
        added = [
            ("Via", f"1.1 {uuid.uuid5(uuid.NAMESPACE_DNS, found.domain).hex}.cloudfront.net (CloudFront)"),
            ("X-Amz-Cf-Pop", "ARN56-P1"),
            ("X-Amz-Cf-Id", uuid.uuid4().hex),
            ("X-Cache", "Error from cloudfront" if is_error or answer.status >= 400 else "Miss from cloudfront"),
            *(SECURITY_HEADERS if behaviour.security_headers else []),
        ]
        answer.headers += [(name, value) for name, value in added if name.lower() not in names or name == "Via"]
        return answer


def _without_tls(behaviour: Behaviour, request: Request) -> Answer | None:
    """The answer to a viewer who asks without TLS; none where the behaviour lets them in.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html
    """
    if request.is_secure or behaviour.viewer_protocol == "allow-all":
        return None
    if behaviour.viewer_protocol == "https-only":
        return pages.page(403, pages.BAD_REQUEST)
    query = f"?{request.query}" if request.query else ""
    # A method that changes something must stay the same.
    status = 301 if request.method in ("GET", "HEAD") else 307
    return pages.redirect(status, f"https://{request.host}{request.path}{query}")
