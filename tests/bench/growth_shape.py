"""What the filling is told of a table, and the statement that it makes of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.growth_functions import FIRST, Volume

HAS_TOKENS = "k.state NOT IN ('AwaitingAuthorization', 'Rejected')"
DECIDED = "k.state <> 'AwaitingAuthorization'"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Rows of a table: one for each ``i`` of a series that ``among`` lets pass.

    ``columns`` are SQL expressions of ``k``, which has ``i``, its ``key``, the number ``n`` of the
    consent that it is about (``number``) and, of that, ``client``, ``person``, ``state`` and when
    it was ``made``; and of ``t``, the sample: the first row of the table for which ``like`` is
    true, or each in turn where ``turns`` is set. Columns that are not named are the sample's;
    ``bare`` rows have no sample.
    """

    table: str
    columns: Mapping[str, str]
    first: int = 1
    last: int
    number: str = "i"
    like: str = "true"
    among: str = "true"
    turns: bool = False
    bare: bool = False
    order: str = "id"  # of samples

    @property
    def size(self) -> int:
        return self.last - self.first


def insertion(shape: Shape, volume: Volume, *, there: Sequence[str]) -> str:
    """The statement that fills a table, which has the columns that are there."""
    if unknown := shape.columns.keys() - set(there):
        raise ValueError(f"{shape.table} has no {', '.join(sorted(unknown))}")
    names = [*shape.columns] if shape.bare else there
    listed = ", ".join(f'"{each}"' for each in names)
    chosen = ", ".join(shape.columns.get(each, f't."{each}"') for each in names)
    source = (
        _numbers(shape, volume) if shape.bare else f"{_numbers(shape, volume)} {_sample(shape)}"
    )
    return (
        f"INSERT INTO {shape.table} ({listed}) SELECT {chosen} FROM {source}"  # noqa: S608
        f" WHERE {shape.among}"
    )


def _numbers(shape: Shape, volume: Volume) -> str:
    """``k``, in levels (OFFSET 0): what one level has worked out the next one uses as a value."""
    series = f"generate_series({shape.first}::bigint, {shape.last}::bigint) AS i"
    numbered = f"SELECT i, {shape.number} AS n FROM {series} OFFSET 0"  # noqa: S608
    drawn = (
        "SELECT i, n, pg_temp.client_number(n) AS client,"  # noqa: S608
        " pg_temp.person_number(n) AS person,"
        f" pg_temp.state_of(n) AS state FROM ({numbered}) a OFFSET 0"
    )
    return (
        f"(SELECT i, {FIRST} + i AS key, n, pg_temp.client_key(client) AS client,"  # noqa: S608
        f" pg_temp.person_key(person) AS person, state,"
        f" pg_temp.at(n / {volume.consents}::float8) AS made FROM ({drawn}) b OFFSET 0) k"
    )


def _sample(shape: Shape) -> str:
    rows = f"SELECT * FROM {shape.table} WHERE {shape.like}"  # noqa: S608
    if not shape.turns:
        return f"CROSS JOIN ({rows} ORDER BY {shape.order} LIMIT 1) t"
    numbered = (
        f"SELECT *, row_number() OVER (ORDER BY {shape.order}) - 1 AS turn,"  # noqa: S608
        f" count(*) OVER () AS turns FROM ({rows}) s"
    )
    return f"JOIN ({numbered}) t ON t.turn = k.i % t.turns"
