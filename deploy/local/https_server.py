"""A small HTTPS server for the demo's own programs: one function answers every request.

The handshake happens in the connection's own thread and under a time limit, so that a caller who
connects and says nothing keeps nobody else waiting.
"""

import json
import signal
import ssl
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECONDS_TO_SPEAK = 15
MAX_BODY = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``headers`` has lower-case names, what was repeated joined with commas; ``certificate`` is
    the caller's, as DER, if it sent one."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    certificate: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Response]


def as_json(content: Any, *, status: int = 200, **headers: str) -> Response:
    return Response(
        status=status,
        body=json.dumps(content).encode(),
        content_type="application/json",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def see_other(url: str, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=303, headers={"Location": url, **named})


def tls_context(
    *, certificate: Path, key: Path, client_authorities: Sequence[Path] = ()
) -> ssl.SSLContext:
    """Return a context that asks for a client certificate, without insisting, if CAs are given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    for authority in client_authorities:
        context.load_verify_locations(authority)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def serve(answer: Answer, *, host: str, port: int, context: ssl.SSLContext) -> None:
    """Answer requests until SIGTERM or SIGINT; one line per request goes to standard output."""

    class Handler(_Handler):
        answer_request = staticmethod(answer)

    server = _Server((host, port), Handler)
    server.context = context
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.serve_forever(poll_interval=0.2)
    except (KeyboardInterrupt, SystemExit):
        server.server_close()


def _leave(*_: object) -> None:
    sys.exit(0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        plain: socket = request
        plain.settimeout(SECONDS_TO_SPEAK)
        with self.context.wrap_socket(plain, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Scanners, time-outs and refused certificates are one line; our own faults are not."""
        fault = sys.exception()
        if isinstance(fault, OSError):
            print(f"connection ended: {type(fault).__name__}", flush=True)
        else:
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Demo"
    sys_version = ""
    answer_request: Answer

    def _respond(self) -> None:
        body = self._read_body()
        if body is None:
            return
        try:
            response = type(self).answer_request(self._request(body))
        except Exception:  # noqa: BLE001 - the program stays up and says 500
            traceback.print_exc()
            response = Response(status=500, body=b"Something went wrong in this demo program.")
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "same-origin")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    do_GET = do_POST = do_HEAD = _respond

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(413)
            return None
        return self.rfile.read(int(length))

    def _request(self, body: bytes) -> Request:
        url = urlsplit(self.path)
        headers = {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers}
        is_form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        try:
            cookies = {name: one.value for name, one in SimpleCookie(headers.get("cookie")).items()}
        except CookieError:
            cookies = {}
        secured: Any = self.connection
        return Request(
            method="GET" if self.command == "HEAD" else self.command,
            path=url.path,
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            form=dict(parse_qsl(body.decode("utf-8", "replace"))) if is_form else {},
            headers=headers,
            cookies=cookies,
            certificate=secured.getpeercert(binary_form=True),
        )

    def log_message(self, format: str, *args: Any) -> None:
        """The path alone: a query may carry a code."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        print(self.command, urlsplit(self.path).path, int(code), flush=True)
