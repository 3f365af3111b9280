"""A resource server with an encryption key gets its JWT inside a JWE that only it can open."""

import pytest

from authserver.keys import actions
from authserver.keys.models import SigningKey
from authserver.protocol import jose
from authserver.protocol.jose import Purpose
from clients.models import ResourceServer
from tests.support import world
from tests.support.assertions import refused
from tests.support.forge import header_of

case = pytest.mark.case
requirement = pytest.mark.requirement


@pytest.fixture(params=["RSA-OAEP-256", "ECDH-ES"])
def algorithm(request):
    return request.param


@pytest.fixture
def banks_key(algorithm, bank):
    """The bank's private key; its public half is registered."""
    key = jose.load_private_key(world.server_key_pem(algorithm, 1), algorithm, kid="banks-key")
    bank.encryption_jwk = jose.public_jwk(key)
    bank.save()
    return key


@pytest.fixture
def token(banks_key, granted):
    return granted["access_token"]


@requirement("RFC9068-2.2", "RFC7519-5.2")
def test_the_bank_opens_it_and_finds_what_we_signed(token, banks_key, algorithm, openfinance, tpp):
    header = header_of(token)
    assert jose.is_jwe_shape(token)
    assert (header["alg"], header["enc"]) == (algorithm, "A256GCM")
    assert (header["cty"], header["kid"]) == ("JWT", "banks-key")

    signed = jose.decrypt_nested(token, key=banks_key)
    published = tpp.http.get("/openfinance/jwks").json()
    found = jose.verify(
        signed,
        purpose=Purpose.ACCESS_TOKEN,
        keys=jose.import_jwks(published),
        algorithms=("PS256",),
    )
    assert found.claims["aud"] == [world.BANK]
    assert found.claims["iss"] == openfinance.issuer
    assert found.claims["cnf"]["x5t#S256"]


@requirement("RFC7662-2.2")
def test_introspection_and_userinfo_know_it(token, rs, tpp):
    assert rs.introspect(token).json()["active"]
    assert tpp.userinfo(token).status_code == 200


@case("F-11", "DS-07")
def test_it_ends_with_the_key_that_signed_it(token, rs, tpp, openfinance):
    key = SigningKey.objects.get(ecosystem=openfinance, algorithm="PS256")
    assert rs.introspect(token).json()["active"]

    actions.withdraw(key, by="boss")

    assert rs.introspect(token).json() == {"active": False}
    assert tpp.userinfo(token).status_code == 401


@requirement("RFC9068-2.2", "RFC8707-2.2")
def test_a_token_for_two_of_them_is_refused_until_one_is_named(banks_key, openfinance, tpp, person):
    owner = world.participant("Second", ecosystem=openfinance)
    second = world.client("second-bank", participant=owner, grant_types=[], scopes=[])
    ResourceServer.objects.create(
        ecosystem=openfinance,
        participant=owner,
        name="Second",
        identifier="https://second.example.com",
        scopes=["accounts"],
        client=second,
        account_source_url="https://second.example.com/",
    )
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    both = [world.BANK, "https://second.example.com"]
    for resource in (None, both):
        refused(tpp.redeem(code, resource=resource), "invalid_target", about="name one resource")
        asked = {"grant_type": "client_credentials", "scope": "accounts", "resource": resource}
        refused(tpp.token(**asked), "invalid_target", about="name one resource")

    sealed = tpp.redeem(code, resource=world.BANK).json()
    plain = tpp.refresh(sealed["refresh_token"], resource=both[1]).json()["access_token"]
    refused(tpp.refresh(sealed["refresh_token"]), "invalid_target", about="name one resource")

    assert jose.is_jwe_shape(sealed["access_token"])
    claims = jose.read(plain, purpose=Purpose.ACCESS_TOKEN).claims
    assert claims is not None
    assert claims["aud"] == both[1:]


@requirement("RFC8707-2.2")
def test_an_opaque_token_for_two_of_them_tells_nobody_anything(banks_key, openfinance, tpp):
    ResourceServer.objects.create(
        ecosystem=openfinance, name="2", identifier="https://2.example", scopes=["accounts"]
    )
    tpp.client.access_token_format = "opaque"
    tpp.client.save()

    token = tpp.token(grant_type="client_credentials", scope="accounts").json()["access_token"]

    assert "." not in token
