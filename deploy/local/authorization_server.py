"""The authorization server on one machine: what it is told, and how it is started."""

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.addresses import TwoListeners

TOP = Path(__file__).resolve().parents[2]
WITH_TLS = "deploy/gunicorn.conf.py"
BEHIND_NGINX = "deploy/gunicorn.nginx.conf.py"


def command(configuration: str) -> list[str]:
    """How to start it, in ``TOP``, with one of the deployment's configurations of gunicorn."""
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", configuration]
    return [*gunicorn, "authserver.wsgi:application"]


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of a shell without those that a server reads."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("AUTHSERVER_") and name not in ("DATABASE_URL", "PYTHONPATH")
    }


def environment(
    environ: Mapping[str, str],
    listeners: TwoListeners,
    *,
    database_url: str,
    secret: Mapping[str, str],
    root: Path,
) -> dict[str, str]:
    """Return what every server is told; nothing of its settings leaks in from ``environ``.

    ``secret`` has the members of ``secret_values``; ``root`` is the CA that signed its neighbours.
    """
    return {
        **without_settings(environ),
        "DJANGO_SETTINGS_MODULE": "authserver.settings",
        "DATABASE_URL": database_url,
        "AUTHSERVER_SECRET_KEY": secret["secret_key"],
        "AUTHSERVER_KEY_ENCRYPTION_KEYS": secret["key_encryption_key"],
        "AUTHSERVER_ALLOWED_HOSTS": listeners.host,
        "AUTHSERVER_PUBLIC_BASE": listeners.public_base,
        "AUTHSERVER_MACHINE_BASE": listeners.machine_base,
        "AUTHSERVER_OUTBOUND_ALLOWED_HOSTS": listeners.host,
        "AUTHSERVER_OUTBOUND_CA_FILE": str(root),
    }


def with_tls(
    listeners: TwoListeners, *, certificate: Path, key: Path, bind_host: str
) -> dict[str, str]:
    """Return what it is told beside that where TLS ends in gunicorn."""
    return {
        "AUTHSERVER_TLS_CERTIFICATE": str(certificate),
        "AUTHSERVER_TLS_KEY": str(key),
        "AUTHSERVER_BROWSER_PORT": str(listeners.port),
        "AUTHSERVER_MACHINE_PORT": str(listeners.mtls_port),
        "AUTHSERVER_BIND_HOST": bind_host,
    }
