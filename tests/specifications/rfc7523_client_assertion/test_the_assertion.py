"""RFC 7523 and FAPI 2.0, 5.3.2.1: what a client assertion must say. Cases CA-nn.

Each is the valid assertion with one change, signed well unless the change is the signature.
"""

from datetime import UTC, datetime, timedelta

import pytest

from authserver.protocol.errors import InvalidClient
from authserver.protocol.specs import client_assertion
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
SKEW = timedelta(seconds=10)
CLAIMS = {
    "iss": "tpp",
    "sub": "tpp",
    "aud": ISSUER,
    "jti": "8d1c2c0a",
    "exp": T + 60,
    "iat": T,
    "nbf": T,
}


def assertion(*, key=None, header=None, **changes):
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return forge(claims, key or pair(), header=header)


def verify(token, *, now=NOW, of=None, algorithms=ALL):
    return client_assertion.verify(
        token,
        client_id="tpp",
        keys=of if of is not None else pair().public,
        issuer=ISSUER,
        algorithms=algorithms,
        max_lifetime=timedelta(minutes=5),
        clock_skew=SKEW,
        now=now,
    )


def assert_refused(token, *, clause=None, **how):
    assert verify(assertion())
    with pytest.raises(InvalidClient) as refusal:
        verify(token, **how)
    error = refusal.value
    assert error.public_description == "client authentication failed"
    assert error.clause
    assert clause in (None, error.clause)
    assert error.seen
    assert error.expected


@requirement("RFC7523-3", "FAPI2-SP-FINAL-5.3.2.1-6")
@pytest.mark.parametrize("algorithm", ALL)
@pytest.mark.parametrize(
    "typ", [None, "JWT", "jwt", "application/jwt", "Client-Authentication+JWT"]
)
def test_a_valid_assertion_names_the_client(algorithm, typ):
    key = pair(algorithm)

    proven = verify(assertion(key=key, header={"typ": typ}), of=key.public)

    assert proven.client_id == "tpp"
    assert proven.jti == CLAIMS["jti"]


@requirement("RFC7523-3")
def test_only_what_is_required_is_required():
    assert verify(assertion(iat=..., nbf=...)).jti == CLAIMS["jti"]


@case("CA-46")
def test_a_jti_is_remembered_for_longer_than_its_assertion_is_valid():
    proven = verify(assertion())

    assert proven.expires_at == datetime.fromtimestamp(T + 60, UTC) + SKEW
    with pytest.raises(InvalidClient):
        verify(assertion(), now=proven.expires_at)


@case("CA-11")
def test_a_copy_with_another_signature_has_the_same_jti():
    copies = {assertion(), assertion()}

    assert len(copies) == 2
    assert {verify(copy).jti for copy in copies} == {CLAIMS["jti"]}


@requirement("RFC7519-4.1.4")
@pytest.mark.parametrize(
    "exp",
    [
        pytest.param(T - 300, id="CA-37 five minutes ago"),
        pytest.param(T - 1, id="CA-37 a second ago"),
        pytest.param(T, id="now"),
        pytest.param(..., id="CA-37 missing"),
        pytest.param(None, id="CA-37 null"),
        pytest.param("1893456000", id="CA-37 a text"),
        pytest.param(True, id="CA-37 true"),
        pytest.param(float("nan"), id="CA-37 NaN"),
        pytest.param(float("inf"), id="CA-37 infinite"),
        pytest.param(-1, id="CA-37 negative"),
        pytest.param([T + 60], id="CA-37 a list"),
        pytest.param({"exp": T}, id="an object"),
        pytest.param(T + 312, id="lives too long"),
        pytest.param(T + 3600, id="lives an hour"),
        pytest.param(2**53 - 1, id="lives for ever"),
    ],
)
def test_it_must_expire_and_soon(exp):
    assert_refused(assertion(exp=exp))


@requirement("RFC7519-4.1.4")
@pytest.mark.parametrize("exp", [T + 1, T + 300, T + 310, T + 60.5])
def test_it_may_live_five_minutes_by_a_clock_ten_seconds_ahead(exp):
    assert verify(assertion(exp=exp))


@case("CA-39")
@requirement("FAPI2-SP-FINAL-5.3.2.1-13", "RFC7519-4.1.5", "RFC7519-4.1.6")
@pytest.mark.parametrize("ahead", [8, 10])
def test_a_clock_a_little_ahead_is_forgiven(ahead):
    assert verify(assertion(nbf=T + ahead, iat=T + ahead))


