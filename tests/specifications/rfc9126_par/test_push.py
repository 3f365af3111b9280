"""RFC 9126: what may be pushed, and how. Each case is the valid push with one thing changed."""

import json
import socket
from urllib.parse import urlencode

import pytest

from authserver.audit.models import AuditEvent, Refusal
from authserver.tokens.models import PushedRequest
from tests.support.assertions import not_identified, nothing_stored, refused
from tests.support.tpp import VALID_REQUEST
from tests.support.world import CALLBACK

case = pytest.mark.case
requirement = pytest.mark.requirement


@requirement("PAR-2.2", "PAR-2", "FAPI2-SP-FINAL-5.3.2.2-2")
def test_an_authenticated_client_can_push_a_request(tpp):
    response = tpp.push()

    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert response.json()["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert response.json()["expires_in"] == 90
    assert AuditEvent.objects.filter(event="request.pushed", client_id="tpp").exists()


def test_the_request_uri_is_not_stored(tpp):
    reference = tpp.push().json()["request_uri"].rpartition(":")[2]

    assert reference not in str(PushedRequest.objects.values().get())


@case("PR-01")
@requirement("PAR-2.3")
@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_post_is_answered(tpp, method):
    response = getattr(tpp.http, method)("/openfinance/par")

    assert response.status_code == 405
    assert response["Allow"] == "POST"


@case("PR-02")
@requirement("PAR-2.1-2", "PAR-2.1")
@pytest.mark.parametrize(
    "uri", ["urn:x", "https://evil.example.com/r.jwt"], ids=["PR-02a", "PR-02b"]
)
def test_a_reference_cannot_be_pushed(tpp, uri):
    with nothing_stored():
        refused(tpp.push(request_uri=uri), "invalid_request", about="PAR-2.1-2")


@case("PR-04")
@requirement("RFC6749-3.2")
@pytest.mark.parametrize("name", sorted(VALID_REQUEST))
def test_a_parameter_may_be_sent_once(tpp, name):
    for twin in (VALID_REQUEST[name], "another"):
        with nothing_stored():
            refused(tpp.push(**{name: [VALID_REQUEST[name], twin]}), "invalid_request")


@case("PR-05")
@requirement("PAR-2.1")
def test_the_query_is_never_merged(tpp):
    form = VALID_REQUEST | tpp.authentication()
    with nothing_stored():
        refused(
            tpp.post("/par", form, query="?redirect_uri=https://evil.example.com"),
            "invalid_request",
        )


@case("PR-28")
@requirement("RFC6749-3.3")
@pytest.mark.parametrize(
    "scope",
    [
        pytest.param("accounts admin", id="unknown"),
        pytest.param('accounts "', id="quote"),
        pytest.param("accounts \\", id="backslash"),
        pytest.param("accounts \x07", id="control"),
        pytest.param(" ".join(f"s{n}" for n in range(10_000)), id="ten thousand"),
    ],
)
def test_scope_beyond_the_registration_is_refused(tpp, scope):
    with nothing_stored():
        refused(tpp.push(scope=scope), "invalid_scope", "invalid_request")


@requirement("RFC6749-3.3", "RAR-5")
@pytest.mark.parametrize("scope", [None, "", " "])
def test_a_request_for_nothing_is_refused(tpp, scope):
    with nothing_stored():
        refused(tpp.push(scope=scope), "invalid_scope", "invalid_request")


@case("PR-21", "PR-22", "PR-23", "PR-24")
@requirement("FAPI2-SP-FINAL-5.3.2.2-6", "RFC9700-2.1")
@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        "https://tpp.example.com/callback?next=1",
        "https://tpp.example.com/callback;x=1",
        "https://tpp.example.com/callback#f",
        "https://tpp.example.com/callback#",
        "https://user@tpp.example.com/callback",
        "https://evil.example.com@@tpp.example.com/callback",
        "https://tpp.example.com\\callback",
        "https://tpp.example.com//callback",
        "https://tpp.example.com/a/../callback",
        "https://tpp.example.com/%2e%2e/callback",
        "https://tpp.example.com/%63allback",
        "https://tpp.example.com/CALLBACK",
        "https://tpp.example.com/callback/",
        "https://tpp.example.com./callback",
        "https://tpp.example.com:443/callback",
        "https://tpp.example.com:8443/callback",
        "https://TPP.example.com/callback",
        "https://t\u0440p.example.com/callback",
        "https://tpp\u3002example.com/callback",
        "https://tpp.example.com/call\tback",
        "https://tpp.example.com/callback\n",
        "https://tpp.example.com/" + "c" * 20_000,
        "https://other.example.com/callback",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://tpp.example.com/callback",
        "http://tpp.example.com/callback",
    ],
)
def test_redirect_uri_must_match_exactly(tpp, other_tpp, uri):
    assert tpp.client.redirect_uris == CALLBACK
    assert other_tpp.client.redirect_uris == "https://other.example.com/callback"
    with nothing_stored():
        refused(tpp.push(redirect_uri=uri), "invalid_request", about="redirect_uri")

    assert tpp.push(redirect_uri=CALLBACK).status_code == 201


