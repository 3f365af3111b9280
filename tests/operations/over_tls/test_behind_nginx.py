"""gunicorn behind the deployment's nginx (deploy/nginx, deploy/gunicorn.nginx.conf.py)."""

import json
import ssl
import stat
import time
import uuid
from dataclasses import replace

import pytest

from tests.support import fronts
from tests.support.fronts import MACHINES, PEOPLE

case = pytest.mark.case
requirement = pytest.mark.requirement
pytestmark = pytest.mark.nginx
OWN_HEADERS = (
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Content-Security-Policy",
    "Referrer-Policy",
    "Cache-Control",
    "x-fapi-interaction-id",
)


@requirement("MTLS-2.2")
def test_a_registered_self_signed_certificate_is_served(nginx):
    assert nginx.token("own", identity="own").status == 200
    assert nginx.token("own", identity="self-signed").status == 401


@requirement("MTLS-2.1")
def test_a_certificate_of_an_unknown_ca_reaches_the_application(nginx):
    answer = nginx.token("two", identity="late")

    assert answer.status == 401
    assert json.loads(answer.body)["error"] == "invalid_client"


@case("MT-05")
def test_the_socket_is_open_to_its_group_alone(nginx):
    path = nginx.folder / "nginx" / "authserver.sock"

    assert stat.S_IMODE(path.stat().st_mode) == 0o660


@case("HT-18", "MT-19")
@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1"])
@pytest.mark.parametrize("host", [PEOPLE, MACHINES])
def test_an_unknown_server_name_sees_no_certificate(nginx, host, name):
    context = nginx.context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        nginx.call(host, "/openfinance/jwks", server_name=name, context=context)


@case("HT-18")
@pytest.mark.skipif(not fronts.has_ipv6(), reason="NOT TESTED: this machine has no IPv6")
@pytest.mark.parametrize("host", [PEOPLE, MACHINES])
def test_over_ipv6_it_is_the_same(nginx, host):
    there = replace(nginx, address="::1")
    blind = nginx.context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE

    assert there.call(host, "/openfinance/jwks").body == nginx.call(host, "/openfinance/jwks").body
    assert there.token("one", identity="one").status == 200
    assert there.token("one", headers=there.forged("one")).status == 401
    assert there.call(host, "/openfinance/jwks", named="[::1]").status == 421
    for name in ("evil.example", "::1"):  # with an address as its name a client sends none
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            there.call(host, "/openfinance/jwks", server_name=name, context=blind)


@case("MT-19")
def test_the_host_of_the_other_listener_is_misdirected(nginx):
    assert nginx.token("one", PEOPLE, identity="one", named=MACHINES).status == 421
    assert nginx.call(MACHINES, "/openfinance/jwks", named=PEOPLE).status == 421


@case("HT-15")
@pytest.mark.parametrize("host", [PEOPLE, MACHINES])
def test_nginxs_own_answers_have_the_security_headers(nginx, host):
    answer = nginx.call(host, "/openfinance/token", {"a": "x" * 200_000})

    assert answer.status == 413
    for name in OWN_HEADERS:
        assert name in answer.headers, name
    assert json.loads(answer.body)["error"] == "invalid_request"
    assert answer.headers["Content-Type"] == "application/json"


@case("HT-15", "ER-02")
def test_a_person_gets_a_page(nginx):
    answer = nginx.call(
        PEOPLE, "/openfinance/token", {"a": "x" * 200_000}, headers={"Accept": "text/html,*/*"}
    )

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b'id="error-page"' in answer.body


@case("ER-05", "HT-15")
@pytest.mark.usefixtures("nginx")  # which says whether there is one
def test_while_the_application_is_away_the_answer_is_502(folder, tmp_path):
    with fronts.nginx_alone(folder, tmp_path) as alone:
        answer = _first_answer_of(alone)

    assert answer.status == 502
    assert json.loads(answer.body)["error"] == "temporarily_unavailable"
    assert answer.headers["Retry-After"] == "5"
    for name in OWN_HEADERS:
        assert name in answer.headers, name


def _first_answer_of(front):
    for _ in range(50):
        try:
            return front.call(MACHINES, "/openfinance/jwks")
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("nginx does not answer")


@case("LO-05")
def test_the_access_log_is_json(nginx):
    nginx.call(PEOPLE, '/nothing"here?secret=canary')

    written = ""
    for _ in range(50):  # nginx writes the line after the caller has its answer
        written = nginx.logs[2].read_text()
        if "nothing" in written:
            break
        time.sleep(0.1)
    entries = [json.loads(line) for line in written.splitlines()]
    [asked] = [entry for entry in entries if entry["path"] == '/nothing"here']
    assert asked["status"] == "404"
    assert "canary" not in written


@case("PR-38", "HT-15")
def test_nginxs_own_answers_repeat_a_uuid_and_nothing_else(nginx):
    def answered(sent):
        large = {"a": "x" * 200_000}
        headers = {"x-fapi-interaction-id": sent} if sent else {}
        answer = nginx.call(MACHINES, "/openfinance/token", large, headers=headers)
        assert answer.status == 413
        return answer.headers["x-fapi-interaction-id"]

    mine = "6d9c6c52-4a7c-4f5c-9f3a-8b0a1c2d3e4f"
    assert answered(mine) == mine
    made = {answered(sent) for sent in ("", "canary", mine + "0", "{" + mine + "}")}
    assert len(made) == 4
    assert all(str(uuid.UUID(each)) == each and uuid.UUID(each).version == 4 for each in made)


@case("HT-16")
@pytest.mark.usefixtures("nginx")  # which says whether there is one
def test_one_address_of_machines_is_slowed(folder, tmp_path):
    """Its burst and more at once; with nobody behind it nginx answers as fast as it can."""
    get = f"GET /nothing HTTP/1.1\r\nHost: {MACHINES}\r\n\r\n".encode()
    last = get.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with fronts.nginx_alone(folder, tmp_path) as alone:
        assert _first_answer_of(alone).status == 502
        found = alone.raw(MACHINES, get * 900 + last)
        time.sleep(2.5)  # its burst comes back
        assert _first_answer_of(alone).status == 502

    refused = found.partition(b"HTTP/1.1 429")[2].partition(b"HTTP/1.1")[0]
    assert b"Retry-After: 1" in refused
    assert b"x-fapi-interaction-id" in refused


@case("MT-26", "MT-03")
def test_the_address_stands_beside_a_refusal(nginx):
    nginx.token("one")

    log = nginx.logs[0]
    refusals = [line for line in log.read_text().splitlines() if "request.refused" in line]
    assert refusals
    assert json.loads(refusals[-1])["address"] == "127.0.0.1"
