"""A running server of four processes on a database of its own, for tests that need real ones."""

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from tests.migrated import PROGRAM

ROUNDS = 6
RACERS = 16


@dataclass
class Server:
    """A running server: its address and its database."""

    url: str
    database_url: str

    @functools.cached_property
    def kit(self) -> dict[str, Any]:
        """What tests.races.seed prepares; made when it is first asked for, since it ages."""
        return dict(json.loads(self.run("-m", "tests.races.seed", str(ROUNDS))))

    def run(self, *arguments: str) -> str:
        """Run Python with these arguments on the server's database; return what it printed."""
        return _run([sys.executable, *arguments], self.database_url)

    def race(self, send: Callable[[httpx.Client, int], httpx.Response], racers: int = RACERS):
        """Let all racers send at the same moment; return their responses."""
        barrier = threading.Barrier(racers)
        found: list[httpx.Response | None] = [None] * racers

        def run(number: int) -> None:
            with httpx.Client(base_url=self.url, timeout=30) as http:
                barrier.wait()
                found[number] = send(http, number)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(racers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [response for response in found if response is not None]

    def post(self, http: httpx.Client, path: str, form: dict[str, str]) -> httpx.Response:
        return http.post(
            f"/openfinance{path}",
            content=urlencode(form),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Host": "as.example.com",
                "X-Forwarded-Proto": "https",
                "X-SSL-Client-Cert": quote(self.kit["certificate"]),
            },
        )

    def count(self, statement: str) -> int:
        """The number that a SELECT count(*) gives, read by a process of its own."""
        program = (
            "import django; django.setup(); from django.db import connection as c;"
            f"k = c.cursor(); k.execute({statement!r}); print(k.fetchone()[0])"
        )
        return int(self.run("-c", program))


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
    """A migrated database of the same kind as the run's, which other processes can reach."""
    configured = settings.DATABASES["default"]
    if "sqlite" in configured["ENGINE"]:
        path = tmp_path_factory.mktemp("races") / "races.sqlite3"
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('migrated'), path)}"
        return
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    name = f"races_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _run([sys.executable, "-c", PROGRAM], f"{base}/{name}")
    yield f"{base}/{name}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def server(database_url, tmp_path_factory) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.nginx.conf.py",
             "--bind", f"127.0.0.1:{port}", "--workers", "4"],
            env=_environment(database_url) | {"LIVE_SERVER": "1"},
            stdout=sink,
            stderr=sink,
        )  # fmt: skip
    try:
        _wait_for(port, log)
        yield Server(url=f"http://127.0.0.1:{port}", database_url=database_url)
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait_for(port: int, log: Path) -> None:
    for _ in range(150):
        try:
            httpx.get(f"http://127.0.0.1:{port}/", headers={"Host": "as.example.com"})
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text()[-3000:])
