"""While somebody else's host is waited for, no transaction is open and no connection is held."""

import ast
import json

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from authserver import outbound
from authserver.ecosystems.revocation import lists
from authserver.outbound import Fetched, OutboundError, TransactionIsOpen
from clients import jwks, key_sets
from clients.models import Client, ClientKeySet
from consents.account_source import name_at_the_bank, source_of
from docs.generator.source import PRODUCT, called_name, functions, modules, qualified
from tests.support import details
from tests.support.bank import EVERYDAY
from tests.support.world import ACCOUNT_TYPE

pytestmark = pytest.mark.case("F-07")

WAITS = {"fetch_json", "fetch_signed", "waiting"}
LETS_GO = "let_go_of_the_database"


def waiting_functions():
    """Every function of the product that waits for the host of another, by its path."""
    return {
        f"{module.path}:{qualified(function, within)}": function
        for module in modules(*PRODUCT)
        if not module.name.startswith("authserver.outbound")
        for function, within in functions(module.tree)
        if WAITS & set(lines_of_calls(function))
    }


def lines_of_calls(function):
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {called_name(call): call.lineno for call in sorted(calls, key=lambda call: -call.lineno)}


def test_whatever_waits_lets_go_first():
    careless = [
        name
        for name, function in waiting_functions().items()
        for lines in [lines_of_calls(function)]
        if lines.get(LETS_GO, 10**6) > min(lines[each] for each in WAITS & set(lines))
    ]

    assert careless == []
    assert set(waiting_functions()) == set(DOORS)


def by_uri(tpp):
    Client.objects.filter(pk=tpp.client.pk).update(
        client_jwks=None, client_jwks_uri="https://tpp.example.com/jwks.json"
    )
    return Client.objects.select_related("participant__ecosystem").get(pk=tpp.client.pk)


def fetch_keys(tpp, ca):
    client = by_uri(tpp)
    return lambda: jwks.fetch_now(client, now=timezone.now())


def wait_for_keys(tpp, ca):
    client = by_uri(tpp)
    ClientKeySet.objects.create(client=client, uri=client.client_jwks_uri)
    key_sets.claim(client, now=timezone.now())
    return lambda: jwks.keys_of(client, name=jwks.ANY, now=timezone.now())


def ask_for_a_name(tpp, ca):
    return lambda: name_at_the_bank("mariam", tpp.ecosystem)


def ask_for_accounts(tpp, ca):
    source = source_of(tpp.ecosystem, types=[ACCOUNT_TYPE])
    return lambda: source.accounts_of("mariam")


def fetch_a_list(tpp, ca):
    kept = ca.is_kept(tpp.ecosystem)
    return lambda: lists.fetch_now(kept, by="test", now=timezone.now())


DOORS = {
    "clients/jwks.py:_fetch": [fetch_keys],
    "clients/jwks.py:_wait_for_the_other": [wait_for_keys],
    "consents/account_source.py:BankOverHTTPS._asked": [ask_for_a_name, ask_for_accounts],
    "authserver/ecosystems/revocation/lists.py:fetch_now": [fetch_a_list],
}


@pytest.fixture
def before(monkeypatch):
    """What was done with the connection last, each time that a host was waited for.

    Noted where it is closed, since a database in memory stays open.
    """
    done, seen = [], []
    close = connection.close

    def closed():
        done.append("closed")
        close()

    def asked(execute, *args):
        done.append("asked")
        return execute(*args)

    def fetch(url, **how):
        seen.append(done[-1])
        if url.endswith("/people/mariam"):
            return Fetched(200, {"id": "mariam", "name": "Mariam"}, {})
        if "/people/" in url:
            return Fetched(200, [EVERYDAY], {})
        raise OutboundError("no connection")

    monkeypatch.setattr(connections["default"], "close", closed)
    monkeypatch.setattr("consents.account_source.fetch_json", fetch)
    monkeypatch.setattr(outbound, "fetch_json", fetch)
    monkeypatch.setattr(outbound, "fetch_signed", fetch)
    monkeypatch.setattr(jwks, "LONGEST_WAIT", 0.1)
    with connection.execute_wrapper(asked):
        yield seen


@pytest.mark.parametrize(
    "door", [pytest.param(each, id=each.__name__) for doors in DOORS.values() for each in doors]
)
@pytest.mark.django_db(transaction=True)
def test_no_door_waits_within_a_transaction(tpp, ca, before, door):
    ask = door(tpp, ca)
    with transaction.atomic():
        with pytest.raises(TransactionIsOpen):
            ask()
        assert before == []

    ask()
    assert before == ([] if door is wait_for_keys else ["closed"])


@pytest.mark.django_db(transaction=True)
def test_the_page_of_accounts_holds_no_connection(tpp, person, before):
    asked = json.dumps([details.account_information(now=timezone.now())])
    pushed = tpp.push(scope="openid", authorization_details=asked).json()
    page = person.opens(tpp, pushed["request_uri"])

    assert b'name="accounts"' in page.content
    assert before == ["closed"]
