"""What the client signed is kept beside the consent: the signed part, whatever it came in."""

import pytest
from django.utils import timezone
from joserfc import jws
from joserfc.jwk import KeySet

from authserver.keys import actions as keys
from authserver.protocol import jose
from authserver.tokens.models import PushedRequest
from consents.models import Consent
from tests.support.bank import Bank
from tests.support.details import payment_initiation
from tests.support.tpp import VALID_REQUEST
from tests.support.world import rsa_key

requirement = pytest.mark.requirement


def scopes():
    return {"scope": "openid accounts"}


def details():
    return {"authorization_details": [payment_initiation(now=timezone.now())]}


@pytest.fixture(autouse=True)
def accounts(monkeypatch):
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)


def pushed(tpp, request):
    response = tpp.post("/par", {"request": request} | tpp.authentication())
    assert response.status_code == 201, response.content
    return response.json()["request_uri"]


@requirement("CBUAE-4.2c", "JAR-6.1")
@pytest.mark.parametrize("asked", [scopes, details])
@pytest.mark.parametrize("encrypted", [False, True], ids=["signed", "signed and encrypted"])
def test_a_consent_keeps_what_the_client_signed(tpp, person, openfinance, encrypted, asked):
    key = keys.create(openfinance, algorithm="RSA-OAEP-256", by="operator")
    keys.activate(key, by="operator")
    signed = tpp.request_object(**asked())
    sent = jose.encrypt_nested(signed, jwk=key.public_jwk) if encrypted else signed

    person.approves(tpp, pushed(tpp, sent))

    consent = Consent.objects.get()
    assert consent.request_object == signed
    assert consent.request_object_key == rsa_key(tpp.client_id).thumbprint()
    verified = jws.deserialize_compact(
        consent.request_object, KeySet([rsa_key(tpp.client_id)]), algorithms=["PS256"]
    )
    assert VALID_REQUEST["nonce"].encode() in verified.payload


@requirement("CBUAE-4.2c")
def test_a_plain_request_leaves_no_evidence(tpp, person):
    person.approves(tpp, tpp.push().json()["request_uri"])

    consent = Consent.objects.get()
    assert (consent.request_object, consent.request_object_key) == ("", "")


@requirement("CBUAE-4.2c")
def test_what_a_consent_keeps_is_kept_once(tpp):
    pushed(tpp, tpp.request_object(**details()))
    assert PushedRequest.objects.get().request_object == ""
    assert Consent.objects.get().request_object
