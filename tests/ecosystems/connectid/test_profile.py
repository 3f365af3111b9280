"""ConnectID Australia: what it adds to FAPI 2.0 Message Signing."""

import time
import uuid

import pytest
from django.core.exceptions import ValidationError
from joserfc.jwk import ECKey

from authserver.tokens.models import PushedRequest
from tests.support import world
from tests.support.assertions import not_identified, nothing_stored, refused
from tests.support.person import Person

requirement = pytest.mark.requirement
MINUTE = 60


@pytest.fixture
def connectid(db):
    return world.ecosystem(
        "connectid",
        profile="connectid-au",
        scopes={"openid": "Know you"},
        client_credentials_scopes=[],
    )


@pytest.fixture
def rp(connectid, make_tpp):
    """A relying party that asks with the scope openid and names every call."""
    made = make_tpp(
        "rp",
        connectid,
        scopes=["openid"],
        grant_types=["authorization_code"],
        authorization_details_types=[],
    )
    made.headers = {"x-fapi-interaction-id": str(uuid.uuid4())}
    return made


@pytest.fixture
def customer(connectid, client):
    made = Person(world.person("ruth", connectid), client)
    made.sign_in()
    return made


def push(rp, **changes):
    return rp.push_signed(**{"scope": "openid", "purpose": "To open an account"} | changes)


@requirement("CID-SP-4")
def test_a_person_approves_and_is_known_by_a_pairwise_name(rp, customer):
    answer = customer.approves(rp, push(rp).json()["request_uri"])
    token = rp.redeem(answer["code"]).json()["access_token"]

    said = rp.userinfo(token, **rp.headers)
    assert said.status_code == 200
    assert said.json()["sub"] not in (customer.user.username, str(customer.user.pk))


@requirement("CID-PURPOSE-3")
@pytest.mark.parametrize("letter", ["p", "é", "账", "🦘"])
def test_a_purpose_of_300_characters_is_kept_and_one_more_is_refused(rp, letter):
    assert push(rp, purpose=letter * 300).status_code == 201
    assert PushedRequest.objects.get().parameters["purpose"] == letter * 300

    with nothing_stored():
        refused(push(rp, purpose=letter * 301), "invalid_request", about="CID-PURPOSE-3")


@requirement("CID-PURPOSE-3")
def test_a_purpose_may_be_absent(rp):
    assert push(rp, purpose=None).status_code == 201


@requirement("CID-SP-4")
@pytest.mark.parametrize("scope", ["openid profile", "profile", None])
def test_claims_are_asked_for_and_never_scopes(rp, connectid, scope):
    connectid.scopes = {"openid": "Know you", "profile": "Know your name"}
    connectid.save()
    rp.client.scopes = ["openid", "profile"]
    rp.client.save()
    assert push(rp).status_code == 201

    with nothing_stored():
        refused(push(rp, scope=scope), "invalid_scope")


@requirement("CID-SP-4.2-10", "FAPI2-MS-ID1-5.3.1-4")
def test_a_request_object_lives_for_ten_minutes_at_most(rp):
    now = int(time.time())
    assert push(rp, nbf=now, exp=now + 10 * MINUTE).status_code == 201

    for exp in (now + 10 * MINUTE + 1, now + 15 * MINUTE):
        with nothing_stored():
            response = push(rp, nbf=now, exp=exp)
            refused(response, "invalid_request_object", about="CID-SP-4.2-10")


@requirement("CID-SP-4.2-11", "FAPI2-MS-ID1-5.3.1-3")
def test_a_request_object_may_be_fifteen_minutes_old(rp, at):
    """Its life ends after ten, so one that is older has expired as well: nbf is looked at first."""
    made = int(time.time())
    with at(minutes=9):
        assert push(rp, nbf=made, exp=made + 10 * MINUTE).status_code == 201
    with at(minutes=16), nothing_stored():
        refused(
            push(rp, nbf=made, exp=made + 26 * MINUTE),
            "invalid_request_object",
            about="CID-SP-4.2-11",
        )


@requirement("CID-SP-4")
@pytest.mark.parametrize("path", ["/par", "/token", "/introspect", "/revoke"])
def test_every_call_of_a_machine_is_named(rp, path):
    form = {"/par": {"request": rp.request_object(scope="openid")}}.get(
        path, {"grant_type": "client_credentials", "token": "nobody's"}
    )
    named = rp.post(path, form | rp.authentication())
    rp.headers = {}

    with nothing_stored():
        response = rp.post(path, form | rp.authentication())
    refused(response, "invalid_request", about="x-fapi-interaction-id is required [CID-SP-4]")
    assert "x-fapi-interaction-id is required" not in named.content.decode()


@requirement("CID-SP-4")
def test_a_call_of_userinfo_is_named(rp, customer):
    answer = customer.approves(rp, push(rp).json()["request_uri"])
    token = rp.redeem(answer["code"]).json()["access_token"]
    assert rp.userinfo(token, **rp.headers).status_code == 200

    response = rp.userinfo(token)

    assert response.status_code == 400
    assert "CID-SP-4" in response.json()["error_description"]
    assert "sub" not in response.json()


@requirement("CID-SP-4")
def test_elsewhere_a_call_needs_no_name(tpp):
    assert tpp.push().status_code == 201


@requirement("CID-SP-4")
def test_people_cannot_be_named_alike_to_everybody(connectid):
    connectid.full_clean()
    connectid.subject_type = "public"

    with pytest.raises(ValidationError) as refusal:
        connectid.full_clean()
    assert refusal.value.message_dict["subject_type"] == [
        "ConnectID Australia allows pairwise [CID-SP-4]."
    ]


@requirement("OIDCC-8")
def test_elsewhere_they_can(openfinance):
    openfinance.subject_type = "public"

    openfinance.full_clean()


@requirement("CID-SP-4")
def test_ps256_signs_everything(rp):
    curve = ECKey.generate_key("P-256", {"kid": "curve", "alg": "ES256", "use": "sig"})
    rp.client.client_jwks["keys"].append(curve.as_dict(private=False))
    rp.client.save()
    es256 = {"header": {"alg": "ES256"}, "key": curve}
    assert push(rp).status_code == 201

    with nothing_stored():
        refused(push(rp, **es256), "invalid_request_object")
        not_identified(rp.token(grant_type="authorization_code", assertion=es256))
