"""Texts by how they begin, whichever of their letters are capitals, with an index.

``LIKE 'x%'`` finds an index only where the beginning stands in the statement; ours travel beside
it. PostgreSQL's operators for that compare bytes, whatever the order of the database's language.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import OpClass
from django.db.models import CharField, Index, Lookup, OrderBy
from django.db.models.functions import Collate
from django.db.models.indexes import IndexExpression

if TYPE_CHECKING:
    TextLookup = Lookup[str]
else:
    TextLookup = Lookup

# As the app django.contrib.postgres does, which has nothing else for us.
IndexExpression.register_wrappers(OrderBy, OpClass, Collate)  # type: ignore[arg-type]

LAST = "\U0010ffff"  # comes after every character


class Begins(TextLookup):
    """``<column>__begins=text``; the text is not empty."""

    lookup_name = "begins"
    from_to = ">=", "<"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, values = self.process_lhs(compiler, connection)
        since, before = self.from_to
        sql = f"(UPPER({column}) {since} UPPER(%s) AND UPPER({column}) {before} UPPER(%s))"
        return sql, [*values, self.rhs, *values, f"{self.rhs}{LAST}"]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        self.from_to = "~>=~", "~<~"
        return self.as_sql(compiler, connection)


CharField.register_lookup(Begins)


class IndexOfBeginnings(Index):
    """Of one ``Upper(column)``: for equality too. Django's own index compares as languages do."""

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **how: Any) -> Any:
        if schema_editor.connection.vendor != "postgresql":
            return super().create_sql(model, schema_editor, using, **how)
        [text] = self.expressions
        by_bytes = Index(OpClass(text, name="text_pattern_ops"), name=self.name)
        return by_bytes.create_sql(model, schema_editor, using, **how)
