"""OpenID Connect: id_token, userinfo, prompt, max_age, acr and the claims parameter."""

import base64
import hashlib
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support import world
from tests.support.assertions import refused
from tests.support.person import Person, answer_in, is_answer
from tests.support.tpp import VALID_REQUEST

case = pytest.mark.case
requirement = pytest.mark.requirement
TWO_FACTORS = "urn:openbanking:psd2:sca"


def claims_of(tpp, id_token):
    keys = KeySet.import_key_set(tpp.http.get(f"/{tpp.ecosystem.slug}/jwks").json())
    return jwt.decode(id_token, keys, algorithms=["PS256", "ES256"]).claims


def flow(tpp, person, **changes):
    answer = person.approves(tpp, tpp.push(**changes).json()["request_uri"])
    response = tpp.redeem(answer["code"])
    assert response.status_code == 200, response.content
    return response.json()


@requirement("OIDCC-2", "OIDCC-3.1.3.3", "OIDCC-3.1.3.6", "FAPI2-SP-FINAL-5.4")
def test_the_id_token_says_who_approved_and_how(tpp, person):
    tokens = flow(tpp, person)

    claims = claims_of(tpp, tokens["id_token"])
    assert claims["iss"] == tpp.ecosystem.issuer
    assert claims["aud"] == "tpp"
    assert claims["nonce"] == VALID_REQUEST["nonce"]
    assert claims["acr"] == TWO_FACTORS
    assert set(claims["amr"]) >= {"pwd", "otp"}
    assert abs(claims["auth_time"] - time.time()) < 60
    assert abs(claims["iat"] - time.time()) < 60
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


@case("CD-18")
@requirement("OIDCC-3.1.2.6", "PAR-2.3", "OIDCC-3.3.2.6")
@pytest.mark.parametrize("nonce", [None, "x" * 10, "-._~" * 96])
def test_the_nonce_is_exact_or_absent(tpp, person, nonce):
    assert claims_of(tpp, flow(tpp, person, nonce=nonce)["id_token"]).get("nonce") == nonce


@requirement("OIDCC-3.1.2.1", "RFC6749-3.3")
def test_plain_oauth_gives_no_id_token(tpp, person):
    tokens = flow(tpp, person, scope="accounts")

    assert "id_token" not in tokens
    assert tpp.userinfo(tokens["access_token"]).status_code == 403


@requirement("RFC6749-3.3")
def test_scopes_may_come_in_another_order(tpp, person):
    assert flow(tpp, person, scope="accounts openid")["id_token"]


@requirement("OIDCC-8.1", "OIDCC-8", "OIDCC-5.3.2")
def test_the_subject_is_pairwise(tpp, other_tpp, person):
    mine = flow(tpp, person)
    callback = "https://other.example.com/callback"
    answer = person.approves(other_tpp, other_tpp.push(redirect_uri=callback).json()["request_uri"])
    theirs = other_tpp.redeem(answer["code"], redirect_uri=callback).json()

    subjects = [
        claims_of(t, tokens["id_token"])["sub"] for t, tokens in ((tpp, mine), (other_tpp, theirs))
    ]
    assert subjects[0] != subjects[1]
    assert tpp.userinfo(mine["access_token"]).json()["sub"] == subjects[0]
    assert claims_of(tpp, flow(tpp, person)["id_token"])["sub"] == subjects[0]


@requirement("OIDCC-8")
def test_the_subject_may_be_public(tpp, other_tpp, openfinance, person):
    openfinance.subject_type = "public"
    openfinance.save(update_fields=["subject_type"])
    mine = claims_of(tpp, flow(tpp, person)["id_token"])["sub"]

    callback = "https://other.example.com/callback"
    answer = person.approves(other_tpp, other_tpp.push(redirect_uri=callback).json()["request_uri"])
    theirs = other_tpp.redeem(answer["code"], redirect_uri=callback).json()["id_token"]
    assert claims_of(other_tpp, theirs)["sub"] == mine


