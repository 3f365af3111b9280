"""gunicorn behind nginx, on a UNIX socket that only nginx may open.

Start it in the project's folder, with AUTHSERVER_TRUSTED_PROXY=unix:

    gunicorn --config deploy/gunicorn.nginx.conf.py

AUTHSERVER_SOCKET                        the socket (/run/authserver/authserver.sock)
AUTHSERVER_WORKERS, AUTHSERVER_THREADS   processes (one for each core), threads of each (4)

nginx's user must be in the group of this process: the socket is open to both and to nobody else.
"""

import os
from pathlib import Path

from authserver.start import start_safely
from deploy import own_answers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
start_safely(behind_a_proxy=True)

wsgi_app = "authserver.wsgi:application"
bind = "unix:" + os.environ.get("AUTHSERVER_SOCKET", "/run/authserver/authserver.sock")
umask = 0o117

worker_class = "gthread"
workers = int(os.environ.get("AUTHSERVER_WORKERS", str(os.cpu_count() or 2)))
threads = int(os.environ.get("AUTHSERVER_THREADS", "4"))
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
limit_request_field_size = 16_380  # the escaped certificate of a client is one field
control_socket_disable = True
header_map = "refuse"  # X_Y and X-Y would arrive as one
forwarder_headers = ""  # nobody sets SCRIPT_NAME, nginx neither
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}

accesslog = None  # nginx writes it
pre_request = own_answers.close_behind_what_is_not_read
own_answers.install()
