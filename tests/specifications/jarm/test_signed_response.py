"""JARM: the authorization response as one signed JWT."""

import time

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from authserver.keys import actions
from authserver.keys.models import SigningKey
from tests.support.assertions import rows
from tests.support.person import answer_in
from tests.support.tpp import VALID_REQUEST

case = pytest.mark.case
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


@case("ER-05")
@requirement("JARM-4")
@pytest.mark.parametrize(("approve", "member"), [(True, "code"), (False, "error")])
def test_without_a_key_the_person_is_told_to_wait_and_loses_nothing(
    signed_tpp, tpp, person, approve, member
):
    """It is our fault and not that of the app: 503, and the same page answers once there is one."""
    page = person.opens(signed_tpp, signed_tpp.push().json()["request_uri"])
    with_a_key = SigningKey.objects.get(ecosystem=signed_tpp.ecosystem, algorithm="PS256")
    actions.withdraw(with_a_key, by="boss")
    before = rows()

    waiting = person.decides(page, approve=approve)

    assert waiting.status_code == 503
    assert waiting["Retry-After"] == "5"
    assert waiting["Cache-Control"] == "no-store"
    shown = waiting.content.decode()
    assert 'id="error-page"' in shown
    assert "We are not available right now" in shown
    assert "start again" not in shown
    assert 'id="error-code">temporarily_unavailable<' in shown
    assert rows() == before
    plain = person.approves(tpp, tpp.push().json()["request_uri"])
    assert plain["code"], "an answer that nobody signs needs no key"

    actions.activate(actions.create(signed_tpp.ecosystem, algorithm="PS256", by="boss"), by="boss")
    again = person.browser.get(waiting.request["PATH_INFO"])
    assert opened(signed_tpp, answer_in(again))[member]


@case("ER-05")
def test_a_request_that_is_no_good_stays_a_bad_request(signed_tpp, person):
    page = person.opens(signed_tpp, "urn:ietf:params:oauth:request_uri:unknown")

    assert page.status_code == 400
    assert "Retry-After" not in page
