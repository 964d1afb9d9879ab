"""The data path over TLS: one port for all names. The name of the handshake decides which certificate is shown, and whether one is asked for."""

from __future__ import annotations

import io
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL

from ..apis import truststores
from ..server import Handler, Server
from . import names, trust
from .tunnel import Tunnel, hello

if TYPE_CHECKING:
    from ..apis.names import Terms
    from ..world import World

Json = dict[str, Any]
# So long a client may take to say anything.
PATIENCE = 30.0


class Gone(Exception):
    """The connection ends without an answer."""


@dataclass(frozen=True)
class Shown:
    """What a handshake brought."""

    # The name that the client asked for.
    name: str
    # Whether a certificate was asked for, why the shown one is refused (empty: it is not), and what is told of it.
    is_asked: bool = False
    refusal: str = ""
    certificate: Json | None = None


@dataclass(frozen=True)
class Asking:
    """How a name is served."""

    name: str
    # PEM of the server's certificate, of what is above it, and of its key.
    pair: tuple[str, str, str]
    truststore: list[x509.Certificate] | None
    # Settings, as they were when the client came.
    without: str
    foreign: str
    is_named: bool
    speaks_tls13: bool


class TlsHandler(Handler):
    """A connection begins with a handshake in the connection's own thread."""

    tunnel: Tunnel
    shown: Shown

    def setup(self) -> None:
        self.connection = self.request
        self.connection.settimeout(PATIENCE)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        first, name = hello(self.connection)
        asking = _asking(self.server.world, name)
        self.tunnel = Tunnel(self.connection, _context(asking), first)
        self.tunnel.tls.set_accept_state()
        self.tunnel.handshake(alerts=asking.without != "unfinished")
        self.shown = self._judged(asking)
        self.connection.settimeout(None)
        self.rfile, self.wfile = io.BufferedReader(self.tunnel), self.tunnel

    def _judged(self, asking: Asking) -> Shown:
        if asking.truststore is None:
            return Shown(asking.name)
        leaf = self.tunnel.tls.get_peer_certificate(as_cryptography=True)
        if leaf is None:
            if asking.without != "403":
                # The request is taken and never answered; unread bytes would make a reset of it.
                self.connection.recv(65536)
                raise Gone
            return Shown(asking.name, is_asked=True, refusal="no certificate")
        return Shown(asking.name, True, trust.refusal(leaf, asking.truststore), trust.told(leaf))

    def make_environ(self) -> dict[str, Any]:
        return {**super().make_environ(), "wsgi.url_scheme": "https", "emulator.tls": self.shown}

    def finish(self) -> None:
        if not self.is_dropped:
            self.tunnel.farewell()


class TlsServer(Server):
    def __init__(self, port: int, world: World) -> None:
        super().__init__(port, TlsHandler)
        self.world = world


def _asking(home: World, name: str) -> Asking:
    with home.lock:
        settings = home.settings
        found = next(((world, domain) for world in home.everywhere() if (domain := names.find(world, name))), None)
        terms = found[1].serves_by(str(settings["updatingDomainServes"])) if found else None
        if found and (terms is None or not names.is_led(found[0], found[1])):
            # Nothing answers by that name yet.
            raise Gone
        truststore = truststores.in_force(found[0], terms) if found and terms and terms.truststore_uri else None
        pair = _pair(found[0], terms, name) if found and terms else (*_made(home, name), "")
        return Asking(
            name,
            (pair[0], pair[2], pair[1]),
            truststore,
            str(settings["withoutCertificate"]),
            str(settings["foreignCertificate"]),
            bool(settings["truststoreNamed"]),
            bool(settings["mutualTlsSpeaksTls13"]),
        )


def _pair(world: World, terms: Terms, name: str) -> tuple[str, str, str]:
    """An imported certificate is shown as it is, and nobody here trusts it."""
    certificate = world.certificates.find(terms.certificate)
    if certificate and certificate.imported:
        return certificate.imported.body, certificate.imported.key, certificate.imported.chain
    return (*_made(world, name), "")


def _made(world: World, name: str) -> tuple[str, str]:
    return world.authority.pair(name or "unnamed.invalid")


def _context(asking: Asking) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    # Each handshake asks anew.
    context.set_options(SSL.OP_NO_TICKET)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    body, chain, key = asking.pair
    context.use_certificate(x509.load_pem_x509_certificate(body.encode()))
    context.use_privatekey(load_pem_private_key(key.encode(), None))
    for above in x509.load_pem_x509_certificates(chain.encode()) if chain else []:
        context.add_extra_chain_cert(above)
    truststore = asking.truststore
    if truststore is None:
        return context
    if not asking.speaks_tls13:
        context.set_max_proto_version(SSL.TLS1_2_VERSION)
    for authority in truststore if asking.is_named else []:
        context.add_client_ca(authority)

    def judged(_connection: Any, certificate: Any, _error: int, depth: int, _ok: int) -> bool:
        """OpenSSL's own judgement does not count."""
        return asking.foreign != "alert" or depth > 0 or not trust.refusal(certificate.to_cryptography(), truststore)

    needed = SSL.VERIFY_FAIL_IF_NO_PEER_CERT if asking.without in ("alert", "unfinished") else 0
    context.set_verify(SSL.VERIFY_PEER | needed, judged)
    return context
