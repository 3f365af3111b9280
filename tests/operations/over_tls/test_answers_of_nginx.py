"""What nginx answers itself, and no application behind it: every one has our headers and an id."""

import json
import re
import shutil
import socket
import threading
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from authserver.web.middleware import INTERACTION_ID, ON_EVERY_ANSWER
from tests.support import fronts
from tests.support.fronts import MACHINES, PEOPLE

case = pytest.mark.case
pytestmark = [pytest.mark.nginx, case("HT-15")]
BOTH = pytest.mark.parametrize("host", [PEOPLE, MACHINES])
HEADERS = (*ON_EVERY_ANSWER, "Content-Security-Policy", INTERACTION_ID)
STRICT = "Strict-Transport-Security"
GOOD = "GET /openfinance/jwks HTTP/1.1\r\nHost: {host}\r\n"
LARGE = "Content-Length: 9000000\r\n"
CHUNKED = "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n"

# What is sent, and the status that nginx answers it with.
ASKED = {
    "no host": ("GET / HTTP/1.1\r\n\r\n", 400),
    "no host in HTTP 1.0": ("GET / HTTP/1.0\r\n\r\n", 421),
    "an empty host": ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    "no host's name": ("GET / HTTP/1.1\r\nHost: ../x\r\n\r\n", 400),
    "another host": ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    "another host in the target": ("GET https://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n", 421),
    "two other hosts": ("GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n", 400),
    "two hosts": (GOOD + "Host: {host}\r\n\r\n", 400),
    "no request": ("sparrow\r\n\r\n", 400),
    "a version to come": ("GET / HTTP/9.9\r\nHost: {host}\r\n\r\n", 505),
    "HTTP/2": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "no method": ("g\x01t / HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "CONNECT": ("CONNECT x:443 HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "TRACE": ("TRACE / HTTP/1.1\r\nHost: {host}\r\nX-Sparrow: 1\r\n\r\n", 405),
    "a bad escape": ("GET /%zz HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "NUL in the path": ("GET /%00 HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "above the root": ("GET /../sparrow HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "the answers' own place": ("GET /.authserver-own HTTP/1.1\r\nHost: {host}\r\n\r\n", 404),
    "a blank in a name": (GOOD + "X Sparrow: 1\r\n\r\n", 400),
    "NUL in a header": (GOOD + "X: \x00sparrow\r\n\r\n", 400),
    "a long line": ("GET /" + "a" * 9000 + " HTTP/1.1\r\nHost: {host}\r\n\r\n", 414),
    "a long header": (GOOD + "X: " + "a" * 9000 + "\r\n\r\n", 400),
    "long headers": (GOOD + ("X: " + "a" * 8000 + "\r\n") * 6 + "\r\n", 400),
    "a long header before the host": ("GET / HTTP/1.1\r\nX: " + "a" * 40_000 + "\r\n\r\n", 400),
    "no length": ("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: sparrow\r\n\r\n", 400),
    "two framings": (CHUNKED.replace("\r\n\r\n", "\r\nContent-Length: 1\r\n\r\n"), 400),
    "another coding": (CHUNKED.replace("chunked", "sparrow"), 501),
    "chunks in HTTP 1.0": (CHUNKED.replace("1.1", "1.0") + "0\r\n\r\n", 400),
    "a bad chunk": (CHUNKED + "zz\r\n", 400),
    "a large body": ("POST / HTTP/1.1\r\nHost: {host}\r\n" + LARGE + "\r\n", 413),
    "a large body in parts": (
        "POST / HTTP/1.1\r\nHost: {host}\r\nRange: bytes=9-\r\nIf-Match: x\r\n" + LARGE + "\r\n",
        413,
    ),
    "large chunks": (CHUNKED + "10000\r\n" + "x" * 65_536 + "\r\n10001\r\n" + "x" * 65_537, 413),
}


def one_of_ours(answer, status, *, secured=True):
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    assert first.split(" ")[:2] == ["HTTP/1.1", str(status)], answer[:300]
    assert len(headers) == len(lines), lines
    assert [name for name in HEADERS if name.lower() not in headers] == []
    assert (STRICT.lower() in headers) is secured
    assert str(uuid.UUID(headers[INTERACTION_ID])) == headers[INTERACTION_ID]
    assert headers["content-type"] == "application/json"
    error = "invalid_request" if status < 500 else "temporarily_unavailable"
    assert json.loads(body)["error"] == error
    assert b"sparrow" not in answer.lower()
    assert b"<" not in answer
    return headers


@case("ER-04", "ER-06", "PR-38", "HT-02", "HT-04", "HT-05")
@BOTH
@pytest.mark.parametrize(("sent", "status"), ASKED.values(), ids=ASKED)
def test_whatever_is_sent(nginx, host, sent, status):
    answer = nginx.raw(host, sent.replace("{host}", host).encode("latin-1"), seconds=2)

    headers = one_of_ours(answer, status)
    assert ("allow" in headers) is (status == 405)
    assert ("retry-after" in headers) is (status >= 500)


@BOTH
def test_what_has_no_header_at_all_is_a_sentence(nginx, host):
    answer = nginx.raw(host, b"GET /sparrow\r\n", seconds=2)  # HTTP/0.9

    assert json.loads(answer)["error"] == "invalid_request"


@case("MT-08")
def test_a_certificate_that_has_expired(nginx):
    answer = nginx.raw(
        MACHINES, GOOD.format(host=MACHINES).encode() + b"\r\n", identity="expired", seconds=2
    )

    one_of_ours(answer, 400)


@case("MT-23")
@BOTH
def test_plain_http_where_tls_is_spoken(nginx, host):
    with socket.create_connection((nginx.address, nginx.port_of(host)), timeout=5) as plain:
        plain.sendall(f"GET /sparrow HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        one_of_ours(all_of(plain), 400, secured=False)


@case("HT-11", "HT-05")
@pytest.mark.parametrize(
    ("method", "status"), [("GET", 301), ("HEAD", 301), ("POST", 403), ("TRACE", 405)]
)
def test_plain_http_leads_on_or_nowhere(nginx, method, status):
    with socket.create_connection((nginx.address, nginx.plain_port), timeout=5) as plain:
        plain.sendall(f"{method} /a?b=c HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
        plain.shutdown(socket.SHUT_WR)
        answer = all_of(plain)

    if status != 301:
        one_of_ours(answer, status, secured=False)
        return
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert answer.startswith(b"HTTP/1.1 301 ")
    assert f"location: https://{PEOPLE}/a?b=c".encode() in head
    assert [name for name in HEADERS if name.lower().encode() + b": " not in head] == []
    assert b"strict-transport-security" not in head


@case("ER-05")
@pytest.mark.usefixtures("nginx")  # which says whether there is one
@pytest.mark.parametrize(
    ("says", "status"),
    [(b"", 502), (b"HTTP/1.1 200 OK\r\nX\x00: sparrow\r\n\r\n", 502), (None, 504)],
    ids=["it hangs up", "a bad header", "not a word"],
)
def test_an_application_that_does_not_answer(folder, tmp_path, says, status):
    with (
        behind(tmp_path / "authserver.sock", says),
        fronts.nginx_alone(folder, tmp_path, proxy_read_timeout="1s") as alone,
    ):
        answer = first_of(alone, GOOD.format(host=MACHINES).encode() + b"\r\n")

    assert one_of_ours(answer, status)["retry-after"] == "5"


@pytest.mark.usefixtures("nginx")  # which says whether there is one
@pytest.mark.parametrize(
    "sent",
    [GOOD, "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\na"],
    ids=["headers", "body"],
)
def test_who_is_too_slow_is_hung_up_on(folder, tmp_path, sent):
    quick = {"client_header_timeout": "1s", "client_body_timeout": "1s"}
    with fronts.nginx_alone(folder, tmp_path, **quick) as alone, connected(alone) as secured:
        began = time.monotonic()
        secured.sendall(sent.format(host=MACHINES).encode())

        assert all_of(secured) == b""
        assert time.monotonic() - began < 10


@case("HT-16")
@pytest.mark.usefixtures("nginx")  # which says whether there is one
@pytest.mark.parametrize(
    ("directive", "value", "says"),
    [
        ("limit_req", "zone=authserver_people", b""),
        ("limit_conn", "authserver_connections 1", None),
    ],
    ids=["its rate", "its connections"],
)
def test_who_asks_too_much(folder, tmp_path, directive, value, says):
    """With a limit that the next request meets, or the next connection beside one that waits."""
    get = GOOD.format(host=MACHINES).encode() + b"\r\n"
    with (
        behind(tmp_path / "authserver.sock", says),
        fronts.nginx_alone(folder, tmp_path, **{directive: value}) as alone,
        connected(alone) as first,
    ):
        first.sendall(get)
        time.sleep(0.2)
        found = alone.raw(MACHINES, get * 5, seconds=2)

    refused = b"HTTP/1.1 429" + found.partition(b"HTTP/1.1 429")[2].partition(b"HTTP/1.1")[0]
    assert one_of_ours(refused, 429)["retry-after"] == "1"


@pytest.mark.usefixtures("nginx")  # which says whether there is one
def test_every_status_that_nginx_has_a_page_for_is_ours():
    pages = re.findall(rb"<head><title>([45]\d\d) ", Path(str(shutil.which("nginx"))).read_bytes())
    made_400 = {494, 495, 496, 497}  # told as 400, which their pages have in the title
    text = (fronts.TOP / "deploy/nginx/authserver.answers.conf").read_text()
    ours = {int(each) for each in re.findall(r"\b[45]\d\d\b", text.partition("error_page")[2])}

    assert len(pages) > 20
    assert {int(each) for each in pages} | made_400 == ours


def test_every_server_has_them():
    site = (fronts.TOP / "deploy/nginx/authserver.conf").read_text()
    servers = re.findall(r"^server \{\n(?:(?: .*)?\n)*?\}\n", site, re.MULTILINE)

    assert len(servers) == site.count("\nserver {") == 5
    for each in servers:
        assert "include /etc/nginx/authserver.answers.conf;" in each


def all_of(connection):
    found = b""
    while received := connection.recv(65_536):
        found += received
    return found


@contextmanager
def behind(path, says):
    """In the application's place: who says this to everybody, or nothing for good."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(50)
        held = []

        def answer():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                if says is not None:
                    connection.recv(65_536)
                    connection.sendall(says)
                    connection.close()

        threading.Thread(target=answer, daemon=True).start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for each in held:
                each.close()


@contextmanager
def connected(front):
    """A connection to it, as soon as it has started."""
    for _ in range(50):
        with suppress(ConnectionRefusedError), front.connected(MACHINES) as secured:
            yield secured
            return
        time.sleep(0.1)
    raise AssertionError("nginx does not answer")


def first_of(front, octets):
    with connected(front):
        return front.raw(MACHINES, octets, seconds=4)
