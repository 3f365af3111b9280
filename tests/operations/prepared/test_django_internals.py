"""What we use of Django that is not documented is there, and does what we take it to do."""

from importlib.metadata import version

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.models import F, Value
from django.http import HttpResponse
from django.test import RequestFactory

from authserver.ecosystems.models import Ecosystem
from authserver.replay.models import UsedProof
from authserver.storage import django_internals as internals
from authserver.tokens.models import AccessToken
from clients.models import Client, Participant
from tests.support.psycopg_insides import let_no_statement_be_taken_apart


def test_it_was_read_in_the_version_that_is_installed():
    """After an update: read what the module says of Django again, then change this number."""
    assert version("django").startswith("5.2.")


def test_a_compiled_query_makes_the_rows_that_the_query_makes(tpp):
    query = (
        Client.objects.select_related("participant__ecosystem")
        .annotate(one=Value(1), other=F("participant__trading_name"))
        .filter(client_id="tpp")
    )
    (usual,) = query

    compiled = internals.compiled(query)
    with connection.cursor() as cursor:
        cursor.execute(compiled.statement, compiled.parameters)
        row = compiled.row(cursor.fetchone(), connection)

    def values(each):
        return {name: each.__dict__[name] for name in each.__dict__ if name != "_state"}

    assert values(row) == values(usual)
    assert (row.one, row.other) == (1, "Tpp")
    assert row._state.fields_cache["participant"] == usual.participant


def test_compiled_values_say_which_tables_they_read_and_by_what_name(tpp):
    query = Client.objects.filter(
        participant__state="active", participant__ecosystem__in=Ecosystem.objects.values("pk")
    ).values_list("pk", "ecosystem__slug")

    compiled = internals.compiled_values(query)
    with connection.cursor() as cursor:
        cursor.execute(compiled.statement, compiled.parameters)
        assert cursor.fetchall() == list(query)

    tables = {model._meta.db_table for model in (Client, Participant, Ecosystem)}
    assert set(compiled.tables) == tables
    assert all(f"{name}." in compiled.statement for name in compiled.tables.values())


def test_a_column_without_a_value_is_told_from_an_empty_one():
    row = AccessToken(signing_key="")

    assert internals.is_left_to_the_database(row.certificate_issuer)
    assert not internals.is_left_to_the_database(row.signing_key)


def test_a_relation_without_a_key_is_refused(openfinance):
    with pytest.raises(ValueError, match="unsaved related object"):
        internals.require_stored_relations(Client(participant=Participant()))


def test_a_row_that_is_marked_is_changed_by_the_next_save(db):
    group = Group.objects.create(name="one")
    again = Group(pk=group.pk, name="two")
    internals.mark_as_stored(again, using="default")

    again.save()

    assert set(Group.objects.values_list("name", flat=True)) & {"one", "two"} == {"two"}


def test_the_block_of_a_test_case_is_no_open_transaction(db):
    assert connection.in_atomic_block
    assert not internals.a_transaction_is_open(connection)
    with transaction.atomic():
        assert internals.a_transaction_is_open(connection)


def test_the_table_of_attempts_has_the_column(db):
    table = str(settings.CACHES["default"]["LOCATION"])
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)

    names = {internals.CACHE_KEY, internals.CACHE_VALUE, internals.CACHE_EXPIRY}
    assert names == {column.name for column in columns}


def test_the_view_around_which_django_puts_a_transaction(db):
    seen = []

    class Watched(admin.ModelAdmin):
        def _changeform_view(self, *arguments):
            seen.append((arguments[1:], len(connection.savepoint_ids)))
            return HttpResponse()

    watched = Watched(Group, admin.site)
    request = RequestFactory().post("/")
    vars(request)["_dont_enforce_csrf_checks"] = True
    depth = len(connection.savepoint_ids)
    arguments = ("1", "", None)

    watched.changeform_view(request, *arguments)
    internals.changeform_outside_a_transaction(watched, request, *arguments)

    assert seen == [(arguments, depth + 1), (arguments, depth)]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_a_pool_is_kept_where_django_closes_it(db):
    assert internals.pools_of_the_process(connection)["default"] is connection.connection._pool
    internals.configure(connection, connection.connection)
    assert connection.connection.info.parameter_status("TimeZone") == "UTC"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_an_indexed_text_has_one_index():
    """Django's own editor makes two."""
    made = []
    for editor in (connection.SchemaEditorClass, DatabaseSchemaEditor):
        with editor(connection, collect_sql=True, atomic=False) as schema:
            schema.create_model(UsedProof)
        made.append(sum("pattern_ops" in each for each in schema.collected_sql))

    assert made == [0, 1]


def test_headers_that_were_prepared_are_added_as_setdefault_does():
    prepared = internals.prepared_headers({"X-Frame-Options": "DENY", "Cache-Control": "no-store"})
    usual, quick = (HttpResponse("{}", headers={"cache-control": "public"}) for _ in range(2))

    internals.add_headers(quick, prepared)

    for name, value in {"X-Frame-Options": "DENY", "Cache-Control": "no-store"}.items():
        usual.headers.setdefault(name, value)
    assert dict(quick.headers) == dict(usual.headers)
    quick["X-Frame-Options"] = "SAMEORIGIN"
    assert prepared["x-frame-options"] == ("X-Frame-Options", "DENY")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_a_long_statement_is_taken_apart_once(db, monkeypatch):
    places = ", ".join(["%s"] * 200)
    statement = f"SELECT {places}, '{'x' * 5_000}'"
    with connection.cursor() as cursor:
        cursor.execute(statement, list(range(200)))
        let_no_statement_be_taken_apart(monkeypatch)
        cursor.execute(statement, list(range(200)))
        assert cursor.fetchone()[199] == 199
