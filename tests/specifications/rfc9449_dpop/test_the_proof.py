"""RFC 9449: what a DPoP proof must say. Cases DP-nn."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from authserver.protocol.errors import InvalidDPoPProof
from authserver.protocol.specs import dpop
from tests.support import rsa_keys
from tests.support.forge import (
    ALL,
    HEADER_TEXT_FAULTS,
    HINTS,
    SPELLINGS,
    Pair,
    faults_outside,
    forge,
    pair,
    respelled,
)

case = pytest.mark.case
requirement = pytest.mark.requirement

NOW = datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)
T = int(NOW.timestamp())
URL = "https://as.example.com/north/token"
ALIAS = "https://mtls.as.example.com/north/token"
TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
CLAIMS: dict[str, Any] = {
    "jti": "-BwC3ESc6acc2lTc",
    "htm": "POST",
    "htu": URL,
    "iat": T,
    "ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
}


def proof(*, key=None, header=None, **changes):
    key = key or pair()
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    usual = {"typ": "dpop+jwt", "jwk": key.bare_jwk, "kid": None}
    return forge(claims, key, header=usual | (header or {}))


def verify(token, *, method="POST", urls=(URL, ALIAS), access_token=TOKEN, algorithms=ALL, **more):
    return dpop.verify(
        token,
        method=method,
        urls=urls,
        access_token=access_token,
        algorithms=algorithms,
        **({"now": NOW} | more),
    )


def assert_refused(token, *, clause=None, **how):
    assert verify(proof())
    with pytest.raises(InvalidDPoPProof) as refusal:
        verify(token, **how)
    error = refusal.value
    assert error.code == "invalid_dpop_proof"
    assert error.public_description.isascii()
    assert error.clause
    assert clause in (None, error.clause)


@case("DP-17")
@requirement("DPOP-4.3", "FAPI2-SP-FINAL-5.4")
@pytest.mark.parametrize("algorithm", ALL)
def test_a_valid_proof_shows_the_key(algorithm):
    """A header with an RSA key is longer than the library's own limit."""
    key = pair(algorithm)

    found = verify(proof(key=key))

    assert found.jkt == key.native.thumbprint()
    assert found.jti == CLAIMS["jti"]
    assert found.nonce is None


@requirement("DPOP-4.1", "RFC7638-3")
def test_the_example_of_the_standard_verifies():
    token = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0"
        "VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10"
        "NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjo"
        "iUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ."
        "pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA"
    )

    found = verify(
        token,
        urls=["https://server.example.com/token"],
        access_token=None,
        now=datetime.fromtimestamp(1562265296, UTC),
    )

    assert found.jkt == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


@requirement("DPOP-4.2")
def test_the_hash_of_an_access_token_is_that_of_the_standard():
    assert dpop.access_token_hash(TOKEN) == CLAIMS["ath"]


@case("DP-17")
@pytest.mark.parametrize("bits", [3072, 4096])
def test_longer_rsa_keys_are_taken(bits):
    long = rsa_keys.long_key(bits)
    assert long.key_size == bits
    key = Pair("PS256", RSAKey.import_key(long))

    assert verify(proof(key=key)).jkt == key.native.thumbprint()


@case("DP-02")
@requirement("DPOP-4.2", "RFC7515-4.1.9")
@pytest.mark.parametrize("typ", ["DPoP+JWT", "dpop+jwt", "application/dpop+jwt"])
def test_typ_is_a_media_type(typ):
    assert verify(proof(header={"typ": typ}))


@case("DP-02")
@requirement("DPOP-4.3")
@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "dpop", "text/dpop+jwt"])
def test_another_type_says_so(typ):
    with pytest.raises(InvalidDPoPProof, match=r"^typ of the DPoP proof must be dpop\+jwt"):
        verify(proof(header={"typ": typ}))


@requirement("DPOP-7.2", "RFC7515-4")
@pytest.mark.parametrize("hint", HINTS)
def test_the_key_in_the_header_is_the_only_one_that_counts(hint):
    assert verify(proof(header=hint)).jkt == pair().native.thumbprint()
    assert_refused(proof(key=pair(number=2), header=hint | {"jwk": pair().jwk}))


@case("DP-18")
@requirement("DPOP-7.2", "RFC7515-4")
def test_unknown_members_are_ignored():
    assert verify(proof(header={"tx_id": T, "kid": "k", "cty": "x"}, tx_id=T, sub=["x"]))


