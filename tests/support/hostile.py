"""An HTTPS server that behaves as a test wants it to, and counts who came."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.support import certificates
from tests.support.certificates import Issued, issue

HOST = "jwks.example.com"
SERVER_AUTH = (ExtendedKeyUsageOID.SERVER_AUTH,)
Script = Callable[[ssl.SSLSocket], None]


@dataclass
class Origin:
    """``connects`` counts TCP connections, ``requests`` keeps what was asked."""

    port: int
    script: Script
    connects: int = 0
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/jwks.json"


def server_certificate(*, host: str = HOST, **changes: Any) -> Issued:
    defaults: dict[str, Any] = {
        "by": certificates.issuing(),
        "usages": SERVER_AUTH,
        "names": (x509.DNSName(host),),
    }
    return issue(host, **(defaults | changes))


def context_for(issued: Issued, folder: Any) -> ssl.SSLContext:
    """Server TLS with this certificate, its issuing CA beside it."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_text(issued.pem + certificates.issuing().pem)
    key.write_text(issued.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


@contextmanager
def serving(script: Script, context: ssl.SSLContext) -> Iterator[Origin]:
    """Serve on a free port; every connection gets one request read and the script run."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = Origin(port=listener.getsockname()[1], script=script)
        threading.Thread(target=_accept, args=(listener, origin, context), daemon=True).start()
        yield origin


def _accept(listener: socket.socket, origin: Origin, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            origin.connects += 1
            threading.Thread(target=_serve, args=(connection, origin, context), daemon=True).start()


def _serve(connection: socket.socket, origin: Origin, context: ssl.SSLContext) -> None:
    with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
        asked = b""
        while b"\r\n\r\n" not in asked:
            received = secured.recv(4096)
            if not received:
                return
            asked += received
        origin.requests.append(asked.decode("latin-1"))
        origin.script(secured)


def answers(
    body: Any,
    *,
    status: str = "200 OK",
    content_type: str = "application/json",
    headers: tuple[str, ...] = (),
) -> Script:
    """Answer like an ordinary server; a body that is not bytes is written as JSON."""
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(octets)}", "Connection: close"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    head = "\r\n".join([*lines, *headers, "", ""]).encode()
    return lambda connection: connection.sendall(head + octets)


def drips(octets: bytes, *, every: float = 0.3) -> Script:
    """Send one octet at a time, for ever if need be."""

    def script(connection: ssl.SSLSocket) -> None:
        for octet in octets:
            connection.sendall(bytes([octet]))
            time.sleep(every)

    return script
