"""Registering a client: for one participant, within its ecosystem's profile, step by step."""

import json
from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages

from authserver import outbound
from clients.models import Client, ClientKeySet, Participant
from consents.models import Consent
from tests.support import world
from tests.support.operator import (
    errors_of,
    events_since,
    last_event,
    mark,
    messages_of,
    page,
    saved,
)

case = pytest.mark.case
requirement = pytest.mark.requirement
NEW = {
    "name": "Budget",
    "client_id": "budget",
    "client_jwks_uri": "https://budget.example.com/jwks.json",
    "redirect_uris": "https://budget.example.com/callback",
    "scopes": ["openid", "accounts"],
    "authorization_details_types": "urn:openfinanceuae:*",
}


@pytest.fixture
def participant(uae) -> Participant:
    return world.participant("Newcomer", ecosystem=uae)


def register(operator, owner, **changes):
    return operator.adds(Client, f"?participant={owner.pk}", **{**NEW, **changes})


def test_whose_client_it_is_comes_first(operator, participant):
    asked = operator.get(page(Client, "add"))

    assert asked.status_code == 200
    assert f'<option value="{participant.pk}">' in asked.content.decode()
    for unknown in ("0", str(participant.pk + 1), "x", "", "1" * 30, "-1"):
        assert operator.get(page(Client, "add"), {"participant": unknown}).status_code == 404


@requirement("CBUAE-4.2a")
def test_a_client_is_registered_pending_with_what_was_typed(operator, participant):
    before = mark()

    response = register(operator, participant)

    client = Client.objects.get(client_id="budget")
    assert saved(response) == page(Client, "change", client.pk)
    assert client.state == "pending"
    assert client.participant == participant
    assert client.ecosystem == participant.ecosystem
    assert client.scopes == ["openid", "accounts"]
    assert client.grant_types == ["authorization_code", "refresh_token"]
    assert client.authorization_details_types == ["urn:openfinanceuae:*"]
    assert client.require_signed_request_object
    assert events_since(before) == ["client.registered"]
    assert last_event().actor == "operator"


@case("AD-03")
def test_what_is_not_on_the_form_is_not_read_from_the_post(operator, participant, openfinance):
    elsewhere = world.participant("Elsewhere", ecosystem=openfinance)

    register(
        operator,
        participant,
        state="active",
        participant=elsewhere.pk,
        ecosystem=openfinance.pk,
        is_superuser="on",
        require_signed_request_object=None,
        dpop_bound_access_tokens="on",
        client_jwks='{"keys": []}',
    )

    client = Client.objects.get(client_id="budget")
    assert client.state == "pending"
    assert client.participant == participant
    assert client.ecosystem == participant.ecosystem
    assert client.require_signed_request_object
    assert not client.dpop_bound_access_tokens
    assert client.client_jwks is None


@requirement("CBUAE-4.2a", "CBUAE-4.2b", "FFI-17", "RFC9700-2.1")
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("client_jwks_uri", "", "[CBUAE-4.2b]"),
        ("client_jwks_uri", "http://budget.example.com/jwks.json", "[CBUAE-4.2b]"),
        ("redirect_uris", "http://budget.example.com/callback", "[RFC9700-2.1]"),
        ("redirect_uris", "", "[RFC6749-3.1.2]"),
        ("authorization_details_types", "payment", "[RAR-5]"),
        ("access_token_seconds", "301", "[CBUAE-2.1.2]"),
        ("allowed_addresses", "192.0.2.1/24", "[FFI-17]"),
        ("tls_client_auth_subject_dn", "CN=budget", "[MTLS-2.1.2]"),
        ("scopes", ["admin"], "Select a valid choice"),
        ("token_endpoint_auth_method", "tls_client_auth", "Select a valid choice"),
        ("signing_algorithm", "ES256", "Select a valid choice"),
        ("authorization_response_mode", "jwt", "Select a valid choice"),
        ("grant_types", ["password"], "Select a valid choice"),
        ("client_id", "two words", "Letters, digits and"),
        ("client_id", "uae-bank", "already exists"),
        ("name", "", "required"),
    ],
)
def test_what_the_profile_does_not_allow_is_refused_with_its_clause(
    operator, participant, field, value, sentence
):
    world.bank(participant.ecosystem)
    before = mark()

    response = register(operator, participant, **{field: value})

    errors = errors_of(response)
    assert list(errors) == [field]
    assert sentence in errors[field][0]
    assert not Client.objects.filter(client_id="budget").exists()
    assert events_since(before) == []


@requirement("CBUAE-4.2b")
def test_keys_by_value_have_a_field_only_where_the_profile_allows_them(
    operator, participant, openfinance
):
    elsewhere = world.participant("Elsewhere", ecosystem=openfinance)
    address = page(Client, "add")

    refused = operator.get(address, {"participant": participant.pk})
    allowed = operator.get(address, {"participant": elsewhere.pk})

    assert 'name="client_jwks"' not in refused.content.decode()
    assert 'name="client_jwks"' in allowed.content.decode()


