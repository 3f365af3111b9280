"""What a list of what grows reads of its table: a part, whatever is asked of it.

Every filter, every choice of it, every search, alone and together, from the registry of the site.
Where PostgreSQL is, it says how many rows each statement looked at.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authserver.accounts.models import User
from authserver.audit.admin import RefusalAdmin
from authserver.audit.models import Refusal
from authserver.backoffice import newest
from authserver.backoffice.newest_first import NewestFirst
from authserver.backoffice.searches import exactly
from tests.operators.admin.grown import ROWS, client_of, fill
from tests.support import world
from tests.support.operator import page

ON_POSTGRESQL = connection.vendor == "postgresql"
LIMIT = 60
MOST_READ = ROWS // 3  # of one table by one statement: two of three have the same values
MOST_STATEMENTS = 70
GROWING = {
    model: site_page
    for model, site_page in admin.site._registry.items()
    if isinstance(site_page, NewestFirst)
}


@pytest.fixture(autouse=True)
def few_are_listed(monkeypatch):
    monkeypatch.setattr(newest, "MOST_LISTED", LIMIT)


def filled(model: Any) -> None:
    client = client_of()
    fill(model, client, world.person("mariam", client.ecosystem))
    if ON_POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what is joined, too


def searched_for(site_page: NewestFirst, rows: Any) -> Iterator[tuple[str, str]]:
    """For each search something that it finds: a value of a row, or of what belongs to it."""
    values = [
        str(getattr(each, field.attname))
        for row in (rows[len(rows) // 2 + 1], *rows[:2])
        for each in (row, *belonging_to(row))
        for field in each._meta.fields
    ]
    for search in site_page.searches:
        finds = [value for value in values if value and found_by(search, value, rows)]
        assert finds, f"{search.name}: nothing of a row is found by it"
        yield search.name, finds[0]


def belonging_to(row: Any) -> list[Any]:
    others = [getattr(row, each.name) for each in row._meta.fields if each.is_relation]
    enrolments = getattr(row, "enrolments", None)
    return [*filter(None, others), *(enrolments.all() if enrolments is not None else ())]


def found_by(search: Any, value: str, rows: Any) -> bool:
    condition = search.condition(value)
    return condition is not None and type(rows[0]).objects.filter(condition).exists()


def asked_of(site_page: NewestFirst, rows: Any, response: Any) -> Iterator[str]:
    """What can be asked: alone, each filter with each search, an order, a page, a day."""
    changelist = response.context["cl"]
    filters = [
        str(choice["query_string"])
        for spec in changelist.filter_specs
        for choice in spec.choices(changelist)
        if choice["query_string"]
    ]
    searches = [
        urlencode({"q": value, "by": name}) for name, value in searched_for(site_page, rows)
    ]
    yield from ("?", "?p=2", "?o=1", "?o=-2.3", changelist.older_url)
    yield from filters
    yield from (f"?{search}" for search in searches)
    yield from (f"{each}&{search}" for each in filters for search in searches)


def read_by(statement: str, table: str) -> int:
    """How many rows of the table PostgreSQL looks at, where an index is used if there is one."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL random_page_cost = 1")  # as if all were in memory
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        [(plan,)] = cursor.fetchall()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes_of(plan[0]["Plan"])
        if node.get("Relation Name") == table
    )


def nodes_of(node: Any) -> Iterator[Any]:
    yield node
    for each in node.get("Plans", ()):
        yield from nodes_of(each)


def most_read(operator: Any, model: Any) -> Iterator[tuple[int, str, str]]:
    """For each that is asked, the statement that reads most of the table."""
    address, table = page(model, "changelist"), model._meta.db_table
    rows = list(model._default_manager.order_by("pk")[: ROWS // 2])
    first = operator.get(address)
    for asked in asked_of(GROWING[model], rows, first):
        with CaptureQueriesContext(connection) as sent:
            response = operator.get(f"{address}{asked}")
        assert response.status_code == 200, asked
        assert len(sent) <= MOST_STATEMENTS, [each["sql"] for each in sent][-8:]
        about = [each["sql"] for each in sent if f'FROM "{table}"' in each["sql"]]
        if ON_POSTGRESQL:
            yield max((read_by(each, table), asked, each) for each in about)


@pytest.mark.parametrize("model", GROWING, ids=lambda model: model._meta.label)
def test_whatever_is_asked_a_list_reads_a_part_of_its_table(boss, model):
    filled(model)

    for number, asked, statement in most_read(boss, model):
        assert number <= MOST_READ, f"{asked}\n{statement}"


@pytest.mark.skipif(not ON_POSTGRESQL, reason="needs PostgreSQL")
@pytest.mark.parametrize("without", ["an index for the search", "an index for the filter"])
def test_a_search_or_filter_without_an_index_is_noticed(boss, monkeypatch, without):
    if without == "an index for the search":
        searches = (exactly("description", "description"),)
        monkeypatch.setattr(RefusalAdmin, "searches", searches)
    else:
        monkeypatch.setattr(RefusalAdmin, "list_filter", ("expected",))
        monkeypatch.setattr(RefusalAdmin, "reached_by", ("expected",))
    filled(Refusal)

    assert max(most_read(boss, Refusal))[0] > MOST_READ


def test_choosing_a_person_reads_a_part_of_all(boss, openfinance):
    fill(User, client_of("elsewhere"), boss.user)
    asked = {"app_label": "accounts", "model_name": "enrolment", "field_name": "user"}

    offered = boss.get("/admin/autocomplete/", asked | {"term": "0001"}).json()

    assert offered["results"][0]["text"] == "00019 Farsi"
    assert not offered["pagination"]["more"]
