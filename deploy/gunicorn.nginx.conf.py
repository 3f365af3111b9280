"""gunicorn behind nginx, on a UNIX socket that only nginx may open.

Start it in the project's folder, with AUTHSERVER_TRUSTED_PROXY=unix:

    gunicorn --config deploy/gunicorn.nginx.conf.py

AUTHSERVER_SOCKET                        the socket (/run/authserver/authserver.sock)
AUTHSERVER_WORKERS, AUTHSERVER_THREADS   processes (one for each core), threads of each (4)

nginx's user must be in the group of this process: the socket is open to both and to nobody else.
"""

import os

from authserver.start import start_safely
from deploy.gunicorn import own_answers
from deploy.gunicorn.common import *  # noqa: F403 - gunicorn reads the names of this module
from deploy.gunicorn.common import outbound_share

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
start_safely(behind_a_proxy=True)

bind = "unix:" + os.environ.get("AUTHSERVER_SOCKET", "/run/authserver/authserver.sock")
umask = 0o117

workers = int(os.environ.get("AUTHSERVER_WORKERS", str(os.cpu_count() or 2)))
threads = int(os.environ.get("AUTHSERVER_THREADS", "4"))
os.environ.setdefault("AUTHSERVER_OUTBOUND_AT_ONCE", outbound_share(workers, threads))

limit_request_field_size = 16_380  # the escaped certificate of a client is one field
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}
accesslog = None  # nginx writes it

own_answers.install()
