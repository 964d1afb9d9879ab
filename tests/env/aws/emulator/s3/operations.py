"""S3's operations, with the bucket in the path."""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape

from ..core import paging
from ..core.answers import Answer, AwsError, as_xml
from ..core.call import Call
from ..core.operations import operation
from .store import NO_VERSION, Bucket, Version

if TYPE_CHECKING:
    from ..world import World

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@operation("s3", "GetBucketVersioning")
def versioning(world: World, call: Call) -> Answer:
    bucket = _bucket(world, call)
    inner = f"<Status>{bucket.versioning}</Status>" if bucket.versioning else ""
    return as_xml(f'<VersioningConfiguration xmlns="{NAMESPACE}">{inner}</VersioningConfiguration>')


@operation("s3", "PutObject")
def put(world: World, call: Call) -> Answer:
    bucket, content = _bucket(world, call), _content(call)
    made = bucket.put(call.params["Key"], content, call.header("Content-Type") or "binary/octet-stream")
    return Answer(200, b"", {"ETag": made.etag, **_version_of(made)})


@operation("s3", "GetObject", "HeadObject")
def get(world: World, call: Call) -> Answer:
    bucket, key, wanted = _bucket(world, call), call.params["Key"], str(call.params.get("VersionId") or "")
    found = bucket.find(key, wanted)
    if found and found.content is not None:
        modified = datetime.datetime.fromtimestamp(found.made_at, datetime.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return Answer(200, found.content, {"Content-Type": found.content_type, "ETag": found.etag, "Last-Modified": modified, **_version_of(found)})
    if found and wanted:
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405, ResourceType="DeleteMarker")
    # Whoever may not list a bucket is not told what is not in it.
    if not world.access.allows(call, "s3:ListBucket", f"arn:aws:s3:::{bucket.name}"):
        raise AwsError("AccessDenied", "Access Denied", 403)
    if wanted and bucket.find(key):
        raise AwsError("NoSuchVersion", "The specified version does not exist.", 404, Key=key, VersionId=wanted)
    raise AwsError("NoSuchKey", "The specified key does not exist.", 404, Key=key)


@operation("s3", "DeleteObject")
def delete(world: World, call: Call) -> Answer:
    """What is not there is deleted, too."""
    bucket, key, wanted = _bucket(world, call), call.params["Key"], str(call.params.get("VersionId") or "")
    if wanted or not bucket.versioning:
        wanted = wanted or NO_VERSION
        gone = bucket.remove(key, wanted) if bucket.find(key, wanted) else None
        marker = {"x-amz-delete-marker": "true"} if gone and gone.content is None else {}
        return Answer(204, b"", {"x-amz-version-id": wanted, **marker} if bucket.versioning else {})
    return Answer(204, b"", {"x-amz-delete-marker": "true", **_version_of(bucket.put(key, None))})


@operation("s3", "ListObjectVersions")
def versions(world: World, call: Call) -> Answer:
    bucket, params = _bucket(world, call), call.params
    prefix, most = str(params.get("Prefix") or ""), paging.size(params.get("MaxKeys"), 1000)
    # By key, the newest version first.
    rows = [(key, version, version is all_[-1]) for key, all_ in sorted(bucket.objects.items()) if key.startswith(prefix) for version in reversed(all_)]
    # S3's marker is a pair; what it continues after is named by both.
    after = (params.get("KeyMarker") or "", params.get("VersionIdMarker") or "")
    if any(after):
        place = next((n for n, (key, version, _) in enumerate(rows) if (key, version.id) == after), None)
        rows = rows[place + 1 :] if place is not None else [row for row in rows if row[0] > after[0]]
    chosen, following = paging.page(rows, lambda row: f"{row[0]}/{row[1].id}", None, most)
    url = params.get("EncodingType") == "url"
    more = ""
    if following:
        key, version, _ = chosen[-1]
        more = f"<NextKeyMarker>{_key(key, url)}</NextKeyMarker><NextVersionIdMarker>{version.id}</NextVersionIdMarker>"
    return as_xml(
        f'<ListVersionsResult xmlns="{NAMESPACE}"><Name>{bucket.name}</Name><Prefix>{_key(prefix, url)}</Prefix><KeyMarker>{_key(after[0], url)}</KeyMarker>'
        f"<VersionIdMarker>{escape(after[1])}</VersionIdMarker>{more}<MaxKeys>{most}</MaxKeys>{'<EncodingType>url</EncodingType>' if url else ''}"
        f"<IsTruncated>{str(bool(following)).lower()}</IsTruncated>{''.join(_row(*row, url) for row in chosen)}</ListVersionsResult>"
    )


def _row(key: str, version: Version, is_latest: bool, url: bool) -> str:
    at = datetime.datetime.fromtimestamp(version.made_at, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    inner = f"<Key>{_key(key, url)}</Key><VersionId>{version.id}</VersionId><IsLatest>{str(is_latest).lower()}</IsLatest><LastModified>{at}</LastModified>"
    if version.content is None:
        return f"<DeleteMarker>{inner}</DeleteMarker>"
    return f"<Version>{inner}<ETag>{escape(version.etag)}</ETag><Size>{len(version.content)}</Size><StorageClass>STANDARD</StorageClass></Version>"


def _key(key: str, url: bool) -> str:
    return quote(key, safe="/") if url else escape(key)


def _version_of(version: Version) -> dict[str, str]:
    return {} if version.id == NO_VERSION else {"x-amz-version-id": version.id}


def _bucket(world: World, call: Call) -> Bucket:
    return world.buckets.get(call.params["Bucket"], call.region)


def _content(call: Call) -> bytes:
    """The body, which its hash in the headers must fit."""
    claimed = call.header("x-amz-content-sha256")
    if not claimed:
        raise AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    if claimed.startswith("STREAMING-"):
        return _unchunked(call.body)
    if claimed != "UNSIGNED-PAYLOAD" and claimed != hashlib.sha256(call.body).hexdigest():
        raise AwsError("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
    return call.body


def _unchunked(body: bytes) -> bytes:
    found, rest = b"", body
    while match := re.match(rb"([0-9a-fA-F]+)[^\r\n]*\r\n", rest):
        size = int(match[1], 16)
        if not size:
            break
        found, rest = found + rest[match.end() : match.end() + size], rest[match.end() + size + 2 :]
    return found