@requirement("RFC7519-4.1.5", "RFC7519-4.1.6")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"nbf": T + 61, "exp": T + 120}, id="CA-39 nbf ahead"),
        pytest.param({"iat": T + 61, "exp": T + 120}, id="CA-39 iat ahead"),
        pytest.param({"nbf": T + 12}, id="nbf beyond the skew"),
        pytest.param({"iat": T - 7200}, id="CA-40 iat two hours ago"),
        pytest.param({"iat": T - 311}, id="CA-40 iat five minutes ago"),
        pytest.param({"iat": None}, id="iat null"),
        pytest.param({"iat": "now"}, id="iat a text"),
        pytest.param({"nbf": True}, id="nbf true"),
        pytest.param({"nbf": [T]}, id="nbf a list"),
    ],
)
def test_it_must_be_fresh(change):
    assert_refused(assertion(**change))


@requirement("RFC7523-3")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"iss": ...}, id="CA-34 no iss"),
        pytest.param({"sub": ...}, id="CA-34 no sub"),
        pytest.param({"iss": "other"}, id="CA-34 another iss"),
        pytest.param({"sub": "other"}, id="CA-34 another sub"),
        pytest.param({"iss": "other", "sub": "other"}, id="CA-36 another client"),
        pytest.param({"sub": 5}, id="CA-34 sub a number"),
        pytest.param({"sub": ["tpp"]}, id="CA-34 sub a list"),
        pytest.param({"sub": None}, id="CA-34 sub null"),
        pytest.param({"iss": "TPP", "sub": "TPP"}, id="other letters"),
        pytest.param({"iss": "tpp ", "sub": "tpp "}, id="a space more"),
    ],
)
def test_it_must_be_from_and_about_the_client(change):
    assert_refused(assertion(**change), clause="RFC7523-3")


@requirement("FAPI2-SP-FINAL-5.3.2.1-8")
@pytest.mark.parametrize(
    "aud",
    [
        pytest.param(f"{ISSUER}/token", id="CA-27 the token endpoint"),
        pytest.param(f"{ISSUER}/par", id="CA-27 the PAR endpoint"),
        pytest.param([ISSUER, "https://other.example"], id="CA-28 us and another"),
        pytest.param(["https://other.example", ISSUER], id="CA-28 another and us"),
        pytest.param([ISSUER], id="CA-29 a list of us alone"),
        pytest.param(f"{ISSUER}/", id="CA-30 a slash"),
        pytest.param(ISSUER.replace("as.", "AS."), id="CA-30 letter case"),
        pytest.param(ISSUER.replace(".com", ".com:443"), id="CA-30 the port"),
        pytest.param(ISSUER.replace("https", "http"), id="CA-30 http"),
        pytest.param(ISSUER.replace("/north", "/./north"), id="CA-30 a dot segment"),
        pytest.param(ISSUER.replace("/north", "/%6eorth"), id="CA-30 percent"),
        pytest.param(f"{ISSUER} ", id="CA-30 a space"),
        pytest.param(f"{ISSUER}.evil.tld", id="CA-30 a longer host"),
        pytest.param(..., id="CA-31 missing"),
        pytest.param(None, id="CA-31 null"),
        pytest.param(5, id="CA-31 a number"),
        pytest.param({}, id="CA-31 an object"),
        pytest.param([], id="CA-31 an empty list"),
        pytest.param([[ISSUER]], id="CA-31 nested"),
        pytest.param([ISSUER, 5], id="CA-31 a number too"),
        pytest.param("https://evil.example", id="CA-32 another server"),
    ],
)
def test_the_audience_is_the_issuer_and_nothing_else(aud):
    assert_refused(assertion(aud=aud), clause="FAPI2-SP-FINAL-5.3.2.1-8")


@requirement("RFC7519-4.1.7")
@pytest.mark.parametrize(
    "jti",
    [
        pytest.param(..., id="CA-41 missing"),
        pytest.param("", id="CA-41 empty"),
        pytest.param(5, id="CA-41 a number"),
        pytest.param(None, id="CA-41 null"),
        pytest.param("j" * 256, id="CA-41 256 characters"),
        pytest.param("j" * 65_536, id="CA-41 64 kB"),
        pytest.param("a\u0000b", id="CA-41 NUL"),
        pytest.param("\ud800", id="CA-41 half a surrogate pair"),
        pytest.param(["j"], id="a list"),
    ],
)
def test_it_must_have_a_jti_that_can_be_remembered(jti):
    assert_refused(assertion(jti=jti))