@case("PR-25")
@requirement("FAPI2-SP-FINAL-5.3.2.2-1")
@pytest.mark.parametrize(
    "response_type", ["token", "code id_token", "code code", "none", "id_token", " "]
)
def test_only_the_code_response_type_is_supported(tpp, response_type):
    with nothing_stored():
        refused(tpp.push(response_type=response_type), "unsupported_response_type")


@case("PR-25")
@requirement("RFC6749-3.1.1")
@pytest.mark.parametrize("response_type", ["", None])
def test_a_response_type_that_is_missing_is_no_unsupported_one(tpp, response_type):
    with nothing_stored():
        refused(tpp.push(response_type=response_type), "invalid_request", about="RFC6749-3.1.1")
        refused(
            tpp.push_signed(response_type=response_type), "invalid_request", about="RFC6749-3.1.1"
        )


@case("PR-27")
@requirement("FAPI2-SP-FINAL-5.3.2.2-5", "RFC7636-4.4.1", "RFC7636-4.2")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"code_challenge": None}, id="no challenge"),
        pytest.param({"code_challenge": None, "code_challenge_method": None}, id="no PKCE"),
        pytest.param({"code_challenge_method": None}, id="no method"),
        pytest.param({"code_challenge_method": "plain"}, id="plain"),
        pytest.param({"code_challenge_method": "s256"}, id="lower case"),
        pytest.param({"code_challenge": "E" * 42}, id="42 characters"),
        pytest.param({"code_challenge": "E" * 44}, id="44 characters"),
        pytest.param({"code_challenge": "E" * 42 + "="}, id="padding"),
        pytest.param({"code_challenge": "E" * 42 + "+"}, id="not base64url"),
    ],
)
def test_pkce_with_s256_is_required(tpp, change):
    with nothing_stored():
        refused(tpp.push(**change), "invalid_request", about="code_challenge")


@case("PR-29")
@requirement("RFC6749-3.1")
@pytest.mark.parametrize("name", ["state", "nonce"])
def test_state_and_nonce_are_kept_or_refused_never_cut(tpp, name):
    assert tpp.push(**{name: "x" * 1000}).status_code == 201
    stored = PushedRequest.objects.get().parameters[name]
    assert stored == "x" * 1000

    with nothing_stored():
        refused(tpp.push(**{name: "x" * 10_000}), "invalid_request", about=name)


@case("PR-30")
@requirement("OIDCC-3.1.2.1")
@pytest.mark.parametrize(
    "change",
    [
        {"max_age": "-1"},
        {"max_age": "NaN"},
        {"max_age": "1e9"},
        {"prompt": "none login"},
        {"prompt": "everything"},
        {"claims": "[]"},
        {"claims": "5"},
        {"claims": "{"},
        {"claims": '{"a":1,"a":2}'},
        {"acr_values": "x" * 1_000_000},
    ],
    ids=str,
)
def test_malformed_openid_parameters_are_refused(tpp, change):
    too_long = any(len(value) > 131_072 for value in change.values())
    with nothing_stored():
        refused(tpp.push(**change), "invalid_request", status=413 if too_long else 400)


@case("PR-34")
@requirement("RFC8707-2")
def test_an_unknown_resource_is_refused(tpp):
    assert tpp.push(resource="https://bank.example.com").status_code == 201

    with nothing_stored():
        refused(tpp.push(resource="https://unknown.example.com"), "invalid_target")


