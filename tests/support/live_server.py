"""A running server of four processes on a database of its own, for tests that need real ones."""

import functools
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import psycopg
import pytest
from django.conf import settings
from joserfc.jwk import RSAKey
from psycopg import sql

from tests.support import answers, certificates
from tests.support.databases import postgresql_database
from tests.support.empty_database import PROGRAM
from tests.support.signing import compact

ROUNDS = 4
RACERS = 16
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a client of its own would read every CA again
WORKERS = 4


@dataclass
class Server:
    """A running server: its port, its database, its log."""

    port: int
    database_url: str
    log: Path
    process: "subprocess.Popen[bytes]" = field(init=False)

    @functools.cached_property
    def kit(self) -> dict[str, Any]:
        """What ``races.seed`` prepares; made when it is first asked for, since it ages."""
        return dict(json.loads(self.run("-m", "tests.operations.races.seed", str(ROUNDS))))

    @functools.cached_property
    def keys(self) -> dict[str, RSAKey]:
        """The clients' keys of the kit, each imported once: that takes as long as all racers."""
        return {owner: RSAKey.import_key(jwk) for owner, jwk in self.kit["keys"].items()}

    def run(self, *arguments: str) -> str:
        """Run Python with these arguments on the server's database; return what it printed."""
        return _run([sys.executable, *arguments], self.database_url)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.nginx.conf.py",
                 "--bind", f"127.0.0.1:{self.port}", "--workers", str(WORKERS)],
                env=_environment(self.database_url) | {"LIVE_SERVER": "1"},
                stdout=sink,
                stderr=sink,
            )  # fmt: skip
        _wait_for(self.port, self.log)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=40)

    def restart(self) -> None:
        """Begin anew with nothing but the database."""
        self.stop()
        self.start()

    def reload(self) -> None:
        """Let gunicorn replace its workers, and wait until the old ones are gone."""
        old = self.workers()
        self.process.send_signal(signal.SIGHUP)
        self._wait_until_replaced(old)

    def kill_workers(self) -> None:
        """Kill every worker in the middle of whatever it does; gunicorn starts others."""
        old = self.workers()
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        self._wait_until_replaced(old)

    def workers(self) -> set[int]:
        listed = _run(["ps", "-A", "-o", "ppid=,pid="], self.database_url).splitlines()
        pairs = [line.split() for line in listed]
        return {int(pid) for parent, pid in pairs if int(parent) == self.process.pid}

    def _wait_until_replaced(self, old: set[int]) -> None:
        assert len(old) == WORKERS
        for _ in range(300):
            now = self.workers()
            if len(now) == WORKERS and not now & old:
                _wait_for(self.port, self.log)
                return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-3000:])

    @contextmanager
    def program(self, module: str, *arguments: str) -> Iterator[Callable[[str], str]]:
        """Run a module as a process of its own that answers each line with a line."""
        running = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=_environment(self.database_url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told, answers = running.stdin, running.stdout
        assert told is not None
        assert answers is not None

        def tell(line: str) -> str:
            told.write(line + "\n")
            told.flush()
            return answers.readline().strip()

        with running:
            yield tell
            told.close()

    def race(self, send: Callable[[httpx.Client, int], httpx.Response], racers: int = RACERS):
        """Let all racers send at the same moment; return their responses."""
        barrier = threading.Barrier(racers)
        found: list[httpx.Response | None] = [None] * racers

        def run(number: int) -> None:
            with httpx.Client(base_url=self.url, timeout=30, verify=NO_TLS) as http:
                barrier.wait()
                found[number] = send(http, number)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(racers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [response for response in found if response is not None]

    def assertions(self, count: int = RACERS, *, client_id: str = "tpp") -> list[str]:
        """Fresh ones of a client that the kit knows, each to be used once."""
        key = self.keys[client_id]
        now = int(time.time())
        party = {"iss": client_id, "sub": client_id, "aud": "https://as.example.com/openfinance"}
        claims = party | {"iat": now, "exp": now + 240}
        headers = {"alg": "PS256", "kid": key.kid}
        return [compact(headers, claims | {"jti": uuid.uuid4().hex}, key) for _ in range(count)]

    def post(self, http: httpx.Client, path: str, form: dict[str, str]) -> httpx.Response:
        response = http.post(
            f"/openfinance{path}",
            content=urlencode(form),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Host": "as.example.com",
                "X-Forwarded-Proto": "https",
                **certificates.forwarded(self.kit["certificate"]),
            },
        )
        answers.require_nothing_private(response.headers, response.content)
        return response

    def count(self, statement: str) -> int:
        """The number that a SELECT count(*) gives, read past the server."""
        kind, _, path = self.database_url.partition(":///")
        if kind == "sqlite":
            with closing(sqlite3.connect(path)) as opened:
                return int(opened.execute(statement).fetchone()[0])
        with psycopg.connect(self.database_url) as connected:
            found = connected.execute(sql.SQL(statement)).fetchone()
        assert found is not None
        return int(found[0])


def _environment(database_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url,
        "AUTHSERVER_TRUSTED_PROXY": "127.0.0.1",
        "AUTHSERVER_LOG_LEVEL": "ERROR",
    }


def _run(command: list[str], database_url: str) -> str:
    done = subprocess.run(
        command, env=_environment(database_url), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="session")
def database_url(tmp_path_factory, request) -> Iterator[str]:
    """A database of the same kind as the run's, which other processes can reach."""
    configured = settings.DATABASES["default"]
    if "sqlite" in configured["ENGINE"]:
        path = tmp_path_factory.mktemp("races") / "races.sqlite3"
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('empty_database'), path)}"
        return
    name = f"races_{uuid.uuid4().hex[:12]}"
    with postgresql_database(os.environ["DATABASE_URL"], name) as url:
        _run([sys.executable, "-c", PROGRAM], url)
        yield url


@pytest.fixture(scope="session")
def server(database_url, tmp_path_factory) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    running = Server(port=port, database_url=database_url, log=log)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def _wait_for(port: int, log: Path) -> None:
    for _ in range(150):
        try:
            httpx.get(
                f"http://127.0.0.1:{port}/", headers={"Host": "as.example.com"}, verify=NO_TLS
            )
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text()[-3000:])
