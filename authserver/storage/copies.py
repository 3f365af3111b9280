"""What a process keeps of what it read: bounded, shared by its threads."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Copies(Generic[Key, Value]):
    """Values by their keys; the ones used longest ago go when there are more than ``limit``."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def keep(self, key: Key, value: Value) -> Value:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._limit:
                self._values.popitem(last=False)
        return value

    def forget(self, key: Key) -> None:
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


PARTS = "_kept_with_it"


def mark_as_kept(row: Any) -> None:
    """From now on ``kept_with`` keeps with this copy of a row what belongs to it."""
    setattr(row, PARTS, {})


def kept_with(row: Any, name: str, read: Callable[[], Value]) -> Value:
    """What ``read`` gives: once for a copy that is kept, anew each time for any other row.

    What belongs to a row changes its version (see ``versions``). So what is read after the copy
    is what it had then, or the copy is found to be old before anything is given on its word.
    """
    parts = getattr(row, PARTS, None)
    if parts is None:
        return read()
    if name not in parts:
        parts[name] = read()
    value: Value = parts[name]
    return value
