"""FAPI 2.0 Message Signing and RFC 9101: the pushed request as a signed object."""

import time
from collections.abc import Callable

import pytest
from joserfc.jwk import ECKey, RSAKey

from authserver.keys import actions as keys
from authserver.protocol import jose
from authserver.tokens.models import PushedRequest
from tests.support.assertions import nothing_stored, refused
from tests.support.forge import CHAIN_HINT, HINTS, JWK_HINT, chain_filling
from tests.support.tpp import VALID_REQUEST
from tests.support.world import rsa_key

case = pytest.mark.case
requirement = pytest.mark.requirement
MINUTE = 60


def in_seconds(seconds: int) -> Callable[[], int]:
    """An instant, told when the test runs."""
    return lambda: int(time.time()) + seconds


@requirement("FAPI2-MS-ID1-5.3.1-1", "JAR-6.2")
def test_a_signed_request_is_accepted(tpp):
    assert tpp.push_signed().status_code == 201
    assert PushedRequest.objects.get().parameters["state"] == VALID_REQUEST["state"]


@case("JR-01")
@requirement("FAPI2-MS-ID1-5.3.2-1", "PAR-2.3", "CBUAE-2.1.9")
def test_a_client_of_signed_requests_cannot_push_a_form(openfinance, bank, make_tpp):
    signing = make_tpp("signing", openfinance, require_signed_request_object=True)

    with nothing_stored():
        refused(signing.push(), "invalid_request", about="FAPI2-MS-ID1-5.3.2-1")
    assert signing.push_signed().status_code == 201


@case("JR-04", "JR-20")
@requirement(
    "FAPI2-MS-ID1-5.3.1-4",
    "FAPI2-MS-ID1-5.3.1-3",
    "JAR-6.3",
    "PAR-2.1-3",
    "RFC6749-4.2.2.1",
    "RFC7519-4.1.4",
    "RFC7519-4.1.5",
)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"exp": None}, id="no exp"),
        pytest.param({"nbf": None}, id="no nbf"),
        pytest.param({"exp": in_seconds(-3600), "nbf": in_seconds(-3700)}, id="expired"),
        pytest.param({"exp": in_seconds(70 * MINUTE)}, id="exp 70 minutes ahead"),
        pytest.param({"nbf": in_seconds(-70 * MINUTE)}, id="nbf 70 minutes ago"),
        pytest.param({"nbf": in_seconds(90), "exp": in_seconds(300)}, id="nbf too far ahead"),
        pytest.param({"exp": True}, id="exp is a boolean"),
        pytest.param({"nbf": "now"}, id="nbf is a text"),
        pytest.param({"exp": 1e400}, id="exp is infinite"),
        pytest.param({"exp": 1e300}, id="exp is no date"),
    ],
)
def test_the_times_of_a_request_object_are_held(tpp, change):
    moved = {name: value() if callable(value) else value for name, value in change.items()}
    with nothing_stored():
        refused(tpp.push_signed(**moved), "invalid_request_object")


@case("JR-05")
@requirement("FAPI2-SP-FINAL-5.3.2.1", "RFC7519-4.1.5")
def test_nbf_eight_seconds_ahead_is_accepted(tpp):
    assert tpp.push_signed(nbf=in_seconds(8)()).status_code == 201


@case("JR-06")
@requirement("RFC7519-4.1.3", "JAR-4", "OIDCC-6.1")
@pytest.mark.parametrize(
    "aud",
    [None, "https://other.example.com", ["https://other.example.com"], [5], {}, ""],
    ids=repr,
)
def test_a_request_object_must_be_for_us(tpp, aud):
    with nothing_stored():
        refused(tpp.push_signed(aud=aud), "invalid_request_object")


@case("JR-07")
@requirement("PAR-4", "RFC7519-4.1.3", "CBUAE-2.1.10")
def test_a_request_object_may_name_others_too(tpp):
    audience = ["https://other.example.com", tpp.ecosystem.issuer]

    assert tpp.push_signed(aud=audience).status_code == 201


