"""No statement of a journey, of machines or of what runs by the clock reads a table as a whole."""

import re
from collections.abc import Iterator

import pytest

from authserver.accounts.models import User
from authserver.audit.models import AuditEvent
from tests.bench.scans.conftest import ON_POSTGRESQL, connection
from tests.bench.scans.plans import Plans, Read, recorded
from tests.bench.scans.stretches import STRETCHES

pytestmark = ON_POSTGRESQL
MOST = 2000  # rows that one statement may look at: two windows of purge; never nearly all


def too_much(plans: Plans, tables: dict[str, int]) -> Iterator[str]:
    for read in plans.reads:
        if read.table in tables and read.rows > min(MOST, 0.9 * tables[read.table]):
            yield f"{read.rows} rows of {read.table} ({read.index or 'all'}): {read.statement}"


@pytest.mark.parametrize("stretch", STRETCHES)
def test_no_statement_reads_a_table_that_grows(filled, stretch):
    with recorded(connection) as plans:
        STRETCHES[stretch]()

    assert plans.reads
    assert sorted(set(too_much(plans, filled))) == []


def test_one_that_reads_a_whole_table_is_told(filled):
    with recorded(connection) as plans:
        assert not AuditEvent.objects.filter(facts={"no": "such"}).exists()
        assert not User.objects.filter(last_name="nobody").exists()

    told = sorted(too_much(plans, filled))
    assert [re.sub(r"^\d+ rows of (\w+) .*", r"\1", each, flags=re.DOTALL) for each in told] == [
        "accounts_user",
        "audit_auditevent",
    ]


def test_rows_that_a_filter_leaves_out_count():
    reads = [Read(statement="S", table="t", rows=rows, index="i") for rows in (MOST, MOST + 1)]
    plans = Plans(reads=reads, indexes=set())

    assert list(too_much(plans, {"t": 10_000})) == ["2001 rows of t (i): S"]
    assert len(list(too_much(plans, {"t": 1_000}))) == 2
    assert list(too_much(plans, {"other": 1_000})) == []
