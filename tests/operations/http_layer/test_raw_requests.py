"""Requests that no client library sends, against the running server: HTTP itself is hostile."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.support import answers
from tests.support.live_server import Server

SEED = """
from authserver.loading import load_django; load_django()
from tests.support import world
world.ecosystem("raw", profile="fapi2-security")
"""
case = pytest.mark.case
requirement = pytest.mark.requirement
HOST = "Host: as.example.com\r\nX-Forwarded-Proto: https\r\n"
METADATA = "/raw/.well-known/openid-configuration"


@pytest.fixture(scope="module", autouse=True)
def ecosystem(server):
    server.run("-c", SEED)


def send(server: Server, raw: str) -> tuple[int, str]:
    """Send these octets; return the status and the whole answer."""
    address = urlsplit(server.url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80), timeout=10) as line:
        line.sendall(raw.encode("latin-1"))
        line.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := line.recv(65_536):
            received += chunk
    answers.require_public_octets(received)
    answer = received.decode("latin-1")
    assert answer.startswith("HTTP/1.1 ")
    return int(answer.split(" ", 2)[1]), answer


def get(path: str = METADATA, headers: str = HOST) -> str:
    return f"GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"


def test_the_ordinary_request_is_answered(server):
    assert send(server, get())[0] == 200


@case("HT-02", "CA-33")
@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(get(headers="X-Forwarded-Proto: https\r\n"), id="no host"),
        pytest.param(get(headers=HOST + "Host: evil.example.com\r\n"), id="two hosts"),
        pytest.param(get(headers="Host: evil.example.com\r\n"), id="another host"),
        pytest.param(get("https://evil.example.com" + METADATA), id="absolute form"),
    ],
)
def test_one_host_and_ours(server, raw):
    assert send(server, raw)[0] == 400


@case("HT-04")
@pytest.mark.parametrize(
    ("raw", "refused_with"),
    [
        (get("/" + "x" * 5000), 414),
        (get(headers=HOST + "X-Long: " + "x" * 17_000 + "\r\n"), 431),
        (get(headers=HOST + "".join(f"X-{n}: 1\r\n" for n in range(150))), 431),
        (get(headers=HOST + "Cookie: a=" + "x" * 64_000 + "\r\n"), 431),
    ],
    ids=["a long request line", "a long header", "150 headers", "a long cookie"],
)
def test_sizes_are_bounded(server, raw, refused_with):
    assert send(server, raw)[0] == refused_with


@case("MT-06")
@pytest.mark.parametrize(
    ("framing", "refused_with"),
    [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", 400),
        ("Content-Length: 5, 5\r\n", 400),
        ("Transfer-Encoding : chunked\r\n", 400),
        ("Transfer-Encoding: xchunked\r\n", 501),
        ("Content-Length: +5\r\n", 400),
    ],
)
def test_a_body_has_one_length(server, framing, refused_with):
    raw = f"POST /raw/token HTTP/1.1\r\n{HOST}{framing}Connection: close\r\n\r\n0\r\n\r\n"

    assert send(server, raw)[0] == refused_with


@case("HT-05", "PR-01")
@requirement("PAR-2.3")
@pytest.mark.parametrize(
    ("method", "refused_with"),
    [("TRACE", 405), ("CONNECT", 405), ("get", 400), ("post", 400), ("UNKNOWN", 405)],
)
def test_other_methods_are_refused(server, method, refused_with):
    raw = f"{method} /raw/par HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"

    assert send(server, raw)[0] == refused_with


@case("HT-05")
def test_a_method_is_not_overridden(server):
    override = "X-HTTP-Method-Override: POST\r\nX-HTTP-Method: POST\r\n"

    assert send(server, get("/raw/par", HOST + override))[0] == 405


@case("HT-06")
@pytest.mark.parametrize(
    ("value", "answered_with"),
    [("a%0d%0aSet-Cookie:%20x=1", 200), ("a\rSet-Cookie: x=1", 400)],
)
def test_nothing_splits_a_header(server, value, answered_with):
    status, head = send(server, get(headers=HOST + f"x-fapi-interaction-id: {value}\r\n"))

    assert status == answered_with
    assert "Set-Cookie: x=1" not in head


@case("HT-11")
def test_a_request_without_tls_is_refused(server):
    plain = "Host: as.example.com\r\nX-Forwarded-Proto: http\r\n"
    status, head = send(server, get(headers=plain))

    assert status == 301
    assert "Location: https://as.example.com/" in head


@case("HT-08", "HT-10", "MT-28")
@pytest.mark.parametrize(
    "header",
    [
        "Range: bytes=0-1",
        'If-None-Match: "another"',
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk",
        "Upgrade: websocket",
        "X-Original-URL: /admin/",
        "X-Rewrite-URL: /admin/",
        "X-Forwarded-Host: evil.example.com",
        "Accept: " + ",".join(["*/*;q=0.1"] * 500),
    ],
)
def test_other_headers_change_nothing(server, header):
    status, head = send(server, get(headers=HOST + header + "\r\n"))

    assert status == 200
    assert '"issuer": "https://as.example.com/raw"' in head


@case("ER-04")
def test_no_banner_is_shown(server):
    _, head = send(server, get("/nowhere"))

    for banner in ("django", "gunicorn", "python", "x-powered-by"):
        assert banner not in head.lower()
