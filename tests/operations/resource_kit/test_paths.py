"""A DPoP proof opens the path that it names and no other, under a real server and behind nginx."""

import http.client
import json
import os
import shutil
import socket
import sys
import time
from contextlib import ExitStack
from typing import Any

import pytest

from authserver.protocol import jose
from authserver.protocol.jose import Purpose
from tests.operations.resource_kit.paths_api import AUDIENCE, ISSUER
from tests.support.dpop import Prover
from tests.support.fronts import free_port, process

pytestmark = pytest.mark.requirement("DPOP-4.3", "RFC3986-6.2.2")
KEY = jose.load_private_key(jose.generate("ES256"), "ES256")
PROVER = Prover()


def asked(port, target, *, htu=None):
    """The answer to a GET of this target, with a proof for this path (the target if none)."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "somebody",
        "client_id": "tpp",
        "jti": "1",
    }
    claims |= {"iat": now, "exp": now + 60, "cnf": {"jkt": PROVER.jkt}}
    token = jose.sign(claims, purpose=Purpose.ACCESS_TOKEN, key=KEY)
    proof = PROVER.proof("GET", AUDIENCE + (htu or target), access_token=token)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest("GET", target, skip_accept_encoding=True)
        connection.putheader("Authorization", f"DPoP {token}")
        connection.putheader("DPoP", proof)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def is_let_in(port, target, *, htu=None, name=None):
    status, body = asked(port, target, htu=htu)
    if status != 200:
        assert status == 401, body
        return False
    said = json.loads(body)
    assert name is None or said["name"] == name
    return said["let_in"]


@pytest.fixture(scope="module", params=["gunicorn", pytest.param("nginx", marks=pytest.mark.nginx)])
def port(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("paths")
    if request.param == "nginx" and shutil.which("nginx") is None:
        if os.environ.get("CI_REQUIRE_ALL") == "1":
            pytest.fail("nginx is not installed, and CI_REQUIRE_ALL demands it")
        pytest.skip("NOT TESTED: nginx is not installed, so paths behind it are untried")
    inner = outer = free_port()
    env = {**os.environ, "ISSUER_KEY": json.dumps(jose.public_jwk(KEY))}
    env |= {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "tests.operations.resource_kit.paths_api:application",
    ]
    command += ["--bind", f"127.0.0.1:{inner}", "--worker-class", "gthread"]
    with ExitStack() as running:
        running.enter_context(process(command, env, home / "gunicorn.log"))
        if request.param == "nginx":
            outer = free_port()
            (home / "nginx.conf").write_text(
                f"daemon off;\npid {home}/pid;\nerror_log {home}/error.log;\nevents {{}}\n"
                f"http {{ access_log off; server {{ listen 127.0.0.1:{outer};"
                f" location / {{ proxy_pass http://127.0.0.1:{inner}; }} }} }}\n"
            )
            nginx = ["nginx", "-c", str(home / "nginx.conf"), "-p", str(home)]
            running.enter_context(process(nginx, os.environ, home / "nginx.log"))
        for _ in range(150):
            try:
                socket.create_connection(("127.0.0.1", inner), timeout=1).close()
                asked(outer, "/")
                break
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)
        yield outer


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/accounts/test.user%40example.com", "test.user@example.com"),
        ("/accounts/test.user@example.com", "test.user@example.com"),
        ("/accounts/a%2Fb", "a/b"),
        ("/accounts/a/b", "a/b"),
        ("/accounts/%E2%82%AC?page=2", "\u20ac"),
        ("/accounts/a%20b;v=1", "a b;v=1"),
    ],
)
def test_a_proof_of_what_was_sent_is_taken(port, target, name):
    assert is_let_in(port, target, name=name)


@pytest.mark.parametrize(
    ("target", "htu"),
    [
        ("/accounts/a%2fb", "/accounts/a%2Fb"),
        ("/accounts/%7Ea", "/accounts/~a"),
        ("/accounts/~a", "/accounts/%7ea"),
        ("/accounts/a", "/accounts/x/../a"),
        ("/accounts/a?page=2", "/accounts/a"),
        ("/accounts/a", "/accounts/a?page=2#top"),
    ],
)
def test_spellings_of_one_path_are_one(port, target, htu):
    assert is_let_in(port, target, htu=htu)


@pytest.mark.parametrize(
    ("target", "htu"),
    [
        ("/accounts/a%2Fb", "/accounts/a/b"),
        ("/accounts/a/b", "/accounts/a%2Fb"),
        ("/accounts%2Fa", "/accounts/a"),
        ("/accounts/a%252Fb", "/accounts/a%2Fb"),
        ("/accounts/test.user%40example.com", "/accounts/test.user@example.com"),
        ("/accounts/x/../a", "/accounts/a"),
        ("/accounts/x/%2e%2e/a", "/accounts/a"),
        ("/accounts/x/../a", "/accounts/x/../a"),
        ("/accounts/a%3Fb", "/accounts/a"),
    ],
)
def test_a_proof_of_another_path_opens_nothing(port, target, htu):
    assert is_let_in(port, "/accounts/control")

    assert not is_let_in(port, target, htu=htu)
