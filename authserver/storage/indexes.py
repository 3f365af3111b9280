"""Indexes as models declare them."""

from django.db.models import Index, Q


def index_where_not_null(field: str, *, name: str) -> Index:
    """An index of the rows that point somewhere; those that do not cost nothing in it."""
    return Index(fields=[field], condition=Q(**{f"{field}__isnull": False}), name=name)