def test_a_jti_may_have_255_characters():
    assert verify(assertion(jti="\u00e9" * 255)).jti == "\u00e9" * 255


@requirement("RFC7523-3")
@pytest.mark.parametrize("change", HEADER_FAULTS)
def test_a_header_with_this_change_is_refused(change):
    assert_refused(forge(CLAIMS, pair(), header=change, alg="ES256"), clause="RFC7523-3")


@case("CA-12", "CA-13", "CA-14")
@requirement("RFC7523-3")
@pytest.mark.parametrize("hint", [*HINTS, JWK_HINT, CHAIN_HINT])
def test_a_hint_of_the_key_is_not_minded(hint):
    assert verify(assertion(header=hint)).client_id == "tpp"
    assert_refused(assertion(key=pair(number=2), header=hint | {"kid": pair().native.kid}))
    assert_refused(assertion(key=pair(number=2), header=hint | {"kid": None}))


@requirement("RFC7523-3")
@pytest.mark.parametrize("header", HEADER_TEXT_FAULTS)
def test_a_header_of_this_text_is_refused(header):
    assert_refused(forge(CLAIMS, pair(), header=header))


@requirement("RFC7523-3")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_it_has_one_spelling(spelling):
    assert_refused(respelled(assertion())[spelling])


@case("CA-06")
@requirement("FAPI2-SP-FINAL-5.4")
@pytest.mark.parametrize("algorithm", ["RS256", "PS384"])
def test_rs256_is_refused(algorithm):
    key = pair("PS256")
    assert verify(assertion(key=key), of=key.public)

    token = forge(CLAIMS, key, header={"alg": algorithm}, alg=algorithm)
    assert_refused(token, of=keys(key.jwk, pair().jwk))


@case("CA-08", "CA-09")
def test_the_client_may_be_held_to_one_algorithm():
    both = keys(pair("PS256").jwk, pair("ES256").jwk)
    assert verify(assertion(key=pair("PS256")), of=both, algorithms=["PS256"])

    assert_refused(assertion(key=pair("ES256")), of=both, algorithms=["PS256"])
    assert_refused(assertion(key=pair("ES256")), of=both, algorithms=[])


@pytest.mark.parametrize(
    "typ", ["oauth-authz-req+jwt", "at+jwt", "dpop+jwt", "logout+jwt", "jwt-bearer", ""]
)
def test_a_token_of_another_type_is_refused(typ):
    assert_refused(assertion(header={"typ": typ}))


@case("CA-58")
@requirement("RFC8725-3.12")
@pytest.mark.parametrize("sub", ["tpp", ...], ids=["with sub", "without sub"])
@pytest.mark.parametrize("typ", [None, "JWT", "oauth-authz-req+jwt"])
def test_a_request_object_is_no_assertion(sub, typ):
    wanted = {"client_id": "tpp", "response_type": "code", "redirect_uri": "https://x.example"}

    assert_refused(assertion(sub=sub, header={"typ": typ}, **wanted))


@requirement("RFC7523-3")
def test_the_client_is_found_from_the_assertion_alone():
    assert client_assertion.read(assertion()).client_id == "tpp"
    assert client_assertion.read(assertion(exp=1)).client_id == "tpp"


@requirement("RFC7523-3")
@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("a.b.c", id="no JSON"),
        pytest.param(assertion(iss=...), id="no iss"),
        pytest.param(assertion(iss="", sub=""), id="an empty name"),
        pytest.param(assertion(iss=5, sub=5), id="a number"),
        pytest.param(assertion(iss=["tpp"], sub=["tpp"]), id="a list"),
        pytest.param(assertion(sub="other"), id="two names"),
        pytest.param(assertion(iss="n" * 256, sub="n" * 256), id="a long name"),
        pytest.param(assertion(iss="t\u0000", sub="t\u0000"), id="NUL"),
        pytest.param(assertion(header={"typ": "at+jwt"}), id="an access token"),
    ],
)
def test_an_assertion_that_names_nobody_is_refused(token):
    with pytest.raises(InvalidClient) as refusal:
        client_assertion.read(token)
    assert refusal.value.clause == "RFC7523-3"


def test_a_refusal_never_repeats_the_input():
    for change in ({"iss": "MARK"}, {"aud": "MARK"}, {"jti": ["MARK"]}, {"exp": "MARK"}):
        with pytest.raises(InvalidClient) as refusal:
            verify(assertion(**change))
        error = refusal.value
        assert "MARK" not in f"{error} {error.expected} {error.seen} {error.__context__}"
