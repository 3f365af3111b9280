"""Loading what a process keeps for good."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Let the garbage collector pass by what is loaded inside, now and later.

    It is more than a hundred thousand objects: looking through them takes a tenth of a second each
    time, while requests wait. Processes that are forked afterwards go on sharing their memory.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def load_django() -> None:
    """Set Django up in a program of its own; does nothing where it is set up already."""
    import django

    with loading():
        django.setup()


def leave_no_connection() -> None:
    """Close what this process has opened to the database: processes that are forked share none."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
