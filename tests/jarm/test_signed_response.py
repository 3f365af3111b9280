"""JARM: the authorization response as one signed JWT."""

import time

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.person import answer_in
from tests.tpp import VALID_REQUEST

requirement = pytest.mark.requirement


@pytest.fixture
def signed_tpp(openfinance, bank, make_tpp):
    return make_tpp("signed", openfinance, authorization_response_mode="jwt")


def opened(tpp, answer):
    """The parameters inside the response, verified with the published keys."""
    assert set(answer) == {"response"}
    keys = KeySet.import_key_set(tpp.http.get("/openfinance/jwks").json())
    token = jwt.decode(answer["response"], keys, algorithms=["PS256"])
    assert token.claims["iss"] == tpp.ecosystem.issuer
    assert token.claims["aud"] == tpp.client_id
    assert 10 <= token.claims["exp"] - time.time() <= 600
    assert token.header["kid"]
    return token.claims


@requirement("JARM-4", "JARM-2.1", "JARM-2.3.4")
def test_a_client_registered_for_it_gets_a_signed_response(signed_tpp, person):
    answer = person.approves(signed_tpp, signed_tpp.push().json()["request_uri"])

    claims = opened(signed_tpp, answer)
    assert claims["state"] == VALID_REQUEST["state"]
    assert signed_tpp.redeem(claims["code"]).status_code == 200


@requirement("JARM-4")
def test_an_error_is_signed_too(signed_tpp, person):
    page = person.opens(signed_tpp, signed_tpp.push().json()["request_uri"])

    claims = opened(signed_tpp, answer_in(person.decides(page, approve=False)))
    assert claims["error"] == "access_denied"
    assert "code" not in claims


@requirement("JARM-2.3.4")
@pytest.mark.parametrize("mode", ["jwt", "query.jwt"])
def test_a_request_may_ask_for_it(tpp, person, mode):
    answer = person.approves(tpp, tpp.push(response_mode=mode).json()["request_uri"])

    assert opened(tpp, answer)["code"]


@requirement("JARM-2.3.4")
@pytest.mark.parametrize("mode", ["fragment", "form_post", "fragment.jwt", "form_post.jwt", "x"])
def test_other_modes_are_refused(tpp, mode):
    assert tpp.push(response_mode=mode).json()["error"] == "invalid_request"


@requirement("JARM-2.3.4")
def test_a_request_cannot_weaken_the_registration(signed_tpp):
    assert signed_tpp.push(response_mode="query").json()["error"] == "invalid_request"
    assert signed_tpp.push(response_mode="jwt").status_code == 201
