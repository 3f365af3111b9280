"""What is signed itself may come by http; everything else holds for it too. Case JW-27."""

import socket
import threading
from contextlib import contextmanager

import pytest

from authserver.outbound import OutboundError, fetch_json, fetch_signed, target_of
from tests.support.hostile import HOST, answers

case = pytest.mark.case


def fetched(url, *, max_bytes=1000, seconds=4.0):
    return fetch_signed(url, accept="application/pkix-crl", max_bytes=max_bytes, seconds=seconds)


def reason(url, **how):
    with pytest.raises(OutboundError) as refusal:
        fetched(url, **how)
    return refusal.value.reason


@contextmanager
def plain(script):
    """An http server for one request."""
    asked: list[bytes] = []

    def serve():
        connection, _ = listener.accept()
        with connection:
            asked.append(connection.recv(4096))
            script(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://{HOST}:{listener.getsockname()[1]}/issuing.crl", asked


@case("JW-27")
@pytest.mark.usefixtures("near")
def test_it_is_fetched_by_http():
    with plain(answers(b"\x30\x00", content_type="text/plain")) as (url, asked):
        assert fetched(url) == b"\x30\x00"

    [request] = asked
    assert request.startswith(b"GET /issuing.crl HTTP/1.1\r\n")
    assert b"Accept: application/pkix-crl\r\n" in request


@case("JW-27")
@pytest.mark.usefixtures("near")
def test_and_by_https(serve):
    origin = serve(answers(b"\x30\x00", content_type=""))

    assert fetched(origin.url) == b"\x30\x00"


@case("JW-07", "JW-27")
@pytest.mark.usefixtures("near")
def test_what_is_not_signed_never_comes_by_http():
    with pytest.raises(OutboundError, match="not https"):
        fetch_json("http://jwks.example.com/")


@case("JW-27", "JW-06")
@pytest.mark.usefixtures("near")
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (answers(b"x", status="302 Found", headers=("Location: http://x.example/",)), "status 302"),
        (answers(b"x", status="404 No"), "status 404"),
        (answers(b"x", headers=("Content-Encoding: gzip",)), "compressed"),
        (answers(b"x" * 1001), "too large"),
        (lambda connection: connection.sendall(b"SSH-2.0-x\r\n\r\n"), "broke"),
    ],
    ids=["redirect", "not found", "compressed", "too large", "no HTTP"],
)
def test_the_same_answers_are_refused(script, sentence):
    with plain(script) as (url, _):
        assert sentence in reason(url)


@case("JW-27", "JW-02", "JW-03", "JW-07")
@pytest.mark.parametrize(
    "url",
    [
        "ldap://pki.example.com/cn=ca",
        "ftp://pki.example.com/a.crl",
        "file:///etc/passwd",
        "HTTP://pki.example.com/a.crl",
        "http:pki.example.com/a.crl",
        "http://127.0.0.1/a.crl",
        "http://user@pki.example.com/a.crl",
        "http://pki.example.com:22/a.crl",
        "http://pki.example.com:443/a.crl",
        "http://pki.example.com:6379/a.crl",
        "https://pki.example.com:80/a.crl",
    ],
)
def test_the_same_urls_are_refused(url, no_connection):
    assert target_of("http://pki.example.com/a.crl", plain_http=True).port == 80
    assert target_of("http://pki.example.com:8080/a.crl", plain_http=True).port == 8080

    reason(url)


@case("JW-27", "JW-02")
@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1"])
def test_a_name_that_points_inside_is_not_called(address, resolver, no_connection):
    resolver.answers = [address]

    assert "public Internet" in reason("http://pki.example.com/a.crl")
