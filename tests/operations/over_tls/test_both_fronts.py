"""What holds with TLS of our own and behind nginx alike. Cases MT-nn, HT-nn, ER-04."""

import re
import socket
import sqlite3
import ssl
from contextlib import closing, suppress
from urllib.parse import quote

import pytest
from django.conf import settings

from tests.support.fronts import MACHINES, PEOPLE

case = pytest.mark.case
requirement = pytest.mark.requirement
BOTH = pytest.mark.parametrize("host", [PEOPLE, MACHINES])
TLS_REFUSES = (ssl.SSLError, ConnectionResetError, BrokenPipeError)
GOOD_SUITES = [
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305",
]
BAD_SUITES = [
    "AES128-SHA",
    "AES256-SHA",
    "AES128-SHA256",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "DHE-RSA-AES128-GCM-SHA256",
    "DHE-RSA-CHACHA20-POLY1305",
    "AES128-CCM",
]


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def status_for_strangers(front) -> int:
    """What a host that is none of ours is answered with: nginx has a server for it."""
    return 421 if front.is_behind_nginx else 400


@requirement("FAPI2-SP-FINAL-5.2.1-1")
@BOTH
def test_both_listeners_serve_without_a_client_certificate(front, host):
    answer = front.call(host, "/openfinance/jwks")

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/")


@requirement("MTLS-2")
def test_only_the_machines_listener_asks_for_a_certificate(front):
    assert not front.asks_for_a_certificate(PEOPLE)
    assert front.asks_for_a_certificate(MACHINES)


@requirement("MTLS-2.1", "FFI-1")
def test_a_client_authenticates_by_its_certificate(front):
    answer = front.token("one", identity="one")

    assert answer.status == 200, answer.body
    assert b"access_token" in answer.body


@case("MT-01", "MT-07")
def test_without_its_own_certificate_it_is_refused(front):
    assert front.token("one").status == 401
    assert front.token("one", identity="two").status == 401
    assert front.token("two", identity="two").status == 200


@case("MT-02")
@BOTH
def test_a_header_from_outside_is_no_certificate(front, host):
    assert front.token("one", identity="one").status == 200

    assert front.token("one", host, headers=front.forged("one")).status == 401


@case("MT-03")
def test_a_header_beside_another_certificate_changes_nothing(front):
    forged = front.forged("one")

    assert front.token("one", identity="two", headers=forged).status == 401
    assert front.token("two", identity="two", headers=forged).status == 200


@case("MT-27")
@requirement("MTLS-3")
def test_a_token_of_the_alias_is_worth_nothing_where_no_certificate_is_asked_for(front):
    token = (front.folder / "token-of-one").read_text()
    bearer = {"Authorization": f"Bearer {token}"}

    def userinfo(host, headers=bearer, **how):
        return front.call(host, "/openfinance/userinfo", headers=headers, **how)

    assert userinfo(MACHINES, identity="one").status == 200
    for answer in (
        userinfo(PEOPLE),
        userinfo(PEOPLE, identity="one"),
        userinfo(PEOPLE, bearer | front.forged("one")),
        userinfo(MACHINES),
        userinfo(MACHINES, bearer | front.forged("one"), identity="two"),
    ):
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    assert userinfo(MACHINES, identity="one").status == 200


@case("DP-20", "HT-03")
@pytest.mark.parametrize("second", ["DPoP", "Bearer", "Basic"])
def test_two_authorization_headers_are_refused(front, second):
    token = (front.folder / "token-of-one").read_text()

    def userinfo(*headers):
        lines = [f"GET /openfinance/userinfo HTTP/1.1\r\nHost: {MACHINES}", *headers]
        raw = "\r\n".join([*lines, "Connection: close", "", ""])
        return status_of(front.raw(MACHINES, raw.encode(), identity="one"))

    good = f"Authorization: Bearer {token}"
    assert userinfo(good) == 200
    assert userinfo(good, f"Authorization: {second} {token}") == 400
    assert userinfo(f"Authorization: {second} {token}", good) == 400


@case("MT-04")
@BOTH
@pytest.mark.parametrize(
    ("name", "alone", "behind_nginx"),
    [
        ("x-ssl-client-cert", 401, 401),
        ("X-Ssl-Client-Cert ", 400, 400),
        ("X_SSL_CLIENT_CERT", 400, 401),  # nginx leaves out what has an underscore
        ("X-Forwarded-Client-Cert", 401, 401),
        ("X-Client-Cert", 401, 401),
        ("Client-Cert", 401, 401),
        ("Client-Cert-Chain", 401, 401),
        ("SSL_CLIENT_CERT", 400, 401),
        ("HTTP_X_SSL_CLIENT_CERT", 400, 401),
    ],
)
def test_no_spelling_of_the_header_is_a_certificate(front, host, name, alone, behind_nginx):
    value = quote(front.pem("one"), safe="")
    body = "grant_type=client_credentials&scope=accounts&client_id=one"
    for version in ("1.1", "1.0"):
        answer = front.raw(
            host,
            f"POST /openfinance/token HTTP/{version}\r\nHost: {host}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            f"{name}: {value}\r\n{name}: {value}\r\nX-SSL-Client-Verify: SUCCESS\r\n\r\n"
            f"{body}".encode(),
        )
        assert status_of(answer) == (behind_nginx if front.is_behind_nginx else alone), answer[:200]
        assert b"access_token" not in answer


