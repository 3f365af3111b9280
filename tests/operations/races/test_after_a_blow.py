"""What was used or stopped stays so, whatever happens to the processes that saw it."""

import hashlib

import httpx
import pytest
from django.db import connection

from authserver.replay.models import UsedProof
from tests.support.live_server import NO_TLS
from tests.support.tpp import ASSERTION_TYPE, VALID_REQUEST

case = pytest.mark.case
requirement = pytest.mark.requirement

BLOWS = ("kill_workers", "reload", "restart")


def send(server, path, assertion, **form):
    authentication = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    with httpx.Client(base_url=server.url, timeout=30, verify=NO_TLS) as http:
        return server.post(http, path, form | authentication)


@case("CA-45", "TK-19")
@requirement("RFC7523-3")
@pytest.mark.parametrize(("number", "blow"), list(enumerate(BLOWS)), ids=BLOWS)
def test_what_is_over_stays_over(server, number, blow):
    prepared = server.kit["blows"][number]
    stopped, living = prepared["stopped"], prepared["living"]
    fresh = iter(server.assertions())

    def refresh(token):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return send(server, "/token", next(fresh), **form)

    used = next(fresh)
    assert send(server, "/par", used, **VALID_REQUEST).status_code == 201
    assert refresh(stopped).status_code == 200
    revoked = send(server, "/revoke", next(fresh), token=stopped)
    assert revoked.status_code == 200
    before = server.workers()

    getattr(server, blow)()

    assert not server.workers() & before
    replay = send(server, "/par", used, **VALID_REQUEST)
    assert (replay.status_code, replay.json()["error"]) == (401, "invalid_client")
    elsewhere = send(server, "/token", used, grant_type="client_credentials", scope="accounts")
    assert elsewhere.status_code == 401
    dead = refresh(stopped)
    assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")
    assert refresh(living).status_code == 200
    assert send(server, "/par", next(fresh), **VALID_REQUEST).status_code == 201


@case("CA-45")
def test_a_used_jti_is_kept_as_every_release_keeps_it(tpp):
    """Old and new processes run side by side in a deployment: both must know the same row."""
    assert tpp.push(assertion={"jti": "the jti"}).status_code == 201

    known = hashlib.sha256(b"client_assertion\x00tpp\x00the jti").hexdigest()
    assert UsedProof.objects.get().digest == known


@case("CA-45")
def test_no_table_is_forgotten_when_the_database_crashes(db):
    """PostgreSQL empties an UNLOGGED table after a crash, and a temporary one is nobody else's."""
    tables = set(connection.introspection.table_names())
    assert UsedProof._meta.db_table in tables
    if connection.vendor != "postgresql":
        return

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relpersistence FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = current_schema()::regnamespace"
        )
        kept = dict(cursor.fetchall())
    assert tables <= set(kept)
    assert set(kept.values()) == {"p"}