@requirement("OIDCC-5.4", "OIDCC-5.5", "OIDCC-5.1", "OIDCC-5.6.2")
def test_claims_are_released_where_they_were_asked_for(tpp, person):
    asked = json.dumps(
        {
            "userinfo": {"email": {"essential": True}, "unknown_claim": None},
            "id_token": {"name": None},
            "elsewhere": {"email": None},
        }
    )
    tokens = flow(tpp, person, claims=asked)

    claims = claims_of(tpp, tokens["id_token"])
    assert claims["name"] == "Mariam Haddad"
    assert "email" not in claims
    assert set(tpp.userinfo(tokens["access_token"]).json()) == {"sub", "email"}


@requirement("OIDCC-5.4")
def test_scopes_release_claims_at_userinfo(tpp, person):
    tokens = flow(tpp, person, scope="openid profile email")

    found = tpp.userinfo(tokens["access_token"]).json()
    assert found["given_name"] == "Mariam"
    assert found["email"] == "mariam@example.com"


@case("AZ-11")
@requirement("OIDCC-3.1.2.1", "OIDCC-3.1.2.3")
def test_prompt_none_shows_no_page(tpp, openfinance, person):
    stranger = Person(world.person("stranger", openfinance), tpp.http)

    def tried(who, **changes):
        page = who.opens(tpp, tpp.push(prompt="none", **changes).json()["request_uri"])
        assert is_answer(page)
        return answer_in(page)

    refusal = tried(stranger)
    assert refusal["error"] == "login_required"
    assert refusal["error_description"] == "the person is not signed in [OIDCC-3.1.2.3]"
    refusal = tried(person)
    assert refusal["error"] == "consent_required"
    assert refusal["error_description"] == "the person has to consent [OIDCC-3.1.2.4]"
    flow(tpp, person)
    assert "code" in tried(person)


@requirement("OIDCC-3.1.2.4", "RAR-5")
def test_a_consent_to_scopes_is_remembered(tpp, person):
    flow(tpp, person)

    page = person.opens(tpp, tpp.push(scope="openid").json()["request_uri"])
    assert page.status_code == 303  # no page was needed, so a plain redirect
    assert "code" in answer_in(page)

    for change in ({"scope": "openid accounts payments"}, {"prompt": "consent"}):
        page = person.opens(tpp, tpp.push(**change).json()["request_uri"])
        assert page.request["PATH_INFO"].startswith("/openfinance/consent/")


@requirement("OIDCC-3.1.2.1")
def test_prompt_login_asks_again(tpp, person):
    page = person.opens(tpp, tpp.push(prompt="login").json()["request_uri"])

    assert page.request["PATH_INFO"].startswith("/accounts/login")


@requirement("OIDCC-3.1.2.1", "OIDCC-15.1")
def test_an_old_login_is_asked_again(tpp, person, at):
    request = tpp.push(max_age="3600").json()["request_uri"]
    page = person.opens(tpp, request)
    assert page.request["PATH_INFO"].startswith("/openfinance/consent/")

    with at(seconds=3700):
        page = person.opens(tpp, tpp.push(max_age="3600").json()["request_uri"])
        assert page.request["PATH_INFO"].startswith("/accounts/login")


@requirement("OIDCC-3.1.2.1", "OIDCC-15.1")
def test_an_old_login_without_a_page_is_an_error(tpp, person, at):
    def silently():
        request = tpp.push(max_age="60", prompt="none").json()["request_uri"]
        return answer_in(person.opens(tpp, request))["error_description"]

    assert silently() == "the person has to consent [OIDCC-3.1.2.4]"
    with at(seconds=100):
        assert silently() == "the person signed in too long ago [OIDCC-3.1.2.1]"


@case("LG-07")
@requirement("PRODUCT-5", "OIDCC-5.5.1.1")
def test_one_factor_is_not_enough(tpp, openfinance):
    person = Person(world.person("half", openfinance), tpp.http)
    person.sign_in(factors=1)

    page = person.opens(tpp, tpp.push().json()["request_uri"])

    assert page.request["PATH_INFO"].startswith("/accounts/second-factor/")
    silent = person.opens(tpp, tpp.push(prompt="none").json()["request_uri"])
    assert answer_in(silent)["error"] == "login_required"
    assert "second factor [PRODUCT-5]" in answer_in(silent)["error_description"]


