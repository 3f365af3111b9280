"""A process makes a document once, and anew as soon as it has changed what it is made of."""

from functools import partial
from time import monotonic

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from authserver.ecosystems import actions as ecosystems
from authserver.ecosystems.models import Ecosystem
from authserver.keys import actions as keys
from authserver.keys.models import SigningKey
from authserver.storage import kept
from tests.operations.documents.conftest import PATHS
from tests.support import world

case = pytest.mark.case
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def without_a_clock(monkeypatch):
    """No second passes, however slow the machine is."""
    monkeypatch.setattr(kept, "monotonic", lambda: 1000.0)


def kids(client):
    return [key["kid"] for key in client.get("/openfinance/jwks").json()["keys"]]


# One test for all of them: to empty the tables after each takes longer than all that it does.
@case("DS-08")
@committed
def test_a_document_that_is_kept_costs_no_statement(client, published, without_a_clock):
    for path in PATHS.values():
        first = client.get(path)

        with CaptureQueriesContext(connection) as asked:
            again = client.get(path)

        assert (again.status_code, again.content) == (200, first.content), path
        assert [each["sql"] for each in asked] == [], path


@committed
def test_after_a_second_it_is_asked_for_again(client, published, monkeypatch):
    assert kept.SECONDS <= 1
    for seconds, path in enumerate(PATHS.values(), start=1):
        client.get(path)
        later = monotonic() + seconds * kept.SECONDS
        monkeypatch.setattr(kept, "monotonic", lambda later=later: later)

        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200, path
        assert len(asked) >= 1, path


@case("DS-08")
@committed
def test_a_key_that_is_withdrawn_is_gone_at_once(client, openfinance, without_a_clock):
    key = SigningKey.objects.filter(ecosystem=openfinance)[0]
    assert key.kid in kids(client)

    keys.withdraw(key, by="clerk")

    assert key.kid not in kids(client)


@committed
def test_a_new_key_is_published_at_once(client, openfinance, without_a_clock):
    before = kids(client)

    made = keys.create(openfinance, algorithm="ES256", by="clerk")

    assert set(kids(client)) == {*before, made.kid}


@committed
def test_an_ecosystem_that_is_switched_off_has_no_documents(client, published, without_a_clock):
    def statuses():
        return {client.get(path).status_code for path in PATHS.values()}

    assert statuses() == {200}
    ecosystems.switch(published, on=False, by="clerk")
    assert statuses() == {404}
    ecosystems.switch(published, on=True, by="clerk")
    assert statuses() == {200}


CHANGES = {
    "save": lambda row: row.save(),
    "update": lambda row: type(row).objects.filter(pk=row.pk).update(created_at=row.created_at),
    "bulk_update": lambda row: type(row).objects.bulk_update([row], ["created_at"]),
    "of another row": lambda row: row.ecosystem.signing_keys.update(kid=row.kid),
    "bulk_create": lambda row: type(row).objects.bulk_create([row], ignore_conflicts=True),
    "delete": lambda row: row.delete(),
    "delete of many": lambda row: type(row).objects.filter(pk=row.pk).delete(),
}


@committed
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_a_row_lets_documents_be_made_anew(db, without_a_clock, change):
    ecosystem = Ecosystem.objects.create(slug="openfinance", profile="fapi2-security")
    row = keys.create(ecosystem, algorithm="ES256", by="clerk")
    values = iter(["before", "after"])
    remembered: kept.Kept[str] = kept.Kept()
    assert remembered.get("key", lambda: next(values)) == "before"
    assert remembered.get("key", lambda: next(values)) == "before"

    change(row)

    assert remembered.get("key", lambda: next(values)) == "after"


@committed
def test_a_change_that_is_undone_was_never_published(client, openfinance, without_a_clock):
    before = kids(client)

    with transaction.atomic():
        keys.create(openfinance, algorithm="ES256", by="clerk")
        assert len(kids(client)) == len(before) + 1  # of this transaction, and kept by nobody
        transaction.set_rollback(True)

    assert kids(client) == before


@committed
def test_what_was_read_while_it_changed_is_not_kept(db, without_a_clock):
    """The reader began before the change was committed, and is done after it."""
    remembered: kept.Kept[str] = kept.Kept()

    def read_the_old_one():
        world.ecosystem("openfinance", profile="fapi2-security").save()
        return "old"

    assert remembered.get("key", read_the_old_one) == "old"
    assert remembered.get("key", lambda: "new") == "new"


def test_in_a_transaction_nothing_is_kept_or_taken(db, without_a_clock):
    """Tests whose rows are rolled back cannot see each other's documents."""
    remembered: kept.Kept[str] = kept.Kept()

    assert remembered.get("key", lambda: "one") == "one"
    assert remembered.get("key", lambda: "two") == "two"


@committed
def test_what_is_kept_is_bounded(db, without_a_clock, monkeypatch):
    monkeypatch.setattr(kept, "AT_MOST", 2)
    remembered: kept.Kept[str] = kept.Kept()

    made = [remembered.get(slug, partial(str, slug)) for slug in "abcabc"]

    assert made == [*"abcabc"]


@committed
def test_documents_are_made_of_rows_whose_changes_are_announced(client, published):
    """A document of another table would be forgotten by nobody."""
    for path in PATHS.values():
        kept.forget()  # two addresses have the same document
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200

        statements = " ".join(each["sql"] for each in asked)
        read = {model for model in apps.get_models() if f'"{model._meta.db_table}"' in statements}
        assert read, path
        assert read <= kept.announced, path
        for model in read:
            assert isinstance(model._default_manager.all(), kept.AnnouncedRows)
