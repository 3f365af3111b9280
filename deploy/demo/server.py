"""The authorization server as the demo starts it: its environment, preparation and command."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from deploy.demo import credentials
from deploy.demo.folders import Demo
from deploy.demo.programs import ProgramFailed

TOP = Path(__file__).resolve().parents[2]
COMMAND = [
    sys.executable,
    "-m",
    "gunicorn",
    "--config",
    "deploy/gunicorn.conf.py",
    "authserver.wsgi:application",
]


def environment(demo: Demo) -> dict[str, str]:
    """Return what the server is told; nothing of its settings leaks in from the caller's shell."""
    stored = credentials.kept_in(demo.secrets_json)
    addresses = demo.addresses
    return {
        **without_settings(os.environ),
        "DJANGO_SETTINGS_MODULE": "authserver.settings",
        "DATABASE_URL": f"sqlite:///{demo.database}",
        "AUTHSERVER_DEMO": "1",
        "AUTHSERVER_STATIC_ROOT": str(demo.folder / "static"),
        "AUTHSERVER_SECRET_KEY": stored["secret_key"],
        "AUTHSERVER_KEY_ENCRYPTION_KEYS": stored["key_encryption_key"],
        "AUTHSERVER_ALLOWED_HOSTS": ",".join({addresses.host, "localhost", "127.0.0.1"}),
        "AUTHSERVER_PUBLIC_BASE": addresses.public_base,
        "AUTHSERVER_MACHINE_BASE": addresses.machine_base,
        "AUTHSERVER_OUTBOUND_ALLOWED_HOSTS": addresses.host,
        "AUTHSERVER_OUTBOUND_CA_FILE": str(demo.root_pem),
        "AUTHSERVER_SERVER_CA_FILE": str(demo.root_pem),
        "AUTHSERVER_TLS_CERTIFICATE": str(demo.server_pem),
        "AUTHSERVER_TLS_KEY": str(demo.server_key),
        "AUTHSERVER_BROWSER_PORT": str(addresses.port),
        "AUTHSERVER_MACHINE_PORT": str(addresses.mtls_port),
        "AUTHSERVER_BIND_HOST": addresses.bind_host,
    }


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("AUTHSERVER_") and name not in ("DATABASE_URL", "PYTHONPATH")
    }


@contextlib.contextmanager
def preparation(demo: Demo, environ: Mapping[str, str]) -> Iterator[Callable[[str], None]]:
    """Bring the database up to date in a process of its own.

    Yields a function that returns when a command (see prepare.py) is done; it raises ProgramFailed
    with the end of what was said when that will not happen.
    """
    path = demo.log / "prepare.log"
    command = [sys.executable, "-m", "deploy.demo.prepare", str(demo.sandbox_json)]
    with path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            cwd=TOP,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def wait_for(name: str) -> None:
        assert process.stdout is not None
        if not any(line == f"done {name}\n" for line in process.stdout):
            last = "\n".join(f"  {line}" for line in path.read_text().splitlines()[-15:])
            raise ProgramFailed(f"The database could not be prepared:\n{last}\n  ({path})")

    with process:
        try:
            yield wait_for
        except BaseException:
            process.terminate()
            raise
