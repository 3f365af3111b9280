"""The TPP's web application: its pages, what it checks, and what it says to others."""

import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from deploy.demo.tpp.__main__ import application
from deploy.demo.tpp.sessions import COOKIE, Visits
from deploy.local import signing
from deploy.local.https_server import Request
from tests.operations.demo.fake_network import der

CLIENTS = ("lantern-openfinance", "tidewater-openfinance", "lantern-uae", "tidewater-uae")


@pytest.fixture(scope="module")
def made(kit):
    return application(kit)


@pytest.fixture
def tpp(kit, network, made):
    """The application, with every client led into the fake network."""

    def led(https):
        path = kit.folder / https.certificate / "transport.pem"
        if https.certificate == "magpie":
            path = kit.thief_certificate
        return replace(https, http=network.http(der(path) if https.certificate else None))

    connectors = {
        client_id: replace(
            one,
            https=led(one.https),
            thieves={who: led(https) for who, https in one.thieves.items()},
        )
        for client_id, one in made.connectors.items()
    }
    return replace(made, connectors=connectors, visits=Visits())


class Visitor:
    """A browser's cookie and the calls that it makes."""

    def __init__(self, tpp, client_id):
        self.tpp = tpp
        self.home = f"/{client_id}/"
        self.cookies = {}

    def send(self, method, path, query=None, **headers):
        response = self.tpp.answer(
            Request(
                method=method,
                path=path,
                query=query or {},
                form={},
                headers=headers,
                cookies=self.cookies,
                certificate=None,
            )
        )
        if found := re.match(rf"{COOKIE}=([^;]+)", response.headers.get("Set-Cookie", "")):
            self.cookies = {COOKIE: found[1]}
        return response

    def page(self):
        return self.send("GET", self.home).body.decode()

    def press(self, action):
        response = self.send("POST", self.home + action)
        assert response.status == 303, response.body
        return response.headers["Location"]

    def connect(self, network, **changes):
        """Connect and come back with the answer that a server would give."""
        url = urlsplit(self.press("connect"))
        request = network.pushed[dict(parse_qsl(url.query))["request_uri"]]
        answer = {"code": "code", "state": request["state"], "iss": request["aud"], **changes}
        return self.send("GET", self.home + "callback", answer)


@pytest.fixture
def visitor(tpp):
    return Visitor(tpp, "lantern-openfinance")


@pytest.mark.parametrize("client_id", CLIENTS)
def test_a_person_connects_and_sees_the_chosen_account(tpp, network, client_id):
    visitor = Visitor(tpp, client_id)
    assert 'id="connect"' in visitor.page()
    assert visitor.connect(network).status == 303
    page = visitor.page()
    assert 'id="account-1042-017731"' in page
    assert "8,214.60" in page
    assert "AE61 9990" in page
    assert page.count('class="account"') == 1


def test_the_browser_carries_client_id_and_request_uri_alone(visitor):
    url = urlsplit(visitor.press("connect"))
    assert url.path == "/openfinance/authorize"
    assert dict(parse_qsl(url.query)).keys() == {"client_id", "request_uri"}


def test_the_request_is_signed_and_says_all_that_fapi_wants(visitor, network, kit):
    visitor.press("connect")
    path, form = next(one for one in network.asked if one[0].endswith("/par"))
    assert path == "/openfinance/par"
    assert form.keys() == {"request", "client_assertion", "client_assertion_type"}
    key = signing.public_jwk(kit.clients["lantern-openfinance"].signing_key)
    header, claims = signing.verify(form["request"], keys=[key], algorithms=["PS256"])
    assert header["typ"] == "oauth-authz-req+jwt"
    assert claims["aud"] == kit.issuers["openfinance"]["issuer"]
    assert claims["exp"] - claims["nbf"] <= 600
    assert claims["code_challenge_method"] == "S256"
    assert "code_verifier" not in claims
    _, assertion = signing.verify(form["client_assertion"], keys=[key], algorithms=["PS256"])
    assert assertion["aud"] == kit.issuers["openfinance"]["issuer"]
    assert assertion["sub"] == assertion["iss"] == "lantern-openfinance"


def test_a_client_that_authenticates_by_certificate_sends_no_assertion(tpp, network):
    Visitor(tpp, "tidewater-openfinance").press("connect")
    _, form = next(one for one in network.asked if one[0].endswith("/par"))
    assert form.keys() == {"request", "client_id"}


def test_a_refusal_is_shown_and_nothing_is_kept(visitor, network):
    assert visitor.connect(network, code="", error="access_denied").status == 303
    page = visitor.page()
    assert 'id="refused"' in page
    assert 'id="accounts"' not in page
    assert not network.issued


