"""The rates of clients, with nothing of them used up and a clock of the test's own."""

from collections.abc import Callable

import pytest

from authserver.endpoints import rate_limit

TABLES = {
    "_due": rate_limit.RATES,
    "_seen": rate_limit.CALLERS,
    "_guessed": rate_limit.RATES,
}


def unused(monkeypatch: pytest.MonkeyPatch, now: Callable[[], float]) -> None:
    """Until the test ends nobody has called before, and it is ``now``, in seconds."""
    monkeypatch.setattr(rate_limit, "monotonic", now)
    for table, slots in TABLES.items():
        monkeypatch.setattr(rate_limit, table, memoryview(bytearray(8 * slots)).cast("d"))
