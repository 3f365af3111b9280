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
from deploy import own_answers
from deploy.embedded_tls import listeners

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
start_safely(behind_a_proxy=False)

_host = os.environ.get("AUTHSERVER_BIND_HOST", "127.0.0.1")
_browsers = int(os.environ.get("AUTHSERVER_BROWSER_PORT", "8443"))
_machines = int(os.environ.get("AUTHSERVER_MACHINE_PORT", "8444"))

wsgi_app = "authserver.wsgi:application"
bind = [f"{_host}:{_browsers}", f"{_host}:{_machines}"]
certfile = os.environ["AUTHSERVER_TLS_CERTIFICATE"]
keyfile = os.environ["AUTHSERVER_TLS_KEY"]

worker_class = "gthread"
workers = int(os.environ.get("AUTHSERVER_WORKERS", "2"))
threads = int(os.environ.get("AUTHSERVER_THREADS", "8"))
os.environ.setdefault("AUTHSERVER_OUTBOUND_AT_ONCE", str(max(2, workers * threads // 4)))
preload_app = True
timeout = 30
graceful_timeout = 30
keepalive = 30
max_requests = 50_000  # a new worker's first answers are slow: not every minute
max_requests_jitter = 5_000
if Path("/dev/shm").is_dir():  # noqa: S108 - a worker's heartbeat must not wait for a disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108

limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
control_socket_disable = True
header_map = "refuse"  # X_Y and X-Y would arrive as one
forwarder_headers = ""  # nobody sets SCRIPT_NAME
forwarded_allow_ips = ""  # nobody stands in front
secure_scheme_headers: dict[str, str] = {}

accesslog = "-"
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'  # the query holds handles: not here
pre_request = own_answers.close_behind_what_is_not_read
own_answers.install()

_listeners = listeners(
    certificate=Path(certfile), key=Path(keyfile), browser_port=_browsers, machine_port=_machines
)


def ssl_context(config: object, default: object) -> object:
    """Called for every connection; all share the contexts that were made before the fork."""
    return _listeners
