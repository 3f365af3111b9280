"""A bank that has its tokens encrypted opens them with its own key, and verifies what is inside."""

import pytest
from django.test import override_settings

from authserver.protocol import jose
from tests.operations.resource_kit import bank_api
from tests.operations.resource_kit.calling import call
from tests.support import world
from tests.support.world import rsa_key

pytestmark = pytest.mark.requirement("RFC9068-4", "RFC7519-7.2")


@pytest.fixture(scope="module", autouse=True)
def at_the_bank():
    with override_settings(ROOT_URLCONF="tests.operations.resource_kit.bank_api"):
        yield


def key_of_the_bank(algorithm, number=1):
    pem = world.server_key_pem(algorithm, number)
    return jose.load_private_key(pem, algorithm, kid="banks-key")


@pytest.fixture(params=["RSA-OAEP-256", "ECDH-ES"])
def key(request, bank):
    """The bank's private key; its public half is registered."""
    found = key_of_the_bank(request.param)
    bank.encryption_jwk = jose.public_jwk(found)
    bank.save()
    return found


@pytest.fixture
def published(rs):
    return lambda: rs.http.get("/openfinance/jwks").json()


@pytest.fixture(params=["verifies", "does both"])
def asked(request, rs):
    """How the bank learns what it cannot see, if at all."""
    asks = request.param == "does both"
    return (lambda token: rs.introspect(token).json()) if asks else None


@pytest.fixture
def opens(key, published, asked):
    bank_api.trust(fetch=published, introspect=asked, decryption_keys=[key])


def test_it_opens_the_api_with_its_key(opens, tpp, granted):
    assert jose.is_jwe_shape(granted["access_token"])

    response = call(tpp, granted["access_token"])

    assert response.status_code == 200, response.content
    assert response.json() == {"client": "tpp", "scope": ["accounts", "openid"]}


def test_while_keys_change_the_older_one_still_opens(key, published, tpp, granted):
    newer = key_of_the_bank(key.algorithm, 2)
    bank_api.trust(fetch=published, decryption_keys=[newer, key])

    assert call(tpp, granted["access_token"]).status_code == 200


def test_a_stolen_one_opens_nothing(opens, tpp, other_tpp, granted):
    for certificate in (None, other_tpp.certificate):
        response = call(tpp, granted["access_token"], certificate=certificate)
        assert response.status_code == 401
        assert response.json()["error"] == "invalid_token"


def test_one_that_is_encrypted_to_another_key_is_refused(key, published, asked, tpp, granted):
    other = key_of_the_bank(key.algorithm, 2)
    bank_api.trust(fetch=published, introspect=asked, decryption_keys=[other])

    response = call(tpp, granted["access_token"])

    assert response.status_code == 401
    assert response.json()["error"] == "invalid_token"


def test_anybody_can_encrypt_but_only_the_issuer_signs(key, published, tpp, granted):
    bank_api.trust(fetch=published, decryption_keys=[key])
    signed = jose.decrypt_nested(granted["access_token"], key=key)
    head, body, _ = signed.split(".")
    forged = f"{head}.{body}.{tpp.sign({'any': 'thing'}, key=rsa_key('tpp')).split('.')[2]}"
    recipient = jose.public_jwk(key)

    assert call(tpp, jose.encrypt_nested(signed, jwk=recipient)).status_code == 200
    response = call(tpp, jose.encrypt_nested(forged, jwk=recipient))

    assert response.status_code == 401
    assert response.json()["error"] == "invalid_token"


def test_without_a_key_it_can_only_be_asked_about(key, published, rs, tpp, granted):
    bank_api.trust(fetch=published)
    assert call(tpp, granted["access_token"]).status_code == 401

    bank_api.trust(fetch=published, introspect=lambda token: rs.introspect(token).json())
    assert call(tpp, granted["access_token"]).status_code == 200
