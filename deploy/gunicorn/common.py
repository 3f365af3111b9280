"""What both configurations of gunicorn set: gunicorn takes the names of a module for settings."""

from pathlib import Path

from deploy.gunicorn import own_answers

wsgi_app = "authserver.wsgi:application"
worker_class = "gthread"
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
control_socket_disable = True
header_map = "refuse"  # X_Y and X-Y would arrive as one
forwarder_headers = ""  # nobody sets SCRIPT_NAME, a proxy neither
pre_request = own_answers.close_behind_what_is_not_read


def outbound_share(workers: int, threads: int) -> str:
    """So many callers may wait for hosts of others at once: a quarter of the server's threads."""
    return str(max(2, workers * threads // 4))
