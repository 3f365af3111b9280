"""The server's WSGI application with a profiler around it: what the bench starts for a profile.

Its clock is CPU of the thread, so that waiting for the database does not count. A call of the
driver's own writes down what was seen since the last one, to the file that its path names.
"""

import cProfile
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from authserver.wsgi import application as product
from tests.bench.side import PROFILES

FOLDER = Path(os.environ["BENCH_FOLDER"])
_profiler = cProfile.Profile(time.thread_time)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    global _profiler
    path = environ["PATH_INFO"]
    if path.startswith(PROFILES):
        _profiler.dump_stats(FOLDER / f"{path.removeprefix(PROFILES)}.profile")
        _profiler = cProfile.Profile(time.thread_time)
        start_response("204 No Content", [])
        return []
    return _profiler.runcall(lambda: list(product(environ, start_response)))
