"""Buckets, and the versions of their objects."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.answers import AwsError

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
# What an object's version is called in a bucket that keeps none.
NO_VERSION = "null"


@dataclass
class Version:
    id: str
    # None is a deletion marker.
    content: bytes | None
    made_at: float
    content_type: str = "binary/octet-stream"

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content or b"").hexdigest()}"'


@dataclass
class Bucket:
    name: str
    region: str
    # Enabled, Suspended, or nothing where it never was.
    versioning: str = ""
    # The newest last.
    objects: dict[str, list[Version]] = field(default_factory=dict)

    def put(self, key: str, content: bytes | None, content_type: str = "binary/octet-stream") -> Version:
        made = Version(secrets.token_urlsafe(24) if self.versioning == "Enabled" else NO_VERSION, content, time.time(), content_type)
        versions = [version for version in self.objects.get(key, []) if version.id != made.id]
        self.objects[key] = [*versions, made]
        return made

    def find(self, key: str, version: str = "") -> Version | None:
        versions = self.objects.get(key, [])
        return next((one for one in reversed(versions) if not version or one.id == version), None)

    def contents(self) -> dict[str, list[str]]:
        """What each version of each object says, for an oracle."""
        return {key: [one.content.decode(errors="replace") for one in versions if one.content is not None] for key, versions in self.objects.items()}

    def remove(self, key: str, version: str) -> Version | None:
        """A version goes for good; without one, what is there stays beneath a deletion marker."""
        found = self.find(key, version)
        self.objects[key] = [one for one in self.objects.get(key, []) if one.id != version]
        if not self.objects[key]:
            del self.objects[key]
        return found


class Buckets:
    def __init__(self, world: World) -> None:
        self.world = world
        self.all: dict[str, Bucket] = {}

    def create(self, name: str, region: str, versioning: str = "Enabled") -> Bucket:
        self.all[name] = Bucket(name, region, versioning)
        return self.all[name]

    def get(self, name: str, region: str) -> Bucket:
        """Names are unique over all accounts; each bucket is reached in its own Region."""
        found = self.all.get(name)
        if not found:
            if any(name in world.buckets.all for world in self.world.everywhere()):
                raise AwsError("AccessDenied", "Access Denied", 403)
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)
        if found.region != region:
            raise AwsError(
                "PermanentRedirect",
                "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
                301,
                Endpoint=f"{name}.s3.{found.region}.amazonaws.com",
                Bucket=name,
            )
        return found

    def resources(self) -> list[Json]:
        """Buckets belong to their teams; what lies in them has no tags."""
        return [
            {
                "service": "s3",
                "type": "object",
                "id": f"{bucket.name}/{key}",
                "name": key,
                "arn": f"arn:aws:s3:::{bucket.name}/{key}",
                "state": None if versions[-1].content is not None else "deleted",
                "tags": {},
                "versions": [version.id for version in versions],
            }
            for bucket in self.all.values()
            for key, versions in bucket.objects.items()
        ]
