"""The demo's programs as processes: started, watched, and stopped without leaving any behind."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx

GRACE = 10.0  # seconds
READY_WITHIN = 120.0  # seconds


class ProgramFailed(Exception):
    """A program did not start, or ended by itself; the text shows the end of its log."""


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for one demo at a time; what a killed one left running is stopped first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProgramFailed(
                "Another demo is running in this folder. Stop it first (Ctrl-C in its terminal)."
            ) from None
        _stop_left_behind(folder / "pids")
        yield


class Programs:
    """Every program runs in a process group of its own, so that Ctrl-C reaches us alone."""

    def __init__(self, *, log: Path, pids: Path) -> None:
        self._log = log
        self._pids = pids
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        for folder in (log, pids):
            folder.mkdir(parents=True, exist_ok=True)

    def start(
        self, name: str, command: Sequence[str], *, folder: Path, environ: Mapping[str, str]
    ) -> None:
        with self._log_of(name).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - the commands are ours
                command,
                cwd=folder,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running[name] = process
        (self._pids / f"{name}.pid").write_text(f"{process.pid}\n{' '.join(command)}")

    def wait_until_ready(self, name: str, url: str, http: httpx.Client) -> None:
        """Return when the URL answers 200; raise ProgramFailed when it will not."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            self.require_alive()
            with contextlib.suppress(httpx.HTTPError):
                if http.get(url).status_code == httpx.codes.OK:
                    return
            time.sleep(0.1)
        raise ProgramFailed(f"The {name} does not answer at {url}.\n{self._tail(name)}")

    def require_alive(self) -> None:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProgramFailed(
                    f"The {name} ended with code {process.returncode}.\n{self._tail(name)}"
                )

    def stop(self) -> None:
        """Ask every program to end, then insist."""
        for process in self._running.values():
            _signal_group(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for name, process in self._running.items():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
            (self._pids / f"{name}.pid").unlink(missing_ok=True)
        self._running.clear()

    def _log_of(self, name: str) -> Path:
        return self._log / f"{name.lower()}.log"

    def _tail(self, name: str) -> str:
        return f"The end of its log:\n{end_of(self._log_of(name))}"


def end_of(log: Path) -> str:
    """Return the last lines of a log, for a person who has to know why something failed."""
    last = log.read_text(errors="replace").splitlines()[-15:]
    return "\n".join([*(f"  {line}" for line in last), f"  ({log})"])


def _stop_left_behind(pids: Path) -> None:
    """A pid may belong to somebody else by now: only a process with our command is stopped."""
    for file in pids.glob("*.pid"):
        number, _, command = file.read_text().partition("\n")
        pid = int(number)
        if _command_of(pid) == command:
            _signal_group(pid, signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            while _command_of(pid) == command and time.monotonic() < deadline:
                time.sleep(0.1)
            _signal_group(pid, signal.SIGKILL)
        file.unlink()


def _command_of(pid: int) -> str:
    """Return the command line of a process, or nothing where it cannot be seen."""
    recorded = Path(f"/proc/{pid}/cmdline")
    if recorded.exists():
        return recorded.read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
    if not shutil.which("ps"):
        return ""
    listing = subprocess.run(  # noqa: S603
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - wherever it is kept
        capture_output=True,
        text=True,
        check=False,
    )
    return listing.stdout.strip()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
