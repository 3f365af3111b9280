"""What a change of a row changes, in the form that the trail keeps."""

from collections.abc import Collection

from django.db import models

LONGEST_VALUE = 300  # our choice: the trail says what changed, the row holds the whole of it


def changes_of(row: models.Model, *, secret: Collection[str] = ()) -> dict[str, list[str]]:
    """Return field name -> [stored, wanted] for every field in which the row differs.

    The values of ``secret`` fields are left out. A row that is not stored yet differs in nothing.
    """
    stored = type(row)._default_manager.filter(pk=row.pk).first()
    if stored is None:
        return {}
    return {
        field.name: ["", ""] if field.name in secret else [_text(before), _text(after)]
        for field in row._meta.concrete_fields
        if (before := getattr(stored, field.attname)) != (after := getattr(row, field.attname))
    }


def _text(value: object) -> str:
    return str("" if value is None else value)[:LONGEST_VALUE]