@case("MT-08", "MT-10")
@pytest.mark.parametrize(("identity", "behind_nginx"), [("self-signed", 401), ("expired", 400)])
def test_a_certificate_with_a_fault_authenticates_nobody(front, identity, behind_nginx):
    if front.is_behind_nginx:
        assert front.token("one", identity=identity).status == behind_nginx
    else:
        with pytest.raises(TLS_REFUSES):
            front.token("one", identity=identity)


@case("MT-21")
@requirement("FAPI2-SP-FINAL-5.2.1-1", "FAPI2-SP-FINAL-5.2.1-3", "RFC9325-3.1.1")
@BOTH
@pytest.mark.filterwarnings("ignore:ssl.:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(front, host, version):
    context = front.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version

    with pytest.raises(TLS_REFUSES):
        front.call(host, "/openfinance/jwks", context=context)


@case("MT-21")
@requirement("FAPI2-SP-FINAL-5.2.1-1")
@BOTH
def test_tls_1_3_is_preferred(front, host):
    with front.connected(host) as secured:
        assert secured.version() == "TLSv1.3"


@case("MT-21")
@requirement(
    "FAPI2-SP-FINAL-5.2.1-2", "FAPI2-SP-FINAL-5.2.2", "RFC9325-4.2", "RFC9325A-A", "CBUAE-2.3b"
)
@BOTH
@pytest.mark.parametrize("suite", GOOD_SUITES + BAD_SUITES)
def test_tls_1_2_has_three_suites(front, host, suite):
    context = front.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{suite}:@SECLEVEL=0")

    if suite in GOOD_SUITES:
        assert front.call(host, "/openfinance/jwks", context=context).status == 200
    else:
        with pytest.raises(TLS_REFUSES):
            front.call(host, "/openfinance/jwks", context=context)


@case("MT-19")
def test_a_session_without_certificate_is_not_taken_up_where_one_is_asked_for(front):
    context = front.context("one")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    first = front.call(PEOPLE, "/openfinance/jwks", context=context)
    again = front.call(PEOPLE, "/openfinance/jwks", context=context, session=first.session)
    assert again.session_reused

    name = {"server_name": PEOPLE} if front.people_port == front.machine_port else {}
    crossed = front.token("one", context=context, session=first.session, **name)
    assert crossed.session_reused is False
    assert crossed.status == 200


@case("MT-19")
def test_a_session_that_is_taken_up_keeps_its_certificate(front):
    context = front.context("one")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    first = front.token("one", context=context)

    again = front.token("one", context=context, session=first.session)
    assert again.session_reused
    assert again.status == 200


@case("MT-22")
def test_early_data_is_off(front):
    """A session of TLS 1.3 says how much early data it takes: none."""
    request = f"GET /openfinance/jwks HTTP/1.1\r\nHost: {MACHINES}\r\nConnection: close\r\n\r\n"
    said = front.openssl(MACHINES, "-tls1_3", "-ign_eof", sent=request.encode())
    assert b'"keys"' in said
    assert b"Early data was not sent" in said
    assert b"Max Early Data: 0" in said or b"Max Early Data" not in said


@case("MT-23")
@BOTH
def test_plain_text_before_tls_is_not_processed(front, host):
    body = "grant_type=client_credentials&client_id=one"
    plain = (
        f"POST /openfinance/token HTTP/1.1\r\nHost: {host}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", front.port_of(host)), timeout=10) as connection:
        connection.sendall((plain + body).encode())
        answer = connection.recv(65_536)
    assert b"401" not in answer
    assert b"invalid_client" not in answer


@case("MT-28")
@BOTH
def test_http_2_is_not_spoken(front, host):
    context = front.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with front.connected(host, context=context) as secured:
        assert secured.selected_alpn_protocol() in (None, "http/1.1")

    upgrade = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAA"}
    assert front.call(host, "/openfinance/jwks", headers=upgrade).status == 200


