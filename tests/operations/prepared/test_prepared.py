"""A prepared statement does what the ORM's own does, for the values of each call."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, DateTimeField, Exists, OuterRef
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authserver.audit.models import AuditEvent
from authserver.ecosystems.models import Ecosystem
from authserver.storage.prepared import Parameter, Prepared, insert
from clients.models import Client, ClientCertificate, Contact, Participant
from consents.models import Consent
from tests.operations.prepared.stored import columns_of
from tests.support import world


def by_name():
    return (
        Client.objects.filter(client_id=Parameter("client_id", CharField()))
        .select_related("participant__ecosystem", "key_set")
        .annotate(
            has_a_certificate=Exists(
                ClientCertificate.objects.filter(
                    client=OuterRef("pk"), not_after__gt=Parameter("now", DateTimeField())
                )
            )
        )
    )


@pytest.fixture
def prepared():
    return Prepared(by_name)


def test_it_returns_the_row_with_its_relations_and_annotations(prepared, tpp, other_tpp):
    now = timezone.now()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        found = prepared.first(client_id="tpp", now=now)
        asked = found.participant.ecosystem.slug, found.has_a_certificate

    assert asked == ("openfinance", True)
    assert len(captured) == 1
    usual = Client.objects.select_related("participant__ecosystem").get(client_id="tpp")
    names = [field.attname for field in Client._meta.concrete_fields]
    assert {name: getattr(found, name) for name in names} == {
        name: getattr(usual, name) for name in names
    }
    assert found.participant == usual.participant
    assert not found._state.adding


def test_each_call_has_values_of_its_own(prepared, tpp, other_tpp):
    now = timezone.now()

    names = [prepared.first(client_id=each, now=now).client_id for each in ("tpp", "other", "tpp")]

    assert names == ["tpp", "other", "tpp"]
    certificate = tpp.client.certificates.get()
    assert prepared.first(client_id="tpp", now=certificate.not_after).has_a_certificate is False


def test_it_sees_what_is_in_the_database_now(prepared, tpp):
    now = timezone.now()
    assert prepared.first(client_id="tpp", now=now).state == "active"

    Client.objects.filter(client_id="tpp").update(state="suspended")

    assert prepared.first(client_id="tpp", now=now).state == "suspended"


@pytest.mark.parametrize("name", ["", "nobody", "tpp' OR '1'='1", "%s", "tpp%"])
def test_a_value_is_a_value(prepared, tpp, name):
    assert prepared.first(client_id=name, now=timezone.now()) is None
    assert prepared.first(client_id="tpp", now=timezone.now()) is not None


def test_a_value_that_is_missing_is_a_fault_of_the_caller(prepared, tpp):
    with pytest.raises(KeyError):
        prepared.first(client_id="tpp")


def test_it_returns_all_rows_in_their_order(openfinance, tpp, other_tpp):
    clients = Prepared(
        lambda: Client.objects.filter(state=Parameter("state", CharField())).order_by("-client_id")
    )

    assert [each.client_id for each in clients.all(state="active")] == [
        "tpp", "other", "openfinance-bank",
    ]  # fmt: skip
    assert clients.all(state="suspended") == []


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_on_its_own_connection(prepared):
    openfinance = world.ecosystem("openfinance", profile="fapi2-security")
    owner = world.participant("Tpp", ecosystem=openfinance)
    names = [f"tpp-{number}" for number in range(4)]
    for name in names:
        world.client(name, participant=owner)
    found: dict[str, set[str]] = {name: set() for name in names}

    def ask(name: str) -> None:
        for _ in range(20):
            found[name].add(prepared.first(client_id=name, now=timezone.now()).client_id)
        connection.close()

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {name: {name} for name in names}


def test_a_row_is_stored_as_save_stores_it(openfinance, tpp, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    values = {
        "ecosystem": openfinance,
        "client": tpp.client,
        "authorization_details": [{"type": "a \u0645", "n": 1.5}, None],
        "expires_at": now,
    }
    usual, prepared = Consent(**values), Consent(**values)
    usual.save(force_insert=True)
    insert(prepared, using="default")

    assert columns_of(prepared) == columns_of(usual)
    assert not prepared._state.adding
    prepared.save()
    assert Consent.objects.count() == 2


def test_the_database_numbers_a_row_that_has_no_key(db):
    first = AuditEvent.objects.insert(event="x", facts={"n": [1, None]})
    second = AuditEvent.objects.insert(event="y")

    assert second.pk > first.pk
    assert columns_of(first)["facts"] == {"n": [1, None]}
    assert columns_of(second)["at"] == second.at


def test_a_key_that_is_given_is_kept(openfinance):
    made = insert(
        Contact(pk=77, name="x", participant=world.participant("Bank", ecosystem=openfinance)),
        using="default",
    )

    assert Contact.objects.get(pk=77) == made


def test_what_is_not_stored_yet_cannot_be_referred_to(openfinance):
    unsaved = Participant(ecosystem=openfinance)

    with pytest.raises(ValueError, match="unsaved related object"):
        insert(Contact(name="x", participant=unsaved), using="default")


def test_a_row_that_the_database_refuses_ends_the_transaction(openfinance):
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            insert(Ecosystem(slug="openfinance"), using="default")
        assert transaction.get_rollback()

    assert Ecosystem.objects.count() == 1


def test_a_value_becomes_what_its_column_holds(openfinance):
    owner = world.participant("Bank", ecosystem=openfinance)

    made = insert(Contact(name=12345, email="a@b.c", participant=owner), using="default")

    assert Contact.objects.get(pk=made.pk).name == "12345"
