"""Holding an object to its JSON Schema (draft 2020-12), stricter than the drafts are by default.

A pattern must fit the whole text, formats are checked by functions of our own, an integer is
written as one, and what no schema can say is refused everywhere: characters that change how a text
is shown.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, TypeChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from authserver.protocol.specs.readable_text import is_readable
from consents.types.moments import instant_of

FOLDER = Path(__file__).parent / "schemas"
FORMATS = FormatChecker(formats=())
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def fault_in(detail: Mapping[str, Any], *, schema: str) -> str | None:
    """Say which rule the object breaks, in the schema's own names; None if it breaks none."""
    if (fault := _unfit_for_any_type(detail)) is not None:
        return fault
    broken = next(validator(schema).iter_errors(detail), None)
    if broken is None:
        return None
    return "/".join(map(str, broken.absolute_schema_path))


@cache
def validator(schema: str) -> Validator:
    """The compiled schema of this file in the folder ``schemas``; each is compiled once."""
    document = json.loads((FOLDER / schema).read_text("utf-8"))
    Strict.check_schema(document)
    return cast(Validator, Strict(document, format_checker=FORMATS))


def _whole_pattern(
    validator: Validator, pattern: str, text: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Python's ``$`` also fits before a line feed at the end, and ``search`` fits anywhere."""
    if isinstance(text, str) and not re.fullmatch(pattern, text):
        yield ValidationError("the text does not fit its pattern")


def _is_integer(checker: TypeChecker, value: object) -> bool:
    """2.0 is an integer to JSON Schema, and is no count to whoever reads the token."""
    return isinstance(value, int) and not isinstance(value, bool)


Strict = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _whole_pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def _unfit_for_any_type(value: Any) -> str | None:
    if isinstance(value, str):
        return "a character that is not shown" if value and not is_readable(value) else None
    children: Any = ()
    if isinstance(value, Mapping):
        children = (*value, *value.values())
    elif isinstance(value, list | tuple):
        children = value
    return next((fault for each in children if (fault := _unfit_for_any_type(each))), None)


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(instant_of(value))


@FORMATS.checks("date", raises=ValueError)
def is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(DATE.fullmatch(value) and date.fromisoformat(value))


@FORMATS.checks("uuid")
def is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(UUID.fullmatch(value))


@FORMATS.checks("uri", raises=ValueError)
def is_https_url(value: object) -> bool:
    """Of all URIs, the ones that we would ever call or show: https with a host name."""
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(
        value.isascii()
        and " " not in value
        and parts.scheme == "https"
        and parts.hostname
        and "@" not in parts.netloc
        and (parts.port is None or parts.port > 0)
    )
