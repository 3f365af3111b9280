"""A key works whatever else is in its set, at every door that takes one. Cases JW-13 to JW-16."""

import json
from base64 import b64encode

import pytest
from django.utils import timezone
from joserfc.jwk import ECKey, RSAKey

from authserver.protocol import jose
from authserver.resource.keys import KeyCache
from clients import jwks, key_sets
from clients.admin.client_form import KeySet
from clients.models import Client, ClientKeySet
from tests.support import certificates, world
from tests.support.assertions import not_identified

case = pytest.mark.case
requirement = pytest.mark.requirement


def own():
    return world.rsa_key("tpp").as_dict(private=False)


def others(count):
    key = world.rsa_key("new").as_dict(private=False)
    return [key | {"kid": f"other-{number}"} for number in range(count)]


def an_ec_key(kid):
    return ECKey.generate_key("P-256", {"kid": kid}).as_dict(private=False)


def a_chain():
    der = b64encode(certificates.transport("tpp").der).decode()
    return [der, der, der]


CROWDS = {
    "alone": lambda: [],
    "ML-DSA": lambda: [{"kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "x" * 2_600}],
    "enc": lambda: [own() | {"use": "enc", "kid": "enc", "alg": "RSA-OAEP-256"}],
    "enc of the same kid": lambda: [an_ec_key(kid="tpp-key") | {"use": "enc", "alg": "ECDH-ES"}],
    "tls": lambda: [own() | {"use": "tls", "kid": "tls", "x5c": a_chain()}],
    "an RS256 twin": lambda: [own() | {"alg": "RS256"}],
    "an EC key of the same kid": lambda: [an_ec_key(kid="tpp-key")],
    "25 others": lambda: others(25),
    "300 others": lambda: others(300),
    "30 with chains": lambda: [each | {"x5c": a_chain()} for each in others(30)],
    "junk": lambda: [5, None, "x", [], {}, {"kty": "RSA"}, {"kid": ["tpp-key"], "kty": "RSA"}],
}
every_crowd = pytest.mark.parametrize("crowd", CROWDS.values(), ids=CROWDS)
last_and_first = pytest.mark.parametrize("order", [1, -1], ids=["ours last", "ours first"])


def document(crowd, order):
    return {"keys": [*crowd(), own()][::order]}


@case("JW-13", "JW-15")
@requirement("RFC7517-5")
@every_crowd
@last_and_first
def test_by_value(tpp, crowd, order):
    tpp.client.client_jwks = document(crowd, order)
    tpp.client.save(update_fields=["client_jwks"])

    assert tpp.push().status_code == 201
    not_identified(tpp.push(assertion={"key": world.rsa_key("stranger")}))


@case("JW-13", "JW-15")
@requirement("RFC7517-5")
@every_crowd
@last_and_first
def test_fetched(by_uri, host, crowd, order):
    host.answer = document(crowd, order)
    assert len(json.dumps(host.answer)) < jwks.MAX_BYTES

    assert by_uri.push().status_code == 201
    not_identified(by_uri.push(assertion={"key": world.rsa_key("stranger")}))
    assert len(json.dumps(ClientKeySet.objects.get().keys)) < 2 * jwks.MAX_BYTES


@case("JW-13", "JW-15")
@requirement("RFC7517-5", "RFC9068-4")
@every_crowd
@last_and_first
def test_in_the_kit(crowd, order):
    header = {"alg": "PS256", "kid": "tpp-key"}
    token = ".".join([jose.base64url.encode(json.dumps(header).encode()), "e30", "AA"])

    cache = KeyCache(fetch=lambda: document(crowd, order))
    found = cache.for_token(token, now=timezone.now())

    key = found.the_one(kid="tpp-key", algorithm="PS256")
    assert key.thumbprint == world.rsa_key("tpp").thumbprint()


@case("JW-13", "JW-15")
@every_crowd
@last_and_first
def test_pasted(crowd, order):
    field = KeySet(required=False)
    pasted = document(crowd, order)

    assert field.clean(json.dumps(pasted)) == pasted
    unusable = {"ML-DSA", "enc", "enc of the same kid", "tls", "an RS256 twin", "junk"}
    assert bool(field.left_out) == (next(n for n, c in CROWDS.items() if c is crowd) in unusable)
    assert all(each.startswith("key ") for each in field.left_out)


@requirement("RFC7517-5")
@pytest.mark.parametrize("member", ["n", "e"])
def test_a_zero_octet_before_a_number_changes_nothing(tpp, member):
    padded = own()
    padded[member] = jose.base64url.encode(b"\0" + jose.base64url.decode(padded[member]))
    tpp.client.client_jwks = {"keys": [padded]}
    tpp.client.save(update_fields=["client_jwks"])

    assert tpp.push().status_code == 201
    found = jose.import_jwks(tpp.client.client_jwks).keys
    assert [key.thumbprint for key in found] == [world.rsa_key("tpp").thumbprint()]


@case("JW-19")
def test_a_new_key_under_an_old_kid_is_asked_for(by_uri, host, at):
    assert by_uri.push().status_code == 201
    curve = ECKey.generate_key("P-256", {"kid": "tpp-key"})
    host.answer = {"keys": [own(), curve.as_dict(private=False)]}

    with at(minutes=2):
        new = {"key": curve, "header": {"alg": "ES256"}}
        assert by_uri.push(assertion=new).status_code == 201
        assert by_uri.push().status_code == 201
    assert len(host.asked) == 2


@case("JW-20")
def test_an_algorithm_of_nobody_asks_for_nothing(by_uri, host, at):
    assert by_uri.push().status_code == 201

    with at(minutes=2):
        not_identified(by_uri.push(assertion={"header": {"alg": "RS256"}}))
    assert len(host.asked) == 1


def test_of_a_chain_the_first_certificate_is_kept(by_uri, host):
    host.answer["keys"][0]["x5c"] = a_chain()

    assert by_uri.push().status_code == 201
    [key] = ClientKeySet.objects.get().keys["keys"]
    assert key["x5c"] == a_chain()[:1]
    assert key_sets.without_secrets({"keys": [{"x5c": "text"}]}) == {"keys": [{"x5c": "text"}]}


@case("JW-14")
def test_a_private_key_among_others_is_left_out_and_named(by_uri, host):
    secret = RSAKey.import_key(world.rsa_key("new").as_dict(private=True), {"kid": "oops"})
    host.answer["keys"].insert(0, secret.as_dict(private=True))

    report = jwks.fetch_now(Client.objects.get(pk=by_uri.client.pk), now=timezone.now())

    assert report.keys == (("tpp-key", "PS256"),)
    assert report.rejected == ("key 1 (oops): private or symmetric",)
    assert by_uri.push().status_code == 201
    assert "oops" not in json.dumps(ClientKeySet.objects.get().keys)
