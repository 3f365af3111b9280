"""A database in which every table that grows has some thousand rows, in a test's transaction."""

from typing import Any

import pytest
from django.db import connection as proxy

from tests.bench import growth_samples as samples
from tests.bench.growth_filling import multiply, prepare, tables_of, who_is_there
from tests.bench.growth_functions import Volume
from tests.bench.seed import seeded

connection: Any = proxy
VOLUME = Volume(scale=0, least=5000)
PEOPLE = ("person-0", "person-1")
LARGE = 400  # rows: what has so many grows
ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")


@pytest.fixture
def filled(db) -> dict[str, int]:
    """The tables that grow, filled, each with its number of rows."""
    seeded(4)
    samples.journeys(PEOPLE)
    with connection.cursor() as cursor:
        driver = connection.connection
        prepare(driver, VOLUME, who_is_there(driver))
        tables = tables_of(VOLUME)
        for shapes in tables.values():
            multiply(driver, shapes, VOLUME)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL random_page_cost = 1")  # a small table is cheaper read as a whole
    return large_tables()


def large_tables() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND reltuples > %s",
            [LARGE],
        )
        return dict(cursor.fetchall())
