"""``make demo``: make everything, start the three programs, run the journeys, stay up."""

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial

from deploy.demo import codes, folders, machines, sandbox, server
from deploy.demo.addresses import Addresses, BadAddress, require_usable
from deploy.demo.browser import NotThere
from deploy.demo.folders import Demo
from deploy.demo.journey import Broken, travel
from deploy.demo.parties import FFI
from deploy.demo.sandbox_kit import Kit
from deploy.local.authorization_server import TOP, without_settings
from deploy.local.https_client import opened
from deploy.local.programs import ProgramFailed, Programs, alone_in
from deploy.local.terminal import Terminal

JOURNEYS = (("lantern-openfinance", "jonas"), ("lantern-uae", "amira"))


def main() -> int:
    terminal = Terminal()
    demo = configured_demo()
    once = os.environ.get("ONCE", "") not in ("", "0")
    end_in_order()
    with alone_in(demo.folder):
        require_usable(demo.addresses)
        began = time.monotonic()
        terminal.heading("Setting up")
        with _running(demo, terminal) as programs:
            kit = Kit.read(demo.sandbox_json)
            succeeded = _journeys(kit, terminal)
            terminal.say(f"\n{time.monotonic() - began:.0f} seconds in all.")
            if not once:
                terminal.heading("It is all still running")
                welcome(demo, kit, terminal)
                _stay(programs)
    return 0 if succeeded else 1


def configured_demo() -> Demo:
    """The demo that the variables of this process ask for."""
    return Demo(
        folder=folders.folder(os.environ, top=TOP),
        addresses=Addresses.read(os.environ),
        extra_redirect_uris=os.environ.get("REDIRECT_URIS", "").split(),
    )


@contextlib.contextmanager
def _running(demo: Demo, terminal: Terminal) -> Iterator[Programs]:
    programs = Programs(log=demo.log, pids=demo.folder / "pids")
    try:
        set_up(demo, terminal, programs)
        with terminal.step("Starting the authorization server"):
            _start_server(demo, programs)
        yield programs
    finally:
        programs.stop()


def set_up(demo: Demo, terminal: Terminal, programs: Programs) -> None:
    """Make what is missing, start the TPP and the bank, and prepare the server's database."""
    if _moved(demo):
        terminal.say("     The demo has another address than last time: a fresh database.")
        for part in ("", "-wal", "-shm"):
            demo.database.with_name(demo.database.name + part).unlink(missing_ok=True)
    with terminal.step("Certificates, keys and the sandbox kit"):
        sandbox.make(demo)
    plain = without_settings(os.environ)
    with opened(root=demo.root_pem) as http:
        for name, module in (("TPP", "deploy.demo.tpp"), ("bank", "deploy.demo.bank")):
            command = [sys.executable, "-m", module, str(demo.sandbox_json)]
            programs.start(name, command, folder=TOP, environ=plain)
        with terminal.step("Starting the TPP and the bank"):
            programs.wait_until_ready("TPP", f"{demo.addresses.tpp_base}/style.css", http)
            jwks = f"{demo.addresses.bank_base}/bank-openfinance/jwks.json"
            programs.wait_until_ready("bank", jwks, http)
    prepare(demo, terminal)


def prepare(demo: Demo, terminal: Terminal) -> None:
    """Bring database, static files and what is loaded up to date."""
    with server.prepared(demo, server.environment(demo)) as wait_for:
        with terminal.step("The database's tables"):
            wait_for("createcachetable")
        with terminal.step("Style sheets and pictures"):
            wait_for("collectstatic")
        with terminal.step("Ecosystems, participants, clients and people"):
            wait_for("load")


def _start_server(demo: Demo, programs: Programs) -> None:
    environ = server.environment(demo)
    programs.start("server", server.COMMAND, folder=TOP, environ=environ)
    with opened(root=demo.root_pem) as http:
        for issuer in Kit.read(demo.sandbox_json).issuers.values():
            url = f"{issuer['issuer']}/.well-known/openid-configuration"
            programs.wait_until_ready("server", url, http)


def _moved(demo: Demo) -> bool:
    """An issuer is its URL: what was issued under another one is worth nothing."""
    if not demo.sandbox_json.exists() or not demo.database.exists():
        return False
    before = json.loads(demo.sandbox_json.read_text())["addresses"]
    return bool(before != asdict(demo.addresses))


def _journeys(kit: Kit, terminal: Terminal) -> bool:
    journeys: list[tuple[str, Callable[[Kit, Terminal], None]]] = [
        (kit.clients[client_id].ecosystem, partial(travel, client_id=client_id, person=person))
        for client_id, person in JOURNEYS
    ]
    journeys.append((FFI.slug, machines.run))
    for slug, run in journeys:
        issuer = kit.issuers[slug]
        terminal.heading(f"A journey in {issuer['name']} ({issuer['profile']})")
        try:
            run(kit, terminal)
        except (Broken, NotThere) as fault:
            terminal.failed(str(fault))
            terminal.say(f"       The programs' logs are in {kit.folder.parent / 'log'}.")
            return False
    terminal.say("\nEvery step held.")
    return True


def welcome(demo: Demo, kit: Kit, terminal: Terminal) -> None:
    """Say under which addresses what can be seen, and who can sign in."""
    addresses = demo.addresses
    terminal.fact("TPP", addresses.tpp_base + "/")
    terminal.fact("Consents", addresses.public_base + "/consents/")
    terminal.fact("Admin", addresses.public_base + "/admin/")
    for issuer in kit.issuers.values():
        terminal.fact("Issuer", issuer["issuer"])
    terminal.say(
        "\n     People: name, password, and the six digits of this moment (later: make codes)"
    )
    for facts in codes.of(kit, at=time.time()):
        terminal.say("       " + facts)
    terminal.say(
        "\n     Your browser will warn, since it does not know the demo's authority. Go on, or\n"
        f"     let it trust {demo.root_pem}\n"
        "       Firefox: Settings, Certificates, Authorities, Import\n"
        "       Chrome on Linux: Settings, Security, Manage certificates, Import\n"
        "       macOS: open it in Keychain Access, Trust, When using this certificate: Always\n"
        f"     Clients of your own: everything they need is in {kit.folder}\n"
        "\n     Ctrl-C ends it."
    )


def _stay(programs: Programs) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)
            programs.require_alive()


def end_in_order() -> None:
    """A request to end is a Ctrl-C: every program that was started is stopped first."""

    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BadAddress, ProgramFailed) as fault:
        sys.exit(f"\n{fault}\n")
    except KeyboardInterrupt:
        sys.exit(130)
