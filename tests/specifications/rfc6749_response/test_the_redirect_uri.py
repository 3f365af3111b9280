"""The answer's URL, for every form in which a redirect URI may be registered."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from authserver.protocol import profiles
from authserver.protocol.errors import InvalidRequest
from authserver.protocol.profiles import checks
from authserver.protocol.specs import authorization_response
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from tests.support.assertions import nothing_stored, refused
from tests.support.person import answer_url
from tests.support.registration import Client, broken
from tests.support.tpp import VALID_REQUEST

requirement = pytest.mark.requirement

HOST = "https://tpp.example.com"
FORMS = {
    "plain": f"{HOST}/cb",
    "no path": HOST,
    "empty query": f"{HOST}/cb?",
    "query": f"{HOST}/cb?from=us",
    "query without a value": f"{HOST}/cb?us",
    "empty value": f"{HOST}/cb?from=",
    "query ends with a separator": f"{HOST}/cb?from=us&",
    "query begins with a separator": f"{HOST}/cb?&from=us",
    "two marks": f"{HOST}/cb??from=us",
    "mark in the value": f"{HOST}/cb?from=us?",
    "escaped": f"{HOST}/cb?from=%C3%A9%26code",
    "the name inside a name": f"{HOST}/cb?mycode=1&code2=2&states=3",
    "the name as a value": f"{HOST}/cb?from=code",
    "the name in the path": f"{HOST}/code=1/cb",
}


@pytest.fixture
def registered(openfinance, bank, make_tpp):
    def make(uri, **changes):
        return make_tpp("registered", openfinance, redirect_uris=uri, **changes)

    return make


@requirement("RFC6749-4.1.2", "RFC6749-3.1.2")
@pytest.mark.parametrize("approve", [True, False], ids=["code", "error"])
@pytest.mark.parametrize("mode", ["query", "jwt"])
@pytest.mark.parametrize("uri", FORMS.values(), ids=FORMS)
def test_the_answer_is_read_back_from_every_registered_form(registered, person, uri, mode, approve):
    tpp = registered(uri, authorization_response_mode=mode)
    page = person.opens(tpp, tpp.push(redirect_uri=uri).json()["request_uri"])

    sent_to = answer_url(person.decides(page, approve=approve))

    assert sent_to.startswith(uri)
    names = ["response"] if mode == "jwt" else ["code" if approve else "error", "state", "iss"]
    own = parse_qsl(urlsplit(uri).query, keep_blank_values=True)
    read = parse_qsl(urlsplit(sent_to).query, keep_blank_values=True)
    assert read[: len(own)] == own
    answer = dict(read[len(own) :])
    assert set(names) <= set(answer)
    assert mode == "jwt" or answer["state"] == VALID_REQUEST["state"]
    if mode == "query" and approve:
        redeemed = tpp.redeem(answer["code"], redirect_uri=uri)
        assert redeemed.status_code == 200


@requirement("RFC9700-2.1", "RFC6749-3.1.2")
@pytest.mark.parametrize("name", sorted(authorization_response.PARAMETERS))
@pytest.mark.parametrize(
    "query",
    [
        "{name}=x",
        "{name}",
        "{name}=",
        "from=us&{name}=x",
        "from=us;{name}=x",
        "?{name}=x",
        "+{name}=x",
        "{escaped}=x",
    ],
)
def test_a_query_that_holds_a_parameter_of_the_answer_is_refused(name, query):
    escaped = "".join(f"%{ord(character):02x}" for character in name)
    uri = f"{HOST}/cb?{query.format(name=name, escaped=escaped)}"

    assert broken(registered_redirect_uris=[uri]) == [("redirect_uris", "RFC9700-2.1")]
    with pytest.raises(InvalidRequest):
        checks.redirect_uri_is_registered(
            AuthorizationRequest(redirect_uri=uri),
            Client(registered_redirect_uris=[uri]),
            profiles.named("fapi2-security"),
        )


@requirement("RFC9700-2.1")
def test_what_a_response_may_carry_is_known():
    """RFC 6749, 4.1.2 and 4.2.2; RFC 9207; JARM; OpenID Connect and its sessions."""
    assert {"code", "state", "iss", "error", "error_description", "error_uri", "response"} < (
        authorization_response.PARAMETERS
    )
    for uri in FORMS.values():
        assert broken(registered_redirect_uris=[uri]) == []


@requirement("FAPI2-SP-FINAL-5.3.2.2-6")
def test_one_that_was_registered_before_is_not_answered(registered):
    uri = f"{HOST}/cb?code=x"
    tpp = registered(uri)

    with nothing_stored():
        refused(tpp.push(redirect_uri=uri), "invalid_request", about="redirect_uri")
