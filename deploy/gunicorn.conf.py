"""gunicorn with TLS of its own, without a proxy: for a first try and for small installations.

It does not defend itself against floods of connections; put nginx in front for that (see
``gunicorn.nginx.conf.py``). Start it in the project's folder, with no TRUSTED_PROXY set:

    gunicorn --config deploy/gunicorn.conf.py

AUTHSERVER_TLS_CERTIFICATE, AUTHSERVER_TLS_KEY   PEM files: the chain, the private key
AUTHSERVER_BIND_HOST                             address to listen on (127.0.0.1)
AUTHSERVER_BROWSER_PORT                          never asks for a certificate (8443)
AUTHSERVER_MACHINE_PORT                          asks for one without requiring it (8444)
AUTHSERVER_WORKERS, AUTHSERVER_THREADS           processes (2), threads of each (8)

SIGHUP loads certificate, key and the ecosystems' CAs anew.
"""

import os
from pathlib import Path

from authserver.start import start_safely
from deploy.gunicorn import own_answers
from deploy.gunicorn.common import *  # noqa: F403 - gunicorn reads the names of this module
from deploy.gunicorn.common import outbound_share
from deploy.gunicorn.embedded_tls import listeners

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
start_safely(behind_a_proxy=False)

_host = os.environ.get("AUTHSERVER_BIND_HOST", "127.0.0.1")
_browsers = int(os.environ.get("AUTHSERVER_BROWSER_PORT", "8443"))
_machines = int(os.environ.get("AUTHSERVER_MACHINE_PORT", "8444"))

bind = [f"{_host}:{_browsers}", f"{_host}:{_machines}"]
certfile = os.environ["AUTHSERVER_TLS_CERTIFICATE"]
keyfile = os.environ["AUTHSERVER_TLS_KEY"]

workers = int(os.environ.get("AUTHSERVER_WORKERS", "2"))
threads = int(os.environ.get("AUTHSERVER_THREADS", "8"))
os.environ.setdefault("AUTHSERVER_OUTBOUND_AT_ONCE", outbound_share(workers, threads))

limit_request_field_size = 8190
forwarded_allow_ips = ""  # nobody stands in front
secure_scheme_headers: dict[str, str] = {}
accesslog = "-"
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'  # the query holds handles: not here

own_answers.install()
_listeners = listeners(
    certificate=Path(certfile), key=Path(keyfile), browser_port=_browsers, machine_port=_machines
)


def ssl_context(config: object, default: object) -> object:
    """Called for every connection; all share the contexts that were made before the fork."""
    return _listeners
