"""The HTTP server: a thread per connection, kept alive, quiet, and able to drop a connection without an answer."""

from __future__ import annotations

import io
import re
import socket
import traceback
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

from .core.answers import ConnectionDropped


class Handler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    target = ""
    # Whether the connection ended without an answer.
    is_dropped = False

    def parse_request(self) -> bool:
        """Keeps the request's target as it came: http.server collapses slashes, and takes some bytes of UTF-8 for white space."""
        parts = self.raw_requestline.rstrip(b"\r\n").split(b" ")
        self.target = parts[1].decode("latin-1") if len(parts) == 3 else ""
        if len(parts) == 3:
            parts[1] = re.sub(rb"[^!-~]", lambda odd: b"%%%02X" % ord(odd[0]), parts[1])
            self.raw_requestline = b" ".join(parts) + b"\r\n"
        return super().parse_request()

    def log_request(self, *_: Any) -> None:
        """The journal is the access log."""

    def run_wsgi(self) -> None:
        """Unlike werkzeug's own: the body is read first, the answer is one write, and the connection stays open."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = environ = self.make_environ()
        # In order, each as often and by the name that it was sent; WSGI folds them.
        environ["emulator.headers"] = list(self.headers.items())
        if self.target:
            environ["RAW_URI"] = environ["REQUEST_URI"] = self.target
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
            started[:] = [status, headers]

        try:
            content = b"".join(self.server.app(environ, start_response))
        except ConnectionDropped:
            self.drop()
            return
        except Exception:
            # A mistake of ours must look like one, and name itself.
            traceback.print_exc()
            content = traceback.format_exc(limit=-1).encode()
            start_response("500 Internal Server Error", [("Content-Type", "text/plain"), ("Content-Length", str(len(content)))])
        status, headers = started
        head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers)
        if status.startswith("101 "):
            # Whatever the new protocol is, nobody here speaks it for long.
            self.close_connection = True
        elif not any(name.lower() == "content-length" for name, _ in headers):
            head += f"Content-Length: {len(content)}\r\n"
        if self.close_connection and not status.startswith("101 "):
            head += "Connection: close\r\n"
        self.wfile.write(f"{head}\r\n".encode("latin-1", "replace") + (b"" if self.command == "HEAD" else content))

    def drop(self) -> None:
        self.close_connection = self.is_dropped = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Server(ThreadedWSGIServer):
    # Many clients connect in the same moment when a test starts.
    request_queue_size = 512
    daemon_threads = True

    def __init__(self, port: int, handler: type[Handler] = Handler) -> None:
        super().__init__("127.0.0.1", port, None, handler=handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are not news."""
