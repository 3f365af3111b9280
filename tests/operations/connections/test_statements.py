"""What PostgreSQL is sent for a request: statements that it knows already, and nothing else."""

import psycopg
import pytest
from django.db import OperationalError

from authserver.audit.models import AuditEvent
from tests.operations.connections.conftest import ON_POSTGRESQL, connection, sent_to_postgresql
from tests.operations.faults.conftest import PREPARED
from tests.support.tpp import ThirdParty

pytestmark = ON_POSTGRESQL
committed = pytest.mark.django_db(transaction=True)

HOT = ("push", "client_credentials", "introspect", "userinfo")
WARM = 3  # seen, prepared, used


@pytest.fixture(autouse=True)
def one_connection(db, monkeypatch):
    """A pool that has one, and gives it to one request after the other."""
    options = connection.settings_dict["OPTIONS"]
    connection.close()
    connection.close_pool()
    monkeypatch.setitem(options, "pool", options["pool"] | {"max_size": 1})
    yield
    connection.close()
    connection.close_pool()


def kinds(messages: list[str]) -> set[str]:
    """Of each message that was sent: what it is."""
    return {each.split("\t")[1] for each in messages}


@committed
@pytest.mark.parametrize("door", HOT)
def test_a_statement_that_comes_again_is_not_read_again(
    tpp: ThirdParty, rs, person, tmp_path, door
):
    visit = PREPARED[door](tpp, rs, person)
    for _ in range(WARM):
        assert visit().status_code < 300
        connection.close()  # which hands it back, as the end of a request does

    with sent_to_postgresql(tmp_path) as sent:
        assert visit().status_code < 300
        messages = sent()

    assert {"Bind", "Execute"} <= kinds(messages)
    assert "Parse" not in kinds(messages)


@committed
def test_nothing_is_asked_before_the_first_statement(db, tmp_path):
    connection.ensure_connection()
    connection.close()

    with sent_to_postgresql(tmp_path) as sent:
        connection.close()
        assert not AuditEvent.objects.filter(pk=1).exists()
        messages = sent()

    assert AuditEvent._meta.db_table in messages[0]
    assert "Query" not in kinds(messages)
    assert len([each for each in messages if "Execute" in each]) == 1


@committed
def test_a_refusal_leaves_the_connection_as_it_was(tpp, tmp_path):
    """What is refused is rolled back, and forgets what was prepared: no more than that."""
    assert tpp.push().status_code == 201
    assert tpp.push(redirect_uri="https://evil.example.com/").status_code == 400
    connection.close()

    assert tpp.push().status_code == 201


@committed
def test_a_plan_of_before_a_migration_is_an_outage_of_one_request(db):
    """PostgreSQL refuses it from then on, and only on the connections that have it."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_before (name varchar(10))")
    try:
        for _ in range(WARM):
            names()
        url = connection.get_connection_params()
        with psycopg.connect(
            **{name: url[name] for name in ("dbname", "user", "host", "port") if name in url}
        ) as migration:
            migration.execute("ALTER TABLE of_before ALTER name TYPE varchar(20)")

        with pytest.raises(OperationalError):
            names()
        connection.close()

        assert names() == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE of_before")


def names():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM of_before WHERE name <> %s", ["any"])
        return cursor.fetchall()
