"""The authorization server as the kit starts it: where it listens, what it is told, its front."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from deploy.conformance.material import Material
from deploy.conformance.plans import EMBEDDED, NGINX
from deploy.local import authorization_server, nginx
from deploy.local.addresses import TwoListeners
from deploy.local.authorization_server import BEHIND_NGINX, WITH_TLS

FOR_OTHER_NAMES = re.compile(
    r"^server \{\n(?:(?: .*)?\n)*? +ssl_reject_handshake on;\n(?:(?: .*)?\n)*?\}\n", re.MULTILINE
)
FIRST_PORT = {EMBEDDED: 18443, NGINX: 19443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(TwoListeners):
    """Where our side listens, ``resource_port`` being that of the kit's resource.

    ``front`` ends TLS: gunicorn itself, or the deployment's nginx.
    """

    front: str
    resource_port: int

    @classmethod
    def read(cls, environ: Mapping[str, str], *, front: str) -> Self:
        """Read HOST, PORT, MTLS_PORT and RESOURCE_PORT; ValueError for a port that is none."""
        first = FIRST_PORT[front]
        return cls(
            front=front,
            host=environ.get("HOST") or "localhost",
            port=int(environ.get("PORT") or first),
            mtls_port=int(environ.get("MTLS_PORT") or first + 1),
            resource_port=int(environ.get("RESOURCE_PORT") or first + 2),
        )

    @property
    def resource(self) -> str:
        return self.base_of(self.resource_port)

    @property
    def command(self) -> list[str]:
        """How to start the server."""
        return authorization_server.command(BEHIND_NGINX if self.front == NGINX else WITH_TLS)


def environment(place: Place, material: Material) -> dict[str, str]:
    """Return what the server is told; DATABASE_URL may be the caller's own."""
    folder = material.folder
    variables = authorization_server.environment(
        os.environ,
        place,
        database_url=os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'db.sqlite3'}",
        secret=material.secret,
        root=material.root_pem,
    ) | {"AUTHSERVER_SIGN_INS_PER_MINUTE": "1000"}  # every module's browser comes from here
    if place.front == NGINX:
        return variables | {
            "AUTHSERVER_TRUSTED_PROXY": "unix",
            "AUTHSERVER_SOCKET": str(folder / "nginx" / "authserver.sock"),
        }
    return variables | authorization_server.with_tls(
        place,
        certificate=material.server_pem,
        key=material.server_key,
        bind_host="127.0.0.1",
    )


def nginx_command(place: Place, material: Material) -> list[str]:
    """Write the deployment's nginx files with our ports and paths; return how to start it."""
    home = material.folder / "nginx"
    home.mkdir(exist_ok=True)
    replaced = {
        "listen 443 ssl": f"listen 127.0.0.1:{place.port} ssl",
        "listen 8444 ssl": f"listen 127.0.0.1:{place.mtls_port} ssl",
        "listen 80 ": f"listen unix:{home / 'plain.sock'} ",
        "mtls.as.example.com": place.host,
        "as.example.com": place.host,
        "/etc/authserver/tls/": f"{material.server_pem.parent}/",
        "/etc/nginx/": f"{home}/",
        "/var/log/nginx/": f"{home}/",
        "/var/cache/authserver": f"{home / 'documents'}",
        "/run/authserver/": f"{home}/",
    }
    (home / "plain.sock").unlink(missing_ok=True)

    def changed(text: str) -> str:
        lines = text.splitlines(keepends=True)
        site = "".join(line for line in lines if "listen [" not in line)  # ours is called by IPv4
        for theirs, ours in replaced.items():
            site = site.replace(theirs, ours)
        if "." not in place.host:  # Java names no server whose name has no dot
            site = FOR_OTHER_NAMES.sub("", site)
        return site

    return nginx.command(home, changed)
