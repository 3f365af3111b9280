"""A pytest plugin that switches one check off.

``MUTANT=authserver/protocol/specs/pkce.py::verify`` names it. A function that returns nothing is
replaced by one that accepts everything; one that returns a truth is replaced by one that says yes.
Load it with ``-p tests.mutation.switch_off``, before anything of the server is imported.
"""

import inspect
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from authserver.protocol import requirements

PATH, _, NAME = os.environ["MUTANT"].partition("::")
MARKS = ("requirement", "case")
switched_off: list[str] = []


def leaving_out(marking: Callable[..., Any]) -> Callable[..., Any]:
    """The decorator of the server, which leaves the chosen function out."""

    def decorator(*ids: str) -> Callable[..., Any]:
        mark = marking(*ids)

        def choose(function: Callable[..., Any]) -> Callable[..., Any]:
            source = inspect.unwrap(function).__code__.co_filename
            if not source.endswith(PATH) or function.__qualname__ != NAME:
                return mark(function)
            switched_off.append(function.__qualname__)
            answer = True if function.__annotations__.get("return") in (bool, "bool") else None

            @wraps(function)
            def accepts_everything(*args: Any, **kwargs: Any) -> Any:
                return answer

            return mark(accepts_everything)

        return choose

    return decorator


for each in MARKS:
    setattr(requirements, each, leaving_out(getattr(requirements, each)))


def pytest_sessionfinish() -> None:
    assert switched_off, f"nothing was switched off: {PATH}::{NAME}"
