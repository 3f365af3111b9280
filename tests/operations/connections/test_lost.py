"""Connections that PostgreSQL ended between two requests: the next one is answered."""

import time
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from authserver.storage.postgresql import pool
from tests.operations.connections.conftest import ON_POSTGRESQL, connection, end_all_connections
from tests.support.tpp import ASSERTION_TYPE

pytestmark = ON_POSTGRESQL
case = pytest.mark.case
committed = pytest.mark.django_db(transaction=True)

CONNECTIONS = 4


@pytest.fixture
def several():
    """As many connections in the pool as a busy server has, all of them idle."""
    taken = [connection.pool.getconn() for _ in range(CONNECTIONS) if not connection.close()]
    for each in taken:
        connection.pool.putconn(each)
    return [each.info.backend_pid for each in taken]


@case("ER-05")
@committed
def test_the_next_request_is_answered(tpp, several):
    assert tpp.push().status_code == 201
    connection.close()

    assert end_all_connections() >= CONNECTIONS
    time.sleep(0.1)
    answers = [(tpp.push().status_code, connection.close()) for _ in range(CONNECTIONS)]

    assert answers == [(201, None)] * CONNECTIONS


@committed
def test_a_lost_connection_is_seen_without_asking(db, several, monkeypatch):
    asked: list[Any] = []

    def ask(idle: Any) -> None:
        asked.append(idle)
        idle.execute("")

    monkeypatch.setattr(ConnectionPool, "check_connection", ask)
    monkeypatch.setattr(pool, "SECONDS_UNASKED", 3600.0)
    kept = connection.pool.getconn()
    connection.pool.putconn(kept)
    assert asked == []

    end_all_connections()
    time.sleep(0.1)
    alive = connection.pool.getconn()
    connection.pool.putconn(alive)

    assert len(asked) >= 1
    assert alive.info.backend_pid not in several


@committed
def test_a_connection_that_lay_idle_is_asked(db, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(ConnectionPool, "check_connection", asked.append)
    monkeypatch.setattr(pool, "SECONDS_UNASKED", 3600.0)
    connection.pool.putconn(connection.pool.getconn())
    assert asked == []

    monkeypatch.setattr(pool, "SECONDS_UNASKED", 0.0)
    connection.pool.putconn(connection.pool.getconn())

    assert len(asked) == 1


@case("ER-05")
@committed
def test_one_that_is_lost_in_the_middle_is_an_outage(tpp, several):
    """Nothing was sent yet, or something was: the client tries again, and need not know."""
    tpp.http.raise_request_exception = False
    assert tpp.push().status_code == 201

    end_all_connections()  # of a request that has taken its own already
    during = tpp.push()
    connection.close()

    assert (during.status_code, during["Retry-After"]) == (503, "5")
    assert tpp.push().status_code == 201


@case("ER-05")
def test_a_server_goes_on(server):
    """Four processes, several connections each: an answer, or 503 and a time to come back."""
    assertions = iter(server.assertions(60))

    def push(http, racer):
        form = {"client_assertion_type": ASSERTION_TYPE, "grant_type": "client_credentials"}
        form |= {"scope": "accounts", "client_assertion": next(assertions)}
        return server.post(http, "/token", form)

    assert {each.status_code for each in server.race(push)} == {200}

    with psycopg.connect(server.database_url, autocommit=True) as administrator:
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    after = server.race(push)
    later = server.race(push)

    for each in after:
        assert each.status_code == 200 or each.headers["Retry-After"] == "5"
    assert {each.status_code for each in later} == {200}