@case("PR-08")
@requirement("RFC6749-3.2")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("application/json", json.dumps({"scope": "accounts"}), id="JSON"),
        pytest.param("multipart/form-data; boundary=x", "--x--", id="multipart"),
        pytest.param("text/plain", "scope=accounts", id="text"),
        pytest.param("", "scope=accounts", id="nothing"),
        pytest.param("application/x-www-form-urlencoded; charset=utf-7", "a=b", id="UTF-7"),
        pytest.param("application/x-www-form-urlencoded; charset=utf-16", "a=b", id="UTF-16"),
    ],
)
def test_only_forms_are_read(tpp, content_type, body):
    with nothing_stored():
        response = tpp.http.post("/openfinance/par", body, content_type=content_type)
    refused(response, "invalid_request", status=415)


@case("PR-09")
def test_a_compressed_body_is_not_inflated(tpp):
    form = VALID_REQUEST | tpp.authentication()
    refused(tpp.post("/par", form, **{"Content-Encoding": "gzip"}), "invalid_request", status=415)


@case("PR-10", "PR-11", "PR-12")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("&".join(f"f{n}=1" for n in range(10_001)), id="10001 fields"),
        pytest.param("n" * 1_000_000 + "=1", id="a name of 1 MB"),
        pytest.param("&" * 50_000, id="50000 ampersands"),
        pytest.param("a=%00", id="NUL"),
        pytest.param("a=%ff", id="not UTF-8"),
        pytest.param("a=%c0%80", id="overlong UTF-8"),
        pytest.param("a=%ed%a0%80", id="a lone surrogate"),
        pytest.param("a=" + "x" * 3_000_000, id="3 MB"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(tpp, body):
    """The valid push, with this behind it: who sends it is not the question."""
    valid = urlencode(VALID_REQUEST | tpp.authentication())

    status = 413 if len(valid) + len(body) > 131_072 else 400
    with nothing_stored():
        refused(tpp.post("/par", f"{valid}&{body}"), "invalid_request", status=status)

    assert tpp.post("/par", f"{valid}&a=1").status_code == 201


@case("PR-07", "CA-36")
@requirement("PAR-2.1")
def test_the_client_id_beside_an_assertion_must_agree(tpp, other_tpp):
    assert tpp.push(client_id="tpp").status_code == 201

    with nothing_stored():
        response = tpp.push(client_id="other")
    assert response.status_code == 401
    assert response.json()["error"] in ("invalid_client", "invalid_request")


@case("PR-36")
@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
@pytest.mark.parametrize("how", ["assertion", "form", "certificate"])
def test_a_client_id_that_is_an_address_is_not_looked_up(tpp, how, monkeypatch):
    calls = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: calls.append(args))
    monkeypatch.setattr(socket.socket, "connect", lambda *args: calls.append(args))
    address = "https://evil.example.com/metadata.json"
    if how == "assertion":
        proof = tpp.authentication(iss=address, sub=address)
    elif how == "form":
        proof = tpp.authentication() | {"client_id": address}
    else:
        proof = {"client_id": address}

    with nothing_stored():
        not_identified(tpp.post("/par", VALID_REQUEST | proof))

    assert calls == []
    assert tpp.push().status_code == 201


@requirement("RFC6749-5.2")
def test_a_client_without_the_code_grant_cannot_push(openfinance, make_tpp):
    machine = make_tpp("machine", openfinance, grant_types=["client_credentials"])

    with nothing_stored():
        refused(machine.push(), "unauthorized_client")


def test_a_refusal_is_found_by_its_interaction_id(tpp):
    response = tpp.push(code_challenge_method="plain")

    kept = Refusal.objects.get()
    assert kept.interaction_id == response["x-fapi-interaction-id"]
    assert kept.client_id == "tpp"
    assert kept.clause == "FAPI2-SP-FINAL-5.3.2.2-5"
    assert kept.clause in response.json()["error_description"]


@case("PR-38")
@requirement("CBUAE-2.1.13")
@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        pytest.param("a7bdc2c1-0b2c-4f1f-a8d3-8f9f0d2c6a11", True, id="a UUID"),
        pytest.param("not a uuid", False, id="something else"),
        pytest.param("x" * 5000, False, id="5000 characters"),
    ],
)
def test_the_interaction_id_is_echoed_or_made(tpp, sent, echoed):
    for response in (
        tpp.post("/par", VALID_REQUEST | tpp.authentication(), **{"x-fapi-interaction-id": sent}),
        tpp.post("/par", {}, **{"x-fapi-interaction-id": sent}),
    ):
        assert (response["x-fapi-interaction-id"] == sent) is echoed
        assert len(response["x-fapi-interaction-id"]) == 36
