"""JSON from strangers: UTF-8 only, no repeated member, no NaN, bounded depth and size.

Python's own parser keeps the last of two members of one name, detects UTF-16, accepts NaN and
recurses until the interpreter gives up; each of these is a known way to make two readers of the
same bytes see different things.
"""

import json
import math
import re
from typing import Any

MAX_DEPTH = 20
MAX_CHARACTERS = 131_072
LARGEST_INTEGER = 2**53 - 1  # RFC8259-6: beyond it readers disagree

# Possessive, so that a string that never ends is read once and not once from every quote in it.
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
BRACKET = re.compile(r"[\[\]{}]")


class BadJSON(ValueError):
    """Not JSON that we accept. Says which class of fault, never the input."""


def loads(text: str | bytes, *, longest: int = MAX_CHARACTERS) -> Any:
    """Return what the text says, or raise BadJSON.

    Lone surrogates and NUL are refused, since no database and no log can carry them.
    """
    if len(text) > longest:
        raise BadJSON("too long")
    try:
        value = _parsed(text)
    except BadJSON as error:
        fault = str(error)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        fault = type(error).__name__
    else:
        return value
    raise BadJSON(fault)  # outside the handler: a JSONDecodeError carries the whole document


def object_of(text: str | bytes) -> dict[str, Any]:
    """Return the object that the text says, or raise BadJSON."""
    value = loads(text)
    if not isinstance(value, dict):
        raise BadJSON("not an object")
    return value


def _parsed(text: str | bytes) -> Any:
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    else:
        text.encode("utf-8")  # a lone surrogate is a UnicodeEncodeError, a ValueError
    _require_depth(text)
    value = json.loads(
        text,
        object_pairs_hook=_without_repeats,
        parse_constant=_refuse_constant,
        parse_int=_bounded_integer,
        parse_float=_finite_number,
    )
    if "\\u" in text:  # nothing but an escape can still bring NUL or half a surrogate pair
        _require_text(value)
    return value


def _require_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in BRACKET.findall(STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise BadJSON("nested too deep")


def _require_text(document: Any) -> None:
    if isinstance(document, str):
        if "\x00" in document:
            raise BadJSON("NUL in a string")
        document.encode("utf-8")
    elif isinstance(document, dict):
        for name, value in document.items():
            _require_text(name)
            _require_text(value)
    elif isinstance(document, list):
        for value in document:
            _require_text(value)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadJSON("a member is repeated")
    return members


def _refuse_constant(constant: str) -> None:
    raise BadJSON("NaN or Infinity")


def _bounded_integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST_INTEGER:
        raise BadJSON("an integer beyond 2^53")
    return int(digits)


def _finite_number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadJSON("a number beyond every float")
    return number
