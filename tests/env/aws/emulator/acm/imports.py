"""Certificates that somebody brings: what ACM reads in them, and which it refuses.

https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
"""

from __future__ import annotations

import base64
import binascii
import datetime
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..core.answers import AwsError

Json = dict[str, Any]
# In bytes.
LONGEST_KEY, LONGEST_CERTIFICATE, LONGEST_CHAIN = 5120, 32768, 2097152
CLIENT = "TLS_WEB_CLIENT_AUTHENTICATION"
_EXTENDED = {
    ExtendedKeyUsageOID.SERVER_AUTH: "TLS_WEB_SERVER_AUTHENTICATION",
    ExtendedKeyUsageOID.CLIENT_AUTH: CLIENT,
    ExtendedKeyUsageOID.CODE_SIGNING: "CODE_SIGNING",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "EMAIL_PROTECTION",
    ExtendedKeyUsageOID.TIME_STAMPING: "TIME_STAMPING",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSP_SIGNING",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE: "ANY",
}
_USAGES = {
    "digital_signature": "DIGITAL_SIGNATURE",
    "content_commitment": "NON_REPUDIATION",
    "key_encipherment": "KEY_ENCIPHERMENT",
    "data_encipherment": "DATA_ENCIPHERMENT",
    "key_agreement": "KEY_AGREEMENT",
    "key_cert_sign": "CERTIFICATE_SIGNING",
    "crl_sign": "CRL_SIGNING",
}
_CURVES = {"secp256r1": "EC_prime256v1", "secp384r1": "EC_secp384r1", "secp521r1": "EC_secp521r1"}


@dataclass(frozen=True)
class Imported:
    """A certificate with its chain and key, as PEM, and what ACM tells of it."""

    body: str
    chain: str
    key: str
    serial: str
    subject: str
    issuer: str
    key_algorithm: str
    signature_algorithm: str
    not_before: float
    not_after: float
    key_usages: tuple[str, ...]
    # Names and OIDs.
    extended: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    # How many certificates there are from this one to the last of its chain.
    depth: int

    @property
    def is_for_clients(self) -> bool:
        return any(name == CLIENT for name, _ in self.extended)

    def document(self) -> Json:
        return {
            "Serial": self.serial,
            "Subject": self.subject,
            "Issuer": self.issuer,
            "SignatureAlgorithm": self.signature_algorithm,
            "KeyUsages": [{"Name": name} for name in self.key_usages],
            "ExtendedKeyUsages": [{"Name": name, "OID": oid} for name, oid in self.extended],
        }


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def read(params: Json) -> Imported:
    body, key = _blob(params, "Certificate", LONGEST_CERTIFICATE), _blob(params, "PrivateKey", LONGEST_KEY)
    chain = _blob(params, "CertificateChain", LONGEST_CHAIN) if params.get("CertificateChain") else b""
    bodies = _certificates(body, "certificate")
    if len(bodies) != 1:
        raise invalid("The certificate field contains more than one certificate. You can specify only one certificate in this field.")
    leaf, above = bodies[0], _certificates(chain, "certificate chain") if chain else []
    _check_key(leaf, key)
    now = datetime.datetime.now(datetime.UTC)
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise invalid("The certificate that you have supplied is not valid at this time: it has expired, or its validity has not begun.")
    if not leaf.issuer.rdns:
        raise invalid("The certificate's issuer field must not be empty.")
    _check_chain(leaf, above)
    return Imported(
        body=_pem(leaf),
        chain="".join(_pem(certificate) for certificate in above),
        key=key.decode(),
        serial=serial(leaf.serial_number),
        subject=leaf.subject.rfc4514_string(),
        issuer=_attribute(leaf.issuer, NameOID.ORGANIZATION_NAME) or _attribute(leaf.issuer, NameOID.COMMON_NAME),
        key_algorithm=key_algorithm(leaf),
        signature_algorithm=_signature_algorithm(leaf),
        not_before=leaf.not_valid_before_utc.timestamp(),
        not_after=leaf.not_valid_after_utc.timestamp(),
        key_usages=_key_usages(leaf),
        extended=_extended(leaf),
        names=_names(leaf),
        depth=1 + len(above),
    )