@case("JR-08")
@requirement("JAR-4")
@pytest.mark.parametrize(
    "change",
    [
        {"iss": None},
        {"iss": "other"},
        {"iss": ["tpp"]},
        {"client_id": "other"},
        {"sub": "tpp"},
        {"request": "x"},
    ],
    ids=str,
)
def test_a_request_object_is_from_the_client_and_no_assertion(tpp, other_tpp, change):
    with nothing_stored():
        refused(tpp.push_signed(**change), "invalid_request_object")


@case("PR-03")
@requirement("PAR-2", "JAR-6.2", "PAR-2.1")
def test_a_request_object_refers_to_no_other(tpp):
    with nothing_stored():
        refused(tpp.push_signed(request_uri="urn:x"), "invalid_request_object")


@case("JR-02")
@requirement("FAPI2-SP-FINAL-5.4", "FAPI2-MS-ID1-5.4.2-2", "JAR-6.2")
@pytest.mark.parametrize("alg", ["RS256", "PS384", "PS512"])
def test_other_algorithms_are_refused(tpp, alg):
    with nothing_stored():
        refused(tpp.push_signed(header={"alg": alg}), "invalid_request_object")


@case("JR-02")
@requirement("FAPI2-MS-ID1-5.4.2-2")
def test_an_unsigned_object_is_refused(tpp):
    header, payload, _ = tpp.request_object().split(".")
    none = "eyJhbGciOiJub25lIn0"
    for forged in (f"{none}.{payload}.", f"{none}.{payload}.x", f"{header}.{payload}."):
        with nothing_stored():
            refused(
                tpp.post("/par", {"request": forged} | tpp.authentication()),
                "invalid_request_object",
            )


@case("JR-03", "PR-37")
@requirement("JAR-6.2", "OIDCC-6.3.2", "FAPI2-MS-ID1-5.3.1-1")
@pytest.mark.parametrize("owner", ["other", "stranger"])
def test_a_request_object_signed_by_another_key_is_refused(tpp, other_tpp, owner):
    key = rsa_key(owner)
    for kid in (key.kid, "tpp-key", None):
        with nothing_stored():
            refused(tpp.push_signed(key=key, header={"kid": kid}), "invalid_request_object")


@requirement("JAR-6.2")
def test_a_damaged_signature_is_refused(tpp):
    token = tpp.request_object()
    damaged = token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]

    with nothing_stored():
        refused(
            tpp.post("/par", {"request": damaged} | tpp.authentication()), "invalid_request_object"
        )


@case("JR-13")
@requirement("JAR-6.2")
def test_a_client_assertion_is_no_request_object(tpp):
    with nothing_stored():
        refused(
            tpp.post("/par", {"request": tpp.assertion()} | tpp.authentication()),
            "invalid_request_object",
        )


@requirement("JAR-10.2")
@pytest.mark.parametrize(
    ("typ", "accepted"),
    [
        ("oauth-authz-req+jwt", True),
        ("OAuth-AuthZ-Req+JWT", True),
        ("application/oauth-authz-req+jwt", True),
        (None, True),
        ("JWT", True),
        ("jwt", True),
        ("application/JWT", True),
        ("at+jwt", False),
        ("client-authentication+jwt", False),
        ("application/at+jwt", False),
        ("text/oauth-authz-req+jwt", False),
        ("", False),
    ],
)
def test_typ_says_that_it_is_a_request(tpp, typ, accepted):
    if accepted:
        assert tpp.push_signed(header={"typ": typ}).status_code == 201
        return
    with nothing_stored():
        response = tpp.push_signed(header={"typ": typ})
        refused(response, "invalid_request_object", about="typ of the request object")


@case("JR-15", "PR-06")
@requirement("JAR-4", "FAPI2-MS-ID1-5.3.2-1", "CBUAE-2.1.12", "CBUAE-2.2.3")
def test_only_what_is_inside_counts(tpp):
    outside = {
        "scope": "payments",
        "redirect_uri": "https://evil.example.com",
        "state": "outside",
        "nonce": "outside",
    }

    assert tpp.push_signed(outside=outside, state=None).status_code == 201
    stored = PushedRequest.objects.get().parameters
    assert stored["scope"] == ["openid", "accounts"]
    assert stored["redirect_uri"] == VALID_REQUEST["redirect_uri"]
    assert stored["nonce"] == VALID_REQUEST["nonce"]
    assert stored["state"] is None


