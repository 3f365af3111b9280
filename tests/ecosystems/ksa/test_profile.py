"""Open Banking Saudi Arabia: what it adds to FAPI 2.0 Message Signing."""

import pytest
from django.core.exceptions import ValidationError
from joserfc.jwk import ECKey

from authserver.tokens.models import AccessToken
from tests.support import world
from tests.support.assertions import (
    a_page_without_redirect,
    is_served,
    not_identified,
    nothing_stored,
    refused,
)
from tests.support.person import Person, answer_in

requirement = pytest.mark.requirement


@pytest.fixture
def ksa(db):
    return world.ecosystem("ksa", profile="ksa")


@pytest.fixture
def ksa_tpp(ksa, make_tpp):
    world.bank(ksa)
    return make_tpp("ksa-tpp", ksa, authorization_response_mode="query")


@pytest.fixture
def resident(ksa, client):
    made = Person(world.person("noura", ksa), client)
    made.sign_in()
    return made


def pushed(tpp, **changes):
    response = tpp.push_signed(**changes)
    assert response.status_code == 201, response.content
    return response.json()["request_uri"]


@requirement("KSA-2", "KSA-4")
def test_a_person_approves_and_the_client_gets_a_bound_token(ksa_tpp, resident):
    answer = resident.approves(ksa_tpp, pushed(ksa_tpp))

    assert set(answer) == {"code", "state", "iss"}
    response = ksa_tpp.redeem(answer["code"])
    assert response.status_code == 200, response.content
    thumbprint = ksa_tpp.client.certificates.get().thumbprint
    assert AccessToken.objects.get().cnf == {"x5t#S256": thumbprint}


@requirement("KSA-1")
def test_ps256_signs_everything(ksa_tpp, ksa):
    curve = ECKey.generate_key("P-256", {"kid": "curve", "alg": "ES256", "use": "sig"})
    ksa_tpp.client.client_jwks["keys"].append(curve.as_dict(private=False))
    ksa_tpp.client.save()
    pushed(ksa_tpp)

    with nothing_stored():
        es256 = {"header": {"alg": "ES256"}, "key": curve}
        refused(ksa_tpp.push_signed(**es256), "invalid_request_object")
        not_identified(ksa_tpp.token(grant_type="client_credentials", assertion=es256))


@requirement("KSA-1")
@pytest.mark.parametrize("field", ["signing_algorithm", "id_token_signed_response_alg"])
def test_no_other_algorithm_can_be_registered(ksa_tpp, ksa, field):
    setattr(ksa_tpp.client, field, "PS256")
    ksa_tpp.client.full_clean()
    setattr(ksa_tpp.client, field, "ES256")

    with pytest.raises(ValidationError) as refusal:
        ksa_tpp.client.full_clean()
    assert "KSA-1" in str(refusal.value.message_dict[field])
    ksa.signing_algorithm = "Ed25519"
    with pytest.raises(ValidationError, match="KSA-1"):
        ksa.full_clean()


@requirement("KSA-2")
def test_tokens_are_bound_to_the_certificate_and_nothing_else(ksa_tpp):
    ksa_tpp.client.full_clean()
    ksa_tpp.client.dpop_bound_access_tokens = True

    with pytest.raises(ValidationError) as refusal:
        ksa_tpp.client.full_clean()
    assert "KSA-2" in str(refusal.value.message_dict["dpop_bound_access_tokens"])

    ksa_tpp.client.save()
    grant = {"grant_type": "client_credentials", "scope": "accounts"}
    assert ksa_tpp.token(**grant).json()["token_type"] == "Bearer"
    assert set(AccessToken.objects.get().cnf) == {"x5t#S256"}


@requirement("KSA-3")
@pytest.mark.parametrize("path", ["/par", "/token", "/introspect", "/revoke"])
def test_every_endpoint_wants_the_certificate(ksa_tpp, path):
    form = {"/par": {"request": ksa_tpp.request_object()}}.get(
        path, {"grant_type": "client_credentials", "scope": "accounts", "token": "nobody's"}
    )
    assert is_served(ksa_tpp.post(path, form | ksa_tpp.authentication()))

    with nothing_stored():
        bare = ksa_tpp.with_certificate(None)
        not_identified(bare.post(path, form | ksa_tpp.authentication()))


@requirement("KSA-4")
def test_an_unsigned_request_is_refused(ksa_tpp):
    pushed(ksa_tpp)

    with nothing_stored():
        refused(ksa_tpp.push(), "invalid_request", about="signed request object")


@requirement("KSA-4")
@pytest.mark.parametrize("mode", ["jwt", "query.jwt", "form_post", "fragment"])
def test_the_answer_is_plain(ksa_tpp, mode):
    pushed(ksa_tpp, response_mode="query")

    with nothing_stored():
        refused(ksa_tpp.push_signed(response_mode=mode), "invalid_request", about="[KSA-4]")


@requirement("KSA-5")
@pytest.mark.parametrize(
    "extra",
    [
        {"scope": "openid"},
        {"response_type": "code"},
        {"redirect_uri": world.CALLBACK},
        {"state": "outside"},
        {"utm_source": "mail"},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_the_address_carries_nothing_else(ksa_tpp, resident, extra):
    request_uri = pushed(ksa_tpp)

    page = resident.opens(ksa_tpp, request_uri, **extra)

    a_page_without_redirect(page)
    assert "KSA-5" in page.content.decode()
    assert "code" in answer_in(resident.decides(resident.opens(ksa_tpp, request_uri)))


@requirement("PAR-4")
def test_elsewhere_what_is_beside_them_is_ignored(tpp, person):
    request_uri = tpp.push().json()["request_uri"]

    page = person.opens(tpp, request_uri, state="outside", scope="admin")

    assert answer_in(person.decides(page))["state"] == "state-of-the-test"
