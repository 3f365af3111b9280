"""Counting rows inside of another statement, and no further than it matters."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from authserver.storage.prepared import Parameter


class CountUpTo(Subquery):
    """How many rows the QuerySet has, ``limit`` at most: what is beyond is not read."""

    template = "(SELECT count(*) FROM (%(subquery)s LIMIT %%s) AS counted)"
    output_field = IntegerField()

    def __init__(self, queryset: "QuerySet[Any, Any]", *, limit: Parameter) -> None:
        super().__init__(queryset.order_by())
        self.limit = limit

    def as_sql(self, compiler: Any, connection: Any, **how: Any) -> tuple[str, list[Any]]:
        sql, parameters = super().as_sql(compiler, connection, **how)
        return sql, [*parameters, self.limit]
