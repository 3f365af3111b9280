"""Rows stored together: all or nothing, in one statement or step by step, either way the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from authserver.audit.events import Event
from authserver.audit.models import AuditEvent
from authserver.audit.trail import entry
from authserver.storage import together
from authserver.storage.together import Changed, Consumed, store_together
from authserver.tokens.models import AuthorizationCode
from authserver.tokens.validity import held_caller, held_person_and_consent
from clients.models import Client
from consents.models import Consent
from tests.support.assertions import nothing_stored

ON_POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture(params=together.WAYS if ON_POSTGRESQL else ["sqlite"])
def way(request, monkeypatch):
    """Store in the way that was made for this database: step by step works on PostgreSQL, too."""
    monkeypatch.setitem(together.WAYS, connection.vendor, together.WAYS[request.param])


@pytest.fixture
def code(tpp, person):
    person.approves(tpp, tpp.push().json()["request_uri"])
    return AuthorizationCode.objects.get()


def events(*names):
    return [
        entry(Event.TOKEN_ISSUED, client_id=name, subject=f"of {name}", grant="code")
        for name in names
    ]


def consumed(code, **changes):
    usual: dict[str, Any] = {"mark": "used_at", "expiry": "expires", "now": timezone.now()}
    return Consumed(code, **(usual | changes))


def stored():
    return list(
        AuditEvent.objects.filter(event=Event.TOKEN_ISSUED).values_list("client_id", flat=True)
    )


def test_every_row_is_stored_as_it_was_made(way, tpp):
    [row] = events("first")
    assert store_together([row, *events("second")], under=[held_caller(tpp.client)])

    kept = AuditEvent.objects.get(client_id="first")
    assert sorted(stored()) == ["first", "second"]
    assert (kept.event, kept.subject, kept.facts) == ("token.issued", "of first", {"grant": "code"})
    assert kept.at == row.at
    assert not row._state.adding


def test_rows_need_no_lock(way, db):
    assert store_together(events("alone"), under=[])

    assert stored() == ["alone"]


@pytest.mark.parametrize("gone", [Client, Consent])
def test_nothing_is_stored_where_one_of_the_locks_finds_nothing(way, tpp, code, gone):
    def locks():
        ids = {"client": tpp.client.pk, "user": code.user_id, "consent": code.consent_id}
        return [held_caller(tpp.client), *held_person_and_consent(**ids, now=timezone.now())]

    gone.objects.update(state="Suspended" if gone is Consent else "suspended")
    with nothing_stored():
        assert not store_together(events("nobody"), under=locks(), consumed=consumed(code))
    code.refresh_from_db()
    assert code.used_at is None

    gone.objects.update(state="Authorized" if gone is Consent else "active")
    assert store_together(events("somebody"), under=locks(), consumed=consumed(code))
    code.refresh_from_db()
    assert code.used_at is not None


@pytest.mark.parametrize("why", ["used", "expired"])
def test_what_is_good_once_gives_once(way, tpp, code, why):
    late = {"now": code.expires + timedelta(seconds=1)}
    once = consumed(code)
    if why == "used":
        assert not once.was_before()
        assert store_together(events("first"), under=[], consumed=once)
        assert once.was_before()

    again = consumed(code, **(late if why == "expired" else {}))
    before = stored()
    assert not store_together(events("second"), under=[held_caller(tpp.client)], consumed=again)

    assert stored() == before


@pytest.mark.parametrize("gone", [True, False])
def test_rows_are_changed_with_what_is_stored_or_not_at_all(way, tpp, person, code, gone):
    late = timezone.now() + timedelta(days=9)
    used = Changed(code, {"used_at": late, "amr": ["pwd"], "user": person.user.pk})
    if gone:
        Client.objects.update(state="suspended")

    is_stored = store_together(events("one"), under=[held_caller(tpp.client)], changed=[used])

    code.refresh_from_db()
    assert is_stored is not gone
    assert (code.used_at, code.amr) == ((None, code.amr) if gone else (late, ["pwd"]))
    assert stored() == ([] if gone else ["one"])


def test_the_key_of_the_first_row_is_known(way, db):
    rows = events("first", "second")

    assert store_together(rows, under=[])

    assert AuditEvent.objects.get(pk=rows[0].pk).client_id == "first"


def test_a_row_that_the_database_refuses_takes_the_others_with_it(way, tpp, code):
    nobodys = AuditEvent(client_id="nobody's")
    vars(nobodys)["event"] = None

    with pytest.raises(DatabaseError), transaction.atomic():
        store_together([*events("beside"), nobodys], under=[], consumed=consumed(code))

    assert stored() == []
    code.refresh_from_db()
    assert code.used_at is None


def test_what_is_too_long_is_not_cut_off(way, db):
    """PostgreSQL refuses it, and SQLite minds no length."""
    try:
        with transaction.atomic():
            store_together(events("x" * 256), under=[])
    except DatabaseError:
        assert stored() == []
    else:
        assert stored() == ["x" * 256]


def test_it_is_one_statement(tpp, code, django_assert_num_queries):
    """With PostgreSQL, and of one text, so that its plan is kept."""
    statements = 1 if ON_POSTGRESQL else 6  # two for the savepoint

    for _ in range(2):
        code.refresh_from_db()
        AuthorizationCode.objects.update(used_at=None)
        with django_assert_num_queries(statements):
            assert store_together(
                events("first", "second"), under=[held_caller(tpp.client)], consumed=consumed(code)
            )
