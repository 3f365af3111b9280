"""How fast one client may push while others are being answered.

A client that is alone may have the whole server. As soon as others that ask for tokens call, what
it sends beyond its rate is told to wait before anything about it is verified, since that is where
the cost lies. Only a proven caller uses up a rate, so nobody can spend another's; to be told to
wait, a claimed name is enough.

A client that shows codes or refresh tokens that nobody gave it has a rate, too. It is turned away
before the next one is looked at, so that being told to wait says nothing about it.

All processes of a server share three tables, in memory that is mapped before they fork and is read
and written without a lock. An update that another process overwrites lets one more request pass.
"""

import mmap
from math import ceil
from time import monotonic

from django.conf import settings

from authserver.protocol.errors import TooManyRequests
from authserver.protocol.requirements import case, requirement
from clients.models import Client

RATES = 65_536  # with 1,000 clients, one in 65 shares its rate with another
CALLERS = 1024
PRESENT = 10.0  # seconds for which a caller counts as one of the others
MINUTE = 60.0
BURST = 5.0  # seconds of its rate that a client may use at once
LONGEST_NAME = 100  # of a name that nobody has proved, in the log
DEBT = 1.0  # seconds for which it waits at most; what is in flight is counted when it is proven

_due = memoryview(mmap.mmap(-1, 8 * RATES)).cast("d")  # when the client will have kept its rate
_seen = memoryview(mmap.mmap(-1, 8 * CALLERS)).cast("d")  # when the client called last
_guessed = memoryview(mmap.mmap(-1, 8 * RATES)).cast("d")  # when it will have kept that rate


@case("PR-33")
@requirement("PAR-2.3")
def throttle_pushes(ecosystem: str, client_id: str) -> None:
    """Raise TooManyRequests if this client is ahead of its rate and not alone."""
    rate = settings.PUSHES_PER_SECOND
    name, now = _name(ecosystem, client_id), monotonic()
    ahead = _due[name % RATES] - now - BURST
    if rate and ahead > 0 and _others_call(name, now):
        raise TooManyRequests(
            "this client pushes faster than its rate while others are being answered",
            retry_after=ceil(ahead),
            expected=f"{rate} a second",
            seen=client_id[:LONGEST_NAME],
        )


def note_call(ecosystem: str, client_id: str) -> None:
    """A proven client is there."""
    _seen[_name(ecosystem, client_id) % CALLERS] = monotonic()


def note_push(ecosystem: str, client_id: str) -> None:
    """A proven client has used one request of its rate (a leaky bucket, kept as one time)."""
    if rate := settings.PUSHES_PER_SECOND:
        slot, now = _name(ecosystem, client_id) % RATES, monotonic()
        _due[slot] = min(max(_due[slot], now) + 1 / rate, now + BURST + DEBT)


@case("PR-33")
@requirement("RFC6749-10.10")
def throttle_guesses(client: Client) -> None:
    """Raise TooManyRequests if this proven client showed too much that nobody gave it."""
    rate = settings.GUESSES_PER_MINUTE
    ahead = _guessed[client.pk % RATES] - monotonic() - MINUTE
    if rate and ahead > 0:
        raise TooManyRequests(
            "this client shows unknown codes or tokens too often",
            retry_after=ceil(ahead),
            expected=f"{rate} a minute",
            seen="more",
        )


def note_guess(client: Client) -> None:
    """A proven client has shown one of them; the slot is its own while there are so many."""
    if rate := settings.GUESSES_PER_MINUTE:
        slot, now = client.pk % RATES, monotonic()
        _guessed[slot] = min(max(_guessed[slot], now) + MINUTE / rate, now + MINUTE + DEBT)


def _name(ecosystem: str, client_id: str) -> int:
    """A number for a client; Python's hash has a secret, so nobody can choose another's."""
    return hash((ecosystem, client_id))


def _others_call(name: int, now: float) -> bool:
    seen = _seen.tolist()
    seen[name % CALLERS] = 0
    return max(seen) > now - PRESENT
