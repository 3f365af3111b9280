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


def fresh_secrets() -> dict[str, str]:
    """Those that a run has for itself."""
    return {
        "AUTHSERVER_SECRET_KEY": secrets.token_urlsafe(64),
        "AUTHSERVER_KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(
            secrets.token_bytes(32)
        ).decode(),
    }


def environment(folder: Path, url: str, own_secrets: Mapping[str, str]) -> dict[str, str]:
    """What an operator would set, and no limits of rates."""
    kept = ("PATH", "HOME", "LANG", "PYTHONPYCACHEPREFIX", "TEST_RSA_KEYS")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "tests.bench.as_shipped",
        "DATABASE_URL": url,
        **own_secrets,
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


def prepared(environ: Mapping[str, str], *, program: str = "tests.bench.seed") -> dict[str, Any]:
    """Make tables, static files and rows; return what the program printed that seeds."""
    migrated(environ)
    return dict(json.loads(output_of([sys.executable, "-m", program, str(PEOPLE)], environ)))


def migrated(environ: Mapping[str, str]) -> None:
    """Make what the code of this moment needs of tables and files."""
    manage = [sys.executable, "manage.py"]
    for arguments in (["migrate"], ["createcachetable"], ["collectstatic", "--noinput"]):
        output_of([*manage, *arguments, "--verbosity", "0"], environ)


def output_of(command: list[str], environ: Mapping[str, str]) -> str:
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
    """The server on a new database; ``application`` takes the place of the product's."""
    postgresql.create(NAME)
    environ = environment(folder, postgresql.url(NAME), fresh_secrets())
    parties = prepared(environ)
    with started(
        folder, environ, parties, name=NAME, port=port, application=application, workers=workers
    ) as side:
        yield side


@contextmanager
def started(
    folder: Path,
    environ: Mapping[str, str],
    parties: Mapping[str, Any],
    *,
    name: str,
    port: int,
    application: str = "",
    workers: int = WORKERS,
) -> Iterator[Side]:
    """The server on a database that has all it needs, and its own name; stopped at the end."""
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.nginx.conf.py"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    log = folder / f"{name}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*command, *([application] if application else [])],
            cwd=TOP,
            env={**environ, "BENCH_FOLDER": str(folder)},
            stdout=sink,
            stderr=sink,
        )
    side = Side(
        name=name,
        issuer=ISSUER,
        discovery=f"{ISSUER}/.well-known/openid-configuration",
        port=port,
        process=process,
        database=name,
        log=log,
        parties=parties,
    )
    try:
        side.wait_until_it_answers()
        yield side
    finally:
        stopped(process)
