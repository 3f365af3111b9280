"""How long others wait while strangers name unknown keys of clients whose host hangs.

    python -m tests.bench.key_hosts [--clients 64] [--seconds 40] [--rounds 3]

Starts a server of its own (two workers of four threads, SQLite) and, on loopback, a host that
takes connections and says nothing. Another client pushes requests one after the other; a second
after it began, every one of the clients on that host is named by one unauthenticated request with
a key id that nobody knows. Prints p50, p95 and the longest of what the other client measured, and
how many of its requests were answered, for each round and as medians.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import ECKey, RSAKey

from tests.support.empty_database import make
from tests.support.signing import compact

ISSUER = "https://as.example.com/openfinance"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CALLBACK = "https://tpp.example.com/callback"
WORKERS, THREADS, MOST_PUSHES = 2, 4, 20  # the last a second: below every rate of a client

SEED = """
import json, sys
from authserver.loading import load_django; load_django()
from django.test.utils import setup_test_environment; setup_test_environment()
from clients.models import Client, ClientKeySet
from tests.support import world
port, count = map(int, sys.argv[1:])
ecosystem = world.ecosystem("openfinance", profile="fapi2-security")
world.bank(ecosystem)
owner = world.participant("Bench", ecosystem=ecosystem)
world.client("tpp", participant=owner, redirect_uris="https://tpp.example.com/callback")
for number in range(count):
    made = world.client(f"hanging-{number}", participant=owner)
    uri = f"https://127.0.0.1:{port}/{number}"
    Client.objects.filter(pk=made.pk).update(client_jwks=None, client_jwks_uri=uri)
ClientKeySet.objects.all().delete()
print(json.dumps(world.rsa_key("tpp").as_dict(private=True)))
"""


@contextmanager
def hanging_host() -> Iterator[int]:
    """Its port: whoever connects is taken and never answered."""
    held = []
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:

        def take() -> None:
            while True:
                try:
                    held.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield listener.getsockname()[1]
    for each in held:
        each.close()


@contextmanager
def server(environ: dict[str, str], log: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.nginx.conf.py"]
    with log.open("wb") as sink:
        running = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}"], env=environ, stdout=sink, stderr=sink
        )
    try:
        for _ in range(150):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        time.sleep(2)
        yield port
    finally:
        running.terminate()
        running.wait(60)


def form(client_id: str, key: RSAKey | ECKey, *, alg: str, kid: str) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": ISSUER, "jti": uuid.uuid4().hex}
    times = {"iat": now, "exp": now + 60}
    return {
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid accounts",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": compact({"alg": alg, "kid": kid}, claims | times, key),
    }


def push(port: int, data: dict[str, str]) -> int:
    sent = {"Host": "as.example.com", "X-Forwarded-Proto": "https", "Connection": "close"}
    url = f"http://127.0.0.1:{port}/openfinance/par"
    return httpx.post(url, data=data, headers=sent, timeout=90).status_code


def one_round(port: int, key: RSAKey, *, clients: int, seconds: float) -> dict[str, Any]:
    """What the other client measured, in milliseconds."""
    stranger = ECKey.generate_key("P-256")

    def names_an_unknown_key(number: int) -> None:
        kid = uuid.uuid4().hex
        push(port, form(f"hanging-{number}", stranger, alg="ES256", kid=kid))

    for _ in range(10):
        assert push(port, form("tpp", key, alg="PS256", kid="tpp-key")) == 201
    strangers = [
        threading.Thread(target=names_an_unknown_key, args=(number,), daemon=True)
        for number in range(clients)
    ]
    taken, begun, attacked = [], time.monotonic(), False
    while (passed := time.monotonic() - begun) < seconds:
        if passed > 1 and not attacked:
            attacked = True
            for each in strangers:
                each.start()
        data = form("tpp", key, alg="PS256", kid="tpp-key")
        started = time.monotonic()
        assert push(port, data) == 201
        taken.append(1_000 * (time.monotonic() - started))
        time.sleep(max(0.0, 1 / MOST_PUSHES - (time.monotonic() - started)))
    for each in strangers:
        each.join()
    cuts = statistics.quantiles(taken, n=100)
    return {"answered": len(taken), "p50": cuts[49], "p95": cuts[94], "longest": max(taken)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--clients", type=int, default=64)
    options.add_argument("--seconds", type=float, default=40)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    found = []
    for number in range(chosen.rounds):
        with tempfile.TemporaryDirectory() as folder, hanging_host() as hanging:
            database = Path(folder) / "bench.sqlite3"
            make(database)
            environ = {
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": f"sqlite:///{database}",
                "AUTHSERVER_TRUSTED_PROXY": "127.0.0.1",
                "AUTHSERVER_OUTBOUND_ALLOWED_HOSTS": "127.0.0.1",
                "AUTHSERVER_WORKERS": str(WORKERS),
                "AUTHSERVER_THREADS": str(THREADS),
                "AUTHSERVER_LOG_LEVEL": "ERROR",
            }
            seeded = subprocess.run(
                [sys.executable, "-c", SEED, str(hanging), str(chosen.clients)],
                env=environ,
                check=True,
                capture_output=True,
                text=True,
            )
            key = RSAKey.import_key(json.loads(seeded.stdout))
            with server(environ, Path(folder) / "log") as port:
                found.append(one_round(port, key, clients=chosen.clients, seconds=chosen.seconds))
        tell(f"round {number + 1}: {shown(found[-1])}")
    medians = {name: statistics.median(each[name] for each in found) for name in found[0]}
    tell(f"medians: {shown(medians)}")


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def shown(figures: dict[str, Any]) -> str:
    times = ", ".join(f"{name} {figures[name]:.0f} ms" for name in ("p50", "p95", "longest"))
    return f"{figures['answered']:.0f} answered, {times}"


if __name__ == "__main__":
    main()