@pytest.mark.parametrize(
    "change",
    [
        {"state": "another"},
        {"state": ""},
        {"iss": "https://attacker.test"},
        {"iss": ""},
        {"code": ""},
        {"error": "server_error", "code": ""},
    ],
)
def test_an_answer_that_does_not_belong_here_is_refused(visitor, network, change):
    response = visitor.connect(network, **change)
    assert response.status == 502
    assert b'id="failed"' in response.body
    assert not network.issued
    assert 'id="accounts"' not in visitor.page()


def test_an_answer_counts_once(visitor, network):
    visitor.connect(network)
    [request] = network.pushed.values()
    again = {"code": "code", "state": request["state"], "iss": request["aud"]}
    assert visitor.send("GET", visitor.home + "callback", again).status == 502
    assert len(network.issued) == 1


def test_an_answer_in_another_browser_is_refused(visitor, tpp, network):
    visitor.press("connect")
    [request] = network.pushed.values()
    answer = {"code": "code", "state": request["state"], "iss": request["aud"]}
    victim = Visitor(tpp, "lantern-openfinance")
    assert victim.send("GET", victim.home + "callback", answer).status == 502
    assert not network.issued


@pytest.mark.parametrize("change", [{"nonce": "x"}, {"aud": "x"}, {"iss": "x"}, {"exp": 1}])
def test_an_id_token_for_somebody_else_is_refused(visitor, network, change):
    network.changes["id_token"] = change
    assert visitor.connect(network).status == 502
    assert 'id="accounts"' not in visitor.page()


def test_metadata_of_another_issuer_are_refused(visitor, network):
    network.changes["metadata"] = {"issuer": "https://attacker.test"}
    assert visitor.send("POST", visitor.home + "connect").status == 502
    assert not network.pushed


def test_what_the_server_said_is_shown_and_escaped(visitor, network):
    network.changes["push"] = {"error": "<b>", "error_description": "<script>"}
    page = visitor.send("POST", visitor.home + "connect").body.decode()
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;" in page
    assert "<script>" not in page


def test_a_thief_gets_nothing_whatever_certificate_they_have(visitor, network):
    visitor.connect(network)
    visitor.press("steal")
    record = json.loads(visitor.send("GET", visitor.home + "wire.json").body)
    tries = [one for one in record if one["what"].startswith("The stolen token")]
    assert [one["status"] for one in tries] == [401, 401, 401]
    assert [one["certificate"] for one in tries] == ["", "magpie", "tidewater-openfinance"]
    visitor.press("refresh")
    assert 'id="refreshed"' in visitor.page()


def test_when_the_consent_has_ended_the_accounts_disappear(visitor, network):
    visitor.connect(network)
    network.ended = True
    visitor.press("refresh")
    page = visitor.page()
    assert 'id="ended"' in page
    assert 'id="accounts"' not in page


def test_an_access_token_that_ran_out_is_renewed(visitor, network):
    visitor.connect(network)
    network.issued.clear()
    visitor.press("refresh")
    page = visitor.page()
    assert 'id="refreshed"' in page
    assert 'id="account-1042-017731"' in page


def test_forgetting_gives_the_tokens_back(visitor, network):
    visitor.connect(network)
    visitor.press("forget")
    given_back = [form["token"] for path, form in network.asked if path.endswith("/revoke")]
    assert given_back == ["refresh", *network.issued]
    assert 'id="connect"' in visitor.page()


def test_the_record_holds_no_secret(visitor, network):
    visitor.connect(network)
    visitor.press("refresh")
    record = visitor.send("GET", visitor.home + "wire.json").body.decode()
    [token] = network.issued
    assert token not in record
    assert token[:10] in record
    assert not re.search(r"[A-Za-z0-9_-]{60,}", record.replace("request_uri", ""))


def test_a_form_of_another_site_is_refused(visitor, network):
    response = visitor.send("POST", visitor.home + "connect", origin="https://attacker.test")
    assert response.status == 403
    assert not network.pushed


def test_a_silent_server_is_a_page_that_says_so(visitor, network):
    network.silent = True
    response = visitor.send("POST", visitor.home + "connect")
    assert response.status == 502
    assert b'id="failed"' in response.body


@pytest.mark.parametrize("client_id", [*CLIENTS, "pensions-ffi"])
def test_every_client_publishes_its_public_key(tpp, kit, client_id):
    response = Visitor(tpp, client_id).send("GET", f"/{client_id}/jwks.json")
    [key] = json.loads(response.body)["keys"]
    assert key["kid"] == kit.clients[client_id].kid
    assert "d" not in key
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/nobody/",
        "/bank-uae/",
        "/lantern-uae/x",
        "/nobody/jwks.json",
        "/bank-ffi/jwks.json",
        "/pensions-ffi/",
    ],
)
def test_what_is_not_there_is_404(tpp, path):
    assert Visitor(tpp, "lantern-uae").send("GET", path).status == 404


def test_a_browser_that_brings_its_own_cookie_value_gets_another():
    visits = Visits()
    assert visits.browser("fixed-by-an-attacker") != "fixed-by-an-attacker"
    known = visits.browser("")
    assert visits.browser(known) == known
