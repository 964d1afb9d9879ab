"""S3: versions of objects, and who may see them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Emulator, refused

REGION, BUCKET = "eu-north-1", "shop-truststores"


@pytest.fixture
def s3(emulator: Emulator) -> Any:
    emulator.control("POST", "seed", {"buckets": [{"name": BUCKET, "region": REGION}, {"name": "plain", "region": REGION, "versioning": ""}]})
    return emulator.client("s3", REGION)


def test_each_writing_makes_a_version_and_the_newest_is_read(s3: Any) -> None:
    first = s3.put_object(Bucket=BUCKET, Key="a/b c.pem", Body=b"one")["VersionId"]
    second = s3.put_object(Bucket=BUCKET, Key="a/b c.pem", Body=b"two")["VersionId"]
    read = s3.get_object(Bucket=BUCKET, Key="a/b c.pem")
    assert (read["VersionId"], read["Body"].read()) == (second, b"two")
    assert s3.get_object(Bucket=BUCKET, Key="a/b c.pem", VersionId=first)["Body"].read() == b"one"
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    listed = s3.list_object_versions(Bucket=BUCKET, Prefix="a/")["Versions"]
    assert [(v["Key"], v["VersionId"], v["IsLatest"], v["Size"]) for v in listed] == [("a/b c.pem", second, True, 3), ("a/b c.pem", first, False, 3)]


def test_a_deleted_object_leaves_its_versions_until_each_is_deleted(s3: Any) -> None:
    made = s3.put_object(Bucket=BUCKET, Key="k", Body=b"one")["VersionId"]
    marker = s3.delete_object(Bucket=BUCKET, Key="k")
    assert marker["DeleteMarker"] is True
    refused("NoSuchKey", s3.get_object, 404, Bucket=BUCKET, Key="k")
    found = s3.list_object_versions(Bucket=BUCKET)
    assert ([v["VersionId"] for v in found["Versions"]], [v["VersionId"] for v in found["DeleteMarkers"]]) == ([made], [marker["VersionId"]])
    for version in (made, marker["VersionId"], "no-such-version"):
        s3.delete_object(Bucket=BUCKET, Key="k", VersionId=version)
    assert "Versions" not in s3.list_object_versions(Bucket=BUCKET)


def test_versions_come_in_pages(emulator: Emulator, s3: Any) -> None:
    made = [s3.put_object(Bucket=BUCKET, Key="k", Body=str(n).encode())["VersionId"] for n in range(5)]
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2}))
    assert [v["VersionId"] for page in pages for v in page["Versions"]] == made[::-1]
    assert len(pages) == 3
    emulator.fault(kind="truncatedList", service="s3", operation="ListObjectVersions")
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 2


def test_what_each_version_says_is_told_to_an_oracle(emulator: Emulator, s3: Any) -> None:
    for content in (b"one", b"two"):
        s3.put_object(Bucket=BUCKET, Key="k", Body=content)
    s3.delete_object(Bucket=BUCKET, Key="k")
    assert emulator.control("GET", "s3") == {BUCKET: {"k": ["one", "two"]}, "plain": {}}


def test_a_bucket_without_versioning_keeps_the_newest_alone(s3: Any) -> None:
    assert "VersionId" not in s3.put_object(Bucket="plain", Key="k", Body=b"one")
    s3.put_object(Bucket="plain", Key="k", Body=b"two")
    assert "Status" not in s3.get_bucket_versioning(Bucket="plain")
    assert [v["VersionId"] for v in s3.list_object_versions(Bucket="plain")["Versions"]] == ["null"]
    s3.delete_object(Bucket="plain", Key="k")
    refused("NoSuchKey", s3.get_object, 404, Bucket="plain", Key="k")


def test_what_is_not_there_is_named(emulator: Emulator, s3: Any) -> None:
    refused("NoSuchBucket", s3.get_bucket_versioning, 404, Bucket="nowhere")
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"one")
    refused("NoSuchVersion", s3.get_object, 404, Bucket=BUCKET, Key="k", VersionId="none")
    client = emulator.another_client("s3", "us-east-1")
    # The SDK follows a redirect to another Region by itself.
    client.meta.events.unregister("needs-retry.s3")
    refused("PermanentRedirect", client.get_bucket_versioning, 301, Bucket=BUCKET)
    emulator.control("POST", "seed", {"accounts": [{"id": "222222222222", "buckets": [{"name": "theirs", "region": REGION}]}]})
    refused("AccessDenied", s3.get_bucket_versioning, 403, Bucket="theirs")


@pytest.mark.usefixtures("s3")
def test_a_body_that_its_hash_does_not_fit_is_refused(emulator: Emulator) -> None:
    client = emulator.another_client("s3", REGION)
    client.meta.events.register("before-send.s3.PutObject", lambda request, **_: request.headers.update({"x-amz-content-sha256": "0" * 64}))
    refused("XAmzContentSHA256Mismatch", client.put_object, 400, Bucket=BUCKET, Key="k", Body=b"one")


def test_each_call_needs_its_action(emulator: Emulator, s3: Any) -> None:
    made = s3.put_object(Bucket=BUCKET, Key="k", Body=b"one")["VersionId"]
    emulator.set(enforceIam=True)

    def may(*actions: str) -> Any:
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        emulator.control("POST", "seed", {"users": [{"name": "u", "accessKeyId": "AKIAU", "policyDocument": document}]})
        return emulator.client("s3", REGION, "AKIAU")

    calls = {
        "s3:PutObject": lambda c: c.put_object(Bucket=BUCKET, Key="k", Body=b""),
        "s3:GetObject": lambda c: c.get_object(Bucket=BUCKET, Key="k"),
        "s3:GetObjectVersion": lambda c: c.get_object(Bucket=BUCKET, Key="k", VersionId=made),
        "s3:GetBucketVersioning": lambda c: c.get_bucket_versioning(Bucket=BUCKET),
        "s3:ListBucketVersions": lambda c: c.list_object_versions(Bucket=BUCKET),
        "s3:DeleteObjectVersion": lambda c: c.delete_object(Bucket=BUCKET, Key="k", VersionId="x"),
    }
    for action, call in calls.items():
        others = may(*(other for other in calls if other != action))
        refused("AccessDenied", lambda call=call, others=others: call(others), 403)
        call(may(action))
    # Who may not list the bucket is not told that a key is not there.
    refused("AccessDenied", may("s3:GetObject").get_object, 403, Bucket=BUCKET, Key="none")
    refused("NoSuchKey", may("s3:GetObject", "s3:ListBucket").get_object, 404, Bucket=BUCKET, Key="none")


def test_faults_and_the_journal_know_the_object(emulator: Emulator, s3: Any) -> None:
    emulator.fault(kind="throttle", service="s3", operation="PutObject", match=f"{BUCKET}/k")
    refused("SlowDown", s3.put_object, 503, Bucket=BUCKET, Key="k", Body=b"one")
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"one")
    assert [(e["operation"], e["resource"], e["code"]) for e in emulator.journal()][-2:] == [
        ("PutObject", f"{BUCKET}/k", "SlowDown"),
        ("PutObject", f"{BUCKET}/k", None),
    ]
    assert json.dumps(emulator.control("GET", "resources")).count('"s3"') == 1
