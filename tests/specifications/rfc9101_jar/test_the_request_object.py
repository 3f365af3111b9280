"""RFC 9101 and FAPI 2.0 Message Signing, 5.3.1: what a signed request must say. Cases JR-nn."""

from datetime import UTC, datetime, timedelta

import pytest

from authserver.protocol import jose
from authserver.protocol.errors import InvalidRequestObject
from authserver.protocol.specs import request_object
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from tests.support import world
from tests.support.forge import (
    ALL,
    CHAIN_HINT,
    HEADER_FAULTS,
    HEADER_TEXT_FAULTS,
    HINTS,
    JWK_HINT,
    SPELLINGS,
    forge,
    keys,
    pair,
    respelled,
)

case = pytest.mark.case
requirement = pytest.mark.requirement

NOW = datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)
T = int(NOW.timestamp())
ISSUER = "https://as.example.com/north"
HOUR = timedelta(minutes=60)
CLAIMS = {
    "iss": "tpp",
    "aud": ISSUER,
    "nbf": T,
    "exp": T + 300,
    "client_id": "tpp",
    "response_type": "code",
    "redirect_uri": "https://tpp.example.com/callback",
    "scope": "openid accounts",
    "state": "af0ifjsldkj",
    "authorization_details": [{"type": "account_information"}],
}


def request(*, key=None, header=None, **changes):
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return forge(claims, key or pair(), header=header)


def verify(token, *, of=None, algorithms=ALL, window=HOUR, **more):
    return request_object.verify(
        token,
        client_id="tpp",
        keys=of if of is not None else pair().public,
        issuer=ISSUER,
        algorithms=algorithms,
        max_lifetime=window,
        max_age=window,
        clock_skew=timedelta(seconds=10),
        now=NOW,
        **more,
    )


def assert_refused(token, *, clause=None, **how):
    assert verify(request())
    with pytest.raises(InvalidRequestObject) as refusal:
        verify(token, **how)
    error = refusal.value
    assert error.code == "invalid_request_object"
    assert error.public_description.isascii()
    assert error.clause
    assert clause in (None, error.clause)


@requirement("JAR-6.2", "FAPI2-MS-ID1-5.3.1-1")
@pytest.mark.parametrize("algorithm", ALL)
@pytest.mark.parametrize(
    "typ", [None, "JWT", "jwt", "oauth-authz-req+jwt", "application/OAuth-AUTHZ-req+JWT"]
)
def test_a_valid_request_object_is_read(algorithm, typ):
    key = pair(algorithm)

    found = verify(request(key=key, header={"typ": typ}), of=key.public)

    assert found.claims == CLAIMS
    assert found.key_thumbprint == key.native.thumbprint()
    assert found.expires_at == datetime.fromtimestamp(T + 300, UTC)
    assert AuthorizationRequest.parse(found.claims).state == CLAIMS["state"]


@requirement("FAPI2-MS-ID1-5.3.1-3", "FAPI2-MS-ID1-5.3.1-4", "RFC7519-4.1.4", "RFC7519-4.1.5")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"exp": ...}, id="JR-04 no exp"),
        pytest.param({"exp": ..., "nbf": ...}, id="neither"),
        pytest.param({"exp": T - 3600, "nbf": T - 3700}, id="JR-04 expired an hour ago"),
        pytest.param({"exp": T}, id="JR-04 expires now"),
        pytest.param({"nbf": ...}, id="JR-04 no nbf"),
        pytest.param({"nbf": T - 4200}, id="JR-04 nbf 70 minutes ago"),
        pytest.param({"nbf": T - 3601, "exp": T + 1}, id="nbf an hour and a second ago"),
        pytest.param({"exp": T + 4200}, id="JR-04 exp 70 minutes ahead"),
        pytest.param({"exp": T + 3601}, id="JR-04 a second too long"),
        pytest.param({"exp": 2**53 - 1}, id="for ever"),
        pytest.param({"nbf": T + 61}, id="JR-05 nbf a minute ahead"),
        pytest.param({"nbf": T + 12}, id="nbf beyond the skew"),
        pytest.param({"iat": T + 61}, id="iat a minute ahead"),
        pytest.param({"exp": True}, id="JR-20 exp true"),
        pytest.param({"nbf": "now"}, id="JR-20 nbf a text"),
        pytest.param({"exp": None}, id="exp null"),
        pytest.param({"exp": [T + 60]}, id="exp a list"),
        pytest.param({"iat": "now"}, id="iat a text"),
    ],
)
def test_it_lives_in_the_window(change):
    assert_refused(request(**change))


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"nbf": T - 4200}, "FAPI2-MS-ID1-5.3.1-3"),
        ({"nbf": ...}, "FAPI2-MS-ID1-5.3.1-3"),
        ({"exp": T + 4200}, "FAPI2-MS-ID1-5.3.1-4"),
        ({"exp": ...}, "FAPI2-MS-ID1-5.3.1-4"),
        ({"exp": T - 1}, "RFC7519-4.1.4"),
        ({"nbf": T + 61}, "RFC7519-4.1.5"),
        ({"aud": "https://other.example"}, "JAR-4"),
        ({"sub": "tpp"}, "JAR-10.8"),
    ],
)
def test_a_refusal_names_its_clause(change, clause):
    assert_refused(request(**change), clause=clause)