@case("DP-01")
@requirement("DPOP-7.1")
def test_two_proofs_are_refused():
    """A server joins repeated headers with a comma."""
    for header in (f"{proof()},{proof()}", f"{proof()}, {proof()}", f"{proof()},"):
        with pytest.raises(InvalidDPoPProof, match="more than one DPoP proof"):
            verify(header)


@requirement("DPOP-4.2", "DPOP-4.3")
@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"typ": None}, id="DP-02 no typ"),
        pytest.param({"typ": "JWT"}, id="DP-02 another typ"),
        pytest.param({"jwk": None}, id="DP-03 no key"),
        pytest.param({"jwk": pair().private_jwk}, id="DP-03 the private key"),
        pytest.param({"jwk": pair(number=2).jwk}, id="DP-05 another key"),
        pytest.param({"jwk": pair("PS256").jwk}, id="a key of another type"),
        pytest.param({"jwk": {"keys": [pair().jwk]}}, id="a key set"),
        pytest.param({"jwk": [pair().jwk]}, id="a list of keys"),
        pytest.param({"jwk": "k"}, id="a text for a key"),
        pytest.param({"jwk": {"kty": "oct", "k": "AAAA"}}, id="a shared secret"),
        pytest.param({"jwk": pair().jwk | {"use": "enc"}}, id="an encryption key"),
        pytest.param({"jwk": pair().jwk | {"alg": "PS256"}}, id="a key for another algorithm"),
        pytest.param({"kid": ["k"]}, id="kid is a list"),
    ],
)
def test_the_header_shows_a_public_key_and_what_it_is(header):
    assert_refused(proof(header=header))


@requirement("DPOP-4.3")
@pytest.mark.parametrize(("signer", "shown"), [("ES256", "PS256"), ("Ed25519", "ES256")])
def test_the_algorithm_fits_the_key(signer, shown):
    with pytest.raises(InvalidDPoPProof) as refusal:
        verify(proof(key=pair(signer), header={"jwk": pair(shown).jwk}))
    assert refusal.value.seen == "alg does not fit the key"


@case("DP-02")
@requirement("DPOP-4.3", "FAPI2-SP-FINAL-5.4")
@pytest.mark.parametrize("change", faults_outside("jwk", "kid", "typ"))
def test_a_header_with_this_change_is_refused(change):
    header = {"typ": "dpop+jwt", "jwk": pair().jwk, "kid": None} | change

    assert_refused(forge(CLAIMS, pair(), header=header, alg="ES256"))


@requirement("DPOP-4.3")
@pytest.mark.parametrize("header", HEADER_TEXT_FAULTS)
def test_a_header_of_this_text_is_refused(header):
    assert_refused(forge(CLAIMS, pair(), header=header))


@requirement("DPOP-4.3")
def test_a_repeated_key_is_refused():
    text = json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": pair().jwk})
    assert verify(forge(CLAIMS, pair(), header=text.encode()))

    twice = text[:-1] + f', "jwk": {json.dumps(pair().jwk)}}}'
    assert_refused(forge(CLAIMS, pair(), header=twice.encode()))


@case("DP-02")
@requirement("DPOP-4.2")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_it_has_one_spelling(spelling):
    """Not a JWT"""
    assert_refused(respelled(proof())[spelling])


@case("DP-02")
@requirement("FAPI2-SP-FINAL-5.4")
def test_rs256_and_an_algorithm_that_is_not_allowed_are_refused():
    rsa = pair("PS256")
    header = {"typ": "dpop+jwt", "jwk": rsa.bare_jwk, "alg": "RS256", "kid": None}

    assert_refused(forge(CLAIMS, rsa, header=header, alg="RS256"))
    assert_refused(proof(), algorithms=["PS256"])
    assert_refused(proof(), algorithms=[])


@case("DP-06")
@requirement("DPOP-4.2", "DPOP-4.3")
@pytest.mark.parametrize("name", ["jti", "htm", "htu", "iat", "ath"])
@pytest.mark.parametrize("value", [..., None, "", 5.5, True, [], {}], ids=repr)
def test_every_claim_is_there_and_of_its_type(name, value):
    assert_refused(proof(**{name: value}))


@case("DP-07")
@requirement("DPOP-4.3")
@pytest.mark.parametrize("htm", ["post", "PUT", "Post", "POST ", ["POST"], "GET"])
def test_the_method_is_that_of_the_request(htm):
    assert_refused(proof(htm=htm))


