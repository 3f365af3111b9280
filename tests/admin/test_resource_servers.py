"""Resource servers: within one ecosystem, their secret written and never shown."""

import json

import pytest

from clients.models import ResourceServer
from tests import world
from tests.admin.pages import errors_of, events_since, last_event, mark, page, saved

requirement = pytest.mark.requirement
SECRET = "bearer-token-of-the-bank"


def add(operator, ecosystem, **changes):
    typed = {
        "ecosystem": ecosystem.pk,
        "name": "Loans",
        "identifier": "https://loans.example.com",
        "scopes": "accounts",
        "authorization_details_types": "urn:openfinanceuae:*",
        "account_source_url": "https://loans.example.com",
        "new_account_source_token": SECRET,
        "is_active": "on",
    }
    return operator.adds(ResourceServer, **{**typed, **changes})


def test_a_resource_server_is_registered(operator, openfinance, tpp):
    before = mark()

    assert saved(add(operator, openfinance, client=tpp.client.pk))

    server = ResourceServer.objects.get(name="Loans")
    assert (server.ecosystem, server.client) == (openfinance, tpp.client)
    assert server.scopes == ["accounts"]
    assert server.account_source_token == SECRET
    assert events_since(before) == ["resource_server.registered"]


@requirement("AD-12")
def test_the_secret_is_never_shown_and_kept_unless_another_is_typed(operator, openfinance):
    add(operator, openfinance)
    server = ResourceServer.objects.get(name="Loans")
    address = page(ResourceServer, "change", server.pk)

    assert SECRET not in operator.get(address).content.decode()
    assert saved(operator.changes(server, name="Loans and more"))
    server.refresh_from_db()
    assert server.account_source_token == SECRET

    assert saved(operator.changes(server, new_account_source_token="another"))
    server.refresh_from_db()
    assert server.account_source_token == "another"
    assert last_event().facts["changed"] == {"account_source_token": ["", ""]}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("identifier", "http://loans.example.com", "https URL without a fragment [RFC8707-2]"),
        ("identifier", "https://loans.example.com#part", "without a fragment [RFC8707-2]"),
        ("scopes", "admin", "Not on offer here: admin."),
        ("authorization_details_types", "unknown:*", "Not on offer here: unknown:*."),
        ("encryption_jwk", '{"kty": "oct", "k": "c2VjcmV0"}', "Not a public key that we accept"),
        ("encryption_jwk", "hello", "Enter a valid JSON."),
    ],
)
@requirement("RFC8707-2")
def test_what_cannot_be_is_refused(operator, openfinance, field, value, sentence):
    before = mark()

    errors = errors_of(add(operator, openfinance, **{field: value}))

    assert sentence in errors[field][0]
    assert not ResourceServer.objects.exists()
    assert events_since(before) == []


def test_a_public_key_is_taken(operator, openfinance):
    jwk = world.rsa_key("loans").as_dict(private=False)

    assert saved(add(operator, openfinance, encryption_jwk=json.dumps(jwk)))

    assert ResourceServer.objects.get(name="Loans").encryption_jwk == jwk


def test_nobody_of_another_ecosystem_stands_behind_it(operator, openfinance, uae_tpp):
    errors = errors_of(
        add(
            operator,
            openfinance,
            client=uae_tpp.client.pk,
            participant=uae_tpp.client.participant.pk,
        )
    )

    assert errors == {
        "client": ["It belongs to another ecosystem."],
        "participant": ["It belongs to another ecosystem."],
    }


def test_it_can_be_removed_by_a_superuser_alone(boss, operator, bank):
    assert operator.presses(bank, "remove").status_code == 403
    before = mark()

    boss.presses(bank, "remove")

    assert not ResourceServer.objects.exists()
    assert events_since(before) == ["resource_server.removed"]
