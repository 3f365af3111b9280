"""The authorization server as the kit starts it: where it listens, what it is told, its front."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from deploy.conformance.material import TOP, Material
from deploy.conformance.plans import EMBEDDED, NGINX
from deploy.demo import server

FOR_OTHER_NAMES = re.compile(
    r"^server \{\n(?:(?: .*)?\n)*? +ssl_reject_handshake on;\n(?:(?: .*)?\n)*?\}\n", re.MULTILINE
)
FIRST_PORT = {EMBEDDED: 18443, NGINX: 19443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where our side listens; ``front`` ends TLS: gunicorn itself, or the deployment's nginx.

    ``port`` is for browsers, ``mtls_port`` for machines, ``resource_port`` for the kit's resource.
    """

    front: str
    host: str
    port: int
    mtls_port: int
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
    def public_base(self) -> str:
        return f"https://{self.host}:{self.port}"

    @property
    def machine_base(self) -> str:
        return f"https://{self.host}:{self.mtls_port}"

    @property
    def resource(self) -> str:
        return f"https://{self.host}:{self.resource_port}"

    @property
    def command(self) -> list[str]:
        """How to start the server."""
        configuration = "gunicorn.nginx.conf.py" if self.front == NGINX else "gunicorn.conf.py"
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", f"deploy/{configuration}"]
        return [*gunicorn, "authserver.wsgi:application"]


def environment(place: Place, material: Material) -> dict[str, str]:
    """Return what the server is told; DATABASE_URL may be the caller's own."""
    folder = material.folder
    variables = {
        **server.without_settings(os.environ),
        "DJANGO_SETTINGS_MODULE": "authserver.settings",
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'db.sqlite3'}",
        "AUTHSERVER_SECRET_KEY": material.secret["secret_key"],
        "AUTHSERVER_KEY_ENCRYPTION_KEYS": material.secret["key_encryption_key"],
        "AUTHSERVER_ALLOWED_HOSTS": place.host,
        "AUTHSERVER_PUBLIC_BASE": place.public_base,
        "AUTHSERVER_MACHINE_BASE": place.machine_base,
        "AUTHSERVER_OUTBOUND_ALLOWED_HOSTS": place.host,
        "AUTHSERVER_SIGN_INS_PER_MINUTE": "1000",  # every module's browser comes from here
        "AUTHSERVER_OUTBOUND_CA_FILE": str(material.root_pem),
    }
    if place.front == NGINX:
        return variables | {
            "AUTHSERVER_TRUSTED_PROXY": "unix",
            "AUTHSERVER_SOCKET": str(folder / "nginx" / "authserver.sock"),
        }
    return variables | {
        "AUTHSERVER_TLS_CERTIFICATE": str(material.server_pem),
        "AUTHSERVER_TLS_KEY": str(material.server_key),
        "AUTHSERVER_BROWSER_PORT": str(place.port),
        "AUTHSERVER_MACHINE_PORT": str(place.mtls_port),
        "AUTHSERVER_BIND_HOST": "127.0.0.1",
    }


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
        "/run/authserver/": f"{home}/",
    }
    for deployed in (TOP / "deploy" / "nginx").glob("*.conf"):
        lines = deployed.read_text().splitlines(keepends=True)
        site = "".join(line for line in lines if "listen [" not in line)  # ours is called by IPv4
        for theirs, ours in replaced.items():
            site = site.replace(theirs, ours)
        if "." not in place.host:  # Java names no server whose name has no dot
            site = FOR_OTHER_NAMES.sub("", site)
        (home / deployed.name).write_text(site)
    (home / "plain.sock").unlink(missing_ok=True)
    temporary_folders = "".join(
        f"{name}_temp_path {home / name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""  # the socket is open to our group alone
    (home / "nginx.conf").write_text(
        f"{user}daemon off;\npid {home / 'pid'};\nerror_log {home / 'main.log'};\nevents {{}}\n"
        f"http {{\n{temporary_folders}include {home / 'authserver.conf'};\n}}\n"
    )
    return ["nginx", "-c", str(home / "nginx.conf"), "-p", str(home)]
