"""The whole demo, as a newcomer starts it: programs, journeys, a browser, an exit code."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from deploy.demo.credentials import totp_code
from deploy.demo.sandbox_kit import Kit
from deploy.local.authorization_server import TOP, without_settings
from deploy.local.trust import client_context
from tests.operations.demo.processes import free_ports, heeds_ctrl_c, processes_of

PERSON = "noura"  # no journey of the demo's own has used up a code of hers
UP = "Ctrl-C ends it."


def started(folder, ports, **more):
    environ = {
        **without_settings(os.environ),
        "HOST": "localhost",
        **ports,
        "DEMO_FOLDER": str(folder),
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.demo.run"],
        cwd=TOP,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=heeds_ctrl_c,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("whole") / "demo"


@pytest.fixture(scope="module")
def ports():
    return free_ports()


def database_of(folder):
    return (folder / "db.sqlite3").stat().st_ino


@pytest.fixture(scope="module")
def demo(folder, ports):
    """A demo that stays up; its ``said`` is all that it printed until then."""
    with started(folder, ports) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if UP in line:
                break
        process.said = "".join(lines)
        yield process
        if process.poll() is None:
            process.terminate()
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="module")
def kit(demo, folder):
    assert UP in demo.said, demo.said
    return Kit.read(folder / "sandbox" / "sandbox.json")


@pytest.fixture(scope="module")
def page(kit, chromium):
    """A tab of a real Chromium."""
    tab = chromium.new_page(ignore_https_errors=True)
    tab.set_default_timeout(30_000)
    yield tab
    tab.close()


def test_make_demo_runs_every_journey(demo):
    assert "Every step held." in demo.said, demo.said
    assert "FAILED" not in demo.said
    assert demo.said.count("the TPP sees the chosen account and no other") == 2
    assert demo.said.count("worth nothing without the TPP's own certificate") == 2
    assert demo.said.count("the same token, alive a moment ago, is refused") == 2


@pytest.mark.requirement("FFI-4", "FFI-7", "FFI-9", "FFI-10", "FFI-6a")
def test_machines_make_a_journey_of_their_own(demo):
    for sentence in (
        "the token is opaque and lives five minutes",
        "an API that looks at the scope refuses a token for another one",
        "an API that does not look at it answers",
        "the stolen token is worth nothing without its owner's certificate",
        "a scope must be named",
        "an assertion does not replace the registered certificate",
    ):
        assert demo.said.count(sentence) == 1, sentence


def test_what_is_said_holds_no_token(demo):
    assert "access_token: eyJhbGciOi... (" in demo.said
    longest = max(demo.said.split(), key=len)
    assert len(longest) < 200


def test_it_says_who_can_sign_in_and_where(demo, kit):
    for person in (*kit.people.values(), kit.operator):
        assert person["username"] in demo.said
        assert person["password"] in demo.said
        assert person["totp_secret"] in demo.said
    for url in (kit.addresses.tpp_base, *(one["issuer"] for one in kit.issuers.values())):
        assert url in demo.said
    assert str(kit.folder) in demo.said
    assert "root.pem" in demo.said


def test_the_servers_identity_holds_for_whoever_trusts_the_root(kit, folder):
    context = client_context(root=folder / "pki" / "root.pem")
    with httpx.Client(verify=context, trust_env=False) as http:
        for issuer in kit.issuers.values():
            metadata = http.get(f"{issuer['issuer']}/.well-known/openid-configuration").json()
            assert metadata["issuer"] == issuer["issuer"]
            for alias in metadata["mtls_endpoint_aliases"].values():
                assert alias.startswith(kit.addresses.machine_base)


def test_ten_silent_connections_stop_neither_tpp_nor_bank(kit, folder):
    context = client_context(root=folder / "pki" / "root.pem")
    addresses = kit.addresses
    targets = {
        addresses.tpp_port: f"{addresses.tpp_base}/style.css",
        addresses.bank_port: f"{addresses.bank_base}/bank-uae/jwks.json",
    }
    with contextlib.ExitStack() as silent, httpx.Client(verify=context, trust_env=False) as http:
        for port, url in targets.items():
            for _ in range(10):
                silent.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert http.get(url).status_code == 200


def test_a_header_that_came_twice_is_not_read_as_one(kit, folder):
    context = client_context(root=folder / "pki" / "root.pem")
    url = f"{kit.addresses.bank_base}/people/C-1042/accounts"
    header = ("Authorization", f"Bearer {kit.bank['account_source_token']}")
    with httpx.Client(verify=context, trust_env=False) as http:
        assert http.get(url, headers=[header]).status_code == 200
        assert http.get(url, headers=[header, header]).status_code == 401


@pytest.mark.browser
def test_a_person_clicks_through_approval_revocation_and_refusal(page, kit):
    person = kit.people[PERSON]
    account = person["accounts"][0]["id"]
    client_id = "tidewater-openfinance"

    page.goto(kit.addresses.tpp_base + "/")
    page.click(f"#choose-{client_id}")
    page.click("#connect")
    page.fill("[name=login]", person["username"])
    page.fill("[name=password]", person["password"])
    page.click("#login-submit")
    page.fill("[name=code]", totp_code(person["totp_secret"], at=time.time()))
    page.click("#mfa-submit")
    page.check(f"[name=accounts][value='{account}']")
    page.click("#accounts-continue")
    page.click("#consent-approve")
    page.wait_for_selector(f"#account-{account}")
    assert page.url == f"{kit.addresses.tpp_base}/{client_id}/"
    assert page.locator(".account").count() == 1

    page.goto(f"{kit.addresses.public_base}/consents/")
    page.click("[id^=consent-card-] a >> nth=0")
    page.click("#consent-revoke")
    page.click("#consent-revoke-confirm")
    page.wait_for_selector("#consent-state")
    page.goto(f"{kit.addresses.tpp_base}/{client_id}/")
    page.click("#refresh")
    page.wait_for_selector("#ended")
    assert page.locator("#accounts").count() == 0

    page.click("#connect")
    page.check(f"[name=accounts][value='{account}']")
    page.click("#accounts-continue")
    page.click("#consent-refuse")
    page.wait_for_selector("#refused")
    assert page.locator("#accounts").count() == 0


def test_ctrl_c_ends_everything_with_a_good_exit_code(demo, folder):
    """The last of those that need it running."""
    assert processes_of(folder)
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=30)
    assert demo.returncode == 0
    assert processes_of(folder) == []
    assert not list((folder / "pids").iterdir())


def test_a_second_run_goes_on_with_what_is_there_and_once_ends_it_after_the_journeys(folder, ports):
    before = database_of(folder)
    with started(folder, ports, ONCE="1") as process:
        said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert database_of(folder) == before
    assert "Every step held." in said
    assert UP not in said
    assert processes_of(folder) == []


def test_a_busy_port_is_named_before_anything_is_started(tmp_path):
    ports = free_ports()
    busy = ("127.0.0.1", int(ports["TPP_PORT"]))
    with socket.create_server(busy), started(tmp_path / "demo", ports, ONCE="1") as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"{ports['TPP_PORT']} (TPP_PORT)" in said
    assert "Traceback" not in said
    assert not (tmp_path / "demo" / "pki").exists()
