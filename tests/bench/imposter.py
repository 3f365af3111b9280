"""A server that answers as a test wants it to: metadata, keys, tokens, and nothing behind them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc.jwk import RSAKey

from tests.bench.seed import JWT_RESOURCE
from tests.support import certificates
from tests.support.rsa_keys import key_of
from tests.support.signing import compact

ISSUER = "https://imposter.example.com"
THUMBPRINT = "x5t#S256"


class Imposter:
    """``status``, ``claims`` and ``key`` are what its next token answers are made of."""

    def __init__(self) -> None:
        self.key = self.published = key("server")
        self.status = 200
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": JWT_RESOURCE,
            "client_id": "tpp",
            "cnf": {},
        }
        self.asked = 0

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "jwks_uri": f"{ISSUER}/jwks",
            "token_endpoint": f"{ISSUER}/token",
            "pushed_authorization_request_endpoint": f"{ISSUER}/par",
        }

    def answer(self, method: str, path: str) -> tuple[int, dict[str, Any]]:
        if path == "/jwks":
            return 200, {"keys": [self.published.as_dict(private=False)]}
        if method == "GET":
            return 200, self.metadata()
        self.asked += 1
        if self.status != 200:
            return self.status, {"error": "server_error"}
        header = {"alg": "PS256", "kid": self.key.kid}
        claims = self.claims | {"exp": int(time.time()) + 60}
        return 200, {"access_token": compact(header, claims, self.key), "token_type": "Bearer"}


def key(owner: str) -> RSAKey:
    private = key_of(f"bench {owner}")
    return RSAKey.import_key(private, {"kid": owner, "alg": "PS256", "use": "sig"})


def parties() -> dict[str, Any]:
    """What tests.bench.seed would print, of clients that nobody registered."""
    clients = ("tpp", "tpp-dpop", "bank")
    return {
        "clients": {each: key(each).as_dict(private=True) for each in clients},
        "certificates": {each: certificates.transport(each).pem for each in clients},
        "bank": "bank",
        "people": ["person"],
    }


@contextmanager
def listening(imposter: Imposter) -> Iterator[int]:
    """Serve it on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer("POST")

        def _answer(self, method: str) -> None:
            status, body = imposter.answer(method, self.path)
            octets = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            serving.join()
