"""What a change of a row changes, in the form that the trail keeps: [before, after] by field.

Secrets and keys stand there as digests of what is stored: enough to say that it is another one.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from authserver.protocol.requirements import case

LONGEST_VALUE = 300  # our choice: the trail says what changed, the row holds the whole of it
SECRETS = ("password", "encrypted_", "subject_salt")
KEYS = ("jwk", "pem", "certificate")
NOT_DECIDED = ("last_login",)  # written by a sign-in, which is an event of its own

Changes = dict[str, list[str]]


@case("AD-05")
def changes_of(row: models.Model) -> Changes:
    """Return field name -> [stored, wanted] for every field in which the row differs.

    A row that is not stored yet differs in nothing.
    """
    stored = type(row)._default_manager.filter(pk=row.pk).first()
    if stored is None:
        return {}
    return {
        field.name: pair(field.name, before, after)
        for field in row._meta.concrete_fields
        if field.name not in NOT_DECIDED
        and (before := getattr(stored, field.attname)) != (after := getattr(row, field.attname))
    }


def made(row: models.Model) -> Changes:
    """Field name -> [nothing, stored], of a row that is new."""
    return {name: pair(name, None, value) for name, value in _filled(row)}


def removed(row: models.Model) -> Changes:
    """Field name -> [stored, nothing], of a row that goes."""
    return {name: pair(name, value, None) for name, value in _filled(row)}


def pair(name: str, before: Any, after: Any) -> list[str]:
    """The two values of a field as the trail keeps them."""
    return [_text(name, before), _text(name, after)]


def is_secret(name: str) -> bool:
    return name.startswith(SECRETS)


def _filled(row: models.Model) -> Iterator[tuple[str, Any]]:
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if not field.primary_key and _text(field.name, value):
            yield field.name, value


def _text(name: str, value: Any) -> str:
    """The value, cut where it is long; then its digest says that the rest differs too."""
    if value is None or value in ("", [], {}):
        return ""
    text = value if isinstance(value, str) else json.dumps(value, cls=DjangoJSONEncoder)
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    if is_secret(name) or (isinstance(value, str | dict | list) and _is_a_key(name)):
        return digest
    shown = str(value)
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[:LONGEST_VALUE]} {digest}"


def _is_a_key(name: str) -> bool:
    return not name.endswith(("_uri", "_url")) and any(word in name for word in KEYS)
