"""Few passwords are hashed at once, whatever comes in: hashing is made to be slow and to be large.

All processes of a server share the places: each is an octet of one file, which was opened before
they forked, and is locked while somebody hashes. The system takes the lock back from a process
that dies. A few threads of each process wait for a place, for a moment; everybody else is told to
try again, so that a flood of passwords leaves the threads and the cores to the machines.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import mkstemp
from time import monotonic, sleep

from django.conf import settings

from authserver.protocol.requirements import case
from authserver.web.busy import ServerIsBusy

LONGEST_WAIT = 1.0  # seconds; our choice, some twenty passwords
WAITING = 2  # threads of a process, half of those that it has at least
STEP = 0.01  # seconds between two looks


def _file_without_a_name() -> int:
    descriptor, name = mkstemp()
    os.unlink(name)
    return descriptor


_places = _file_without_a_name()
_taken: set[int] = set()  # by this process: the system does not tell its threads apart
_changing = threading.Lock()
_waiting = threading.BoundedSemaphore(WAITING)
_thread = threading.local()


class LaneIsFull(ServerIsBusy):
    """Nothing was hashed and nothing was decided: try again in a moment."""

    retry_after = 2  # seconds


@contextmanager
@case("LG-21")
def place() -> Iterator[None]:
    """Have a place, or raise LaneIsFull; what is hashed within it has one already."""
    if getattr(_thread, "holds_one", False):
        yield
        return
    number = _lock_a_place()
    _thread.holds_one = True
    try:
        yield
    finally:
        _thread.holds_one = False
        _give_back(number)


def require_room() -> None:
    """Raise LaneIsFull where a thread more would not even wait: before it costs anything."""
    if not _waiting.acquire(blocking=False):
        raise LaneIsFull
    _waiting.release()


def _lock_a_place() -> int:
    number = _free_one()
    if number is not None:
        return number
    if not _waiting.acquire(blocking=False):
        raise LaneIsFull
    try:
        return _wait_for_one()
    finally:
        _waiting.release()


def _wait_for_one() -> int:
    end = monotonic() + LONGEST_WAIT
    while monotonic() < end:
        sleep(STEP)
        number = _free_one()
        if number is not None:
            return number
    raise LaneIsFull


def _free_one() -> int | None:
    with _changing:
        for number in range(settings.PASSWORDS_AT_ONCE):
            if number not in _taken and _locked(number):
                _taken.add(number)
                return number
    return None


def _locked(number: int) -> bool:
    try:
        fcntl.lockf(_places, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError:
        return False
    return True


def _give_back(number: int) -> None:
    with _changing:
        _taken.discard(number)
        fcntl.lockf(_places, fcntl.LOCK_UN, 1, number)
