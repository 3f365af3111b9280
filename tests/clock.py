"""A clock that a test can move, for the server and for the client's assertions alike."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from django.utils import timezone

REAL_NOW = timezone.now
REAL_TIME = time.time


@contextmanager
def at(**ahead: float) -> Iterator[None]:
    """Move every clock of this process by a timedelta's arguments."""
    by = timedelta(**ahead)

    def now() -> datetime:
        return REAL_NOW() + by

    def seconds() -> float:
        return REAL_TIME() + by.total_seconds()

    with patch("django.utils.timezone.now", now), patch("time.time", seconds):
        yield