@requirement("DPOP-4.3", "DPOP-7.1")
@pytest.mark.parametrize(
    "htu",
    [
        pytest.param("https://as.example.com/north/par", id="DP-08 another path, DP-11"),
        pytest.param("https://as.example.com/north/token/", id="a slash"),
        pytest.param("https://as.example.com/north//token", id="two slashes"),
        pytest.param("https://as.example.com/North/token", id="path in other letters"),
        pytest.param("https://as.example.com/north%2Ftoken", id="DP-08 an escaped slash"),
        pytest.param("https://as.example.com/north%2ftoken", id="an escaped slash, small"),
        pytest.param("https://as.example.com/north/token%2F", id="an escaped slash at the end"),
        pytest.param("https://as.example.com/north/token%3Fa", id="an escaped question mark"),
        pytest.param("https://as.example.com/north%2f..%2fnorth/token", id="escaped dots"),
        pytest.param("https://as.example.com/north/token%", id="a broken escape"),
        pytest.param("https://as.example.com/north/token%zz", id="an escape of nothing"),
        pytest.param("https://as.example.com/%256eorth/token", id="escaped twice"),
        pytest.param("https://as.example.com/north/token/..", id="one up"),
        pytest.param("https://as.example.com/north/token/.", id="dot segment at the end"),
        pytest.param("https://rs.example.com/north/token", id="DP-08 another host"),
        pytest.param("https://as.example.com.evil.example/north/token", id="a longer host"),
        pytest.param("http://as.example.com/north/token", id="DP-08 http"),
        pytest.param("http://as.example.com:443/north/token", id="http at the port of https"),
        pytest.param("https://as.example.com:8443/north/token", id="DP-08 another port"),
        pytest.param("http://127.0.0.1:8000/north/token", id="DP-08 the upstream host"),
        pytest.param("https://tpp@as.example.com/north/token", id="DP-08 user"),
        pytest.param("https://tpp:x@as.example.com/north/token", id="DP-08 user and password"),
        pytest.param("https://@as.example.com/north/token", id="an empty user"),
        pytest.param("https://as.example.com:port/north/token", id="no port"),
        pytest.param("https://as.example.com:99999/north/token", id="no such port"),
        pytest.param("https://[as.example.com/north/token", id="a bracket"),
        pytest.param("/north/token", id="a path"),
        pytest.param("//as.example.com/north/token", id="no scheme"),
        pytest.param("https:///north/token", id="no host"),
        pytest.param(" https://as.example.com/north/token", id="a space before"),
        pytest.param("https://as.example.com/north/token\n", id="a newline after"),
        pytest.param("https://as.exam\tple.com/north/token", id="a tab inside"),
        pytest.param("https://as.example.com\\north/token", id="a backslash"),
        pytest.param("https://\u0430s.example.com/north/token", id="another script"),
        pytest.param(URL + "?" + "x" * 4_096, id="too long"),
        pytest.param([URL], id="DP-08 a list"),
        pytest.param({"htu": URL}, id="DP-08 an object"),
        pytest.param(5, id="DP-08 a number"),
    ],
)
def test_the_url_is_one_of_the_endpoints(htu):
    assert_refused(proof(htu=htu))


@case("DP-08")
@requirement("DPOP-4.3", "RFC3986-6.2.2", "RFC3986-6.2.3")
@pytest.mark.parametrize(
    "htu",
    [
        pytest.param(URL, id="the URL"),
        pytest.param(ALIAS, id="its mTLS alias"),
        pytest.param(URL + "?foo=1#bar", id="query and fragment"),
        pytest.param(URL + "#", id="an empty fragment"),
        pytest.param("HTTPS://AS.example.COM/north/token", id="host in capitals"),
        pytest.param("https://as.example.com:443/north/token", id="the default port"),
        pytest.param("https://as.example.com:/north/token", id="an empty port"),
        pytest.param("https://as.example.com/%6eorth/%74oken", id="escapes of what needs none"),
        pytest.param("https://as.example.com/x/../north/./token", id="dot segments"),
        pytest.param("https://as.example.com/x/%2E%2e/north/token", id="escaped dot segments"),
        pytest.param("https://as.example.com/../north/token", id="above the top"),
    ],
)
def test_these_spellings_of_the_url_are_equal(htu):
    assert verify(proof(htu=htu))


@requirement("DPOP-4.3", "RFC3986-6.2.3")
def test_the_called_url_is_normalised_as_well():
    urls = ["https://RS.example.com:443/accounts?page=2"]

    assert verify(proof(htu="https://rs.example.com/accounts"), urls=urls)
    assert verify(proof(htu="https://rs.example.com"), urls=["https://rs.example.com/"])
    assert_refused(proof(htu="x"), urls=["x"])
    assert_refused(proof(), urls=[])


