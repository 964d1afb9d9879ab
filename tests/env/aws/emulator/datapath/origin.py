"""How the edge calls an origin with a name of its own: over TLS, with a client certificate that is shown where the origin asks for one."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL

from . import messages
from .messages import Answer, Request
from .tunnel import Client, Tunnel

if TYPE_CHECKING:
    from ..acm.imports import Imported
    from .authority import Authority

PATIENCE = 30.0
_TOLD_BY, _TOLD_CODE = "x-emulated-by", "x-emulated-code"


class Unreachable(Exception):
    """No answer came of it."""


def call(port: int, authority: Authority, request: Request, imported: Imported | None) -> Answer:
    """The request's host is whose address is called; the name of the handshake is what the Host header says."""
    asked = (request.header("host") or request.host).partition(":")[0].lower()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as raw:
            tunnel = Tunnel(raw, _context(authority, imported))
            tunnel.tls.set_connect_state()
            tunnel.tls.set_tlsext_host_name(asked.encode())
            tunnel.handshake()
            _check_name(tunnel, asked)
            tunnel.write(_rendered(request))
            answer = http.client.HTTPResponse(Client(tunnel), method=request.method)  # type: ignore[arg-type]
            answer.begin()
            body = answer.read()
            tunnel.farewell()
    except (SSL.Error, EOFError, OSError, http.client.HTTPException) as error:
        raise Unreachable(str(error)) from error
    told = {name.lower(): value for name, value in answer.getheaders()}
    dropped = (_TOLD_BY, _TOLD_CODE, "connection", "content-length")
    headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in dropped]
    return Answer(answer.status, headers, body, told.get(_TOLD_BY, "edge"), told.get(_TOLD_CODE) or None)


def _context(authority: Authority, imported: Imported | None) -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    store = context.get_cert_store()
    if store is not None:
        store.add_cert(_as_openssl(authority.certificate))
    context.set_verify(SSL.VERIFY_PEER, None)
    if imported:
        # Neither its validity nor anything else of it is looked at.
        context.use_certificate(x509.load_pem_x509_certificate(imported.body.encode()))
        context.use_privatekey(load_pem_private_key(imported.key.encode(), None))
        for above in x509.load_pem_x509_certificates(imported.chain.encode()) if imported.chain else []:
            context.add_extra_chain_cert(above)
    return context


def _as_openssl(certificate: x509.Certificate) -> SSL.X509:
    return SSL.X509.from_cryptography(certificate)


def _check_name(tunnel: Tunnel, asked: str) -> None:
    shown = tunnel.tls.get_peer_certificate(as_cryptography=True)
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) if shown else []
    if asked not in names and f"*.{asked.partition('.')[2]}" not in names:
        raise OSError("the origin's certificate is not of its name")


def _rendered(request: Request) -> bytes:
    """With what the other side is told about the viewer, which nobody else sees."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    own = ("connection", "content-length", "transfer-encoding")
    headers = [(name, value) for name, value in request.headers if name.lower() not in own]
    headers += [("Content-Length", str(len(request.body)))] if request.body or request.method in ("POST", "PUT", "PATCH") else []
    headers += [(messages.VIEWER_ADDRESS, request.source), (messages.TELL, "yes"), ("Connection", "close")]
    headers += [(messages.CANARY, request.canary)] if request.canary else []
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + request.body
