"""Names for statements that are written by hand: as the models have them, quoted."""

from typing import Any

from django.db import connection, models


def table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def column(model: type[models.Model], field: str) -> str:
    """The column of a field, or of the key ("pk"); FieldDoesNotExist where there is none."""
    known: Any = model._meta.pk if field == "pk" else model._meta.get_field(field)
    return connection.ops.quote_name(known.column)
