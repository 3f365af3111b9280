"""What a hostile origin may answer, and how long it may take. Cases JW-05 to JW-12."""

import ssl
import threading
import time
from datetime import timedelta

import pytest

from authserver.outbound import OutboundError, addresses, fetch, fetch_json
from tests.support.certificates import issue
from tests.support.hostile import answers, drips, server_certificate

case = pytest.mark.case
requirement = pytest.mark.requirement
pytestmark = pytest.mark.usefixtures("near")
KEYS: dict[str, list[object]] = {"keys": []}
OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def reason(origin, **how):
    with pytest.raises(OutboundError) as refusal:
        fetch_json(origin.url, **how)
    return refusal.value.reason


@case("JW-11")
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/jwk-set+json", "Application/JSON; charset=UTF-8"],
)
def test_a_json_document_is_fetched(serve, resolver, content_type):
    origin = serve(
        answers(KEYS, content_type=content_type, headers=("Cache-Control: a", "ETag: b"))
    )

    fetched = fetch_json(origin.url, headers={"Authorization": "Bearer x"})

    assert (fetched.status, fetched.json) == (200, KEYS)
    assert fetched.headers["cache-control"] == "a"
    assert resolver.asked == ["jwks.example.com"]
    [asked] = origin.requests
    assert asked.startswith("GET /jwks.json HTTP/1.1\r\n")
    assert f"host: jwks.example.com:{origin.port}" in asked.lower()
    assert "authorization: bearer x" in asked.lower()
    assert "accept-encoding: identity" in asked.lower()


@case("JW-05")
def test_the_host_is_looked_up_anew_for_every_request(serve, resolver):
    origin = serve(answers(KEYS))

    fetch_json(origin.url)
    fetch_json(origin.url)

    assert len(resolver.asked) == len(origin.requests) == 2


@case("JW-06")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(serve, status):
    second = serve(answers(KEYS))
    first = serve(answers(KEYS, status=f"{status} Elsewhere", headers=(f"Location: {second.url}",)))

    assert reason(first) == f"the answer has the status {status}"
    assert (first.connects, second.connects) == (1, 0)


@case("JW-11")
@pytest.mark.parametrize("status", ["500 No", "404 No", "204 No Content", "201 Created", "206 A"])
def test_only_200_counts(serve, status):
    assert "status" in reason(serve(answers(KEYS, status=status)))


@case("JW-11")
@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/html",
        "text/plain",
        "text/json",
        "application/jsonp",
        "application/json; charset=x",
    ],
)
def test_only_a_json_type_counts(serve, content_type):
    assert "JSON type" in reason(serve(answers(KEYS, content_type=content_type)))


@case("JW-11")
def test_a_compressed_answer_is_refused(serve):
    origin = serve(answers(KEYS, headers=("Content-Encoding: gzip",)))

    assert "compressed" in reason(origin)


@case("JW-12")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"keys": [NaN]}',
        b'{"keys": [], "keys": [1]}',
        b"[" * 40_000,
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"keys": "\xff"}',
    ],
)
def test_only_sound_json_counts(serve, body):
    assert "JSON" in reason(serve(answers(body)))


def test_an_answer_that_is_too_large_is_not_read_to_its_end(serve):
    endless = OK_HEAD + b"\r\n"

    def script(connection):
        connection.sendall(endless)
        for _ in range(10_000):
            connection.sendall(b"x" * 65_536)

    assert "too large" in reason(serve(script))
    assert "too large" in reason(serve(answers({"a": "b" * 100})), max_bytes=50)


@case("JW-08")
@pytest.mark.parametrize(
    "certificate",
    [
        pytest.param(lambda: server_certificate(host="evil.example"), id="another name"),
        pytest.param(lambda: server_certificate(ends=timedelta(seconds=-1)), id="expired"),
        pytest.param(lambda: server_certificate(by=None), id="self-signed"),
        pytest.param(
            lambda: server_certificate(by=issue("Test Issuing CA", ca=True)), id="another CA"
        ),
    ],
)
def test_its_certificate_must_be_good(serve, certificate):
    origin = serve(answers(KEYS), certificate=certificate())

    assert reason(origin) == "its TLS certificate was not accepted"
    assert origin.requests == []


@case("JW-08")
@pytest.mark.filterwarnings("ignore:ssl.:DeprecationWarning")
def test_old_tls_is_refused(serve):
    def only_old(context):
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1

    origin = serve(answers(KEYS), prepare=only_old)

    assert reason(origin) == "TLS failed"
    assert origin.requests == []


@case("JW-08")
@requirement("RFC9325-3.1.1")
def test_without_the_extra_ca_the_same_server_is_refused(serve, settings):
    origin = serve(answers(KEYS))
    assert fetch_json(origin.url)

    settings.OUTBOUND_CA_FILE = ""
    assert reason(origin) == "its TLS certificate was not accepted"


@case("JW-10")
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(drips(OK_HEAD, every=0.1), id="headers"),
        pytest.param(drips(OK_HEAD + b"\r\n" + b" " * 1000, every=0.02), id="body"),
        pytest.param(drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, every=0.01), id="1xx"),
        pytest.param(lambda connection: time.sleep(3), id="silence"),
    ],
)
def test_a_slow_answer_ends_at_the_deadline(serve, monkeypatch, script):
    monkeypatch.setattr(fetch, "TOTAL", 0.8)
    origin = serve(script)

    started = time.monotonic()
    assert reason(origin) == "it took too long"
    assert 0.7 < time.monotonic() - started < 1.5


@case("JW-10")
def test_a_handshake_that_never_ends_ends_at_the_deadline(serve, monkeypatch):
    monkeypatch.setattr(fetch, "TOTAL", 0.8)
    monkeypatch.setattr(
        ssl.SSLContext, "wrap_socket", slow_on_the_server(ssl.SSLContext.wrap_socket)
    )
    origin = serve(answers(KEYS))

    started = time.monotonic()
    assert reason(origin) == "it took too long"
    assert time.monotonic() - started < 1.5


def slow_on_the_server(wrap):
    def wrapped(self, *args, server_side=False, **kwargs):
        if server_side:
            time.sleep(3)
        return wrap(self, *args, server_side=server_side, **kwargs)

    return wrapped


@case("JW-10")
def test_a_resolver_that_never_answers_ends_at_the_deadline(monkeypatch):
    monkeypatch.setattr(fetch, "TOTAL", 0.5)
    released = threading.Event()
    monkeypatch.setattr(addresses, "resolve", lambda host, port: released.wait(5) and [])

    started = time.monotonic()
    try:
        with pytest.raises(OutboundError, match="too long"):
            fetch_json("https://jwks.example.com/")
        assert time.monotonic() - started < 1
    finally:
        released.set()


@case("JW-10")
def test_lookups_that_hang_are_limited(monkeypatch, resolver):
    monkeypatch.setattr(addresses, "LOOKUPS", threading.BoundedSemaphore(1))
    assert addresses.LOOKUPS.acquire()

    with pytest.raises(OutboundError, match="being looked up"):
        fetch_json("https://jwks.example.com/")

    assert resolver.asked == []


def test_a_connection_that_breaks_is_a_failure(serve):
    assert "broke" in reason(serve(lambda connection: connection.sendall(b"HTTP/1.1 200")))
    assert "broke" in reason(serve(lambda connection: connection.sendall(b"SSH-2.0-x\r\n\r\n")))


def test_the_reason_shows_nothing_of_the_answer(serve):
    said = reason(serve(answers(b"canary", status="500 canary", content_type="canary")))

    assert "canary" not in said
