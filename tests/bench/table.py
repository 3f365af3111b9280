"""The figures as Markdown: what is printed, and what stands in docs/performance.md."""

import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tests.bench.figures import Figure, Row, spread
from tests.bench.ours import NAME as OURS
from tests.bench.peer import NAME as PEER
from tests.bench.run import Result
from tests.bench.speed import REFERENCE_US

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
OURS_MADE_OF = ("django", "gunicorn", "psycopg", "cryptography")


def written(result: Result, rows: Sequence[Row], *, day: str) -> str:
    """Everything that a run of this day has to say."""
    lanes = sorted({row.lanes for row in rows}, reverse=True)
    parts = [_circumstances(result, day)]
    for number in lanes:
        chosen = [row for row in rows if row.lanes == number]
        word = "connection" if number == 1 else "connections"
        parts.append(f"{number} {word}: CPU in ms per unit, medians of rounds [least-most]")
        parts.append(_cpu_table(chosen, result.statements))
        parts.append(f"{number} {word}: units per second, and ms until an answer")
        parts.append(_time_table(chosen))
    return "\n\n".join(parts)


def _circumstances(result: Result, day: str) -> str:
    made_of = ", ".join(f"{name} {version(name)}" for name in OURS_MADE_OF)
    theirs = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    speeds = [each.speed_us for each in result.measurements]
    typical = sorted(speeds)[len(speeds) // 2]
    plan = result.plan
    counts = ", ".join(f"{count} at C={lanes}" for lanes, count in plan.counts.items())
    return (
        f"Measured on {day}: {plan.rounds} rounds, units of a"
        f" round: {counts}. Ours: Python {platform.python_version()}, {made_of}. Beside it:"
        f" {theirs}. The machine was {typical / REFERENCE_US:.2f} times slower than the one that"
        f" figures are given for, and {spread(speeds):.2f} times slower at some times than at"
        f" others. Memory after the run (RSS of all processes): ours"
        f" {result.resident[OURS]:.0f} MiB, the peer {result.resident[PEER]:.0f} MiB."
    )


def _cpu_table(rows: Sequence[Row], statements: dict[tuple[str, str], float]) -> str:
    head = [
        "operation", "server, ours", "server, peer", "ratio", "database, ours", "database, peer",
        "ratio", "statements, ours", "statements, peer",
    ]  # fmt: skip
    body = [
        [
            row.operation,
            *map(shown, row.server),
            *map(shown, row.database),
            *(f"{statements[row.operation, side]:g}" for side in (OURS, PEER)),
        ]
        for row in rows
    ]
    return table(head, body)


def _time_table(rows: Sequence[Row]) -> str:
    head = [
        "operation", "per second, ours", "peer", "ratio", "p50, ours", "peer", "ratio",
        "p99, ours", "peer", "ratio", "driver, CPU ms",
    ]  # fmt: skip
    body = [
        [
            row.operation,
            *map(_median, row.throughput),
            *map(_median, row.p50),
            *map(_median, row.p99),
            f"{row.driver:.2f}",
        ]
        for row in rows
    ]
    return table(head, body)


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A table of Markdown; the first column is text, the others numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *body])


def shown(figure: Figure | None) -> str:
    """The median with the least and the most of the rounds."""
    if figure is None:
        return "-"
    return f"{figure.median:.2f} [{figure.least:.2f}-{figure.most:.2f}]"


def _median(figure: Figure) -> str:
    return f"{figure.median:.0f}" if figure.median >= 100 else f"{figure.median:.2f}"


def put_in(page: Path, mark: str, text: str) -> None:
    """Write the text between the two comments of that name, in the place of what stood there."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    before = page.read_text(encoding="utf-8")
    if len(between.findall(before)) != 1:
        raise ValueError(f"{page.name} has not one place for {mark}")
    page.write_text(between.sub(lambda _: f"{begin}\n\n{text}\n\n{end}", before), encoding="utf-8")
