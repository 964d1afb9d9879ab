"""TLS over a socket, with every byte in our hands: what a client says before the server decides how to answer, and how a connection ends."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from typing import Any, TypeVar

from OpenSSL import SSL

T = TypeVar("T")
_PART = 65536
_HANDSHAKE, _CLIENT_HELLO, _SERVER_NAME = 22, 1, 0


class Tunnel(io.RawIOBase):
    """A connection as a stream of what is said within."""

    def __init__(self, raw: socket.socket, context: SSL.Context, first: bytes = b"") -> None:
        super().__init__()
        self.raw, self.tls = raw, SSL.Connection(context, None)
        if first:
            self.tls.bio_write(first)

    def handshake(self, *, alerts: bool = True) -> None:
        """Without alerts a failed one ends as if the server were gone."""
        try:
            self._run(self.tls.do_handshake)
        except SSL.Error:
            if alerts:
                self._send()
            raise

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._run(lambda: self.tls.recv(len(buffer)))
        except (SSL.ZeroReturnError, SSL.SysCallError, EOFError):
            return 0
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        rest = bytes(data)
        while rest:
            part = rest[:16384]
            sent = self._run(lambda part=part: self.tls.send(part))
            rest = rest[sent:]
        return len(data)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def farewell(self) -> None:
        """Ends it as TLS has it; who is gone already misses nothing."""
        try:
            self.tls.shutdown()
            self._send()
        except (SSL.Error, OSError):
            pass

    def _run(self, step: Callable[[], T]) -> T:
        while True:
            try:
                result = step()
            except SSL.WantReadError:
                self._send()
                self._receive()
                continue
            self._send()
            return result

    def _send(self) -> None:
        while True:
            try:
                data = self.tls.bio_read(_PART)
            except SSL.WantReadError:
                return
            self.raw.sendall(data)

    def _receive(self) -> None:
        data = self.raw.recv(_PART)
        if not data:
            raise EOFError("the other side ended the connection")
        self.tls.bio_write(data)


class Client:
    """What http.client takes for a socket."""

    def __init__(self, tunnel: Tunnel) -> None:
        self.tunnel = tunnel

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(self.tunnel)


def hello(raw: socket.socket) -> tuple[bytes, str]:
    """The first bytes that a client sends, and the name that it asks for; empty where it names none."""
    data = b""
    while True:
        message = _message(data)
        if message is not None:
            return data, _server_name(message)
        part = raw.recv(_PART)
        if not part:
            raise EOFError("the client says nothing")
        data += part


def _message(data: bytes) -> bytes | None:
    """The ClientHello, from as many records as it takes; None where there is more to come."""
    found = b""
    while len(data) >= 5:
        if data[0] != _HANDSHAKE:
            raise ValueError("this is not TLS")
        size = int.from_bytes(data[3:5], "big")
        found, data = found + data[5 : 5 + size], data[5 + size :]
        if len(found) >= 4 and len(found) >= 4 + int.from_bytes(found[1:4], "big"):
            return found
    return None


def _server_name(message: bytes) -> str:
    if message[0] != _CLIENT_HELLO:
        raise ValueError("the client does not begin with a ClientHello")
    # Type and length, version, random; then session id, cipher suites and compression methods, each with its length before it.
    at = 4 + 2 + 32
    for width in (1, 2, 1):
        at += width + int.from_bytes(message[at : at + width], "big")
    at += 2
    while at + 4 <= len(message):
        kind, size = int.from_bytes(message[at : at + 2], "big"), int.from_bytes(message[at + 2 : at + 4], "big")
        if kind == _SERVER_NAME:
            # One entry: the list's length, the type of the name, the name's length.
            name = message[at + 9 : at + 4 + size]
            return name.decode("ascii", "replace").lower()
        at += 4 + size
    return ""
