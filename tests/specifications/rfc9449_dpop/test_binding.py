"""DPoP through the doors: at PAR, token and userinfo (RFC 9449)."""

import time
from urllib.parse import urlencode

import pytest

from authserver.replay.models import UsedProof
from tests.support.assertions import nothing_stored, refused
from tests.support.dpop import Prover
from tests.support.forge import HINTS
from tests.support.tpp import FORM, VALID_REQUEST

case = pytest.mark.case
requirement = pytest.mark.requirement
TOKEN = "https://as.example.com/openfinance/token"
PAR = "https://as.example.com/openfinance/par"
USERINFO = "https://as.example.com/openfinance/userinfo"


@pytest.fixture
def code(dpop_tpp, person) -> str:
    return person.approves(dpop_tpp, dpop_tpp.push().json()["request_uri"])["code"]


@pytest.fixture
def tokens(dpop_tpp, code):
    response = dpop_tpp.redeem(code)
    assert response.status_code == 200, response.content
    return response.json()


@requirement("DPOP-5", "DPOP-7.1", "FAPI2-SP-FINAL-5.3.2.1-5", "DPOP-6.2")
def test_a_token_is_bound_to_the_key_of_the_proof(dpop_tpp, rs, tokens):
    assert tokens["token_type"] == "DPoP"
    assert rs.introspect(tokens["access_token"]).json()["cnf"] == {"jkt": dpop_tpp.prover.jkt}
    assert dpop_tpp.userinfo(tokens["access_token"], scheme="DPoP").status_code == 200


@case("TK-05")
@requirement("RFC9110-11.1")
@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "dPOP"])
def test_the_scheme_is_compared_without_case(dpop_tpp, tokens, scheme):
    assert dpop_tpp.userinfo(tokens["access_token"], scheme=scheme).status_code == 200


@case("DP-14", "TK-04")
@requirement("DPOP-7.1", "DPOP-7.2")
def test_a_bound_token_is_worth_nothing_without_its_key(dpop_tpp, tokens):
    token = tokens["access_token"]
    other = Prover()
    for response in (
        dpop_tpp.userinfo(token, scheme="DPoP", DPoP=None),
        dpop_tpp.userinfo(token, scheme="Bearer"),
        dpop_tpp.userinfo(token, scheme="Bearer", DPoP=None),
        dpop_tpp.userinfo(
            token, scheme="DPoP", DPoP=other.proof("GET", USERINFO, access_token=token)
        ),
    ):
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("DPoP")
    assert dpop_tpp.userinfo(token, scheme="DPoP").status_code == 200


@case("DP-20", "HT-03")
@requirement("RFC6750-3.1")
@pytest.mark.parametrize("joined", ["DPoP {0},Bearer {0}", "Bearer {0}, DPoP {0}", "DPoP {0}, "])
def test_two_authorization_headers_are_refused(dpop_tpp, tokens, joined):
    token = tokens["access_token"]

    response = dpop_tpp.userinfo(token, Authorization=joined.format(token))

    assert response.status_code == 400
    assert response.json()["error"] == "invalid_request"
    assert response["WWW-Authenticate"].startswith('Bearer error="invalid_request"')
    assert dpop_tpp.userinfo(token, scheme="DPoP").status_code == 200


@case("DP-10")
@requirement("DPOP-11.1", "DPOP-4.3")
def test_a_proof_works_once(dpop_tpp, tokens):
    token = tokens["access_token"]
    proof = dpop_tpp.prover.proof("GET", USERINFO, access_token=token)

    assert dpop_tpp.userinfo(token, scheme="DPoP", DPoP=proof).status_code == 200
    assert dpop_tpp.userinfo(token, scheme="DPoP", DPoP=proof).status_code == 401


