"""gunicorn in processes that begin with the libraries imported: that takes longer than to refuse.

    python -m tests.operations.start.loaded

For each line of JSON, [arguments, environment, log], one process: it takes that environment, and
reads settings and everything of ours anew. Answers each line with the exit status; a server that
serves is ended, and has status 0.
"""

import importlib
import json
import os
import runpy
import signal
import sys
import time
from pathlib import Path

LIBRARIES = (
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "cryptography.fernet",
    "cryptography.x509",
    "django.contrib.auth.hashers",
    "django.core.management",
    "django.core.wsgi",
    "django.db.backends.sqlite3",
    "django.db.models",
    "django.forms",
    "django.middleware.csrf",
    "django.template.loader",
    "django.views.generic",
    "httpx",
    "joserfc.jwe",
    "joserfc.jwt",
    "jsonschema",
    "psycopg",
    "structlog",
)
SERVES = "Booting worker"


def main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        arguments, environ, log = json.loads(line)
        child = os.fork()
        if not child:
            begin(arguments, environ, log)
        print(status(child, Path(log)), flush=True)  # noqa: T201


def begin(arguments: list[str], environ: dict[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(sink, stream)
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    sys.exit(0)


def status(child: int, log: Path) -> int:
    for _ in range(1200):
        ended, how = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(how)
        if log.exists() and SERVES in log.read_text():
            break
        time.sleep(0.05)
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    return 0


if __name__ == "__main__":
    main()
