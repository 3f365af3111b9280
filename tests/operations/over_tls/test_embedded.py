"""gunicorn with TLS of its own (deploy/gunicorn.conf.py)."""

import contextlib
import os
import signal
import socket
import ssl
import time

import pytest

from tests.support import fronts
from tests.support.fronts import MACHINES, PEOPLE

case = pytest.mark.case
requirement = pytest.mark.requirement


@case("MT-10")
def test_a_certificate_of_no_loaded_ca_ends_the_handshake(embedded):
    for identity in ("self-signed", "own", "late"):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            embedded.token("one", identity=identity)


@case("HT-18")
@pytest.mark.skipif(not fronts.has_ipv6(), reason="NOT TESTED: this machine has no IPv6")
def test_over_ipv6_it_is_the_same(folder):
    with fronts.embedded(folder, address="::1") as there:
        assert there.token("one", identity="one").status == 200
        assert there.token("one", headers=there.forged("one")).status == 401
        assert not there.asks_for_a_certificate(PEOPLE)
        for host in (PEOPLE, MACHINES):
            assert there.call(host, "/openfinance/jwks").status == 200
            assert there.call(host, "/openfinance/jwks", named="[::1]").status == 400


@case("HT-18")
@pytest.mark.parametrize("host", [PEOPLE, MACHINES])
def test_without_a_server_name_the_host_decides(embedded, host):
    """It serves one site, so that there is no other one to show by default."""
    blind = embedded.context()
    blind.check_hostname = False

    def call(**how):
        where = {"server_name": "127.0.0.1", "context": blind}  # an address is never sent as a name
        return embedded.call(host, "/openfinance/jwks", **where, **how)

    assert call().status == 200
    for stranger in ("127.0.0.1", "evil.example"):
        answer = call(named=stranger)
        assert answer.status == 400
        assert b"keys" not in answer.body


@case("F-07")
def test_callers_that_say_nothing_do_not_stop_the_server(folder):
    """Ten of them, on a server of eight threads: five send nothing, five half a ClientHello."""
    with (
        fronts.embedded(folder, AUTHSERVER_WORKERS="1", AUTHSERVER_THREADS="8") as front,
        contextlib.ExitStack() as idle,
    ):
        for number in range(10):
            host = MACHINES if number % 2 else PEOPLE
            address = ("127.0.0.1", front.port_of(host))
            silent = idle.enter_context(socket.create_connection(address))
            if number >= 5:
                silent.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        started = time.monotonic()
        assert front.call(PEOPLE, "/openfinance/jwks").status == 200
        assert time.monotonic() - started < 25
        assert front.token("one", identity="one").status == 200


@case("F-07")
def test_a_caller_that_stalls_is_let_go(folder):
    """On a connection that is kept alive too, where the first request was a good one."""
    good = f"GET /openfinance/jwks HTTP/1.1\r\nHost: {PEOPLE}\r\n\r\n".encode()
    half = f"POST /openfinance/token HTTP/1.1\r\nHost: {PEOPLE}\r\nContent-Length: 9\r\n".encode()
    with (
        fronts.embedded(folder, AUTHSERVER_WORKERS="1", AUTHSERVER_THREADS="1") as front,
        front.connected(PEOPLE) as stalling,
    ):
        stalling.sendall(good)
        assert b"200 OK" in stalling.recv(65_536)
        stalling.sendall(half)
        time.sleep(0.5)
        started = time.monotonic()
        assert front.call(PEOPLE, "/openfinance/jwks").status == 200
        assert time.monotonic() - started < 20
        assert "Traceback" not in front.logs[0].read_text()


ADD_THE_LATE_CA = """
import sys
from authserver.loading import load_django; load_django()
from authserver.ecosystems.models import Ecosystem, TrustAnchor
from authserver.protocol.specs import mtls
pem = open(sys.argv[1]).read()
read = mtls.parse_pem(pem)
TrustAnchor.objects.create(ecosystem=Ecosystem.objects.get(), kind="root", certificate=pem,
    subject=read.subject, thumbprint=read.thumbprint, not_after=read.not_after)
"""


@case("F-22")
@requirement("FFI-2")
def test_a_new_ca_counts_after_a_reload(folder, tmp_path):
    own = fronts.copy_of_the_database(folder, tmp_path / "own.sqlite3")
    with fronts.embedded(folder, DATABASE_URL=own) as front:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            front.token("two", identity="late")
        late = str(folder / "late-root.pem")
        fronts.run(folder, "-c", ADD_THE_LATE_CA, late, DATABASE_URL=own)
        os.kill(front.gunicorn.pid, signal.SIGHUP)
        assert _reaches_the_application(front)
        assert front.token("one", identity="one").status == 200


def _reaches_the_application(front):
    """The reloaded server takes the handshake; the application then judges the certificate."""
    for _ in range(60):
        try:
            return front.token("two", identity="late").status == 401  # another CA than registered
        except (ssl.SSLError, ConnectionError):
            time.sleep(0.25)
    return False


@case("F-22")
def test_a_reload_that_cannot_read_its_files_changes_nothing(folder, tmp_path):
    certificate = tmp_path / "server.pem"
    certificate.write_text((folder / "server.pem").read_text())
    with fronts.embedded(folder, AUTHSERVER_TLS_CERTIFICATE=str(certificate)) as front:
        certificate.write_text("being replaced")
        os.kill(front.gunicorn.pid, signal.SIGHUP)
        time.sleep(3)

        assert front.gunicorn.poll() is None
        assert front.token("one", identity="one").status == 200
        assert "TLS stays as it was" in front.logs[0].read_text()


@case("HT-15", "HT-02")
@pytest.mark.parametrize("host", [PEOPLE, MACHINES])
def test_a_request_without_a_host_is_answered_with_our_headers(embedded, host):
    answer = embedded.raw(host, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", seconds=3)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Strict-Transport-Security" in answer
    assert b"x-fapi-interaction-id" in answer
