"""Verifies signed requests as API Gateway would, with botocore in place of AWS.

Reads JSON from standard input: {"cases": [{"region", "host", "time", "credentials", "wire", "viewer"}]}.
Prints {"checked": n, "mismatches": [{"case", "what", "detail"}]}. Nothing here shares code with the signer.
"""

import base64
import hashlib
import json
import re
import sys
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

LEGAL_PATH = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
SENT_QUERY = re.compile(r"(?:(?:[A-Za-z0-9\-._~!$'()*,:@/]|%[0-9A-F]{2})*=(?:[A-Za-z0-9\-._~!$'()*,:@/]|%[0-9A-F]{2})*(?:&|$))*")
RESERVED = re.compile(r"[!$'()*,:@/]")
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


def problems(case, credentials):
    """Yields (what, detail) for everything that a server, or the viewer, could complain about."""
    wire, viewer = case["wire"], case["viewer"]
    yield from path_problems(wire, viewer)
    yield from query_problems(wire, viewer)

    headers = [(name.lower(), value) for name, value in wire["headers"]]
    sent = [value for name, value in headers if name == "authorization"]
    proof = AUTHORIZATION.fullmatch(sent[0]) if len(sent) == 1 else None
    if proof is None:
        yield "authorization", f"{len(sent)} values, or malformed"
        return
    key_id, day, region, service, names, signature = proof.groups()
    signed = [(name, value) for name, value in headers if name in names.split(";")]
    expected = {"host", "x-amz-content-sha256", "x-amz-date"} | ({"x-amz-security-token"} if credentials.token else set())
    if {name for name, _ in signed} != expected or len(signed) != len(expected) or names != ";".join(sorted(expected)):
        yield "signed headers", names
        return

    for name, _ in headers:
        if name not in expected and name.replace("_", "-") in expected | {"x-amz-security-token"}:
            yield "not ours", name

    values = dict(signed)
    body = base64.b64decode(wire["body"])
    for what, got, want in [
        ("host", values["host"], case["host"]),
        ("region", region, case["region"]),
        ("service", service, "execute-api"),
        ("key id", key_id, credentials.access_key),
        ("day of the scope", day, values["x-amz-date"][:8]),
        ("time", values["x-amz-date"], case["time"]),
        ("token", values.get("x-amz-security-token"), credentials.token),
        ("body", values["x-amz-content-sha256"], hashlib.sha256(body).hexdigest()),
    ]:
        if got != want:
            yield what, f"{got} instead of {want}"

    for reading, url, params in query_readings(case["host"], wire):
        request = AWSRequest(method=wire["method"], url=url, data=body, headers=values, params=params)
        request.context["timestamp"] = values["x-amz-date"]
        auth = SigV4Auth(credentials, "execute-api", case["region"])
        canonical = auth.canonical_request(request)
        if auth.signature(auth.string_to_sign(request, canonical), request) != signature:
            yield f"signature, query read {reading}", canonical


def query_readings(host, wire):
    """A server may encode what is not, or decode the query, to text or to bytes, and encode it again.

    None takes reserved characters as they stand: API Gateway names `a%2Cb` as the canonical form of `a,b`, as AWS documents.
    """
    url = f"https://{host}{wire['path']}"
    yield "as it stands", f"{url}?{RESERVED.sub(lambda found: quote(found[0], safe=''), wire['query'])}", None
    text = parse_qsl(wire["query"], keep_blank_values=True, errors="replace")
    yield "as text", url, text
    pairs = [pair.replace("+", " ").partition("=") for pair in wire["query"].split("&") if pair]
    encoded = [f"{quote(unquote_to_bytes(name), safe='-_.~')}={quote(unquote_to_bytes(value), safe='-_.~')}" for name, _, value in pairs]
    yield "as bytes", f"{url}?{'&'.join(encoded)}", None


def path_problems(wire, viewer):
    """The path is legal on the wire, means what the viewer sent, and is untouched if that was legal."""
    if not LEGAL_PATH.fullmatch(wire["path"]):
        yield "path on the wire", wire["path"]
    if unquote_to_bytes(wire["path"]) != unquote_to_bytes(viewer["path"]):
        yield "path changed its meaning", wire["path"]
    if LEGAL_PATH.fullmatch(viewer["path"]) and wire["path"] != viewer["path"]:
        yield "legal path changed", wire["path"]


def query_problems(wire, viewer):
    """The query is what every reading takes alike, holds the viewer's pairs in the viewer's order, and its reserved characters as they came."""
    if not SENT_QUERY.fullmatch(wire["query"]):
        yield "query on the wire", wire["query"]
    if RESERVED.findall(viewer["query"]) != RESERVED.findall(wire["query"]):
        yield "reserved characters changed", wire["query"]
    pairs = [parse_qsl(query, keep_blank_values=True, errors="replace") for query in (viewer["query"], wire["query"])]
    if pairs[0] != pairs[1]:
        yield "query changed its meaning", wire["query"]


def main():
    given = json.load(sys.stdin)
    mismatches = []
    for number, case in enumerate(given["cases"]):
        credentials = Credentials(**case["credentials"])
        mismatches += [{"case": number, "what": what, "detail": detail} for what, detail in problems(case, credentials)]
    json.dump({"checked": len(given["cases"]), "mismatches": mismatches}, sys.stdout)


if __name__ == "__main__":
    main()
