"""The authorization server as the demo starts it: its environment, preparation and command."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from deploy.demo import credentials
from deploy.demo.folders import Demo
from deploy.local import authorization_server
from deploy.local.preparation import preparation

COMMAND = authorization_server.command(authorization_server.WITH_TLS)


def environment(demo: Demo) -> dict[str, str]:
    """Return what the server is told; nothing of its settings leaks in from the caller's shell."""
    addresses = demo.addresses
    variables = authorization_server.environment(
        os.environ,
        addresses,
        database_url=f"sqlite:///{demo.database}",
        secret=credentials.kept_in(demo.secrets_json),
        root=demo.root_pem,
    )
    tls = authorization_server.with_tls(
        addresses,
        certificate=demo.server_pem,
        key=demo.server_key,
        bind_host=addresses.bind_host,
    )
    return {
        **variables,
        **tls,
        "AUTHSERVER_DEMO": "1",
        "AUTHSERVER_STATIC_ROOT": str(demo.folder / "static"),
        "AUTHSERVER_ALLOWED_HOSTS": ",".join({addresses.host, "localhost", "127.0.0.1"}),
        "AUTHSERVER_SERVER_CA_FILE": str(demo.root_pem),
    }


def prepared(
    demo: Demo, environ: Mapping[str, str]
) -> AbstractContextManager[Callable[[str], None]]:
    """Bring the database up to date (prepare.py); see ``preparation`` for what this yields."""
    command = [sys.executable, "-m", "deploy.demo.prepare", str(demo.sandbox_json)]
    return preparation(command, environ=environ, log=demo.log / "prepare.log")
