"""The server takes the kit: everything that it names works, and a second time changes nothing."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.core.exceptions import ValidationError
from django.test import Client as Http

from authserver.accounts.models import User
from authserver.audit.models import AuditEvent
from authserver.ecosystems.models import Ecosystem
from authserver.keys.models import SigningKey
from clients.models import Client, Participant, ResourceServer
from deploy.demo.load import BadKit, load


@pytest.fixture
def loaded(db, settings, demo, keys_at_hand):
    settings.DEMO = True
    settings.PUBLIC_BASE = demo.addresses.public_base
    settings.MACHINE_BASE = demo.addresses.machine_base
    load(demo.sandbox_json)
    return json.loads(demo.sandbox_json.read_text())


def test_every_client_of_the_kit_is_let_in_within_its_profile(loaded):
    assert Client.objects.count() == len(loaded["clients"]) == 9
    for entry in loaded["clients"]:
        client = Client.objects.get(client_id=entry["client_id"])
        client.full_clean()
        assert client.is_allowed_in
        assert client.ecosystem.slug == entry["ecosystem"]
        assert client.token_endpoint_auth_method == entry["token_endpoint_auth_method"]
        assert list(client.registered_redirect_uris) == entry["redirect_uris"]
        assert client.client_jwks_uri == entry["jwks_uri"]
        assert client.claims == entry["claims"]
        assert bool(client.claims) == bool(entry["redirect_uris"])
        assert client.certificates.filter(state="active").count() == 1


def test_each_ecosystem_of_the_kit_answers_and_can_sign(loaded):
    for issuer in loaded["issuers"]:
        ecosystem = Ecosystem.objects.get(slug=issuer["slug"])
        ecosystem.full_clean()
        url = f"/{issuer['slug']}/.well-known/openid-configuration"
        assert Http().get(url).json()["issuer"] == issuer["issuer"]
        assert set(ecosystem.trust_anchors.values_list("kind", flat=True)) == {"root", "issuing"}
        active = SigningKey.objects.filter(ecosystem=ecosystem, state="active")
        algorithms = set(active.values_list("algorithm", flat=True))
        assert algorithms == set(ecosystem.rules.signing_algorithms)


def test_the_bank_is_behind_every_ecosystem(loaded):
    servers = {server.ecosystem.slug: server for server in ResourceServer.objects.all()}

    assert servers.keys() == {"openfinance", "uae", "ffi"}
    for server in servers.values():
        server.full_clean()
        assert server.client is not None
        assert server.client.grant_types == []
    for slug in ("openfinance", "uae"):
        server = servers[slug]
        assert server.identifier == server.account_source_url == loaded["bank"]["url"]
        assert server.account_source_token == loaded["bank"]["account_source_token"]
    assert servers["ffi"].identifier == f"{loaded['bank']['url']}/messages"
    assert servers["ffi"].token_format == "opaque"
    assert servers["ffi"].account_source_url == servers["ffi"].account_source_token == ""


def test_people_sign_in_with_what_the_kit_says(loaded):
    for entry in [*loaded["people"], loaded["operator"]]:
        user = User.objects.get(username=entry["username"])
        assert user.check_password(entry["password"])
        factor = Authenticator.objects.get(user=user, type="totp")
        assert decrypt(factor.data["secret"]) == entry["totp_secret"]
        enrolled = {each.ecosystem.slug: each.person_id for each in user.enrolments.all()}
        assert enrolled == dict.fromkeys(entry.get("ecosystems", ()), entry.get("customer_id"))
        assert user.is_superuser is (entry is loaded["operator"])


def test_the_second_time_changes_nothing(loaded, demo):
    events = AuditEvent.objects.count()
    assert events > 40

    load(demo.sandbox_json)

    assert AuditEvent.objects.count() == events


def test_what_an_operator_suspended_stays_suspended(loaded, demo):
    Client.objects.filter(client_id="lantern-uae").update(state="suspended")
    Participant.objects.filter(trading_name="Tidewater Loans").update(state="suspended")

    load(demo.sandbox_json)

    assert Client.objects.get(client_id="lantern-uae").state == "suspended"
    assert Participant.objects.filter(state="suspended").count() == 2


def test_what_differs_from_the_kit_is_brought_back(loaded, demo, tmp_path):
    jonas = User.objects.get(username="jonas")
    jonas.set_password("another")
    jonas.save()
    Client.objects.filter(client_id="lantern-uae").update(redirect_uris="https://other.example/")

    load(demo.sandbox_json)

    jonas.refresh_from_db()
    [person] = [each for each in loaded["people"] if each["username"] == "jonas"]
    assert jonas.check_password(person["password"])
    [entry] = [each for each in loaded["clients"] if each["client_id"] == "lantern-uae"]
    client = Client.objects.get(client_id="lantern-uae")
    assert list(client.registered_redirect_uris) == entry["redirect_uris"]
    assert set(AuditEvent.objects.values_list("event", flat=True)[:2]) == {
        "client.changed",
        "person.changed",
    }


def test_outside_of_a_demo_the_kit_is_refused(db, settings, demo):
    settings.DEMO = False

    with pytest.raises(BadKit, match="Only a demo"):
        load(demo.sandbox_json)

    assert not Ecosystem.objects.exists()


@pytest.mark.parametrize("text", [None, "no json"], ids=["missing", "no JSON"])
def test_a_kit_that_cannot_be_read_is_told_so(db, settings, tmp_path, text):
    settings.DEMO = True
    kit = tmp_path / "sandbox.json"
    if text is not None:
        kit.write_text(text)

    with pytest.raises(BadKit, match="cannot be read"):
        load(kit)

    assert not Ecosystem.objects.exists()


@pytest.mark.case("DC-10")
def test_a_kit_with_a_name_that_is_not_seen_is_not_loaded(db, settings, demo, keys_at_hand):
    settings.DEMO = True
    kit = demo.sandbox_json.with_name("unseen.json")
    content = json.loads(demo.sandbox_json.read_text())
    content["participants"][0]["trading_name"] = "Lan\u200btern"
    kit.write_text(json.dumps(content))

    with pytest.raises(ValidationError) as refusal:
        load(kit)

    assert "trading_name" in refusal.value.message_dict
    assert not Ecosystem.objects.exists()