@case("DP-08", "DP-09", "DP-18", "DP-21")
@requirement("DPOP-4.3", "FAPI2-SP-FINAL-5.3.2.1-13", "DPOP-4.2", "RFC3986-6.2.2", "RFC3986-6.2.3")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"iat": -10}, id="ten seconds ago"),
        pytest.param({"iat": 8}, id="eight seconds ahead"),
        pytest.param({"htu": USERINFO + "?a=b#c"}, id="query and fragment"),
        pytest.param({"htu": "HTTPS://AS.example.com/openfinance/userinfo"}, id="case"),
        pytest.param({"htu": "https://as.example.com:443/openfinance/userinfo"}, id="port"),
        pytest.param({"nbf": 0, "exp": 60}, id="nbf and exp"),
        pytest.param({"extra": "claim"}, id="an unknown claim"),
        pytest.param({"header": {"extra": "member"}}, id="an unknown header member"),
        pytest.param({"header": {"typ": "DPoP+JWT"}}, id="typ in other letters"),
        pytest.param({"header": {"typ": "application/dpop+jwt"}}, id="typ in full"),
        *(pytest.param({"header": hint.values[0]}, id=hint.id) for hint in HINTS),
    ],
)
def test_what_a_proof_may_carry(dpop_tpp, tokens, change):
    token = tokens["access_token"]
    moved = {
        name: int(time.time()) + value if name in ("iat", "nbf", "exp") else value
        for name, value in change.items()
    }
    proof = dpop_tpp.prover.proof("GET", USERINFO, access_token=token, **moved)

    assert dpop_tpp.userinfo(token, scheme="DPoP", DPoP=proof).status_code == 200


@case("DP-02", "DP-03", "DP-05", "DP-06", "DP-07", "DP-08", "DP-09", "DP-12")
@requirement("DPOP-4.3", "DPOP-7.1", "FAPI2-SP-FINAL-5.4", "DPOP-4.1", "FAPI2-BASE-4.3.3")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"header": {"typ": None}}, id="no typ"),
        pytest.param({"header": {"typ": "JWT"}}, id="other typ"),
        pytest.param({"header": {"jwk": None}}, id="no jwk"),
        pytest.param({"jti": None}, id="no jti"),
        pytest.param({"htm": None}, id="no htm"),
        pytest.param({"htu": None}, id="no htu"),
        pytest.param({"iat": None}, id="no iat"),
        pytest.param({"ath": None}, id="no ath"),
        pytest.param({"ath": "x"}, id="ath of another token"),
        pytest.param({"htm": "POST"}, id="other method"),
        pytest.param({"htm": "get"}, id="method in lower case"),
        pytest.param({"htu": TOKEN}, id="other path"),
        pytest.param({"htu": "https://other.example.com/openfinance/userinfo"}, id="other host"),
        pytest.param({"htu": "http://as.example.com/openfinance/userinfo"}, id="http"),
        pytest.param({"htu": "https://as.example.com:8443/openfinance/userinfo"}, id="other port"),
        pytest.param({"htu": "https://u@as.example.com/openfinance/userinfo"}, id="userinfo"),
        pytest.param({"htu": 5}, id="htu is a number"),
        pytest.param({"iat": 3600}, id="an hour ahead"),
        pytest.param({"iat": -3600}, id="an hour ago"),
        pytest.param({"exp": -30}, id="expired"),
    ],
)
def test_a_wrong_proof_is_refused(dpop_tpp, tokens, change):
    token = tokens["access_token"]
    moved = {
        name: int(time.time()) + value
        if name in ("iat", "exp") and isinstance(value, int)
        else value
        for name, value in change.items()
    }
    proof = dpop_tpp.prover.proof("GET", USERINFO, access_token=token, **moved)

    assert dpop_tpp.userinfo(token, scheme="DPoP", DPoP=proof).status_code == 401
    assert dpop_tpp.userinfo(token, scheme="DPoP").status_code == 200


@requirement("DPOP-4.3", "RFC3986-6.2.2")
@pytest.mark.parametrize("raw", ["/openfinance%2Fuserinfo", "/x/../openfinance/userinfo"])
def test_a_path_that_only_decodes_to_the_endpoints_is_another(dpop_tpp, tokens, raw):
    token = tokens["access_token"]

    def status(raw):
        proof = dpop_tpp.prover.proof("GET", USERINFO, access_token=token)
        sent = {"Authorization": f"DPoP {token}", "DPoP": proof, "Host": "as.example.com"}
        return dpop_tpp.http.get("/openfinance/userinfo", headers=sent, RAW_URI=raw).status_code

    assert status("/openfinance/%75serinfo?a=b") == 200
    assert status(raw) == 401
    assert status("/openfinance/userinfo") == 200


