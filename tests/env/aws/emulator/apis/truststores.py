"""Truststores: read from S3 with the rights of whoever makes or changes a domain name, and what API Gateway minds about one.

https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ..core.answers import AwsError
from ..core.call import Call
from . import refusals

if TYPE_CHECKING:
    from ..world import World
    from .names import Terms

MOST_CERTIFICATES, LONGEST = 1000, 1_000_000
HASHES = ("sha256", "sha384", "sha512")
CURVES = ("secp256r1", "secp384r1")
_URI = re.compile(r"s3://([a-z0-9.-]{3,63})/(.+)")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_BAD = "Invalid mutual TLS authentication:"


def read(world: World, call: Call, uri: str, version: str) -> tuple[str, tuple[str, ...]]:
    """Its content, and warnings."""
    place = _URI.fullmatch(uri)
    if not place:
        raise refusals.bad(f"{_BAD} the truststore's URI must be of the form s3://bucket-name/key-name.")
    bucket, key = place.groups()
    arn = f"arn:aws:s3:::{bucket}/{key}"
    for action in ["s3:GetObject", *(["s3:GetObjectVersion"] if version else [])]:
        try:
            world.access.depend(call, action, arn)
        except AwsError as denied:
            raise refusals.bad(f"{_BAD} the truststore cannot be accessed. {denied.message}") from None
    known = world.buckets.all.get(bucket)
    if known and known.region != call.region and not world.settings["truststoreOfAnyRegion"]:
        raise refusals.bad(f"{_BAD} the truststore's bucket must be in the Region of the domain name.")
    if known and version and not known.versioning:
        raise refusals.bad(f"{_BAD} a truststore version needs a bucket with versioning.")
    content = _content(world, bucket, key, version)
    if content is None:
        raise refusals.bad(f"{_BAD} the truststore object or its version does not exist, or cannot be accessed.")
    found = certificates(content)
    if len(content) > LONGEST or len(found) > MOST_CERTIFICATES:
        raise refusals.bad(f"{_BAD} a truststore has at most {MOST_CERTIFICATES} certificates and 1 MB.")
    if not any(isinstance(one, x509.Certificate) for one in found):
        raise refusals.bad(f"{_BAD} the truststore holds no valid certificate.")
    return content, tuple(warning for number, one in enumerate(found, 1) if (warning := _warning(number, one)))


def in_force(world: World, terms: Terms) -> list[x509.Certificate]:
    """The CAs by which client certificates are judged now."""
    content = terms.truststore
    if content is not None and not world.settings["truststoreCopied"]:
        bucket, _, key = terms.truststore_uri.removeprefix("s3://").partition("/")
        content = _content(world, bucket, key, terms.truststore_version)
    return [one for one in certificates(content or "") if isinstance(one, x509.Certificate)]


def certificates(content: str) -> list[x509.Certificate | str]:
    """Each certificate, or what is wrong with it."""
    found: list[x509.Certificate | str] = []
    for pem in _PEM.findall(content):
        try:
            found.append(x509.load_pem_x509_certificate(pem.encode()))
        except ValueError:
            found.append("is not in a valid format")
    return found


def weakness(certificate: x509.Certificate) -> str:
    """Why a certificate proves nothing; empty where it does."""
    key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    if not digest or digest.name not in HASHES:
        return "uses an insecure signature algorithm"
    if isinstance(key, rsa.RSAPublicKey):
        return "has an RSA key of less than 2048 bits" if key.key_size < 2048 else ""
    known = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES
    return "" if known else "has a key of an unsupported type"


def is_valid_now(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_before_utc <= datetime.datetime.now(datetime.UTC) <= certificate.not_valid_after_utc


def _warning(number: int, one: x509.Certificate | str) -> str:
    if isinstance(one, str):
        return f"Certificate {number} of the truststore {one}."
    problem = weakness(one) or ("" if is_valid_now(one) else "has expired, or is not valid yet")
    return f"Certificate {number} of the truststore, <{one.subject.rfc4514_string()}>, {problem}." if problem else ""


def _content(world: World, bucket: str, key: str, version: str) -> str | None:
    known = world.buckets.all.get(bucket)
    found = known.find(key, version) if known else None
    return found.content.decode("latin-1") if found and found.content is not None else None
