"""Whether API Gateway lets a client certificate in, and what it tells of one."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from ..acm.imports import serial
from ..apis.truststores import is_valid_now, weakness

Json = dict[str, Any]
# From the certificate to its root.
LONGEST_CHAIN = 4


def refusal(leaf: x509.Certificate, truststore: list[x509.Certificate]) -> str:
    """In the words of API Gateway's execution log; empty where it is accepted. Revocation is not looked at."""
    if leaf.issuer == leaf.subject:
        return "self signed certificate"
    if weakness(leaf):
        return "Client cert using an insecure Signature Algorithm"
    if not is_valid_now(leaf):
        return "certificate has expired"
    below = leaf
    for _ in range(LONGEST_CHAIN - 1):
        issuer = _issuer(below, truststore)
        if not issuer or weakness(issuer) or not is_valid_now(issuer):
            return "Could not find issuer for certificate"
        if issuer.issuer == issuer.subject:
            return ""
        below = issuer
    return "certificate chain too long"


def _issuer(below: x509.Certificate, truststore: list[x509.Certificate]) -> x509.Certificate | None:
    """By the name, and by the key where both say which: of several CAs with one name the first is taken, and must be the one."""
    named = [one for one in truststore if one.subject == below.issuer and _is_authority(one)]
    wanted = _identifier(below, x509.AuthorityKeyIdentifier, "key_identifier")
    fitting = [one for one in named if wanted and _identifier(one, x509.SubjectKeyIdentifier, "digest") == wanted] or named
    for one in fitting[:1]:
        try:
            below.verify_directly_issued_by(one)
        except (ValueError, TypeError, InvalidSignature):
            return None
        return one
    return None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _identifier(certificate: x509.Certificate, extension: Any, member: str) -> bytes | None:
    try:
        found: bytes | None = getattr(certificate.extensions.get_extension_for_class(extension).value, member)
    except x509.ExtensionNotFound:
        return None
    return found


def told(leaf: x509.Certificate) -> Json:
    """As authorizers and backends see it."""
    return {
        "clientCertPem": leaf.public_bytes(Encoding.PEM).decode(),
        "subjectDN": leaf.subject.rfc4514_string(),
        "issuerDN": leaf.issuer.rfc4514_string(),
        "serialNumber": serial(leaf.serial_number),
        "validity": {
            "notBefore": leaf.not_valid_before_utc.strftime("%b %e %H:%M:%S %Y GMT"),
            "notAfter": leaf.not_valid_after_utc.strftime("%b %e %H:%M:%S %Y GMT"),
        },
    }
