"""A clock that a test can move, or hold, for the server and for the client's assertions alike."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
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


@contextmanager
def still() -> Iterator[None]:
    """Hold every clock of this process where it is, so that no minute and no day ends meanwhile.

    Each reading is a microsecond later than the one before: what happens later is later.
    """
    begun, read = REAL_TIME(), count(1)

    def seconds() -> float:
        return begun + next(read) / 1_000_000

    def now() -> datetime:
        return datetime.fromtimestamp(seconds(), UTC)

    with patch("django.utils.timezone.now", now), patch("time.time", seconds):
        yield
