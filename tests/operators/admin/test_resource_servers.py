"""Resource servers: within one ecosystem, their secret written and never shown."""

import json

import pytest
from django.contrib.messages import get_messages

from clients import actions
from clients.models import ResourceServer
from consents.account_source import SourceUnavailable, source_of
from tests.support import world
from tests.support.bank import Bank
from tests.support.operator import errors_of, events_since, last_event, mark, page, saved

case = pytest.mark.case
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


@case("AD-12")
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
    [before, after] = last_event().facts["changed"]["encrypted_account_source_token"]
    assert before.startswith("sha256:")
    assert after.startswith("sha256:")
    assert before != after


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
    jwk = encryption_key("loans")

    assert saved(add(operator, openfinance, encryption_jwk=json.dumps(jwk)))

    assert ResourceServer.objects.get(name="Loans").encryption_jwk == jwk


def encryption_key(owner, **members):
    made = world.rsa_key(owner).as_dict(private=False)
    return {"kty": "RSA", "n": made["n"], "e": made["e"], "kid": owner, "use": "enc"} | members


@pytest.mark.case("JW-13")
@pytest.mark.requirement("RFC7517-5")
def test_of_a_key_set_the_first_that_we_can_encrypt_to_is_taken(operator, openfinance):
    unusable = [
        {"kty": "AKP", "alg": "ML-KEM-768", "kid": "pq"},
        encryption_key("signs", use="sig"),
        encryption_key("old", alg="RSA1_5"),
    ]
    ours, spare = encryption_key("loans", alg="RSA-OAEP-256"), encryption_key("spare")
    pasted = json.dumps({"keys": [*unusable, ours, spare]})

    response = add(operator, openfinance, encryption_jwk=pasted)

    assert ResourceServer.objects.get(name="Loans").encryption_jwk == ours
    [told] = [str(each) for each in get_messages(response.wsgi_request) if "Left out" in str(each)]
    assert all(f"({kid})" in told for kid in ("pq", "signs", "old", "spare"))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([encryption_key("a"), {"kty": "oct", "k": "c2VjcmV0"}], "private or symmetric"),
        ([encryption_key("a", use="sig")], "no key to encrypt to"),
        ([], "no key to encrypt to"),
        (5, "not a JWK Set"),
    ],
)
def test_a_key_set_without_such_a_key_or_with_a_secret_is_refused(
    operator, openfinance, keys, reason
):
    response = add(operator, openfinance, encryption_jwk=json.dumps({"keys": keys}))

    assert reason in errors_of(response)["encryption_jwk"][0]
    assert not ResourceServer.objects.exists()


def test_a_signing_key_is_no_encryption_key(operator, openfinance):
    """Tokens could not be made for a server that had one."""
    jwk = encryption_key("loans", use="sig")

    response = add(operator, openfinance, encryption_jwk=json.dumps(jwk))

    assert "a key for something else" in errors_of(response)["encryption_jwk"][0]


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


@case("AD-12")
@pytest.mark.parametrize(
    "url",
    ["https://evil.example.com", "https://loans.example.com:8443", "https://loans.example.com/x"],
)
def test_a_secret_is_asked_for_again_where_it_goes_somewhere_else(operator, openfinance, url):
    add(operator, openfinance)
    server = ResourceServer.objects.get(name="Loans")
    before = mark()

    errors = errors_of(operator.changes(server, account_source_url=url))

    assert "Type the token again" in errors["new_account_source_token"][0]
    assert events_since(before) == []
    server.refresh_from_db()
    assert server.account_source_url == "https://loans.example.com"
    assert saved(
        operator.changes(server, account_source_url=url, new_account_source_token="another")
    )
    server.refresh_from_db()
    assert (server.account_source_url, server.account_source_token) == (url, "another")


@case("AD-12")
def test_an_address_that_is_taken_away_takes_the_secret_along(operator, openfinance):
    add(operator, openfinance)
    server = ResourceServer.objects.get(name="Loans")

    assert saved(operator.changes(server, account_source_url=""))
    server.refresh_from_db()
    assert server.encrypted_account_source_token == ""
    assert saved(operator.changes(server, account_source_url="https://evil.example.com"))
    server.refresh_from_db()
    assert server.account_source_token == ""


@case("AD-12")
def test_no_other_door_sends_it_elsewhere(openfinance, operator, monkeypatch):
    """By the action, and by the row itself."""
    bank = Bank()
    monkeypatch.setattr("consents.account_source.fetch_json", bank.fetch_json)
    add(operator, openfinance, authorization_details_types="account_information")
    server = ResourceServer.objects.get(name="Loans")
    assert SECRET not in server.encrypted_account_source_token
    ResourceServer.objects.update(account_source_url="https://evil.example.com")

    with pytest.raises(SourceUnavailable):
        source_of(openfinance, types=["account_information"]).accounts_of("C-1")
    assert bank.asked == []

    server.account_source_url = "https://other.example.com"
    actions.change_resource_server(server, by="script")
    source_of(openfinance, types=["account_information"]).accounts_of("C-1")
    assert SECRET not in str(bank.asked)
