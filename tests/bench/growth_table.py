"""The figures of a filled database beside an empty one, as Markdown."""

from collections.abc import Sequence

from tests.bench.figures import Figure, Row, spread
from tests.bench.growth_beside import EMPTY
from tests.bench.growth_functions import Volume
from tests.bench.growth_kept import FILLED
from tests.bench.run import Result
from tests.bench.table import shown, table

HEAD = (
    "operation", "server, filled", "server, empty", "ratio", "database, filled",
    "database, empty", "ratio", "p99, filled", "p99, empty", "statements, filled", "empty",
)  # fmt: skip


def written(result: Result, rows: Sequence[Row], volume: Volume, *, day: str) -> str:
    """Everything that a run of this day has to say."""
    return "\n\n".join([_circumstances(result, volume, day), table(HEAD, _body(result, rows))])


def _circumstances(result: Result, volume: Volume, day: str) -> str:
    speeds = [each.speed_us for each in result.measurements]
    counts = ", ".join(f"{count} at C={lanes}" for lanes, count in result.plan.counts.items())
    return (
        f"Measured on {day}: {result.plan.rounds} rounds, units of a round: {counts}; PostgreSQL"
        f" {result.versions['PostgreSQL']}. Filled: {volume.clients:,} clients,"
        f" {volume.people:,} people, {volume.consents:,} consents, {volume(10_000_000):,} rows that"
        f" are over, {volume(20_000_000):,} audit events; the client that is measured has the"
        " largest share of them. The machine was"
        f" {spread(speeds):.2f} times slower at some times than at others. CPU in ms per unit,"
        " medians of rounds [least-most]; times in ms."
    )


def _body(result: Result, rows: Sequence[Row]) -> list[list[str]]:
    return [
        [
            row.operation,
            *map(shown, row.server),
            *map(shown, row.database),
            *(_whole(each) for each in row.p99[:2]),
            *(f"{result.statements[row.operation, side]:g}" for side in (FILLED, EMPTY)),
        ]
        for row in rows
    ]


def _whole(figure: Figure) -> str:
    return f"{figure.median:.0f}"
