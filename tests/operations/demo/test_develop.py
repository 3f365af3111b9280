"""``make dev``: what is changed is served, and what is broken is told."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress

import httpx
import pytest

from deploy.demo.develop import look_again, snapshot
from deploy.local.authorization_server import TOP, without_settings
from deploy.local.trust import client_context
from tests.operations.demo.processes import free_ports, heeds_ctrl_c, processes_of

WITHIN = 90  # seconds


class Developing:
    """``make dev`` on a copy of the sources, with all that it has said."""

    def __init__(self, top, ports):
        self.top = top
        self.folder = top / ".demo"
        self.port = ports["PORT"]
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.demo.develop"],
            cwd=top,
            env=without_settings(os.environ)
            | ports
            | {"HOST": "localhost", "DEMO_FOLDER": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=heeds_ctrl_c,
        )
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self.said += line

    def waits_until(self, holds):
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError, FileNotFoundError):
                if holds():
                    return
            assert self.process.poll() is None, self.said
            time.sleep(0.2)
        raise AssertionError(self.said)

    def answers(self, path):
        trust = client_context(root=self.folder / "pki" / "root.pem")
        return httpx.get(f"https://localhost:{self.port}{path}", verify=trust)

    def changes(self, path, old, new):
        text = (self.top / path).read_text()
        assert old in text
        (self.top / path).write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def developing(tmp_path_factory):
    top = tmp_path_factory.mktemp("sources")
    for name in ("authserver", "clients", "consents", "templates", "deploy"):
        shutil.copytree(TOP / name, top / name, ignore=shutil.ignore_patterns("__pycache__"))
    running = Developing(top, free_ports())
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(30)
        running.listener.join(30)


def test_what_is_changed_is_served(developing):
    path = "/openfinance/server-ca.pem"
    developing.waits_until(lambda: developing.answers(path).status_code == 200)
    assert "Ctrl-C ends it." in developing.said

    developing.changes("authserver/urls.py", "<slug:slug>/server-ca.pem", "<slug:slug>/cas.pem")

    developing.waits_until(lambda: developing.answers(path).status_code == 404)
    assert developing.answers("/openfinance/cas.pem").status_code == 200
    assert "Changed: authserver/urls.py" in developing.said


def test_what_cannot_start_says_why_and_is_tried_again(developing):
    developing.changes("authserver/urls.py", "protocol = [", "protocol = {")
    developing.waits_until(lambda: "SyntaxError" in developing.said)
    assert "Traceback (most recent call last):" in developing.said

    developing.changes("authserver/urls.py", "protocol = {", "protocol = [")
    developing.waits_until(lambda: developing.answers("/openfinance/cas.pem").status_code == 200)


def test_an_error_of_ours_is_a_traceback_for_people(developing):
    developing.changes(
        "authserver/endpoints/server_cas.py", "\ndef server_cas(", "\ndef server_cas(one, two, "
    )
    developing.waits_until(lambda: developing.answers("/openfinance/cas.pem").status_code == 500)

    developing.waits_until(lambda: re.search(r"^TypeError: server_cas\(\)", developing.said, re.M))


def test_style_sheets_are_collected_again(developing):
    path = "authserver/static/authserver/style.css"
    (developing.top / path).write_text("/* another */")

    found = developing.folder / "static" / "authserver" / "style.css"
    developing.waits_until(lambda: found.read_text() == "/* another */")


def test_ctrl_c_leaves_nothing_behind(developing):
    developing.process.send_signal(2)

    assert developing.process.wait(30) == 130
    assert processes_of(developing.folder) == []


def test_every_change_of_a_source_is_seen(tmp_path):
    (tmp_path / "clients").mkdir()
    one, other = tmp_path / "clients" / "one.py", tmp_path / "clients" / "other.html"
    one.write_text("1")
    seen = snapshot(tmp_path)
    (tmp_path / "clients" / "notes.swp").write_text("an editor's")

    seen, changed = look_again(seen, tmp_path)
    assert changed == set()

    other.write_text("new")
    seen, changed = look_again(seen, tmp_path)
    assert changed == {other.relative_to(tmp_path)}

    one.unlink()
    os.utime(other, ns=(1, 1))
    _, changed = look_again(seen, tmp_path)
    assert changed == {one.relative_to(tmp_path), other.relative_to(tmp_path)}
