"""The kit's protected resource: it opens for a live token with its key, and for nothing less."""

import contextlib
import ssl
import time

import pytest

from authserver.protocol.specs import mtls
from authserver.resource.issuer import TrustedIssuer
from deploy.conformance.material import Material
from deploy.conformance.resource import Resource, tls
from deploy.local.https_server import Request
from deploy.local.introspection import UsedProofs
from tests.support import certificates, rsa_keys

BASE = "https://localhost:18445"
ISSUER = "https://localhost:18443/conformance-sp"
OWN, FOREIGN = (mtls.parse_pem(certificates.transport(name).pem) for name in ("own", "foreign"))


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    with rsa_keys.instead_of_new_files("kit"):
        return Material.kept_in(tmp_path_factory.mktemp("conformance"))


@pytest.fixture
def ask(material):
    """Ask with a good token and its certificate; ``said`` changes what introspection says."""

    def ask(path="/conformance-sp/whoami", *, said=None, certificate=OWN.der, **headers):
        token = {
            "active": True,
            "iss": ISSUER,
            "aud": BASE,
            "sub": "person",
            "client_id": "client",
            "scope": "accounts payments",
            "exp": int(time.time()) + 60,
            "cnf": {"x5t#S256": OWN.thumbprint},
        } | (said or {})
        issuer = TrustedIssuer(
            url=ISSUER, audience=BASE, consume=UsedProofs().consume, introspect=lambda _: token
        )
        resource = Resource(base=BASE, material=material, issuers={"conformance-sp": issuer})
        return resource.answer(
            Request(
                method="GET",
                path=path,
                query={},
                form={},
                headers={"authorization": "Bearer abc"} | headers,
                cookies={},
                certificate=certificate,
            )
        )

    return ask


def test_a_live_token_with_its_key_is_told_whose_it_is(ask):
    response = ask()
    assert (response.status, response.body) == (200, b'{"sub": "person", "client_id": "client"}')


@pytest.mark.parametrize(
    "changed",
    [
        {"certificate": None},
        {"certificate": FOREIGN.der},
        {"said": {"active": False}},
        {"said": {"aud": "https://bank.example.com"}},
        {"said": {"iss": "https://localhost:18443/conformance-ms"}},
        {"said": {"exp": 1}},
        {"said": {"cnf": {}}},
        {"authorization": ""},
    ],
)
def test_anything_less_is_refused_with_a_challenge(ask, changed):
    response = ask(**changed)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_for_something_else_does_not_reach(ask):
    assert ask(said={"scope": "payments"}).status == 403


def test_the_callers_interaction_id_comes_back(ask):
    sent = "5f5a8ae5-7b9c-4e0b-9c1c-0d6e6b1f5a11"
    headers = {"x-fapi-interaction-id": sent}
    assert ask(**headers).headers["x-fapi-interaction-id"] == sent
    assert ask().headers["x-fapi-interaction-id"] != sent


def test_published_keys_are_the_public_half(ask):
    response = ask("/keys/first/jwks.json")
    assert response.status == 200
    assert b'"n"' in response.body
    assert b'"d"' not in response.body
    assert ask("/keys/nobody/jwks.json").status == 404


def test_accounts_are_listed_for_our_server_alone(ask, material):
    path = "/people/mine-person/accounts"
    token = material.secret["account_source_token"]
    assert ask(path).status == 401
    assert ask(path, authorization=f"Bearer {token}").status == 200


def shaken_hands(material, certificate, key):
    """A whole handshake in memory; what the resource then knows of the caller."""
    material.certify_server("localhost")
    asks = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asks.check_hostname, asks.verify_mode = False, ssl.CERT_NONE
    asks.load_cert_chain(certificate, key)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asks.wrap_bio(down, up)
    server = tls(material).wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return server.getpeercert(binary_form=True)


@pytest.mark.parametrize("method", ["tls_client_auth", "self_signed_tls_client_auth"])
def test_both_certificates_of_a_party_are_taken(material, method):
    party = material.parties["first"]
    certificate = party.certificate_for(method)
    seen = shaken_hands(material, certificate, party.transport_key)
    assert seen == mtls.parse_pem(certificate.read_text()).der


def test_a_strangers_certificate_ends_the_handshake(material, tmp_path):
    with rsa_keys.instead_of_new_files("stranger"):
        strange = Material.kept_in(tmp_path).parties["first"]
    with pytest.raises(ssl.SSLError):
        shaken_hands(material, strange.self_signed_pem, strange.transport_key)
