"""Certificates of clients and their CAs, and handshakes with them."""

from __future__ import annotations

import datetime
import http.client
import socket
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import Emulator, unique
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from viewers import Seen

DAY = datetime.timedelta(days=1)
USAGES = {"digital_signature": True}
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


@dataclass
class Pair:
    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def elliptic(curve: Any = None) -> Any:
    return ec.generate_private_key(curve or ec.SECP256R1())


def of_rsa(size: int = 2048) -> Any:
    return rsa.generate_private_key(65537, size)


def authority(name: str | None = None, by: Pair | None = None, key: Any = None, **more: Any) -> Pair:
    """A CA, its own root unless another one signs it."""
    return _made(name or unique("CA"), by, key or elliptic(), is_authority=True, **more)


def client(by: Pair | None, name: str | None = None, key: Any = None, **more: Any) -> Pair:
    """A client certificate, self-signed where nobody signs it."""
    return _made(name or unique("client"), by, key or elliptic(), is_authority=False, **more)


def _made(
    name: str,
    by: Pair | None,
    key: Any,
    is_authority: bool,
    days: tuple[float, float] = (-1, 120),
    extended: Any = (CLIENT,),
    usages: dict[str, bool] | None = None,
    names: tuple[str, ...] = (),
    digest: Any = None,
) -> Pair:
    now, public = datetime.datetime.now(datetime.UTC), key.public_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = by.certificate.subject if by else subject
    said = {"key_cert_sign": True, "crl_sign": True} if is_authority else USAGES if usages is None else usages
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    usage = x509.KeyUsage(*(said.get(one, False) for one in every), encipher_only=False, decipher_only=False)
    building = (
        x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), now + days[0] * DAY, now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key((by.key if by else key).public_key()), critical=False)
    )
    if extended and not is_authority:
        building = building.add_extension(x509.ExtendedKeyUsage(list(extended)), critical=False)
    if names:
        building = building.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    return Pair(building.sign(by.key if by else key, digest or hashes.SHA256()), key)


def parameters(leaf: Pair, *above: Pair) -> dict[str, Any]:
    """As ImportCertificate takes them."""
    chain = {"CertificateChain": "".join(one.pem for one in above).encode()} if above else {}
    return {"Certificate": leaf.pem.encode(), "PrivateKey": leaf.key_pem.encode(), **chain}


def imported(emulator: Emulator, leaf: Pair, *above: Pair, region: str = "us-east-1", **more: Any) -> str:
    return str(emulator.client("acm", region).import_certificate(**parameters(leaf, *above), **more)["CertificateArn"])


class Ended(Exception):
    """The server ended the connection; was it asked for a certificate by then, and what did it say."""


def handshake(
    emulator: Emulator,
    name: str,
    path: str = "/",
    host: str | None = None,
    shown: Pair | None = None,
    headers: dict[str, str] | None = None,
    tls13: bool = True,
) -> Seen:
    """A request over TLS: the name of the handshake, the Host header (the same, unless said otherwise), and what is shown if asked for."""
    context = ssl.create_default_context(cafile=emulator.ca_file)
    if not tls13:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.NamedTemporaryFile() as both:
        if shown:
            Path(both.name).write_text(shown.pem + shown.key_pem)
            context.load_cert_chain(both.name)
        lines = [f"GET {path} HTTP/1.1", f"Host: {host or name}", *(f"{key}: {value}" for key, value in (headers or {}).items()), "", ""]
        try:
            with (
                socket.create_connection(("127.0.0.1", emulator.tls), timeout=20) as raw,
                context.wrap_socket(raw, server_hostname=name, suppress_ragged_eofs=False) as connection,
            ):
                connection.sendall("\r\n".join(lines).encode())
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                headers_of = {key.lower(): value for key, value in answer.getheaders()}
                return Seen(answer.status, {**headers_of, "tls": str(connection.version())}, answer.read())
        except (ssl.SSLError, OSError, http.client.HTTPException) as error:
            raise Ended(f"{type(error).__name__} {error}") from error
