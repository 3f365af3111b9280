"""Multiplying samples into millions of rows, table by table, with indexes made anew behind them."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

from psycopg import Connection, sql

from tests.bench.growth_functions import Known, Volume, functions
from tests.bench.growth_shape import Shape, insertion
from tests.bench.growth_shapes import shapes

Opened = Connection[tuple[Any, ...]]
Tell = Callable[[str], None]
FEW = 10_000  # rows
AT_ONCE = 2  # tables: each keeps a processor busy
QUICKLY = ("session_replication_role = replica", "maintenance_work_mem = '1GB'")


def fill(connect: Callable[[], Opened], volume: Volume, tell: Tell) -> None:
    """Fill a database that has samples; ``connect`` connects a superuser in autocommit.

    Neither triggers nor foreign keys are looked at: the shapes fit together.
    """
    with connect() as connection:
        known = who_is_there(connection)
    # The largest first, so that no processor is left with it at the end.
    tables = sorted(tables_of(volume).values(), key=lambda each: -sum(shape.size for shape in each))

    def work(shapes_of_a_table: Sequence[Shape]) -> None:
        began = time.monotonic()
        with connect() as connection:
            prepare(connection, volume, known)
            rows = multiply(connection, shapes_of_a_table, volume)
            connection.execute(
                sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(shapes_of_a_table[0].table))
            )
        seconds = time.monotonic() - began
        tell(f"{shapes_of_a_table[0].table}: {rows:,} rows in {seconds:.0f} s")

    with ThreadPoolExecutor(AT_ONCE) as workers:
        list(workers.map(work, tables))


def tables_of(volume: Volume) -> dict[str, list[Shape]]:
    """The shapes of each table, together."""
    ordered = sorted(shapes(volume), key=lambda each: each.table)
    return {table: list(each) for table, each in groupby(ordered, key=lambda each: each.table)}


def who_is_there(connection: Opened) -> Known:
    row = connection.execute(
        "SELECT c.id, c.client_id, p.id, p.people FROM clients_client c,"
        " (SELECT min(id) AS id, count(*) AS people FROM accounts_user) p ORDER BY c.id LIMIT 1"
    ).fetchone()
    assert row is not None
    client, client_id, person, people = row
    return Known(client=client, client_id=client_id, person=person, people=people)


def prepare(connection: Opened, volume: Volume, known: Known) -> None:
    """What the statements of a session need."""
    for each in QUICKLY:
        connection.execute(f"SET {each}")
    for function in functions(volume, known):
        connection.execute(function.encode())


def multiply(connection: Opened, of_a_table: Iterable[Shape], volume: Volume) -> int:
    """Insert the rows of a table's shapes, all or none; return how many.

    Few are inserted beside the indexes. For many these are made anew: no use inside a transaction
    that has changed rows, which cannot use such an index.
    """
    chosen = list(of_a_table)
    table = chosen[0].table
    there = columns(connection, table)
    statements = [insertion(each, volume, there=there) for each in chosen]
    with connection.transaction():
        many = sum(each.size for each in chosen) > FEW
        again = without_indexes(connection, table) if many else []
        rows = sum(connection.execute(each.encode()).rowcount for each in statements)
        for statement in again:
            connection.execute(statement.encode())
        set_sequence(connection, table)
    return rows


def columns(connection: Opened, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        [table],
    )
    return [name for (name,) in rows]


def without_indexes(connection: Opened, table: str) -> list[str]:
    """Drop the table's indexes but that of its key; return what makes them again."""
    rows = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid),"
        " quote_ident(c.conname), pg_get_constraintdef(c.oid)"
        " FROM pg_index i LEFT JOIN pg_constraint c"
        " ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype = 'u'"
        " WHERE i.indrelid = %s::regclass AND NOT i.indisprimary",
        [table],
    ).fetchall()
    again = []
    for index, definition, constraint, constrained in rows:
        if constraint:
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}".encode())
            again.append(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {constrained}")
        else:
            connection.execute(f"DROP INDEX {index}".encode())
            again.append(definition)
    return again


def set_sequence(connection: Opened, table: str) -> None:
    """The next key that the database makes comes behind the last one."""
    if "id" not in columns(connection, table):
        return
    found = connection.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table]).fetchone()
    if found and found[0]:
        last = sql.SQL("SELECT max(id) FROM {}").format(sql.Identifier(table))
        connection.execute(sql.SQL("SELECT setval({}, ({}))").format(sql.Literal(found[0]), last))
