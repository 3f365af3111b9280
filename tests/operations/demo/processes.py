"""The demo's processes: their ports, who they are, and how they are ended."""

import contextlib
import signal
import socket
from pathlib import Path

NAMES = ("PORT", "MTLS_PORT", "TPP_PORT", "BANK_PORT")


def free_ports():
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in NAMES]
    found = [str(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return dict(zip(NAMES, found, strict=True))


def heeds_ctrl_c():
    """A suite that was started in the background was told to ignore it, and would pass that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def processes_of(folder):
    """The processes that were told of this folder and are still there."""
    told = f"DEMO_FOLDER={folder}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if told in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes())
    return found
