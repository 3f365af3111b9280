"""The functions of the server that are marked, and how to make one fail."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FunctionType
from typing import Any

import authserver.urls  # noqa: F401 - so that every function of a request is there
from authserver.protocol.requirements import case

MARKED = case("ER-08")(lambda: None).__code__


class Unexpected(ValueError, KeyError, TypeError):
    """What no check raises by design, in the kinds that somebody might catch by mistake."""


# Every function that ``requirement`` or ``case`` has wrapped, wherever it is bound. Found while
# this module is imported: what is frozen after the collection is no longer listed.
MARKS: list[FunctionType] = [
    each for each in gc.get_objects() if type(each) is FunctionType and each.__code__ is MARKED
]


def name_of(check: Any) -> str:
    return f"{check.__module__}.{check.__qualname__}"


@contextmanager
def replaced(check: Any, change: Callable[[Any], Any]) -> Iterator[None]:
    """Let the marked function be another one; whoever imported it sees it."""
    cell = check.__closure__[MARKED.co_freevars.index("function")]
    real = cell.cell_contents
    cell.cell_contents = change(real)
    try:
        yield
    finally:
        cell.cell_contents = real


@contextmanager
def failing(check: Any) -> Iterator[None]:
    """The function raises something unexpected instead of doing anything."""

    def fails(*args: Any, **kwargs: Any) -> Any:
        raise Unexpected(name_of(check))

    with replaced(check, lambda real: fails):
        yield


@contextmanager
def failing_afterwards(check: Any) -> Iterator[None]:
    """The function does all that it does, and then raises instead of returning."""

    def failing_late(real: Any) -> Callable[..., Any]:
        def fails(*args: Any, **kwargs: Any) -> Any:
            real(*args, **kwargs)
            raise Unexpected(name_of(check))

        return fails

    with replaced(check, failing_late):
        yield


@contextmanager
def noted() -> Iterator[list[Any]]:
    """The marked functions that are called in here, in the order of their first calls."""
    called: list[Any] = []

    def note(check: Any) -> Callable[[Any], Any]:
        def wrap(real: Any) -> Any:
            def noting(*args: Any, **kwargs: Any) -> Any:
                if check not in called:
                    called.append(check)
                return real(*args, **kwargs)

            return noting

        return wrap

    with ExitStack() as stack:
        for check in MARKS:
            stack.enter_context(replaced(check, note(check)))
        yield called
