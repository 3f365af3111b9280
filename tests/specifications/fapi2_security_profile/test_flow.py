"""FAPI 2.0 Security Profile: the whole flow, over HTTP, and the answer in every detail."""

from urllib.parse import parse_qs, urlsplit

import pytest

from authserver.tokens.models import AccessToken, AuthorizationCode
from tests.support.assertions import a_page_without_redirect, nothing_stored
from tests.support.person import answer_in, answer_url, is_answer
from tests.support.tpp import VALID_REQUEST

case = pytest.mark.case
requirement = pytest.mark.requirement


@requirement(
    "FAPI2-SP-FINAL-5.3.2.2-2",
    "FAPI2-SP-FINAL-5.2.3-2",
    "FAPI2-SP-FINAL-5.3.2.1-4",
    "FAPI2-SP-FINAL-5.3.2.1-5",
    "OAuth2-iss-2",
    "RFC6749-5.1",
    "OIDCC-3.1.3.3",
    "MTLS-3",
)
def test_a_person_approves_and_the_client_gets_bound_tokens(tpp, person, rs):
    request_uri = tpp.push().json()["request_uri"]

    answer = person.approves(tpp, request_uri)

    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == VALID_REQUEST["state"]
    assert answer["iss"] == tpp.ecosystem.issuer

    response = tpp.redeem(answer["code"])
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    tokens = response.json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 300
    assert set(tokens["scope"].split()) == {"openid", "accounts"}
    assert tokens["id_token"].count(".") == 2
    assert tokens["refresh_token"]

    facts = rs.introspect(tokens["access_token"]).json()
    assert facts["active"] is True
    assert set(facts["cnf"]) == {"x5t#S256"}
    assert tpp.userinfo(tokens["access_token"]).status_code == 200


@requirement("RFC6749-10.10", "RFC6819-5.1.4.2-2", "FAPI2-SP-FINAL-5.3.2.2")
def test_state_is_echoed_exactly_or_absent(tpp, person):
    for state in (None, "x" * 10, "-._~" * 250):
        answer = person.approves(tpp, tpp.push(state=state).json()["request_uri"])
        assert answer.get("state") == state


@case("AZ-20")
@requirement("OIDCC-3.1.2.6", "RFC6749-4.1.2.1")
def test_a_person_can_refuse(tpp, person):
    request_uri = tpp.push().json()["request_uri"]

    answer = answer_in(person.decides(person.opens(tpp, request_uri), approve=False))

    assert answer["error"] == "access_denied"
    assert answer["state"] == VALID_REQUEST["state"]
    assert answer["iss"] == tpp.ecosystem.issuer
    assert not AuthorizationCode.objects.exists()
    a_page_without_redirect(person.opens(tpp, request_uri))


@case("AZ-25")
@requirement("OAuth2-iss-2", "RFC6749-4.1.2", "RFC6749-4.1.2.1")
@pytest.mark.parametrize("outcome", ["approved", "refused", "not signed in"])
def test_every_answer_names_its_issuer_and_echoes_the_state(tpp, person, outcome):
    issuer = tpp.http.get("/openfinance/.well-known/openid-configuration").json()["issuer"]
    state = "a b+c%20d&e=f#g/?:@'~"
    changes = {"prompt": "none", "max_age": "0"} if outcome == "not signed in" else {}
    page = person.opens(tpp, tpp.push(state=state, **changes).json()["request_uri"])

    url = urlsplit(
        answer_url(page if is_answer(page) else person.decides(page, approve=outcome == "approved"))
    )

    assert f"{url.scheme}://{url.netloc}{url.path}" == VALID_REQUEST["redirect_uri"]
    assert url.fragment == ""
    query = parse_qs(url.query, strict_parsing=True)
    expected = {"code"} if outcome == "approved" else {"error", "error_description"}
    assert set(query) == expected | {"state", "iss"}
    assert (query["iss"], query["state"]) == ([issuer], [state])


@requirement("OIDCC-3.1.2.6")
def test_the_registered_query_survives(openfinance, bank, make_tpp, person):
    uri = "https://tpp.example.com/callback?dummy1=lorem&dummy2=ipsum"
    client = make_tpp("query", openfinance, redirect_uris=uri)
    request_uri = client.push(redirect_uri=uri).json()["request_uri"]

    back = urlsplit(answer_url(person.decides(person.opens(client, request_uri), approve=False)))

    query = parse_qs(back.query)
    assert (query["dummy1"], query["dummy2"]) == (["lorem"], ["ipsum"])
    assert query["error"] == ["access_denied"]
    assert back.fragment == ""


@case("AZ-02")
@requirement("PAR-7.3", "PAR-4", "JAR-7")
def test_a_request_uri_works_once(tpp, person):
    request_uri = tpp.push().json()["request_uri"]
    person.approves(tpp, request_uri)

    with nothing_stored():
        a_page_without_redirect(person.opens(tpp, request_uri))