@case("AZ-29")
@requirement("OIDCC-5.5.1.1")
def test_an_acr_that_we_do_not_offer_is_not_pretended(tpp, person):
    asked = json.dumps({"id_token": {"acr": {"essential": True, "value": "urn:other"}}})

    page = person.opens(tpp, tpp.push(claims=asked).json()["request_uri"])

    assert answer_in(page)["error"] == "unmet_authentication_requirements"


@case("TK-01", "TK-02", "TK-03", "TK-04", "TK-05")
@requirement("RFC6750-2.1", "FAPI2-SP-FINAL-5.3.4-2", "RFC9110-11.1", "MTLS-3")
def test_how_a_token_may_be_presented(tpp, other_tpp, granted):
    token = granted["access_token"]
    url = "/openfinance/userinfo"

    for scheme in ("Bearer", "bearer", "bEARER"):
        assert tpp.userinfo(token, scheme=scheme).status_code == 200
    for response in (
        tpp.with_certificate(None).userinfo(token),
        tpp.with_certificate(other_tpp.certificate).userinfo(token),
        tpp.userinfo(token, scheme="DPoP"),
        tpp.userinfo(token, scheme="Basic"),
        tpp.userinfo(f"{token} {token}"),
        tpp.userinfo(""),
        tpp.http.get(f"{url}?access_token={token}"),
        tpp.http.post(url, {"access_token": token}),
        tpp.http.get(url),
    ):
        assert response.status_code == 401
        assert response["WWW-Authenticate"]
        assert response["Cache-Control"] == "no-store"


@case("TK-06")
def test_an_id_token_is_no_access_token(tpp, granted):
    assert tpp.userinfo(granted["id_token"]).status_code == 401


@requirement("RFC6750-3.1")
def test_a_token_of_another_ecosystem_is_unknown(tpp, uae, granted):
    sent = {"Authorization": f"Bearer {granted['access_token']}"}

    assert tpp.http.get("/uae/userinfo", headers=sent).status_code == 401


def test_a_scope_that_is_not_registered_is_refused_before_anybody_signs_in(tpp):
    refused(tpp.push(scope="openid admin"), "invalid_scope")


@case("PR-35")
@requirement("OIDCC-3.1.2.1", "OIDCC-3.1.2.2")
def test_a_hint_names_the_person_who_must_answer(tpp, other_tpp, openfinance, person):
    hint = flow(tpp, person)["id_token"]
    assert "code" in person.approves(tpp, tpp.push(id_token_hint=hint).json()["request_uri"])

    somebody = Person(world.person("somebody", openfinance), tpp.http)
    somebody.sign_in()
    page = somebody.opens(tpp, tpp.push(id_token_hint=hint).json()["request_uri"])
    assert answer_in(page)["error"] == "login_required"

    header, payload, _ = hint.split(".")
    for forged in (
        f"eyJhbGciOiJub25lIn0.{payload}.",
        f"{header}.{payload}.x",
        "x",
        tpp.assertion(),
    ):
        refused(tpp.push(id_token_hint=forged), "invalid_request")
    refused(
        other_tpp.push(id_token_hint=hint, redirect_uri="https://other.example.com/callback"),
        "invalid_request",
    )


@case("PR-35")
@requirement("OIDCC-3.1.2.1")
def test_a_login_hint_tells_nobody_who_exists(tpp, person):
    answers = [tpp.push(login_hint=hint) for hint in ("mariam", "nobody-of-this-name")]

    assert {answer.status_code for answer in answers} == {201}
    assert {tuple(answer.json()) for answer in answers} == {("request_uri", "expires_in")}


@case("AZ-38")
@requirement("OIDCC-3.1.2.1")
@pytest.mark.parametrize(
    ("asked", "direction"),
    [("ar-AE en", b'dir="rtl"'), ("xx en", b'dir="ltr"'), ("z" * 9000, None)],
)
def test_the_pages_speak_the_language_asked_for(tpp, person, asked, direction):
    page = person.opens(tpp, tpp.push(ui_locales=asked).json()["request_uri"])

    assert page.status_code == 200
    assert direction is None or direction in page.content
