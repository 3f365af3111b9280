"""The clients that openid-client plays, and openid-client as a process that takes orders."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.sandbox_kit import Kit

FOLDER = Path(__file__).parent
GRACE = 10  # seconds


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A client, its person, and which client of the kit lends it keys and certificate."""

    client_id: str
    like: str
    person: str
    dpop: bool = False
    jarm: bool = False
    discovery: str = "oidc"  # or oauth2: which of the two addresses of the metadata is asked


LANTERN = Registration(client_id="lantern-openfinance", like="lantern-openfinance", person="jonas")
TIDEWATER = Registration(
    client_id="tidewater-openfinance", like="tidewater-openfinance", person="jonas", jarm=True
)
LANTERN_DPOP = Registration(
    client_id="lantern-dpop", like="lantern-openfinance", person="jonas", dpop=True, jarm=True
)
TIDEWATER_DPOP = Registration(
    client_id="tidewater-dpop",
    like="tidewater-openfinance",
    person="jonas",
    dpop=True,
    discovery="oauth2",
)
UAE = Registration(client_id="lantern-uae", like="lantern-uae", person="amira", discovery="oauth2")
REGISTRATIONS = (LANTERN, TIDEWATER, LANTERN_DPOP, TIDEWATER_DPOP, UAE)


class Refused(Exception):
    """openid-client did not get, or did not accept, what it asked for."""

    def __init__(self, kind: str, status: int, error: str, description: str, message: str) -> None:
        super().__init__(f"{kind} {status} {error}: {description} ({message})")
        self.kind = kind
        self.status = status
        self.error = error


class ForeignClient:
    """openid-client in a process of its own; ``server`` is the metadata that it discovered."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.server: dict[str, Any] = {}

    def ask(self, command: str, **facts: Any) -> dict[str, Any]:
        """Have one command of client.mjs done; raise Refused with what openid-client says."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"command": command, **facts}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "client.mjs has ended; its reason stands in the test's standard error"
        answer = json.loads(line)
        if "refused" in answer:
            raise Refused(**answer["refused"])
        return dict(answer["done"])


def rival(registration: Registration) -> str:
    """The client of the other company of the kit in the same ecosystem."""
    company, _, ecosystem = registration.like.partition("-")
    return f"{'tidewater' if company == 'lantern' else 'lantern'}-{ecosystem}"


def owner(kit: Kit, client_id: str) -> dict[str, str]:
    """The identity of a client of the kit in TLS."""
    client = kit.clients[client_id]
    return {"certificate": str(client.transport_certificate), "key": str(client.transport_key)}


def thief(kit: Kit) -> dict[str, str]:
    """The identity in TLS of somebody with a good certificate, registered nowhere."""
    return {"certificate": str(kit.thief_certificate), "key": str(kit.thief_key)}


@contextmanager
def connected(
    kit: Kit, registration: Registration, *, identity: dict[str, str] | None = None
) -> Iterator[ForeignClient]:
    """openid-client as this client, which has read the server's metadata.

    ``identity`` replaces its certificate, or takes it away when empty. Where it uses DPoP, every
    one has a key of its own.
    """
    client = kit.clients[registration.like]
    process = subprocess.Popen(
        ["node", str(FOLDER / "client.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        made = ForeignClient(process)
        presented = owner(kit, registration.like) if identity is None else identity
        made.server = made.ask(
            "connect",
            issuer=client.issuer,
            client_id=registration.client_id,
            authentication=client.authenticates_by,
            signing_jwk=str(kit.folder / registration.like / "signing.jwk.json"),
            identity={"root": str(kit.root), **presented},
            dpop=registration.dpop,
            jarm=registration.jarm,
            discovery=registration.discovery,
        )["server"]
        yield made
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