@case("DP-09")
@requirement("FAPI2-SP-FINAL-5.3.2.1-13", "DPOP-11.1")
@pytest.mark.parametrize("offset", [-59, -10, 0, 8, 10])
@pytest.mark.parametrize("fraction", [0, 0.0, 0.123, 0.999])
def test_a_clock_a_little_off_is_forgiven(offset, fraction):
    """A part of a second changes nothing."""
    iat = T + offset + fraction
    found = verify(proof(iat=iat))

    assert found.expires_at == datetime.fromtimestamp(T + offset + 70, UTC)
    with pytest.raises(InvalidDPoPProof):
        verify(proof(iat=iat), now=found.expires_at)


@case("DP-09")
@requirement("DPOP-4.3", "DPOP-11.1")
@pytest.mark.parametrize(
    "iat",
    [T - 3600, T + 3600, T - 61, T + 12, T - 61.5, T + 12.5, str(T), True, None, 2**53 - 1, -1],
    ids=repr,
)
def test_another_time_is_refused(iat):
    assert_refused(proof(iat=iat))


@case("DP-21")
@requirement("RFC7519-4.1.4", "RFC7519-4.1.5")
@pytest.mark.parametrize(
    "change",
    [{"nbf": T + 8}, {"nbf": T, "exp": T + 300}, {"exp": T + 1}, {"nbf": T + 0.5, "exp": T + 0.75}],
)
def test_nbf_and_exp_may_be_there(change):
    assert verify(proof(**change))


@case("DP-21")
@requirement("RFC7519-4.1.4", "RFC7519-4.1.5")
@pytest.mark.parametrize(
    "change", [{"nbf": T + 12}, {"exp": T}, {"exp": T - 5}, {"exp": "x"}, {"nbf": None}], ids=repr
)
def test_nbf_and_exp_are_honoured(change):
    assert_refused(proof(**change))


@case("DP-12")
@requirement("DPOP-4.3", "DPOP-7.1")
@pytest.mark.parametrize("ath", ["x" * 43, CLAIMS["ath"] + "=", TOKEN, "\u00e9"])
def test_the_hash_is_that_of_the_access_token(ath):
    assert_refused(proof(ath=ath))
    assert_refused(proof(), access_token="another")


def test_no_hash_is_needed_where_no_access_token_is_shown():
    assert verify(proof(ath=...), access_token=None)
    assert verify(proof(ath="x"), access_token=None)


@requirement("DPOP-4.2")
@pytest.mark.parametrize("jti", ["x" * 256, "a\u0000b", "\ud800", ["x"]])
def test_a_jti_that_cannot_be_remembered_is_refused(jti):
    assert_refused(proof(jti=jti))


def test_the_nonce_is_handed_on():
    assert verify(proof(nonce="n-1")).nonce == "n-1"
    assert_refused(proof(nonce=5))
    assert_refused(proof(nonce=""))


KEY = b"k" * 32
LIFETIME = timedelta(minutes=5)


def fresh(nonce, *, key=KEY, now=NOW, holder="tpp"):
    return dpop.nonce_is_fresh(nonce, key, now=now, lifetime=LIFETIME, holder=holder)


@case("DP-13")
@requirement("DPOP-8")
def test_a_nonce_is_good_for_its_holder_and_its_lifetime():
    nonce = dpop.make_nonce(KEY, now=NOW, holder="tpp")

    assert fresh(nonce)
    assert fresh(nonce, now=NOW + timedelta(seconds=299))
    assert fresh(nonce, now=NOW - timedelta(seconds=4))
    assert not fresh(nonce, now=NOW + timedelta(seconds=301))
    assert not fresh(nonce, now=NOW - timedelta(seconds=10))
    assert not fresh(nonce, holder="other")
    assert not fresh(nonce, holder="")
    assert not fresh(nonce, key=b"x" * 32)


@case("DP-13")
@requirement("DPOP-8")
@given(st.none() | st.text())
def test_nothing_else_is_a_nonce(text):
    assert not fresh(text)


@requirement("DPOP-8")
@given(st.data())
def test_no_character_of_a_nonce_can_be_changed(data):
    nonce = dpop.make_nonce(KEY, now=NOW, holder="tpp")
    place = data.draw(st.integers(0, len(nonce) - 1))
    character = data.draw(st.sampled_from("AZaz09-_=."))
    changed = nonce[:place] + character + nonce[place + 1 :]

    assert fresh(changed) == (changed == nonce)
    assert not fresh(nonce[:place])
