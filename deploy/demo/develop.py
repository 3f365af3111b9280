"""``make dev``: the demo, with a server that starts again whenever a source file changes.

The server's log stands in this terminal, for people and with tracebacks. One that cannot start says
why, and is tried again after the next change. What is loaded or collected beforehand (migrations,
static files, the demo itself) is brought up to date first. The TPP and the bank run on.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from deploy.demo import server
from deploy.demo.addresses import BadAddress, require_usable
from deploy.demo.folders import Demo
from deploy.demo.run import configured_demo, end_in_order, prepare, set_up, welcome
from deploy.demo.sandbox_kit import Kit
from deploy.local.authorization_server import TOP
from deploy.local.programs import GRACE, ProgramFailed, Programs, alone_in
from deploy.local.terminal import Terminal

WATCHED = ("authserver", "clients", "consents", "templates", "deploy")
SUFFIXES = {".py", ".html", ".txt", ".json", ".mo", ".css", ".svg"}
PREPARED = {"migrations", "static", "demo"}  # folders whose content is brought in beforehand
LOOK_EVERY = 0.5  # seconds
ENVIRON = {"AUTHSERVER_LOG_READABLE": "1", "AUTHSERVER_WORKERS": "1"}

Snapshot = Mapping[Path, int]


def main() -> None:
    terminal = Terminal()
    demo = configured_demo()
    end_in_order()
    with alone_in(demo.folder):
        require_usable(demo.addresses)
        terminal.heading("Setting up")
        programs = Programs(log=demo.log, pids=demo.folder / "pids")
        try:
            set_up(demo, terminal, programs)
            terminal.heading("What runs")
            welcome(demo, Kit.read(demo.sandbox_json), terminal)
            _serve(demo, terminal, programs)
        finally:
            programs.stop()


def _serve(demo: Demo, terminal: Terminal, programs: Programs) -> None:
    seen = snapshot(TOP)
    while True:
        with _running(demo):
            changed: Set[Path] = set()
            while not changed:
                time.sleep(LOOK_EVERY)
                programs.require_alive()
                seen, changed = look_again(seen, TOP)
        terminal.heading(f"Changed: {', '.join(sorted(str(path) for path in changed))}")
        if any(PREPARED & set(path.parts) for path in changed):
            try:
                prepare(demo, terminal)
            except ProgramFailed as fault:
                terminal.say(f"\n{fault}")


@contextlib.contextmanager
def _running(demo: Demo) -> Iterator[None]:
    """The server, in a process group of its own so that Ctrl-C reaches us alone."""
    process = subprocess.Popen(  # noqa: S603 - the command is ours
        server.COMMAND,
        cwd=TOP,
        env=server.environment(demo) | ENVIRON,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.send_signal(
            signal.SIGINT
        )  # gunicorn's quick end: nobody waits for open connections
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def snapshot(top: Path) -> Snapshot:
    """When each file that the server is made of was last written, by its path below ``top``."""
    written_at = {}
    for folder in WATCHED:
        for path in (top / folder).rglob("*"):
            if path.suffix in SUFFIXES:
                with contextlib.suppress(OSError):  # an editor has moved it away
                    written_at[path.relative_to(top)] = path.stat().st_mtime_ns
    return written_at


def look_again(before: Snapshot, top: Path) -> tuple[Snapshot, Set[Path]]:
    """Return how it is now, and what was written, added or taken away since ``before``."""
    now = snapshot(top)
    return now, {path for path, _ in before.items() ^ now.items()}


if __name__ == "__main__":
    try:
        main()
    except (BadAddress, ProgramFailed) as fault:
        sys.exit(f"\n{fault}\n")
    except KeyboardInterrupt:
        sys.exit(130)
