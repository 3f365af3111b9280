"""How many callers may wait for the hosts of others, and which hosts are left alone for a while.

Whoever waits for a host holds a thread of the server, and a stranger can make it wait: by naming a
client whose keys lie on a host that hangs. So only a part of a server's threads may wait at once,
half of that for one host, and who finds no place is refused at once. A host that did not answer
several times in a row is not asked for a while; then one caller tries.

All processes of a server share the tables, in memory that is mapped before they fork. A place is
held for as long as its holder can need it and no longer: one that was killed does not keep it.
"""

import fcntl
import mmap
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings

from authserver.outbound.faults import Busy, HostFailed, OutboundError
from authserver.protocol.requirements import case

PLACES = 256  # more than a server has threads that may wait
HOSTS = 1_024  # with a hundred hosts, one in ten shares its health with another
FAILURES = 3  # in a row, our choice
LEFT_ALONE = 30.0  # seconds, our choice: less than a client's own pause after a failure


class Lock:
    """Held by one thread of all processes; the system releases it when its process dies."""

    def __init__(self) -> None:
        self._threads = threading.Lock()
        self._file, path = tempfile.mkstemp()
        os.unlink(path)

    def __enter__(self) -> None:
        self._threads.acquire()
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN)
        self._threads.release()


class Lane:
    """Places for callers that wait, told apart by the host that they wait for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hosts = memoryview(mmap.mmap(-1, 8 * PLACES)).cast("q")
        self._until = memoryview(mmap.mmap(-1, 8 * PLACES)).cast("d")

    def is_full(self, host: str) -> bool:
        """True if a caller for this host would find no place."""
        now = monotonic()
        taken = [place for place in range(_most()) if self._until[place] > now]
        of_host = sum(self._hosts[place] == hash(host) for place in taken)
        return len(taken) == _most() or of_host >= _each()

    @contextmanager
    def place(self, host: str, *, seconds: float) -> Iterator[None]:
        """Hold a place for at most so long; raise Busy if there is none."""
        place, until = self._reserve(host, seconds)
        try:
            yield
        finally:
            with self._lock:
                if self._until[place] == until:
                    self._until[place] = 0.0

    def _reserve(self, host: str, seconds: float) -> tuple[int, float]:
        with self._lock:
            if self.is_full(host):
                raise Busy("others are waiting for that host, or for too many hosts")
            now = monotonic()
            place = next(each for each in range(_most()) if self._until[each] <= now)
            self._hosts[place], self._until[place] = hash(host), now + seconds
            return place, self._until[place]


class Health:
    """Which hosts failed to answer, and until when they are left alone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = memoryview(mmap.mmap(-1, 8 * HOSTS)).cast("q")
        self._until = memoryview(mmap.mmap(-1, 8 * HOSTS)).cast("d")

    def is_left_alone(self, host: str) -> bool:
        return self._until[hash(host) % HOSTS] > monotonic()

    def require_health(self, host: str, *, seconds: float) -> None:
        """Raise Busy if the host is left alone; else, if it failed before, try it alone."""
        entry = hash(host) % HOSTS
        with self._lock:
            if self.is_left_alone(host):
                raise Busy("the host is left alone for a while, since it did not answer")
            if self._failures[entry] >= FAILURES:
                self._until[entry] = monotonic() + seconds

    def note(self, host: str, *, answered: bool) -> None:
        entry = hash(host) % HOSTS
        with self._lock:
            self._failures[entry] = 0 if answered else self._failures[entry] + 1
            failing = self._failures[entry] >= FAILURES
            self._until[entry] = monotonic() + LEFT_ALONE if failing else 0.0


FETCHING, WAITING, HEALTH = Lane(), Lane(), Health()


@contextmanager
@case("JW-10", "JW-22", "JW-23")
def fetching(host: str, *, seconds: float) -> Iterator[None]:
    """Fetch from the host in here, for at most so long; raise Busy if it is not the time for it."""
    with FETCHING.place(host, seconds=seconds + 1):
        HEALTH.require_health(host, seconds=seconds + 1)
        try:
            yield
        except HostFailed:
            HEALTH.note(host, answered=False)
            raise
        except OutboundError:
            HEALTH.note(host, answered=True)  # with something that we do not take
            raise
        HEALTH.note(host, answered=True)


def is_busy(url: str) -> bool:
    """True if a fetch of this URL would be refused now; found in memory alone."""
    host = _host(url)
    return HEALTH.is_left_alone(host) or FETCHING.is_full(host)


def waiting(url: str, *, seconds: float) -> AbstractContextManager[None]:
    """Wait in here, for at most so long, for what another caller fetches; or raise Busy."""
    return WAITING.place(_host(url), seconds=seconds + 1)


def try_again(url: str) -> None:
    """An operator wants the host of this URL to be asked, whatever is known of it."""
    HEALTH.note(_host(url), answered=True)


def _host(url: str) -> str:
    """The host as ``target_of`` names it; of a URL that it would refuse, the URL."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _most() -> int:
    return min(settings.OUTBOUND_AT_ONCE, PLACES)


def _each() -> int:
    return max(1, _most() // 2)
