"""A client is suspended after it proved its key and before anything is handed out."""

import pytest
from django.db import OperationalError, connection, transaction

from authserver.replay.models import UsedProof
from authserver.tokens.validity import lock_caller
from clients import actions, authentication
from tests.support.assertions import is_served, not_identified, nothing_stored

case = pytest.mark.case

WAYS = ("client_credentials", "authorization_code", "refresh_token", "par")
OUT = ("client", "participant", "ecosystem")


@pytest.fixture
def ask(tpp, person):
    """Ask for something in each of these ways, any number of times until it was given once."""
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    other = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    refresh_token = tpp.redeem(other).json()["refresh_token"]
    return {
        "client_credentials": lambda: tpp.token(grant_type="client_credentials", scope="accounts"),
        "authorization_code": lambda: tpp.redeem(code),
        "refresh_token": lambda: tpp.refresh(refresh_token),
        "par": lambda: tpp.push(),
    }


@pytest.fixture
def after_the_signature(monkeypatch):
    """Do something between the check of the assertion and all that follows."""

    def arrange(act):
        genuine = authentication.assertion_is_used_once

        def used_once(proven, client):
            genuine(proven, client)
            act()

        monkeypatch.setattr(authentication, "assertion_is_used_once", used_once)
        return lambda: monkeypatch.setattr(authentication, "assertion_is_used_once", genuine)

    return arrange


def take_out(tpp, what):
    if what == "client":
        actions.suspend_client(tpp.client, by="clerk")
    elif what == "participant":
        actions.suspend_participant(tpp.client.participant, by="clerk")
    else:
        type(tpp.ecosystem).objects.update(is_active=False)


def bring_back(tpp, what):
    if what == "client":
        actions.activate_client(tpp.client, by="clerk")
    elif what == "participant":
        actions.activate_participant(tpp.client.participant, by="clerk")
    else:
        type(tpp.ecosystem).objects.update(is_active=True)


@case("CA-64", "CD-15")
@pytest.mark.parametrize("what", OUT)
@pytest.mark.parametrize("way", WAYS)
def test_it_gets_nothing(tpp, ask, after_the_signature, way, what):
    put_back = after_the_signature(lambda: take_out(tpp, what))
    proofs = UsedProof.objects.count()

    with nothing_stored():
        not_identified(ask[way]())

    assert UsedProof.objects.count() == proofs + 1
    put_back()
    bring_back(tpp, what)
    assert is_served(ask[way]())


@case("CA-64", "CD-15")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("row", ["clients_client", "clients_participant", "ecosystems_ecosystem"])
def test_who_suspends_waits_until_what_is_under_way_has_ended(tpp, row):
    """The lock that an UPDATE of this row takes is not to be had meanwhile."""
    suspension = f"UPDATE {row} SET id = id"  # noqa: S608  a table of ours
    if connection.vendor == "postgresql":
        suspension = f"SELECT 1 FROM {row} FOR NO KEY UPDATE NOWAIT"  # noqa: S608
    operator = connection.copy()
    try:
        with operator.cursor() as cursor:
            with transaction.atomic():
                lock_caller(tpp.client)
                with pytest.raises(OperationalError):
                    cursor.execute(suspension)
            cursor.execute(suspension)
    finally:
        operator.close()
