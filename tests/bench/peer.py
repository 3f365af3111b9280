"""The peer: oidc-provider on Node, installed from its lock file, with two workers."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.ours import TOP
from tests.bench.postgresql import PORT, ROLE, PostgreSQL
from tests.bench.refused import Refused
from tests.bench.seed import DETAIL_TYPE, OPAQUE_RESOURCE
from tests.bench.side import REDIRECT_URI, Side, stopped

SOURCE = Path(__file__).parent / "peer"
FOLDER = TOP / ".bench" / "peer"
NAME = "peer"
ISSUER = "https://peer.example.com"
NO_NPM = "The peer cannot be installed: npm is missing (on Debian or Ubuntu, apt-get install npm)."
PACKAGES = ("oidc-provider", "pg")


def installed() -> Path:
    """Install the peer in a folder of its own, what the lock file names; return Node's program.

    What is installed already stays: npm is asked where the lock file is another one.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copytree(SOURCE, FOLDER, dirs_exist_ok=True)
    lock, mark = FOLDER / "package-lock.json", FOLDER / "node_modules" / "installed.json"
    if not mark.exists() or mark.read_text() != lock.read_text():
        npm = shutil.which("npm")
        if npm is None:
            raise Refused(NO_NPM)
        command = [
            npm,
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefix",
            str(FOLDER),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = next((line for line in done.stderr.splitlines() if "error" in line), "")
            raise Refused(f"The peer cannot be installed: npm says {reason!r}.")
    node = FOLDER / "node_modules" / ".bin" / "node"
    if not node.exists():
        raise Refused("The peer cannot be installed: there is no Node for this machine.")
    mark.write_text(lock.read_text())
    return node


def versions(node: Path) -> dict[str, str]:
    """Of Node and of each package that the peer is made of."""
    answered = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    locked = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
    numbers = {name: locked[f"node_modules/{name}"]["version"] for name in PACKAGES}
    return {"node": answered.stdout.strip().lstrip("v"), **numbers}


@contextmanager
def running(
    folder: Path, postgresql: PostgreSQL, *, node: Path, parties: Mapping[str, Any], port: int
) -> Iterator[Side]:
    """The peer, started on a database of its own with the clients of ours, and stopped."""
    postgresql.create(NAME)
    given = folder / "peer.json"
    with os.fdopen(os.open(given, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        json.dump(_configuration(postgresql, parties, port), file)
    log = folder / "peer.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [node, FOLDER / "server.mjs"],
            env={
                "PATH": os.environ["PATH"],
                "NODE_ENV": "production",
                "BENCH_PEER": str(given),
            },
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
        # It would sign an id_token with every refresh that has openid; ours signs none there.
        refresh_scope="accounts",
        consents_at_once=True,
        warming=16,
    )
    try:
        side.wait_until_it_answers()
        yield side
    finally:
        stopped(process)


def _configuration(postgresql: PostgreSQL, parties: Mapping[str, Any], port: int) -> dict[str, Any]:
    public = ("kty", "n", "e", "kid", "use", "alg")
    jwks = {
        client: {"keys": [{name: key[name] for name in public}]}
        for client, key in parties["clients"].items()
    }
    return {
        "issuer": ISSUER,
        "port": port,
        "database": {
            "host": str(postgresql.folder),
            "port": PORT,
            "user": ROLE,
            "database": NAME,
        },
        "bank": parties["bank"],
        "jwks": jwks,
        "server_key": parties["server_key"] | {"alg": "PS256", "use": "sig", "kid": "signing"},
        "cookie_key": secrets.token_urlsafe(32),
        "redirect_uri": REDIRECT_URI,
        "detail_type": DETAIL_TYPE,
        "opaque_resource": OPAQUE_RESOURCE,
    }
