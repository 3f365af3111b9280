"""What PostgreSQL did for the statements of some code, as its module auto_explain tells it.

The plan that was used is told, also that of a statement which a foreign key makes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

SETTINGS = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "auto_explain.log_nested_statements": "on",
    "client_min_messages": "log",
    # Of tables that are small it is quick to read all: what is asked here is whether there is
    # another way.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
BEGINS = "plan:\n"


@dataclass(frozen=True, kw_only=True)
class Read:
    """So many rows of a table that a statement looked at, those that it then left out included."""

    statement: str
    table: str
    rows: int
    index: str


@dataclass(frozen=True, kw_only=True)
class Plans:
    """What was read, and the indexes that were used, which is known when the stretch has ended."""

    reads: list[Read]
    indexes: set[str]


@contextmanager
def recorded(connection: Any) -> Iterator[Plans]:
    plans = Plans(reads=[], indexes=set())
    told: list[str] = []

    def note(message: Any) -> None:
        """Keeps it: what is raised in here, nobody hears of."""
        told.append(str(message.message_primary))

    driver = connection.connection
    with connection.cursor() as cursor:
        cursor.execute("LOAD 'auto_explain'")
        for name, value in SETTINGS.items():
            cursor.execute(f"SET {name} = {value}")
    driver.add_notice_handler(note)
    try:
        yield plans
    finally:
        with connection.cursor() as cursor:  # what was sent last is told at what comes next
            for name in SETTINGS:
                cursor.execute(f"RESET {name}")
        driver.remove_notice_handler(note)
    for text in told:
        _, _, explained = text.partition(BEGINS)
        if explained:
            whole = json.loads(explained)
            for node in nodes(whole["Plan"]):
                add(plans, node, statement=whole["Query Text"])


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def add(plans: Plans, node: dict[str, Any], *, statement: str) -> None:
    if index := node.get("Index Name", ""):
        plans.indexes.add(index)
    table = node.get("Relation Name", "")
    if table and "Scan" in node["Node Type"]:
        looked_at = sum(
            node.get(each, 0)
            for each in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        )
        rows = round(looked_at * node["Actual Loops"])
        plans.reads.append(Read(statement=statement, table=table, rows=rows, index=index))