@requirement("FAPI2-MS-ID1-5.3.2-1", "JAR-6.2")
def test_what_is_only_outside_is_absent(tpp):
    outside = {"redirect_uri": VALID_REQUEST["redirect_uri"]}

    with nothing_stored():
        refused(
            tpp.push_signed(outside=outside, redirect_uri=None),
            "invalid_request",
            about="redirect_uri",
        )


@case("JR-14")
@requirement("JAR-4")
def test_an_empty_member_is_an_absent_one(tpp):
    assert tpp.push_signed(state="", acr_values="").status_code == 201
    assert PushedRequest.objects.get().parameters["state"] is None


@case("JR-17")
@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"b64": False},
        {"kid": "../../dev/null"},
        {"kid": "unknown"},
    ],
    ids=str,
)
def test_hostile_headers_are_refused(tpp, header):
    with nothing_stored():
        refused(tpp.push_signed(header=header), "invalid_request_object")


@case("JR-17")
@requirement("RFC7515-4")
@pytest.mark.parametrize("hint", [*HINTS, JWK_HINT, CHAIN_HINT])
def test_hints_of_the_key_are_not_minded_and_not_believed(tpp, hint, forbid_fetching):
    assert tpp.push_signed(header=hint).status_code == 201

    stranger = rsa_key("stranger")
    with nothing_stored():
        forged = tpp.push_signed(key=stranger, header=hint | {"kid": "tpp-key"})
        refused(forged, "invalid_request_object")


@case("CA-25")
@requirement("RFC7515-4")
def test_the_header_of_a_request_object_has_a_longest_length(tpp):
    def pushed(characters):
        return tpp.push_signed(header=chain_filling(characters, tpp.request_object))

    assert pushed(16_384).status_code == 201
    with nothing_stored():
        refused(pushed(16_386), "invalid_request_object")


@case("JR-17", "CA-12")
def test_a_key_in_the_header_is_not_trusted(tpp):
    key = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "jwk": key.as_dict(private=False), "kid": None}

    with nothing_stored():
        refused(tpp.push_signed(key=key, header=header), "invalid_request_object")


@case("JR-19")
@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b", "a.b.c", "a.b.c.d.e", "x" * 100_000], ids=len
)
def test_what_is_no_token_is_refused(tpp, token):
    response = tpp.post("/par", {"request": token or "."} | tpp.authentication())

    refused(response, "invalid_request_object")


@case("JW-16")
@requirement("FAPI2-SP-FINAL-5.4")
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_weak_key_never_verifies(tpp):
    weak = RSAKey.generate_key(1024, {"kid": "weak"})
    tpp.client.client_jwks["keys"].append(weak.as_dict(private=False))
    tpp.client.save(update_fields=["client_jwks"])

    refused(tpp.push_signed(key=weak), "invalid_request_object")
    assert tpp.push_signed().status_code == 201


@requirement("JAR-6.1")
def test_a_signed_request_may_be_encrypted_to_us(tpp, openfinance):
    key = keys.create(openfinance, algorithm="RSA-OAEP-256", by="operator")
    keys.activate(key, by="operator")
    metadata = tpp.http.get("/openfinance/.well-known/openid-configuration").json()
    assert metadata["request_object_encryption_alg_values_supported"] == ["RSA-OAEP-256"]

    def push(token: str):
        return tpp.post("/par", {"request": token} | tpp.authentication())

    encrypted = jose.encrypt_nested(tpp.request_object(), jwk=key.public_jwk)
    assert push(encrypted).status_code == 201
    keys.retire(key, by="operator")
    assert push(jose.encrypt_nested(tpp.request_object(), jwk=key.public_jwk)).status_code == 201

    unsigned = jose.encrypt_nested("eyJhbGciOiJub25lIn0.e30.", jwk=key.public_jwk)
    keys.withdraw(key, by="operator")
    for refused_one in (encrypted, unsigned, encrypted[:-9] + "AAAAAAAAA"):
        with nothing_stored():
            refused(push(refused_one), "invalid_request_object")