@requirement("FAPI2-MS-ID1-5.3.1-3", "FAPI2-MS-ID1-5.3.1-4", "FAPI2-SP-FINAL-5.3.2.1-13")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"nbf": T + 8}, id="JR-05 nbf 8 s ahead"),
        pytest.param({"nbf": T, "exp": T + 3600}, id="an hour"),
        pytest.param({"nbf": T - 3500, "exp": T + 100}, id="an old one"),
        pytest.param({"iat": T}, id="with iat"),
        pytest.param({"nbf": T + 0.25, "exp": T + 60.75}, id="parts of a second"),
    ],
)
def test_these_times_are_in_the_window(change):
    assert verify(request(**change))


@requirement("CBUAE-2.2.1", "FAPI2-MS-ID1-5.3.1-4")
def test_a_profile_may_have_a_shorter_window():
    ten = timedelta(minutes=10)

    assert verify(request(exp=T + 600), window=ten)
    assert_refused(request(exp=T + 601), window=ten)
    assert_refused(request(nbf=T - 601, exp=T + 1), window=ten)


@requirement("JAR-4", "RFC7519-4.1.3")
@pytest.mark.parametrize(
    "aud",
    [
        pytest.param(ISSUER, id="us"),
        pytest.param([ISSUER], id="a list of us alone"),
        pytest.param(["https://other.example", ISSUER], id="JR-07 another and us"),
    ],
)
def test_the_audience_may_name_others_beside_us(aud):
    assert verify(request(aud=aud))


@requirement("JAR-4", "RFC7519-4.1.3")
@pytest.mark.parametrize(
    "aud",
    [
        pytest.param(..., id="JR-06 missing"),
        pytest.param("https://other.example", id="JR-06 another"),
        pytest.param(["https://other.example"], id="JR-06 a list without us"),
        pytest.param([ISSUER, 5], id="JR-06 a list with a number"),
        pytest.param([[ISSUER]], id="nested"),
        pytest.param([], id="empty"),
        pytest.param(None, id="null"),
        pytest.param(5, id="a number"),
        pytest.param({ISSUER: True}, id="an object"),
        pytest.param(f"{ISSUER}/", id="a slash"),
        pytest.param(f"{ISSUER} https://other.example", id="two in one text"),
    ],
)
def test_the_audience_must_name_us(aud):
    assert_refused(request(aud=aud), clause="JAR-4")


@requirement("JAR-4", "JAR-10.8")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"iss": ...}, id="JR-08 no iss"),
        pytest.param({"iss": "other"}, id="JR-08 another iss"),
        pytest.param({"iss": ["tpp"]}, id="JR-08 iss a list"),
        pytest.param({"client_id": "other"}, id="another client_id"),
        pytest.param({"client_id": ["tpp"]}, id="client_id a list"),
        pytest.param({"client_id": None}, id="client_id null"),
        pytest.param({"sub": "tpp"}, id="JR-08 sub"),
        pytest.param({"sub": ""}, id="JR-08 an empty sub"),
        pytest.param({"sub": None}, id="JR-08 sub null"),
        pytest.param({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, id="request_uri"),
        pytest.param({"request_uri": None}, id="request_uri null"),
        pytest.param({"request": "a.b.c"}, id="request"),
    ],
)
def test_it_is_from_the_client_and_points_nowhere(change):
    assert_refused(request(**change))


def test_client_id_may_stand_in_iss_alone():
    assert verify(request(client_id=...)).claims["iss"] == "tpp"


@case("JR-14")
@requirement("JAR-4")
def test_an_empty_parameter_is_an_absent_one():
    found = verify(request(state="", nonce="", client_id="", request_uri="", max_age=0))

    assert {"state", "nonce", "client_id", "request_uri"}.isdisjoint(found.claims)
    assert found.claims["max_age"] == 0


@case("JR-13")
@requirement("JAR-10.8")
@pytest.mark.parametrize("typ", [None, "JWT", "client-authentication+jwt"])
def test_a_client_assertion_is_no_request(typ):
    claims = {"iss": "tpp", "sub": "tpp", "aud": ISSUER, "jti": "1", "exp": T + 60, "nbf": T}

    assert_refused(forge(claims, pair(), header={"typ": typ}))