@requirement("DPOP-4.3", "RFC3986-6.2.2")
def test_the_same_at_the_doors_of_machines(dpop_tpp):
    form = dict(VALID_REQUEST)

    def pushed(raw):
        return dpop_tpp.http.post(
            "/openfinance/par",
            urlencode(form | dpop_tpp.authentication()),
            content_type=FORM,
            headers={"DPoP": dpop_tpp.prover.proof("POST", PAR), "Host": "as.example.com"},
            RAW_URI=raw,
        )

    assert pushed("/openfinance/par").status_code == 201
    with nothing_stored():
        refused(pushed("/openfinance%2Fpar"), "invalid_dpop_proof")


@case("DP-01")
@requirement("DPOP-4.3")
def test_two_proofs_are_refused(dpop_tpp, tokens):
    token = tokens["access_token"]
    one, two = (dpop_tpp.prover.proof("GET", USERINFO, access_token=token) for _ in range(2))

    assert dpop_tpp.userinfo(token, scheme="DPoP", DPoP=f"{one},{two}").status_code == 401


@case("CD-13")
@requirement("DPOP-10", "DPOP-10.1")
def test_the_code_is_bound_to_the_key_of_the_push(dpop_tpp, code):
    refused(_redeem_with(dpop_tpp, code, Prover()), "invalid_grant", "invalid_dpop_proof")


@case("CD-13")
@requirement("DPOP-10", "DPOP-10.1")
def test_dpop_jkt_binds_the_code_too(dpop_tpp, person):
    prover, dpop_tpp.prover = dpop_tpp.prover, None
    request_uri = dpop_tpp.push(dpop_jkt=prover.jkt).json()["request_uri"]
    answer = person.approves(dpop_tpp, request_uri)

    assert _redeem_with(dpop_tpp, answer["code"], prover).status_code == 200

    request_uri = dpop_tpp.push(dpop_jkt=prover.jkt).json()["request_uri"]
    answer = person.approves(dpop_tpp, request_uri)
    refused(_redeem_with(dpop_tpp, answer["code"], Prover()), "invalid_grant")


@case("PR-31")
@requirement("DPOP-10.1")
def test_proof_and_dpop_jkt_must_name_one_key(dpop_tpp):
    with nothing_stored():
        refused(dpop_tpp.push(dpop_jkt=Prover().jkt), "invalid_request", "invalid_dpop_proof")
    assert dpop_tpp.push(dpop_jkt=dpop_tpp.prover.jkt).status_code == 201


@case("CD-12")
@requirement("FAPI2-SP-FINAL-5.3.2.1-5", "RFC9449-5")
def test_a_token_needs_a_proof(dpop_tpp, code):
    prover, dpop_tpp.prover = dpop_tpp.prover, None
    refused(dpop_tpp.redeem(code), "invalid_dpop_proof", "invalid_request")
    assert _redeem_with(dpop_tpp, code, prover).status_code == 200


@case("DP-15")
@requirement("DPOP-5")
def test_a_refresh_token_is_not_bound_to_the_key(dpop_tpp, tokens):
    dpop_tpp.prover = Prover()
    refreshed = dpop_tpp.refresh(tokens["refresh_token"])
    assert refreshed.status_code == 200
    token = refreshed.json()["access_token"]
    assert dpop_tpp.userinfo(token, scheme="DPoP").status_code == 200

    dpop_tpp.prover = None
    refused(dpop_tpp.refresh(tokens["refresh_token"]), "invalid_dpop_proof", "invalid_request")


@case("DP-13")
@requirement("DPOP-8", "RFC9449-8")
def test_a_nonce_is_demanded_where_the_ecosystem_wants_one(dpop_tpp, openfinance):
    openfinance.dpop_nonce_required = True
    openfinance.save(update_fields=["dpop_nonce_required"])
    same = dpop_tpp.authentication()
    form = {"grant_type": "client_credentials", "scope": "accounts"} | same

    asked = dpop_tpp.post("/token", form)
    refused(asked, "use_dpop_nonce")
    assert not UsedProof.objects.exists()

    dpop_tpp.prover.nonce = asked["DPoP-Nonce"]
    assert dpop_tpp.post("/token", form).status_code == 200

    dpop_tpp.prover.nonce = "forged"
    refused(dpop_tpp.token(grant_type="client_credentials", scope="accounts"), "use_dpop_nonce")


def _redeem_with(tpp, code, prover):
    tpp.prover = prover
    return tpp.redeem(code)
