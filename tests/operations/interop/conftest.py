"""The deployed server with TLS of its own, the demo's bank and TPP, and openid-client as the TPP.

The TPP's program only publishes the clients' keys here; the redirects to it are never followed.
"""

import os
import re
import shutil
import socket
import subprocess
import sys

import pytest

from deploy.demo import sandbox, server
from deploy.demo.addresses import Addresses
from deploy.demo.folders import Demo
from deploy.demo.sandbox_kit import Kit
from deploy.local.authorization_server import TOP, without_settings
from deploy.local.https_client import opened
from deploy.local.programs import Programs
from tests.operations.interop.clients import FOLDER, REGISTRATIONS, connected
from tests.operations.interop.person import Person
from tests.support.live_server import database_url

__all__ = ["database_url"]

OLDEST_NODE = 18


def pytest_collection_modifyitems(items):
    ours = [item for item in items if str(item.path).startswith(f"{FOLDER}/")]
    missing = _missing() if ours else ""
    if missing and os.environ.get("RUN_INTEROP") == "1":
        raise pytest.UsageError(f"{missing}, and RUN_INTEROP demands it")
    for item in ours:
        item.add_marker("interop")
        if missing:
            reason = f"NOT TESTED: {missing}, so no foreign client was tried (make test-interop)"
            item.add_marker(pytest.mark.skip(reason=reason))


def _missing():
    if shutil.which("node") is None:
        return "Node is not installed"
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"v(\d+)", said)
    if version is None or int(version[1]) < OLDEST_NODE:
        return f"Node is older than {OLDEST_NODE}"
    if not (FOLDER / "node_modules" / "openid-client").is_dir():
        return "openid-client is not installed in tests/operations/interop"
    return ""


@pytest.fixture(scope="session")
def kit(database_url, tmp_path_factory):
    """The sandbox kit, served: server, bank and TPP run on ports of their own."""
    names = ("port", "mtls_port", "tpp_port", "bank_port")
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    demo = Demo(folder=tmp_path_factory.mktemp("interop"), addresses=Addresses(**ports))
    sandbox.make(demo)
    made = Kit.read(demo.sandbox_json)
    environ = {**server.environment(demo), "DATABASE_URL": database_url}
    programs = Programs(log=demo.log, pids=demo.folder / "pids")
    try:
        with opened(root=demo.root_pem) as http:
            _start(programs, demo, environ, made, http)
        yield made
    finally:
        programs.stop()


def _start(programs, demo, environ, kit, http):
    plain = without_settings(os.environ)
    for name, module in (("TPP", "deploy.demo.tpp"), ("bank", "deploy.demo.bank")):
        command = [sys.executable, "-m", module, str(demo.sandbox_json)]
        programs.start(name, command, folder=TOP, environ=plain)
    with server.prepared(demo, environ) as wait_for:
        wait_for("load")
    seed = [sys.executable, "-m", "tests.operations.interop.seed", str(demo.sandbox_json)]
    seeded = subprocess.run(seed, cwd=TOP, env=environ, capture_output=True, text=True, check=False)
    assert seeded.returncode == 0, seeded.stderr[-3000:]
    programs.start("server", server.COMMAND, folder=TOP, environ=environ)
    addresses = kit.addresses
    programs.wait_until_ready("TPP", f"{addresses.tpp_base}/style.css", http)
    jwks = f"{addresses.bank_base}/bank-openfinance/jwks.json"
    programs.wait_until_ready("bank", jwks, http)
    for issuer in kit.issuers.values():
        url = f"{issuer['issuer']}/.well-known/openid-configuration"
        programs.wait_until_ready("server", url, http)


def _free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return found


@pytest.fixture(scope="session")
def people(kit):
    """Each person of the kit, in a browser of their own."""
    with opened(root=kit.root) as jonas, opened(root=kit.root) as amira:
        yield {"jonas": Person(kit, "jonas", jonas), "amira": Person(kit, "amira", amira)}


@pytest.fixture(scope="module", params=REGISTRATIONS, ids=lambda each: each.client_id)
def registration(request):
    """A client of each kind: how it authenticates, what binds its tokens, how it is answered."""
    return request.param


@pytest.fixture(scope="module")
def client(kit, registration):
    with connected(kit, registration) as made:
        yield made


@pytest.fixture
def person(people, registration):
    return people[registration.person]