@case("JR-02", "JR-17")
@requirement("JAR-6.2")
@pytest.mark.parametrize("change", HEADER_FAULTS)
def test_a_header_with_this_change_is_refused(change):
    clause = "JAR-10.8" if set(change) == {"typ"} and change["typ"] != 5 else "JAR-6.2"
    assert_refused(forge(CLAIMS, pair(), header=change, alg="ES256"), clause=clause)


@requirement("JAR-6.2")
@pytest.mark.parametrize("header", HEADER_TEXT_FAULTS)
def test_a_header_of_this_text_is_refused(header):
    assert_refused(forge(CLAIMS, pair(), header=header))


@requirement("JAR-6.2")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_it_has_one_spelling(spelling):
    assert_refused(respelled(request())[spelling])


@requirement("FAPI2-MS-ID1-5.4.2-2")
def test_an_unsigned_one_is_refused():
    assert_refused(forge(CLAIMS, pair(), header={"alg": "none"}, signature=b""))


@case("JR-02", "JR-03")
@requirement("FAPI2-SP-FINAL-5.4", "JAR-6.2")
def test_the_signature_must_be_the_clients_and_of_its_algorithm():
    rsa, encryption = pair("PS256"), keys()
    assert verify(request(key=rsa), of=rsa.public)

    assert_refused(forge(CLAIMS, rsa, header={"alg": "RS256"}, alg="RS256"), of=rsa.public)
    assert_refused(request(key=rsa), of=rsa.public, algorithms=["ES256"])
    assert_refused(request(key=pair(number=2), header={"kid": pair().native.kid}))
    assert_refused(forge(CLAIMS, pair(), signature=b"x" * 64))
    assert_refused(request(), of=encryption)


@requirement("JAR-10.8")
@pytest.mark.parametrize("typ", ["at+jwt", "client-authentication+jwt", "dpop+jwt", "JOSE", ""])
def test_another_type_is_refused_and_says_so(typ):
    with pytest.raises(InvalidRequestObject, match=r"^typ of the request object"):
        verify(request(header={"typ": typ}))
    assert_refused(request(header={"typ": typ}), clause="JAR-10.8")


@requirement("JAR-6.2")
@pytest.mark.parametrize("hint", [*HINTS, JWK_HINT, CHAIN_HINT])
def test_a_hint_of_the_key_is_not_minded(hint):
    assert verify(request(header=hint)).claims == CLAIMS
    assert_refused(request(key=pair(number=2), header=hint | {"kid": pair().native.kid}))


@requirement("JAR-6.2")
@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"{" + b'"a":[' * 4_000, id="JR-19 nested deep"),
        pytest.param(b'{"iss":"' + b"t" * 2_000_000 + b'"}', id="JR-19 2 MB"),
        pytest.param(b'{"iss":"tpp","iss":"tpp"}', id="JR-17 repeated"),
        pytest.param(b"[]", id="a list"),
    ],
)
def test_a_payload_of_this_text_is_refused(payload):
    assert_refused(forge(payload, pair()))


@requirement("RFC9396-5")
def test_a_large_request_is_read():
    details = [{"type": "account_information", "accounts": ["x" * 100] * 300}]

    assert verify(request(authorization_details=details)).claims["authorization_details"] == details


OURS = [
    jose.load_private_key(world.server_key_pem(algorithm, 1), algorithm)
    for algorithm in ("ECDH-ES", "RSA-OAEP-256")
]


@requirement("JAR-6.1", "RFC7519-5.2")
@pytest.mark.parametrize("key", OURS, ids=["ECDH-ES", "RSA-OAEP-256"])
def test_an_encrypted_request_is_opened_with_the_key_it_is_for(key):
    token = jose.encrypt_nested(request(), jwk=jose.public_jwk(key))

    assert jose.is_jwe_shape(token)
    assert verify(request_object.decrypt(token, keys=OURS)).claims == CLAIMS


@requirement("JAR-6.1")
def test_an_encrypted_request_that_is_not_for_us_is_refused():
    token = jose.encrypt_nested(request(), jwk=jose.public_jwk(OURS[0]))
    for each, ours in ((token, OURS[1:]), (token, []), (token[:-4] + "AAAA", OURS), ("", OURS)):
        with pytest.raises(InvalidRequestObject) as refusal:
            request_object.decrypt(each, keys=ours)
        assert refusal.value.clause == "JAR-6.1"
        assert len(refusal.value.seen.split("; ")) == max(1, len(ours))
    assert_refused(token)