@case("AZ-03")
@requirement("FAPI2-SP-FINAL-5.3.2.2", "OIDCC-3.1.2.6")
def test_a_request_may_be_opened_abandoned_and_opened_again(tpp, person):
    request_uri = tpp.push().json()["request_uri"]
    person.opens(tpp, request_uri)

    assert "code" in person.approves(tpp, request_uri)


@case("AZ-01")
@requirement("PAR-4", "PAR-3-3")
def test_a_request_uri_is_for_the_client_that_pushed_it(tpp, other_tpp, person):
    request_uri = tpp.push().json()["request_uri"]

    with nothing_stored():
        a_page_without_redirect(person.opens(other_tpp, request_uri))
    assert "code" in person.approves(tpp, request_uri)


@case("AZ-05")
@requirement("PAR-2.2")
def test_a_request_uri_expires_without_grace(tpp, person, at):
    request_uri = tpp.push().json()["request_uri"]

    with at(seconds=90):
        a_page_without_redirect(person.opens(tpp, request_uri))


@case("AZ-06", "AZ-09")
@requirement("PAR-2.2")
@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        "urn:ietf:params:oauth:request_uri:",
        "urn:ietf:params:oauth:request_uri:%",
        "urn:ietf:params:oauth:request_uri:_",
        "urn:ietf:params:oauth:request_uri:unknown",
        "https://hostile.example.com/ro.jwt",
        "x" * 100_000,
    ],
)
def test_an_unknown_request_uri_is_an_error_page(tpp, person, uri):
    tpp.push()

    a_page_without_redirect(person.opens(tpp, uri))


@case("AZ-07")
@requirement("FAPI2-MS-ID1-5.3.1-1")
def test_parameters_in_the_url_are_no_request(tpp, person):
    with nothing_stored():
        a_page_without_redirect(person.opens(tpp, None, **VALID_REQUEST))


@case("AZ-08")
@requirement("FAPI2-MS-ID1-5.3.2-1", "OIDCC-6.1", "CBUAE-2.1.12")
def test_parameters_beside_the_request_uri_change_nothing(tpp, person):
    request_uri = tpp.push().json()["request_uri"]
    beside = {
        "redirect_uri": "https://evil.example.com",
        "scope": "openid payments",
        "state": "outside",
        "nonce": "outside",
        "response_mode": "fragment",
        "prompt": "none",
        "response_type": "token",
    }

    page = person.opens(tpp, request_uri, **beside)
    answer = person.decides(page)

    assert answer_url(answer).startswith(VALID_REQUEST["redirect_uri"])
    assert answer_in(answer)["state"] == VALID_REQUEST["state"]
    assert AuthorizationCode.objects.get().scope == "openid accounts"


@requirement("PAR-4")
def test_client_id_and_request_uri_are_required_once(tpp, person):
    request_uri = tpp.push().json()["request_uri"]

    for change in ({"client_id": None}, {"client_id": ["tpp", "tpp"]}):
        a_page_without_redirect(person.opens(tpp, request_uri, **change))
    a_page_without_redirect(person.opens(tpp, [request_uri, request_uri]))


def test_a_request_pushed_by_a_client_suspended_since_is_dead(tpp, person):
    request_uri = tpp.push().json()["request_uri"]
    tpp.client.state = "suspended"
    tpp.client.save(update_fields=["state"])

    a_page_without_redirect(person.opens(tpp, request_uri))


@case("AZ-36")
def test_a_prefetch_opens_nothing(tpp, person):
    request_uri = tpp.push().json()["request_uri"]
    url = f"/openfinance/authorize?client_id=tpp&request_uri={request_uri}"

    with nothing_stored():
        assert person.browser.head(url).status_code == 204
        prefetch = person.browser.get(url, headers={"Sec-Purpose": "prefetch"})
        assert prefetch.status_code == 204
    assert "code" in person.approves(tpp, request_uri)


@case("AZ-28")
@requirement("FAPI2-SP-FINAL-5.3.2.2")
def test_codes_and_tokens_have_256_bits(tpp, person):
    codes = set()
    for _ in range(3):
        codes.add(person.approves(tpp, tpp.push().json()["request_uri"])["code"])
    assert len(codes) == 3
    assert all(len(code) == 43 for code in codes)


@case("TK-24")
def test_handles_are_stored_as_digests_only(tpp, person):
    request_uri = tpp.push().json()["request_uri"]
    code = person.approves(tpp, request_uri)["code"]
    tokens = tpp.redeem(code).json()

    stored = str(list(AuthorizationCode.objects.values())) + str(list(AccessToken.objects.values()))
    for secret in (code, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in stored