def check_again(known: Imported, new: Imported) -> None:
    """What a certificate that takes another's place under its ARN must keep.

    https://docs.aws.amazon.com/acm/latest/userguide/import-reimport.html
    """
    if new.key_algorithm != known.key_algorithm:
        raise invalid(f"The key type or size of a certificate cannot change: it is {known.key_algorithm}, and the new one's is {new.key_algorithm}.")
    if known.names and not new.names:
        raise invalid("You cannot remove all of a certificate's domain names.")
    if set(known.key_usages) - set(new.key_usages):
        raise invalid("The key usages of a certificate can be added to, and not removed.")
    # That one may vanish.
    if {name for name, _ in known.extended} - {name for name, _ in new.extended} - {CLIENT}:
        raise invalid("The extended key usages of a certificate can be added to, and not removed.")


def key_algorithm(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in (1024, 2048, 3072, 4096):
        return f"RSA_{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    raise invalid("The key algorithm of the certificate is not supported.")


def _blob(params: Json, name: str, longest: int) -> bytes:
    try:
        found = base64.b64decode(params[name], validate=True)
    except (binascii.Error, ValueError):
        raise AwsError("SerializationException", f"{name} is not encoded in base64.") from None
    if not 0 < len(found) <= longest:
        raise invalid(f"Value at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must have a length between 1 and {longest}")
    return found


def _certificates(pem: bytes, what: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise invalid(f"The {what} field is not in a valid PEM format.") from None


def _check_key(leaf: x509.Certificate, pem: bytes) -> None:
    try:
        key = load_pem_private_key(pem, None)
    except TypeError:
        raise invalid("The private key must be unencrypted.") from None
    except ValueError:
        raise invalid("The private key is not in a valid PEM format.") from None

    def shown(public: Any) -> bytes:
        return bytes(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    if shown(key.public_key()) != shown(leaf.public_key()):
        raise invalid("The private key does not match the public key in the certificate.")


def _check_chain(leaf: x509.Certificate, above: list[x509.Certificate]) -> None:
    """From the issuer upwards; the root may be left out."""
    refusal = invalid("Could not validate the certificate with the certificate chain.")
    if not above and leaf.issuer != leaf.subject:
        raise refusal
    for below, issuer in zip([leaf, *above], above or [leaf], strict=False):
        try:
            below.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            raise refusal from None
        if type(below.public_key()) is not type(issuer.public_key()):
            raise invalid("The algorithm of the certificate must match the algorithm of the CA that signed it.")


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def serial(number: int) -> str:
    digits = f"{number:x}"
    digits = digits.zfill(len(digits) + len(digits) % 2)
    return ":".join(digits[n : n + 2] for n in range(0, len(digits), 2))


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return "".join(str(found.value) for found in name.get_attributes_for_oid(oid)[:1])


def _signature_algorithm(leaf: x509.Certificate) -> str:
    digest = leaf.signature_hash_algorithm
    kind = "ECDSA" if isinstance(leaf.public_key(), ec.EllipticCurvePublicKey) else "RSA"
    return f"{digest.name.upper() if digest else ''}WITH{kind}"


def _key_usages(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name for member, name in _USAGES.items() if getattr(found, member))


def _extended(leaf: x509.Certificate) -> tuple[tuple[str, str], ...]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    return tuple((_EXTENDED.get(oid, "CUSTOM"), oid.dotted_string) for oid in found)


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    """The common name, where it is one of DNS, then the alternative ones."""
    common = _attribute(leaf.subject, NameOID.COMMON_NAME)
    try:
        others = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        others = []
    return tuple(dict.fromkeys([*([common] if "." in common and " " not in common else []), *others]))
