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
real_requirement = requirements.requirement
switched_off: list[str] = []


def requirement(*ids: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The decorator of the server, which leaves the chosen function out."""
    mark = real_requirement(*ids)

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


requirements.requirement = requirement


def pytest_sessionfinish() -> None:
    assert switched_off, f"nothing was switched off: {PATH}::{NAME}"