@case("MT-06", "HT-01")
@BOTH
@pytest.mark.parametrize(
    ("framing", "refused_with"),
    [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", 400),
        ("Content-Length: 5, 5\r\n", 400),
        ("Transfer-Encoding : chunked\r\n", 400),
        ("Transfer-Encoding: xchunked\r\n", 501),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400),
    ],
)
def test_a_second_request_cannot_be_smuggled(front, host, framing, refused_with):
    smuggled = (
        f"GET /openfinance/jwks HTTP/1.1\r\nHost: {host}\r\n"
        f"X-SSL-Client-Cert: {quote(front.pem('one'), safe='')}\r\n\r\n"
    )
    answer = front.raw(
        host,
        f"POST /openfinance/token HTTP/1.1\r\nHost: {host}\r\n{framing}\r\n0\r\n\r\n"
        f"{smuggled}".encode(),
        seconds=3,
    )
    assert b'"keys"' not in answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert status_of(answer) == refused_with, answer[:200]


HOSTED = "GET / HTTP/1.1\r\nHost: {host}\r\n"


@case("HT-03", "HT-04", "HT-15", "ER-04", "PR-38")
@BOTH
@pytest.mark.parametrize(
    ("head", "alone", "behind_nginx"),
    [
        ("GET /" + "a" * 9000 + " HTTP/1.1\r\nHost: {host}\r\n", 414, 414),
        (HOSTED + "X-Long: " + "a" * 40_000 + "\r\n", 431, 400),
        (HOSTED + "".join(f"X-{n}: 1\r\n" for n in range(150)), 431, 431),
        (HOSTED + "Host: canary.example\r\n", 400, 400),
        (HOSTED + "X-Canary : 1\r\n", 400, 400),
        (HOSTED.replace("GET", "POST") + "Transfer-Encoding: canary\r\n", 501, 501),
        ("GET / HTTP/1.1\r\n", 400, 400),
    ],
    ids=[
        "a long line",
        "a long header",
        "many headers",
        "two hosts",
        "a blank",
        "coding",
        "no host",
    ],
)
def test_what_never_reaches_the_application_has_our_headers(front, host, head, alone, behind_nginx):
    answer = front.raw(host, (head.format(host=host) + "\r\n").encode(), seconds=3)
    headers = answer.partition(b"\r\n\r\n")[0].lower()

    assert status_of(answer) == (behind_nginx if front.is_behind_nginx else alone), answer[:200]
    for name in (
        b"strict-transport-security",
        b"x-content-type-options",
        b"x-frame-options",
        b"content-security-policy",
        b"referrer-policy",
        b"cache-control",
    ):
        assert name in headers, name
    assert re.search(rb"x-fapi-interaction-id: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers)
    assert b"canary" not in answer.lower()
    assert b"Traceback" not in answer


@case("HT-02")
@BOTH
def test_a_foreign_host_is_refused(front, host):
    assert front.call(host, "/openfinance/jwks", named="evil.example").status == (
        status_for_strangers(front)
    )


@case("HT-18", "HT-02")
@BOTH
@pytest.mark.parametrize("named", ["127.0.0.1", "[::1]", "localhost", "127.0.0.1:443"])
def test_called_by_its_address_it_shows_nothing(front, host, named):
    answer = front.call(host, "/openfinance/jwks", named=named)

    assert answer.status == status_for_strangers(front)
    assert b"keys" not in answer.body


@case("ER-04")
@BOTH
def test_no_version_is_told(front, host):
    for path in ("/openfinance/jwks", "/nothing/here"):
        answer = front.call(host, path)
        assert answer.headers.get("Server", "") in ("", "nginx", "authserver")
        assert "X-Powered-By" not in answer.headers


@case("HT-10")
@BOTH
def test_forwarding_headers_from_outside_change_nothing(front, host):
    claimed = {
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "192.0.2.1",
        "X-Real-IP": "192.0.2.1",
        "X-Original-URL": "/admin/",
        "Forwarded": "for=192.0.2.1;proto=http;host=evil.example",
    }
    answer = front.call(host, "/openfinance/.well-known/openid-configuration", headers=claimed)

    assert answer.status == 200
    assert b"evil.example" not in answer.body


@case("HT-10", "LO-05")
def test_the_record_of_a_refusal_has_the_address_of_the_connection(front):
    names = ("X-Real-IP", "X-Forwarded-For", "Forwarded", "Client-IP", "True-Client-IP")
    form = {"grant_type": "none", "client_id": "one"}
    answer = front.call(
        MACHINES,
        "/openfinance/token",
        form,
        headers=dict.fromkeys(names, "192.0.2.66"),
        identity="one",
    )

    assert answer.status == 400, answer.body
    reference = answer.headers["x-fapi-interaction-id"]
    with closing(sqlite3.connect(front.folder / "tls.sqlite3")) as database:
        kept = "SELECT address FROM audit_refusal WHERE interaction_id = ?"
        assert database.execute(kept, [reference]).fetchall() == [("127.0.0.1",)]


@case("HT-10")
@BOTH
def test_the_path_cannot_be_moved_by_a_header(front, host):
    for name in ("SCRIPT-NAME", "Script-Name", "PATH-INFO"):
        answer = front.call(host, "/openfinance/jwks", headers={name: "/openfinance"})
        assert answer.status == 200


@case("LO-01")
def test_the_logs_have_no_query_and_no_certificate(front):
    front.call(PEOPLE, "/openfinance/authorize?client_id=x&request_uri=canary-handle")
    front.token("one", identity="one", headers=front.forged("one"))

    logged = "".join(log.read_text() for log in front.logs if log.exists())
    assert "/openfinance/authorize" in logged
    assert "canary-handle" not in logged
    assert "BEGIN%20CERTIFICATE" not in logged


CHUNKED = "grant_type=client_credentials&scope=accounts&client_id=one"


def in_chunks(*chunks, end="0\r\n\r\n", more=""):
    body = "".join(f"{len(each):x}\r\n{each}\r\n" for each in chunks) + end
    head = (
        f"POST /openfinance/token HTTP/1.1\r\nHost: {MACHINES}\r\n{more}"
        "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    return (head + body).encode()


@case("HT-01")
def test_a_body_in_chunks_is_read(front):
    for chunks in ((CHUNKED,), (CHUNKED[:7], CHUNKED[7:]), tuple(CHUNKED)):
        answer = front.raw(MACHINES, in_chunks(*chunks), identity="one", seconds=3)
        assert status_of(answer) == 200, answer[:300]
        assert b"access_token" in answer


@case("HT-01", "HT-04")
def test_a_body_in_chunks_has_the_same_limit(front):
    small = in_chunks(CHUNKED + "&a=" + "x" * 60_000)
    assert status_of(front.raw(MACHINES, small, identity="one", seconds=3)) == 200

    large = in_chunks(CHUNKED + "&a=", *["x" * 10_000] * 14)
    answer = front.raw(MACHINES, large, identity="one", seconds=3)
    assert status_of(answer) == 413, answer[:300]
    assert b"Connection: close" in answer


@case("HT-01", "ER-01")
@pytest.mark.parametrize("end", ["zz\r\n\r\n", "5\r\nab\r\n0\r\n\r\n"], ids=["size", "length"])
def test_a_body_in_bad_chunks_is_refused(front, end):
    answer = front.raw(MACHINES, in_chunks(CHUNKED, end=end), identity="one", seconds=3)

    assert status_of(answer) == 400, answer[:300]
    assert b"access_token" not in answer


@case("HT-04")
@BOTH
@pytest.mark.parametrize("more", [1, 1_000_000])
def test_an_answer_behind_a_large_body_does_not_claim_to_go_on(front, host, more):
    body = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + more)
    head = (
        f"POST /openfinance/token HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    answer = front.raw(host, head.encode() + body[:1000].encode(), seconds=3)

    assert status_of(answer) == 413, answer[:300]
    assert b"connection: close" in answer.lower()


@case("HT-04")
@BOTH
def test_a_refused_type_leaves_the_connection_good(front, host):
    body = "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    post = (
        f"POST /openfinance/token HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    get = f"GET /openfinance/jwks HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    answer = front.raw(host, (post + get).encode(), seconds=5)

    assert status_of(answer) == 415
    assert b'"keys"' in answer


@case("LO-01", "ER-01")
@BOTH
def test_a_stranger_causes_no_error_line(front, host):
    before = sum(len(log.read_text()) for log in front.logs if log.exists())
    front.call(host, "/accounts/login/", {"login": "x" * 120_000, "password": "y"})
    with suppress(OSError):  # it may hang up while we send
        front.call(host, "/accounts/login/", {"login": "x" * 1_000_000, "password": "y"})
    front.call(host, "/openfinance/jwks", named="evil.example")
    front.raw(host, b"GET / HTTP/1.1\r\n\r\n", seconds=2)
    front.raw(host, in_chunks("a", end="zz\r\n\r\n"), seconds=2)

    logged = "".join(log.read_text() for log in front.logs if log.exists())[before:]
    assert "Traceback" not in logged
    assert '"level": "error"' not in logged
    assert "[ERROR]" not in logged


@requirement("MTLS-2.2.2")
def test_the_metadata_has_what_this_front_can_do(front):
    document = front.call(PEOPLE, "/openfinance/.well-known/openid-configuration").body
    has_it = b"self_signed_tls_client_auth" in document

    assert b'"tls_client_auth"' in document
    assert has_it is front.is_behind_nginx
    try:
        works = front.token("own", identity="own").status == 200
    except TLS_REFUSES:
        works = False
    assert works is has_it