@case("JW-14")
@requirement("RFC7591-2")
@pytest.mark.parametrize(
    ("jwks", "sentence"),
    [
        ("hello", "Enter a valid JSON."),
        ("{}", ""),
        ('{"kty": "RSA"}', "Not a JWK Set"),
        ('{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "Not accepted: key 1 is private"),
        ('{"keys": [{"kty": "EC"}]}', "There is no key in it that we can use: key 1"),
    ],
)
def test_keys_by_value_are_public_keys_that_we_can_use(operator, tpp, jwks, sentence):
    response = operator.changes(tpp.client, client_jwks=jwks)

    tpp.client.refresh_from_db()
    assert tpp.client.client_jwks["keys"][0]["kid"] == "tpp-key"
    if sentence:
        assert errors_of(response)["client_jwks"][0].startswith(sentence)
    else:
        assert "[RFC7591-2]" in errors_of(response)["client_jwks_uri"][0]
    assert "c2VjcmV0" not in response.content.decode()


@case("LO-06")
def test_a_change_is_recorded_with_what_it_changed(operator, tpp):
    before = mark()

    assert saved(operator.changes(tpp.client, description="A budget", scopes=["openid"]))

    tpp.client.refresh_from_db()
    assert tpp.client.scopes == ["openid"]
    assert events_since(before) == ["client.changed"]
    assert last_event().client_id == "tpp"
    assert set(last_event().facts["changed"]) == {"description", "scopes"}
    assert last_event().facts["changed"]["description"] == ["", "A budget"]


def test_saving_what_was_not_changed_changes_and_records_nothing(operator, tpp):
    operator.changes(tpp.client)  # the world of the tests keeps its lists in another order
    tpp.client.refresh_from_db()
    before, stored = mark(), Client.objects.values().get(pk=tpp.client.pk)

    assert saved(operator.changes(tpp.client))

    assert events_since(before) == []
    assert Client.objects.values().get(pk=tpp.client.pk) == stored


@case("AD-03")
def test_a_client_keeps_its_identifier_and_its_participant(operator, tpp, other_tpp):
    operator.changes(
        tpp.client,
        client_id="renamed",
        participant=other_tpp.client.participant.pk,
        state="pending",
    )

    tpp.client.refresh_from_db()
    assert (tpp.client.client_id, tpp.client.state) == ("tpp", "active")
    assert tpp.client.participant != other_tpp.client.participant


@case("AD-04")
def test_forged_rows_of_the_list_of_certificates_are_not_read(operator, tpp):
    certificate = tpp.client.certificates.get()
    stored = tpp.client.certificates.values().get()

    response = operator.changes(
        tpp.client,
        **{
            "certificates-TOTAL_FORMS": "2",
            "certificates-INITIAL_FORMS": "1",
            "certificates-0-id": certificate.pk,
            "certificates-0-DELETE": "on",
            "certificates-1-pem": "forged",
            "certificates-1-thumbprint": "forged",
        },
    )

    assert saved(response)
    assert tpp.client.certificates.values().get() == stored


@case("LO-06")
def test_a_suspended_client_is_refused_at_once_and_can_be_let_in_again(operator, tpp, granted):
    address = page(Client, "do", tpp.client.pk, "suspend")
    told = operator.get(address).content.decode()
    assert "Live consents that stop working for people: 1." in told
    assert "Access tokens that are refused from now on: 1." in told
    before = mark()

    operator.presses(tpp.client, "suspend")
    assert tpp.push().status_code == 401
    operator.presses(tpp.client, "activate")
    assert tpp.push().status_code == 201

    assert events_since(before)[:2] == ["client.suspended", "client.activated"]


def test_letting_in_says_what_is_still_missing(operator, participant):
    register(operator, participant)
    client = Client.objects.get(client_id="budget")

    told = operator.get(page(Client, "do", client.pk, "activate")).content.decode()

    assert "Still missing: It has no certificate that is valid now." in told
    assert "Still missing: Its keys have not been fetched yet." in told


def test_only_a_client_that_was_never_in_can_be_removed(boss, operator, participant, tpp):
    register(boss, participant)
    client = Client.objects.get(client_id="budget")
    assert operator.presses(client, "remove").status_code == 403
    assert "not possible any more" in boss.presses(tpp.client, "remove").content.decode()
    before = mark()

    response = boss.presses(client, "remove")

    assert response.redirect_chain == [(page(Client, "changelist"), 303)]
    assert not Client.objects.filter(client_id="budget").exists()
    assert Client.objects.filter(client_id="tpp").exists()
    assert events_since(before) == ["client.removed"]


def test_a_pending_client_that_others_refer_to_stays(boss, uae, participant):
    """A resource server names it: the database refuses, and the page says why."""
    server = world.bank(uae)
    assert server.client is not None
    Client.objects.filter(pk=server.client.pk).update(state="pending")
    before = mark()

    response = boss.presses(server.client, "remove")

    assert "resource servers refer to it" in " ".join(messages_of(response))
    assert Client.objects.filter(pk=server.client.pk).exists()
    assert events_since(before) == []


def test_a_client_with_a_consent_stays(boss, tpp, granted):
    Client.objects.filter(pk=tpp.client.pk).update(state="pending")

    assert "not possible any more" in boss.presses(tpp.client, "remove").content.decode()
    assert Consent.objects.filter(client=tpp.client).exists()


@pytest.fixture
def keys_at(monkeypatch):
    """Let the client's JWKS URI answer with this document, or fail for this reason."""

    def publish(document=None, *, reason=""):
        def fetch_json(url, **how):
            if reason:
                raise outbound.OutboundError(reason)
            return SimpleNamespace(json=document, status=200, headers={})

        monkeypatch.setattr(outbound, "fetch_json", fetch_json)

    return publish


@case("JW-13")
@requirement("RFC7517-5")
def test_a_pasted_set_is_judged_key_by_key_and_says_what_it_leaves_out(operator, tpp):
    ours = world.rsa_key("tpp").as_dict(private=False)
    useless = [{"kty": "AKP", "kid": "pq"}, ours | {"use": "enc", "kid": "enc"}, {"kid": "<b>"}]

    response = operator.changes(tpp.client, client_jwks=json.dumps({"keys": [*useless, ours]}))

    assert saved(response)
    said = [str(each) for each in get_messages(response.wsgi_request)]
    [told] = [each for each in said if "Left out" in each]
    for named in ("key 1 (pq): ", "key 2 (enc): use is not sig", "key 3 ("):
        assert named in told
    tpp.client.refresh_from_db()
    assert tpp.push().status_code == 201


@case("JW-14")
def test_a_pasted_set_with_a_private_key_is_refused_whole(operator, tpp):
    ours = world.rsa_key("tpp").as_dict(private=False)
    secret = world.rsa_key("new").as_dict(private=True)

    response = operator.changes(tpp.client, client_jwks=json.dumps({"keys": [ours, secret]}))

    [sentence] = errors_of(response)["client_jwks"]
    assert sentence.startswith("Not accepted: key 2 is private or symmetric.")
    assert str(secret["d"]) not in response.content.decode()


@requirement("RFC7591-2")
def test_fetch_now_shows_the_keys_found_and_those_rejected(operator, uae_tpp, keys_at):
    good = world.rsa_key("fresh").as_dict(private=False)
    keys_at({"keys": [good, {"kty": "oct", "k": "c2VjcmV0"}]})
    before = mark()

    response = operator.presses(uae_tpp.client, "fetch-keys")

    assert messages_of(response) == [
        "Keys found: fresh-key (PS256). Rejected: key 2: private or symmetric."
    ]
    shown = response.content.decode()
    assert "fresh-key: PS256" in shown
    assert "c2VjcmV0" not in shown
    assert events_since(before) == ["jwks.fetched"]


@pytest.mark.parametrize(
    ("published", "told"),
    [
        ({"reason": "no answer within 4 s"}, "could not be fetched: no answer within 4 s."),
        ({"document": {"keys": []}}, "There is no key that we can use."),
        ({"document": ["no", "set"]}, "could not be fetched: the answer is not a JWK Set."),
    ],
    ids=["away", "empty", "no set"],
)
def test_fetch_now_says_why_there_are_none(operator, uae_tpp, keys_at, published, told):
    keys_at(published.get("document"), reason=published.get("reason", ""))

    response = operator.presses(uae_tpp.client, "fetch-keys")

    assert told in messages_of(response)[0]


@case("AD-16")
def test_opening_the_address_of_fetch_now_fetches_nothing(operator, uae_tpp, keys_at):
    keys_at({"keys": []})
    stored = ClientKeySet.objects.values().get(client=uae_tpp.client)

    operator.get(page(Client, "do", uae_tpp.client.pk, "fetch-keys"))

    assert ClientKeySet.objects.values().get(client=uae_tpp.client) == stored


@pytest.mark.parametrize(
    "asked",
    ["tpp", "TPP", "other.example.com", "thumbprint"],
    ids=["client id", "in capitals", "redirect host", "certificate"],
)
def test_a_client_is_found(operator, tpp, other_tpp, asked):
    asked = other_tpp.client.certificates.get().thumbprint if asked == "thumbprint" else asked

    found = operator.get(page(Client, "changelist"), {"q": asked}).context["cl"].result_list

    names = {client.client_id for client in found}
    expected = {"tpp"} if asked.lower() == "tpp" else {"other"}
    assert expected <= names
    assert asked.lower() == "tpp" or names == expected
