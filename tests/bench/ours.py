"""The server of this project as it is deployed behind nginx, with two workers."""

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.postgresql import PostgreSQL
from tests.bench.refused import Refused
from tests.bench.side import Side, stopped

TOP = Path(__file__).parents[2]
NAME = "ours"
ISSUER = "https://as.example.com/openfinance"
WORKERS = 2
PEOPLE = 64


def environment(folder: Path, url: str) -> dict[str, str]:
    """What an operator would set, with secrets of the run's own and no limits of rates."""
    kept = ("PATH", "HOME", "LANG", "PYTHONPYCACHEPREFIX", "TEST_RSA_KEYS")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "tests.bench.as_shipped",
        "DATABASE_URL": url,
        "AUTHSERVER_SECRET_KEY": secrets.token_urlsafe(64),
        "AUTHSERVER_KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(
            secrets.token_bytes(32)
        ).decode(),
        "AUTHSERVER_ALLOWED_HOSTS": "as.example.com,mtls.as.example.com",
        "AUTHSERVER_PUBLIC_BASE": "https://as.example.com",
        "AUTHSERVER_MACHINE_BASE": "https://mtls.as.example.com",
        "AUTHSERVER_TRUSTED_PROXY": "127.0.0.1",
        "AUTHSERVER_STATIC_ROOT": str(folder / "static"),
        "AUTHSERVER_PUSHES_PER_SECOND": "0",
        "AUTHSERVER_GUESSES_PER_MINUTE": "0",
        "AUTHSERVER_SIGN_INS_PER_MINUTE": "100000",
        "AUTHSERVER_PASSWORDS_AT_ONCE": "8",
        "AUTHSERVER_LOG_LEVEL": "WARNING",
    }


def prepared(folder: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """Make tables, static files and rows; return what tests.bench.seed printed."""
    manage = [sys.executable, "manage.py"]
    for arguments in (["migrate"], ["createcachetable"], ["collectstatic", "--noinput"]):
        _run([*manage, *arguments, "--verbosity", "0"], environ)
    return dict(json.loads(_run([sys.executable, "-m", "tests.bench.seed", str(PEOPLE)], environ)))


def _run(command: list[str], environ: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, cwd=TOP, env=dict(environ), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(f"{' '.join(command[1:3])} fails: {done.stderr[-600:]!r}.")
    return done.stdout


@contextmanager
def running(
    folder: Path,
    postgresql: PostgreSQL,
    *,
    port: int,
    application: str = "",
    workers: int = WORKERS,
) -> Iterator[Side]:
    """The server, started and stopped; ``application`` takes the place of the product's."""
    postgresql.create(NAME)
    environ = environment(folder, postgresql.url(NAME))
    parties = prepared(folder, environ)
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.nginx.conf.py"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    log = folder / "ours.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*command, *([application] if application else [])],
            cwd=TOP,
            env={**environ, "BENCH_FOLDER": str(folder)},
            stdout=sink,
            stderr=sink,
        )
    side = Side(
        name=NAME,
        issuer=ISSUER,
        discovery=f"{ISSUER}/.well-known/openid-configuration",
        port=port,
        process=process,
        database=NAME,
        log=log,
        parties=parties,
    )
    try:
        side.wait_until_it_answers()
        yield side
    finally:
        stopped(process)
